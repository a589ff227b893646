"""Accepting a message: durable, once, within the quota (G1, G2, G3, G5; T3, T12)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from support.store.engines import as_of
from support.store.store_samples import (
    RECEIVER,
    SENDER,
    SIGNER,
    START,
    accept,
    acceptance_for,
    found_again,
    parts_of,
    pull,
    read_whole,
    receipt_sample,
    sealed_message,
)

from gateway.store.interface import Store
from gateway.store.model import (
    Accepted,
    Duplicate,
    Empty,
    Kind,
    MessageFilter,
    Offer,
    QuotaExceeded,
    SealedMessage,
    State,
    TooManyReceipts,
)

SIZES = [0, 1, 65_536, 65_537, 300_000, 3_000_001]


@pytest.mark.parametrize("octets", SIZES)
async def test_an_accepted_message_comes_out_bit_for_bit_after_a_restart_G1_G3(open_store, octets: int) -> None:
    store = await open_store()
    message = sealed_message(1)
    assert await accept(store, message, parts_of(1, octets)) == Accepted()
    store = await open_store()
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    assert await read_whole(store, offer) == message.head + parts_of(1, octets) + message.tail
    assert offer.content_type == message.content_type


async def test_the_log_tells_the_metadata_as_it_was_given_T3(store: Store) -> None:
    message = sealed_message(
        1,
        question=True,
        answer_due=START + timedelta(days=10, microseconds=1),
        cross_reference="earlier",
        kind=Kind.NOTICE,
    )
    await accept(store, message)
    (record,) = await store.messages(MessageFilter())
    assert record.metadata == message.metadata
    assert (record.state, record.attempts, record.damaged, record.answered) == (State.STORED, 0, False, False)
    assert (record.lease_until, record.offered_at, record.closed_at, record.removed_at) == (None, None, None, None)


@pytest.mark.parametrize("octets", [10, 100_000])
async def test_the_same_message_again_finds_the_first_receipt_and_makes_no_second_row_G5(
    open_store, octets: int
) -> None:
    store = await open_store()
    message = sealed_message(1)
    first = acceptance_for(message)
    await accept(store, message, parts_of(1, octets), acceptance=first)
    store = await open_store()
    again = sealed_message(2, received_message_id=message.metadata.received_message_id)
    second = replace(first, receipt=replace(first.receipt, octets=b"<another/>"))
    found = found_again(first, first.receipt)
    assert await accept(store, again, parts_of(1, octets), acceptance=second) == Duplicate(found)
    assert await store.find_earlier((b"no such key", first.key), first.receipt.soap_sha256) == found
    assert await store.find_earlier((first.key,), b"another signing") == found_again(first)
    assert len(await store.messages(MessageFilter())) == 1


async def test_the_same_id_with_other_content_is_told_as_what_was_accepted_and_the_first_stays_G5(store: Store) -> None:
    message = sealed_message(1)
    await accept(store, message, parts_of(1))
    other = acceptance_for(message, content=b"other", soap=b"<other/>")
    found = found_again(acceptance_for(message))
    assert await accept(store, sealed_message(2), parts_of(2), acceptance=other) == Duplicate(found)
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    assert await read_whole(store, offer) == message.head + parts_of(1) + message.tail
    assert await store.lease(pull(2)) == Empty()


async def test_fifty_copies_at_once_become_one_message_with_one_receipt_RP_02(store: Store) -> None:
    first = acceptance_for(sealed_message(0))
    outcomes = await asyncio.gather(
        *(
            accept(
                store,
                sealed_message(n),
                parts_of(0),
                acceptance=replace(first, receipt=replace(first.receipt, octets=b"<r n='%d'/>" % n)),
            )
            for n in range(50)
        )
    )
    assert outcomes.count(Accepted()) == 1
    receipts = {outcome.earlier.receipt for outcome in outcomes if isinstance(outcome, Duplicate)}
    assert len(receipts) == 1
    assert len(await store.messages(MessageFilter())) == 1


async def test_an_acceptance_is_kept_until_its_time_and_forgotten_then_T12(store: Store) -> None:
    message = sealed_message(1)
    acceptance = acceptance_for(message, forget_at=START + timedelta(days=90))
    await accept(store, message, acceptance=acceptance)
    await as_of(START + timedelta(days=90) - timedelta(microseconds=1), store).purge()
    assert await store.find_earlier((acceptance.key,), acceptance.receipt.soap_sha256) is not None
    assert await store.signers() == (SIGNER,)
    await as_of(START + timedelta(days=90), store).purge()
    assert await store.find_earlier((acceptance.key,), acceptance.receipt.soap_sha256) is None
    assert await store.signers() == ()


async def test_each_signing_of_a_message_gets_its_own_receipt_once_and_so_many_are_kept_SR_06(open_store) -> None:
    store = await open_store()
    message = sealed_message(1)
    acceptance = acceptance_for(message)
    await accept(store, message, acceptance=acceptance)
    signings = [receipt_sample("leg1-1@sender.example", b"<signed n='%d'/>" % n) for n in range(4)]
    for receipt in signings[:3]:
        assert await store.keep_receipt(acceptance.key, receipt, most=3) == receipt
    assert await store.keep_receipt(acceptance.key, signings[3], most=3) == TooManyReceipts()
    store = await open_store()
    for receipt in signings[:3]:
        made_anew = replace(receipt, octets=b"<another/>")
        assert await store.keep_receipt(acceptance.key, made_anew, most=3) == receipt
        found = await store.find_earlier((acceptance.key,), receipt.soap_sha256)
        assert found == found_again(acceptance, receipt)
    assert await store.keep_receipt(b"no such key", signings[3], most=3) is None
    kinds = [kind for kind, _, _ in await store.evidence(message.metadata.message_id)]
    assert kinds == ["receipt-given", *["receipt-given-again"] * 3]


async def test_a_signer_is_known_by_name_certificate_and_suite_while_something_of_it_is(store: Store) -> None:
    another = replace(SIGNER, certificate=b"the next certificate")
    for number, signer in enumerate([SIGNER, SIGNER, another]):
        message = sealed_message(number, at=START + timedelta(days=number))
        await accept(store, message, acceptance=acceptance_for(message, signer=signer))
    assert await store.signers() == (SIGNER, another)
    await as_of(START + timedelta(days=91), store).purge()
    assert await store.signers() == (another,)


async def test_a_full_mailbox_takes_no_message_but_a_notice(store: Store) -> None:
    for number in range(3):
        assert await accept(store, sealed_message(number), quota_messages=3) == Accepted()
    assert await accept(store, sealed_message(3), parts_of(3, 100_000), quota_messages=3) == QuotaExceeded()
    assert await accept(store, sealed_message(4, kind=Kind.NOTICE), quota_messages=3) == Accepted()
    assert await accept(store, sealed_message(5, receiver="other"), quota_messages=3) == Accepted()
    assert await store.find_earlier((acceptance_for(sealed_message(3)).key,), b"") is None


async def test_a_closed_message_makes_room_in_the_mailbox(store: Store) -> None:
    await accept(store, sealed_message(1), quota_messages=1)
    assert await accept(store, sealed_message(2), quota_messages=1) == QuotaExceeded()
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    assert await accept(store, sealed_message(2), quota_messages=1) == QuotaExceeded()
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    assert await accept(store, sealed_message(2), quota_messages=1) == Accepted()


async def test_an_answer_marks_its_question_answered(store: Store) -> None:
    question = sealed_message(1, question=True, answer_due=START + timedelta(days=14))
    await accept(store, question)
    about = {"original_sender": SENDER, "final_recipient": RECEIVER}
    before = await store.find_question("tracking-1", **about)
    assert before is not None
    assert not before.answered
    assert (before.conversation_id, before.answer_due) == ("conversation-1", START + timedelta(days=14))
    assert [r.metadata.message_id for r in await store.messages(MessageFilter(open_questions=True))] == [
        question.metadata.message_id
    ]
    answer = sealed_message(
        2,
        sender=RECEIVER,
        original_sender=RECEIVER,
        receiver=SENDER,
        final_recipient=SENDER,
        conversation_id="conversation-1",
        cross_reference="tracking-1",
    )
    await accept(store, answer)
    after = await store.find_question("tracking-1", **about)
    assert after is not None
    assert after.answered
    assert await store.messages(MessageFilter(open_questions=True)) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"conversation_id": "another"},
        {"cross_reference": "another"},
        {"original_sender": "third"},
        {"final_recipient": "third"},
        {"original_sender": SENDER, "final_recipient": RECEIVER},
        {"kind": Kind.NOTICE},
    ],
    ids=["conversation", "reference", "answerer", "asker", "same-direction", "notice"],
)
async def test_what_only_resembles_an_answer_leaves_the_question_open(store: Store, changes: dict[str, str]) -> None:
    await accept(store, sealed_message(1, question=True))
    fields = {
        "original_sender": RECEIVER,
        "final_recipient": SENDER,
        "conversation_id": "conversation-1",
        "cross_reference": "tracking-1",
    }
    await accept(store, sealed_message(2, **(fields | changes)))
    question = await store.find_question("tracking-1", original_sender=SENDER, final_recipient=RECEIVER)
    assert question is not None
    assert not question.answered


WAIVER = {
    "action": "SaldoverzoekAntwoordVoorafAkkoord", "original_sender": RECEIVER, "final_recipient": SENDER,
    "conversation_id": "c",
}  # fmt: skip
WAIVED = {"action": "Betaalvoorstel", "question": True, "conversation_id": "c"}


def waiver(number: int, **changes: str) -> SealedMessage:
    return replace(sealed_message(number, **(WAIVER | changes)), waives=("Betaalvoorstel",))


def waived(number: int, **changes: str) -> SealedMessage:
    return replace(sealed_message(number, **(WAIVED | changes)), waived_by=("SaldoverzoekAntwoordVoorafAkkoord",))


async def how_it_stands(store: Store, message: SealedMessage) -> tuple[bool, bool, int, int]:
    """Of a question: waived, listed as open; of the store: how many are listed, and counted."""
    (record,) = await store.messages(MessageFilter(message_id=message.metadata.message_id))
    listed = await store.messages(MessageFilter(open_questions=True))
    return record.waived, record in listed, len(listed), (await store.counts()).open_questions


async def test_a_question_that_comes_after_its_waiver_awaits_no_answer(store: Store) -> None:
    await accept(store, waiver(1))
    await accept(store, waived(2))
    assert await how_it_stands(store, waived(2)) == (True, False, 0, 0)


async def test_a_question_that_is_open_when_its_waiver_comes_awaits_an_answer_no_more(store: Store) -> None:
    await accept(store, waived(1))
    await accept(store, waived(2))
    await accept(store, sealed_message(3, question=True, conversation_id="c"))
    assert await how_it_stands(store, waived(1)) == (False, True, 3, 3)
    await accept(store, waiver(4))
    assert await how_it_stands(store, waived(1)) == (True, False, 1, 1)
    assert await how_it_stands(store, waived(2)) == (True, False, 1, 1)
    assert await how_it_stands(store, sealed_message(3)) == (False, True, 1, 1)


async def test_a_question_that_has_its_answer_is_not_waived_any_more(store: Store) -> None:
    await accept(store, waived(1))
    answer = {"action": "BetaalvoorstelAntwoord", "cross_reference": "tracking-1"}
    await accept(store, sealed_message(2, **(WAIVER | answer)))
    await accept(store, waiver(3))
    (record,) = await store.messages(MessageFilter(message_id="leg2-1@hub.example"))
    assert (record.answered, record.waived) == (True, False)


async def test_a_waived_question_may_be_answered_all_the_same(store: Store) -> None:
    await accept(store, waiver(1))
    await accept(store, waived(2))
    answer = {"action": "BetaalvoorstelAntwoord", "cross_reference": "tracking-2"}
    await accept(store, sealed_message(3, **(WAIVER | answer)))
    found = await store.find_question("tracking-2", original_sender=SENDER, final_recipient=RECEIVER)
    assert found is not None
    assert found.answered


@pytest.mark.parametrize("waiver_first", [True, False], ids=["waiver first", "question first"])
@pytest.mark.parametrize(
    "changes",
    [
        {"conversation_id": "another"},
        {"original_sender": "third"},
        {"final_recipient": "third"},
        {"original_sender": SENDER, "final_recipient": RECEIVER},
        {"service": "urn:knooppunt:Schuldregeling:1.1"},
        {"action": "SaldoverzoekAntwoord"},
        {"kind": Kind.NOTICE},
    ],
    ids=["conversation", "answerer", "asker", "same-direction", "version", "type", "notice"],
)
async def test_what_only_resembles_a_waiver_leaves_the_question_open(
    store: Store, changes: dict[str, str], waiver_first: bool
) -> None:
    almost = waiver(2, **changes)
    if "action" in changes:
        almost = replace(almost, waives=())
    for each in (almost, waived(1)) if waiver_first else (waived(1), almost):
        await accept(store, each)
    assert await how_it_stands(store, waived(1)) == (False, True, 1, 1)


async def test_nobody_hides_a_question_by_using_its_reference(store: Store) -> None:
    await accept(store, sealed_message(1, question=True))
    await accept(store, sealed_message(2, question=True, original_sender="third", tracking_identifier="tracking-1"))
    question = await store.find_question("tracking-1", original_sender=SENDER, final_recipient=RECEIVER)
    assert question is not None
    assert question.conversation_id == "conversation-1"
    assert await store.find_question("tracking-1", original_sender=RECEIVER, final_recipient=SENDER) is None


async def test_a_notification_is_found_by_its_reference_after_the_questions(store: Store) -> None:
    about = {"original_sender": SENDER, "final_recipient": RECEIVER}
    await accept(store, sealed_message(1, action="Kennisgeving", tracking_identifier="tracking"))
    found = await store.find_question("tracking", **about)
    assert found is not None
    assert (found.action, found.answered) == ("Kennisgeving", False)
    await accept(store, sealed_message(2, question=True, tracking_identifier="tracking", conversation_id="c"))
    await accept(store, sealed_message(3, action="Kennisgeving", tracking_identifier="tracking"))
    answer = sealed_message(
        4, original_sender=RECEIVER, final_recipient=SENDER, conversation_id="c", cross_reference="tracking"
    )
    await accept(store, answer)
    found = await store.find_question("tracking", **about)
    assert found is not None
    assert (found.action, found.answered) == ("Saldoverzoek", True)


async def test_the_receipt_that_was_given_stays_as_evidence(store: Store) -> None:
    message = sealed_message(1)
    await accept(store, message)
    assert await store.evidence(message.metadata.message_id) == (
        ("receipt-given", START, acceptance_for(message).receipt.octets),
    )
