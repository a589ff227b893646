"""What came of a run of `knooppunt pull`, for a person and for a program: what came, what is held back, what failed.

A run with --keep may go on for months. What fails in it is told on standard error when it happens, once as long as it
stays the same, and so is what a person has to know of a message when newer ones take its place. How the run ends is
decided by how matters stand then, for a hub that was away for an hour in between has given everything since.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import PEER, REFUSED, Failure, code_of, print_table
from gateway.cli.participant import error_facts
from gateway.cli.waiting import tell_wait
from gateway.client.advice import COMES_AGAIN, advise, advise_held_back, advise_not_taken
from gateway.client.answers import AnswerKind, HubAnswer
from gateway.client.damage import DamagedPart
from gateway.client.documents import Delivered
from gateway.client.inbox import InboxMessage, NotTaken
from gateway.client.participant import Participant
from gateway.client.proof import explain_unverified
from gateway.client.taking import Outcome, PullResult
from gateway.storage import EXIT_STORAGE
from xsd.checking.violations import Violation

_DAMAGED: Final = (
    "look at the disk: what the hub gave is damaged there, and the hub has it no more. With `state/inbox` of the"
    " participant as it was, from a copy, a pull writes it. Without one, ask its sender, or the hub's operator who that"
    " is, to have it sent again as a new message; then put `state/inbox` aside under another name: it is made anew, and"
    " what else came is in the folder for documents"
)
_OF_THE_DISK: Final = frozenset({Outcome.DAMAGED, Outcome.UNKNOWN})
_OF_MESSAGES: Final = frozenset({Outcome.NOT_TAKEN, Outcome.UNKNOWN})  # they say nothing of how the hub answers
FAILED: Final = frozenset({Outcome.NOT_TAKEN, Outcome.REFUSED, Outcome.NO_ANSWER, Outcome.DAMAGED, Outcome.UNKNOWN})
MOST_FAILURES: Final = 100  # that are kept of a run: the newest
MOST_DELIVERED: Final = 100  # the same of messages, in a run that may go on for months


@dataclass(kw_only=True)
class Pulled:
    """What came of a run, noted while it goes on."""

    participant: Participant
    keeps: bool  # polls until it is ended
    delivered: deque[tuple[Delivered, tuple[Violation, ...]]] = field(default_factory=deque)
    count_delivered: int = 0  # also of those that are kept no more
    held_back: tuple[NotTaken, ...] = ()
    fault: OSError | DamagedPart | None = None  # of the folder for documents
    kept: tuple[InboxMessage, ...] = ()  # in the inbox, and for that fault not in the folder
    failure: Failure | None = None  # anything else that ended it
    tests: int = 0
    failures: deque[PullResult] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))
    failed: int = 0
    damaged: deque[PullResult] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))  # what the own disk changed
    standing: PullResult | None = None  # how the hub failed to answer when it was asked last
    answered: bool = False
    _told_of_hub: deque[tuple[object, ...]] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))
    _told_of_messages: deque[tuple[object, ...]] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))

    def note(self, result: PullResult) -> None:
        """One pull is over."""
        self.tests += result.outcome is Outcome.TEST
        is_failure = result.outcome in FAILED
        if result.outcome in _OF_THE_DISK:
            self.damaged.append(result)
        if result.outcome is not Outcome.DAMAGED:  # that was found before the hub was asked
            self.answered |= result.outcome is not Outcome.NO_ANSWER
            self.standing = result if is_failure and result.outcome not in _OF_MESSAGES else None
        if is_failure:
            self.failures.append(result)
            self.failed += 1
        if not self.keeps:
            return
        if is_failure:
            self._tell(result)
        elif self._told_of_hub:
            self._told_of_hub.clear()
            click.echo("knooppunt: the hub answers again", err=True)

    def deliver(self, delivered: Delivered, faults: tuple[Violation, ...]) -> None:
        """The documents of a message are in the folder."""
        self.delivered.append((delivered, faults))
        self.count_delivered += 1
        if self.keeps and len(self.delivered) > MOST_DELIVERED:
            for warning in self._warnings_of(*self.delivered.popleft()):
                click.echo(f"knooppunt: {warning}", err=True)

    def wait(self, answer: HubAnswer, seconds: float) -> None:
        """The hub is asked again after a while: until then this is how it answered last."""
        self.standing = PullResult(
            outcome=Outcome.NO_ANSWER, errors=answer.errors, note=answer.note, kind=answer.kind,
            retry_after_seconds=answer.retry_after_seconds, status=answer.status,
        )  # fmt: skip
        tell_wait(answer, seconds)

    def _tell(self, result: PullResult) -> None:
        what = (result.outcome, result.message_id, result.kind, *(each.code for each in result.errors))
        before = self._told_of_hub if result.message_id is None else self._told_of_messages
        if what not in before:
            before.append(what)
            told = failure_of(result, self.participant, None, goes_on=True)
            click.echo(f"knooppunt: {told.sentence}\n  {told.next_step}", err=True)

    @property
    def bad(self) -> tuple[PullResult, ...]:
        """The failures with which the run ends: all of them, or with --keep those that stand at its end. What the disk
        changed stands, whatever the hub gives afterwards.
        """
        if not self.keeps:
            return tuple(self.failures)
        lying = {each.message_id for each in self.held_back}
        held = {e.message_id: e for e in self.failures if e.outcome is Outcome.NOT_TAKEN and e.message_id in lying}
        return (*self.damaged, *(() if self.standing is None else (self.standing,)), *held.values())

    @property
    def warnings(self) -> list[str]:
        """What a person has to know about messages that were taken all the same."""
        said = list(self.participant.concerns)
        for each, faults in self.delivered:
            said += self._warnings_of(each, faults)
        if self.held_back:
            said.append(advise_held_back({each.code for each in self.held_back}, self.participant))
        if self.failed and not self.bad:
            last = self.failures[-1]
            said.append(
                f"{self.failed} {'pull' if self.failed == 1 else 'pulls'} failed in between, the last one so:"
                f" {failure_of(last, self.participant, None).sentence}; the hub has answered since"
            )
        return said

    def _warnings_of(self, delivered: Delivered, faults: Sequence[Violation]) -> list[str]:
        message = delivered.message
        unverified = [explain_unverified(message, self.participant.senders)] if message.origin == "unverified" else []
        return unverified + [f"{message.tracking_identifier}: {fault.code} {fault.en}" for fault in faults]

    def facts(self) -> dict[str, object]:
        """The facts of the JSON document, also of a run that failed."""
        return {
            "messages": [
                *(_facts(each, faults) for each, faults in self.delivered),
                *(_facts(Delivered(message=each, files=()), ()) for each in self.kept),
            ],
            "delivered": self.count_delivered,
            "tests": self.tests,
            "held_back": [
                {"message_id": each.message_id, "code": each.code, "noted_at": each.noted_at} for each in self.held_back
            ],
            "failed": self.failed,
            "errors": [
                {"message_id": each.message_id, "outcome": each.outcome.value, "errors": error_facts(each.errors),
                 "note": each.note or None}
                for each in self.failures
            ],
        }  # fmt: skip

    def print(self) -> None:
        """What came, as a table, and what is to be known about it."""
        rows = [
            (m.action, m.original_sender, m.tracking_identifier, _signature(m), ", ".join(map(str, each.files)))
            for each, _ in self.delivered
            if (m := each.message)
        ]
        if self.held_back:
            count = len(self.held_back)
            which = ", ".join(f"{each.message_id} ({each.code})" for each in self.held_back)
            empty = (
                f"the mailbox offers nothing more now; {count} that did not hold when pulled lie there still: {which}"
            )
        else:
            empty = "the mailbox is empty now" if self.tests else "the mailbox is empty"
        print_table("", ("type", "from", "reference", "sender's signature", "file"), rows, empty=empty)
        if earlier := self.count_delivered - len(rows):
            click.echo(f"messages before these: {earlier}")
        if rows and self.held_back:
            click.echo(empty)
        if self.tests:
            click.echo(f"test messages acknowledged: {self.tests}")
        for warning in self.warnings:
            click.echo(f"knooppunt: {warning}", err=True)

    def ending(self, target: Path) -> Failure | None:
        """The failure to end with, or None when the run did what it was asked."""
        if self.failure is not None:
            self.failure.facts = self.facts()
            return self.failure
        if self.fault is not None:
            return _undelivered(self, self.fault, target)
        if self.bad:
            return failure_of_all(self.bad, self.participant, self.facts())
        if self.keeps and not self.answered:
            return Failure(
                "it was ended before the hub had answered", next_step="nothing is lost: pull again", facts=self.facts()
            )
        return None


def failure_of_all(
    results: Sequence[PullResult], participant: Participant, facts: object, *, again: str = "pull again"
) -> Failure:
    """The failure of a run with these: each cause once, with the messages that it is about and what to do about it.
    `again` is how what was asked is done again.
    """
    by_cause: dict[tuple[object, ...], list[PullResult]] = {}
    for each in results:
        by_cause.setdefault((each.outcome, each.kind, each.note, *(e.code for e in each.errors)), []).append(each)
    told = [
        failure_of(same[-1], participant, None, message_ids=[e.message_id for e in same if e.message_id], again=again)
        for same in by_cause.values()
    ]
    steps = dict.fromkeys(each.next_step for each in told)
    # The own disk before any peer: who only tries again would not look at it.
    code = EXIT_STORAGE if EXIT_STORAGE in {each.code for each in told} else told[0].code
    return Failure("\n".join(each.sentence for each in told), next_step="\n  ".join(steps), code=code, facts=facts)


def failure_of(
    result: PullResult,
    participant: Participant,
    facts: object,
    *,
    message_ids: Sequence[str] = (),
    goes_on: bool = False,
    again: str = "pull again",
) -> Failure:
    """A pull that failed: what happened, and what to do about it, where it is not done by a run that goes on.

    `message_ids` are all the messages with which the same happened.
    """
    lines = [f"{e.code} {e.description or e.short_description or ''}".rstrip() for e in result.errors]
    if result.outcome is Outcome.NOT_TAKEN:
        ids = tuple(dict.fromkeys(message_ids)) or (result.message_id,)
        what = f"the message {ids[0]} does not hold and was not taken"
        if len(ids) > 1:
            what = f"{len(ids)} messages do not hold and were not taken ({', '.join(map(str, ids))})"
        return Failure(
            "\n  ".join((f"{what}: {result.note}", *lines)),
            next_step=advise_not_taken(result.errors, result.note, participant),
            code=PEER,
            facts=facts,
        )
    if result.outcome is Outcome.DAMAGED:
        return Failure(
            f"the disk changed a receipt before the hub had it, and it is not sent: {result.note}",
            next_step="look at the disk. The message is here and counts; where the hub gives it again, the receipt is"
            f" made anew{'' if goes_on else f': {again}'}{COMES_AGAIN}",
            code=EXIT_STORAGE,
            facts=facts,
        )
    if result.outcome is Outcome.UNKNOWN:
        return Failure(
            f"{result.message_id} came again and gets no receipt: {result.note}",
            next_step="look at the disk. With `state/inbox` of the participant's folder from a copy that is whole the"
            " message is known again; else the hub tells its sender that it was not collected",
            code=EXIT_STORAGE,
            facts=facts,
        )
    kind = AnswerKind.FAILURE if result.outcome is Outcome.REFUSED else result.kind
    advice = advise(
        kind, result.errors, result.note, participant,
        at=datetime.now(UTC), pulling=True, retry_after_seconds=result.retry_after_seconds, status=result.status,
    )  # fmt: skip
    if result.outcome is Outcome.REFUSED and result.message_id is not None:
        return Failure(
            "\n  ".join((f"the hub refused the receipt for {result.message_id}:", *lines)),
            next_step="the message is here and counts; the hub may give it again, or tell its sender that it was not"
            " collected: ask the hub's operator, who has the cause in the log",
            code=REFUSED,
            facts=facts,
        )
    if result.outcome is Outcome.REFUSED:
        step = advice or "are mailbox and certificate those that the hub has registered for you?"
        return Failure("\n  ".join(("the hub refused the pull:", *lines)), next_step=step, code=REFUSED, facts=facts)
    later = "it is asked again by itself" if goes_on else again
    otherwise = "ask the hub's operator, whose log has this request" if kind in _ODD else "does the hub run?"
    may_be_leased = kind not in (AnswerKind.UNREACHABLE, AnswerKind.OVERLOAD)
    return Failure(
        "\n  ".join((f"the pull ended without a message ({result.outcome.value}): {result.note}", *lines)),
        next_step=f"{advice or otherwise}\n  nothing is lost: {later}{COMES_AGAIN if may_be_leased else ''}",
        code=PEER,
        facts=facts,
    )


_ODD = (AnswerKind.RECEIPT, AnswerKind.NOTHING, AnswerKind.ELSEWHERE)  # answers that a hub gives to nobody who pulls


def _undelivered(pulled: Pulled, fault: OSError | DamagedPart, target: Path) -> Failure:
    """Which messages were taken and are not in the folder; the hub has forgotten them, so that matters."""
    said = fault.strerror or str(fault) if isinstance(fault, OSError) else str(fault)
    kept = [f"kept in the inbox: {each.action} {each.message_id}{_named(each)}" for each in pulled.kept]
    return Failure(
        "\n  ".join((f"documents could not be written to {target}: {said}", *kept)),
        next_step=_DAMAGED
        if isinstance(fault, DamagedPart)
        else "nothing is lost: make room or mend the folder and pull again, or name another with --out; what is kept is"
        " written then",
        code=code_of(fault) if isinstance(fault, OSError) else EXIT_STORAGE,
        facts=pulled.facts(),
    )


def _named(message: InboxMessage) -> str:
    """By what its sender knows a message."""
    said = (("from", message.original_sender), ("reference", message.tracking_identifier))
    return "".join(f", {word} {value}" for word, value in said if value is not None)


def _signature(message: InboxMessage) -> str:
    """What is known of the sender's signature, with the name of who signed where that is not the sender."""
    if message.origin_party in (None, message.original_sender):
        return message.origin
    return f"{message.origin}, signed by {message.origin_party}"


def _facts(delivered: Delivered, faults: Sequence[Violation]) -> dict[str, object]:
    message = delivered.message
    return {
        "number": message.number,
        "message_id": message.message_id,
        "type": message.action,
        "service": message.service,
        "from": message.original_sender,
        "reference": message.tracking_identifier,
        "answers": message.cross_reference,
        "conversation": message.conversation_id,
        "sent_at": message.sent_at,
        "received_at": message.received_at,
        "origin": message.origin,
        "origin_party": message.origin_party,
        "origin_thumbprint": message.origin_thumbprint,
        "files": delivered.files,
        "attachment_faults": [
            {"code": v.code, "line": v.line or None, "path": v.path, "nl": v.nl, "en": v.en} for v in faults
        ],
    }  # fmt: skip
