"""The media type at the head of a Content-Type or MimeType value (RFC 2045 5.1); parameters are `gateway.ebms`'s."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE: Final = re.compile(rf"[ \t]*({_WORD}/{_WORD})[ \t]*(?=;|\Z)")


def match_media_type(value: str) -> re.Match[str] | None:
    """The match of what stands before the parameters; its first group is the type as written."""
    return _TYPE.match(value)


def essence_of(value: str) -> str | None:
    """`major/minor` in lower case, whatever the parameters; None if the value does not begin with a media type."""
    match = match_media_type(value)
    return None if match is None else match[1].lower()
