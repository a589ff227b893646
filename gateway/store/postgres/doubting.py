"""Damage: which messages are doubted, and what a second look makes of them."""

from __future__ import annotations

from dataclasses import replace

from gateway.postgres import Transaction
from gateway.store import rows
from gateway.store.interface import DamagedRecord
from gateway.store.model import Offer
from gateway.store.postgres.transactions import is_message_sound, lock_row, lock_waiting, move_lease
from gateway.store.rules import lease as lease_rules


async def doubtful(tx: Transaction, after: int, limit: int) -> list[int]:
    """Rows of waiting messages that are marked damaged or could not be read, after this row."""
    return [int(row) for row, _ in await tx.rows("list_doubtful", {"after": after, "limit": limit})]


async def examine(tx: Transaction, message_row: int) -> Offer | None:
    """A waiting message as it would be offered, with what the rows show to be wrong; None when it has ended."""
    row = await tx.first("read_offer", {"id": message_row})
    if row is None or row[9] is None:
        return None
    offer = rows.read_offer(row, sound=await is_message_sound(tx, message_row))
    try:
        rows.read_offered(await tx.first("find_offered", {"message_id": offer.message_id}) or ())
    except DamagedRecord as damaged:
        return replace(offer, damage=damaged.what)
    return offer


async def mark_whole(tx: Transaction, message_row: int) -> None:
    """Offer a message again that was found whole."""
    await move_lease(tx, lease_rules.found_whole(await lock_row(tx, message_row)))


async def mark_damaged(tx: Transaction, message_id: str) -> None:
    """Offer this message no more, until somebody finds it whole."""
    message = await lock_waiting(tx, message_id)
    await move_lease(tx, message and lease_rules.found_damaged(message))
