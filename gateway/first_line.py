"""The first line of a file that holds a password and nothing else.

What editors and other systems put around it is no part of it: a mark (BOM) before, the end of the line behind. This
module imports nothing of ours.
"""

from __future__ import annotations

import codecs


def first_line(octets: bytes) -> bytes:
    """The octets of the first line, without the mark at its start and its end of line, LF or CRLF."""
    return octets.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].removesuffix(b"\r")
