"""knooppunt pull: collect what waits in the own mailbox, store it, confirm it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import PEER, REFUSED, Failure, code_of, print_json, print_table, speaks
from gateway.cli.participant import NamedFolder, as_option, desk, error_facts
from gateway.client.advice import advise, advise_held_back, advise_not_taken
from gateway.client.answers import Kind
from gateway.client.checking import attachment_faults
from gateway.client.documents import DamagedPart, Delivered, OutFolder, deliver
from gateway.client.inbox import KEEP, MEMORY, Inbox, InboxMessage, NotTaken
from gateway.client.participant import Participant
from gateway.client.proof import explain_unverified
from gateway.client.pull import keep_pulling, pull_until_empty
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome, PullResult
from gateway.storage import EXIT_STORAGE
from xsd.catalogue import load_catalogue
from xsd.violations import Violation

FAILED: Final = frozenset({Outcome.NOT_TAKEN, Outcome.REFUSED, Outcome.NO_ANSWER})


@click.command()
@as_option
@click.option("--keep", is_flag=True, help="Keep polling until Ctrl-C, more slowly while nothing comes.")
@click.option("--out", type=NamedFolder(), help="Where documents go; FOLDER/in if not given.")
@click.option("--retries", type=click.IntRange(0, 50), default=3, show_default=True, help="How often to try again.")
@speaks
def pull(folder: Path, keep: bool, out: Path | None, retries: int, as_json: bool) -> None:
    """Pull until the mailbox is empty.

    Each message is verified, decrypted and stored before the hub gets the receipt that lets it forget the message. Its
    documents are then written to --out, whole and durable, attachments first, under names that no other message can
    have; only then does the message count as processed. They stay in FOLDER/state for 90 days more.
    """
    target = out or folder / "in"
    pulled = asyncio.run(_pull(folder, target, keep, retries, quiet=as_json))
    bad = next((each for each in pulled.results if each.outcome in FAILED), None)
    facts = pulled.facts()
    if not as_json and (pulled.delivered or (bad is None and pulled.fault is None)):
        _print(pulled)
    if pulled.fault is not None:
        raise _undelivered(pulled, pulled.fault, target)
    if bad is not None:
        raise _failure(bad, pulled.participant, facts)
    if as_json:
        print_json(facts, next_step=" ".join(pulled.warnings))


@dataclass(kw_only=True)
class _Pulled:
    """What came of a run, told while it goes on."""

    participant: Participant
    results: tuple[PullResult, ...] = ()
    delivered: list[tuple[Delivered, tuple[Violation, ...]]] = field(default_factory=list)
    held_back: tuple[NotTaken, ...] = ()
    fault: OSError | DamagedPart | None = None  # of the folder for documents
    kept: tuple[InboxMessage, ...] = ()  # in the inbox, and for that fault not in the folder

    @property
    def tests(self) -> int:
        return sum(each.outcome is Outcome.TEST for each in self.results)

    @property
    def warnings(self) -> list[str]:
        """What a person has to know about messages that were taken all the same."""
        said = list(self.participant.concerns)
        for each, faults in self.delivered:
            message = each.message
            if message.origin == "unverified":
                said.append(explain_unverified(message, self.participant.senders))
            said += [f"{message.tracking_identifier}: {fault.code} {fault.en}" for fault in faults]
        if self.held_back:
            said.append(advise_held_back({each.code for each in self.held_back}, self.participant))
        return said

    def facts(self) -> dict[str, object]:
        return {
            "messages": [
                *(_facts(each, faults) for each, faults in self.delivered),
                *(_facts(Delivered(message=each, files=()), ()) for each in self.kept),
            ],
            "tests": self.tests,
            "held_back": [
                {"message_id": each.message_id, "code": each.code, "noted_at": each.noted_at} for each in self.held_back
            ],
            "errors": [
                {"message_id": each.message_id, "outcome": each.outcome.value, "errors": error_facts(each.errors),
                 "note": each.note or None}
                for each in self.results if each.outcome in FAILED
            ],
        }  # fmt: skip


async def _pull(folder: Path, target: Path, keep: bool, retries: int, *, quiet: bool) -> _Pulled:
    retry = RetryPolicy(first_seconds=1.0, retries=retries)
    async with desk(folder, quiet=quiet) as at:
        pulled = _Pulled(participant=at.participant)
        # Before anything is pulled: a folder that cannot be used is wrong usage, and nothing has happened then.
        with OutFolder(target) as out:
            catalogue = load_catalogue()

            def told(delivered: Delivered) -> None:
                faults = attachment_faults(delivered.message, catalogue)
                kept = replace(delivered, message=replace(delivered.message, parts=()))  # content is not kept in memory
                pulled.delivered.append((kept, faults))

            async def process() -> None:
                try:
                    await deliver(at.inbox, out, now=at.means.clock.now, on_delivered=told)
                except (OSError, DamagedPart) as fault:
                    raise _Undelivered(fault) from fault
                await at.inbox.forget(at=at.means.clock.now(), keep=KEEP)
                await at.outbox.forget(before=at.means.clock.now() - MEMORY)

            try:
                if keep:  # what came is written at once: the hub has forgotten it, and this may go on for months
                    _end_on_term()
                    with suppress(asyncio.CancelledError, KeyboardInterrupt):
                        await keep_pulling(
                            at.participant, inbox=at.inbox, means=at.means, retry=retry, when_empty=process
                        )
                else:
                    pulled.results = await pull_until_empty(at.participant, inbox=at.inbox, means=at.means, retry=retry)
                await process()
            except _Undelivered as undelivered:
                pulled.fault = undelivered.fault
                pulled.kept = await _kept(at.inbox)
            pulled.held_back = await at.inbox.not_taken(at=at.means.clock.now())
        return pulled


def _end_on_term() -> None:
    """A service manager ends this as Ctrl-C does: what came is told, and the exit code speaks of it."""
    task = asyncio.current_task()
    if task is not None and threading.current_thread() is threading.main_thread():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


class _Undelivered(Exception):
    """The documents of a message could not be written; it is in the inbox all the same."""

    def __init__(self, fault: OSError | DamagedPart) -> None:
        super().__init__(str(fault))
        self.fault = fault


async def _kept(inbox: Inbox) -> tuple[InboxMessage, ...]:
    """Every message whose documents are still to be written, without its content."""
    found: list[InboxMessage] = []
    while (message := await inbox.next(found[-1].number if found else 0)) is not None:
        found.append(replace(message, parts=()))
    return tuple(found)


def _print(pulled: _Pulled) -> None:
    rows = [
        (m.action, m.original_sender, m.tracking_identifier, _signature(m), ", ".join(str(file) for file in each.files))
        for each, _ in pulled.delivered
        if (m := each.message)
    ]
    if pulled.held_back:
        count = len(pulled.held_back)
        which = ", ".join(f"{each.message_id} ({each.code})" for each in pulled.held_back)
        empty = f"the mailbox offers nothing more now; {count} that did not hold when pulled lie there still: {which}"
    else:
        empty = "the mailbox is empty now" if pulled.tests else "the mailbox is empty"
    print_table("", ("type", "from", "reference", "sender's signature", "file"), rows, empty=empty)
    if rows and pulled.held_back:
        click.echo(empty)
    if pulled.tests:
        click.echo(f"test messages acknowledged: {pulled.tests}")
    for warning in pulled.warnings:
        click.echo(f"knooppunt: {warning}", err=True)


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


def _undelivered(pulled: _Pulled, fault: OSError | DamagedPart, target: Path) -> Failure:
    """Which messages were taken and are not in the folder; the hub has forgotten them, so that matters."""
    said = fault.strerror or str(fault) if isinstance(fault, OSError) else str(fault)
    kept = [f"kept in the inbox: {each.action} {each.message_id}" for each in pulled.kept]
    return Failure(
        "\n  ".join((f"documents could not be written to {target}: {said}", *kept)),
        next_step="look at the disk: what the hub gave is damaged there"
        if isinstance(fault, DamagedPart)
        else "nothing is lost: make room or mend the folder and pull again, or name another with --out; what is kept is"
        " written then",
        code=code_of(fault) if isinstance(fault, OSError) else EXIT_STORAGE,
        facts=pulled.facts(),
    )


def _failure(result: PullResult, participant: Participant, facts: object) -> Failure:
    lines = [f"{e.code} {e.description or e.short_description or ''}".rstrip() for e in result.errors]
    if result.outcome is Outcome.NOT_TAKEN:
        return Failure(
            "\n  ".join((f"the message {result.message_id} does not hold and was not taken: {result.note}", *lines)),
            next_step=advise_not_taken(result.errors, result.note, participant),
            code=PEER,
            facts=facts,
        )
    kind = Kind.FAILURE if result.outcome is Outcome.REFUSED else result.kind
    advice = advise(
        kind, result.errors, result.note, participant,
        at=datetime.now(UTC), pulling=True, retry_after_seconds=result.retry_after_seconds,
    )  # fmt: skip
    if result.outcome is Outcome.REFUSED:
        step = advice or "are mailbox and certificate those that the hub has registered for you?"
        return Failure("\n  ".join(("the hub refused the pull:", *lines)), next_step=step, code=REFUSED, facts=facts)
    return Failure(
        "\n  ".join((f"the pull ended without a message ({result.outcome.value}): {result.note}", *lines)),
        next_step=f"{advice or 'does the hub run?'}\n  nothing is lost: pull again",
        code=PEER,
        facts=facts,
    )
