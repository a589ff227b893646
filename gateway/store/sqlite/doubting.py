"""Damage in the embedded store: which messages are doubted, and what a second look makes of them."""

from __future__ import annotations

from dataclasses import replace

import apsw

from gateway.store import rows
from gateway.store.interface import DamagedRecord
from gateway.store.model import Offer
from gateway.store.rules import lease as lease_rules
from gateway.store.sqlite.statements import SQL, first_row
from gateway.store.sqlite.transactions import find_waiting, is_message_sound, move_lease, read_waiting


def doubtful(connection: apsw.Connection, after: int, limit: int) -> list[tuple[int, str]]:
    """Row and MessageId of waiting messages that are marked damaged or could not be read, after this row."""
    found = connection.execute(SQL["list_doubtful"], {"after": after, "limit": limit})
    return [(int(row), str(message_id)) for row, message_id in found]


def examine(connection: apsw.Connection, message_row: int) -> Offer | None:
    """A waiting message as it would be offered, with what the rows show to be wrong; None when it has ended."""
    bindings = {"id": message_row}
    row = first_row(connection, "read_offer", bindings)
    if row is None or row[9] is None:
        return None
    offer = rows.read_offer(row, sound=is_message_sound(connection, message_row))
    try:
        rows.read_offered(first_row(connection, "find_offered", {"message_id": offer.message_id}) or ())
    except DamagedRecord as damaged:
        return replace(offer, damage=damaged.what)
    return offer


def mark_whole(connection: apsw.Connection, message_row: int) -> None:
    """Offer a message again that was found whole."""
    move_lease(connection, lease_rules.found_whole(read_waiting(connection, message_row)))


def mark_damaged(connection: apsw.Connection, message_id: str) -> None:
    """Offer this message no more, until somebody finds it whole."""
    message = find_waiting(connection, message_id)
    move_lease(connection, message and lease_rules.found_damaged(message))
