"""Counters of mailboxes are derived: a wrong one keeps no message from its owner, and is found and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.longer import longer
from support.store.engines import ENGINES, TestedEngine
from support.store.store_samples import RECEIVER, accept, mailbox_of, pull, sealed_message

from gateway.store.interface import Store
from gateway.store.model import Offer

SQLITE = ENGINES["sqlite"]
NONE_WAITS = "UPDATE tally SET messages = 0, octets = 0"
WRONG = {
    "too few": NONE_WAITS,
    "too many": "UPDATE tally SET messages = messages + 7",
    "another size": "UPDATE tally SET octets = octets + 1",
    "lost": "DELETE FROM tally",
    "of nothing": "UPDATE tally SET state = 'offered'",
}


async def _with_wrong(engine: TestedEngine, path: Path, statement: str) -> tuple[Store, list[int]]:
    """A store of two messages whose counters were changed behind its back, and what it tells of them."""
    store = await engine.open(path / "data")
    await accept(store, sealed_message(1))
    await accept(store, sealed_message(2))
    await store.aclose()
    engine.change(path / "data", statement)
    store = await engine.open(path / "data")
    told: list[int] = []
    store.tell_recounted(told.append)
    return store, told


@pytest.mark.parametrize("waiting", [True, False], ids=["those that wait", "all"])
@pytest.mark.parametrize("wrong", ["too few", "lost", *longer("too many", "another size", "of nothing")])
async def test_a_counter_that_is_wrong_is_counted_anew_from_the_rows(
    engine: TestedEngine, tmp_path: Path, wrong: str, waiting: bool
) -> None:
    store, told = await _with_wrong(engine, tmp_path, WRONG[wrong])
    mended = await store.count_anew(waiting=waiting)
    assert told == [mended] == [2 if wrong == "of nothing" else 1]
    (mailbox,) = await store.mailboxes()
    assert (mailbox.mpc, mailbox.party, mailbox.waiting) == (mailbox_of(RECEIVER), RECEIVER, 2)
    assert await store.count_anew() == 0
    assert told == [mended]
    await store.aclose()


async def test_a_second_look_counts_anew(engine: TestedEngine, tmp_path: Path) -> None:
    store, told = await _with_wrong(engine, tmp_path, WRONG["too many"])
    assert ((await store.recheck()).recounted, (await store.recheck()).recounted, told) == (1, 0, [1])
    await store.aclose()


async def test_a_pull_is_given_its_message_whatever_the_counter_says(engine: TestedEngine, tmp_path: Path) -> None:
    """SQLite's would fall below nothing, and are counted anew then; what PostgreSQL keeps is a sum of which no part is
    held against anything.
    """
    store, told = await _with_wrong(engine, tmp_path, NONE_WAITS)
    assert isinstance(await store.lease(pull("one")), Offer)
    assert isinstance(await store.lease(pull("two")), Offer)
    assert told == ([1] if engine is SQLITE else [])
    await store.count_anew()
    (mailbox,) = await store.mailboxes()
    assert mailbox.waiting + mailbox.leased == 2
    await store.aclose()


async def test_so_is_the_one_of_a_message_that_stands_in_another_mailbox(tmp_path: Path) -> None:
    store, told = await _with_wrong(SQLITE, tmp_path, "UPDATE message SET mpc = 'urn:other' WHERE id = 1")
    assert isinstance(await store.lease(pull("one")), Offer)
    await store.count_anew()
    assert told == [2]
    await store.aclose()
