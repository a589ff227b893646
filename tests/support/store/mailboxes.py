"""A store with many mailboxes, and what it costs to ask one that has nothing to give."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
from support.store.engines import as_of, open_sqlite
from support.store.inside import reading_connection, writing_connection
from support.store.store_samples import START, accept, mailbox_of, pull, sealed_message

from gateway.store.data_directory import FreeSpaceMarks
from gateway.store.model import Empty, Offer
from gateway.store.sqlite.store import SqliteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a poll of every mailbox came to: `steps` are the virtual machine's for one mailbox, the most of all."""

    plans: frozenset[str]
    steps: int
    full_scan_steps: int
    changes: int  # rows written


@dataclass(frozen=True, slots=True)
class Filled:
    """An open store whose mailboxes each hold a message under a lease."""

    store: SqliteStore
    owners: tuple[str, ...]


@asynccontextmanager
async def filled_store(path: Path, *, mailboxes: int) -> AsyncIterator[Filled]:
    """A store with so many mailboxes, in that folder."""
    store = await open_sqlite(path, at=START, marks=FreeSpaceMarks(large=0.0, any=0.0))
    owners = tuple(f"owner-{number:04d}" for number in range(mailboxes))
    try:
        messages = (sealed_message(number, receiver=owner) for number, owner in enumerate(owners))
        await asyncio.gather(*(accept(store, each) for each in messages))
        offers = await asyncio.gather(
            *(store.lease(pull(f"first-{owner}", party=owner, mpc=mailbox_of(owner))) for owner in owners)
        )
        assert all(isinstance(each, Offer) for each in offers)
        yield Filled(store, owners)
    finally:
        await store.aclose()


async def work_of(filled: Filled) -> Work:
    """Poll every mailbox once, a minute later, and count."""
    store = filled.store
    reader, writer = reading_connection(store), writing_connection(store)
    statements: set[str] = set()
    most = scans = 0
    written = await changes_of(writer)

    def traced(event: dict[str, Any]) -> None:
        nonlocal of_one, scans
        status = event["stmt_status"]
        if "FROM store" in event["sql"]:  # the mark outside the database, which is written now and then beside all else
            return
        if not event["sql"].startswith(("BEGIN", "COMMIT")):
            statements.add(event["sql"])
        of_one += status["SQLITE_STMTSTATUS_VM_STEP"]
        scans += status["SQLITE_STMTSTATUS_FULLSCAN_STEP"]

    writer.trace_v2(apsw.SQLITE_TRACE_PROFILE, traced)
    for owner in filled.owners:
        of_one = 0
        request = pull(f"poll-{owner}", party=owner, mpc=mailbox_of(owner))
        assert await as_of(START + timedelta(minutes=1), store).lease(request) == Empty()
        most = max(most, of_one)
    writer.trace_v2(0, None)
    return Work(
        plans=frozenset(line for each in statements for line in plan_of(reader, each)),
        steps=most,
        full_scan_steps=scans,
        changes=await changes_of(writer) - written,
    )


async def changes_of(writer: apsw.Connection) -> int:
    """How many rows a connection has changed; asked again while its own thread works on a checkpoint or the mark."""
    while True:
        try:
            return writer.total_changes()
        except apsw.ThreadingViolationError:
            await asyncio.sleep(0)


def plan_of(connection: apsw.Connection, statement: str) -> list[str]:
    """The lines of the query plan."""
    bindings = dict.fromkeys(re.findall(r":(\w+)", statement))
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", bindings)]
