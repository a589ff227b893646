"""A list at a desk: many messages leased at once, found by their references, and answered after their receipt."""

from __future__ import annotations

from typing import Any

from support.store.store_samples import RECEIVER, SENDER, accept, sealed_message

from gateway.store.interface import Store
from gateway.store.model import (
    Accepted,
    DeskFull,
    DeskLease,
    DeskList,
    DeskListRequest,
    DeskRequest,
    Held,
    NotInHand,
    State,
)
from gateway.store.rules.desk import HELD_BY_PERSON, OPEN_AT_DESKS
from gateway.store.sqlite import desk


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"leg2-{number}@hub.example" for number in numbers)


async def opened(store: Store, number: int, person: str = "ann") -> Any:
    return await store.open_at_desk(DeskRequest(message_id=ids(number)[0], party=RECEIVER, person=person))


async def lease_of(store: Store, number: int, person: str = "ann") -> DeskLease:
    outcome = await opened(store, number, person)
    assert isinstance(outcome, DeskLease)
    return outcome


async def list_of(store: Store, *numbers: int, person: str = "ann", party: str = RECEIVER) -> Any:
    return await store.open_list_at_desk(DeskListRequest(message_ids=ids(*numbers), party=party, person=person))


async def fill(store: Store, count: int) -> None:
    for number in range(1, count + 1):
        await accept(store, sealed_message(number))


async def test_a_list_is_open_at_once_and_what_a_colleague_has_is_passed_by_PO_35(store: Store) -> None:
    await fill(store, 4)
    of_bob = await lease_of(store, 3, "bob")
    outcome = await list_of(store, 1, 2, 3, 4, 9, 1)
    assert isinstance(outcome, DeskList)
    assert [each.message_id for each in outcome.leases] == [*ids(1, 2, 4)]
    assert outcome.held == {ids(3)[0]: Held(person="bob", until=of_bob.until)}
    assert len({each.token for each in outcome.leases}) == 3
    assert isinstance(await opened(store, 1, "bob"), Held)


async def test_who_has_messages_of_a_list_gets_the_same_leases_again(store: Store) -> None:
    await fill(store, 3)
    first, second = await list_of(store, 1, 2), await list_of(store, 1, 2, 3)
    assert [each.token for each in second.leases][:2] == [each.token for each in first.leases]
    assert len(second.leases) == 3


async def test_another_units_messages_are_in_no_list_PO_29(store: Store) -> None:
    await fill(store, 1)
    assert await list_of(store, 1, party="00000099000000009000") == DeskList(leases=(), held={})


async def test_a_list_counts_as_one_of_what_a_person_has_open_PO_85(store: Store) -> None:
    await fill(store, 4 + HELD_BY_PERSON)
    await list_of(store, 1, 2, 3)
    for number in range(5, 4 + HELD_BY_PERSON):
        await lease_of(store, number)
    last = 4 + HELD_BY_PERSON
    assert await opened(store, last) == DeskFull(limit=HELD_BY_PERSON, of_person=True)
    assert await list_of(store, 4, last) == DeskFull(limit=HELD_BY_PERSON, of_person=True)
    again = await list_of(store, 1, 2, 3)
    assert len(again.leases) == 3, "what is open already is not counted anew"


async def test_a_mailbox_has_no_more_open_than_may_be_and_a_list_is_all_or_nothing(
    store: Store, monkeypatch: Any
) -> None:
    await fill(store, 3)
    monkeypatch.setattr(desk.rules, "OPEN_AT_DESKS", 2)
    assert await list_of(store, 1, 2, 3) == DeskFull(limit=2, of_person=False)
    assert len((await list_of(store, 1, 2)).leases) == 2
    assert OPEN_AT_DESKS == 10_000


def answer(number: int, **changes: Any) -> Any:
    between = {"sender": RECEIVER, "original_sender": RECEIVER, "final_recipient": SENDER, "receiver": SENDER}
    return sealed_message(number, conversation_id="c", cross_reference="asked", **between | changes)


async def test_a_question_that_was_confirmed_is_answered_without_a_lease_and_once_PO_65(store: Store) -> None:
    await accept(store, sealed_message(1, question=True, conversation_id="c", tracking_identifier="asked"))
    assert await accept(store, answer(2), desk_lease="") == NotInHand(), "it waits, and nobody has it open"
    lease = await lease_of(store, 1)
    await store.close(lease.message_id, party=RECEIVER, receipt=b"receipt", desk_lease=lease.token)
    (found,) = (await store.asked(RECEIVER, ["asked"])).values()
    assert (found.confirmed, found.record.answered, found.record.state) == (True, False, State.RECEIPTED)
    foreign = answer(3, sender="00000099000000009000", original_sender="00000099000000009000")
    assert await accept(store, foreign, desk_lease="") == NotInHand()
    assert await accept(store, answer(4), desk_lease="") == Accepted()
    assert await accept(store, answer(5), desk_lease="") == NotInHand(), "it has its answer"
    (found,) = (await store.asked(RECEIVER, ["asked"])).values()
    assert found.record.answered


async def test_a_reference_finds_what_waits_before_what_is_answered_and_nobody_elses_PO_64(store: Store) -> None:
    await accept(store, sealed_message(1, question=True, conversation_id="c", tracking_identifier="asked"))
    await accept(store, answer(2))
    await accept(store, sealed_message(3, question=True, conversation_id="d", tracking_identifier="asked"))
    found = await store.asked(RECEIVER, ["asked", "nobody's"])
    assert list(found) == ["asked"]
    assert found["asked"].record.metadata.conversation_id == "d" or not found["asked"].record.answered
    assert not found["asked"].confirmed
    assert await store.asked("00000099000000009000", ["asked"]) == {}
