"""Two processes that open a database that is not there yet: both have it, whoever comes first and whenever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import apsw
import pytest

from gateway.digest import digest
from gateway.sqlite import open_database, read_migrations
from gateway.store.sqlite.store import APPLICATION_ID, FUNCTIONS

MOST_STATEMENTS = 500  # of one opening
DATABASES = {
    "a participant's inbox": (files("gateway.client") / "inbox_migrations", {"digest": digest, "sha256_of": max}),
    "a participant's outbox": (files("gateway.client") / "outbox_migrations", {"digest": digest, "sha256_of": max}),
    "a hub's store": (files("gateway.store.sqlite.migrations"), FUNCTIONS),
}


@contextmanager
def before_each_statement(told: Callable[[apsw.Connection], None]) -> Iterator[None]:
    """Whatever connection is opened in this process tells before each of its statements."""

    def watch(connection: apsw.Connection) -> None:
        def trace(_cursor: object, _statement: str, _bindings: object) -> bool:
            told(connection)
            return True

        connection.exec_trace = trace

    apsw.connection_hooks.append(watch)
    try:
        yield
    finally:
        apsw.connection_hooks.remove(watch)


@pytest.mark.parametrize("name", DATABASES)
@pytest.mark.parametrize("stays", [True, False], ids=["and goes on", "and ends"])
def test_a_database_that_another_process_makes_meanwhile_is_had_by_both(
    quick_path: Path, name: str, stays: bool
) -> None:
    migrations, functions = DATABASES[name]
    for number in range(MOST_STATEMENTS):
        if not both_have_it(quick_path / f"{number}.db", migrations, functions, number, stays=stays):
            break
    assert 20 < number < MOST_STATEMENTS, "it came before each statement"


def both_have_it(path: Path, migrations: Traversable, functions: dict, at: int, *, stays: bool) -> bool:
    """Open a database, and before the statement of that number let another process open it. False where there is no
    such statement.
    """
    seen, inside, other = 0, False, None
    newest = len(read_migrations(migrations))

    def open_it() -> apsw.Connection:
        return open_database(path, migrations=migrations, application_id=APPLICATION_ID, functions=functions)

    def told(connection: apsw.Connection) -> None:
        nonlocal seen, inside, other
        if inside or connection.in_transaction:  # the other one waits for its end, and comes before or after it
            return
        seen += 1
        if seen == at + 1:
            inside = True
            other = open_it()
            if not stays:
                other.close()
            inside = False

    with before_each_statement(told):
        first = open_it()
    for each in (first, *((other,) if stays and other is not None else ())):
        assert each.pragma("user_version") == newest
        each.close()
    return other is not None


def test_where_each_has_what_the_other_waits_for_one_of_them_waits_all_the_same(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses such a one at once, however long it was told to wait."""
    migrations, functions = DATABASES["a participant's inbox"]
    other = apsw.Connection(str(quick_path / "a.db"))
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("gateway.sqlite.opening.sleep", lambda _seconds: other.execute("COMMIT"))
    opened = open_database(
        quick_path / "a.db", migrations=migrations, application_id=APPLICATION_ID, functions=functions
    )
    assert opened.pragma("journal_mode") == "wal"
    opened.close()
    other.close()
