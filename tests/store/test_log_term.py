"""The message log and its evidence have a term, and so has every table (G7, data minimisation)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.store.engines import TestedEngine, as_of
from support.store.store_samples import (
    RECEIVER,
    START,
    accept,
    acceptance_for,
    found_again,
    pull,
    receipt_sample,
    sealed_message,
)

from gateway.settings import DataSection
from gateway.store.interface import DamagedRecord
from gateway.store.model import MessageFilter, Offer, State
from gateway.store.packing import packed, unpacked
from gateway.store.rules.expiry import LOG_DAYS, SHORTEST_LOG_DAYS

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
    "ping": "90 days after the last of its party",
    "tally": "one row a mailbox, kind and state",
    "store": "one row",
}
RECEIPT = b"<Receipt>" + bytes(range(256)) * 20 + b"</Receipt>"


async def removed(engine: TestedEngine, path: Path, log_days: int) -> Any:
    store = await engine.open(path, log_days=log_days)
    await accept(store, sealed_message(1))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=RECEIPT)
    await store.purge()
    return store


@pytest.mark.parametrize("days", [SHORTEST_LOG_DAYS + 1, LOG_DAYS, 4000])
async def test_a_message_and_its_evidence_go_when_the_term_of_the_log_is_over(
    engine: TestedEngine, tmp_path: Path, days: int
) -> None:
    store = await removed(engine, tmp_path / "data", days)
    end = START + timedelta(days=days)
    await as_of(end - INSTANT, store).purge()
    assert len(await as_of(end, store).messages(MessageFilter())) == 1
    assert RECEIPT in [octets for _, _, octets in await store.evidence("leg2-1@hub.example")]
    await as_of(end, store).purge()
    assert await as_of(end, store).messages(MessageFilter()) == ()
    assert dict((await as_of(end, store).counts()).states)[State.REMOVED] == 0
    await store.aclose()
    for table in ("message", "promised", "evidence", "acceptance", "signer", "certificate"):
        assert engine.look(tmp_path / "data", f"SELECT count(*) FROM {table}") == [(0,)], table
    assert engine.look(tmp_path / "data", "SELECT CAST(sum(messages) AS bigint) FROM tally") == [(0,)]


async def test_the_log_is_kept_as_long_as_an_acceptance_whatever_is_asked(engine: TestedEngine, tmp_path: Path) -> None:
    store = await removed(engine, tmp_path / "data", 1)
    await as_of(START + timedelta(days=SHORTEST_LOG_DAYS) - INSTANT, store).purge()
    assert len(await as_of(START, store).messages(MessageFilter())) == 1
    await store.aclose()


@pytest.mark.parametrize("log_days", [1, SHORTEST_LOG_DAYS, LOG_DAYS])
async def test_an_acceptance_and_its_receipts_are_kept_for_its_ninety_days(
    engine: TestedEngine, tmp_path: Path, log_days: int
) -> None:
    """A moment before they are over the same message still gets what it got, in either signing; then it is unknown.
    What proves it to an auditor stays as long as the log."""
    store = await removed(engine, tmp_path / "data", log_days)
    acceptance = acceptance_for(sealed_message(1))
    again = receipt_sample("leg1-1@sender.example", b"<Envelope signed='anew'/>")
    assert await as_of(START, store).keep_receipt(acceptance.key, again, most=8) == again
    first, end = acceptance.receipt, START + timedelta(days=90)
    await as_of(end - INSTANT, store).purge()
    for given in (first, again):
        assert await store.find_earlier((acceptance.key,), given.soap_sha256) == found_again(acceptance, given)
    assert await store.signers() == (acceptance.signer,)
    await as_of(end, store).purge()
    assert await store.find_earlier((acceptance.key,), first.soap_sha256) is None
    assert await as_of(end, store).keep_receipt(acceptance.key, again, most=8) is None
    assert await store.signers() == ()
    kept = [octets for _, _, octets in await store.evidence("leg2-1@hub.example")]
    assert kept == ([first.octets, RECEIPT, again.octets] if log_days > SHORTEST_LOG_DAYS else [])
    await store.aclose()


async def test_the_log_of_a_clock_that_was_set_back_keeps_what_an_acceptance_needs(
    engine: TestedEngine, tmp_path: Path
) -> None:
    """By the clock it was removed long ago; while its acceptance is known, its receipts are there."""
    store = await engine.open(tmp_path / "data", log_days=1)
    await accept(store, sealed_message(1))
    early = START - timedelta(days=50)
    offer = await as_of(START, store).lease(pull(1))
    assert isinstance(offer, Offer)
    await as_of(START, store).close(offer.message_id, party=RECEIVER, receipt=RECEIPT)
    await as_of(START + timedelta(days=1), store).lease(pull(2))  # the party's latest: the first is forgotten
    await as_of(early, store).purge()
    await as_of(START + timedelta(days=SHORTEST_LOG_DAYS) - INSTANT, store).purge()
    acceptance = acceptance_for(sealed_message(1))
    found = await store.find_earlier((acceptance.key,), acceptance.receipt.soap_sha256)
    assert found == found_again(acceptance, acceptance.receipt)
    await store.aclose()


async def test_a_damaged_acceptance_goes_with_the_log_of_its_message_and_so_does_who_signed_it(
    engine: TestedEngine, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    await (await removed(engine, data, LOG_DAYS)).aclose()
    engine.change(data, "UPDATE acceptance SET said = x'00'")
    store = await engine.open(data)
    end = START + timedelta(days=LOG_DAYS)
    for at, left in ((end - INSTANT, (1, 1, 1, 1)), (end, (0, 0, 0, 0))):
        await as_of(at, store).purge()
        counted = [
            engine.look(data, f"SELECT count(*) FROM {table}")[0][0]
            for table in ("message", "acceptance", "signer", "certificate")
        ]
        assert tuple(counted) == left
    await store.aclose()


@pytest.mark.parametrize(("days", "taken"), [(89, False), (90, True), (396, True)])
def test_a_setting_below_the_ninety_days_is_refused(days: int, taken: bool) -> None:
    """The settings say it to the operator, before the store raises it without a word."""
    settings = {"directory": "/data", "log_days": days}
    if taken:
        assert DataSection.model_validate(settings).log_days == days
    else:
        with pytest.raises(ValidationError, match="log_days"):
            DataSection.model_validate(settings)


async def test_every_table_has_a_term(engine: TestedEngine, tmp_path: Path) -> None:
    await (await engine.open(tmp_path / "data")).aclose()
    found = {name for (name,) in engine.look(tmp_path / "data", engine.tables)}
    assert found == TERMS.keys() | engine.terms.keys()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence SET octets = CAST('<other/>' AS BLOB)",
        "UPDATE evidence SET kind = 'receipt-late' WHERE kind = 'receipt-taken'",
        "UPDATE evidence SET at = at + 1",
        "UPDATE evidence SET sha256 = NULL",
    ],
)
async def test_evidence_that_changed_is_told_and_never_shown(
    engine: TestedEngine, tmp_path: Path, statement: str
) -> None:
    await (await removed(engine, tmp_path / "data", LOG_DAYS)).aclose()
    engine.change(tmp_path / "data", statement)
    store = await engine.open(tmp_path / "data")
    with pytest.raises(DamagedRecord, match="the evidence"):
        await store.evidence("leg2-1@hub.example")
    await store.aclose()


@pytest.mark.parametrize("octets", [b"", b"<r/>", RECEIPT, bytes(100_000)])
def test_what_is_packed_comes_out_again(octets: bytes) -> None:
    assert unpacked(packed(octets)) == octets


def test_what_is_cut_or_continued_is_nothing() -> None:
    kept = packed(RECEIPT)
    assert unpacked(b"") is unpacked(kept[:-1]) is unpacked(kept + b"x") is unpacked(b"\x02" + kept[1:]) is None
