"""What a server has to promise before anything is entrusted to it: that what it calls committed is on its disk.

Asked of each connection when it is made, for another server may stand behind the same name after a failover.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from gateway.storage import DatabaseRefused

OLDEST: Final = 15_00_00  # as server_version_num says it
_WANTED: Final = {
    "fsync": (("on",), "what it calls committed may never reach its disk"),
    "full_page_writes": (("on",), "a power failure in the middle of a page would lose what was committed"),
    "synchronous_commit": (("on", "remote_apply"), "it calls committed what is not on its disk yet"),
    "data_sync_retry": (("off",), "it would go on after a failed flush, with octets that are nowhere"),
    "server_encoding": (("UTF8",), "it cannot keep every name that a message may hold"),
}


async def refuse_unpromised(connection: asyncpg.Connection, place: str) -> None:
    """Raise `DatabaseRefused` for a server that is too old, is a standby, or is set to lose what it committed."""
    rows = await connection.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[])", [*_WANTED, "server_version_num"]
    )
    found = {row["name"]: row["setting"] for row in rows}
    if int(found.get("server_version_num", "0")) < OLDEST:
        raise DatabaseRefused(f"{place}: the server is older than PostgreSQL {OLDEST // 10_000}; bring it up to date")
    if await connection.fetchval("SELECT pg_is_in_recovery()"):
        raise DatabaseRefused(f"{place}: the server is a standby, which takes nothing; name the primary, or promote it")
    for name, (allowed, otherwise) in _WANTED.items():
        if (value := found.get(name)) not in allowed:
            raise DatabaseRefused(f"{place}: {name} is {value}, and so {otherwise}; set it to {allowed[0]}")
