"""Copying a hub's store into a PostgreSQL database, in an order in which no moment has two stores that would be served.

1. all is written and compared in one transaction of the database, which nobody sees yet;
2. the source gets a note, durably, that a copying is under way: it is not served any more;
3. the transaction is committed;
4. the note says that it is done.

Ended before 2, nothing happened. Between 2 and 4 neither is served by accident: the source has its note, and what the
database holds tells whoever copies again whether that was committed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import asyncpg

from gateway import failpoints
from gateway.postgres import Address
from gateway.postgres.database import refusing
from gateway.postgres.faults import BROKEN, said_of
from gateway.postgres.promises import refuse_unpromised
from gateway.storage import DatabaseRefused
from gateway.store.moving.source import SourceStore, held
from gateway.store.moving.target import NotAlike, compare, found_there, reached, write
from gateway.store.sqlite.moved import MovedNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied: rows by table, and the messages whose parts were not what was stored, by their ids. None of
    either where an earlier copying had been committed, and was only ended now.
    """

    rows: Mapping[str, int]
    damaged: tuple[str, ...]
    ended_earlier: bool
    generation: int


async def copy_store(
    directory: Path,
    *,
    mark: Path | None,
    to: Address,
    keyed_by: Callable[[], bytes],
    at: datetime,
    ready: Callable[[], None],
) -> Copied:
    """Copy what lies in this directory. While that is held `keyed_by` tells the fingerprint of the key of duplicates,
    and `ready` is called when all is written and compared, before the commit.

    Raises `DatabaseRefused`, `DataDirectoryRefused` and `OSError`; nothing was changed then, or the source has a note.
    """
    with held(directory, mark=mark) as source:
        async with refusing(to), reached(to) as connection:
            await refuse_unpromised(connection, str(to))
            moved = MovedNote(
                to=str(to),
                store=source.id,
                generation=source.generation + 1,
                at=at.replace(microsecond=0).isoformat().replace("+00:00", "Z"),
                done=False,
            )
            if await _is_there(connection, source, moved):
                note = source.note() or moved  # which says when it was copied
                with _told_of_here():
                    source.leave_note(replace(note, done=True))
                return Copied(rows={}, damaged=(), ended_earlier=True, generation=moved.generation)
            return await _copy(connection, source, moved, keyed_by(), ready)


async def _is_there(connection: asyncpg.Connection, source: SourceStore, moved: MovedNote) -> bool:
    """Whether an earlier copying got there; raises `DatabaseRefused` where it went elsewhere, or somebody is there."""
    found, note = await found_there(connection, moved.to), source.note()
    if note is not None and note.to != moved.to:
        raise DatabaseRefused(
            f"this store {'was copied' if note.done else 'may have been copied'} to {note.to} at {note.at}; serve that"
            " one, or, to go back to this one, give knooppunt store confirm-restored --hub SETTINGS"
        )
    if found is None:
        if note is not None and note.done:
            raise DatabaseRefused(
                f"this store was copied to {note.to} at {note.at}, which is empty now; restore that database, or, to"
                " go back to this one, give knooppunt store confirm-restored --hub SETTINGS"
            )
        return False
    if note is None or found[0] != moved.store or found[1] < moved.generation:
        raise DatabaseRefused(
            f"{moved.to} holds a store already ({found[0]}), and is left as it is; name an empty database"
        )
    return True


async def _copy(
    connection: asyncpg.Connection, source: SourceStore, moved: MovedNote, keyed_by: bytes, ready: Callable[[], None]
) -> Copied:
    transaction = connection.transaction()
    await transaction.start()
    try:
        rows = await write(connection, source, place=moved.to, keyed_by=keyed_by)
        await compare(connection, source)
        with _told_of_here():
            ready()
            failpoints.reach("C1.before")
            source.leave_note(moved)
        failpoints.reach("C1.after")
    except NotAlike as difference:
        await transaction.rollback()
        raise DatabaseRefused(
            f"{moved.to} gave back something else than was written ({difference}), and nothing was copied; look at the"
            " server and its disk, then do it again"
        ) from difference
    try:
        await transaction.commit()
    except (*BROKEN, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseRefused(
            f"{moved.to} did not say whether it has the copy now ({said_of(error)}), and until that is known neither is"
            " served; when the server is back do it again, which finds out and goes on from there"
        ) from error
    failpoints.reach("C2.after")
    with _told_of_here():
        source.leave_note(replace(moved, done=True))
    return Copied(rows=rows, damaged=tuple(source.damaged), ended_earlier=False, generation=moved.generation)


@contextlib.contextmanager
def _told_of_here() -> Iterator[None]:
    """A fault of this machine's disk is none of the server's."""
    try:
        yield
    except OSError as fault:
        raise DatabaseRefused(
            f"{fault.filename}: {fault.strerror}; make room on that disk, or mend it, then give the command again, and"
            " it goes on from there"
        ) from fault
