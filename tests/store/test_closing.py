"""The end of a message: receipt, term, removal, evidence (G2, G4, G7; T6, T7, T9, T10, T11)."""

from __future__ import annotations

import asyncio
import errno
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.store.engines import as_of, open_sqlite
from support.store.store_samples import (
    RECEIVER,
    SENDER,
    START,
    TERM,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    sealed_message,
)

from gateway.ebms.names import TEST_ACTION
from gateway.store.interface import NotOffered, Spool, Store
from gateway.store.model import Accepted, Empty, Expired, Kind, MessageFilter, Offer, ReceiptOutcome, State

SECOND = timedelta(seconds=1)
GRACE = timedelta(minutes=10)
MESSAGE_ID = "leg2-1@hub.example"


async def offered(store: Store, at: datetime = START) -> Offer:
    await accept(store, sealed_message(1), parts_of(1))
    offer = await as_of(at, store).lease(pull(1))
    assert isinstance(offer, Offer)
    return offer


async def state_of(store: Store, message_id: str = MESSAGE_ID) -> State:
    found = await store.messages(MessageFilter(message_id=message_id))
    return next(record.state for record in found if record.metadata.message_id == message_id)


async def notice_for(store: Store, number: int = 2, octets: int = 100) -> tuple[object, Spool]:
    spool = await store.open_spool(octets)
    await spool.write(parts_of(number, octets))
    notice = sealed_message(
        number,
        at=START + TERM,
        kind=Kind.NOTICE,
        sender="hub",
        original_sender="hub",
        receiver=SENDER,
        received_message_id=MESSAGE_ID,
    )
    return notice, spool


async def expire(store: Store, at: datetime, **changes) -> Expired | None:
    notice, spool = await notice_for(store)
    return await as_of(at, store).expire(MESSAGE_ID, notice=notice, notice_parts=spool, **changes)


async def due_ids(store: Store, at: datetime) -> list[str]:
    return [record.metadata.message_id for record in await as_of(at, store).due(limit=10)]


async def test_a_receipt_closes_the_message_for_good_T6_G4(open_store) -> None:
    store = await open_store()
    await offered(store)
    outcome = await as_of(START + SECOND, store).close(MESSAGE_ID, party=RECEIVER, receipt=b"<taken/>")
    assert outcome is ReceiptOutcome.CLOSED
    store = await open_store()
    (record,) = await as_of(START, store).messages(MessageFilter())
    assert (record.state, record.closed_at, record.lease_until) == (State.RECEIPTED, START + SECOND, None)
    assert await as_of(START + timedelta(days=1), store).lease(pull(2)) == Empty()
    assert await store.evidence(MESSAGE_ID) == (
        ("receipt-given", START, acceptance_for(sealed_message(1)).receipt.octets),
        ("receipt-taken", START + SECOND, b"<taken/>"),
    )


async def test_a_receipt_is_valid_after_its_lease_has_lapsed_RC_05(store: Store) -> None:
    await offered(store)
    late = START + timedelta(days=2)
    assert await as_of(late, store).close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>") is ReceiptOutcome.CLOSED


async def test_a_receipt_again_changes_nothing_RC_04(store: Store) -> None:
    await offered(store)
    outcomes = await asyncio.gather(
        *(store.close(MESSAGE_ID, party=RECEIVER, receipt=b"<r n='%d'/>" % n) for n in range(10))
    )
    assert outcomes.count(ReceiptOutcome.CLOSED) == 1
    assert outcomes.count(ReceiptOutcome.REPEATED) == 9
    await store.purge()
    assert await store.close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>") is ReceiptOutcome.REPEATED
    assert len(await store.evidence(MESSAGE_ID)) == 2


async def test_nobody_but_the_owner_closes_a_message_and_only_one_that_was_offered_RC_01(store: Store) -> None:
    await accept(store, sealed_message(1))
    for message_id, party in ((MESSAGE_ID, RECEIVER), ("none", RECEIVER)):
        with pytest.raises(NotOffered):
            await store.close(message_id, party=party, receipt=b"<r/>")
    assert await store.find_offered(MESSAGE_ID) is None
    await store.lease(pull(1))
    with pytest.raises(NotOffered):
        await store.close(MESSAGE_ID, party="other", receipt=b"<r/>")
    assert await state_of(store) is State.OFFERED


