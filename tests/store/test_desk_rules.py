"""The rules of desk leases: half an hour from each use, four hours in all, five a person; without any store."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.store.store_samples import RECEIVER, START, TERM

from gateway.store.model import DeskFull, DeskLease, DeskRequest, Held, State
from gateway.store.rules import desk
from gateway.store.rules.desk import DESK_LONGEST, DESK_SPAN, HELD_BY_PERSON, OPEN_AT_DESKS
from gateway.store.rules.lease import Waiting

NONE = timedelta()
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
STORED = Waiting(row=1, receiver=RECEIVER, state=State.STORED, expires_at=START + TERM)
ANN, BOB = (
    DeskRequest(message_id="m", party=RECEIVER, person=each, take_over=False, terms_behind=NONE)
    for each in ("ann", "bob")
)


def opened(message: Waiting = STORED, request: DeskRequest = ANN, now: datetime = START) -> Waiting:
    return desk.opened(message, request, f"token of {request.person} at {now}", now)


def used(message: Waiting, now: datetime, *, token: str | None = None, party: str = RECEIVER) -> Waiting | None:
    return desk.used(message, party, token or str(message.lease_token), NONE, now)


def test_the_spans_are_those_that_were_agreed_on_PO_85() -> None:
    assert (timedelta(minutes=30), timedelta(hours=4)) == (DESK_SPAN, DESK_LONGEST)
    assert (HELD_BY_PERSON, OPEN_AT_DESKS) == (5, 10_000)


@pytest.mark.parametrize(
    ("says", "at", "until"),
    [
        ("half an hour from the use", 10 * MINUTE, 40 * MINUTE),
        ("half an hour from a use in its last second", DESK_SPAN - SECOND, 2 * DESK_SPAN - SECOND),
        ("nothing from its end on, for nobody used it", DESK_SPAN, None),
    ],
)
def test_only_use_moves_the_end_of_a_lease_PO_85(says: str, at: timedelta, until: timedelta | None) -> None:
    found = used(opened(), START + at)
    assert (None if found is None else found.lease_until) == (None if until is None else START + until)


def test_four_hours_after_its_beginning_a_lease_ends_however_much_it_is_used_PO_85() -> None:
    message, now = opened(), START
    while (later := used(message, now := now + MINUTE)) is not None:
        assert later.lease_until == min(now + DESK_SPAN, START + DESK_LONGEST)
        message = later
    assert now == START + DESK_LONGEST


def test_whoever_opens_it_again_after_that_has_a_new_lease_under_another_token() -> None:
    over = START + DESK_LONGEST
    message = opened()._replace(lease_until=over, offerable_at=over)
    assert desk.standing(message, ANN, over) is None
    again = opened(message, ANN, over)
    assert (again.lease_until, again.offered_at, again.attempts) == (over + DESK_SPAN, over, 2)
    assert used(again, over + MINUTE, token=message.lease_token) is None, "the page of before has nothing any more"


@given(
    term=st.timedeltas(MINUTE, 2 * DESK_LONGEST),
    waits=st.lists(st.timedeltas(NONE, 2 * DESK_SPAN), max_size=40),
)
def test_however_it_is_used_a_lease_ends_within_each_of_its_bounds_and_never_earlier_than_it_did_PO_85(
    term: timedelta, waits: list[timedelta]
) -> None:
    message, now = opened(STORED._replace(expires_at=START + term)), START
    for wait in waits:
        now += wait
        before = message.lease_until
        assert before is not None
        found = used(message, now)
        assert (found is None) is (now >= before)
        if found is not None:
            assert found.lease_until is not None
            assert before <= found.lease_until <= min(now + DESK_SPAN, START + DESK_LONGEST, START + term)
            message = found


@pytest.mark.parametrize(
    ("token", "party"), [("another", RECEIVER), (None, "another unit")], ids=["another's token", "another unit"]
)
def test_what_is_no_use_by_its_holder_moves_nothing(token: str | None, party: str) -> None:
    assert used(opened(), START + MINUTE, token=token, party=party) is None
    assert not desk.is_held(opened(), party, token or str(opened().lease_token), START + MINUTE)


def test_a_lease_of_a_system_is_none_of_a_desks_though_it_names_its_token() -> None:
    pulled = opened()._replace(desk_holder=None)
    assert used(pulled, START + MINUTE) is None
    assert desk.standing(pulled, ANN, START) == Held(person=None, until=START + DESK_SPAN)


def test_who_takes_over_gets_four_hours_of_his_own_and_who_had_it_has_nothing_left() -> None:
    anns = opened()
    now = START + 20 * MINUTE
    standing = desk.standing(anns, BOB, now)
    assert standing == Held(person="ann", until=START + DESK_SPAN)
    assert isinstance(standing, Held)
    assert not desk.gives_way(standing, BOB)
    asked = DeskRequest(message_id="m", party=RECEIVER, person="bob", take_over=True, terms_behind=NONE)
    assert desk.gives_way(standing, asked)
    assert not desk.gives_way(Held(person=None, until=standing.until), asked), "a system is not asked"
    bobs = opened(anns, BOB, now)
    assert bobs.offered_at == now
    assert used(bobs, now + MINUTE, token=anns.lease_token) is None
    assert isinstance(desk.standing(bobs, BOB, now), DeskLease)


@pytest.mark.parametrize(
    ("held", "at_desks", "full"),
    [
        (HELD_BY_PERSON - 1, OPEN_AT_DESKS - 1, None),
        (HELD_BY_PERSON, 0, DeskFull(limit=HELD_BY_PERSON, of_person=True)),
        (0, OPEN_AT_DESKS, DeskFull(limit=OPEN_AT_DESKS, of_person=False)),
    ],
)
def test_a_person_has_five_and_a_mailbox_ten_thousand_open_PO_85(
    held: int, at_desks: int, full: DeskFull | None
) -> None:
    assert desk.refused_for_number(held, at_desks) == full


def test_of_a_hundred_that_one_person_opens_five_are_his_at_any_moment_PO_85() -> None:
    """A message a minute, and none of them used: those that were left lapse, and never more than five stand."""
    messages = [STORED._replace(row=row) for row in range(100)]
    got = []
    for minute, message in enumerate(messages):
        now = START + minute * MINUTE
        held = sum(desk.open_lease(each, now) is not None for each in messages)
        assert held <= HELD_BY_PERSON
        if desk.refused_for_number(held, held) is None:
            messages[minute] = opened(message, ANN, now)
            got.append(minute)
    assert got[:10] == [0, 1, 2, 3, 4, 30, 31, 32, 33, 34]
