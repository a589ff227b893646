"""What the transactions of this store have in common: rows read and written in the words of the rules.

Functions over a transaction, each of which may be run again from its start. A row by which something is decided is
locked when it is read; what two may insert at once is decided by a unique index, and the loser begins once more. Every
change of state names the state it leaves and has to meet exactly one row.
"""

from __future__ import annotations

from typing import Final, Protocol, TypeVar

from gateway.postgres import Bindings, OnceMore, Transaction, Work
from gateway.storage import LostUpdate
from gateway.store import rows
from gateway.store.digest import is_sound
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import HeardSignal

T = TypeVar("T")

CROWD: Final = 100  # so many transactions may be under way at once at one mailbox


class Transacting(Protocol):
    """How work reaches the database."""

    async def read(self, work: Work[T]) -> T:
        """The result of work that changes nothing."""

    async def commit(self, work: Work[T]) -> T:
        """The result of work that was committed."""


async def is_message_sound(tx: Transaction, message_row: int) -> bool:
    """Whether the metadata of a message are what was written."""
    row = await tx.first("read_sealed", {"id": message_row})
    return row is not None and is_sound(row)


async def find_waiting(tx: Transaction, message_id: str) -> Waiting | None:
    """What the row of this MessageId says of its offers; to be looked at only."""
    row = await tx.first("find_message", {"message_id": message_id})
    return None if row is None else rows.read_waiting(row)


async def lock_waiting(tx: Transaction, message_id: str) -> Waiting | None:
    """The same, which nobody else changes before this transaction ends."""
    row = await tx.first("lock_message", {"message_id": message_id})
    return None if row is None else rows.read_waiting(row)


async def lock_row(tx: Transaction, message_row: int) -> Waiting:
    """What a row that has to be there says of its offers; likewise locked."""
    row = await tx.first("lock_row", {"id": message_row})
    if row is None:
        raise LostUpdate("lock_row")
    return rows.read_waiting(row)


async def move_lease(tx: Transaction, moved: Waiting | None) -> None:
    """Write what a rule made of a lease, if anything."""
    if moved is not None:
        await tx.change_one("move_lease", rows.lease_bindings(moved))


async def find_heard(tx: Transaction, party: str, message_id: str) -> HeardSignal | None:
    """What is remembered of a signal or message of a party, which nobody else changes then."""
    row = await tx.first("find_heard", {"party": party, "heard_id": message_id})
    return None if row is None else rows.read_heard(row)


async def write_heard(
    tx: Transaction, party: str, message_id: str, heard: HeardSignal, *, before: HeardSignal | None
) -> None:
    """Remember this of it, in the place of what was remembered `before`; who remembered it first has won."""
    bindings = rows.heard_bindings(heard) | {"party": party, "heard_id": message_id}
    if before is not None:
        await tx.change_one("update_heard", bindings)
    elif await tx.change("insert_heard", bindings) == 0:
        raise OnceMore


async def count_up_to(tx: Transaction, name: str, bindings: Bindings, *, limit: int, of: str) -> int:
    """What a statement counts. Near the limit those that count the same take turns, so that it is not passed by who
    did not see each other; far from it nobody waits.
    """
    count = await tx.number(name, bindings)
    if count + CROWD < limit:
        return count
    await tx.wait_for(f"{name} {of}")
    return await tx.number(name, bindings)
