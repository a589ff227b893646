"""What push and pull share: the participant's folder, its outbox and inbox, a session, and a bar for long transfers."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from gateway.cli.output import USAGE, Failure
from gateway.cli.waiting import tell_wait
from gateway.client.advice import WrongSetting
from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.outbox import Outbox
from gateway.client.participant import Participant
from gateway.client.participant_file import ParticipantFault, load_participant
from gateway.client.transport import open_session
from gateway.ebms.model import ErrorEntry
from gateway.sqlite import CommitUnknown, WriterEnded
from gateway.storage import EXIT_STORAGE, DatabaseBroken, DatabaseRefused, DiskFull, has_room

_BROKEN: Final = (
    "look at the disk, and keep the folder as it is: a message that waits in its outbox, and one in its inbox that was"
    " not written to a folder yet, may exist nowhere else; make a copy of it, then restore it from an older copy;"
    " only what the hub still has comes again by itself"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A participant at work."""

    participant: Participant
    outbox: Outbox
    inbox: Inbox
    means: Means


def error_facts(errors: Sequence[ErrorEntry]) -> list[dict[str, object]]:
    """ebMS errors as every document gives them."""
    return [{"code": e.code, "description": e.description, "detail": e.detail} for e in errors]


def participant_of(folder: Path) -> Participant:
    """The participant of a folder; a failure names everything that is wrong with it."""
    try:
        return load_participant(folder)
    except ParticipantFault as fault:
        raise Failure("\n  ".join((f"{fault.path} cannot be used:", *fault.complaints)), code=USAGE) from None


@asynccontextmanager
async def desk(folder: Path, *, quiet: bool) -> AsyncIterator[Desk]:
    """Open everything that a participant's commands need; its state lies in FOLDER/state."""
    participant = participant_of(folder)
    state = folder / "state"
    with _storage_told(state), _names_told(state):
        outbox = await Outbox.open(state / "outbox")
        try:
            inbox = await Inbox.open(state / "inbox")
        except BaseException:
            await outbox.aclose()
            raise
    try:
        async with open_session(participant) as session:
            with _bar(quiet) as progress, _storage_told(state):
                means = Means(session=session, progress=progress, tell_wait=tell_wait)
                yield Desk(participant=participant, outbox=outbox, inbox=inbox, means=means)
    except WrongSetting as fault:
        raise Failure(fault.sentence, next_step=fault.next_step, code=USAGE) from None
    finally:
        await outbox.aclose()
        await inbox.aclose()


@contextmanager
def _storage_told(state: Path) -> Iterator[None]:
    """Whatever the disk under the state does: what it was, what to do next, and the exit code of the storage."""
    try:
        yield
    except DatabaseBroken as fault:
        raise Failure(str(fault), next_step=_BROKEN, code=EXIT_STORAGE) from None
    except DiskFull:
        raise _full(state) from None
    except DatabaseRefused as fault:
        if isinstance(fault.__cause__, apsw.ReadOnlyError):
            step = "the state has to be written: have its file system mounted for writing, or its files given to you"
            raise Failure(str(fault), next_step=step, code=EXIT_STORAGE) from None
        raise Failure(str(fault), code=USAGE) from None
    except (CommitUnknown, WriterEnded):
        if not has_room(state):  # SQLite does not always say so
            raise _full(state) from None
        raise Failure(
            f"{state}: the disk did not say whether it kept what was written",
            next_step="look at the disk, then do it again: what was kept is found",
            code=EXIT_STORAGE,
        ) from None


@contextmanager
def _names_told(state: Path) -> Iterator[None]:
    """What stands in the place of a folder of the state, or may not be used, with what to do about it."""
    try:
        yield
    except (FileExistsError, NotADirectoryError, PermissionError) as fault:
        below = (state / box / name for box in ("outbox", "inbox") for name in ("", "parts"))
        in_the_way = next((each for each in (state, *below) if os.path.lexists(each) and not each.is_dir()), None)
        if in_the_way is not None:
            raise Failure(
                f"{in_the_way} is no folder, and a participant keeps its messages in a folder of that name",
                next_step="move it away, or give it another name; the folder is made when it is not there",
                code=USAGE,
            ) from None
        raise Failure(
            f"{fault.filename or state} cannot be used: {fault.strerror}",
            next_step="the state of a participant has to be read and written: run this as its owner, or have the"
            " folder given to you",
            code=USAGE,
        ) from None


def _full(state: Path) -> Failure:
    step = (
        "make room on that disk, then do it again; nothing was lost: leave the folder where it is, for a message that"
        " waits in its outbox exists nowhere else"
    )
    return Failure(f"{state}: the disk is full", next_step=step, code=EXIT_STORAGE)


class _bar:  # noqa: N801 - used as a word
    """A progress bar that shows itself only when a transfer takes longer than two seconds, and never into a pipe."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._bar: object = None

    def __enter__(self) -> Callable[[str, int, int | None], None]:
        from time import monotonic

        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._bar = progress
        tasks: dict[str, tuple[float, object]] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if self._quiet:
                return
            if stage not in tasks:
                tasks[stage] = (monotonic(), None)
            started, task = tasks[stage]
            if task is None and monotonic() - started > 2.0:
                progress.start()
                task = progress.add_task(stage, total=total)
                tasks[stage] = (started, task)
            if task is not None:
                progress.update(task, completed=done, total=total)  # type: ignore[arg-type]  # a TaskID; rich is imported late

        return show

    def __exit__(self, *_: object) -> None:
        if self._bar.live.is_started:  # type: ignore[attr-defined]  # stopping one that never showed prints a line
            self._bar.stop()  # type: ignore[attr-defined]  # a Progress, as above
