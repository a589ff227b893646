"""The PostgreSQL database that a store is copied into: one transaction, in which all is written and compared again.

A copying that ends before its commit leaves nothing in the database, so there is no half store that could be served.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

import apsw
import asyncpg

from gateway.postgres import Address, Schema
from gateway.postgres.database import connected_for_long
from gateway.postgres.migrations import migrate, version_of
from gateway.storage import DatabaseRefused
from gateway.store.moving.source import Row, SourceStore, columns_of, rows_of
from gateway.store.moving.tables import NUMBERED_OF_PORTAL, NUMBERED_OF_STORE, OF_PORTAL, OF_STORE, Table
from gateway.store.portal.postgres.store import SCHEMA as PORTAL_SCHEMA
from gateway.store.postgres.statements import SCHEMA, SQL

AT_ONCE: Final = 500  # rows in memory while they are compared


class NotAlike(Exception):
    """What was written is not what was read: the text says in which table, and by which key."""


@contextlib.asynccontextmanager
async def reached(address: Address) -> AsyncIterator[asyncpg.Connection]:
    """A connection on which a statement may take as long as it takes."""
    async with connected_for_long(address, schema=SCHEMA) as connection:
        yield connection


async def found_there(connection: asyncpg.Connection, place: str) -> tuple[str, int] | None:
    """The id and generation of the store in a database; None for an empty one. Raises `DatabaseRefused` for tables of
    others, and of a newer or older version of this program.
    """
    version = await version_of(connection, SCHEMA, place)
    async with _in_schema(connection, PORTAL_SCHEMA):
        of_portal = await version_of(connection, PORTAL_SCHEMA, place)
    if version == 0 and of_portal == 0:
        return None
    if version != len(SCHEMA.scripts):
        raise DatabaseRefused(f"{place} holds tables of an older version of this program; name an empty database")
    row = await connection.fetchrow("SELECT id, generation FROM store")
    return ("", 0) if row is None else (str(row["id"]), int(row["generation"]))


async def write(
    connection: asyncpg.Connection, source: SourceStore, *, place: str, keyed_by: bytes
) -> Mapping[str, int]:
    """All of the source, and how many rows of each table; inside a transaction of the caller's."""
    rows = dict(await _write_store(connection, source, place, keyed_by))
    async with _in_schema(connection, PORTAL_SCHEMA):
        if source.portal is not None:
            await migrate(connection, PORTAL_SCHEMA, place)
            rows |= await _write_tables(connection, source.portal, PORTAL_SCHEMA, OF_PORTAL)
            await _go_on_numbering(connection, source.portal, NUMBERED_OF_PORTAL)
            last = _last_number(source.portal, "mail_line", "number")
            await connection.execute("SELECT setval('mail_line_number', $1, $2)", max(last, 1), last > 0)
    return rows


async def compare(connection: asyncpg.Connection, source: SourceStore) -> None:
    """Hold every row and every octet that was written against the source; raises `NotAlike`."""
    await _compare_tables(connection, source.store, OF_STORE)
    await _compare_pieces(connection, source)
    if source.portal is not None:
        async with _in_schema(connection, PORTAL_SCHEMA):
            await _compare_tables(connection, source.portal, OF_PORTAL)


async def _write_store(
    connection: asyncpg.Connection, source: SourceStore, place: str, keyed_by: bytes
) -> Mapping[str, int]:
    await migrate(connection, SCHEMA, place)
    # Messages come in any state, and are counted and numbered below in one go.
    await connection.execute("ALTER TABLE message DISABLE TRIGGER USER")
    rows = dict(await _write_tables(connection, source.store, SCHEMA, OF_STORE))
    rows["piece"] = await _copy(connection, SCHEMA, "piece", ("message", "number", "octets"), source.pieces())
    await connection.execute("ALTER TABLE message ENABLE TRIGGER USER")
    await connection.execute(
        "INSERT INTO arrival (number, message) OVERRIDING SYSTEM VALUE SELECT id, id FROM message ORDER BY id"
    )
    await connection.execute(SQL["count_anew"].text, *SQL["count_anew"].arguments({"waiting": False}))
    await connection.execute(
        "UPDATE store SET id = $1, generation = $2, keyed_by = $3", source.id, source.generation + 1, keyed_by
    )
    await _go_on_numbering(connection, source.store, NUMBERED_OF_STORE)
    seen = 0
    if source.portal is not None:
        seen = int(source.portal.execute("SELECT coalesce(max(seen), 0) FROM arrivals").get)
    await _set_next(connection, "arrival", "number", max(seen, _last_number(source.store, "message", "id")))
    return rows


async def _write_tables(
    connection: asyncpg.Connection, of: apsw.Connection, schema: Schema, tables: Iterable[Table]
) -> Mapping[str, int]:
    return {
        each.name: await _copy(connection, schema, each.name, columns_of(of, each), rows_of(of, each))
        for each in tables
    }


async def _copy(
    connection: asyncpg.Connection, schema: Schema, table: str, columns: tuple[str, ...], rows: Iterable[Row]
) -> int:
    """How many rows were written."""
    tag: str = await connection.copy_records_to_table(table, records=rows, columns=columns, schema_name=schema.name)
    return int(tag.rpartition(" ")[2])


async def _compare_tables(connection: asyncpg.Connection, of: apsw.Connection, tables: Iterable[Table]) -> None:
    for table in tables:
        columns, key = (", ".join(f'"{each}"' for each in some) for some in (columns_of(of, table), table.key))
        statement = f'SELECT {columns} FROM "{table.name}" ORDER BY {key}'  # noqa: S608 - names of our own
        read = rows_of(of, table)
        number = 0
        async for row in connection.cursor(statement, prefetch=AT_ONCE):
            number += 1
            if tuple(row) != next(read, None):
                raise NotAlike(f"row {number} of {table.name}")
        if next(read, None) is not None:
            raise NotAlike(f"{table.name} ends after {number} rows")


async def _compare_pieces(connection: asyncpg.Connection, source: SourceStore) -> None:
    for message, read in source.read.items():
        digest = hashlib.sha256()
        pieces = "SELECT octets FROM piece WHERE message = $1 ORDER BY number"
        async for row in connection.cursor(pieces, message, prefetch=4):
            digest.update(row["octets"])
        if digest.digest() != read:
            raise NotAlike(f"the large parts of message {message}")


async def _go_on_numbering(connection: asyncpg.Connection, of: apsw.Connection, numbered: Mapping[str, str]) -> None:
    for table, column in numbered.items():
        await _set_next(connection, table, column, _last_number(of, table, column))


async def _set_next(connection: asyncpg.Connection, table: str, column: str, last: int) -> None:
    await connection.execute(
        "SELECT setval(pg_get_serial_sequence($1, $2), $3, $4)", table, column, max(last, 1), last > 0
    )


def _last_number(of: apsw.Connection, table: str, column: str) -> int:
    """The last number that a table gave, to a row that may be gone by now."""
    last = int(of.execute(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"').get)  # noqa: S608 - as above
    if of.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'").get:
        found: Any = of.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (table,)).get
        last = max(last, int(found or 0))
    return last


@contextlib.asynccontextmanager
async def _in_schema(connection: asyncpg.Connection, schema: Schema) -> AsyncIterator[None]:
    """Tables are those of that schema meanwhile."""
    await connection.execute(f'SET search_path TO "{schema.name}"')
    yield
    await connection.execute(f'SET search_path TO "{SCHEMA.name}"')
