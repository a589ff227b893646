"""How much work a statement is, by the steps of SQLite's machine, and a database with many rows to see it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import apsw
from support.store.store_samples import sealed_message

from gateway.store.blobs import FinishedParts
from gateway.store.sqlite import accepting


def steps_of(connection: apsw.Connection, work: Callable[[], object]) -> int:
    """How many steps the virtual machine took for it."""
    taken = 0

    def traced(event: dict[str, Any]) -> None:
        nonlocal taken
        taken += event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

    connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, traced)
    work()
    connection.trace_v2(0, None)
    return taken


def fill(connection: apsw.Connection, numbers: range) -> None:
    parts = FinishedParts(octets=b"x", blob=None, size_octets=1, sha256=hashlib.sha256(b"x").digest())
    with connection:
        for number in numbers:
            message = sealed_message(number, question=True, conversation_id="one", action="Q")
            accepting.accept(connection, message, parts, None, 10**6)
