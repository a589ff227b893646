"""What `knooppunt pull` does: pulls, writes the documents to their folder, and says what came."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gateway.cli import deed
from gateway.cli.left_behind import pull_interrupted
from gateway.cli.output import Failure, print_json
from gateway.cli.participant import Desk, desk
from gateway.cli.participant_storage import pull_told
from gateway.cli.pulled import Pulled
from gateway.client.checking import attachment_faults
from gateway.client.damage import DamagedPart
from gateway.client.documents import Delivered, OutFolder, deliver
from gateway.client.inbox import KEEP, MEMORY, Inbox, InboxMessage
from gateway.client.pull import keep_pulling, pull_until_empty
from gateway.client.retry import RetryPolicy
from xsd.catalogue import load_catalogue


def collect(folder: Path, target: Path, *, keep: bool, retries: int, as_json: bool) -> None:
    """Pull what waits for the participant of the folder, and write its documents to the target."""
    try:
        pulled = asyncio.run(_pull(folder, target, keep, retries, quiet=as_json))
    except KeyboardInterrupt:  # the second Ctrl-C, or one that came while everything was closed
        deed.is_done()
        raise pull_interrupted() from None
    deed.is_done()
    failure = pulled.ending(target)
    if not as_json and (pulled.delivered or failure is None):
        pulled.print()
    if failure is not None:
        raise failure
    if as_json:
        print_json(pulled.facts(), next_step="\n  ".join(pulled.warnings))


async def _pull(folder: Path, target: Path, keep: bool, retries: int, *, quiet: bool) -> Pulled:
    pulled: Pulled | None = None
    try:
        async with desk(folder, quiet=quiet, is_pulling=True) as at:
            pulled = Pulled(participant=at.participant, keeps=keep)
            try:
                await _pull_at(at, pulled, folder, target, RetryPolicy(first_seconds=1.0, retries=retries))
            except asyncio.CancelledError:
                pulled.kept = await _kept(at.inbox)
                raise pull_interrupted() from None
    except Failure as failure:  # whatever ended it, what came before is told
        if pulled is None:
            raise
        pulled.failure = failure
    return pulled


async def _pull_at(at: Desk, pulled: Pulled, folder: Path, target: Path, retry: RetryPolicy) -> None:
    # Before anything is pulled: a folder that cannot be used is wrong usage, and nothing has happened then.
    with OutFolder(target) as out:
        catalogue = load_catalogue()

        def told(delivered: Delivered) -> None:
            faults = attachment_faults(delivered.message, catalogue)
            kept = replace(delivered, message=replace(delivered.message, parts=()))  # content is not kept in memory
            pulled.deliver(kept, faults)

        async def process() -> None:
            try:
                await deliver(at.inbox, out, now=at.means.clock.now, on_delivered=told)
            except (OSError, DamagedPart) as fault:
                raise _Undelivered(fault) from fault
            await at.inbox.forget(at=at.means.clock.now(), keep=KEEP)
            await at.outbox.forget(before=at.means.clock.now() - MEMORY)

        try:
            with pull_told(folder / "state"):
                if pulled.keeps:  # what came is written at once: the hub forgot it, and this may go on for months
                    _end_on_term()
                    with suppress(asyncio.CancelledError, KeyboardInterrupt):
                        await keep_pulling(
                            at.participant, inbox=at.inbox, means=replace(at.means, tell_wait=pulled.wait), retry=retry,
                            on_result=pulled.note, when_empty=process,
                        )  # fmt: skip
                else:
                    for result in await pull_until_empty(at.participant, inbox=at.inbox, means=at.means, retry=retry):
                        pulled.note(result)
            await process()
        except _Undelivered as undelivered:
            pulled.fault = undelivered.fault
            pulled.kept = await _kept(at.inbox)
        pulled.held_back = await at.inbox.not_taken(at=at.means.clock.now())


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
