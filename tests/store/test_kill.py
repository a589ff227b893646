"""SIGKILL at each named point, restart, and every promise holds (FA-01; G1, G2, G4, G5)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.store.engines import ENGINES, PLACES, as_of
from support.store.killing import COUNT, work_until_killed
from support.store.store_samples import (
    RECEIVER,
    START,
    TERM,
    accept,
    acceptance_for,
    found_again,
    parts_of,
    pull,
    read_whole,
    receipt_sample,
    sealed_message,
)

from gateway import failpoints
from gateway.store.model import Accepted, Duplicate, Kind, MessageFilter, Offer, ReceiptOutcome, State

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
SIZES = (500, 100_000)
ANEW = b"<Envelope signed='anew'/>"  # as the killed process says it
POINTS = {
    "A7.before:2:kill": "a",
    "A7.after:1:kill": "a",
    "A7.after:2:kill": "a",
    "A8.before:1:kill": "a",
    "A8.before:3:kill": "a",
    "A8.after:1:kill": "a",
    "A8.after:4:kill": "a",
    "P3.before:2:kill": "ar",
    "P3.after:2:kill": "ar",
    "R3.before:2:kill": "ar",
    "R3.after:2:kill": "ar",
    "X1.before:2:kill": "ax",
    "X2.before:2:kill": "ax",
    "X3.before:2:kill": "ax",
    "X3.after:2:kill": "ax",
    "U1.before:1:kill": "axu",
    "U2.after:1:kill": "axu",
    "U3.before:1:kill": "aru",
    "U3.after:1:kill": "axu",
    "U4.before:1:kill": "aru",
    "M1.before:1:kill": "a",
    "M1.after:1:kill": "a",
    "M1.before:2:kill": "aru",
    "M1.after:2:kill": "axu",
    "M1.before:3:kill": "aru",
    "M1.after:3:kill": "axu",
}


# What object storage adds, where large parts lie in it, and the last point before the commit that binds them.
OBJECT_POINTS = {
    "O1.before:1:kill": "a",
    "O1.after:1:kill": "a",
    "O1.after:2:kill": "ax",
    "A8.before:1:kill": "a",
    "A8.after:1:kill": "a",
    "O2.before:1:kill": "axu",
    "O2.after:1:kill": "aru",
}

# Those of the engine on PostgreSQL in which a transaction is the server's to undo, as it does at the points that stay.
UNDONE = ("P3.before", "X1.before", "X2.before", "U1.before", "U2.after", "M1.before")


def _cells() -> Iterable[Any]:
    """Each point of each engine; of PostgreSQL's in the ordinary run the first cell of each point."""
    for engine in ENGINES:
        told: set[str] = set()
        for each in sorted(POINTS):
            point = each.partition(":")[0]
            if point in ENGINES[engine].passes:
                continue
            later = engine != "sqlite" and (point in told or point in UNDONE)
            told.add(point)
            name = f"{engine} {each} {failpoints.POINTS[point]}"
            yield pytest.param(each, engine, id=name, marks=[pytest.mark.soak] if later else [])
    for each in OBJECT_POINTS:
        name = f"objects {each} {failpoints.POINTS[each.partition(':')[0]]}"
        yield pytest.param(each, "objects", id=name, marks=[pytest.mark.soak] if each[0] != "O" else [])


@pytest.mark.parametrize(("failpoint", "engine"), list(_cells()))
def test_every_promise_survives_a_kill(tmp_path: Path, engine: str, failpoint: str) -> None:
    steps = (OBJECT_POINTS if engine == "objects" else POINTS)[failpoint]
    promises = work_until_killed(engine, tmp_path / "data", steps, failpoint)
    assert "done" not in promises
    asyncio.run(check(engine, tmp_path / "data", promises))


