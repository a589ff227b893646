"""Pull: ask for a message, judge it, store it, and only then say that it came (One-Way/Pull, leg 2; AS4 2.1.1, 5.2.1).

The order is the guarantee. A receipt makes the hub forget the message, so it is sent after the inbox has it durably,
with the next PullRequest or as a request of its own, and is due until an answer shows that the hub took it. A crash in
between leaves the receipt due in the inbox, and the hub offers the message again: it is recognised, not delivered
twice, and its receipt repeated (P30). What cannot be taken gets an ebMS error, after which the hub keeps it. An answer
that broke off is asked for again under the same PullRequest id, which within five minutes gives the same message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count

from gateway.client.advice import check_own_certificate
from gateway.client.answers import MEANINGS, AnswerKind, HubAnswer, NextStep, no_answer, sort_answer
from gateway.client.damage import changed
from gateway.client.inbox import DueReceipt, Inbox
from gateway.client.means import Means
from gateway.client.participant import Participant
from gateway.client.receipts import make_pull_request, receipt_in, refusal_of, sign_signals
from gateway.client.retry import PollPolicy, RetryPolicy
from gateway.client.taking import Outcome, PullResult, send_signal, take
from gateway.client.transport import AnswerTooLarge, Unreachable, post
from gateway.ebms.errors import FailedAuthentication
from gateway.ebms.model import Messaging, Receipt
from gateway.ebms.names import SOAP_XML_UTF8

RETRY = RetryPolicy(first_seconds=5.0, longest_seconds=60.0, span_seconds=600.0, retries=5)
POLL = PollPolicy()
SAME_REQUEST = timedelta(minutes=4)  # the hub takes a PullRequest for five; the answer has to begin before


async def pull(participant: Participant, *, inbox: Inbox, means: Means, retry: RetryPolicy = RETRY) -> PullResult:
    """Take one message out of the own mailbox and send its receipt; also those that an earlier run left due.

    Raises `WrongSetting` when the own certificate cannot sign now. `Inbox.damaged_receipts` tells which receipts are
    not sent because the disk changed them; `Inbox.note_damage_told` ends that. One of an earlier run that the hub
    refuses is `refused` as `InboxMessage.receipt_state`.
    """
    check_own_certificate(participant, means.clock.now())
    await send_receipts(participant, inbox=inbox, means=means)
    result, _ = await _pull_once(participant, None, inbox, means, retry)
    await send_receipts(participant, inbox=inbox, means=means)
    return result


async def pull_until_empty(
    participant: Participant,
    *,
    inbox: Inbox,
    means: Means,
    retry: RetryPolicy = RETRY,
    on_result: Callable[[PullResult], None] = lambda _result: None,
    limit: int | None = None,
) -> tuple[PullResult, ...]:
    """Pull until the mailbox is empty, an answer gives no reason to go on, or `limit` results of pulls are there. The
    last result is that of a pull.

    The receipt of each message goes with the next PullRequest, the last one alone if it has to. One that is refused
    there goes alone once, keeps no message waiting, and is a result only where it is refused alone as well. So is one
    that the disk changed, or that an earlier run left due and the hub refuses, beside those of pulls whatever `limit`
    is; damage counts as told when this returns.
    `on_result` is called with each result; what it does delays the receipt. Raises `WrongSetting` when the own
    certificate cannot sign now.
    """
    check_own_certificate(participant, means.clock.now())
    # What the hub would not have alone goes with no PullRequest: it would be refused with it each time.
    earlier = await _send_receipts(participant, inbox, means)
    set_aside = {each.number for each in earlier.refused_for_now}
    results: list[PullResult] = [*earlier.refused]
    for each in results:
        on_result(each)
    beside = len(results)
    told: set[int] = set()
    in_the_way: set[str | None] = set()
    while True:
        due = next(
            (each for each in await inbox.receipts_due(len(set_aside) + 1) if each.number not in set_aside), None
        )
        results += await _tell_damaged(inbox, told, on_result)
        result, receipt_refused = await _pull_once(participant, due, inbox, means, retry)
        if due is not None and receipt_refused:
            set_aside.add(due.number)
            if (await _send_receipt(participant, due, inbox, means))[0] is not _Became.REFUSED:
                continue
            result = replace(result, message_id=due.message_id)
        results.append(result)
        on_result(result)
        comes_again = result.outcome in (Outcome.NOT_TAKEN, Outcome.UNKNOWN) or result.number in set_aside
        is_enough = limit is not None and len(results) - beside - len(told) >= limit
        if is_enough or not (receipt_refused or _goes_on(result, comes_again, in_the_way)):
            break
        if comes_again:
            in_the_way.add(result.message_id)
    last = await _send_receipts(participant, inbox, means)
    said = {each.message_id for each in results if each.outcome is Outcome.REFUSED}
    refused = [each for each in last.refused if each.message_id not in said]
    for each in refused:
        on_result(each)
    results[-1:-1] = (*refused, *await _tell_damaged(inbox, told, on_result))
    for number in told:
        await inbox.note_damage_told(number)
    return tuple(results)


def _goes_on(result: PullResult, comes_again: bool, in_the_way: Set[str | None]) -> bool:
    """Whether the mailbox may hold more that can be had now.

    What is not taken, or whose receipt is not, comes again after the hub's pause. The messages behind it do not wait
    for that; a hub that makes no pause is left alone.
    """
    if comes_again:
        return result.message_id not in in_the_way
    return result.outcome in (Outcome.STORED, Outcome.DUPLICATE, Outcome.TEST)


async def keep_pulling(
    participant: Participant,
    *,
    inbox: Inbox,
    means: Means,
    retry: RetryPolicy = RETRY,
    poll: PollPolicy = POLL,
    on_result: Callable[[PullResult], None] = lambda _result: None,
    when_empty: Callable[[], Awaitable[object]] | None = None,
) -> None:
    """Pull until cancelled: empty the mailbox, pause for longer each time that nothing came, start over (P31).

    `when_empty` is awaited before each pause: the place to process what came.
    """
    empty_in_a_row = 0
    while True:
        results = await pull_until_empty(participant, inbox=inbox, means=means, retry=retry, on_result=on_result)
        if when_empty is not None:
            await when_empty()
        stored = any(result.outcome is Outcome.STORED for result in results)
        empty_in_a_row = 1 if stored else empty_in_a_row + 1
        await means.wait(poll.pause_seconds(empty_in_a_row=empty_in_a_row, chance=means.chance()))


async def send_receipts(participant: Participant, *, inbox: Inbox, means: Means) -> int:
    """Send every receipt that is due, each as a request of its own, once; returns how many are due after it, with those
    that the disk changed and nobody was told of (`Inbox.damaged_receipts`), which are not sent.

    A hub that cannot be reached or is too busy is asked once, not once for each receipt. A failure ends what is due
    only where it is about that receipt.
    """
    sent = await _send_receipts(participant, inbox, means)
    return sent.left + len(await inbox.damaged_receipts())


@dataclass(frozen=True, slots=True)
class _Sent:
    """How many sound receipts are due after they were sent, those for which the hub signed a failure about something
    else, and a result for each that it refused for good.
    """

    left: int
    refused_for_now: tuple[DueReceipt, ...]
    refused: tuple[PullResult, ...]


class _Became(Enum):
    """What became of a receipt that was sent alone; the first two are for good, after the others it is still due."""

    TAKEN = auto()
    REFUSED = auto()
    REFUSED_FOR_NOW = auto()  # by a failure about something else
    UNKNOWN = auto()
    AWAY = auto()  # the hub cannot be reached, or is too busy


async def _send_receipts(participant: Participant, inbox: Inbox, means: Means) -> _Sent:
    due = await inbox.receipts_due()
    refused_for_now: list[DueReceipt] = []
    refused: list[PullResult] = []
    left = 0
    for done, each in enumerate(due):
        became, answer = await _send_receipt(participant, each, inbox, means)
        if became is _Became.AWAY:
            left += len(due) - done
            break
        if became not in (_Became.TAKEN, _Became.REFUSED):
            left += 1
        if became is _Became.REFUSED_FOR_NOW:
            refused_for_now.append(each)
        if became is _Became.REFUSED:
            result = PullResult(
                outcome=Outcome.REFUSED, message_id=each.message_id, errors=answer.errors, kind=answer.kind,
                status=answer.status,
            )  # fmt: skip
            refused.append(result)
    return _Sent(left, tuple(refused_for_now), tuple(refused))


async def _send_receipt(
    participant: Participant, due: DueReceipt, inbox: Inbox, means: Means
) -> tuple[_Became, HubAnswer]:
    """Send a receipt as a request of its own, in the envelope that was stored, and note what is for good; with the
    answer. One whose signature does not count any more, as after a renewal of the key, is signed anew.
    """
    answer = await send_signal(participant, due.receipt, means)
    if answer.kind is AnswerKind.FAILURE:
        receipt = receipt_in(due.receipt)
        if refusal_of(answer, receipt, request_id=receipt.message_id) == FailedAuthentication.code:
            answer = await send_signal(participant, sign_signals(participant, Messaging(receipt=receipt)), means)
    return await _became(answer, due, inbox), answer


async def _became(answer: HubAnswer, due: DueReceipt, inbox: Inbox) -> _Became:
    busy = answer.kind is AnswerKind.OVERLOAD or (answer.kind is AnswerKind.FAILURE and answer.is_busy)
    if busy or answer.kind in (AnswerKind.UNREACHABLE, AnswerKind.BROKEN_OFF):
        return _Became.AWAY
    if MEANINGS[answer.kind].signal is not NextStep.DONE:
        return _Became.UNKNOWN
    if answer.kind is not AnswerKind.FAILURE:
        await inbox.note_receipt(due.number)
        return _Became.TAKEN
    receipt = receipt_in(due.receipt)
    code = refusal_of(answer, receipt, request_id=receipt.message_id)
    if code is None:
        return _Became.REFUSED_FOR_NOW
    await inbox.note_receipt(due.number, refused=code)
    return _Became.REFUSED


async def _tell_damaged(inbox: Inbox, told: set[int], on_result: Callable[[PullResult], None]) -> list[PullResult]:
    """Results for receipts that the disk changed and that are not told yet, each of which `told` has then."""
    results: list[PullResult] = []
    for each in await inbox.damaged_receipts():
        if each.number in told:
            continue
        note = str(changed("inbox", f"the receipt for {each.message_id}"))
        result = PullResult(outcome=Outcome.DAMAGED, message_id=each.message_id, number=each.number, note=note)
        told.add(each.number)
        results.append(result)
        on_result(result)
    return results


async def _pull_once(
    participant: Participant, due: DueReceipt | None, inbox: Inbox, means: Means, retry: RetryPolicy
) -> tuple[PullResult, bool]:
    """One message, or why there is none; and whether the hub refused the receipt that went along."""
    receipt = None if due is None else receipt_in(due.receipt)
    started = made_at = means.clock.now()
    request_id, request = _request(participant, receipt, means, made_at)
    for retries in count():
        answer, taken = await _ask(participant, request, inbox, means)
        answer = _held_to(answer, request_id, receipt)
        if MEANINGS[answer.kind].pull is not NextStep.AGAIN:
            break
        now = means.clock.now()
        pause = retry.pause_seconds(
            retries_made=retries,
            elapsed_seconds=(now - started).total_seconds(),
            retry_after_seconds=answer.retry_after_seconds,
            chance=means.chance(),
        )
        if pause is None:
            break
        await means.wait_before_retry(answer, pause)
        if means.clock.now() - made_at > SAME_REQUEST:
            made_at = means.clock.now()
            request_id, request = _request(participant, receipt, means, made_at)
    came_again = taken is not None and due is not None and taken.number == due.number
    refusal = None if receipt is None else refusal_of(answer, receipt, request_id=request_id)
    if due is not None and not came_again:  # a message that came in spite of its receipt gets it once more
        await _note_bundled(due, answer, inbox)
    if taken is not None:
        return taken, False
    outcome = _OUTCOMES.get(answer.kind, Outcome.NO_ANSWER)
    result = PullResult(
        outcome=outcome,
        errors=answer.errors,
        note=answer.note or _UNASKED.get(answer.kind, ""),
        kind=answer.kind,
        retry_after_seconds=answer.retry_after_seconds,
        status=answer.status,
    )
    return result, refusal is not None


_UNASKED: Mapping[AnswerKind, str] = {
    AnswerKind.RECEIPT: "the hub signed a receipt, which is no answer to a PullRequest",
}
_OUTCOMES: Mapping[AnswerKind, Outcome] = {AnswerKind.EMPTY: Outcome.EMPTY, AnswerKind.FAILURE: Outcome.REFUSED}


async def _ask(
    participant: Participant, request: bytes, inbox: Inbox, means: Means
) -> tuple[HubAnswer, PullResult | None]:
    """One exchange; a message that came is stored, or refused, before this returns."""
    try:
        answer = await post(
            means.session,
            participant.url,
            content_type=SOAP_XML_UTF8,
            body=request,
            limit_octets=participant.limits.message_octets,
            now=means.clock.now(),
            spool_folder=inbox.records.folder,
            progress=means.progress,
        )
    except Unreachable as fault:
        return no_answer(fault), None
    except AnswerTooLarge as fault:
        return HubAnswer(kind=AnswerKind.IMPOSSIBLE, note=str(fault)), None
    with answer.body:
        sorted_answer = await asyncio.to_thread(sort_answer, answer, participant, means.clock.now())
        if sorted_answer.kind is not AnswerKind.USER_MESSAGE:
            return sorted_answer, None
        return sorted_answer, await take(sorted_answer, participant, inbox, means)


def _held_to(answer: HubAnswer, request_id: str, receipt: Receipt | None) -> HubAnswer:
    """The answer, told as one to something else where each of its errors names a message of which nothing was sent:
    another PullRequest's empty mailbox says nothing of this one. An error that names none is about what was sent.
    """
    if answer.kind not in (AnswerKind.EMPTY, AnswerKind.FAILURE, AnswerKind.WARNING, AnswerKind.FULL):
        return answer
    own = {None, request_id, *(() if receipt is None else (receipt.message_id, receipt.ref_to_message_id))}
    others = [about for _, about in answer.related if about not in own]
    if len(others) < len(answer.related):
        return answer
    return replace(
        answer, kind=AnswerKind.ELSEWHERE, note=f"the hub signed an error about {others[0]}, which is not this pull"
    )


async def _note_bundled(due: DueReceipt, answer: HubAnswer, inbox: Inbox) -> None:
    """The hub takes the receipt before it looks for a message, so an answer to the pull confirms both (decision
    0010).
    """
    if answer.kind in (AnswerKind.EMPTY, AnswerKind.USER_MESSAGE):
        await inbox.note_receipt(due.number)


def _request(participant: Participant, receipt: Receipt | None, means: Means, at: datetime) -> tuple[str, bytes]:
    message_id = means.message_id(participant.party)
    return message_id, make_pull_request(participant, message_id=message_id, at=at, receipt=receipt)
