"""Opening a database the safe way: its settings, its migrations, its owner (OP-03, OP-04, FA-11)."""

from __future__ import annotations

import os
import re
import resource
import shutil
import stat
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from support.store.flushes import recorded_flushes

import gateway
from gateway.sqlite import open_database, open_reader, opening, read_migrations, read_statements, refusing
from gateway.storage import DatabaseBarred, DatabaseBroken, DatabaseFull, DatabaseRefused
from gateway.store.sqlite.store import APPLICATION_ID, FUNCTIONS

STATEMENTS = sorted({file.parent for file in Path(gateway.__file__).parent.rglob("*sql/*.sql")})
STORE_MIGRATIONS = files("gateway.store.sqlite.migrations")
APPLICATION = 0x11223344


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_one.sql").write_text("CREATE TABLE one (a);\nINSERT INTO one VALUES (1);\n")
    (folder / "0002_two.sql").write_text("CREATE TABLE two (a);\nINSERT INTO two SELECT a + 1 FROM one;\n")
    return folder


def test_the_name_of_the_log_is_flushed_before_anybody_writes_FA_11(
    tmp_path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = recorded_flushes(monkeypatch)
    open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION).close()
    assert flushes == [("fsync", tmp_path.name)]


def test_opening_brings_nothing_of_the_log_into_the_database(tmp_path: Path, migrations: Path) -> None:
    """Whoever compares the two with something outside them does so after this."""
    (migrations / "0003_large.sql").write_text(
        "CREATE TABLE large (a);\nINSERT INTO large VALUES (zeroblob(30000000));\n"
    )
    connection = open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)
    assert (tmp_path / "a.db").stat().st_size < 10_000
    connection.close()


def schema_of(path: Path) -> list[tuple]:
    connection = apsw.Connection(str(path))
    found = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("temp_store", 2),
        ("page_size", 4096),
    ],
)
@pytest.mark.parametrize("opening", ["writer", "reader"])
def test_every_connection_is_as_safe_as_the_promise_needs(
    tmp_path: Path, migrations: Path, setting: str, expected: object, opening: str
) -> None:
    path = tmp_path / "a.db"
    connection = open_database(path, migrations=migrations, application_id=APPLICATION)
    if opening == "reader":
        connection.close()
        connection = open_reader(path)
        with pytest.raises(apsw.ReadOnlyError):
            connection.execute("DELETE FROM one")
    assert connection.execute(f"PRAGMA {setting}").get == expected
    connection.close()


def test_a_setting_that_does_not_hold_is_refused(tmp_path: Path, migrations: Path, monkeypatch) -> None:
    monkeypatch.setattr(opening, "_SETTINGS", (("synchronous", "FULL", 3),))
    with pytest.raises(DatabaseRefused, match="synchronous"):
        open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)


@pytest.mark.parametrize(("version", "refused"), [("3.40.1", True), ("3.51.2", True), ("3.51.3", False)])
def test_a_library_that_loses_commits_is_refused(
    tmp_path: Path, migrations: Path, monkeypatch, version: str, refused: bool
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
    if refused:
        with pytest.raises(DatabaseRefused, match="can lose commits; install"):
            open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)
        assert not (tmp_path / "a.db").exists()
    else:
        open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION).close()


def test_the_files_are_the_owners_alone(tmp_path: Path, migrations: Path) -> None:
    connection = open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)
    connection.execute("INSERT INTO one VALUES (2)")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("a.db*")}
    assert modes == {"a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}
    connection.close()


def test_migrations_run_once_in_their_order(tmp_path: Path, migrations: Path) -> None:
    for _ in range(2):
        connection = open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)
        assert connection.execute("SELECT a FROM two").fetchall() == [(2,)]
        assert connection.pragma("user_version") == 2
        assert connection.pragma("application_id") == APPLICATION
        connection.close()


