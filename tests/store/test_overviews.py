"""What a party sees of what waits for it and of what it sent: in order, page by page, nobody else's (PO-34, PO-36)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from support.store.engines import as_of
from support.store.steps import fill, steps_of
from support.store.store_samples import RECEIVER, SENDER, START, TERM, accept, pull, sealed_message

from gateway.sqlite import open_database
from gateway.store.interface import Store
from gateway.store.model import DeskLease, DeskRequest, Fate, Kind, Offer, SealedMessage
from gateway.store.sqlite import overviews
from gateway.store.sqlite.store import APPLICATION_ID, FUNCTIONS, MIGRATIONS

DAY = timedelta(days=1)


def question(number: int, **changes: Any) -> SealedMessage:
    return sealed_message(number, **{"question": True, "answer_due": START + 10 * DAY} | changes)


def answer_to(asked: SealedMessage, number: int) -> SealedMessage:
    about = asked.metadata
    return sealed_message(
        number,
        sender=RECEIVER,
        original_sender=about.final_recipient,
        receiver=SENDER,
        final_recipient=about.original_sender,
        conversation_id=about.conversation_id,
        cross_reference=about.tracking_identifier,
    )


async def collect(store: Store, number: int) -> str:
    offer = await store.lease(pull(number))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"receipt")
    return offer.message_id


async def fates(store: Store) -> dict[str, Fate]:
    return {each.record.metadata.message_id: each.fate for each in await store.sent(SENDER, limit=50)}


async def test_what_waits_comes_by_its_deadline_page_by_page(store: Store) -> None:
    deadlines = {1: 3, 2: 1, 3: 2, 4: 1}
    for number, days in deadlines.items():
        await accept(store, sealed_message(number, expires_at=START + days * DAY))
    await accept(store, sealed_message(5, receiver="another"))
    pages, after = [], None
    while page := await store.waiting(RECEIVER, after=after, limit=3):
        pages.append([int(each.metadata.message_id[5]) for each in page])
        after = page[-1].metadata.message_id
    assert pages == [[2, 4, 3], [1]]
    assert await store.count_waiting(RECEIVER) == 4
    assert await store.count_waiting("nobody") == 0


async def test_a_page_that_begins_after_a_message_of_another_tells_nothing_of_it_PO_27(store: Store) -> None:
    await accept(store, sealed_message(1, expires_at=START + 3 * DAY))
    await accept(store, sealed_message(2, receiver="another", expires_at=START + 5 * DAY))
    await accept(store, sealed_message(3, sender="another"))
    foreign = "leg2-2@hub.example"
    assert len(await store.waiting(RECEIVER, after=foreign)) == len(await store.waiting(RECEIVER)) == 2
    first = min(each.record.metadata.message_id for each in await store.sent(SENDER))
    assert len(await store.sent(SENDER, before=first)) == 0
    assert len(await store.sent("another", before=first)) == 1


async def test_what_waits_says_who_has_it_open(store: Store) -> None:
    for number in (1, 2):
        await accept(store, sealed_message(number))
    request = DeskRequest(message_id="leg2-1@hub.example", party=RECEIVER, person="ann")
    lease = await store.open_at_desk(request)
    assert isinstance(lease, DeskLease)
    held = [(each.desk_holder, each.lease_until) for each in await store.waiting(RECEIVER)]
    assert held == [("ann", lease.until), (None, None)]
    as_of(lease.until, store)
    assert [each.desk_holder for each in await store.waiting(RECEIVER)] == [None, None]


async def test_what_was_collected_or_expired_waits_no_more(store: Store) -> None:
    for number in (1, 2, 3):
        await accept(store, sealed_message(number))
    await collect(store, 1)
    await store.expire("leg2-2@hub.example", notice=None, notice_parts=None, at_once=True)
    assert [each.metadata.message_id for each in await store.waiting(RECEIVER)] == ["leg2-3@hub.example"]
    assert await store.count_waiting(RECEIVER) == 1


async def test_each_message_that_was_sent_has_its_fate_PO_36(store: Store) -> None:
    asked = question(5)
    for each in (question(1), question(2), question(3), sealed_message(4), asked):
        await accept(store, each)
    await collect(store, 1)
    await store.expire("leg2-2@hub.example", notice=None, notice_parts=None, at_once=True)
    await accept(store, answer_to(asked, 6))
    assert await fates(store) == {
        "leg2-5@hub.example": Fate.ANSWERED,
        "leg2-4@hub.example": Fate.WAITING,
        "leg2-3@hub.example": Fate.WAITING,
        "leg2-2@hub.example": Fate.EXPIRED,
        "leg2-1@hub.example": Fate.COLLECTED,
    }
    as_of(START + 10 * DAY, store)
    late = {name for name, fate in (await fates(store)).items() if fate is Fate.LATE}
    assert late == {"leg2-3@hub.example", "leg2-1@hub.example"}, "a notification is never late"


async def test_the_fate_stays_when_the_message_is_removed_PO_36(store: Store) -> None:
    for number in (1, 2):
        await accept(store, sealed_message(number))
    await collect(store, 1)
    await store.expire("leg2-2@hub.example", notice=None, notice_parts=None, at_once=True)
    before = await fates(store)
    await store.purge()
    assert (
        await fates(store)
        == before
        == {
            "leg2-1@hub.example": Fate.COLLECTED,
            "leg2-2@hub.example": Fate.EXPIRED,
        }
    )


async def test_a_question_stands_with_its_answers_and_no_others(store: Store) -> None:
    asked = question(1)
    await accept(store, asked)
    other = question(2, tracking_identifier="tracking-1")
    await accept(store, other)
    strangers = answer_to(asked, 5)
    strangers = replace(strangers, metadata=replace(strangers.metadata, original_sender="another"))
    for each in (answer_to(asked, 3), answer_to(asked, 4), strangers):
        await accept(store, each)
    second, first = await store.sent(SENDER)
    assert [each.metadata.message_id for each in first.answers] == ["leg2-3@hub.example", "leg2-4@hub.example"]
    assert (second.fate, second.answers) == (Fate.WAITING, ())


async def test_what_was_sent_comes_newest_first_page_by_page_without_notices(store: Store) -> None:
    for number in range(1, 6):
        await accept(store, sealed_message(number, sender=SENDER if number != 3 else "another"))
    await accept(store, sealed_message(6, kind=Kind.NOTICE))
    first = await store.sent(SENDER, limit=3)
    rest = await store.sent(SENDER, before=first[-1].record.metadata.message_id)
    assert [int(each.record.metadata.message_id[5]) for each in (*first, *rest)] == [5, 4, 2, 1]


async def test_days_that_were_added_are_counted_and_a_race_is_lost_by_one_PO_34(store: Store) -> None:
    await accept(store, sealed_message(1))
    (before,) = await store.waiting(RECEIVER)
    was = before.metadata.expires_at
    asked = {"party": RECEIVER, "added_days": 7, "instead_of": was}
    assert await store.prolong_term(before.metadata.message_id, expires_at=was + 7 * DAY, **asked)  # type: ignore[arg-type]
    assert not await store.prolong_term(before.metadata.message_id, expires_at=was + 14 * DAY, **asked)  # type: ignore[arg-type]
    (after,) = await store.waiting(RECEIVER)
    assert (after.prolonged_days, after.metadata.expires_at, after.damaged) == (7, START + TERM + 7 * DAY, False)


@pytest.mark.parametrize("page", ["waiting", "sent"])
def test_a_page_costs_no_more_for_however_many(tmp_path: Path, page: str) -> None:
    connection: apsw.Connection = open_database(
        tmp_path / "store.db", migrations=MIGRATIONS, application_id=APPLICATION_ID, functions=FUNCTIONS
    )

    def look() -> object:
        if page == "waiting":
            return overviews.waiting(connection, RECEIVER, START, after="leg2-50@hub.example", limit=50)
        return overviews.sent(connection, SENDER, START, before="leg2-150@hub.example", limit=50)

    steps = []
    for numbers in (range(200), range(200, 2000)):
        fill(connection, numbers)
        steps.append(steps_of(connection, look))
    connection.close()
    assert steps[0] > 100
    assert steps[1] <= steps[0] * 1.05


async def test_what_arrived_comes_in_its_order_after_a_number_whoever_it_is_for(store: Store) -> None:
    before = await store.arrivals(after=None)
    assert before.records == ()
    for number in range(1, 6):
        await accept(store, sealed_message(number, receiver=RECEIVER if number % 2 else "another"))
    seen, found = before.seen, []
    while page := (await store.arrivals(after=seen, limit=2)).records:
        seen = (await store.arrivals(after=seen, limit=2)).seen
        found += [int(each.metadata.message_id[5]) for each in page]
    assert found == [1, 2, 3, 4, 5]
    assert await store.arrivals(after=seen) == await store.arrivals(after=None)
    assert (await store.arrivals(after=seen + 100)).seen == seen  # of a store that went back
