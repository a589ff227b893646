"""SQLite the safe way: how a database is opened, and how it is written to and flushed.

Nothing here knows what is stored: the hub's store and a participant's inbox both stand on it.
"""

from __future__ import annotations

from gateway.sql_files import read_migrations, read_statements
from gateway.sqlite.faults import is_broken, is_damage, is_full
from gateway.sqlite.header import has_content, is_in_the_way, octets_of, put_back
from gateway.sqlite.opening import (
    is_empty,
    keep_log,
    open_database,
    open_reader,
    open_unchanged,
    refuse_foreign,
)
from gateway.sqlite.refused import refusing
from gateway.sqlite.roots import read_roots
from gateway.sqlite.scripts import migrate
from gateway.sqlite.writer import Writer, WriterEnded
from gateway.storage import CommitUnknown

__all__ = [
    "CommitUnknown",
    "Writer",
    "WriterEnded",
    "has_content",
    "is_broken",
    "is_damage",
    "is_empty",
    "is_full",
    "is_in_the_way",
    "keep_log",
    "migrate",
    "octets_of",
    "open_database",
    "open_reader",
    "open_unchanged",
    "put_back",
    "read_migrations",
    "read_roots",
    "read_statements",
    "refuse_foreign",
    "refusing",
]
