"""Removal: what is final goes, what is old is forgotten, and blobs that no row knows are swept (T7, T10, T12).

Blobs are unlinked before the rows that name them, so that a crash leaves a row that is removed once more and never an
octet that nobody looks for. All of it goes in slices (`gateway.store.slices`), threads, or batches of a few rows.

SECURITY: it ends with the write-ahead log cut, for that still holds what was deleted.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from gateway import failpoints
from gateway.store import transactions
from gateway.store.engine import Engine
from gateway.store.slices import Slice
from gateway.store.statements import SQL

SWEEP_EVERY = timedelta(minutes=10)
SWEEP_BATCH = 500
ORPHAN_AGE = timedelta(hours=1)
_PURGE_BATCH = 200
_FORGET_BATCH = 50
_TRUNCATE_ATTEMPTS = 5  # a listing may stand in the log for a moment


class Removal:
    """The removing half of a store, one purge at a time; `log_term` is how long a removed message stays in the log."""

    def __init__(self, engine: Engine, log_term: timedelta) -> None:
        self._engine = engine
        self._log_term = log_term
        self._purging = asyncio.Lock()
        self._swept_at: datetime | None = None

    async def purge(self, at: datetime) -> int:
        """Everything that is due, and the log cut; returns how many messages were removed."""
        self._engine.refuse_doubtful()
        async with self._purging:
            await self._engine.mark_now()
            removed = await self._remove_final(at)
            await self._forget(at)
            if self._swept_at is None or at - self._swept_at >= SWEEP_EVERY:
                await self.sweep(at)
                self._swept_at = at
            failpoints.reach("U4.before")
            for _ in range(_TRUNCATE_ATTEMPTS):
                if await self._engine.cut_log():
                    break
            return removed

    async def sweep(self, at: datetime) -> None:
        """Remove blobs that were named an hour ago and never got a row; all of it in threads, so many at a time."""
        engine = self._engine
        names = await engine.in_thread(lambda: engine.blobs.older_than((at - ORPHAN_AGE).timestamp()))
        for start in range(0, len(names), SWEEP_BATCH):
            some = names[start : start + SWEEP_BATCH]
            orphans = await engine.list(lambda connection, some=some: transactions.unknown_blobs(connection, some))  # type: ignore[misc]
            await engine.in_thread(lambda orphans=orphans: engine.blobs.remove(orphans))  # type: ignore[misc]

    async def _remove_final(self, at: datetime) -> int:
        engine = self._engine
        removed = 0
        while final := await engine.list(
            lambda connection: connection.execute(SQL["find_final"], {"limit": _PURGE_BATCH}).fetchall()
        ):
            failpoints.reach("U1.before")
            blobs = [blob for _, _, blob in final if blob is not None]
            await engine.in_thread(lambda blobs=blobs: engine.blobs.remove(blobs))  # type: ignore[misc]
            failpoints.reach("U2.after")
            which = [(row, state) for row, state, _ in final]
            while which:
                done = await engine.write(
                    lambda connection, which=which: transactions.remove(connection, which, at, Slice())  # type: ignore[misc]
                )
                which = which[done:]
            failpoints.reach("U3.after")
            removed += len(final)
        return removed

    async def _forget(self, at: datetime) -> None:
        engine = self._engine
        while await engine.write(lambda connection: transactions.forget(connection, at, _FORGET_BATCH)):
            pass
        before = at - self._log_term
        while await engine.write(
            lambda connection: transactions.forget_messages(connection, before, _FORGET_BATCH, Slice())
        ):
            pass
