"""Migrations of a SQLite database, one transaction each."""

from __future__ import annotations

import apsw


def migrate(connection: apsw.Connection, scripts: tuple[str, ...], application_id: int) -> None:
    """Each script with its number in one transaction: killed at any statement, it starts again from the last number.
    Which number is next is read in that transaction, for another process may be making the same tables.
    """
    while connection.pragma("user_version") < len(scripts):
        connection.execute("BEGIN IMMEDIATE")
        try:
            number = connection.pragma("user_version") + 1
            if number <= len(scripts):
                connection.execute(scripts[number - 1])
                connection.execute(f"PRAGMA application_id = {application_id:d}")
                connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
