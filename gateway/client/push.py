"""Push: check, make ready, store, send until there is an outcome (One-Way/Push, leg 1; AS4 3.2).

Every attempt sends the same octets under the same MessageId, in this process or in one that was started after a
crash. An outcome is the hub's valid receipt, or a failure that the hub signed about this very message, unless that says
that the mailbox is full (EBMS:0021), which passes; anything else means that nothing is known, and the next attempt
follows by the policy. When no attempt is left the result says so with EBMS:0301, here and never on the wire; the
message is then given up, or stays in the outbox for later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

from gateway import failpoints
from gateway.client.answers import MEANINGS, AnswerKind, HubAnswer, NextStep, no_answer, sort_answer
from gateway.client.apart import apart
from gateway.client.checking import Checks, check, check_counterpart, check_schema
from gateway.client.damage import DamagedPart
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxMessage, OutboxState, check_stored
from gateway.client.outgoing import Attachment, Draft, References, make_ready, read_payload, references_of
from gateway.client.participant import Participant
from gateway.client.receipts import judge_receipt
from gateway.client.retry import RetryPolicy
from gateway.client.transport import AnswerTooLarge, Stored, Unreachable, post
from gateway.ebms.errors import InvalidReceipt, MissingReceipt
from gateway.ebms.model import ErrorEntry

RETRY = RetryPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What became of a message. `errors` are the hub's for a refusal, else what the last attempt came to."""

    message_id: str
    state: OutboxState
    attempts: int
    receipt: bytes | None
    errors: tuple[ErrorEntry, ...]
    note: str = ""  # of the last answer that was no outcome, for the log
    kind: AnswerKind | None = None  # of the last answer, for whoever has to say what to do about it
    retry_after_seconds: float | None = None  # what the last answer asked for
    status: int | None = None  # of HTTP, with which it came
    reference: str | None = None  # the other message that the last answer's errors are about, where it names one
    is_damaged: bool = False  # on the disk, as `note` says: it is not sent, and whether the hub has it is not known


async def push(
    participant: Participant,
    payload: bytes | Path,
    *,
    module: str,
    version: str,
    message_type: str,
    outbox: Outbox,
    means: Means,
    checks: Checks | None,
    references: References | None = None,
    attachments: Sequence[Attachment] = (),
    message_id: str | None = None,
    retry: RetryPolicy = RETRY,
    give_up: bool = True,
) -> PushResult:
    """Send one message and return its outcome; raises `Unsendable` or `WrongSetting` before anything is stored.

    `checks` hold the message against its schema and rules first, and against the address book; None is for testers who
    want the hub's own verdict. `references` are read from the payload's header unless given. A `message_id` that the
    outbox knows is not made ready again: what was stored under it is sent. Cancelling leaves the message in the outbox
    for `send_waiting`, and so does the end of all attempts unless it is to be given up then.
    """
    message_id = message_id or means.message_id(participant.party)
    if await outbox.find(message_id) is None:
        octets = await asyncio.to_thread(read_payload, payload)
        await store(
            participant,
            octets,
            message_id,
            module=module,
            version=version,
            message_type=message_type,
            outbox=outbox,
            means=means,
            checks=checks,
            references=references,
            attachments=attachments,
        )
    return await send(participant, message_id, outbox=outbox, means=means, retry=retry, give_up=give_up)


async def store(
    participant: Participant,
    payload: bytes,
    message_id: str,
    *,
    module: str,
    version: str,
    message_type: str,
    outbox: Outbox,
    means: Means,
    checks: Checks | None,
    references: References | None = None,
    attachments: Sequence[Attachment] = (),
    asked_sha256: Callable[[Sequence[str]], bytes] | None = None,
) -> None:
    """Check a message, make it ready and have it in the outbox, as `push` does before it sends anything; raises what
    that raises, and `StoredAlready`. `asked_sha256` makes of the SHA-256 of its attachments what
    its own reference stands for.
    """
    kind = {"module": module, "version": version, "message_type": message_type}
    if checks is not None:
        await check_schema(payload, **kind, checks=checks)
    if references is None:
        references = await asyncio.to_thread(references_of, payload)
    if checks is not None:
        check_counterpart(references, **kind, participant=participant, checks=checks, at=means.clock.now())
    draft = Draft(
        message_id=message_id,
        payload=payload,
        service=f"{participant.base}:{module}:{version}",
        action=message_type,
        references=references,
        attachments=tuple(attachments),
    )
    ready = await apart(partial(make_ready, draft, participant, outbox.records, means))
    try:
        if checks is not None:
            await check(payload, ready.sha256, **kind, participant=participant, checks=checks)
        asked = None if asked_sha256 is None else asked_sha256(ready.sha256)
        failpoints.reach("V1.before")
        await outbox.add(replace(ready.outgoing, asked_sha256=asked))
        failpoints.reach("V1.after")
    finally:
        ready.close()


async def send_waiting(
    participant: Participant, *, outbox: Outbox, means: Means, retry: RetryPolicy = RETRY, give_up: bool = True
) -> tuple[PushResult, ...]:
    """Send what the outbox holds without an outcome, oldest first: what a participant does when it starts. One whose
    receiver's mailbox is full stays for the next time, because those behind it may be for others.
    """
    return tuple(
        [
            await send(
                participant,
                message_id,
                outbox=outbox,
                means=means,
                retry=retry,
                give_up=give_up,
                waits_for_room=False,
            )
            for message_id in await outbox.waiting()
        ]
    )


