"""`cid:` URIs and the Content-IDs that they name, read and written in one place (RFC 2392 2).

A reference of a signature, an href of a header, a CipherReference and the header of a part have to lead to one name, or
what was signed is not what is used. The scheme is read in any case (RFC 3986 3.1); what it names is compared as it is
(RFC 2392 2, RFC 5322 3.6.4). As readers exist that compare without case, no message may name two parts by what differs
in nothing else: wherever names are collected, they are told apart by `without_case`.

SECURITY: a name is visible characters without angle brackets; what decodes to anything else names nothing.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes

_WRITTEN: Final = re.compile(r"[!-;=?-~]+")
_NAME: Final = re.compile(r"[^\x00-\x20<>\x7f-\xa0\ud800-\udfff]+")


def content_id_of(uri: str) -> str | None:
    """The Content-ID that a `cid:` URI names, percent-decoded; None if it is no such URI or names nothing."""
    return decoded_name(uri[4:]) if uri[:4].lower() == "cid:" else None


def decoded_name(written: str) -> str | None:
    """A Content-ID as it is written between brackets or after `cid:`, percent-decoded; None if it cannot be one."""
    if not _WRITTEN.fullmatch(written):
        return None
    if "%" not in written:
        return written
    try:
        decoded = unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return decoded if _NAME.fullmatch(decoded) and decoded.isprintable() else None


def without_case(content_id: str) -> str:
    """The same for two Content-IDs that are one for a reader who compares them without case."""
    return content_id.casefold()


def content_id_uri(content_id: str) -> str:
    """The `cid:` URI of a Content-ID given without angle brackets."""
    return "cid:" + quote(content_id, safe="!$&'()*+,-.:;=@_~")
