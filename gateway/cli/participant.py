"""What push and pull share: the participant's folder, its outbox and inbox, a session, and a bar for long transfers."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from crypto.certificates import Certificate, thumbprint_sha256
from gateway.cli.output import REFUSED, USAGE, Failure, code_of, command_line
from gateway.cli.participant_storage import names_told, storage_told
from gateway.cli.waiting import tell_wait
from gateway.client.address_book import FETCH, FETCH_ANEW, KeptBook, KeptBookFault, load_kept, with_address_book
from gateway.client.advice import WrongSetting
from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.outbox import Outbox
from gateway.client.participant import Participant
from gateway.client.participant_file import ParticipantFault, load_participant
from gateway.client.transport import open_session
from gateway.ebms.model import ErrorEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A participant at work."""

    participant: Participant
    outbox: Outbox
    inbox: Inbox
    means: Means
    kept: KeptBook = field(default_factory=KeptBook)  # the address book


def error_facts(errors: Sequence[ErrorEntry]) -> list[dict[str, object]]:
    """ebMS errors as every document gives them."""
    return [{"code": e.code, "description": e.description, "detail": e.detail} for e in errors]


def participant_of(folder: Path) -> Participant:
    """The participant of a folder; a failure names everything that is wrong with it."""
    try:
        return load_participant(folder)
    except ParticipantFault as fault:
        raise Failure("\n  ".join((f"{fault.path} cannot be used:", *fault.complaints)), code=USAGE) from None


def book_folder(folder: Path) -> Path:
    """Where a participant keeps the address book."""
    return folder / "state" / "address-book"


def fingerprint(certificate: Certificate) -> str:
    """The SHA-256 of a certificate as people compare it."""
    return thumbprint_sha256(certificate).hex(":").upper()


def book_told(fault: KeptBookFault, folder: Path) -> Failure:
    """What is wrong with the address book that is kept, with the one command that mends it where one does."""
    fetch = command_line("knooppunt", "directory", "fetch", "--as", folder, *(("--anew",) if fault.is_damage else ()))
    code = code_of(OSError(fault.errno, fault.sentence)) if fault.errno else REFUSED
    if fault.is_unnamed:
        code = USAGE
    step = fault.remedy.replace(FETCH_ANEW if fault.is_damage else FETCH, f"`{fetch}`")
    return Failure(fault.sentence, next_step=step, code=code)


def _with_book(participant: Participant, folder: Path, *, is_pulling: bool) -> tuple[Participant, KeptBook]:
    """The participant with what it knows of others from the book; one that cannot be used is told, and left aside,
    except where it would have good messages refused.
    """
    try:
        with _uncollected():
            kept = load_kept(book_folder(folder), participant)
    except KeptBookFault as fault:
        told = book_told(fault, folder)
        if is_pulling and participant.origin_required:
            told.sentence = (
                "nothing is pulled, for participant.yaml says `origin: required` and the address book cannot be used:"
                f" {told.sentence}"
            )
            raise told from None
        concern = f"the address book is left aside: {told.sentence}; {told.next_step}"
        return replace(participant, concerns=(*participant.concerns, concern)), KeptBook()
    return with_address_book(participant, kept), kept


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have the collector of garbage pass over what is read now: a large book stays to the end of the command, and
    looking at all of it again and again takes a fifth of the time of reading it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@asynccontextmanager
async def desk(folder: Path, *, quiet: bool, is_pulling: bool = False) -> AsyncIterator[Desk]:
    """Open everything that a participant's commands need; its state lies in FOLDER/state. One that pulls needs what it
    relies on.
    """
    participant = participant_of(folder)
    state = folder / "state"
    participant, kept = _with_book(participant, folder, is_pulling=is_pulling)
    with storage_told(state), names_told(state):
        outbox = await Outbox.open(state / "outbox")
        try:
            inbox = await Inbox.open(state / "inbox")
        except BaseException:
            await outbox.aclose()
            raise
    try:
        async with open_session(participant) as session:
            with _bar(quiet) as progress, storage_told(state):
                means = Means(session=session, progress=progress, tell_wait=tell_wait)
                yield Desk(participant=participant, outbox=outbox, inbox=inbox, means=means, kept=kept)
    except WrongSetting as fault:
        raise Failure(fault.sentence, next_step=fault.next_step, code=USAGE) from None
    finally:
        await outbox.aclose()
        await inbox.aclose()


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
