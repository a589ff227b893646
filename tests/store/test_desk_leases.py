"""Desk leases: a person has one message open; a system's pull and a desk never both hold it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.store.engines import as_of
from support.store.store_samples import RECEIVER, SENDER, START, TERM, accept, pull, sealed_message

from gateway.store.interface import NotOffered, Store
from gateway.store.model import (
    Accepted,
    DeskFull,
    DeskLease,
    DeskRequest,
    Duplicate,
    Empty,
    Held,
    MessageFilter,
    MessageRecord,
    NotInHand,
    Offer,
    ReceiptOutcome,
    Replayed,
    State,
    StoredEnvelope,
)
from gateway.store.rules import desk as desk_rules
from gateway.store.rules.desk import DESK_LONGEST, DESK_SPAN, HELD_BY_PERSON
from gateway.store.states import EXPIRY_GRACE

MINUTE = timedelta(minutes=1)
ID = "leg2-1@hub.example"


async def opened(store: Store, person: str = "ann", message_id: str = ID, **changes: Any) -> Any:
    return await store.open_at_desk(
        DeskRequest(**{"message_id": message_id, "party": RECEIVER, "person": person} | changes)
    )


async def lease_of(store: Store, person: str = "ann", message_id: str = ID, **changes: Any) -> DeskLease:
    outcome = await opened(store, person, message_id, **changes)
    assert isinstance(outcome, DeskLease)
    return outcome


async def record(store: Store, message_id: str = ID) -> MessageRecord:
    (found,) = await store.messages(MessageFilter(message_id=message_id))
    return found


async def test_opening_offers_the_message_to_one_person_for_half_an_hour_PO_35(store: Store) -> None:
    await accept(store, sealed_message(1))
    lease = await lease_of(store)
    assert (lease.person, lease.began_at, lease.until) == ("ann", START, START + DESK_SPAN)
    found = await record(store)
    assert (found.state, found.desk_holder, found.lease_until) == (State.OFFERED, "ann", lease.until)
    assert found.attempts == 1
    assert await opened(store, "bob") == Held(person="ann", until=lease.until)


async def test_a_receipt_finds_a_message_that_was_opened_offered(store: Store) -> None:
    await accept(store, sealed_message(1))
    assert await store.find_offered(ID) is None
    await lease_of(store)
    assert await store.find_offered(ID) is not None
    assert await store.close(ID, party=RECEIVER, receipt=b"receipt") is ReceiptOutcome.CLOSED
    found = await record(store)
    assert (found.state, found.desk_holder, found.lease_until) == (State.RECEIPTED, None, None)
    assert await opened(store) is None


async def test_a_pull_passes_by_what_is_open_at_a_desk_PO_35(store: Store) -> None:
    await accept(store, sealed_message(1))
    lease = await lease_of(store)
    assert isinstance(await store.lease(pull(1)), Empty)
    as_of(lease.until, store)
    offer = await store.lease(pull(2))
    assert isinstance(offer, Offer)
    assert (await record(store)).desk_holder is None
    assert await store.use_desk_lease(ID, party=RECEIVER, token=lease.token) is None


async def test_a_desk_does_not_open_what_a_system_pulled_and_takes_nothing_over_PO_35(store: Store) -> None:
    await accept(store, sealed_message(1))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    for take_over in (False, True):
        held = await opened(store, take_over=take_over)
        assert held == Held(person=None, until=offer.lease_until)
    for token in (offer.lease_token, ""):
        assert await store.use_desk_lease(ID, party=RECEIVER, token=token) is None
        assert not await store.release_desk_lease(ID, party=RECEIVER, token=token)
        assert await store.read_at_desk(ID, party=RECEIVER, token=token) is None
    as_of(offer.lease_until, store)
    assert (await lease_of(store)).person == "ann"


async def test_a_pull_that_comes_again_does_not_get_what_a_desk_opened_meanwhile_PO_35(store: Store) -> None:
    await accept(store, sealed_message(1))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.cut_lease(ID, offer.lease_token, timedelta())
    as_of(START + MINUTE, store)
    await lease_of(store)
    assert isinstance(await store.lease(pull(1)), Replayed)


async def test_opening_again_is_use_of_the_lease_that_stands(store: Store) -> None:
    await accept(store, sealed_message(1))
    first = await lease_of(store)
    as_of(START + 10 * MINUTE, store)
    again = await lease_of(store)
    assert (again.token, again.began_at, again.until) == (first.token, START, START + 10 * MINUTE + DESK_SPAN)
    assert (await record(store)).attempts == 1


async def test_a_lease_goes_on_while_it_is_used_four_hours_in_all_PO_85(store: Store) -> None:
    await accept(store, sealed_message(1))
    lease = await lease_of(store)
    moment = START
    while moment + 20 * MINUTE < START + DESK_LONGEST:
        moment += 20 * MINUTE
        as_of(moment, store)
        used = await store.use_desk_lease(ID, party=RECEIVER, token=lease.token)
        assert used is not None
        assert used.until == min(moment + DESK_SPAN, START + DESK_LONGEST)
    as_of(START + DESK_LONGEST, store)
    assert await store.use_desk_lease(ID, party=RECEIVER, token=lease.token) is None
    assert (await lease_of(store, "bob")).from_person is None


async def test_an_idle_tab_lets_go_PO_85(store: Store) -> None:
    await accept(store, sealed_message(1))
    lease = await lease_of(store)
    as_of(lease.until, store)
    assert (await record(store)).state is State.STORED
    assert not await store.is_held_at_desk(ID, party=RECEIVER, token=lease.token)
    assert await store.read_at_desk(ID, party=RECEIVER, token=lease.token) is None


async def test_a_lease_never_outlives_the_term(store: Store) -> None:
    await accept(store, sealed_message(1))
    almost = START + TERM - 10 * MINUTE
    lease = await lease_of(as_of(almost, store))
    assert lease.until == START + TERM
    assert await store.use_desk_lease(ID, party=RECEIVER, token=lease.token) == lease
    as_of(START + TERM, store)
    assert await opened(store, "bob") is None
    assert await store.due(limit=10) == ()
    as_of(START + TERM + EXPIRY_GRACE, store)
    (due,) = await store.due(limit=10)
    assert due.metadata.message_id == ID


async def test_a_clock_that_was_set_hides_nothing(store: Store) -> None:
    await accept(store, sealed_message(1))
    as_of(START + TERM + timedelta(days=1), store)
    assert await opened(store) is None
    lease = await lease_of(store, terms_behind=timedelta(days=2))
    assert lease.until == START + TERM + timedelta(days=1) + DESK_SPAN


async def test_taking_over_changes_holder_and_token_at_once_PO_35(store: Store) -> None:
    await accept(store, sealed_message(1))
    first = await lease_of(store)
    as_of(START + MINUTE, store)
    second = await lease_of(store, "bob", take_over=True)
    assert second.token != first.token
    assert (second.from_person, second.began_at) == ("ann", START + MINUTE)
    assert await store.use_desk_lease(ID, party=RECEIVER, token=first.token) is None
    assert not await store.is_held_at_desk(ID, party=RECEIVER, token=first.token)
    assert await store.is_held_at_desk(ID, party=RECEIVER, token=second.token)
    assert (await record(store)).desk_holder == "bob"


async def test_a_receipt_counts_under_the_lease_that_was_given_last_and_no_other_PO_77(store: Store) -> None:
    await accept(store, sealed_message(1))
    first = await lease_of(store)
    second = await lease_of(store, "bob", take_over=True)
    with pytest.raises(NotOffered):
        await store.close(ID, party=RECEIVER, receipt=b"receipt", desk_lease=first.token)
    assert (await record(store)).desk_holder == "bob"
    as_of(second.until, store)
    outcome = await store.close(ID, party=RECEIVER, receipt=b"receipt", desk_lease=second.token)
    assert outcome is ReceiptOutcome.CLOSED, "a lease that lapsed, where nobody else opened it"
    again = await store.close(ID, party=RECEIVER, receipt=b"receipt", desk_lease=first.token)
    assert again is ReceiptOutcome.REPEATED, "what is over needs no lease"


async def test_an_error_counts_under_the_lease_that_was_given_last_and_no_other_PO_77(store: Store) -> None:
    """A colleague who took the message over meanwhile keeps it."""
    await accept(store, sealed_message(1))
    first = await lease_of(store)
    second = await lease_of(store, "bob", take_over=True)
    said = {"party": RECEIVER, "code": "EBMS:0004", "said_at": START}
    with pytest.raises(NotOffered):
        await store.record_error(ID, error_id="late", desk_lease=first.token, **said)
    assert await store.is_held_at_desk(ID, party=RECEIVER, token=second.token)
    assert await store.record_error(ID, error_id="own", desk_lease=second.token, **said)
    assert not await store.is_held_at_desk(ID, party=RECEIVER, token=second.token)


@pytest.mark.parametrize("question", [True, False], ids=["a question", "a message that may be answered"])
async def test_an_answer_from_a_desk_is_taken_once_under_the_lease_that_was_given_last_PO_43(
    store: Store, question: bool
) -> None:
    await accept(store, sealed_message(1, question=question, conversation_id="c", tracking_identifier="asked"))
    answers = [
        sealed_message(
            number, conversation_id="c", cross_reference="asked", sender=RECEIVER, original_sender=RECEIVER,
            final_recipient=SENDER, receiver=SENDER,
        )
        for number in (2, 3, 4)
    ]  # fmt: skip
    first = await lease_of(store)
    second = await lease_of(store, "bob", take_over=True)
    for token in ("", "another", first.token):
        assert await accept(store, answers[0], desk_lease=token) == NotInHand()
    foreign = replace(answers[0], metadata=replace(answers[0].metadata, sender="another"))
    assert await accept(store, foreign, desk_lease=second.token) == NotInHand()
    assert await accept(store, answers[0], desk_lease=second.token) == Accepted()
    assert isinstance(await accept(store, answers[0], desk_lease=first.token), Duplicate)
    assert await accept(store, answers[1], desk_lease=second.token) == NotInHand(), "it has its answer"
    assert await accept(store, answers[2]) == Accepted(), "a system knows itself what it answered"


async def test_what_answers_nothing_needs_no_lease(store: Store) -> None:
    assert await accept(store, sealed_message(1), desk_lease="") == Accepted()


async def test_a_released_message_waits_as_before(store: Store) -> None:
    await accept(store, sealed_message(1))
    lease = await lease_of(store)
    assert not await store.release_desk_lease(ID, party=RECEIVER, token="another")
    assert await store.release_desk_lease(ID, party=RECEIVER, token=lease.token)
    assert not await store.release_desk_lease(ID, party=RECEIVER, token=lease.token)
    found = await record(store)
    assert (found.state, found.desk_holder) == (State.STORED, None)
    assert (await lease_of(store, "bob")).from_person is None


async def test_another_unit_gets_and_learns_nothing_PO_27(store: Store) -> None:
    await accept(store, sealed_message(1))
    assert await opened(store, party="another") is None
    lease = await lease_of(store)
    assert await opened(store, party="another") is None
    for take_over in (False, True):
        assert await opened(store, "bob", party="another", take_over=take_over) is None
    assert await opened(store, message_id="no such message") is None
    assert await store.use_desk_lease(ID, party="another", token=lease.token) is None
    assert not await store.release_desk_lease(ID, party="another", token=lease.token)
    assert not await store.is_held_at_desk(ID, party="another", token=lease.token)
    assert await store.read_at_desk(ID, party="another", token=lease.token) is None


async def test_a_person_has_so_many_open_and_no_more_PO_85(store: Store) -> None:
    for number in range(1, HELD_BY_PERSON + 2):
        await accept(store, sealed_message(number))
    ids = [f"leg2-{number}@hub.example" for number in range(1, HELD_BY_PERSON + 2)]
    leases = [await lease_of(store, message_id=each) for each in ids[:-1]]
    assert await opened(store, message_id=ids[-1]) == DeskFull(limit=HELD_BY_PERSON, of_person=True)
    assert (await record(store, ids[-1])).state is State.STORED
    assert (await lease_of(store, message_id=ids[0])).token == leases[0].token
    await store.release_desk_lease(ids[0], party=RECEIVER, token=leases[0].token)
    await lease_of(store, message_id=ids[-1])


async def test_a_mailbox_has_so_many_open_at_desks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_rules, "OPEN_AT_DESKS", 2)
    for number in (1, 2, 3):
        await accept(store, sealed_message(number))
    for number in (1, 2):
        await lease_of(store, f"person {number}", f"leg2-{number}@hub.example")
    full = await opened(store, "another", "leg2-3@hub.example")
    assert full == DeskFull(limit=2, of_person=False)


async def test_what_is_open_at_desks_does_not_count_for_pulls(store: Store) -> None:
    for number in (1, 2):
        await accept(store, sealed_message(number))
    await lease_of(store)
    offer = await store.lease(pull(1, open_leases=1))
    assert isinstance(offer, Offer)
    assert offer.message_id == "leg2-2@hub.example"


async def test_what_is_read_under_a_lease_is_what_was_accepted_PO_37(store: Store) -> None:
    await accept(store, sealed_message(1), b"sealed parts")
    lease = await lease_of(store)
    offer = await store.read_at_desk(ID, party=RECEIVER, token=lease.token)
    assert offer is not None
    message = sealed_message(1)
    read = b"".join([each async for each in store.read_parts(offer)])
    assert (offer.head, read, offer.tail, offer.content_type) == (
        message.head, b"sealed parts", message.tail, message.content_type
    )  # fmt: skip


async def test_the_envelope_of_what_waits_is_read_without_a_lease_by_its_owner_alone(store: Store) -> None:
    message = sealed_message(1)
    await accept(store, message, b"sealed parts")
    assert await store.read_envelope(ID, party=RECEIVER) == StoredEnvelope(
        content_type=message.content_type, octets=message.head + message.tail
    )
    for message_id, party in ((ID, "another"), ("nothing@hub.example", RECEIVER)):
        assert await store.read_envelope(message_id, party=party) is None
    lease = await lease_of(store)
    assert await store.read_envelope(ID, party=RECEIVER) is not None
    await store.close(ID, party=RECEIVER, receipt=b"<r/>")
    assert await store.read_envelope(ID, party=RECEIVER) is None
    assert lease.message_id == ID


async def test_a_lease_and_its_holder_outlive_a_restart(open_store: Any) -> None:
    store = await open_store()
    await accept(store, sealed_message(1))
    lease = await lease_of(store)
    store = await open_store()
    assert await store.is_held_at_desk(ID, party=RECEIVER, token=lease.token)
    assert await opened(store, "bob") == Held(person="ann", until=lease.until)


def test_a_token_is_shown_by_no_repr() -> None:
    lease = DeskLease(message_id=ID, person="ann", token="secret", began_at=START, until=START)
    assert "secret" not in repr(lease)