async def test_what_a_receipt_must_repeat_is_known_as_long_as_the_row(store: Store) -> None:
    await offered(store)
    message = sealed_message(1)
    found = await store.find_offered(MESSAGE_ID)
    assert found is not None
    assert (found.receiver, found.state, found.references) == (RECEIVER, State.OFFERED, message.references)
    await store.close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    await store.purge()
    found = await store.find_offered(MESSAGE_ID)
    assert found is not None
    assert (found.state, found.references) == (State.REMOVED, message.references)
    assert await store.find_offered("none") is None


async def test_a_message_is_due_at_its_deadline_and_not_before_FA_31(store: Store) -> None:
    await accept(store, sealed_message(1))
    assert await due_ids(store, START + TERM - SECOND) == []
    assert not await expire(store, START + TERM - SECOND)
    assert await due_ids(store, START + TERM) == [MESSAGE_ID]
    assert await expire(store, START + TERM)
    assert await due_ids(store, START + TERM + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("pulled_before", "due_after"),
    [(timedelta(hours=1), timedelta()), (timedelta(minutes=20), timedelta(minutes=5)), (SECOND, 900 * SECOND + GRACE)],
    ids=["long-lapsed", "just-lapsed", "open"],
)
async def test_an_open_lease_and_ten_minutes_hold_expiry_back_FA_31(
    store: Store, pulled_before: timedelta, due_after: timedelta
) -> None:
    deadline = START + TERM
    await offered(store, deadline - pulled_before)
    lease_ends = deadline - pulled_before + 900 * SECOND
    first_moment = max(deadline, lease_ends + GRACE)
    assert first_moment - deadline <= due_after + SECOND
    if first_moment > deadline:
        assert await due_ids(store, first_moment - SECOND) == []
        assert not await expire(store, first_moment - SECOND)
    assert await due_ids(store, first_moment) == [MESSAGE_ID]
    assert await expire(store, first_moment)


async def test_expiry_and_its_notice_are_one_transaction_T9_G2(open_store) -> None:
    store = await open_store()
    await accept(store, sealed_message(1))
    notice, spool = await notice_for(store, octets=100_000)
    assert await as_of(START + TERM, store).expire(MESSAGE_ID, notice=notice, notice_parts=spool)
    store = await open_store()
    assert await state_of(store) is State.EXPIRED
    offer = await as_of(START + TERM, store).lease(pull("notice", party=SENDER))
    assert isinstance(offer, Offer)
    assert await read_whole(store, offer) == notice.head + parts_of(2, 100_000) + notice.tail
    assert (await as_of(START, store).counts()).notices == 1


async def test_a_notice_may_expire_without_a_notice_FA_33(store: Store) -> None:
    await accept(store, sealed_message(1, kind=Kind.NOTICE))
    assert await as_of(START + TERM, store).expire(MESSAGE_ID, notice=None, notice_parts=None)
    assert (await as_of(START, store).counts()).notices == 0


async def test_a_receipt_that_came_first_wins_over_expiry_and_leaves_no_notice(store: Store) -> None:
    await offered(store)
    await as_of(START, store).close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    assert not await expire(store, START + TERM)
    assert [r.metadata.message_id for r in await as_of(START, store).messages(MessageFilter())] == [MESSAGE_ID]
    assert not await as_of(START + TERM, store).expire("none", notice=None, notice_parts=None)


async def test_receipts_racing_expiry_end_in_exactly_one_final_state_FA_31(store: Store) -> None:
    for number in range(40):
        await accept(store, sealed_message(number))
        await store.lease(pull(number))
    ids = [f"leg2-{number}@hub.example" for number in range(40)]
    at = START + TERM

    async def both(message_id: str, receipt_first: bool) -> tuple[ReceiptOutcome, Expired | None]:
        close = as_of(at, store).close(message_id, party=RECEIVER, receipt=b"<r/>")
        expiry = as_of(at, store).expire(message_id, notice=None, notice_parts=None)
        if receipt_first:
            return tuple(await asyncio.gather(close, expiry))
        return tuple(reversed(await asyncio.gather(expiry, close)))

    outcomes = await asyncio.gather(*(both(each, index % 2 == 0) for index, each in enumerate(ids)))
    assert set(outcomes) == {(ReceiptOutcome.CLOSED, None), (ReceiptOutcome.LATE, Expired.UNNOTIFIED)}


