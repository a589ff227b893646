"""The first three steps of the journey: admit, frame, parse. They cost little and trust nothing.

SECURITY: everything here meets octets of an unknown peer. Limits come before work; no key is used; a fault before the
envelope can be read is an `UnreadableRequest`, which the peer sees as a 400 or 413 without any reference (decision
0014).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from crypto.elements import Element
from crypto.media_types import essence_of
from gateway.ebms import texts
from gateway.ebms.consistency import check_units
from gateway.ebms.envelope import locate
from gateway.ebms.errors import (
    EbmsError,
    InvalidHeader,
    MimeInconsistency,
    UnreadableRequest,
)
from gateway.ebms.mime import (
    MediaType,
    MimeEvent,
    MimeFault,
    MultipartReader,
    PartBegin,
    PartData,
    TooManyParts,
    parse_content_type,
)
from gateway.ebms.model import Messaging
from gateway.ebms.names import MULTIPART_RELATED, SOAP_XML
from gateway.ebms.read import carries_only_errors, read_bent_errors, read_messaging, receipt_refused
from gateway.ebms.refused_units import count_errors, refuse_each
from gateway.ebms.verification import EnvelopeSignature
from gateway.edge.bare_status import BareStatus
from gateway.limits import ENVELOPE_LIMITS, Limits, MimeLimits
from gateway.msh.exchange import Request
from gateway.msh.journey import Envelope, Frame, Intake
from gateway.msh.refusal import Refusal
from gateway.traced import step
from xsd.checking.header_schema import header_too_large, header_violations
from xsd.document import DocumentFault, parse_document

BESIDE_SIGNAL_OCTETS: Final = 64 * 1024  # boundaries, headers and parts, which play no role, around a SOAP part
# A message of 64 parts with a receipt for as many has some 2,500 elements and 2,000 attributes. What a tree costs grows
# with its nodes, and whoever wrote these octets has proved nothing yet.
REQUEST_LIMITS: Final = replace(ENVELOPE_LIMITS, elements=3_072, attributes_in_all=2_560, references=4_096)


@step("admit")
def admit(request: Request, limits: Limits) -> MediaType:
    """Judge a request by its head alone: the kind of body and the size it announces (T23, HT-09)."""
    try:
        media_type = parse_content_type(request.content_type)
    except MimeFault as fault:
        if essence_of(request.content_type) in (SOAP_XML, MULTIPART_RELATED):
            raise _unreadable(fault) from None
        raise BareStatus(415, detail=f"Content-Type cannot be read: {fault}") from None
    if media_type.type not in (SOAP_XML, MULTIPART_RELATED):
        raise BareStatus(415, detail="the body is neither application/soap+xml nor multipart/related")
    limit = limits.message_octets if media_type.type == MULTIPART_RELATED else limits.soap_octets
    if request.content_length is not None and request.content_length > limit:
        detail = "Content-Length over the limit"
        if media_type.type == SOAP_XML:
            raise UnreadableRequest(413, InvalidHeader(texts.ENVELOPE_TOO_LARGE, detail))
        raise UnreadableRequest(413, MimeInconsistency(texts.MESSAGE_TOO_LARGE, detail))
    return media_type


@step("frame")
async def frame(request: Request, media_type: MediaType, limits: Limits, refusal: Refusal) -> Frame:
    """Read up to the end of the SOAP part; the other parts stay on the wire until they are asked for (T01 to T19)."""
    if media_type.type == SOAP_XML:
        octets = bytearray()
        whole = Intake(limits.soap_octets)
        async for chunk in request.chunks:
            octets += chunk
            if len(octets) > limits.soap_octets:
                raise UnreadableRequest(413, InvalidHeader(texts.ENVELOPE_TOO_LARGE, "SOAP part over the limit"))
        return Frame(request, bytes(octets), media_type.parameters.get("charset"), _nothing(), whole)
    try:
        reader = MultipartReader(media_type, limits=MimeLimits(parts=limits.parts + 1))
    except MimeFault as fault:
        raise _unreadable(fault) from None
    intake = Intake(limits.message_octets)
    framed = await _frame_multipart(reader, request, intake, limits, refusal)
    framed.type_declared = "type" in media_type.parameters
    return framed


async def _frame_multipart(
    reader: MultipartReader, request: Request, intake: Intake, limits: Limits, refusal: Refusal
) -> Frame:
    root, events = bytearray(), _events(reader, request, intake)
    charset: str | None = None
    early: list[MimeEvent] = []
    early_octets = 0
    in_root = False
    try:
        async for event in events:
            if isinstance(event, PartBegin) and event.root:
                in_root = True
                charset = event.media_type.charset if event.media_type is not None else None
                if event.media_type is None or event.media_type.type != SOAP_XML:
                    raise _unreadable(MimeFault("the root part is not application/soap+xml"))
            elif in_root and isinstance(event, PartData):
                root += event.octets
                if len(root) > limits.soap_octets:
                    raise UnreadableRequest(413, InvalidHeader(texts.ENVELOPE_TOO_LARGE, "SOAP part over the limit"))
            elif in_root:
                return Frame(request, bytes(root), charset, _chain(early, events) if early else events, intake)
            else:
                early.append(event)
                early_octets += len(event.octets) if isinstance(event, PartData) else 0
                if early_octets > limits.early_octets:
                    raise _unreadable(MimeFault("more than the limit stands before the root part"))
    except UnreadableRequest:
        _glimpse(root, reader.before_fault, refusal, charset=charset, in_root=in_root)
        raise
    raise _unreadable(MimeFault("the message ended before its root part"))


def _glimpse(
    root: bytearray, more: tuple[MimeEvent, ...], refusal: Refusal, *, charset: str | None, in_root: bool
) -> None:
    """Look into a SOAP part in bent packaging, as far as it came, only for whether an error may answer it (X05)."""
    for event in more:
        if isinstance(event, PartBegin):
            if in_root:
                break
            in_root = event.root
            charset = event.media_type.charset if event.media_type is not None else None
        elif in_root and isinstance(event, PartData):
            root += event.octets
        elif in_root:
            break
    if in_root:
        with suppress(DocumentFault):
            refusal.meets(parse_document(bytes(root), limits=REQUEST_LIMITS, charset=charset))


async def _events(reader: MultipartReader, request: Request, intake: Intake) -> AsyncIterator[MimeEvent]:
    """The events of a multipart body; ends only after the closing boundary and the last octet of the request."""
    try:
        async for chunk in request.chunks:
            intake.take(len(chunk))
            for event in reader.feed(chunk):
                yield event
        reader.close()
    except MimeFault as fault:
        raise _unreadable(fault) from None


async def _chain(early: list[MimeEvent], later: AsyncIterator[MimeEvent]) -> AsyncIterator[MimeEvent]:
    for event in early:
        yield event
    async for event in later:
        yield event


async def _nothing() -> AsyncIterator[MimeEvent]:
    return
    yield


@step("parse")
def parse(framed: Frame, refusal: Refusal) -> Envelope:
    """Make the octets of the SOAP part an envelope whose blocks stand where they must, with units that go together.

    From here on `refusal` knows which message its errors relate to.
    """
    try:
        root = parse_document(framed.root, limits=REQUEST_LIMITS, charset=framed.charset)
    except DocumentFault as fault:
        raise UnreadableRequest(400, InvalidHeader(texts.NOT_READABLE, f"{fault.code}: {fault.reason}")) from None
    refusal.meets(root)
    positions = locate(root)
    refusal.about(positions.messaging)
    try:
        beyond = header_too_large(positions.messaging)
        if beyond is not None:
            raise InvalidHeader(texts.HEADER_TOO_LARGE, f"eb:Messaging has {beyond}")
        messaging = _read_units(positions.messaging)
    except EbmsError as fault:
        refusal.distrust(count_errors(positions.messaging), fault)
        raise refuse_each(positions.messaging, fault) from None
    return Envelope(
        frame=framed,
        positions=positions,
        messaging=messaging,
        signature=EnvelopeSignature(positions, messaging),
    )


def _read_units(element: Element) -> Messaging:
    """The units of an eb:Messaging; of errors, which nothing may answer, as much as can be read (X05)."""
    try:
        violations = header_violations(element, most=5)
        if violations:
            raise receipt_refused(element, violations) or InvalidHeader(detail="; ".join(violations))
        messaging = read_messaging(element)
        check_units(messaging)
    except EbmsError:
        if not carries_only_errors(element):
            raise
        return read_bent_errors(element)
    return messaging


async def end_signal(framed: Frame, limits: Limits) -> None:
    """Read what is left of a message of signals alone; who signed it is not known yet, so there may not be much."""
    framed.intake.most = min(framed.intake.most, limits.soap_octets + BESIDE_SIGNAL_OCTETS)
    framed.intake.take(0)
    if framed.request.content_length is not None:
        Intake(framed.intake.most).take(framed.request.content_length)
    await drain(framed)


async def drain(framed: Frame) -> None:
    """Read what is left of a message whose parts play no role, so that a broken end is still found."""
    async for _ in framed.events:
        pass


def _unreadable(fault: MimeFault) -> UnreadableRequest:
    public = texts.TOO_MANY_PARTS if isinstance(fault, TooManyParts) else None
    return UnreadableRequest(400, MimeInconsistency(public, fault.reason))
