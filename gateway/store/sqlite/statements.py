"""The named statements of the embedded store, and the ways of running one that its transactions share."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import apsw

from gateway.sqlite import read_statements
from gateway.storage import LostUpdate
from gateway.store import rows

SQL = read_statements(files("gateway.store.sqlite.sql"))


def first_row(connection: apsw.Connection, name: str, bindings: Mapping[str, Any]) -> rows.Row | None:
    """The first row of a named statement."""
    return connection.execute(SQL[name], bindings).fetchone()


def number(connection: apsw.Connection, name: str, bindings: Mapping[str, Any]) -> int:
    """The first value of the first row; 0 without one."""
    row = first_row(connection, name, bindings)
    return 0 if row is None else int(row[0])


def change_one(connection: apsw.Connection, name: str, bindings: Mapping[str, Any]) -> None:
    """Run a statement that has to change exactly one row."""
    connection.execute(SQL[name], bindings)
    if connection.changes() != 1:
        raise LostUpdate(name)