async def test_a_late_receipt_is_kept_once_T11(store: Store) -> None:
    await offered(store)
    assert await expire(store, START + TERM)
    for at, outcome in ((START + TERM, ReceiptOutcome.LATE), (START + TERM + SECOND, ReceiptOutcome.REPEATED)):
        assert await as_of(at, store).close(MESSAGE_ID, party=RECEIVER, receipt=b"<late/>") is outcome
        assert await keep_late(store, at) is outcome
        await as_of(START + TERM, store).purge()
    assert (await store.evidence(MESSAGE_ID))[1:] == (("receipt-late", START + TERM, b"<late/>"),)
    assert await state_of(store) is State.REMOVED


async def keep_late(store: Store, at: datetime, *, notice: int | None = None, party: str = RECEIVER) -> ReceiptOutcome:
    """Keep a late receipt for the one message, with the notice of that number."""
    spool = await store.open_spool(None)
    await spool.write(parts_of(notice or 0, 100_000))
    message = None if notice is None else sealed_message(notice, at=at, kind=Kind.NOTICE, receiver="sender")
    return await as_of(at, store).keep_late(
        MESSAGE_ID, party=party, receipt=b"<late/>", notice=message, notice_parts=spool
    )  # fmt: skip


async def test_a_late_receipt_brings_its_notice_once_and_whole_T11(store: Store) -> None:
    await offered(store)
    assert await expire(store, START + TERM)
    at = START + TERM + SECOND
    assert await keep_late(store, at, notice=22) is ReceiptOutcome.LATE
    assert await keep_late(store, at, notice=23) is ReceiptOutcome.REPEATED
    offer = await as_of(at, store).lease(pull(2, party="sender"))
    assert isinstance(offer, Offer)
    assert parts_of(22, 100_000) in await read_whole(store, offer)
    assert await as_of(at, store).lease(pull(3, party="sender")) == Empty()


async def test_late_receipts_at_once_bring_one_notice_T11(store: Store) -> None:
    await offered(store)
    assert await expire(store, START + TERM)
    at = START + TERM + SECOND
    outcomes = await asyncio.gather(*(keep_late(store, at, notice=10 + n) for n in range(8)))
    assert sorted(outcomes) == [ReceiptOutcome.LATE, *[ReceiptOutcome.REPEATED] * 7]
    assert (await as_of(at, store).counts()).notices == 2  # that of the term, and this one


async def test_what_is_not_late_is_not_kept_as_late_T11(store: Store) -> None:
    await offered(store)
    with pytest.raises(NotOffered):
        await keep_late(store, START, notice=22)
    await store.close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    assert await keep_late(store, START, notice=23) is ReceiptOutcome.REPEATED
    with pytest.raises(NotOffered):
        await keep_late(store, START, notice=24, party="other")
    assert [kind for kind, _, _ in await store.evidence(MESSAGE_ID)] == ["receipt-given", "receipt-taken"]
    assert (await store.counts()).notices == 0


async def test_a_lost_key_ends_a_message_at_once(store: Store) -> None:
    await offered(store)
    assert not await expire(store, START)
    assert await expire(store, START, at_once=True)
    assert await state_of(store) is State.EXPIRED


async def test_a_term_is_only_ever_prolonged_and_only_by_the_owner(store: Store) -> None:
    await accept(store, sealed_message(1))
    later = START + TERM + timedelta(days=7)
    assert not await store.prolong_term(MESSAGE_ID, party="other", expires_at=later)
    assert not await store.prolong_term(MESSAGE_ID, party=RECEIVER, expires_at=START + TERM)
    assert await store.prolong_term(MESSAGE_ID, party=RECEIVER, expires_at=later)
    assert not await store.prolong_term(MESSAGE_ID, party=RECEIVER, expires_at=START + TERM + SECOND)
    assert not await expire(store, later - SECOND)
    assert await expire(store, later)
    assert not await store.prolong_term(MESSAGE_ID, party=RECEIVER, expires_at=later + SECOND)


@pytest.mark.parametrize("receipted", [True, False], ids=["T7", "T10"])
async def test_removal_keeps_the_metadata_and_happens_once(store: Store, receipted: bool) -> None:
    await offered(store)
    if receipted:
        await as_of(START, store).close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    else:
        await as_of(START + TERM, store).expire(MESSAGE_ID, notice=None, notice_parts=None)
    at = START + TERM + timedelta(hours=1)
    assert await as_of(at, store).purge() == 1
    assert await as_of(at + SECOND, store).purge() == 0
    (record,) = await as_of(START, store).messages(MessageFilter())
    assert (record.state, record.removed_at) == (State.REMOVED, at)
    assert record.metadata == sealed_message(1).metadata


