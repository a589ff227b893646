"""Removal: what is final goes, and what is old is forgotten (T7, T10, T12), so many rows in a transaction.

Several nodes may purge at once: each passes by what another is at.

SECURITY: PostgreSQL keeps what was deleted in its files until the room is used again, and in its log as long as that is
kept; `docs/how-to/run-on-postgresql.md` says what that asks of whoever runs it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from gateway import failpoints
from gateway.postgres import Transaction, Work
from gateway.storage import LostUpdate
from gateway.store import rows
from gateway.store.postgres import acceptances
from gateway.store.rules.replay import memory

_PURGE_BATCH: Final = 100
_FORGET_BATCH: Final = 50


async def purge(commit: Callable[[Work[int]], Awaitable[int]], log_term: timedelta, *, at: datetime) -> int:
    """Everything that is due at that moment; returns how many messages were removed."""
    removed = 0
    while gone := await commit(lambda tx: _remove_final(tx, at)):
        failpoints.reach("U3.after")
        removed += gone
    while await commit(lambda tx: _forget(tx, at)):
        pass
    while await commit(lambda tx: _forget_messages(tx, at - log_term)):
        pass
    failpoints.reach("U4.before")
    return removed


async def _remove_final(tx: Transaction, at: datetime) -> int:
    """T7, T10: the rest of the ciphertext of messages that ended."""
    final = [row for (row,) in await tx.rows("find_final", {"limit": _PURGE_BATCH})]
    failpoints.reach("U1.before")
    bindings = {"ids": final, "at": rows.to_microseconds(at)}
    await tx.change("delete_pieces", bindings)
    await tx.change("leave_objects", bindings)
    failpoints.reach("U2.after")
    await tx.change("delete_parts", bindings)
    if await tx.change("remove", bindings) != len(final):
        raise LostUpdate("remove")
    failpoints.reach("U3.before")
    return len(final)


async def _forget(tx: Transaction, at: datetime) -> int:
    """T12: acceptances whose time is over, and signals too old to come again; returns how many went."""
    forgotten = await acceptances.forget(tx, at, _FORGET_BATCH)
    old = memory(at)
    ages = {"before": rows.to_microseconds(old.recent), "long_before": rows.to_microseconds(old.latest)}
    forgotten += await tx.change("forget_heard", {**ages, "limit": _FORGET_BATCH})
    return forgotten + await tx.change("forget_pings", ages)


async def _forget_messages(tx: Transaction, before: datetime) -> int:
    """What was removed before this moment goes from the message log, with its evidence; returns how many went."""
    which: list[int] = []
    old = tx.walk("find_forgettable", {"before": rows.to_microseconds(before)}, at_once=_FORGET_BATCH)
    async with contextlib.aclosing(old) as found:
        async for (row,) in found:
            if not await acceptances.keeps_its_message(tx, row):
                which.append(row)
            if len(which) >= _FORGET_BATCH:
                break
    for message_row in which:
        await acceptances.forget_damaged(tx, message_row)
        for name in ("delete_evidence", "delete_promised", "delete_message"):
            await tx.change(name, {"id": message_row})
    return len(which)
