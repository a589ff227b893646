"""The tables of one schema: which program made them and how far it came, and the numbered scripts that bring them up
to date.

A schema that another program made, or a newer version of this one, is named and left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import asyncpg

from gateway.storage import DatabaseOlder, DatabaseRefused

# The table that says so; connections look for tables in their schema alone.
_TABLE: Final = "made_by"
_READ: Final = "SELECT program, version FROM made_by"
_MAKE: Final = "CREATE TABLE made_by (program text NOT NULL, version integer NOT NULL)"
_BEGIN: Final = "INSERT INTO made_by (program, version) VALUES ($1, 0)"
_WRITE: Final = "UPDATE made_by SET version = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema of a database, whose tables these are, and the scripts that make them, by number from 1."""

    name: str
    made_by: str
    scripts: tuple[str, ...]


async def version_of(connection: asyncpg.Connection, schema: Schema, place: str) -> int:
    """How many of the scripts were run there; 0 where there is no such schema or nothing in it.

    Raises `DatabaseRefused` where it is not this program's.
    """
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema.name)
    if not tables:
        return 0
    if _TABLE not in {row["tablename"] for row in tables}:
        raise DatabaseRefused(
            f"{place}: its schema {schema.name} holds tables that are not {schema.made_by}'s, and is left as it is;"
            " name another database"
        )
    found = await connection.fetchrow(_READ)
    if found is None or found["program"] != schema.made_by:
        said = "nobody's" if found is None else f"those of {found['program']}"
        raise DatabaseRefused(
            f"{place}: the tables of its schema {schema.name} are {said}, not {schema.made_by}'s, and are left as they"
            " are; name another database"
        )
    version = int(found["version"])
    if version > len(schema.scripts):
        raise DatabaseRefused(
            f"{place}: it was written by a newer version of this program (tables {version}, known"
            f" {len(schema.scripts)}); run that one, or restore a backup that an older one made"
        )
    return version


async def refuse_older(connection: asyncpg.Connection, schema: Schema, place: str) -> None:
    """Raise `DatabaseOlder` where a start would bring the tables up to date first."""
    if await version_of(connection, schema, place) < len(schema.scripts):
        raise DatabaseOlder(
            f"{place} was written by an older version of this program, and is not read before a hub of this one has"
            " brought it up to date; start the hub"
        )


async def migrate(connection: asyncpg.Connection, schema: Schema, place: str) -> None:
    """Run what was not run yet, each script with its number in one transaction; several nodes that start together take
    turns.
    """
    while True:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", schema.name)
            done = await version_of(connection, schema, place)
            if done == len(schema.scripts):
                return
            if done == 0:
                await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema.name}"')
                await connection.execute(_MAKE)
                await connection.execute(_BEGIN, schema.made_by)
            await connection.execute(schema.scripts[done])
            await connection.execute(_WRITE, done + 1)
