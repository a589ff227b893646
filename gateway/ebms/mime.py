"""multipart/related as it passes: a strict push parser and the octets a writer sends (RFC 2046 5.1, RFC 2387).

The reader takes octets in any portions and gives events in the order of the message; the same octets give the same
parts however they were cut. It knows structure only: which part holds the envelope (`start`, or the first), what names
a part, where it ends. Whether a part belongs to the message is for `gateway.ebms.consistency`.

Parts come in the order they were sent, and the root may be a later one (ebMS3 Core 5.1.1 only recommends that it is
first): the caller looks at `PartBegin.root`, and has to spool or refuse what comes before it. A `start` that names no
part, or a final boundary that never came, is known at the end: nothing may be accepted before `close` returned.

Strict where two readers could disagree: lines end in CRLF; a line that begins with the boundary and goes on with
anything but blanks is a fault, not content (RFC 2046 forbids it there). Lenient where
real senders differ without harm: no `start`, no `type`, no Content-ID on the root, blanks after a boundary, a preamble
and an epilogue of a KiB at most.

A header that changes what a part means is obeyed or refused, never skipped: Content-Type (real senders fold it once),
Content-ID, Content-Transfer-Encoding; Content-Length, which has to be that of the part as it stands on the wire;
Content-Encoding, which may say `identity` and nothing else; Transfer-Encoding and Content-Range, never. None of them
may stand twice. Every other header means nothing here, so it may be folded, may hold UTF-8 and may stand more than
once.

SECURITY: everything here comes from an unauthenticated peer. Parts, headers and their octets are limited before they
are read; faults hold no octet of the message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from crypto.content_ids import without_case
from gateway.ebms.media_type import (
    MediaType,
    MimeFault,
    parse_content_id,
    parse_content_type,
)
from gateway.ebms.names import (
    APPLICATION_XML,
    GZIP,
    MULTIPART_RELATED,
    OCTET_STREAM,
    SOAP_XML,
    SOAP_XML_UTF8,
    TEXT_XML,
)
from gateway.ebms.transfer_encoding import DECODERS, PLAIN_ENCODINGS, Decoder
from gateway.limits import MimeLimits

__all__ = [
    "MediaType",
    "MimeEvent",
    "MimeFault",
    "MultipartReader",
    "PartBegin",
    "PartData",
    "PartEnd",
    "TooManyParts",
    "content_type_header",
    "multipart_head",
    "multipart_tail",
    "parse_content_id",
    "parse_content_type",
    "part_head",
]


class TooManyParts(MimeFault):
    """More parts than are read; a sender is told that in so many words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBegin:
    """What a part's header says; `content_id` as `content_id_of` gives it; `root` marks the envelope."""

    root: bool
    content_id: str | None
    media_type: MediaType | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Octets of the part, its transfer encoding undone; never empty."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


MimeEvent: TypeAlias = PartBegin | PartData | PartEnd

_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_HEADER_NAME: Final = re.compile(r"[!-9;-~]+")
_USUAL_NAMES: Final = frozenset({"content-type", "content-id", "content-transfer-encoding", "content-disposition"})
# Known beforehand; what a peer writes is not kept, a type may carry a file's name.
_USUAL_TYPES: Final = {
    value: parse_content_type(value)
    for value in (
        SOAP_XML,
        SOAP_XML_UTF8,
        SOAP_XML_UTF8.replace(" ", ""),
        GZIP,
        OCTET_STREAM,
        APPLICATION_XML,
        TEXT_XML,
    )
}
WRITABLE_ID: Final = re.compile(r"[!#$&-;=?-\[\]-~]+")
_NEVER: Final = frozenset({"transfer-encoding", "content-range"})
# What changes the meaning of a part.
_MEANING: Final = _NEVER | {
    "content-type",
    "content-id",
    "content-transfer-encoding",
    "content-length",
    "content-encoding",
}
_LENGTH: Final = re.compile(r"[0-9]{1,15}")
_BLANKS: Final = b" \t"
_SKIPPED_OCTETS: Final = 1024  # of a preamble, and of an epilogue
_PADDING_OCTETS: Final = 256
_PART_END: Final = PartEnd()


