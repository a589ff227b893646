"""What a message leaves behind in the database after it was collected and removed: octets by table, indexes included.

Real messages go through a hub of its own, each pushed, pulled and receipted; then the hub purges and stops. The figure
is what the database's pages grew by, divided by the messages: acceptances and signals go after 90 days, the rest stays
for the term of the message log.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.failure import NotMeasured
from bench.hub_load import (
    HANDFUL,
    HubCpu,
    bench_site,
    pull_wires,
    pushes,
    receipt_wire,
    send_all,
)
from gateway import sqlite
from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.client.participant_file import load_participant
from gateway.client.transport import open_session
from gateway.site.hub_process import HubProcess
from gateway.site.organisations import CREDIT_BANK, CREDITOR
from gateway.store.sqlite.store import DATABASE_NAME

_PAGES = """
SELECT ifnull(sqlite_schema.tbl_name, dbstat.name), sum(dbstat.pgsize)
FROM dbstat LEFT JOIN sqlite_schema ON sqlite_schema.name = dbstat.name
GROUP BY 1 ORDER BY 1
"""


async def measure(folder: Path, tell: Callable[[str], None], *, messages: int) -> dict[str, Any]:
    """Octets per removed message, whole and by table."""
    site = await asyncio.to_thread(bench_site, folder, 2048)
    data = site.settings.parent / "data"
    before = octets_by_table(data / DATABASE_NAME)
    sender = load_participant(site.organisation(CREDIT_BANK).folder)
    receiver = load_participant(site.organisation(CREDITOR).folder)
    tell(f"what {messages} removed messages leave behind")
    ready = await pushes(sender, receiver.party, messages, folder)
    hub = HubProcess(site.settings, folder / "hub.log")
    await hub.start()
    try:
        cpu = HubCpu(hub.pid)
        async with open_session(sender) as out, open_session(receiver) as back:
            await send_all(out, site.url, ready, cpu, expected=200)
            for start in range(0, messages, HANDFUL):
                some = min(HANDFUL, messages - start)
                _, pulled = await send_all(back, site.url, pull_wires(receiver, some), cpu, expected=200)
                wires = [receipt_wire(receiver, body) for body in pulled]
                await send_all(back, site.url, wires, cpu, expected=204)
        administration = await AnsweringHub.connect(data)
        await administration.ask(verbs.purge)
        removed = {state.value: number for state, number in (await administration.ask(verbs.counts)).states}["removed"]
        await administration.aclose()
    finally:
        await hub.stop()
    if removed != messages:
        raise NotMeasured(f"{removed} messages were removed instead of {messages}")
    after = octets_by_table(data / DATABASE_NAME)
    grown = {table: (octets - before.get(table, 0)) / messages for table, octets in after.items()}
    return {
        "messages": messages,
        "octets_per_removed_message": sum(grown.values()),
        "octets_by_table": {table: octets for table, octets in grown.items() if octets},
    }


def octets_by_table(database: Path) -> dict[str, int]:
    """Size of the pages of each table with its indexes; pages that are free are nobody's."""
    with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
        # A copy, for whoever opens a database leaves files beside it.
        copy = shutil.copyfile(database, Path(folder) / database.name)
        connection = sqlite.open_reader(copy)
        try:
            return {str(table): int(octets) for table, octets in connection.execute(_PAGES)}
        finally:
            connection.close()
