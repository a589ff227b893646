"""What came back from the hub, sorted: every answer is of one kind, and only what the hub signed can be an outcome.

The kind is decided by content alone. The HTTP status counts only where there is no envelope to read, because products
answer an ebMS error with 200, 4xx or 5xx alike. What follows from a kind is one table, `MEANINGS`.
Clauses: ebMS3 Core 5.2.4, 6.2, 6.3, Appendix E; AS4 3.2.

SECURITY: an unsigned or wrongly signed error is reported and never final: whoever stands between could have written it,
and believing it would lose a message that the hub has or could have accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import IO, Final

from crypto.verify import VerificationPolicy, Verified
from gateway.client.participant import Participant
from gateway.client.transport import STEP_OCTETS, BrokenOff, HttpAnswer, NoHttp, Unreachable
from gateway.ebms.consistency import check_units
from gateway.ebms.envelope import Positions, locate
from gateway.ebms.errors import ConnectionFailure, EbmsError, InvalidHeader, MPCCapacityExceeded, severity_of
from gateway.ebms.faults import SoapFault, read_fault
from gateway.ebms.mime import MimeEvent, MimeFault, MultipartReader, PartBegin, PartData, PartEnd, parse_content_type
from gateway.ebms.model import ErrorEntry, Messaging
from gateway.ebms.names import MULTIPART_RELATED, SOAP12, SOAP_XML
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import check_receipt_certificate
from gateway.ebms.verification import verify_envelope
from gateway.limits import ENVELOPE_LIMITS, MimeLimits
from xsd.checking.header_schema import header_violations
from xsd.document import DocumentFault, parse_document

BARE: Final = "an empty body"  # how the note of an answer without one ends


class AnswerKind(StrEnum):
    """What an answer is."""

    RECEIPT = "receipt"
    USER_MESSAGE = "user message"
    EMPTY = "empty mailbox"
    FAILURE = "ebMS failure"
    FULL = "full mailbox"
    WARNING = "ebMS warning"
    ELSEWHERE = "an answer to something else"
    UNTRUSTED = "not signed by the hub"
    IMPOSSIBLE = "nothing that can be an answer"
    SOAP_FAULT = "SOAP fault"
    OVERLOAD = "too busy"
    NOTHING = "no content"
    FOREIGN = "not SOAP"
    BROKEN_OFF = "no whole answer"
    UNREACHABLE = "no connection"


class NextStep(StrEnum):
    """What to do after an answer."""

    DONE = "done"  # it is an outcome, if what it says holds: a receipt its digests, a failure its reference
    AGAIN = "again"  # send the same octets once more, after a pause
    REPORT = "report"  # repeating will not help; tell the operator


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a kind of answer means to a push, to a pull, and to a receipt or error that was sent."""

    push: NextStep
    pull: NextStep
    signal: NextStep


