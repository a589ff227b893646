"""Take: from a pulled message that the hub signed to one in the inbox with its receipt due, or to an error for the hub.

The steps in order: check to whom and from whom it is, recognise it if it was here before, open its parts, make its
receipt, store. Only a message whose signature held is answered with an error, and only about what it is to blame for: a
full disk or a crash leaves the hub without an answer, and the message waiting there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway import failpoints
from gateway.client.answers import AnswerKind, HubAnswer, no_answer, sort_answer
from gateway.client.damage import changed
from gateway.client.inbox import MEMORY, Accepted, Inbox, JudgedMessage, Known, ProofUsed
from gateway.client.means import Means
from gateway.client.opening import Opened, check_addressed, open_message
from gateway.client.participant import Participant
from gateway.client.receipts import make_error, make_receipt, receipt_in
from gateway.client.transport import AnswerTooLarge, Unreachable, post
from gateway.ebms import names
from gateway.ebms.errors import EbmsError, ValueInconsistent
from gateway.ebms.model import ErrorEntry, UserMessage
from gateway.ebms.said import content_digest


class Outcome(StrEnum):
    """What one pull came to."""

    STORED = "stored"
    TEST = "test message"  # acknowledged and thrown away, not for the participant's system
    DUPLICATE = "duplicate"  # it was here before; its receipt is sent again
    EMPTY = "empty"
    NOT_TAKEN = "not taken"  # a message that does not hold; the hub was told
    REFUSED = "refused"  # the hub signed that it gives nothing
    NO_ANSWER = "no answer"  # or none that the hub signed
    DAMAGED = "receipt damaged"  # on the disk, before the hub had it: it is not sent, and its message is here
    UNKNOWN = "not recognised"  # it is here, or another is under its id: the disk changed all that would tell


@dataclass(frozen=True, slots=True, kw_only=True)
class PullResult:
    """One pull. `number` is the message's in the inbox; `errors` are the hub's, or those that it was told. With
    `REFUSED`, `message_id` is the message whose receipt was refused beside the pull, if it was that.
    """

    outcome: Outcome
    message_id: str | None = None
    number: int | None = None
    errors: tuple[ErrorEntry, ...] = ()
    note: str = ""
    kind: AnswerKind | None = None  # of the answer, where no message came
    retry_after_seconds: float | None = None  # what that answer asked for
    status: int | None = None  # of HTTP, with which it came


async def take(answer: HubAnswer, participant: Participant, inbox: Inbox, means: Means) -> PullResult:
    """Store a verified message, its parts still in the spool of the answer; or tell the hub why not."""
    user_message = None if answer.messaging is None else answer.messaging.user_message
    if user_message is None or answer.verified is None:
        raise ValueError("the answer holds no verified user message")
    digest = content_digest(answer.verified.references)
    try:
        check_addressed(user_message, answer, participant)
        if (user_message.service.value, user_message.action) == (names.TEST_SERVICE, names.TEST_ACTION):
            return await _acknowledge_test(answer, user_message, participant, inbox, means)
        known = await inbox.find(participant.hub_party.value, user_message.message_id)
        if known is None:
            opened = await asyncio.to_thread(
                open_message, answer, user_message, participant, inbox.records, means.progress
            )
            try:
                if opened.proof is not None and opened.proof.sent_at < means.clock.now() - MEMORY:
                    raise ValueInconsistent(detail="the proof of origin is older than the memory of this inbox")
                judged = _judged(answer, user_message, digest, opened, participant, means)
                failpoints.reach("H1.before")
                outcome = await inbox.accept(judged)
                failpoints.reach("H1.after")
            finally:
                opened.close()
            if isinstance(outcome, Accepted):
                return PullResult(outcome=Outcome.STORED, message_id=user_message.message_id, number=outcome.number)
            if isinstance(outcome, ProofUsed):
                raise ValueInconsistent(detail="its proof of origin came before, with another message of the hub")
            known = outcome
        return await _recognise(known, digest, answer, user_message, participant, inbox, means)
    except EbmsError as error:
        return await _refuse(error, user_message, participant, inbox, means)


async def _acknowledge_test(
    answer: HubAnswer, user_message: UserMessage, participant: Participant, inbox: Inbox, means: Means
) -> PullResult:
    """A message to the test service is judged like any other, acknowledged, and not delivered (ebMS3 Core 5.2.2.9).

    Nothing of it is stored: without its receipt it comes again, and is acknowledged again.
    """
    if user_message.parts:
        anybody = replace(participant, origin_required=False)
        opened = await asyncio.to_thread(open_message, answer, user_message, anybody, inbox.records, means.progress)
        opened.close()
    await send_signal(participant, _receipt(answer, user_message, participant, means), means)
    return PullResult(outcome=Outcome.TEST, message_id=user_message.message_id)


def _receipt(answer: HubAnswer, user_message: UserMessage, participant: Participant, means: Means) -> bytes:
    references = () if answer.verified is None else answer.verified.references
    receipt_id = means.message_id(participant.party)
    return make_receipt(participant, user_message, references, message_id=receipt_id, at=means.clock.now())


def _judged(
    answer: HubAnswer,
    user_message: UserMessage,
    digest: bytes,
    opened: Opened,
    participant: Participant,
    means: Means,
) -> JudgedMessage:
    at = means.clock.now()
    return JudgedMessage(
        sender=participant.hub_party.value,
        message_id=user_message.message_id,
        service=user_message.service.value,
        action=user_message.action,
        conversation_id=user_message.conversation_id,
        tracking_identifier=user_message.property(names.TRACKING_IDENTIFIER),
        cross_reference=user_message.property(names.CROSS_REFERENCE),
        original_sender=user_message.property(names.ORIGINAL_SENDER),
        final_recipient=user_message.property(names.FINAL_RECIPIENT),
        sent_at=user_message.timestamp,
        received_at=at,
        origin=opened.origin,
        origin_thumbprint=opened.origin_thumbprint,
        origin_document=opened.origin_document,
        origin_party=None if opened.proof is None else opened.proof.party,
        origin_message_id=None if opened.proof is None else opened.proof.message_id,
        content_digest=digest,
        receipt=_receipt(answer, user_message, participant, means),
        parts=opened.parts,
    )


async def _recognise(
    known: Known,
    digest: bytes,
    answer: HubAnswer,
    user_message: UserMessage,
    participant: Participant,
    inbox: Inbox,
    means: Means,
) -> PullResult:
    """A message that was here before gets its receipt again, or where the disk changed that, a new one; another message
    under its id is an error (A09). Which of them it is tells the receipt where the disk changed what tells it; where
    that is changed as well nobody knows, and the hub is told nothing.
    """
    told_by = known.content_digest
    if told_by is None and known.is_sound:
        told_by = content_digest(receipt_in(known.receipt).references)
    if told_by is None:
        note = str(changed("inbox", f"what would tell whether {user_message.message_id} is the message that is here"))
        return PullResult(outcome=Outcome.UNKNOWN, message_id=user_message.message_id, number=known.number, note=note)
    if told_by != digest:
        raise ValueInconsistent(detail="another message came under the id of an earlier one")
    if known.is_sound:
        await inbox.repeat_receipt(known.number)
    else:
        receipt = _receipt(answer, user_message, participant, means)
        await inbox.renew_receipt(participant.hub_party.value, user_message.message_id, known.number, receipt)
    return PullResult(outcome=Outcome.DUPLICATE, message_id=user_message.message_id, number=known.number)


async def _refuse(
    error: EbmsError, user_message: UserMessage, participant: Participant, inbox: Inbox, means: Means
) -> PullResult:
    error = error.about(user_message.message_id)
    hub = participant.hub_party.value
    await inbox.note_not_taken(hub, user_message.message_id, error.code, at=means.clock.now())
    envelope = make_error(
        participant,
        error,
        user_message.message_id,
        message_id=means.message_id(participant.party),
        at=means.clock.now(),
    )
    await send_signal(participant, envelope, means)
    return PullResult(
        outcome=Outcome.NOT_TAKEN, message_id=user_message.message_id, errors=error.entries(), note=error.detail
    )


async def send_signal(participant: Participant, envelope: bytes, means: Means) -> HubAnswer:
    """Send a signed receipt or error as a request of its own; what came back, sorted."""
    try:
        answer = await post(
            means.session,
            participant.url,
            content_type=names.SOAP_XML_UTF8,
            body=envelope,
            limit_octets=participant.limits.answer_octets,
            now=means.clock.now(),
        )
    except Unreachable as fault:
        return no_answer(fault)
    except AnswerTooLarge as fault:
        return HubAnswer(kind=AnswerKind.FOREIGN, note=str(fault))
    with answer.body:
        return sort_answer(answer, participant, means.clock.now())