class MultipartReader:
    """Reads one multipart/related message body, told its Content-Type; raises MimeFault from any method.

    A Content-Type without the parameter `type` is read all the same (ebMS3 Core 5.1.1 demands it, senders forget it).
    """

    def __init__(self, content_type: MediaType, *, limits: MimeLimits | None = None) -> None:
        if content_type.type != MULTIPART_RELATED:
            raise MimeFault("not multipart/related")
        boundary = content_type.parameters.get("boundary")
        if boundary is None or not _BOUNDARY.fullmatch(boundary):
            raise MimeFault("no boundary, or one that is not allowed")
        start = content_type.parameters.get("start")
        self._start = None if start is None else parse_content_id(start)
        self._type = content_type.parameters.get("type")
        self._limits = limits or MimeLimits()
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._held = b"\r\n"  # the first boundary may be the very first line
        self._step: _Step = self._skip_preamble
        self._skipped = 0  # of the epilogue
        self._octets_left: int | None = None  # of the part, where its header says how many there are
        self._parts = 0
        self._root_seen = False
        self._ids: set[str] = set()  # without case
        self._decoder: Decoder | None = None
        self._fault: MimeFault | None = None
        self.before_fault: tuple[MimeEvent, ...] = ()  # what the octets of a fault brought before it

    def feed(self, octets: bytes) -> list[MimeEvent]:
        """Take the next octets of the body and tell what they brought."""
        if self._fault is not None:
            raise self._fault
        buffer = self._held + octets if self._held else octets
        events: list[MimeEvent] = []
        position, ready = 0, True
        try:
            while ready:
                position, ready = self._step(buffer, position, events)
        except MimeFault as fault:
            self._fault = fault
            self.before_fault = tuple(events)
            raise
        self._held = buffer[position:]
        return events

    def close(self) -> None:
        """The body has ended: refuse it if the final boundary or the part that `start` names never came."""
        if self._fault is None:
            if self._step == self._end_line and not self._held.strip(_BLANKS):
                self._step = self._skip_epilogue
            if self._step != self._skip_epilogue:
                self._fault = MimeFault("the final boundary is missing")
            elif self._parts == 0:
                self._fault = MimeFault("no part")
            elif not self._root_seen:
                self._fault = MimeFault("start names no part")
        if self._fault is not None:
            raise self._fault

    # Each step takes the buffer from a position, and tells up to where it came and whether another step can follow;
    # if not, what remains is held until more octets arrive.

    def _skip_preamble(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        found = buffer.find(self._delimiter, position)
        end = self._undoubted(buffer, position) if found == -1 else found
        if end - 2 > _SKIPPED_OCTETS:  # without the line end that we put before it
            raise MimeFault("a preamble too long")
        if found == -1:
            return position, False  # it is held, for it is short, and looked at as a whole
        if any(end_of_line + self._delimiter[2:] in buffer[:found] for end_of_line in (b"\n", b"\r")):
            raise MimeFault("a boundary after a line end that is no CRLF")  # a part, for some readers
        self._step = self._boundary_line
        return found + len(self._delimiter), True

    def _boundary_line(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        """What follows a boundary: "--", or blanks and the line's end, which is left for the header to begin with."""
        if buffer.startswith(b"--", position):
            self._step = self._end_line
            return position + 2, True
        if len(buffer) - position < 2 and buffer[position:] in (b"", b"-"):
            return position, False
        line_end = position if buffer.startswith(b"\r\n", position) else self._line_end(buffer, position)
        if line_end is None:
            return position, False
        if self._parts >= self._limits.parts:
            raise TooManyParts("too many parts")
        self._step = self._part_header
        return self._part_header(buffer, line_end, events)

    def _end_line(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        line_end = self._line_end(buffer, position)
        if line_end is None:
            return position, False
        self._step = self._skip_epilogue
        self._skipped = -2  # the line's own end
        return line_end, True

    def _skip_epilogue(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        self._skipped += len(buffer) - position
        if self._skipped > _SKIPPED_OCTETS:
            raise MimeFault("an epilogue too long")
        return len(buffer), False

    @staticmethod
    def _line_end(buffer: bytes, position: int) -> int | None:
        """Where the CRLF after blanks stands, None if that cannot be told yet."""
        if buffer.startswith(b"\r\n", position):
            return position
        line = buffer[position : position + _PADDING_OCTETS + 2]
        rest = line.lstrip(_BLANKS)
        padding = len(line) - len(rest)
        if padding > _PADDING_OCTETS or (rest and not b"\r\n".startswith(rest[:2])):
            raise MimeFault("a line that begins with the boundary and goes on")
        return position + padding if len(rest) >= 2 else None

    def _part_header(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        end = buffer.find(b"\r\n\r\n", position)
        size = (len(buffer) if end == -1 else end) - position
        if size > self._limits.part_header_octets + 2:
            raise MimeFault("a part header too long")
        if end == -1:
            return position, False
        begin = self._begin(_part_headers(buffer[position + 2 : end], self._limits.part_headers))
        events.append(begin)
        self._step = self._empty_part
        return self._empty_part(buffer, end + 2, events)

    def _begin(self, headers: dict[str, str]) -> PartBegin:
        value = headers.get("content-id")
        content_id = None if value is None else parse_content_id(value)
        if content_id is not None:
            if without_case(content_id) in self._ids:
                raise MimeFault("two parts with one Content-ID")
            self._ids.add(without_case(content_id))
        value = headers.get("content-type")
        media_type = None if value is None else _part_type(value)
        if media_type is not None and media_type.type.startswith(("multipart/", "message/")):
            raise MimeFault("a part that is a message of its own")
        encoding = headers.get("content-transfer-encoding", "binary").lower()
        if encoding not in PLAIN_ENCODINGS and encoding not in DECODERS:
            raise MimeFault("an unknown Content-Transfer-Encoding")
        self._decoder = DECODERS[encoding]() if encoding in DECODERS else None
        self._octets_left = _promised_octets(headers)
        root = self._parts == 0 if self._start is None else content_id == self._start
        if root:
            self._root_seen = True
            if media_type is None or media_type.type != SOAP_XML:
                raise MimeFault("a root part that is not SOAP 1.2")
            named = self._type
            if named is not None and named != media_type.type and parse_content_type(named).type != media_type.type:
                raise MimeFault("type contradicts the root part")
        self._parts += 1
        return PartBegin(root=root, content_id=content_id, media_type=media_type)

    def _empty_part(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        """The empty line after a header may be the line end of a boundary already: a part without a body (RFC 2046)."""
        delimiter = self._delimiter
        if len(buffer) - position < len(delimiter) and delimiter.startswith(buffer[position:]):
            return position, False
        self._step = self._part_data
        return self._part_data(buffer, position if buffer.startswith(delimiter, position) else position + 2, events)

    def _part_data(self, buffer: bytes, position: int, events: list[MimeEvent]) -> tuple[int, bool]:
        found = buffer.find(self._delimiter, position)
        end = self._undoubted(buffer, position) if found == -1 else found
        if end > position:
            octets = buffer[position:end]
            self._count(len(octets))
            if self._decoder is not None:
                octets = self._decoder.feed(octets)
            if octets:
                events.append(PartData(octets))
        if found == -1:
            return end, False
        if self._decoder is not None:
            octets = self._decoder.finish()
            if octets:
                events.append(PartData(octets))
        if self._octets_left:
            raise MimeFault("a part shorter than its Content-Length")
        events.append(_PART_END)
        self._step = self._boundary_line
        return found + len(self._delimiter), True

    def _count(self, octets: int) -> None:
        if self._octets_left is None:
            return
        self._octets_left -= octets
        if self._octets_left < 0:
            raise MimeFault("a part longer than its Content-Length")

    def _undoubted(self, buffer: bytes, position: int) -> int:
        """Up to where the octets cannot belong to a boundary whose rest is still to come."""
        start = buffer.find(b"\r", max(position, len(buffer) - len(self._delimiter) + 1))
        while start != -1 and not self._delimiter.startswith(buffer[start:]):
            start = buffer.find(b"\r", start + 1)
        return len(buffer) if start == -1 else start


_Step: TypeAlias = Callable[[bytes, int, list[MimeEvent]], tuple[int, bool]]


def _part_headers(block: bytes, most: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    if not block:
        return headers
    try:
        lines = block.decode("utf-8").split("\r\n")
    except UnicodeDecodeError:
        raise MimeFault("a part header with octets that are not allowed") from None
    name, folds, number = "", 0, 0
    for line in lines:
        if _CONTROL.search(line):
            raise MimeFault("a part header with octets that are not allowed")
        if line[0] in " \t":
            folds += 1
            if name not in headers or (name in _MEANING and (name != "content-type" or folds > 1)):
                raise MimeFault("a folded part header")
            headers[name] += " " + line.strip(" \t")
            continue
        written, colon, value = line.partition(":")
        name, folds = written.lower(), 0
        if not colon or (name not in _USUAL_NAMES and not _HEADER_NAME.fullmatch(name)):
            raise MimeFault("a malformed part header")
        if name in headers and name in _MEANING:
            raise MimeFault("a part header given twice")
        number += 1
        if number > most:
            raise MimeFault("too many part headers")
        headers[name] = value.strip(" \t")
    for name, value in headers.items():
        if name in _MEANING and not value.isascii():
            raise MimeFault("a part header with octets that are not allowed")
    return headers


def _promised_octets(headers: Mapping[str, str]) -> int | None:
    """What Content-Length says; a fault for headers that would make the part another one, if they were obeyed."""
    if _NEVER & headers.keys() or headers.get("content-encoding", "identity").lower() != "identity":
        raise MimeFault("a part header that is not supported")
    length = headers.get("content-length")
    if length is None:
        return None
    if not _LENGTH.fullmatch(length):
        raise MimeFault("a malformed Content-Length")
    return int(length)


def _part_type(value: str) -> MediaType:
    return _USUAL_TYPES.get(value) or parse_content_type(value)


# --- writing ------------------------------------------------------------------------------------------------------


def content_type_header(boundary: str, start: str) -> str:
    """The Content-Type of a message whose root part has the Content-ID `start` (ebMS3 Core 5.1.1)."""
    root, boundary = _bracketed(start), _checked_boundary(boundary)
    return f'{MULTIPART_RELATED}; type="{SOAP_XML}"; boundary="{boundary}"; start="{root}"'


def multipart_head(boundary: str, start: str) -> bytes:
    """All that stands before the envelope: the first boundary and the root part's header."""
    return part_head(start, SOAP_XML_UTF8, boundary=boundary)[2:]


def part_head(content_id: str, media_type: str, *, boundary: str) -> bytes:
    """All that stands between the part before and this part's octets, which follow as they are (binary)."""
    _part_type(media_type)  # a fault if it cannot be read
    return (
        f"\r\n--{_checked_boundary(boundary)}\r\n"
        f"Content-Type: {media_type}\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-ID: {_bracketed(content_id)}\r\n\r\n"
    ).encode("ascii")


def multipart_tail(boundary: str) -> bytes:
    """All that stands after the last part."""
    return f"\r\n--{_checked_boundary(boundary)}--\r\n".encode("ascii")


def _checked_boundary(boundary: str) -> str:
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError("a boundary that RFC 2046 does not allow")
    return boundary


def _bracketed(content_id: str) -> str:
    """A percent sign would be read as an escape, a quote would end the start parameter: no id of ours has them."""
    if not WRITABLE_ID.fullmatch(content_id):
        raise ValueError("a Content-ID that cannot be written")
    return f"<{content_id}>"
