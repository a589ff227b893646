"""Rows under their digests, read and written by the named statements that every engine of the portal's store has.

A row is read whole, changed as a value, and written whole. What decides something or leaves is held against its digest
each time; a row that is not what was written counts for nothing (`DamagedRecord`), so a flipped octet lets nobody in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

from gateway.digest import digest
from gateway.store.interface import DamagedRecord

Columns: TypeAlias = dict[str, Any]


class PortalRows(Protocol):
    """What an engine keeps, inside a transaction: its statements by their names, each with bindings by name, of
    which it may leave some unused.
    """

    async def select(self, statement: str, bindings: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows that a statement finds; those of one table with the columns of `TABLES`, in that order."""

    async def run(self, statement: str, bindings: Mapping[str, Any]) -> int:
        """How many rows a statement changed."""


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


async def read_all(transaction: PortalRows, table: str, statement: str, bindings: Mapping[str, Any]) -> list[Columns]:
    """What a statement finds of a table; raises `DamagedRecord`."""
    found = await transaction.select(statement, bindings)
    return [_sound(table, dict(zip(TABLES[table], row, strict=True))) for row in found]


async def read_one(transaction: PortalRows, table: str, statement: str, bindings: Mapping[str, Any]) -> Columns | None:
    """The first row that a statement finds; raises `DamagedRecord`."""
    found = await transaction.select(statement, bindings)
    return _sound(table, dict(zip(TABLES[table], found[0], strict=True))) if found else None


async def write(transaction: PortalRows, table: str, columns: Mapping[str, Any]) -> None:
    """Write a whole row, in the place of the one of its key where the statement says so."""
    await transaction.run(f"write_{table}", dict(columns) | {"sha256": _digest(table, columns)})


async def run(transaction: PortalRows, statement: str, bindings: Mapping[str, Any]) -> int:
    """How many rows a statement changed."""
    return await transaction.run(statement, bindings)


async def number(transaction: PortalRows, statement: str, bindings: Mapping[str, Any]) -> int:
    """The first value of the first row; 0 without one."""
    found = await transaction.select(statement, bindings)
    return int(found[0][0]) if found else 0


def _digest(table: str, columns: Mapping[str, Any]) -> bytes:
    return digest(table, *(columns[name] for name in TABLES[table] if name not in _UNDER_NONE))


def is_whole(table: str, columns: Columns) -> bool:
    """Whether a row of that table is what was written."""
    return _digest(table, columns) == bytes(columns["sha256"])


def _sound(table: str, columns: Columns) -> Columns:
    if not is_whole(table, columns):
        raise DamagedRecord(str(columns.get("id", "")) or f"a row of {table}", f"the {table.replace('_', ' ')}")
    return columns