def test_an_upgrade_killed_at_any_statement_starts_again(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files as they are on disk at each statement are what a kill there leaves."""
    images: list[Path] = []
    base = quick_path / "base"
    base.mkdir()
    real_connection = apsw.Connection

    def traced(*arguments, **keywords) -> apsw.Connection:
        connection = real_connection(*arguments, **keywords)

        def take_image(*_statement) -> bool:
            image = quick_path / f"image-{len(images)}"
            shutil.copytree(base, image)
            images.append(image)
            return True

        connection.exec_trace = take_image
        return connection

    monkeypatch.setattr(apsw, "Connection", traced)
    open_database(
        base / "a.db", migrations=STORE_MIGRATIONS, application_id=APPLICATION_ID, functions=FUNCTIONS
    ).close()
    monkeypatch.undo()
    whole = schema_of(base / "a.db")
    assert len(images) > 30
    for image in images:
        # The index of the log is rebuilt after a crash; a copied one could name pages of another moment.
        (image / "a.db-shm").unlink(missing_ok=True)
        open_database(
            image / "a.db", migrations=STORE_MIGRATIONS, application_id=APPLICATION_ID, functions=FUNCTIONS
        ).close()
        assert schema_of(image / "a.db") == whole


def test_a_failed_migration_leaves_the_version_before_it(tmp_path: Path, migrations: Path) -> None:
    (migrations / "0002_two.sql").write_text("CREATE TABLE two (a);\nINSERT INTO none VALUES (1);\n")
    with pytest.raises(DatabaseRefused):
        open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)
    connection = apsw.Connection(str(tmp_path / "a.db"))
    assert connection.pragma("user_version") == 1
    assert [name for _, name, _ in schema_of(tmp_path / "a.db")] == ["one"]
    connection.close()


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path, migrations: Path) -> None:
    open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION).close()
    (migrations / "0002_two.sql").unlink()
    with pytest.raises(DatabaseRefused, match="newer version"):
        open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)


@pytest.mark.parametrize("other", ["PRAGMA application_id = 5", "CREATE TABLE theirs (a)", "PRAGMA user_version = 3"])
def test_a_database_of_another_application_is_refused_and_not_touched(
    tmp_path: Path, migrations: Path, other: str
) -> None:
    path = tmp_path / "a.db"
    connection = apsw.Connection(str(path))
    connection.execute(other)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseRefused, match="another application"):
        open_database(path, migrations=migrations, application_id=APPLICATION)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(DatabaseRefused, match="cannot be opened"):
        open_database(path, migrations=migrations, application_id=APPLICATION)


def test_a_database_whose_head_forbids_to_write_is_refused_at_opening_and_not_at_the_first_write(
    tmp_path: Path, migrations: Path
) -> None:
    path = tmp_path / "a.db"
    open_database(path, migrations=migrations, application_id=APPLICATION).close()
    octets = bytearray(path.read_bytes())
    octets[18] ^= 0xFF  # the version of SQLite that may write to it
    path.write_bytes(octets)
    with pytest.raises(DatabaseBroken, match=r"its head asks for a newer SQLite .*; look at the disk"):
        open_database(path, migrations=migrations, application_id=APPLICATION)
    assert path.read_bytes() == octets


def test_a_database_that_the_system_opens_for_reading_alone_is_told_as_one(
    tmp_path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a file that its attributes protect from root too."""
    path = tmp_path / "a.db"
    open_database(path, migrations=migrations, application_id=APPLICATION).close()
    plain = apsw.Connection
    monkeypatch.setattr(apsw, "Connection", lambda name: plain(name, flags=apsw.SQLITE_OPEN_READONLY))
    with pytest.raises(DatabaseBarred, match="this file can only be read; have its file system mounted for writing"):
        open_database(path, migrations=migrations, application_id=APPLICATION)


@pytest.mark.parametrize(
    ("code", "blocks", "said"),
    [
        (apsw.SQLITE_FULL, 1000, DatabaseFull),
        (apsw.SQLITE_IOERR_SHMSIZE, 0, DatabaseFull),
        (apsw.SQLITE_IOERR_WRITE, 0, DatabaseFull),
        (apsw.SQLITE_IOERR_SHMSIZE, 1000, DatabaseBroken),
        (apsw.SQLITE_IOERR_READ, 0, DatabaseBroken),
        (apsw.SQLITE_IOERR_FSYNC, 0, DatabaseBroken),
        (apsw.SQLITE_CORRUPT, 0, DatabaseBroken),
    ],
)
def test_a_database_that_finds_no_room_is_full_and_not_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, blocks: int, said: type[DatabaseRefused]
) -> None:
    room = SimpleNamespace(f_bavail=blocks, f_frsize=4096, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _path: room)
    with pytest.raises(DatabaseRefused) as refused, refusing(tmp_path / "a.db"):
        raise apsw.exception_for(code)
    assert type(refused.value) is said
    assert ("the disk is full; make room" in str(refused.value)) is (said is DatabaseFull)


