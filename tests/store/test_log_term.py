"""The message log and its evidence have a term, and so has every table (G7, data minimisation)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from support.faulty_storage import change
from support.store_samples import RECEIVER, START, accept, pull, sealed_message

from gateway.store.interface import DamagedRecord
from gateway.store.model import MessageFilter, Offer, State
from gateway.store.packing import packed, unpacked
from gateway.store.sqlite_store import DATABASE_NAME, LOG_DAYS, SHORTEST_LOG_DAYS, SqliteStore

INSTANT = timedelta(microseconds=1)
TERMS = {
    "message": "log_days after its removal",
    "envelope": "until its message ends",
    "parts": "until the purge after that",
    "promised": "as long as its message",
    "evidence": "as long as its message",
    "acceptance": "90 days",
    "signer": "as long as an acceptance names it",
    "certificate": "as long as a signer names it",
    "heard": "a day, and the latest of a party longer",
    "tally": "one row a mailbox, kind and state",
    "store": "one row",
}
RECEIPT = b"<Receipt>" + bytes(range(256)) * 20 + b"</Receipt>"


async def removed(path: Path, log_days: int) -> SqliteStore:
    store = await SqliteStore.open(path, at=START, log_days=log_days)
    await accept(store, sealed_message(1))
    offer = await store.lease(pull(1, START))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=RECEIPT, at=START)
    await store.purge(START)
    return store


@pytest.mark.parametrize("days", [SHORTEST_LOG_DAYS + 1, LOG_DAYS, 4000])
async def test_a_message_and_its_evidence_go_when_the_term_of_the_log_is_over(tmp_path: Path, days: int) -> None:
    store = await removed(tmp_path / "data", days)
    end = START + timedelta(days=days)
    await store.purge(end - INSTANT)
    assert len(await store.messages(MessageFilter(), end)) == 1
    assert RECEIPT in [octets for _, _, octets in await store.evidence("leg2-1@hub.example")]
    await store.purge(end)
    assert await store.messages(MessageFilter(), end) == ()
    assert dict((await store.counts(end)).states)[State.REMOVED] == 0
    await store.aclose()
    reader = apsw.Connection(str(tmp_path / "data" / DATABASE_NAME))
    for table in ("message", "promised", "evidence", "acceptance", "signer", "certificate"):
        left = reader.execute(f"SELECT count(*) FROM {table}").get
        assert left == 0, table
    assert reader.execute("SELECT sum(messages) FROM tally").get == 0
    reader.close()


async def test_the_log_is_kept_as_long_as_an_acceptance_whatever_is_asked(tmp_path: Path) -> None:
    store = await removed(tmp_path / "data", 1)
    await store.purge(START + timedelta(days=SHORTEST_LOG_DAYS) - INSTANT)
    assert len(await store.messages(MessageFilter(), START)) == 1
    await store.aclose()


async def test_every_table_has_a_term(tmp_path: Path) -> None:
    await (await SqliteStore.open(tmp_path / "data", at=START)).aclose()
    reader = apsw.Connection(str(tmp_path / "data" / DATABASE_NAME))
    tables = {name for (name,) in reader.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    reader.close()
    assert tables == set(TERMS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence SET octets = CAST('<other/>' AS BLOB)",
        "UPDATE evidence SET kind = 'receipt-late' WHERE kind = 'receipt-taken'",
        "UPDATE evidence SET at = at + 1",
        "UPDATE evidence SET sha256 = NULL",
    ],
)
async def test_evidence_that_changed_is_told_and_never_shown(tmp_path: Path, statement: str) -> None:
    await (await removed(tmp_path / "data", LOG_DAYS)).aclose()
    change(tmp_path / "data", statement)
    store = await SqliteStore.open(tmp_path / "data", at=START)
    with pytest.raises(DamagedRecord, match="the evidence"):
        await store.evidence("leg2-1@hub.example")
    await store.aclose()


@pytest.mark.parametrize("octets", [b"", b"<r/>", RECEIPT, bytes(100_000)])
def test_what_is_packed_comes_out_again(octets: bytes) -> None:
    assert unpacked(packed(octets)) == octets


def test_what_is_cut_or_continued_is_nothing() -> None:
    kept = packed(RECEIPT)
    assert unpacked(b"") is unpacked(kept[:-1]) is unpacked(kept + b"x") is unpacked(b"\x02" + kept[1:]) is None
