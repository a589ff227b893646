"""Why a store cannot be opened for a command, in the words of a refusal with what to do next."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.refused import LOOK_AT_DISK, Barred, Broken, Refused, Unanswered
from gateway.storage import (
    MORE_FILE_OCTETS,
    NO_SPACE,
    DatabaseBarred,
    DatabaseBroken,
    DatabaseRefused,
    DiskFull,
    FileLimit,
    is_lack,
)
from gateway.store.data_directory import (
    BALLAST_NAME,
    LOCK_NAME,
    DataDirectoryInUse,
    DataDirectoryRefused,
    refuse_unusable,
    room_step,
)
from gateway.store.engine import Engine

# What may lie where a store is to be made: what a new disk holds, and what a making left that was broken off.
_OF_NOBODY: Final = frozenset({"lost+found", LOCK_NAME, BALLAST_NAME})


def lies_elsewhere(engine: Engine, data_directory: Path) -> Refused | None:
    """What stands in the place of the store, of somebody else by all that is known; None where there is nothing."""
    there = sorted(each.name for each in data_directory.iterdir()) if data_directory.is_dir() else []
    in_the_way = [each for each in there if each not in _OF_NOBODY]
    if not in_the_way:
        return None
    return Refused(
        f"data.directory: {data_directory} holds no {engine.database_name}, and is not empty:"
        f" {', '.join(in_the_way[:5])}",
        "correct the name, or put back what is missing",
    )


def none_yet(data_directory: Path) -> Refused:
    """That no store is there, and nothing else is either."""
    what = "is empty" if data_directory.is_dir() else "is not there"
    return Refused(
        f"data.directory: {data_directory} {what}",
        "correct the name or mount the disk, or, for a hub that begins now, make its store with: knooppunt store new"
        " --hub SETTINGS",
    )


def refuse_no_store(engine: Engine, data_directory: Path) -> None:
    """Raise `Refused` where no database is, whatever stands there in its place; it names the setting, as a start
    does.
    """
    with refusals_told(data_directory):
        if engine.exists(data_directory):
            return
    try:
        refuse_unusable(data_directory)
    except DataDirectoryRefused as error:
        reason, _, next_step = str(error).rpartition("; ")
        raise Refused(f"data.directory: {reason}", next_step) from error
    if (lost := engine.lost(data_directory)) is not None:
        raise Refused(f"data.directory: {lost.reason}", lost.next_step)
    raise lies_elsewhere(engine, data_directory) or none_yet(data_directory)


def _kind_of(error: Exception) -> type[Refused]:
    if isinstance(error, DatabaseBroken):
        return Broken
    if not isinstance(error, DatabaseBarred):
        return Refused
    if is_lack(OSError(error.errno, "")):
        return Refused
    return Broken if error.errno == errno.EROFS else Barred


@contextlib.contextmanager
def refusals_told(data_directory: Path) -> Iterator[None]:
    """Whatever keeps the store from being opened or read becomes a `Refused`."""
    try:
        yield
    except DataDirectoryInUse as error:
        reason = f"a process holds {data_directory} and does not listen"
        raise Unanswered(reason, "wait until the hub has started, or stop that process") from error
    except FileLimit as error:
        raise Broken(str(error).partition("; ")[0], MORE_FILE_OCTETS) from error
    except DiskFull as error:
        raise Broken(str(error).partition("; ")[0], room_step(data_directory)) from error
    except (DataDirectoryRefused, DatabaseRefused) as error:
        reason, _, next_step = str(error).rpartition("; ")
        raise _kind_of(error)(reason, next_step) from error
    except OSError as error:
        if error.errno in NO_SPACE:
            step = MORE_FILE_OCTETS if error.errno == errno.EFBIG else room_step(data_directory)
            raise Broken(f"{data_directory}: {error.strerror}", step) from error
        if error.errno != errno.EIO:
            raise
        raise Broken(f"{data_directory} cannot be read: {error}", LOOK_AT_DISK) from error