async def check(engine: str, path: Path, promises: list[str]) -> None:
    store = await PLACES[engine].open(path, log_days=40_000)  # longer than the leap at the end
    assert store.doubt is None
    records = await store.messages(MessageFilter())
    states = {record.metadata.message_id: record.state for record in records}
    notices = {record.metadata.message_id for record in records if record.metadata.kind is Kind.NOTICE}
    for number in range(1, COUNT + 1):
        message = sealed_message(number)
        message_id = message.metadata.message_id
        if f"accepted {number}" in promises:
            assert message_id in states
        # G5: the sender that heard nothing sends again and gets the one receipt, or is accepted now.
        known = message_id in states
        outcome = await accept(store, message, parts_of(number, SIZES[number % 2]))
        acceptance = acceptance_for(message)
        assert outcome == (Duplicate(found_again(acceptance, acceptance.receipt)) if known else Accepted())
        if f"receipted {message_id}" in promises:
            assert states[message_id] in (State.RECEIPTED, State.REMOVED)
        if f"expired {message_id}" in promises:
            assert states[message_id] in (State.EXPIRED, State.REMOVED)
        # G2: expired and its notice, or neither.
        expired = states.get(message_id) in (State.EXPIRED, State.REMOVED) and not any(
            promise.startswith("receipted") for promise in promises
        )
        assert expired == (f"leg2-{100 + number}@hub.example" in notices)
    # G3, G4: what still waits comes out bit for bit, after any lease of the dead process has lapsed.
    at = START + timedelta(hours=1)
    waiting = [number for number in range(1, COUNT + 1) if states.get(_id(number)) not in FINAL]
    for number in waiting:
        offer = await as_of(at, store).lease(pull(f"again-{number}"))
        assert isinstance(offer, Offer)
        assert offer.message_id == _id(number)
        message = sealed_message(number)
        assert await read_whole(store, offer) == message.head + parts_of(number, SIZES[number % 2]) + message.tail
        await as_of(at, store).close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    for notice in notices:
        offer = await as_of(START + TERM, store).lease(pull(notice, party="sender"))
        assert isinstance(offer, Offer)
        assert parts_of(int(offer.message_id[5:8]), 100_000) in await read_whole(store, offer)
        await as_of(START + TERM, store).close(offer.message_id, party="sender", receipt=b"<r/>")
    # I11: when all is final and an hour has passed, no blob is left.
    await as_of(START + timedelta(days=3650), store).purge()
    assert list((path / "blobs").iterdir()) == []
    assert PLACES[engine].count_large_parts(path) == 0
    counts = await as_of(START, store).counts()
    assert dict(counts.states)[State.REMOVED] == COUNT + len(notices)
    await store.aclose()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("failpoint", ["L1.before:2:kill", "L1.after:1:kill", "L1.after:3:kill"])
def test_a_late_receipt_and_the_notice_about_it_survive_a_kill_together(
    tmp_path: Path, engine: str, failpoint: str
) -> None:
    promises = work_until_killed(engine, tmp_path / "data", "aoxl", failpoint)
    asyncio.run(check_late(engine, tmp_path / "data", promises))


async def check_late(engine: str, path: Path, promises: list[str]) -> None:
    """Receipt and notice, or neither; whoever says it again gets one of each in the end."""
    store = await ENGINES[engine].open(path)
    told = {record.metadata.message_id for record in await as_of(START, store).messages(MessageFilter())}
    for number in range(1, COUNT + 1):
        kept = "receipt-late" in [kind for kind, _, _ in await store.evidence(_id(number))]
        assert kept == (f"leg2-{200 + number}@hub.example" in told)
        assert kept or f"late {number}" not in promises
        outcome = await as_of(START + TERM, store).keep_late(
            _id(number), party=RECEIVER, receipt=b"<l/>", notice=None, notice_parts=None
        )
        assert outcome is (ReceiptOutcome.REPEATED if kept else ReceiptOutcome.LATE)
    await store.aclose()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("failpoint", ["S1.before:2:kill", "S1.after:1:kill", "S1.after:3:kill"])
def test_a_receipt_for_a_message_signed_anew_survives_a_kill_before_it_leaves(
    tmp_path: Path, engine: str, failpoint: str
) -> None:
    promises = work_until_killed(engine, tmp_path / "data", "as", failpoint)
    asyncio.run(check_given_again(engine, tmp_path / "data", promises, failpoint))


async def check_given_again(engine: str, path: Path, promises: list[str], failpoint: str) -> None:
    """What reached its point after the commit is kept, what did not is not; and either way the same signing gets one
    receipt in the end, which stays the same."""
    store = await ENGINES[engine].open(path)
    _, nth, _ = failpoint.split(":")
    durable = int(nth) if failpoint.startswith("S1.after") else int(nth) - 1
    assert [each for each in promises if each.startswith("given")] == [f"given again {n}" for n in range(1, int(nth))]
    for number in range(1, COUNT + 1):
        acceptance = acceptance_for(sealed_message(number))
        kept = receipt_sample(f"leg1-{number}@sender.example", ANEW)
        again = replace(kept, octets=kept.octets + b"<!-- of the next process -->")
        kinds = [kind for kind, _, _ in await store.evidence(_id(number))]
        assert kinds == ["receipt-given", "receipt-given-again"][: 2 if number <= durable else 1]
        wanted = kept if number <= durable else again
        assert await store.keep_receipt(acceptance.key, again, most=8) == wanted
        assert await store.find_earlier((acceptance.key,), kept.soap_sha256) == found_again(acceptance, wanted)
    await store.aclose()


FINAL = (State.RECEIPTED, State.EXPIRED, State.REMOVED)


def _id(number: int) -> str:
    return f"leg2-{number}@hub.example"
