"""What SQLite makes of the statements: lookups by an index, and a database of the first day brought up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import apsw
import pytest
from support.store.steps import fill, steps_of
from support.store.store_samples import RECEIVER, SENDER, START, TERM, pull, sealed_message

from gateway.sqlite import open_database, read_migrations
from gateway.store import rows
from gateway.store.blobs import FinishedParts
from gateway.store.filters import conditions_of
from gateway.store.model import MessageFilter, Offer
from gateway.store.rules import lease as lease_rules
from gateway.store.sqlite import accepting, leasing, listing
from gateway.store.sqlite.statements import SQL
from gateway.store.sqlite.store import APPLICATION_ID, FUNCTIONS

MIGRATIONS = files("gateway.store.sqlite.migrations")

# Statements that look for messages while another message is accepted or judged, and the index that they must use.
LOOKUPS = [
    ("forget_signer", "acceptance_signer"),
    ("forget_certificate", "signer_certificate"),
    ("find_question", "message_open_reference"),
    ("find_question", "message_reference"),
    ("find_answered", "message_open_reference"),
    ("find_waived", "message_open_conversation"),
    ("find_waiver", "message_conversation"),
    ("list_waiting", "message_waiting_for"),
    ("count_waiting", "message_waiting_for"),
    ("list_sent", "message_sent"),
    ("list_unanswered", "message_unanswered"),
    ("list_answers", "message_conversation"),
    ("count_held", "message_held"),
]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    opened = open_database(
        tmp_path / "store.db", migrations=MIGRATIONS, application_id=APPLICATION_ID, functions=FUNCTIONS
    )
    yield opened
    opened.close()


@pytest.mark.parametrize(("statement", "index"), LOOKUPS, ids=[" by ".join(row) for row in LOOKUPS])
def test_a_lookup_goes_by_its_index(connection: apsw.Connection, statement: str, index: str) -> None:
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {SQL[statement]}", dict.fromkeys(_names(), ""))]
    assert any(f" INDEX {index} (" in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN") and "json_each" not in step], plan


def test_a_question_is_found_at_once_however_often_its_reference_was_used(connection: apsw.Connection) -> None:
    """On the event loop: so nobody waits for who uses one reference for everything."""
    shared = {"question": True, "tracking_identifier": "one", "conversation_id": "one"}
    with connection:
        for number in range(2_000):
            connection.execute(SQL["insert_message"], rows.metadata_bindings(sealed_message(number, **shared).metadata))
        connection.execute("UPDATE message SET answered_at = 1")
    steps = 0

    def traced(event: dict[str, Any]) -> None:
        nonlocal steps
        steps += event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

    connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, traced)
    found = listing.find_question(connection, "one", SENDER, RECEIVER)
    bindings = dict.fromkeys(_names(), "one") | {"at": 2, "original_sender": RECEIVER, "final_recipient": SENDER}
    for statement in ("find_answered", "find_waived"):
        connection.execute(SQL[statement], bindings | {"waives": "[]"}).fetchall()
    connection.trace_v2(0, None)
    assert found is not None
    assert found.answered
    assert 0 < steps < 1_000


OFFERED = "UPDATE message SET state = 'offered', lease_token = 't', attempts = 1, offered_at = 1, "
LEASED = {
    "lapsed leases": OFFERED + "lease_until = 1, offerable_at = 1",
    "pauses after an error": OFFERED + f"lease_until = 1, offerable_at = {rows.to_microseconds(START + TERM)}",
    "open leases": OFFERED + "lease_until = {0}, offerable_at = {0}".format(rows.to_microseconds(START + TERM)),
    "damaged messages": OFFERED + "lease_until = 1, offerable_at = 1, damaged = 1",
}


@pytest.mark.parametrize("what", LEASED)
def test_a_lease_costs_no_more_for_however_many(connection: apsw.Connection, monkeypatch, what: str) -> None:
    monkeypatch.setattr(lease_rules, "LAPSED_LOOKED_AT", 50)
    steps = []
    for numbers in (range(200), range(200, 2000)):
        fill(connection, numbers)
        connection.execute(f"{LEASED[what]} WHERE state = 'stored'").fetchall()
        request = replace(pull(numbers.stop), open_leases=100)
        steps.append(steps_of(connection, lambda request=request: leasing.lease(connection, request, START)))
    assert steps[1] <= steps[0] + 20, "a deeper index at most"


def test_a_question_finds_what_waived_it_at_once_in_a_long_conversation(connection: apsw.Connection) -> None:
    parts = FinishedParts(octets=b"x", blob=None, size_octets=1, sha256=hashlib.sha256(b"x").digest())
    steps = []
    for numbers in (range(200), range(200, 2000)):
        fill(connection, numbers)
        sample = sealed_message(
            10_000 + numbers.stop, question=True, conversation_id="one", original_sender=RECEIVER,
            final_recipient=SENDER,
        )  # fmt: skip
        question = replace(sample, waived_by=("nothing",))
        steps.append(
            steps_of(
                connection,
                lambda question=question: accepting.accept(connection, question, parts, None, 10**6),
            )
        )
    assert steps[1] <= steps[0] + 20, "a deeper index at most"


def test_open_questions_are_listed_from_an_index_of_their_own(connection: apsw.Connection) -> None:
    statement = SQL["list_messages"].format(conditions=conditions_of(MessageFilter(open_questions=True)))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", {"limit": 1})]
    assert plan == ["SCAN message USING INDEX message_open_question"]


def test_a_database_of_the_first_day_keeps_its_questions_and_gives_its_messages(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "0001_messages.sql").write_text(read_migrations(MIGRATIONS)[0])
    first = open_database(tmp_path / "store.db", migrations=old, application_id=APPLICATION_ID, functions=FUNCTIONS)
    message = sealed_message(1, question=True)
    columns = rows.metadata_bindings(message.metadata)
    del columns["sha256"]
    first.execute(
        f"INSERT INTO message ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})", columns
    )
    first.execute(
        "INSERT INTO envelope (message, content_type, head, tail) VALUES (1, ?, ?, ?)",
        (message.content_type, message.head, message.tail),
    )
    first.execute(
        "INSERT INTO parts (message, size_octets, sha256, octets) VALUES (1, 5, ?, ?)",
        (hashlib.sha256(b"parts").digest(), b"parts"),
    )
    first.execute(
        "INSERT INTO promised (message, part_references) VALUES (1, ?)", (rows.write_references(message.references),)
    )
    first.close()
    now = open_database(
        tmp_path / "store.db", migrations=MIGRATIONS, application_id=APPLICATION_ID, functions=FUNCTIONS
    )
    (record,) = listing.messages(now, MessageFilter(open_questions=True), START)
    assert (record.metadata, record.answered, record.waived) == (
        sealed_message(1, question=True).metadata, False, False
    )  # fmt: skip
    found = listing.find_question(now, "tracking-1", SENDER, RECEIVER)
    assert found is not None
    offer = leasing.lease(now, pull(1), START)
    assert isinstance(offer, Offer)
    assert (offer.head, offer.parts, offer.damage) == (message.head, b"parts", None)
    offered = listing.find_offered(now, message.metadata.message_id)
    assert offered is not None
    assert offered.references == message.references
    now.close()


def _names() -> set[str]:
    return {
        "id", "at", "cross_reference", "tracking_identifier", "conversation_id", "original_sender", "final_recipient",
        "service", "waives", "waived_by", "sha256", "party", "after", "before", "first", "limit", "most", "person",
    }  # fmt: skip


def test_the_last_test_messages_are_found_without_a_look_through_the_log(connection: apsw.Connection) -> None:
    steps = []
    for numbers in (range(200), range(200, 2000)):
        fill(connection, numbers)
        steps.append(steps_of(connection, lambda: listing.contacts(connection)))
    assert steps[1] <= steps[0] + 20, "a deeper index at most"
