"""Content-Type and Content-ID: the two MIME headers that carry structure (RFC 2045 5.1, RFC 2392, ebMS3 Core 5.1.1).

Real senders fold the header, leave values unquoted that the grammar wants quoted (`type=application/soap+xml`) and end
with a semicolon; these are read. What could be understood in two ways is a fault: a parameter named twice, a quote that
does not end, an identifier with unbalanced brackets.

SECURITY: values come from a peer; they are printable ASCII or refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from crypto.content_ids import decoded_name
from crypto.media_types import match_media_type


class MimeFault(Exception):
    """The MIME structure is broken or beyond a limit (EBMS:0007); `reason` holds nothing of the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """A parsed Content-Type: `type` is `major/minor` in lower case, parameter names are in lower case."""

    type: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def charset(self) -> str | None:
        return self.parameters.get("charset")


_WORD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PARAMETER: Final = re.compile(
    rf""";[ \t]*(?:({_WORD})[ \t]*=[ \t]*(?:"((?:[^"\\\x00-\x08\x0a-\x1f\x7f-\U0010ffff]++|\\[\x20-\x7e])*+)\""""
    r"""|([!#-:<-\[\]-~]+))[ \t]*)?"""
)
_STRUCTURE: Final = frozenset({"boundary", "start", "type", "charset"})
_FOLD: Final = re.compile(r"\r\n(?=[ \t])")
_QUOTED_PAIR: Final = re.compile(r"\\(.)")


def parse_content_type(header: str) -> MediaType:
    """Read the value of a Content-Type header, folded or not; raises MimeFault."""
    if "\r\n" in header:
        header = _FOLD.sub("", header)
    match = match_media_type(header)
    if match is None:
        raise MimeFault("a Content-Type without a media type")
    parameters: dict[str, str] = {}
    position = match.end()
    while position < len(header):
        parameter = _PARAMETER.match(header, position)
        if parameter is None:
            raise MimeFault("a Content-Type with a malformed parameter")
        position = parameter.end()
        name, quoted, plain = parameter.groups()
        if name is None:
            continue
        name = name.lower()
        # A name with an asterisk is another spelling of the one before it (RFC 2231 3, 4), which some readers know.
        if name.partition("*")[0] in {each.partition("*")[0] for each in parameters}:
            raise MimeFault("a Content-Type with a parameter given twice")
        if name.partition("*")[0] in _STRUCTURE and "*" in name:
            raise MimeFault("a Content-Type with a parameter in two spellings")
        parameters[name] = plain if quoted is None else _unescaped(quoted)
    return MediaType(type=match[1].lower(), parameters=parameters)


def _unescaped(quoted: str) -> str:
    return _QUOTED_PAIR.sub(r"\1", quoted) if "\\" in quoted else quoted


def parse_content_id(header: str) -> str:
    """Read a Content-ID header: without brackets, percent-decoded, as `content_id_of` gives it for a cid URL."""
    value = header.strip(" \t")
    if value.startswith("<") and value.endswith(">"):
        value = value[1:-1].strip(" \t")
    decoded = decoded_name(value)
    if decoded is None:
        raise MimeFault("a malformed Content-ID")
    return decoded