MEANINGS: Final[Mapping[AnswerKind, Meaning]] = {
    # kind                       push         pull         receipt or error sent
    AnswerKind.RECEIPT: Meaning(NextStep.DONE, NextStep.REPORT, NextStep.REPORT),
    AnswerKind.USER_MESSAGE: Meaning(NextStep.AGAIN, NextStep.DONE, NextStep.REPORT),
    AnswerKind.EMPTY: Meaning(NextStep.AGAIN, NextStep.DONE, NextStep.REPORT),
    AnswerKind.FAILURE: Meaning(NextStep.DONE, NextStep.DONE, NextStep.DONE),
    AnswerKind.FULL: Meaning(NextStep.AGAIN, NextStep.REPORT, NextStep.REPORT),
    AnswerKind.WARNING: Meaning(NextStep.AGAIN, NextStep.REPORT, NextStep.DONE),
    AnswerKind.ELSEWHERE: Meaning(NextStep.AGAIN, NextStep.REPORT, NextStep.REPORT),
    AnswerKind.UNTRUSTED: Meaning(NextStep.AGAIN, NextStep.REPORT, NextStep.REPORT),
    AnswerKind.IMPOSSIBLE: Meaning(NextStep.AGAIN, NextStep.REPORT, NextStep.REPORT),
    AnswerKind.SOAP_FAULT: Meaning(NextStep.AGAIN, NextStep.AGAIN, NextStep.AGAIN),
    AnswerKind.OVERLOAD: Meaning(NextStep.AGAIN, NextStep.AGAIN, NextStep.AGAIN),
    AnswerKind.NOTHING: Meaning(NextStep.AGAIN, NextStep.AGAIN, NextStep.DONE),
    AnswerKind.FOREIGN: Meaning(NextStep.AGAIN, NextStep.AGAIN, NextStep.AGAIN),
    AnswerKind.BROKEN_OFF: Meaning(NextStep.AGAIN, NextStep.AGAIN, NextStep.AGAIN),
    AnswerKind.UNREACHABLE: Meaning(NextStep.AGAIN, NextStep.AGAIN, NextStep.AGAIN),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAnswer:
    """An answer, sorted. `messaging` and `verified` are there when the hub signed it.

    `errors` are those that it carries, trusted or not as the kind says, and for an answer that was no answer the one
    that we say of it. `events` are the parts that follow the envelope, still in the spool.
    """

    kind: AnswerKind
    status: int | None = None
    note: str = ""
    messaging: Messaging | None = None
    verified: Verified | None = None
    positions: Positions | None = None
    envelope: bytes = b""
    errors: tuple[ErrorEntry, ...] = ()
    retry_after_seconds: float | None = None
    events: Iterator[MimeEvent] | None = None
    octets: int = 0

    @property
    def reference(self) -> str | None:
        """The message that its errors relate to; None when they relate to none (ebMS3 Core 6.3)."""
        if self.messaging is None or self.messaging.error is None:
            return None
        signal = self.messaging.error
        return signal.ref_to_message_id or next(
            (each.ref_to_message_in_error for each in signal.errors if each.ref_to_message_in_error), None
        )

    @property
    def related(self) -> tuple[tuple[ErrorEntry, str | None], ...]:
        """Its errors, each with the message that it relates to itself: an answer to several units may refuse one."""
        signal = None if self.messaging is None else self.messaging.error
        if signal is None:
            return ()
        return tuple((each, each.ref_to_message_in_error or signal.ref_to_message_id) for each in signal.errors)

    @property
    def failures(self) -> tuple[tuple[ErrorEntry, str | None], ...]:
        """Those of them that are failures."""
        return tuple((each, about) for each, about in self.related if severity_of(each) == "failure")

    @property
    def is_busy(self) -> bool:
        """429 and 503 say that the condition will pass."""
        return self.status in _BUSY


_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def no_answer(fault: Unreachable) -> HubAnswer:
    """What is known where no answer came. That no connection could be opened is EBMS:0005; a request that left may have
    been taken.
    """
    if isinstance(fault, NoHttp):
        return HubAnswer(kind=AnswerKind.FOREIGN, note=str(fault))
    if isinstance(fault, BrokenOff):
        return HubAnswer(kind=AnswerKind.BROKEN_OFF, note=str(fault))
    return HubAnswer(kind=AnswerKind.UNREACHABLE, note=str(fault), errors=ConnectionFailure().entries())


class _Unreadable(Exception):
    """No envelope can be had from the body."""


def sort_answer(answer: HttpAnswer, participant: Participant, at: datetime) -> HubAnswer:
    """Sort one whole HTTP answer; reads its body up to the end of the envelope. No answer makes it raise."""
    if answer.octets == 0:
        return _without_envelope(answer, BARE)
    try:
        envelope, charset, events = _frame(answer.content_type, answer.body, participant)
        root = parse_document(envelope, limits=ENVELOPE_LIMITS, charset=charset)
    except (_Unreadable, MimeFault, DocumentFault) as fault:
        return _without_envelope(answer, str(fault))
    if root.tag != f"{{{SOAP12}}}Envelope":
        return _without_envelope(answer, "XML that is not a SOAP 1.2 envelope")
    fault_block = read_fault(root)
    try:
        positions = locate(root)
    except (EbmsError, SoapFault) as fault:
        if fault_block is not None:
            note = f"SOAP fault {fault_block.code}: {fault_block.reason}"
            return HubAnswer(kind=_busy_or(AnswerKind.SOAP_FAULT, answer), status=answer.status, note=note,
                          retry_after_seconds=answer.retry_after_seconds)  # fmt: skip
        error = fault if isinstance(fault, EbmsError) else InvalidHeader(detail=str(fault))
        return _impossible(answer, error)
    try:
        messaging = _read(positions)
    except EbmsError as error:
        return _impossible(answer, error)
    return _judge(answer, positions, messaging, envelope, events, participant, at)


def _frame(
    content_type: str, body: IO[bytes], participant: Participant
) -> tuple[bytes, str | None, Iterator[MimeEvent] | None]:
    """The octets of the SOAP part, its charset, and what follows in a multipart body."""
    media_type = parse_content_type(content_type)
    if media_type.type == SOAP_XML:
        return body.read(ENVELOPE_LIMITS.octets + 1), media_type.charset, None
    if media_type.type != MULTIPART_RELATED:
        raise _Unreadable(f"a body of the type {media_type.type}")
    events = _events(MultipartReader(media_type, limits=MimeLimits(parts=participant.limits.parts + 1)), body)
    begin = next(events, None)
    if not isinstance(begin, PartBegin) or not begin.root:
        raise _Unreadable("a message whose first part is not its envelope")
    envelope = bytearray()
    for event in events:
        if isinstance(event, PartData):
            envelope += event.octets
            if len(envelope) > ENVELOPE_LIMITS.octets:
                break
        elif isinstance(event, PartEnd):
            charset = None if begin.media_type is None else begin.media_type.charset
            return bytes(envelope), charset, events
    raise _Unreadable("an envelope that is too large or does not end")


def _events(reader: MultipartReader, body: IO[bytes]) -> Iterator[MimeEvent]:
    """The events of a spooled body; ends only when the message ended well."""
    while octets := body.read(STEP_OCTETS):
        yield from reader.feed(octets)
    reader.close()


def _read(positions: Positions) -> Messaging:
    violations = header_violations(positions.messaging)
    if violations:
        raise InvalidHeader(detail="; ".join(violations[:5]))
    messaging = read_messaging(positions.messaging)
    check_units(messaging, answer=True)
    return messaging


def _judge(
    answer: HttpAnswer,
    positions: Positions,
    messaging: Messaging,
    envelope: bytes,
    events: Iterator[MimeEvent] | None,
    participant: Participant,
    at: datetime,
) -> HubAnswer:
    claimed = messaging.error.errors if messaging.error is not None else ()
    try:
        verified = _verify(positions, messaging, participant, at)
    except EbmsError as error:
        said = ", ".join(f"{each.code} {each.short_description or ''}".strip() for each in claimed)
        note = f"{error.detail}; it says {said}" if said else error.detail
        kind = _busy_or(AnswerKind.UNTRUSTED, answer)
        return HubAnswer(kind=kind, status=answer.status, note=note, envelope=envelope,
                         errors=error.entries(), retry_after_seconds=answer.retry_after_seconds)  # fmt: skip
    return HubAnswer(
        kind=_kind_of(messaging),
        status=answer.status,
        messaging=messaging,
        verified=verified,
        positions=positions,
        envelope=envelope,
        errors=claimed,
        retry_after_seconds=answer.retry_after_seconds,
        events=events,
        octets=answer.octets,
    )


def _verify(positions: Positions, messaging: Messaging, participant: Participant, at: datetime) -> Verified:
    receipt = messaging.receipt if messaging.user_message is None else None  # counts whenever it comes
    policy = VerificationPolicy(
        suite=participant.suite,
        certificates=participant.hub_signing,
        at=at,
        judges_time=receipt is None,
    )
    verified = verify_envelope(positions, messaging, policy)
    if receipt is not None:
        check_receipt_certificate(receipt, verified, at)
    return verified


def _kind_of(messaging: Messaging) -> AnswerKind:
    """A receipt wins over an error beside it (RC-08); errors go by code, then severity (ebMS3 Core 6.4.1)."""
    if messaging.user_message is not None:
        return AnswerKind.USER_MESSAGE
    if messaging.receipt is not None:
        return AnswerKind.RECEIPT
    errors = messaging.error.errors if messaging.error is not None else ()
    failures = {each.code for each in errors if severity_of(each) == "failure"}
    if failures == {MPCCapacityExceeded.code}:  # the one failure that passes: when the receiver pulls
        return AnswerKind.FULL
    if failures:
        return AnswerKind.FAILURE
    return AnswerKind.EMPTY if any(each.code == "EBMS:0006" for each in errors) else AnswerKind.WARNING


def _impossible(answer: HttpAnswer, error: EbmsError) -> HubAnswer:
    return HubAnswer(
        kind=_busy_or(AnswerKind.IMPOSSIBLE, answer),
        status=answer.status,
        note=error.detail,
        errors=error.entries(),
        retry_after_seconds=answer.retry_after_seconds,
    )


def _without_envelope(answer: HttpAnswer, note: str) -> HubAnswer:
    nothing = answer.octets == 0 and 200 <= answer.status < 300
    kind = AnswerKind.NOTHING if nothing else _busy_or(AnswerKind.FOREIGN, answer)
    return HubAnswer(
        kind=kind,
        status=answer.status,
        note=f"HTTP {answer.status} with {note}",
        retry_after_seconds=answer.retry_after_seconds,
    )


def _busy_or(kind: AnswerKind, answer: HttpAnswer) -> AnswerKind:
    """429 and 503 say that the condition will pass, whatever stands in their body."""
    return AnswerKind.OVERLOAD if answer.status in _BUSY else kind
