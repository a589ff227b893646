"""Rows under their digests, and the named statements of the portal's store.

A row is read whole, changed as a value, and written whole. What decides something or leaves is held against its digest
each time; a row that is not what was written counts for nothing (`DamagedRecord`), so a flipped octet lets nobody in.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, TypeAlias

import apsw

from gateway.digest import digest
from gateway.sqlite import read_statements
from gateway.store.interface import DamagedRecord

Columns: TypeAlias = dict[str, Any]

SQL: Final = read_statements(files("gateway.store.portal.sqlite.sql"))
TABLES: Final[Mapping[str, tuple[str, ...]]] = {  # as the statements read them, in the order of the migrations
    "person": ("id", "key_sha256", "organisation", "name", "made_at", "logged_in_at", "sha256"),
    "link": ("id", "person", "organisation", "unit", "since", "until", "linked_by", "ended_by", "sha256"),
    "session": (
        "token_sha256", "person", "kind", "branch", "pairing_sha256", "began_at", "used_at", "sha256",
    ),
    "open_login": (
        "handle_sha256", "cookie_sha256", "request_id", "road", "kind", "memo", "began_at", "sha256",
    ),
    "lock": (
        "id", "organisation", "unit", "person", "kind", "name", "public_key", "sealed_key", "credential_id",
        "is_backup_eligible", "challenge", "made_at", "counts_since", "used_at", "sha256",
    ),
    "key_set": (
        "id", "organisation", "unit", "made_by", "signing_certificate", "decryption_certificate", "organisation_key",
        "state", "made_at", "active_since", "retired_at", "ended_at", "sha256",
    ),
    "wrapped_copy": ("key_set", "lock", "octets", "wrapped_by", "wrapped_at", "sha256"),
    "ceremony": ("id", "organisation", "unit", "newcomer", "approver", "said", "began_at", "sha256"),
    "document": (
        "kind", "organisation", "unit", "counter", "previous_sha256", "octets", "signature", "kept_by", "kept_at",
        "sha256",
    ),
    "request": (
        "id", "kind", "organisation", "unit", "asked_by", "about", "asked_at", "state", "decided_at", "decided_by",
        "reason", "sha256",
    ),
    "approving": ("request", "since", "sha256"),
    "broker_metadata": ("broker", "valid_until", "relied_at", "sha256"),
    "notice": ("only_one", "text", "until", "sha256"),
    "journal": ("number", "at", "organisation", "unit", "by", "event", "about", "sha256"),
    "administrator": ("person", "organisation", "since", "sha256"),
    "handling": (
        "number", "at", "organisation", "unit", "person", "deed", "service", "action", "messages", "sha256",
    ),
    "mail_address": (
        "id", "organisation", "unit", "address", "kinds", "made_by", "made_at", "counts_since", "removed_at",
        "told_at", "bounced_at", "bounce", "sha256",
    ),
    "mail_line": (
        "number", "organisation", "unit", "address", "sort", "event", "times", "until", "about", "made_at", "due_at",
        "attempts", "letter", "leased_until", "failure", "sha256",
    ),
    "mail_token": ("token_sha256", "use", "organisation", "address", "about", "made_at", "sha256"),
    "watched_message": ("message_id", "unit", "organisation", "look_at", "reminded", "sha256"),
    "arrivals": ("only_one", "seen", "looked_at", "sha256"),
}  # fmt: skip
_UNDER_NONE: Final = ("number", "sha256")  # the engine gives a line of the journal or outbox its number


def read_all(connection: apsw.Connection, table: str, statement: str, bindings: Mapping[str, Any]) -> list[Columns]:
    """What a statement finds of a table; raises `DamagedRecord`."""
    found = connection.execute(SQL[statement], bindings)
    return [_sound(table, dict(zip(TABLES[table], row, strict=True))) for row in found]


def read_one(connection: apsw.Connection, table: str, statement: str, bindings: Mapping[str, Any]) -> Columns | None:
    """The first row that a statement finds; raises `DamagedRecord`."""
    row = connection.execute(SQL[statement], bindings).fetchone()
    return None if row is None else _sound(table, dict(zip(TABLES[table], row, strict=True)))


def write(connection: apsw.Connection, table: str, columns: Mapping[str, Any]) -> None:
    """Write a whole row, in the place of the one of its key where the statement says so."""
    connection.execute(SQL[f"write_{table}"], dict(columns) | {"sha256": _digest(table, columns)})


def run(connection: apsw.Connection, statement: str, bindings: Mapping[str, Any]) -> int:
    """How many rows a statement changed."""
    connection.execute(SQL[statement], bindings)
    return connection.changes()


def number(connection: apsw.Connection, statement: str, bindings: Mapping[str, Any]) -> int:
    """The first value of the first row; 0 without one."""
    row = connection.execute(SQL[statement], bindings).fetchone()
    return 0 if row is None else int(row[0])


def _digest(table: str, columns: Mapping[str, Any]) -> bytes:
    return digest(table, *(columns[name] for name in TABLES[table] if name not in _UNDER_NONE))


def _sound(table: str, columns: Columns) -> Columns:
    if _digest(table, columns) != columns["sha256"]:
        raise DamagedRecord(str(columns.get("id", "")) or f"a row of {table}", f"the {table.replace('_', ' ')}")
    return columns