async def send(
    participant: Participant,
    message_id: str,
    *,
    outbox: Outbox,
    means: Means,
    retry: RetryPolicy = RETRY,
    give_up: bool = True,
    waits_for_room: bool = True,
) -> PushResult:
    """Send a message of the outbox until it has an outcome, or its receiver's mailbox is full and that is not waited
    for; raises `KeyError` when it is not there. What the disk changed since it was stored is not sent.
    """
    last: HubAnswer | None = None
    while True:
        message = await outbox.find(message_id)
        if message is None:
            raise KeyError(message_id)
        if message.state is not OutboxState.WAITING:
            return result_of(message, last)
        damage = await _damage(message, outbox)
        if damage is not None:
            return replace(result_of(message), note=damage, is_damaged=True)
        attempts = None if message.stored is None else await outbox.count_attempt(message_id)
        if message.stored is None or attempts is None:
            continue  # another process saw the outcome meanwhile
        failpoints.reach("V2.before")
        answer = last = await _exchange(participant, message, message.stored, means)
        failpoints.reach("V2.after")
        errors = await _settle(participant, message, answer, outbox, means)
        if errors is None:
            continue  # final: the next round reads it back
        pause = retry.pause_seconds(
            retries_made=attempts - 1,
            elapsed_seconds=(means.clock.now() - message.created_at).total_seconds(),
            retry_after_seconds=answer.retry_after_seconds,
            chance=means.chance(),
        )
        if pause is None:
            missing = replace(MissingReceipt().about(message_id).entries()[0], description=MissingReceipt.text.en)
            if not give_up:
                await outbox.note(message_id, (missing, *errors))
                return result_of(replace(message, attempts=attempts, errors=(missing, *errors)), answer)
            await outbox.close(message_id, OutboxState.GIVEN_UP, at=means.clock.now(), errors=(missing, *errors))
            continue
        await outbox.note(message_id, errors)
        if answer.kind is AnswerKind.FULL and not waits_for_room:
            return result_of(replace(message, attempts=attempts, errors=errors), answer)
        await means.wait_before_retry(answer, pause)


async def _damage(message: OutboxMessage, outbox: Outbox) -> str | None:
    """What the disk did to a message since it was stored. A hub would refuse it, and that would be no word about the
    message, which the hub may have from an earlier attempt.
    """
    try:
        await asyncio.to_thread(check_stored, message)
    except DamagedPart as damage:
        now = await outbox.find(message.message_id)  # its parts go when another process sees an outcome
        return str(damage) if now is not None and now.state is OutboxState.WAITING else None
    return None


async def _exchange(participant: Participant, message: OutboxMessage, stored: Stored, means: Means) -> HubAnswer:
    at = means.clock.now()
    try:
        answer = await post(
            means.session,
            participant.url,
            content_type=message.content_type,
            body=stored,
            limit_octets=participant.limits.answer_octets,
            now=at,
            progress=means.progress,
        )
    except Unreachable as fault:
        return no_answer(fault)
    except AnswerTooLarge as fault:
        return HubAnswer(kind=AnswerKind.FOREIGN, note=str(fault))
    with answer.body:
        return sort_answer(answer, participant, means.clock.now())


async def _settle(
    participant: Participant, message: OutboxMessage, answer: HubAnswer, outbox: Outbox, means: Means
) -> tuple[ErrorEntry, ...] | None:
    """Record the outcome and return None; or return what is to be noted of an answer that is none."""
    if MEANINGS[answer.kind].push is not NextStep.DONE:
        return answer.errors
    if answer.kind is AnswerKind.FAILURE:
        # A request that was too large to be read is refused without a reference (413), and will not get smaller. Any
        # other failure without one, or with another, is not known to be about this message.
        unread = answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and answer.reference is None
        if answer.reference != message.message_id and not unread:
            return answer.errors
        await outbox.close(message.message_id, OutboxState.REFUSED, at=means.clock.now(), errors=answer.errors)
        return None
    try:
        judge_receipt(answer, participant, message_id=message.message_id, sent=message.references)
    except InvalidReceipt as error:
        return error.entries()
    await outbox.close(
        message.message_id,
        OutboxState.ACKNOWLEDGED,
        at=means.clock.now(),
        receipt=answer.envelope,
        errors=answer.errors,
    )
    return None


def result_of(message: OutboxMessage, last: HubAnswer | None = None) -> PushResult:
    """What became of a message, with what the last answer says where that is no outcome."""
    settled = message.state in (OutboxState.ACKNOWLEDGED, OutboxState.REFUSED)
    return PushResult(
        message_id=message.message_id,
        state=message.state,
        attempts=message.attempts,
        receipt=message.receipt,
        errors=message.errors,
        note="" if last is None else last.note,
        kind=None if settled or last is None else last.kind,
        retry_after_seconds=None if settled or last is None else last.retry_after_seconds,
        reference=None if settled or last is None else last.reference,
        status=None if settled or last is None else last.status,
    )
