"""A PostgreSQL database for each store of a test, found by the folder of the store: its URL lies beside that.

Made like a template in which the tables stand already; a process that a test starts finds it by the folder, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
from support.store.postgres import ROLE, PostgresServer

from gateway.postgres import read_address
from gateway.store.postgres.seen import SEEN_NAME
from gateway.store.postgres.statements import SCHEMA
from gateway.store.postgres.store import PostgresStore

_server: Callable[[], PostgresServer] | None = None
_placed = ExitStack()


def serve_from(server: Callable[[], PostgresServer]) -> None:
    """Where databases are made from now on, once the first is asked for."""
    global _server
    _server = server


def release() -> None:
    """Nobody needs what was placed until now."""
    _placed.close()


def url_of(path: Path) -> str:
    return _beside(path).read_text()


def place_empty(path: Path) -> None:
    """Make a database for the store in this folder in which there is no table."""
    assert _server is not None, "no fixture said which server makes databases"
    _beside(path).write_text(_placed.enter_context(_server().database()))


def place(path: Path) -> None:
    """Make a database for the store in this folder, if it has none."""
    if _beside(path).exists():
        return
    assert _server is not None, "no fixture said which server makes databases"
    server = _server()
    digest = hashlib.sha256("".join(SCHEMA.scripts).encode()).hexdigest()[:16]
    template = server.template(f"store-{digest}", _prepare)
    _beside(path).write_text(_placed.enter_context(server.database(template=template)))


def run(path: Path, work: Callable[[asyncpg.Connection], Any], *, role: str = ROLE) -> Any:
    """What this work makes of the store's database, beside the store, whether or not an event loop runs here."""

    async def connected() -> Any:
        url = url_of(path).replace(f"//{ROLE}@", f"//{role}@")
        connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA.name})
        try:
            return await work(connection)
        finally:
            await connection.close()

    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, connected()).result()


_AS_SQLITE_SAYS = (
    (re.compile(r"zeroblob\((\d+)\)"), r"decode(repeat('00', \1), 'hex')"),
    (re.compile(r"CAST\(('[^']*') AS BLOB\)"), r"convert_to(\1, 'UTF8')"),
    (re.compile(r"x'([0-9a-f]*)'"), r"decode('\1', 'hex')"),
    (re.compile(r"DROP TRIGGER \w+; "), ""),
    (re.compile(r"\(1 << 61\)"), "(1::bigint << 61)"),
)
# What a disk loses asks no constraint.
_MAY_BE_LOST = ("envelope", "promised", "evidence", "signer", "acceptance")


def change(path: Path, statement: str, *values: object) -> None:
    """Change rows behind the back of the store, by a statement that is written as SQLite has it."""
    for said, meant in _AS_SQLITE_SAYS:
        statement = said.sub(meant, statement)
    numbers = itertools.count(1)
    statement = re.sub(r"\?", lambda _found: f"${next(numbers)}", statement)

    async def changed(connection: asyncpg.Connection) -> None:
        await connection.execute("SET session_replication_role = replica")  # without triggers and references
        for table in _MAY_BE_LOST:
            await connection.execute(f"ALTER TABLE {table} ALTER COLUMN sha256 DROP NOT NULL")
        await connection.execute(statement, *values)

    run(path, changed, role="postgres")


def do(path: Path, statement: str) -> None:
    """A statement of anybody, which the database may refuse."""
    run(path, lambda connection: connection.execute(statement))


def look(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds."""

    async def found(connection: asyncpg.Connection) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await connection.fetch(statement)]

    rows: list[tuple[Any, ...]] = run(path, found)
    return rows


def pretend_more_was_seen(path: Path) -> None:
    """As if this node had seen the database further on than it is."""
    seen = json.loads((path / SEEN_NAME).read_text())
    (path / SEEN_NAME).write_text(json.dumps(seen | {"position": seen["position"] + (1 << 40)}))


def hide_pieces(path: Path, aside: Path, message_id: str, _parts: bytes) -> None:
    """The large parts of a message are gone, and lie aside."""

    async def hide(connection: asyncpg.Connection) -> Any:
        return await connection.fetch(
            "DELETE FROM piece USING message WHERE message.id = piece.message AND message_id = $1"
            " RETURNING piece.message, number, octets",
            message_id,
        )

    aside.write_text(json.dumps([(row[0], row[1], row[2].hex()) for row in run(path, hide)]))


def show_pieces(path: Path, aside: Path) -> None:
    """They are back."""

    kept = json.loads(aside.read_text())

    async def show(connection: asyncpg.Connection) -> None:
        rows = [(message, number, bytes.fromhex(octets)) for message, number, octets in kept]
        await connection.executemany("INSERT INTO piece (message, number, octets) VALUES ($1, $2, $3)", rows)

    run(path, show)


def count_in_pieces(path: Path) -> int:
    """How many messages have large parts."""

    async def count(connection: asyncpg.Connection) -> Any:
        return await connection.fetchval("SELECT count(DISTINCT message) FROM piece")

    return int(run(path, count))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.url")


def _prepare(url: str) -> None:
    async def made(folder: str) -> None:
        await (await PostgresStore.open(Path(folder) / "data", address=read_address(url))).aclose()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(asyncio.run, made(folder)).result()