@pytest.mark.parametrize("barred", ["a.db", "a.db-wal", "a.db-shm", "."])
@pytest.mark.parametrize(
    ("readable", "flags", "said"),
    [
        (False, 0, "Permission denied; have it and its folder given to you, or run this as their owner"),
        (True, 0, "Permission denied; have it and its folder given to you, or run this as their owner"),
        (True, os.ST_RDONLY, "Read-only file system; have its file system mounted for writing"),
    ],
    ids=["closed", "only-read", "mounted-read-only"],
)
def test_a_database_that_is_not_ours_to_write_is_told_with_the_cause_and_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, barred: str, readable: bool, flags: int, said: str
) -> None:
    """The system is asked in its place, for whoever runs this may be root, to whom nothing is closed."""
    for name in ("a.db", "a.db-wal", "a.db-shm"):
        (tmp_path / name).touch()
    theirs = tmp_path / barred
    allowed = os.R_OK if readable else 0
    monkeypatch.setattr(os, "access", lambda path, mode, **_: path != theirs or mode & ~allowed == 0)
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=flags))
    for code in (apsw.SQLITE_CANTOPEN, apsw.SQLITE_READONLY):
        with pytest.raises(DatabaseBarred) as refused, refusing(tmp_path / "a.db"):
            raise apsw.exception_for(code)
        assert str(refused.value) == f"{theirs} cannot be opened: {said}"


def test_a_database_that_is_only_read_needs_no_right_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.db").touch()
    monkeypatch.setattr(os, "access", lambda _path, mode, **_: mode == os.R_OK)
    with pytest.raises(DatabaseRefused, match="look at the disk"), refusing(tmp_path / "a.db", writes=False):
        raise apsw.exception_for(apsw.SQLITE_CANTOPEN)


def test_a_process_without_descriptors_says_so_and_nothing_of_the_database(tmp_path: Path, migrations: Path) -> None:
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        with pytest.raises(DatabaseBarred, match="Too many open files; give this process"):
            open_reader(tmp_path / "a.db")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_folder_in_the_place_of_a_database_is_told_as_one(tmp_path: Path, migrations: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(DatabaseBarred, match="it is a folder, and should be a plain file; move that"):
        open_database(tmp_path / "a.db", migrations=migrations, application_id=APPLICATION)


@pytest.mark.parametrize("names", [["0002_a.sql"], ["0001_a.sql", "0003_b.sql"], ["0001_a.sql", "0001_b.sql"]])
def test_migrations_with_a_gap_or_twice_a_number_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("")
    with pytest.raises(DatabaseRefused):
        read_migrations(tmp_path)


def test_statements_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- name: one\n-- The first.\nSELECT 1 -- first\n\n-- name: two\nSELECT\n  2\n")
    (tmp_path / "b.sql").write_text("-- name: three\nSELECT 3\n")
    assert read_statements(tmp_path) == {"one": "SELECT 1 -- first", "two": "SELECT\n  2", "three": "SELECT 3"}
    (tmp_path / "c.sql").write_text("-- name: three\nSELECT 4\n")
    with pytest.raises(DatabaseRefused, match="three"):
        read_statements(tmp_path)


def test_every_statement_of_the_store_is_used_and_every_used_one_exists() -> None:
    modules = (entry for entry in files("gateway.store.sqlite").iterdir() if entry.name.endswith(".py"))
    sources = "".join(entry.read_text("utf-8") for entry in modules)
    for name in read_statements(files("gateway.store.sqlite.sql")):
        assert f'"{name}"' in sources, name


def test_no_statement_of_the_store_makes_a_digest_or_packs_what_every_engine_makes_alike() -> None:
    for name, statement in read_statements(files("gateway.store.sqlite.sql")).items():
        assert not [each for each in FUNCTIONS if f"{each}(" in statement], name


@pytest.mark.parametrize("folder", STATEMENTS, ids=lambda each: f"{each.parent.name}-{each.name}")
def test_a_sentence_stands_on_each_statement(folder: Path) -> None:
    texts = [entry.read_text("utf-8") for entry in folder.glob("*.sql")]
    found = re.findall(r"^-- name: (\w+)\n-- [A-Z].{10,}\.\n(?!--)", "".join(texts), re.MULTILINE)
    assert sorted(found) == sorted(read_statements(folder))
