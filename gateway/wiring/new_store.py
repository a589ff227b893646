"""A new store is made on purpose: by `knooppunt store new`, or by a hub whose settings say `data.create = true`.

A data directory with a slip in its name looks like an empty one, and so does a disk that is not mounted. A hub that
began anew there would take messages that its participants already sent, and would know nothing of those that wait.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.clock import Clock
from gateway.settings import Settings
from gateway.sqlite import DatabaseBroken, DatabaseRefused, DiskFull
from gateway.store.data_directory import BALLAST_NAME, LOCK_NAME, DataDirectoryRefused, refuse_unusable
from gateway.store.sqlite.lost import lost_database
from gateway.store.sqlite.store import DATABASE_NAME, SqliteStore
from gateway.wiring.not_startable import NotNow, NotStartable, StorageBroken, StorageFull, WrongPlace

# What may lie where a store is to be made: what a new disk holds, and what a making left that was broken off.
_OF_NOBODY: Final = frozenset({"lost+found", LOCK_NAME, BALLAST_NAME})


def has_store(directory: Path) -> bool:
    """Whether a store was made there."""
    return (directory / DATABASE_NAME).exists()


def refuse_new_store(directory: Path, *, wanted: bool) -> None:
    """NotStartable where no new store is wanted, or where one would lie on top of something."""
    there = sorted(each.name for each in directory.iterdir()) if directory.is_dir() else []
    if (lost := lost_database(directory)) is not None:
        raise NotNow((f"data.directory: {lost.reason}; {lost.next_step}",))
    in_the_way = [each for each in there if each not in _OF_NOBODY]
    if in_the_way:
        raise NotStartable(
            (
                f"data.directory: {directory} holds no {DATABASE_NAME}, and is not empty: {', '.join(in_the_way[:5])}; "
                "correct the name, or put back what is missing",
            )
        )
    try:
        refuse_unusable(directory)
    except DataDirectoryRefused as fault:
        raise WrongPlace((f"data.directory: {fault}",)) from None
    if not wanted:
        what = "is empty" if directory.is_dir() else "is not there"
        raise NotStartable(
            (
                f"data.directory: {directory} {what}; correct the name or mount the disk, or, for a hub that begins "
                "now, make its store with: knooppunt store new --hub SETTINGS",
            )
        )


async def new_store(settings: Settings, *, clock: Clock) -> Path:
    """Make the store that the settings name and nobody has made yet; returns its folder. NotStartable or OSError if it
    cannot be.
    """
    directory = settings.data.directory
    if has_store(directory):
        raise NotStartable((f"data.directory: {directory} holds a store already; it is left as it is",))
    refuse_new_store(directory, wanted=True)
    try:
        store = await SqliteStore.open(directory, clock=clock)
    except DatabaseBroken as fault:
        raise StorageBroken((str(fault),)) from None
    except DiskFull as fault:
        raise StorageFull((f"data.directory: {fault}",)) from None
    except (DatabaseRefused, DataDirectoryRefused) as fault:
        raise NotStartable((str(fault),)) from None
    await store.aclose()
    return directory
