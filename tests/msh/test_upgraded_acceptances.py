"""What was accepted before what messages say was kept (0006_acceptances.sql) is known after the upgrade, too.

The database is laid out by the migrations of that time, with the rows that they had a place for.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub
from support.hubs.repeating import answer, assert_receipted, certificates, configured, messages, references_of
from support.keys.pki import NOW, identity
from support.messages.signing_anew import phase4, signed_anew
from support.messages.wire import Wire, post, pull_request, saldoverzoek

from gateway.sqlite import open_database, read_migrations
from gateway.store.model import MessageFilter
from gateway.store.packing import unpacked
from gateway.store.sqlite.store import APPLICATION_ID, DATABASE_NAME, FUNCTIONS

BEFORE = 5  # migrations


def digest_of_references(wire: Wire) -> bytes:
    """What was kept of a message then: the URI and the digest of everything that it signed."""
    pairs = sorted(f"{uri}\0{base64_hex(value)}" for uri, value in references_of(wire))
    return hashlib.sha256("\n".join(pairs).encode()).digest()


def base64_hex(value: str) -> str:
    return base64.b64decode(value).hex()


def turned_back(database: Path, wire: Wire) -> None:
    """Lay the rows of the one accepted message out as the program before the upgrade did."""
    older, old = database.with_name("older"), database.with_name("old.db")
    older.mkdir()
    for number, text in enumerate(read_migrations(files("gateway.store.sqlite.migrations"))[:BEFORE], start=1):
        (older / f"{number:04}_step.sql").write_text(text)
    connection = open_database(old, migrations=older, application_id=APPLICATION_ID, functions=FUNCTIONS)
    assert connection.pragma("user_version") == BEFORE
    connection.execute("ATTACH ? AS new", (str(database),))
    tables = [name for (name,) in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")]
    tables.sort(key=lambda name: (name != "message", name == "tally"))
    for table in tables:
        if table in ("seen", "evidence"):
            continue
        theirs = {row[1] for row in connection.execute(f"PRAGMA new.table_info({table})")}
        ours = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        columns = ", ".join(name for name in ours if name in theirs)
        connection.execute(f"DELETE FROM main.{table}")
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    kept = "SELECT id, message, kind, at, content_type, octets FROM new.evidence"
    for *values, octets in connection.execute(kept).fetchall():
        connection.execute("INSERT INTO main.evidence VALUES (?, ?, ?, ?, ?, ?)", (*values, unpacked(octets)))
    connection.execute(
        "INSERT INTO main.seen SELECT key, ?, evidence.id, forget_at FROM new.acceptance "
        "JOIN main.evidence ON evidence.message = acceptance.message",
        (digest_of_references(wire),),
    )
    connection.close()
    for left in ("-wal", "-shm"):
        database.with_name(database.name + left).unlink(missing_ok=True)
    old.replace(database)


@pytest.fixture
async def upgraded(tmp_path: Path) -> tuple[Path, Wire, bytes]:
    """A data directory in which a message was accepted by the program before, the message, and its receipt."""
    wire = saldoverzoek().wire()
    async with running_hub(tmp_path) as hub:
        receipt = (await post(hub, wire)).body
        database = Path(hub.store.directory.path) / DATABASE_NAME
    turned_back(database, wire)
    return tmp_path, wire, receipt


async def given(hub: TestedHub) -> list[tuple[str, bytes]]:
    (record,) = await hub.store.messages(MessageFilter())
    return [(str(kind), octets) for kind, _, octets in await hub.store.evidence(record.metadata.message_id)]


async def test_the_same_octets_get_the_receipt_that_was_stored_before_the_upgrade(
    upgraded: tuple[Path, Wire, bytes],
) -> None:
    path, wire, receipt = upgraded
    async with running_hub(path) as hub:
        for _ in range(10):
            assert (await post(hub, wire)).body == receipt
        assert await given(hub) == [("receipt-given", receipt)]
        assert (await post(hub, pull_request())).user_message is not None
        assert (await post(hub, pull_request())).codes == ("EBMS:0006",)


async def test_they_get_it_whatever_became_of_the_pmode_while_the_certificate_is_in_the_file(
    upgraded: tuple[Path, Wire, bytes],
) -> None:
    path, wire, receipt = upgraded
    async with running_hub(path) as hub:
        under = configured(modules={"Schuldregeling": ["1.1"]})
        assert (await answer(hub, wire, under=under)).body == receipt


async def test_another_message_under_the_id_is_refused_and_the_first_stays(
    upgraded: tuple[Path, Wire, bytes],
) -> None:
    """Of a signing made anew what was kept then tells nothing: it is refused as it was before the upgrade."""
    path, wire, receipt = upgraded
    other = saldoverzoek().saying(message_id=wire.message_id)
    async with running_hub(path) as hub:
        anew = signed_anew(other, phase4(), identity("counsellor"), at=NOW)
        assert (await post(hub, anew)).codes == ("EBMS:0003",)
        assert (await post(hub, wire)).body == receipt
        assert await messages(hub) == 1


async def test_what_is_accepted_after_the_upgrade_is_known_by_what_it_says(upgraded: tuple[Path, Wire, bytes]) -> None:
    path, _, _ = upgraded
    draft = saldoverzoek()
    async with running_hub(path) as hub:
        assert (await post(hub, draft.wire())).receipt is not None
        again = signed_anew(draft, phase4(), identity("counsellor"), at=NOW)
        assert_receipted(await answer(hub, again, under=configured(**certificates("next"))), again)


def test_the_layout_is_that_of_the_program_before() -> None:
    """The next migration is the one that this is about."""
    steps = read_migrations(files("gateway.store.sqlite.migrations"))
    assert "CREATE TABLE acceptance" in steps[BEFORE]
    assert not any("CREATE TABLE acceptance" in each for each in steps[:BEFORE])
