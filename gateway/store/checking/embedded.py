"""All of an embedded store that no process has open, read and held against what was written. Nothing is changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from gateway import sqlite
from gateway.store.blobs import CHUNK_OCTETS
from gateway.store.checking import records
from gateway.store.engine import Checked
from gateway.store.portal.sqlite import database as portal
from gateway.store.sqlite.lost import DATABASE_NAME

_LARGE: Final = (
    "SELECT message_id, blob, parts.size_octets, parts.sha256, state FROM parts"
    " JOIN message ON message.id = parts.message WHERE blob IS NOT NULL"
)


def check_embedded(directory: Path, doubt: str | None) -> Checked:
    """What lies in a directory that the caller holds, of tables that are up to date; `doubt` is what is known of it."""
    rows: dict[str, int] = {}
    faults: list[str] = []
    known: set[str] = set()
    with _opened(directory / DATABASE_NAME) as store:
        faults += _of_the_file(store, DATABASE_NAME)
        for table, statement in records.STATEMENTS.items():
            for row in store.execute(statement):
                rows[table] = rows.get(table, 0) + 1
                if (fault := records.fault_of(table, row)) is not None:
                    faults.append(fault)
        faults += [f"message {name} waits and lacks a row" for (name,) in store.execute(records.LACKING)]
        faults += [f"a counter of {mpc} ({state}) is wrong" for mpc, state in store.execute(records.MISCOUNTED)]
        for message_id, blob, size_octets, sha256, state in store.execute(_LARGE):
            known.add(blob)
            # Of what ended the file goes before its row.
            gone_too = state not in ("stored", "offered")
            if (fault := _of_file(directory / "blobs" / blob, size_octets, sha256, gone_too)) is not None:
                faults.append(f"parts of {message_id}: {fault}")
    if sqlite.octets_of(directory / portal.DATABASE_NAME):
        with _opened(directory / portal.DATABASE_NAME) as beside:
            faults += _of_the_file(beside, portal.DATABASE_NAME)
            for table, statement in records.portal_statements():
                for row in beside.execute(statement):
                    rows[f"portal.{table}"] = rows.get(f"portal.{table}", 0) + 1
                    if (fault := records.portal_fault_of(table, row)) is not None:
                        faults.append(fault)
    return Checked(
        rows=rows, faults=tuple(faults), doubt=doubt, not_checked=(), orphans=_orphans(directory / "blobs", known)
    )


def _orphans(folder: Path, known: set[str]) -> int:
    """Files that no row knows, as a crash leaves them until the next purge."""
    if not folder.exists():
        return 0
    return sum(not each.startswith("arriving-") and each not in known for each in os.listdir(folder))


@contextlib.contextmanager
def _opened(database: Path) -> Iterator[apsw.Connection]:
    with sqlite.refusing(database, writes=False), contextlib.closing(sqlite.open_unchanged(database)) as connection:
        yield connection


def _of_the_file(connection: apsw.Connection, name: str) -> Iterator[str]:
    for (said,) in connection.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield f"{name}: {said}"
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{name}: a row of {table} refers to one that is not there"


def _of_file(path: Path, size_octets: int, sha256: bytes, gone_too: bool) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None if gone_too else f"{path} is gone"
    digest, found = hashlib.sha256(), 0
    with os.fdopen(descriptor, "rb") as file:
        while octets := file.read(CHUNK_OCTETS):
            digest.update(octets)
            found += len(octets)
    return None if (found, digest.digest()) == (size_octets, sha256) else f"{path} is not what was written"
