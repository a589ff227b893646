"""Pulling under a lease: oldest first, one at a time, the same bytes again (G3, G4, G6; T4, T8; PL rows)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from support.store.engines import as_of
from support.store.store_samples import RECEIVER, START, accept, parts_of, pull, read_whole, sealed_message

from gateway.store.interface import NotOffered, Store
from gateway.store.model import Empty, Heard, LeaseOutcome, MessageFilter, MessageRecord, Offer, Replayed, State

LEASE = timedelta(seconds=900)
SECOND = timedelta(seconds=1)


async def lease(store: Store, number: int | str, at: datetime, **changes) -> Offer:
    offer = await as_of(at, store).lease(pull(number, **changes))
    assert isinstance(offer, Offer)
    return offer


async def fail(store: Store, message_id: str, *, party: str = RECEIVER, at=START, error_id: str = "error") -> bool:
    return await as_of(at, store).record_error(message_id, party=party, code="EBMS:0004", error_id=error_id, said_at=at)


async def only_record(store: Store, at) -> MessageRecord:
    (record,) = await as_of(at, store).messages(MessageFilter())
    return record


async def test_messages_come_out_in_the_order_of_acceptance_G6(store: Store) -> None:
    # An acceptance time that goes back, as after a clock correction, changes nothing of the order.
    for number in range(5):
        await accept(store, sealed_message(number, at=START - number * SECOND))
    offers = [await lease(store, number, START) for number in range(5)]
    assert [offer.message_id for offer in offers] == [f"leg2-{number}@hub.example" for number in range(5)]
    assert await store.lease(pull(5)) == Empty()


async def test_a_lease_keeps_others_away_until_it_lapses_G4(store: Store) -> None:
    await accept(store, sealed_message(1), parts_of(1))
    first = await lease(store, 1, START)
    assert (first.attempt, first.lease_until) == (1, START + LEASE)
    assert await as_of(START + LEASE - SECOND, store).lease(pull(2)) == Empty()
    second = await lease(store, 3, START + LEASE)
    assert second.message_id == first.message_id
    assert (second.attempt, second.lease_until) == (2, START + 2 * LEASE)
    assert second.lease_token != first.lease_token
    assert await read_whole(store, second) == await read_whole(store, first)


async def test_a_lapsed_lease_reads_as_stored_T8(store: Store) -> None:
    await accept(store, sealed_message(1))
    await lease(store, 1, START)
    record = await only_record(store, START + LEASE - SECOND)
    assert (record.state, record.lease_until) == (State.OFFERED, START + LEASE)
    record = await only_record(store, START + LEASE)
    assert (record.state, record.lease_until) == (State.STORED, None)
    for at, state in ((START, State.OFFERED), (START + LEASE, State.STORED)):
        assert [r.state for r in await as_of(at, store).messages(MessageFilter(state=state))] == [state]
        assert dict((await as_of(at, store).counts()).states)[state] == 1
        (mailbox,) = await as_of(at, store).mailboxes()
        assert (mailbox.waiting, mailbox.leased) == ((0, 1) if state is State.OFFERED else (1, 0))
    assert await as_of(START, store).messages(MessageFilter(state=State.STORED)) == ()


async def test_the_same_pull_request_gets_the_same_message_again_PL_09(open_store) -> None:
    store = await open_store()
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    await accept(store, sealed_message(2))
    first = await lease(store, 1, START)
    store = await open_store()
    again = await lease(store, 1, START + timedelta(seconds=300))
    assert again.message_id == first.message_id
    assert await read_whole(store, again) == await read_whole(store, first)
    assert again.lease_until == START + timedelta(seconds=300) + LEASE


async def test_a_pull_request_is_a_replay_after_its_time_PL_04(open_store) -> None:
    store = await open_store()
    await accept(store, sealed_message(1))
    await accept(store, sealed_message(2))
    await lease(store, 1, START)
    store = await open_store()
    assert await as_of(START + timedelta(seconds=301), store).lease(pull(1)) == Replayed()


async def test_a_pull_request_is_a_replay_once_its_message_is_receipted(store: Store) -> None:
    await accept(store, sealed_message(1))
    await accept(store, sealed_message(2))
    offer = await lease(store, 1, START)
    await as_of(START, store).close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    assert await as_of(START + SECOND, store).lease(pull(1)) == Replayed()


async def test_an_empty_answer_is_repeated_too(store: Store) -> None:
    assert await as_of(START, store).lease(pull(1)) == Empty()
    await accept(store, sealed_message(1))
    assert await as_of(START + timedelta(seconds=300), store).lease(pull(1)) == Empty()
    assert await as_of(START + timedelta(seconds=301), store).lease(pull(1)) == Replayed()
    await lease(store, 2, START)


@pytest.mark.parametrize("waiting", [True, False])
@pytest.mark.parametrize("changes", [{"holder": "c" * 64}, {"mpc": "urn:knooppunt:mpc:other"}], ids=["holder", "mpc"])
async def test_a_pull_request_of_another_holder_or_mailbox_is_no_repetition(
    store: Store, changes: dict[str, str], waiting: bool
) -> None:
    if waiting:
        await accept(store, sealed_message(1))
    await store.lease(pull(1))
    assert await store.lease(pull(1, **changes)) == Replayed()


async def test_another_party_may_use_the_same_pull_request_id(store: Store) -> None:
    await accept(store, sealed_message(1))
    await accept(store, sealed_message(2, receiver="other"))
    await lease(store, 1, START)
    assert (await lease(store, 1, START, party="other")).message_id == "leg2-2@hub.example"


async def test_a_repetition_does_not_take_the_message_from_a_later_pull_G4(store: Store) -> None:
    await accept(store, sealed_message(1))
    await lease(store, 1, START, lease_seconds=60)
    await lease(store, 2, START + timedelta(seconds=60))
    assert await as_of(START + timedelta(seconds=61), store).lease(pull(1)) == Replayed()


async def test_a_repetition_after_its_own_lease_lapsed_gets_the_message_again(store: Store) -> None:
    await accept(store, sealed_message(1))
    first = await lease(store, 1, START, lease_seconds=60)
    again = await lease(store, 1, START + timedelta(seconds=120), lease_seconds=60)
    assert (again.message_id, again.attempt) == (first.message_id, 2)


async def test_no_more_leases_are_open_than_the_mailbox_allows_PL_08(store: Store) -> None:
    for number in range(4):
        await accept(store, sealed_message(number))
    for number in range(3):
        await lease(store, number, START, open_leases=3)
    assert await store.lease(pull(3, open_leases=3)) == Empty()
    await store.close("leg2-0@hub.example", party=RECEIVER, receipt=b"<r/>")
    assert (await lease(store, 4, START, open_leases=3)).message_id == "leg2-3@hub.example"
    assert (await lease(store, 5, START + LEASE, open_leases=3)).message_id == "leg2-1@hub.example"


async def test_many_pulls_at_once_never_share_a_message_PL_07(store: Store) -> None:
    for number in range(20):
        await accept(store, sealed_message(number))
    outcomes: list[LeaseOutcome] = list(await asyncio.gather(*(store.lease(pull(number)) for number in range(30))))
    offers = [outcome for outcome in outcomes if isinstance(outcome, Offer)]
    assert len({offer.message_id for offer in offers}) == len(offers) == 20
    assert outcomes.count(Empty()) == 10


async def test_a_mailbox_gives_nothing_of_another_G3(store: Store) -> None:
    await accept(store, sealed_message(1, receiver="other"))
    assert await store.lease(pull(1)) == Empty()


async def test_a_long_body_prolongs_its_lease_for_twelve_hours_at_most(store: Store) -> None:
    await accept(store, sealed_message(1))
    offer = await lease(store, 1, START)
    await store.prolong_lease(offer.message_id, offer.lease_token, 2 * LEASE)
    assert (await only_record(store, START)).lease_until == START + 2 * LEASE
    await store.prolong_lease(offer.message_id, offer.lease_token, LEASE)
    assert (await only_record(store, START)).lease_until == START + 2 * LEASE
    await store.prolong_lease(offer.message_id, offer.lease_token, timedelta(days=1))
    assert (await only_record(store, START)).lease_until == START + timedelta(hours=12)


async def test_a_broken_connection_cuts_its_lease_short(store: Store) -> None:
    await accept(store, sealed_message(1))
    offer = await lease(store, 1, START)
    await store.cut_lease(offer.message_id, offer.lease_token, 30 * SECOND)
    await store.cut_lease(offer.message_id, offer.lease_token, 60 * SECOND)
    assert (await only_record(store, START)).lease_until == START + 30 * SECOND
    assert await as_of(START + 29 * SECOND, store).lease(pull(2)) == Empty()
    await lease(store, 3, START + 30 * SECOND)


async def test_only_the_present_lease_can_be_moved(store: Store) -> None:
    await accept(store, sealed_message(1))
    first = await lease(store, 1, START)
    second = await lease(store, 1, START + SECOND)
    await store.cut_lease(first.message_id, first.lease_token, 30 * SECOND)
    await store.prolong_lease(first.message_id, first.lease_token, 5 * LEASE)
    assert (await only_record(store, START)).lease_until == second.lease_until


async def test_after_the_term_nothing_is_offered_any_more_G7(store: Store) -> None:
    message = sealed_message(1)
    await accept(store, message)
    await accept(store, sealed_message(2, expires_at=message.metadata.expires_at + timedelta(days=1)))
    await lease(store, 1, message.metadata.expires_at - SECOND, lease_seconds=60)
    assert await as_of(message.metadata.expires_at, store).lease(pull(1)) == Replayed()
    later = await lease(store, 2, message.metadata.expires_at + timedelta(hours=1))
    assert later.message_id == "leg2-2@hub.example"
    assert await as_of(message.metadata.expires_at + timedelta(hours=1), store).lease(pull(3)) == Empty()


async def test_an_error_ends_the_lease_and_pauses_longer_each_time_RC_08(store: Store) -> None:
    await accept(store, sealed_message(1))
    at = START
    for number, pause in enumerate((60, 300, 1800, 7200, 7200)):
        offer = await lease(store, f"good-{number}", at)
        assert await fail(store, offer.message_id, at=at, error_id=f"error-{number}")
        record = await only_record(store, at)
        assert (record.state, record.last_error, record.lease_until) == (State.STORED, "EBMS:0004", None)
        assert await as_of(at, store).lease(pull(f"good-{number}")) == Replayed()
        assert await as_of(at + timedelta(seconds=pause - 1), store).lease(pull(f"early-{number}")) == Empty()
        at += timedelta(seconds=pause)
    assert (await lease(store, "last", at)).attempt == 6


async def test_a_message_in_its_pause_does_not_hold_up_the_next(store: Store) -> None:
    await accept(store, sealed_message(1))
    await accept(store, sealed_message(2))
    first = await lease(store, 1, START, open_leases=1)
    await fail(store, first.message_id)
    assert (await lease(store, 2, START, open_leases=1)).message_id == "leg2-2@hub.example"


@pytest.mark.parametrize(("message_id", "party"), [("leg2-1@hub.example", "other"), ("none", RECEIVER)])
async def test_an_error_about_what_was_not_offered_to_that_party_is_refused(
    store: Store, message_id: str, party: str
) -> None:
    await accept(store, sealed_message(1))
    with pytest.raises(NotOffered):
        await fail(store, "leg2-1@hub.example")
    await lease(store, 1, START)
    with pytest.raises(NotOffered):
        await fail(store, message_id, party=party)
    assert (await only_record(store, START)).last_error is None


async def test_an_empty_answer_is_remembered_over_a_restart_too_SR_08(open_store) -> None:
    store = await open_store()
    assert await as_of(START, store).lease(pull(1)) == Empty()
    await accept(store, sealed_message(1))
    store = await open_store()
    assert await as_of(START + timedelta(seconds=300), store).lease(pull(1)) == Empty()
    assert await as_of(START + timedelta(seconds=301), store).lease(pull(1)) == Replayed()


async def test_an_error_counts_once_also_for_the_next_process_SR_08(open_store) -> None:
    """The message is paused for the first arrival and for no other, whatever it was offered as since."""
    store = await open_store()
    await accept(store, sealed_message(1))
    await lease(store, 1, START)
    assert await fail(store, "leg2-1@hub.example")
    store = await open_store()
    assert not await fail(store, "leg2-1@hub.example")
    offer = await lease(store, 2, START + timedelta(seconds=60))
    assert not await fail(store, offer.message_id, at=START + timedelta(seconds=60))
    assert (await only_record(store, START + timedelta(seconds=60))).state is State.OFFERED


async def test_two_parties_may_use_one_id_for_their_errors(store: Store) -> None:
    await accept(store, sealed_message(1))
    await accept(store, sealed_message(2, receiver="other"))
    for number, party in ((1, RECEIVER), (2, "other")):
        offer = await lease(store, number, START, party=party)
        assert await fail(store, offer.message_id, party=party)


async def test_a_message_that_was_noted_for_its_time_still_counts_later(store: Store) -> None:
    await accept(store, sealed_message(1))
    early = START + timedelta(hours=1)
    assert await as_of(START, store).note_heard(RECEIVER, "pull-1@receiver.example", said_at=early) == Heard(
        known=False, counted=False, latest=None
    )
    known = Heard(known=True, counted=False, latest=None)
    assert await as_of(START, store).note_heard(RECEIVER, "pull-1@receiver.example", said_at=early) == known
    await lease(store, 1, early)
    counted = Heard(known=True, counted=True, latest=early)
    assert await as_of(early, store).note_heard(RECEIVER, "pull-1@receiver.example", said_at=early) == counted


@pytest.mark.parametrize(
    ("days", "remembered"),
    [(0.99, "old noted latest"), (1, "noted latest"), (1.01, "latest"), (90, "latest"), (90.01, "")],
    ids=str,
)
async def test_signals_are_forgotten_after_a_day_and_the_latest_of_a_party_after_ninety(
    store: Store, days: float, remembered: str
) -> None:
    await as_of(START - SECOND, store).lease(pull("old"))
    await as_of(START, store).lease(pull("latest"))
    await as_of(START, store).note_heard(RECEIVER, "pull-noted@receiver.example", said_at=START)
    await as_of(START - SECOND + timedelta(days=days), store).purge()
    found = {
        each: await as_of(START, store).note_heard(RECEIVER, f"pull-{each}@receiver.example", said_at=START)
        for each in ("old", "noted", "latest")
    }
    assert [each for each, heard in found.items() if heard.known] == remembered.split()


async def test_what_is_past_its_term_is_judged_at_the_time_that_is_trusted(store: Store) -> None:
    """While the clock is suspect a message is offered whatever that clock says of its term."""
    await accept(store, sealed_message(1))
    later = START + timedelta(days=3650)
    assert await as_of(later, store).lease(pull(1)) == Empty()
    assert isinstance(await as_of(later, store).lease(pull(2, terms_behind=later - START)), Offer)
