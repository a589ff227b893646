"""A PostgreSQL database for each store of a test, found by the folder of the store: its URL lies beside that.

Made like a template in which the tables stand already; a process that a test starts finds it by the folder, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
from support.store.postgres import PostgresServer

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


def place(path: Path) -> None:
    """Make a database for the store in this folder, if it has none."""
    if _beside(path).exists():
        return
    assert _server is not None, "no fixture said which server makes databases"
    server = _server()
    digest = hashlib.sha256("".join(SCHEMA.scripts).encode()).hexdigest()[:16]
    template = server.template(f"store-{digest}", _prepare)
    _beside(path).write_text(_placed.enter_context(server.database(template=template)))


def run(path: Path, work: Callable[[asyncpg.Connection], Any]) -> Any:
    """What this work makes of the store's database, beside the store, whether or not an event loop runs here."""

    async def connected() -> Any:
        connection = await asyncpg.connect(url_of(path), server_settings={"search_path": SCHEMA.name})
        try:
            return await work(connection)
        finally:
            await connection.close()

    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, connected()).result()


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
