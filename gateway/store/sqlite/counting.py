"""Counters of the embedded store, counted anew from the rows that they count.

They are derived, so one that is wrong (a bit of the disk, a hand in the database) is no reason to keep a message from
its owner. Where a counter would fall below nothing, the database refuses the transaction; then all are counted anew and
it is done again. One that is wrong without that is found at the next start or `store recheck`.
"""

from __future__ import annotations

from typing import Final

import apsw

from gateway.store.sqlite.statements import SQL

_BELOW_NOTHING: Final = "messages >= 0"  # the check of the table, as SQLite names it


def is_miscount(error: apsw.ConstraintError) -> bool:
    """Whether what failed is that a counter would fall below nothing, which true ones cannot."""
    return _BELOW_NOTHING in str(error)


def is_counted(connection: apsw.Connection, *, waiting: bool) -> bool:
    """Whether all counters are right, or those of messages that wait."""
    return connection.execute(SQL[_finding(waiting)]).fetchone() is None


def count_anew(connection: apsw.Connection, *, waiting: bool = False) -> int:
    """Set what is not what the rows say; returns how many counters that was."""
    found = connection.execute(SQL[_finding(waiting)]).fetchall()
    for row in found:
        connection.execute(
            SQL["write_count"], dict(zip(("mpc", "kind", "state", "party", "messages", "octets"), row, strict=True))
        )
    return len(found)


def _finding(waiting: bool) -> str:
    return "find_miscounted_waiting" if waiting else "find_miscounted"
