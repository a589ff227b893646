"""All of a store in PostgreSQL, as of one moment, read and held against what was written, whether hubs serve it or not.

Pages are for the server to check: by its checksums, where the cluster has them, and by `amcheck`, where that is
installed and this user may call it. What was not looked at is said.
"""

from __future__ import annotations

import hashlib
from typing import Final

import asyncpg

from gateway.postgres import Address
from gateway.postgres.database import connected_for_long, refusing
from gateway.postgres.migrations import refuse_older, version_of
from gateway.store.checking import records
from gateway.store.engine import Checked
from gateway.store.portal.postgres.store import SCHEMA as PORTAL_SCHEMA
from gateway.store.postgres.statements import SCHEMA

_AT_ONCE: Final = 500
_LARGE: Final = (
    "SELECT message.id, message_id, parts.size_octets, parts.sha256 FROM parts JOIN message ON"
    " message.id = parts.message WHERE octets IS NULL AND state IN ('stored', 'offered')"
    " AND NOT EXISTS (SELECT 1 FROM object WHERE object.message = message.id)"
)
_INDEXES: Final = (
    "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON"
    " n.oid = c.relnamespace WHERE c.relkind = 'i' AND a.amname = 'btree' AND n.nspname = ANY($1::text[])"
)


async def check_database(address: Address, *, keyed_by: bytes, doubt: str | None) -> Checked:
    """What the database holds; `keyed_by` is the fingerprint of the key that this hub has."""
    rows: dict[str, int] = {}
    faults: list[str] = []
    async with refusing(address), connected_for_long(address, schema=SCHEMA) as connection:
        await refuse_older(connection, SCHEMA, str(address))
        not_checked = await _check_indexes(connection, faults)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for table, statement in records.STATEMENTS.items():
                async for row in connection.cursor(statement, prefetch=_AT_ONCE):
                    rows[table] = rows.get(table, 0) + 1
                    if (fault := records.fault_of(table, tuple(row))) is not None:
                        faults.append(fault)
            faults += [f"message {row[0]} waits and lacks a row" for row in await connection.fetch(records.LACKING)]
            for row in await connection.fetch(records.MISCOUNTED):
                faults.append(f"a counter of {row[0]} ({row[1]}) is wrong")
            await _check_pieces(connection, faults)
            if await connection.fetchval("SELECT count(*) FROM object WHERE message IS NOT NULL"):
                not_checked.append("parts in object storage: each is checked before it is offered")
            key = await connection.fetchval("SELECT keyed_by FROM store")
            if key is not None and key != keyed_by:
                faults.append("store.duplicate_key_file holds another key than the one that duplicates stand under")
            await _check_portal(connection, str(address), rows, faults)
    return Checked(rows=rows, faults=tuple(faults), doubt=doubt, not_checked=tuple(not_checked), orphans=0)


async def _check_pieces(connection: asyncpg.Connection, faults: list[str]) -> None:
    async for message, message_id, size_octets, sha256 in connection.cursor(_LARGE, prefetch=_AT_ONCE):
        digest, found = hashlib.sha256(), 0
        pieces = "SELECT octets FROM piece WHERE message = $1 ORDER BY number"
        async for row in connection.cursor(pieces, message, prefetch=4):
            digest.update(row["octets"])
            found += len(row["octets"])
        if (found, digest.digest()) != (size_octets, sha256):
            faults.append(f"parts of {message_id}: they are not what was written")


async def _check_portal(connection: asyncpg.Connection, place: str, rows: dict[str, int], faults: list[str]) -> None:
    await connection.execute(f'SET LOCAL search_path TO "{PORTAL_SCHEMA.name}"')
    if await version_of(connection, PORTAL_SCHEMA, place) == 0:
        return
    for table, statement in records.portal_statements():
        async for row in connection.cursor(statement, prefetch=_AT_ONCE):
            rows[f"portal.{table}"] = rows.get(f"portal.{table}", 0) + 1
            if (fault := records.portal_fault_of(table, tuple(row))) is not None:
                faults.append(fault)


async def _check_indexes(connection: asyncpg.Connection, faults: list[str]) -> list[str]:
    """What could not be looked at."""
    schema = await connection.fetchval(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'amcheck'"
    )
    if schema is None:
        return ["indexes: amcheck is not installed in the database"]
    for index in await connection.fetch(_INDEXES, [SCHEMA.name, PORTAL_SCHEMA.name]):
        try:
            await connection.execute(f'SELECT "{schema}".bt_index_check($1::regclass)', index["name"])
        except asyncpg.InsufficientPrivilegeError:
            return ["indexes: this user may not call amcheck"]
        except (asyncpg.IndexCorruptedError, asyncpg.DataCorruptedError) as error:
            faults.append(f"index {index['name']}: {error.args[0]}")
    return []
