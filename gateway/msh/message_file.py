"""A message as it lies in a file, read up to its header: a whole HTTP body, MIME or a bare envelope, with or without
HTTP headers before it; or a plain document.

Without a Content-Type the boundary is that of the first line, and the envelope the first part; what follows the
envelope is not read. The limits are those of a message that comes.

SECURITY: the file is anybody's. Octets are counted before anything is made of them, and faults name no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from crypto.elements import Element
from gateway.ebms.consistency import check_units
from gateway.ebms.envelope import locate
from gateway.ebms.errors import EbmsError
from gateway.ebms.faults import SoapFault
from gateway.ebms.media_type import MimeFault, parse_content_type
from gateway.ebms.mime import MultipartReader, PartBegin, PartData, PartEnd
from gateway.ebms.model import UserMessage
from gateway.ebms.names import MULTIPART_RELATED, SOAP12
from gateway.ebms.read import read_messaging
from gateway.limits import PAYLOAD_LIMITS, Limits, MimeLimits
from gateway.msh.steps.arrival import REQUEST_LIMITS
from xsd.checking.header_schema import header_too_large, header_violations
from xsd.document import DocumentFault, parse_document

ENVELOPE: Final = f"{{{SOAP12}}}Envelope"
_HEAD_OCTETS: Final = 64 * 1024  # of HTTP headers
_HEADER_LINE: Final = re.compile(rb"(?:POST [^\r\n]*|[A-Za-z][A-Za-z0-9-]*:[^\r\n]*)\r?\n")
_CONTENT_TYPE: Final = re.compile(rb"(?im)^content-type:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)")
_FIRST_LINE: Final = re.compile(rb"(?:\r\n)?--([^\r\n]{1,70})\r\n")


class UnreadableFile(Exception):
    """There is no message in the file, or none that could be read; the text ends a sentence."""


def root_of(chunks: Iterable[bytes], content_type: str | None, limits: Limits) -> Element:
    """The root of the envelope, or of a plain XML document; raises `UnreadableFile`."""
    octets = iter(chunks)
    head, content_type = _without_headers(_first(octets), content_type)
    body = _joined(head, octets)
    first_line = _FIRST_LINE.match(head)
    if content_type is None and first_line is not None:
        boundary = first_line.group(1).decode("latin-1").rstrip(" \t")
        content_type = f'{MULTIPART_RELATED}; boundary="{boundary}"'
    try:
        media_type = None if content_type is None else parse_content_type(content_type)
        if media_type is not None and media_type.type == MULTIPART_RELATED:
            reader = MultipartReader(media_type, limits=MimeLimits(parts=limits.parts + 1))
            root, charset = _root_part(reader, body, limits)
        else:
            root = _whole(body, limits.document_octets)
            charset = None if media_type is None else media_type.parameters.get("charset")
    except MimeFault as fault:
        raise UnreadableFile(f"its MIME packaging cannot be read: {fault.reason}") from None
    try:
        found = parse_document(root, limits=PAYLOAD_LIMITS, charset=charset)
        if found.tag == ENVELOPE:  # and no document, of which more may be read
            if len(root) > limits.soap_octets:
                raise UnreadableFile(f"its envelope has more than {limits.soap_octets} octets")
            found = parse_document(root, limits=REQUEST_LIMITS, charset=charset)
    except DocumentFault as fault:
        raise UnreadableFile(f"its XML cannot be read: {fault.reason}") from None
    return found


def user_message_of(envelope: Element) -> UserMessage:
    """The user message of an envelope; raises `UnreadableFile` for what is no envelope with one."""
    try:
        messaging = locate(envelope).messaging
        if (beyond := header_too_large(messaging)) is not None:
            raise UnreadableFile(f"its eb:Messaging has {beyond}")
        if violations := header_violations(messaging, most=5):
            raise UnreadableFile(f"its eb:Messaging breaks the schema: {'; '.join(violations)}")
        units = read_messaging(messaging)
        check_units(units)
    except (SoapFault, EbmsError) as fault:
        raise UnreadableFile(f"its envelope is refused: {fault}") from None
    if units.user_message is None:
        raise UnreadableFile("it holds signals alone, and a P-Mode is matched for a user message")
    return units.user_message


def _first(chunks: Iterator[bytes]) -> bytes:
    """What the file begins with, as much as HTTP headers may have."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) >= _HEAD_OCTETS:
            break
    return bytes(found)


def _without_headers(head: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """The beginning without HTTP headers, where the file has them, and the Content-Type that they or the caller say."""
    if _HEADER_LINE.match(head) is None:
        return head, content_type
    headers, blank, rest = head.partition(b"\r\n\r\n" if b"\r\n\r\n" in head else b"\n\n")
    if not blank:
        raise UnreadableFile(f"its HTTP headers do not end within {_HEAD_OCTETS} octets")
    said = _CONTENT_TYPE.search(headers)
    if content_type is None and said is not None:
        content_type = said.group(1).decode("latin-1").strip(" \t")
    return rest, content_type


def _joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _root_part(reader: MultipartReader, chunks: Iterator[bytes], limits: Limits) -> tuple[bytes, str | None]:
    """The octets of the root part and its charset; nothing after it is read."""
    root, charset, in_root, before = bytearray(), None, False, 0
    for chunk in chunks:
        for event in reader.feed(chunk):
            match event:
                case PartBegin(root=True, media_type=media_type):
                    in_root, charset = True, None if media_type is None else media_type.charset
                case PartData(octets=octets) if in_root:
                    root += octets
                    if len(root) > limits.soap_octets:
                        raise UnreadableFile(f"its envelope has more than {limits.soap_octets} octets")
                case PartEnd() if in_root:
                    return bytes(root), charset
                case PartData(octets=octets):
                    before += len(octets)
                    if before > limits.early_octets:
                        raise UnreadableFile(f"more than {limits.early_octets} octets stand before its envelope")
    raise UnreadableFile("its MIME packaging ends before the envelope does")


def _whole(chunks: Iterator[bytes], most: int) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > most:
            raise UnreadableFile(f"it has more than {most} octets, and no envelope or document does")
    return bytes(found)
