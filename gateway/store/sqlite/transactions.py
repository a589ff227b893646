"""What the transactions of the embedded store have in common: rows read and written in the words of the rules.

Functions over a connection, inside a transaction: `accepting`, `leasing`, `closing`, `doubting` and `removal` read
rows, ask a rule of `gateway.store.rules`, and write what it says. No waiting, no files: each may be run again from its
start when its transaction did not fit on the disk. Every change of state names the state it leaves and has to meet
exactly one row.
"""

from __future__ import annotations

import apsw

from gateway.storage import LostUpdate
from gateway.store import rows
from gateway.store.digest import is_sound
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import HeardSignal
from gateway.store.sqlite.statements import SQL, change_one, first_row


def is_message_sound(connection: apsw.Connection, message_row: int) -> bool:
    """Whether the metadata of a message are what was written."""
    row = first_row(connection, "read_sealed", {"id": message_row})
    return row is not None and is_sound(row)


def find_waiting(connection: apsw.Connection, message_id: str) -> Waiting | None:
    """What the row of this MessageId says of its offers."""
    row = first_row(connection, "find_message", {"message_id": message_id})
    return None if row is None else rows.read_waiting(row)


def read_waiting(connection: apsw.Connection, message_row: int) -> Waiting:
    """What a row that has to be there says of its offers."""
    row = first_row(connection, "read_message", {"id": message_row})
    if row is None:
        raise LostUpdate("read_message")
    return rows.read_waiting(row)


def move_lease(connection: apsw.Connection, moved: Waiting | None) -> None:
    """Write what a rule made of a lease, if anything."""
    if moved is not None:
        change_one(connection, "move_lease", rows.lease_bindings(moved))


def find_heard(connection: apsw.Connection, party: str, message_id: str) -> HeardSignal | None:
    """What is remembered of a signal or message of a party."""
    row = first_row(connection, "find_heard", {"party": party, "heard_id": message_id})
    return None if row is None else rows.read_heard(row)


def write_heard(connection: apsw.Connection, party: str, message_id: str, heard: HeardSignal) -> None:
    """Remember this of it."""
    connection.execute(SQL["write_heard"], rows.heard_bindings(heard) | {"party": party, "heard_id": message_id})
