"""Removal: what is final goes, what is old is forgotten, and blobs that no row knows are swept (T7, T10, T12).

Blobs are unlinked before the rows that name them, so that a crash leaves a row that is removed once more and never an
octet that nobody looks for. All of it goes in slices (`gateway.store.slices`), threads, or batches of a few rows.

SECURITY: it ends with the write-ahead log cut, for that still holds what was deleted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

import apsw

from gateway import failpoints
from gateway.clock import Clock
from gateway.store import rows
from gateway.store.engine import OnStuck
from gateway.store.rules.expiry import ORPHAN_AGE
from gateway.store.rules.replay import memory
from gateway.store.slices import Slice
from gateway.store.sqlite import acceptances
from gateway.store.sqlite.connections import Connections
from gateway.store.sqlite.statements import SQL, change_one

SWEEP_EVERY = timedelta(minutes=10)
SWEEP_BATCH = 500
_PURGE_BATCH = 200
_FORGET_BATCH = 50
_TRUNCATE_ATTEMPTS = 5  # a listing may stand in the log for a moment


class Removal:
    """The removing half of a store, one purge at a time; `log_term` is how long a removed message stays in the log.

    `on_stuck` is told on the event loop of blobs that could not be unlinked: they keep their rows until they can.
    """

    def __init__(self, connections: Connections, clock: Clock, log_term: timedelta, on_stuck: OnStuck) -> None:
        self._connections = connections
        self._clock = clock
        self._log_term = log_term
        self._on_stuck = on_stuck
        self._purging = asyncio.Lock()
        self._swept_at: datetime | None = None

    async def purge(self, trusted: Callable[[], Awaitable[bool]] | None) -> int:
        """Everything that is due, and the log cut; returns how many messages were removed."""
        self._connections.refuse_doubtful()
        at = self._clock.now()  # before the look that vouches for it
        if trusted is not None and not await trusted():
            return 0
        async with self._purging:
            await self._connections.mark_now()
            removed = await self._remove_final(at)
            await self._forget(at)
            if self._swept_at is None or at - self._swept_at >= SWEEP_EVERY:
                await self.sweep(at)
                self._swept_at = at
            failpoints.reach("U4.before")
            await self._truncate()
            return removed

    async def cut_log(self) -> None:
        """The log alone, whose octets no time decides about: what it holds of the deleted goes, and the rest is in the
        database, and the mark knows of it.
        """
        self._connections.refuse_doubtful()
        await self._connections.mark_now()
        await self._truncate()

    async def _truncate(self) -> None:
        for _ in range(_TRUNCATE_ATTEMPTS):
            if await self._connections.cut_log():
                return

    async def sweep(self, at: datetime) -> None:
        """Remove blobs that were named an hour ago and never got a row; all of it in threads, so many at a time."""
        connections = self._connections
        names = await connections.in_thread(lambda: connections.blobs.older_than((at - ORPHAN_AGE).timestamp()))
        for start in range(0, len(names), SWEEP_BATCH):
            some = names[start : start + SWEEP_BATCH]
            orphans = await connections.list(partial(unknown_blobs, names=some))
            await self._unlink(orphans)

    async def _remove_final(self, at: datetime) -> int:
        connections = self._connections
        removed = after = 0
        while final := await connections.list(partial(find_final, after=after)):
            failpoints.reach("U1.before")
            stuck = await self._unlink([blob for _, _, blob in final if blob is not None])
            failpoints.reach("U2.after")
            which = [(row, state) for row, state, blob in final if blob not in stuck]
            removed += len(which)
            after = final[-1][0]
            while which:
                done = await connections.write(partial(_remove_slice, final=which, at=at))
                which = which[done:]
            failpoints.reach("U3.after")
        return removed

    async def _unlink(self, blobs: list[str]) -> Mapping[str, OSError]:
        stuck = await self._connections.in_thread(lambda: self._connections.blobs.remove(blobs))
        if stuck:
            self._on_stuck(stuck)
        return stuck

    async def _forget(self, at: datetime) -> None:
        connections = self._connections
        while await connections.write(lambda connection: forget(connection, at, _FORGET_BATCH)):
            pass
        before = at - self._log_term
        while await connections.write(lambda connection: forget_messages(connection, before, _FORGET_BATCH, Slice())):
            pass


def find_final(connection: apsw.Connection, after: int) -> list[tuple[int, str, str | None]]:
    """Row, state and blob of messages that are final, after this row."""
    found = connection.execute(SQL["find_final"], {"after": after, "limit": _PURGE_BATCH})
    return [(int(row), str(state), None if blob is None else str(blob)) for row, state, blob in found]


def _remove_slice(connection: apsw.Connection, final: list[tuple[int, str]], at: datetime) -> int:
    return remove(connection, final, at, Slice())  # which begins here, however long this waited for its turn


def remove(connection: apsw.Connection, final: list[tuple[int, str]], at: datetime, part: Slice) -> int:
    """T7, T10: the rest of the ciphertext of these rows, whose blobs have been unlinked, as far as the slice reaches;
    returns how many.
    """
    removed = 0
    for message_row, state in final:
        if part.is_over():
            break
        bindings = {"id": message_row, "state": state, "at": rows.to_microseconds(at)}
        connection.execute(SQL["delete_parts"], bindings)
        change_one(connection, "remove", bindings)
        removed += 1
    failpoints.reach("U3.before")
    return removed


def unknown_blobs(connection: apsw.Connection, names: list[str]) -> list[str]:
    """Those of these names that no row has."""
    return [str(name) for (name,) in connection.execute(SQL["unknown_blobs"], {"names": json.dumps(names)})]


def forget(connection: apsw.Connection, at: datetime, limit: int) -> int:
    """T12: acceptances whose time is over, and signals too old to come again. Returns how many went."""
    forgotten = acceptances.forget(connection, at, limit)
    old = memory(at)
    ages = {"before": rows.to_microseconds(old.recent), "long_before": rows.to_microseconds(old.latest)}
    connection.execute(SQL["forget_heard"], ages | {"limit": limit})
    forgotten += connection.changes()
    connection.execute(SQL["forget_pings"], {"long_before": ages["long_before"]})
    return forgotten + connection.changes()


def forget_messages(connection: apsw.Connection, before: datetime, limit: int, part: Slice) -> int:
    """What was removed before this moment goes from the message log, with its evidence; returns how many went."""
    old = connection.execute(SQL["find_forgettable"], {"before": rows.to_microseconds(before)})
    forgettable = (int(row) for (row,) in old if not acceptances.keeps_its_message(connection, row))
    which = list(islice(forgettable, limit))
    old.close()
    gone = 0
    for message_row in which:
        if part.is_over():
            break
        acceptances.forget_damaged(connection, message_row)
        for name in ("delete_evidence", "delete_promised", "delete_message"):
            connection.execute(SQL[name], {"id": message_row})
        gone += 1
    return gone
