"""A list at a desk: many messages leased at once, found by their references, and answered after their receipt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.store.engines import ENGINES, as_of
from support.store.store_samples import RECEIVER, SENDER, START, accept, sealed_message

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
from gateway.store.rules import desk as desk_rules
from gateway.store.rules.desk import HELD_BY_PERSON, OPEN_AT_DESKS

MINUTE = timedelta(minutes=1)


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"leg2-{number}@hub.example" for number in numbers)


async def opened(store: Store, number: int, person: str = "ann") -> Any:
    return await store.open_at_desk(DeskRequest(message_id=ids(number)[0], party=RECEIVER, person=person))


async def lease_of(store: Store, number: int, person: str = "ann") -> DeskLease:
    outcome = await opened(store, number, person)
    assert isinstance(outcome, DeskLease)
    return outcome


async def list_of(store: Store, *numbers: int, person: str = "ann", party: str = RECEIVER, **more: Any) -> Any:
    request = DeskListRequest(message_ids=ids(*numbers), party=party, person=person, **more)
    return await store.open_list_at_desk(request)


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
    monkeypatch.setattr(desk_rules, "OPEN_AT_DESKS", 2)
    assert await list_of(store, 1, 2, 3) == DeskFull(limit=2, of_person=False)
    assert len((await list_of(store, 1, 2)).leases) == 2
    assert OPEN_AT_DESKS == 10_000


async def test_what_joins_a_list_is_one_with_it_however_much_else_is_open_PO_85(store: Store) -> None:
    await fill(store, 3 + HELD_BY_PERSON)
    name = (await list_of(store, 1)).desk_list
    for number in range(4, 3 + HELD_BY_PERSON):
        await lease_of(store, number)
    assert isinstance(await list_of(store, 2), DeskFull)
    more = await list_of(store, 1, 2, 3, desk_list=name)
    assert more.desk_list == name
    assert {each.message_id for each in more.leases if each.again} == {more.leases[0].message_id}
    assert await store.release_desk_list(name, party=RECEIVER, person="ann") == 3


@pytest.mark.parametrize(
    ("person", "party", "named"),
    [("bob", RECEIVER, True), ("ann", "00000099000000009000", True), ("ann", RECEIVER, False)],
    ids=["a colleague", "another unit", "another list"],
)
async def test_a_list_is_prolonged_and_given_up_by_whose_it_is_alone_PO_27(
    store: Store, person: str, party: str, named: bool
) -> None:
    await fill(store, 2)
    name = (await list_of(store, 1, 2)).desk_list if named else "another"
    assert await store.use_desk_list(name, party=party, person=person) is None
    assert await store.release_desk_list(name, party=party, person=person) == 0
    assert (await list_of(store, 1, person=person, party=party, desk_list=name)).desk_list != name


async def test_a_list_in_use_stays_open_and_given_up_it_waits_for_a_colleague_PO_35(store: Store) -> None:
    await fill(store, 4)
    alone = await lease_of(store, 3)
    as_of(START + 20 * MINUTE, store)
    found = await list_of(store, 1, 2, 3)
    as_of(START + 25 * MINUTE, store)
    assert await store.use_desk_list(found.desk_list, party=RECEIVER, person="ann") == START + 55 * MINUTE
    assert await store.release_desk_list(found.desk_list, party=RECEIVER, person="ann") == 2
    assert await store.is_held_at_desk(alone.message_id, party=RECEIVER, token=alone.token), "opened by itself"
    assert len((await list_of(store, 1, 2, 3, 4, person="bob")).leases) == 3
    assert await store.use_desk_list(found.desk_list, party=RECEIVER, person="ann") is None


async def test_of_two_tabs_with_one_list_the_one_that_opened_it_last_has_it_PO_35(store: Store) -> None:
    await fill(store, 3)
    first, second = await list_of(store, 1, 2, 3), await list_of(store, 1, 2)
    assert first.desk_list != second.desk_list
    assert await store.release_desk_list(first.desk_list, party=RECEIVER, person="ann") == 1
    assert [each.token for each in (await list_of(store, 1, 2)).leases] == [each.token for each in first.leases[:2]]


async def test_a_long_list_is_opened_prolonged_and_given_up_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the embedded store a thousand leases take a tenth of a second, in which nobody else would get an answer."""
    store = await ENGINES["sqlite"].open(tmp_path / "data")
    threads: set[int] = set()

    def seen(work: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*given: Any, **named: Any) -> Any:
            threads.add(threading.get_ident())
            return work(*given, **named)

        return noting

    await fill(store, 2)
    await list_of(store, 1)  # the log has begun: its first transaction is one for the thread in any case
    for name in ("opened", "used", "released"):
        monkeypatch.setattr(desk_rules, name, seen(getattr(desk_rules, name)))
    found = await list_of(store, 1, 2)
    await store.use_desk_list(found.desk_list, party=RECEIVER, person="ann")
    await store.release_desk_list(found.desk_list, party=RECEIVER, person="ann")
    await store.aclose()
    assert threads
    assert threading.get_ident() not in threads


def answer(number: int, **changes: Any) -> Any:
    between = {"sender": RECEIVER, "original_sender": RECEIVER, "final_recipient": SENDER, "receiver": SENDER}
    return sealed_message(number, **{"conversation_id": "c", "cross_reference": "asked"} | between | changes)


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


async def test_what_is_confirmed_and_awaits_an_answer_is_listed_for_its_unit_alone_PO_29(store: Store) -> None:
    """Not what waits, nor what expired unread, nor what was answered."""
    about = {"question": True, "conversation_id": "c"}
    for number in range(1, 5):
        await accept(store, sealed_message(number, tracking_identifier=f"asked-{number}", **about))
    await accept(store, sealed_message(9, tracking_identifier="told", conversation_id="c"))
    for number in (1, 2, 9):
        lease = await lease_of(store, number)
        await store.close(lease.message_id, party=RECEIVER, receipt=b"receipt", desk_lease=lease.token)
    await store.expire(*ids(3), notice=None, notice_parts=None, at_once=True)
    assert [each.metadata.message_id for each in await store.unanswered(RECEIVER, limit=9)] == [*ids(2, 1)]
    assert len(await store.unanswered(RECEIVER, limit=1)) == 1
    assert await store.unanswered("00000099000000009000", limit=9) == ()
    await accept(store, answer(10, cross_reference="asked-2"))
    await store.purge()
    assert [each.metadata.message_id for each in await store.unanswered(RECEIVER, limit=9)] == [*ids(1)]


async def test_a_reference_finds_what_waits_before_what_is_answered_and_nobody_elses_PO_64(store: Store) -> None:
    await accept(store, sealed_message(1, question=True, conversation_id="c", tracking_identifier="asked"))
    await accept(store, answer(2))
    await accept(store, sealed_message(3, question=True, conversation_id="d", tracking_identifier="asked"))
    found = await store.asked(RECEIVER, ["asked", "nobody's"])
    assert list(found) == ["asked"]
    assert found["asked"].record.metadata.conversation_id == "d" or not found["asked"].record.answered
    assert not found["asked"].confirmed
    assert await store.asked("00000099000000009000", ["asked"]) == {}