async def test_a_purge_touches_nothing_that_waits_FA_31(store: Store) -> None:
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    await accept(store, sealed_message(2), parts_of(2))
    await as_of(START, store).lease(pull(1))
    assert await as_of(START + timedelta(days=3), store).purge() == 0
    offers = [await as_of(START + timedelta(days=3), store).lease(pull(n)) for n in (2, 3)]
    assert [offer.message_id for offer in offers if isinstance(offer, Offer)] == [MESSAGE_ID, "leg2-2@hub.example"]
    for number, offer, octets in ((1, offers[0], 100_000), (2, offers[1], 500)):
        assert isinstance(offer, Offer)
        assert parts_of(number, octets) in await read_whole(store, offer)


async def test_a_file_that_cannot_be_unlinked_keeps_its_row_and_goes_with_a_later_purge_and_the_others_go_on_T7(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck: list[str] = []
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START, on_stuck=lambda blobs: stuck.extend(blobs))
    blobs = []
    for number in (1, 2, 3):
        await accept(store, sealed_message(number), parts_of(number, 100_000))
        offer = await as_of(START, store).lease(pull(number))
        assert isinstance(offer, Offer)
        await as_of(START, store).close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
        blobs.append(offer.blob)
    late = START + timedelta(days=100)
    with monkeypatch.context() as broken:
        unlink = os.unlink

        def refuse(name: str, **where: int) -> None:
            if name == blobs[0]:
                raise OSError(errno.EBUSY, "Device or resource busy")
            unlink(name, **where)

        broken.setattr(os, "unlink", refuse)
        for removed in (2, 0):
            assert await as_of(late, store).purge() == removed
    assert stuck == [blobs[0]] * 2
    assert os.listdir(path / "blobs") == [blobs[0]]
    assert await state_of(store) is State.RECEIPTED
    assert await state_of(store, "leg2-2@hub.example") is State.REMOVED
    assert await store.find_earlier((acceptance_for(sealed_message(2)).key,), b"") is None, "it was forgotten"
    assert (await as_of(START, store).counts()).log_octets == 0
    assert await as_of(late, store).purge() == 1
    assert await state_of(store) is State.REMOVED
    await store.aclose()


async def test_more_than_one_batch_is_removed_by_one_purge(store: Store) -> None:
    for number in range(210):
        await accept(store, sealed_message(number))
    for number in range(210):
        await as_of(START + TERM, store).expire(f"leg2-{number}@hub.example", notice=None, notice_parts=None)
    assert await as_of(START + TERM, store).purge() == 210


async def test_mailboxes_tell_how_they_stand(store: Store) -> None:
    await accept(store, sealed_message(1, at=START, size_octets=10))
    await accept(store, sealed_message(2, at=START + SECOND, size_octets=100))
    await accept(store, sealed_message(3, receiver="other", size_octets=1000))
    await store.lease(pull(1))
    by_party = {mailbox.party: mailbox for mailbox in await store.mailboxes()}
    mine = by_party[RECEIVER]
    assert (mine.waiting, mine.leased, mine.octets) == (1, 1, 110)
    assert (mine.oldest_accepted_at, mine.next_expires_at) == (START, START + TERM)
    await store.close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    await store.expire("leg2-3@hub.example", notice=None, notice_parts=None, at_once=True)
    by_party = {mailbox.party: mailbox for mailbox in await store.mailboxes()}
    mine, other = by_party[RECEIVER], by_party["other"]
    assert (mine.waiting, mine.leased, mine.octets, mine.oldest_accepted_at) == (1, 0, 100, START + SECOND)
    assert (other.waiting, other.leased, other.octets, other.oldest_accepted_at) == (0, 0, 0, None)


