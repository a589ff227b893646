"""SQL as SQL: numbered migrations and named statements, read from the files of a folder, whatever the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable

from gateway.storage import DatabaseRefused

_MIGRATION_NAME = re.compile(r"(\d{4})_\w+\.sql")
_STATEMENT_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_SENTENCES = re.compile(r"(\s*--.*\n)*")  # SQLite says that what begins with a comment is part of a trigger


def read_migrations(folder: Traversable) -> tuple[str, ...]:
    """The scripts of a folder by number, which must run from 0001 without a gap."""
    numbered: dict[int, str] = {}
    for entry in folder.iterdir():
        if match := _MIGRATION_NAME.fullmatch(entry.name):
            number = int(match[1])
            if number in numbered:
                raise DatabaseRefused(f"two migrations have the number {number:04}")
            numbered[number] = entry.read_text(encoding="utf-8")
    if sorted(numbered) != list(range(1, len(numbered) + 1)):
        raise DatabaseRefused("the migrations are not numbered from 0001 without a gap")
    return tuple(numbered[number] for number in sorted(numbered))


def read_statements(folder: Traversable) -> Mapping[str, str]:
    """The statements of a folder of `.sql` files, each under the name in the line `-- name: ...` above it,
    without the sentences that stand between.
    """
    statements: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(".sql"):
            continue
        _, *pieces = _STATEMENT_NAME.split(entry.read_text(encoding="utf-8"))
        for name, statement in zip(pieces[::2], pieces[1::2], strict=True):
            if name in statements:
                raise DatabaseRefused(f"two statements have the name {name}")
            statements[name] = _SENTENCES.sub("", statement, count=1).strip()
    return statements
