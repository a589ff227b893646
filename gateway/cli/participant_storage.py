"""What the disk under the state of a participant did, in words: what it was, what to do about it, and the exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.cli.output import (
    MORE_MEMORY,
    MORE_THREADS,
    NO_MEMORY,
    NO_THREAD,
    REFUSED,
    USAGE,
    Failure,
    code_of,
    remedy_of,
    said_of,
)
from gateway.client.advice import COMES_AGAIN
from gateway.client.records import RecordsDamaged
from gateway.in_place import NotInPlace
from gateway.sqlite import CommitUnknown, WriterEnded, is_damage
from gateway.storage import (
    EXIT_STORAGE,
    MORE_FILE_OCTETS,
    DatabaseBarred,
    DatabaseBroken,
    DatabaseBusy,
    DatabaseHeld,
    DatabaseLost,
    DatabaseRefused,
    DiskFull,
    FileLimit,
    has_room,
    lacks_threads,
    may_grow,
)

_BROKEN: Final = (
    "look at the disk, and keep {folder} as it is, under another name: a message that waits in an outbox, and one in an"
    " inbox that was not written to a folder yet, may exist nowhere else. Then put an older copy of that folder in its"
    " place, or leave the place empty, and it is made anew. Only what the hub still has comes again by itself, and"
    " neither knows what was pushed since: the hub may have that, so ask the hub's operator before you push it again"
)
_LOST: Final = (
    "{put_back}, then do it again. Without a copy, ask the hub's operator first which messages that were pushed the hub"
    " has: what waited in an outbox, and what came into an inbox and was not written to a folder yet, may exist nowhere"
    " else. Then move what is left aside (mv {folder} {folder}.lost): it is made anew, only what the hub still has"
    " comes again by itself, and what the hub does not have is pushed again"
)
_WAIT: Final = (
    "wait until that one is done (another `push` or `pull` of this folder, or a copy being made of it), or end it"
)
_LEAVE_IT: Final = (
    "nothing was lost: leave the folder where it is, for a message that waits in its outbox exists nowhere else"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFault:
    """What happened, and what mends it; `again` is what follows once it is mended, where something can."""

    sentence: str
    remedy: str
    again: str = ""
    code: int = EXIT_STORAGE
    keeps: bool = True  # once it is mended, what lies in the outbox is there still

    def failure(self) -> Failure:
        """The failure of a command that left nothing behind."""
        step = ", then ".join(filter(None, (self.remedy, self.again)))
        return Failure(self.sentence, next_step=step, code=self.code)


def storage_fault(fault: BaseException, state: Path) -> StorageFault | None:
    """What that exception says of the disk under the state; None where it speaks of neither disk, memory nor
    threads."""
    match fault:
        case FileLimit():
            return _limited(state)
        case DiskFull():
            return _full(state)
        case DatabaseBroken():
            sentence = _apart(fault)[0]
            return _damaged(sentence, _box_of(sentence, state))
        case DatabaseLost():
            sentence, remedy = _apart(fault)
            told = _LOST.format(put_back=remedy, folder=_box_of(sentence, state))
            return StorageFault(sentence=sentence, remedy=told, code=REFUSED)
        case DatabaseBarred():
            sentence, remedy = _apart(fault)
            code = code_of(OSError(fault.errno, ""))
            return StorageFault(sentence=sentence, remedy=remedy, again="do it again", code=code)
        case DatabaseHeld():
            sentence, remedy = _apart(fault)
            return StorageFault(sentence=sentence, remedy=remedy, code=REFUSED)
        case DatabaseBusy():
            return StorageFault(sentence=str(fault), remedy=_WAIT, again="do it again", code=REFUSED)
        case DatabaseRefused():
            sentence, remedy = _apart(fault)
            return StorageFault(sentence=sentence, remedy=remedy, code=USAGE)
        case RecordsDamaged():
            return _damaged(str(fault), fault.file.parent)
        case CommitUnknown() | WriterEnded() if is_damage(fault.__cause__):
            return _damaged(f"{state} is damaged: {fault}", state)
        case CommitUnknown() | WriterEnded() if isinstance(fault.__cause__, NotInPlace):
            moved = fault.__cause__
            return StorageFault(sentence=moved.sentence, remedy=moved.next_step, again="do it again")
        case CommitUnknown() | WriterEnded():
            if not has_room(state):  # SQLite does not always say so
                return _full(state)
            if not may_grow(*_databases(state)):
                return _limited(state)
            sentence = f"{state}: the disk did not say whether it kept what was written"
            return StorageFault(
                sentence=sentence, remedy="look at the disk", again="do it again: what was kept is found"
            )
        case OSError():
            remedy = remedy_of(fault) or "mend what is named"
            return StorageFault(sentence=said_of(fault), remedy=remedy, again="do it again", code=code_of(fault))
        case MemoryError():
            return StorageFault(sentence=NO_MEMORY, remedy=MORE_MEMORY, again="do it again", code=REFUSED)
        case RuntimeError() if lacks_threads(fault):
            return StorageFault(sentence=NO_THREAD, remedy=MORE_THREADS, again="do it again", code=REFUSED)
    return None


@contextmanager
def storage_told(state: Path) -> Iterator[None]:
    """Whatever the disk under the state does becomes a `Failure`."""
    try:
        yield
    except (DatabaseBusy, DiskFull, DatabaseRefused, CommitUnknown, WriterEnded) as fault:
        if (told := storage_fault(fault, state)) is None:
            raise
        raise told.failure() from None


@contextmanager
def pull_told(state: Path) -> Iterator[None]:
    """The same of whatever ends a pull, which may be while the hub has given a message that is not here."""
    try:
        yield
    except Exception as fault:
        if (told := storage_fault(fault, state)) is None:
            raise
        failure = told.failure()
        failure.next_step += COMES_AGAIN
        raise failure from None


@contextmanager
def names_told(state: Path) -> Iterator[None]:
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


def _apart(fault: DatabaseRefused) -> tuple[str, str]:
    """What was said of a database, and what to do about it."""
    sentence, parted, remedy = str(fault).rpartition("; ")
    return (sentence, remedy) if parted else (remedy, "")


def _box_of(sentence: str, state: Path) -> Path:
    """The folder of the state that a sentence about a database begins with."""
    return next((each for each in (state / "outbox", state / "inbox") if sentence.startswith(f"{each}")), state)


def _damaged(sentence: str, folder: Path) -> StorageFault:
    return StorageFault(sentence=sentence, remedy=_BROKEN.format(folder=folder), keeps=False)


def _databases(state: Path) -> list[Path]:
    return [each for box in ("outbox", "inbox") for each in (state / box).glob("*.sqlite*")]


def _limited(state: Path) -> StorageFault:
    return StorageFault(
        sentence=f"{state}: this process may make no file as large as is needed there",
        remedy=MORE_FILE_OCTETS,
        again=f"do it again; {_LEAVE_IT}",
    )


def _full(state: Path) -> StorageFault:
    return StorageFault(
        sentence=f"{state}: the disk is full", remedy="make room on that disk", again=f"do it again; {_LEAVE_IT}"
    )