@pytest.mark.parametrize(
    ("which", "numbers"),
    [
        (MessageFilter(), [3, 2, 1]),
        (MessageFilter(limit=2), [3, 2]),
        (MessageFilter(sender=SENDER), [3, 1]),
        (MessageFilter(receiver="other"), [3]),
        (MessageFilter(message_id="leg2-2@hub.example"), [2]),
        (MessageFilter(message_id="leg1-2@sender.example"), [2]),
        (MessageFilter(conversation_id="conversation-3"), [3]),
        (MessageFilter(tracking_identifier="tracking-1"), [1]),
        (MessageFilter(sealed_to="c" * 64), [2]),
        (MessageFilter(waiting=True), [3, 2]),
        (MessageFilter(state=State.EXPIRED), [1]),
        (MessageFilter(state=State.STORED, sender=SENDER), [3]),
        (MessageFilter(message_id="none"), []),
    ],
)
async def test_a_listing_names_what_its_filter_says(store: Store, which: MessageFilter, numbers: list[int]) -> None:
    assert await accept(store, sealed_message(1)) == Accepted()
    await accept(store, sealed_message(2, sender="third", sealed_to="c" * 64))
    await accept(store, sealed_message(3, receiver="other"))
    await store.expire(MESSAGE_ID, notice=None, notice_parts=None, at_once=True)
    records = await store.messages(which)
    assert [record.metadata.message_id for record in records] == [f"leg2-{n}@hub.example" for n in numbers]


async def test_what_waits_is_told_by_certificate_and_mailbox_with_when_the_last_of_it_ends(store: Store) -> None:
    await accept(store, sealed_message(1, at=START, sealed_to="aa"))
    await accept(store, sealed_message(2, at=START + SECOND, expires_at=START + TERM + SECOND, sealed_to="aa"))
    await accept(store, sealed_message(3, receiver="other", sealed_to="aa"))
    await accept(store, sealed_message(4, sealed_to="bb"))
    await store.lease(pull(1))
    found = {(each.thumbprint, each.receiver): each for each in await store.sealed_to()}
    assert {key: each.waiting for key, each in found.items()} == {
        ("aa", RECEIVER): 2,
        ("aa", "other"): 1,
        ("bb", RECEIVER): 1,
    }
    assert found["aa", RECEIVER].last_expires_at == START + TERM + SECOND
    await store.close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    await store.expire("leg2-4@hub.example", notice=None, notice_parts=None, at_once=True)
    assert {(each.thumbprint, each.receiver): each.waiting for each in await store.sealed_to()} == {
        ("aa", RECEIVER): 1,
        ("aa", "other"): 1,
    }


async def test_the_last_test_message_of_a_mailbox_is_told_with_what_became_of_it_and_the_last_pull(
    store: Store,
) -> None:
    assert await store.contacts() == ()
    await accept(store, sealed_message(1, action=TEST_ACTION))
    await accept(store, sealed_message(2, action=TEST_ACTION, receiver="other"))
    await accept(store, sealed_message(3, receiver="third"))
    told = {each.party: each for each in await store.contacts()}
    assert told.keys() == {RECEIVER, "other"}, "nothing but test messages and signals tells of a contact"
    assert (told[RECEIVER].test_id, told[RECEIVER].test_laid_at) == (MESSAGE_ID, START)
    assert (told[RECEIVER].test_closed_at, told[RECEIVER].is_confirmed, told[RECEIVER].heard_at) == (None, False, None)
    await as_of(START + SECOND, store).lease(pull(1))
    await as_of(START + SECOND, store).close(MESSAGE_ID, party=RECEIVER, receipt=b"<r/>")
    await store.expire("leg2-2@hub.example", notice=None, notice_parts=None, at_once=True)
    await store.purge()
    told = {each.party: each for each in await store.contacts()}
    assert (told[RECEIVER].test_closed_at, told[RECEIVER].is_confirmed) == (START + SECOND, True), "removed or not"
    assert told[RECEIVER].heard_at is not None
    assert (told["other"].test_closed_at is None, told["other"].is_confirmed) == (False, False)
    await accept(store, sealed_message(4, action=TEST_ACTION))
    (again,) = [each for each in await store.contacts() if each.party == RECEIVER]
    assert (again.test_id, again.is_confirmed) == ("leg2-4@hub.example", False), "the last one counts"


async def test_of_its_own_pings_a_party_has_the_last_and_none_after_ninety_days(store: Store) -> None:
    for at in (START, START + SECOND, START):  # a clock that was set back makes nothing older
        await as_of(at, store).note_ping(SENDER)
    await as_of(START + TERM, store).note_ping("other")
    told = {each.party: each.pinged_at for each in await store.contacts()}
    assert told == {SENDER: START + SECOND, "other": START + TERM}
    await as_of(START + timedelta(days=90), store).purge()
    assert len(await store.contacts()) == 2
    await as_of(START + timedelta(days=90) + SECOND, store).purge()
    assert [each.party for each in await store.contacts()] == ["other"]
