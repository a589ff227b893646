"""Whether a database can be read where each of its tables and indexes begins.

A page that is none is met by whoever reads it, which may be days after the start, in the middle of a message. To read
every page would take as long as the database is large (`PRAGMA quick_check`: seconds for each GiB, at each start of
the hub, and each push of a participant). The first page of each table and each index is read by every use of it, there
are as many as the schema has names, and reading them costs the same however much is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import apsw

_CONDITION = re.compile(r"\bWHERE\b.*\Z", re.DOTALL)  # of an index of some rows, which only such a query may use


def read_roots(connection: apsw.Connection) -> None:
    """Read the first page of each table and index, also where nothing is stored: `apsw.Error` for one that is none."""
    for statement in list(_statements(connection)):
        connection.execute(statement).fetchall()


def _statements(connection: apsw.Connection) -> Iterator[str]:
    names = connection.execute("SELECT type, tbl_name, name, sql FROM sqlite_schema WHERE rootpage > 0")
    for kind, table, name, sql in names:
        if kind == "table":
            yield f'SELECT * FROM "{table}" NOT INDEXED LIMIT 1'  # noqa: S608 - names of our own schema
        else:
            some = _CONDITION.search(sql or "")  # one that a constraint makes has no words of its own
            condition = some[0] if some else ""
            yield f'SELECT 1 FROM "{table}" INDEXED BY "{name}" {condition} LIMIT 1'  # noqa: S608 - as above
