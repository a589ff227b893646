"""The rules of leases: from what a row says to what is written, without any store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from support.store.store_samples import RECEIVER, START, TERM, pull

from gateway.store.model import Replayed, State
from gateway.store.rules import lease
from gateway.store.rules.lease import Waiting

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STORED = Waiting(row=1, receiver=RECEIVER, state=State.STORED, expires_at=START + TERM)
OFFERED = STORED._replace(
    state=State.OFFERED,
    attempts=1,
    lease_token="mine",
    lease_until=START + HOUR,
    offerable_at=START + HOUR,
    offered_at=START,
)
PAUSING = OFFERED._replace(lease_until=START + MINUTE, offerable_at=START + HOUR, errors=1)
UNREADABLE = PAUSING._replace(errors=0, unreadable=1)
DAMAGED = OFFERED._replace(damaged=True, lease_until=START, offerable_at=START)
FINAL = STORED._replace(state=State.RECEIPTED, attempts=1)

OFFERABLE = [
    ("a stored message is", STORED, START, True),
    ("a stored message is until an instant before its term", STORED, START + TERM - SECOND, True),
    ("no message is from its term on", STORED, START + TERM, False),
    ("a leased message is not before its lease ends", OFFERED, START + HOUR - SECOND, False),
    ("a message is from the end of its lease on", OFFERED, START + HOUR, True),
    ("a message that pauses is not, though its lease is over", PAUSING, START + HOUR - SECOND, False),
    ("a message is from the end of its pause on", PAUSING, START + HOUR, True),
    ("a damaged message never is", DAMAGED, START + HOUR, False),
    ("a message that ended is not", FINAL, START, False),
]


@pytest.mark.parametrize(("says", "message", "now", "offerable"), OFFERABLE, ids=[row[0] for row in OFFERABLE])
def test_what_may_be_offered(says: str, message: Waiting, now: Any, offerable: bool) -> None:
    assert lease.is_offerable(message, pull(1), now) is offerable


def test_a_term_is_judged_by_the_time_that_is_trusted_and_a_lease_by_now() -> None:
    behind = pull(1, terms_behind=SECOND)
    assert lease.is_offerable(STORED, behind, START + TERM)
    assert not lease.is_offerable(STORED, behind, START + TERM + SECOND)
    assert not lease.is_offerable(OFFERED, pull(1, terms_behind=-HOUR), START)
    assert lease.may_be_given_again(OFFERED, "mine", behind, START + TERM)
    endless = pull(1, terms_behind=timedelta(days=999_999))
    assert lease.is_offerable(STORED, endless, START + 999 * TERM)


AGAIN = [
    ("under its own lease", OFFERED, "mine", START, True),
    ("not while another has it", OFFERED, "other", START, False),
    ("when the lease of another lapsed", OFFERED, "other", START + HOUR, True),
    ("not while it pauses", PAUSING, "mine", START + 2 * MINUTE, False),
    ("after its pause", PAUSING, "mine", START + HOUR, True),
    ("not when it is damaged", DAMAGED, "mine", START, False),
    ("not from its term on", OFFERED, "mine", START + TERM, False),
    ("not when it ended", FINAL, "mine", START, False),
]


@pytest.mark.parametrize(("says", "message", "token", "now", "again"), AGAIN, ids=[row[0] for row in AGAIN])
def test_when_a_pull_request_gets_its_message_again(
    says: str, message: Waiting, token: str, now: Any, again: bool
) -> None:
    assert lease.may_be_given_again(message, token, pull(1), now) is again
    assert (lease.given_again(message, token, pull(1), now) is message) is again


PASSED = [
    ("by a damaged message", DAMAGED, True),
    ("by one that waits to be read again", UNREADABLE, True),
    ("not by one that pauses after an error", PAUSING, False),
    ("not by one that was read in the end", OFFERED._replace(unreadable=2), False),
    ("not by one under a lease", OFFERED, False),
]


@pytest.mark.parametrize(("says", "message", "passed"), PASSED, ids=[row[0] for row in PASSED])
def test_who_lets_others_pass(says: str, message: Waiting, passed: bool) -> None:
    assert lease.lets_others_pass(message) is passed
    assert lease.given_again(message, "other", pull(1), START) == (None if passed else Replayed())


def test_no_more_leases_are_open_than_the_mailbox_may_have() -> None:
    request = pull(1, open_leases=2)
    assert [lease.may_open_lease(request, open_leases) for open_leases in (0, 1, 2, 3)] == [True, True, False, False]


def test_a_new_lease_lasts_as_long_as_its_mailbox_says_and_counts_an_attempt() -> None:
    later = START + 2 * HOUR
    assert lease.offered(OFFERED, pull(1, lease_seconds=60), "next", later) == OFFERED._replace(
        attempts=2,
        lease_token="next",
        lease_until=later + MINUTE,
        offerable_at=later + MINUTE,
        offered_at=later,
    )


def ending(message: Waiting, at: Any) -> Waiting:
    return message._replace(lease_until=at, offerable_at=at)


MOVED = [
    ("prolonged one span from now", lease.prolonged, OFFERED, "mine", 2 * HOUR, START + MINUTE, START + 121 * MINUTE),
    ("prolonged for twelve hours at most", lease.prolonged, OFFERED, "mine", 24 * HOUR, START, START + 12 * HOUR),
    ("not prolonged to where it ends already", lease.prolonged, OFFERED, "mine", HOUR, START, None),
    ("not prolonged by another's token", lease.prolonged, OFFERED, "other", 2 * HOUR, START, None),
    ("not prolonged out of a pause", lease.prolonged, PAUSING, "mine", 2 * HOUR, START, None),
    ("not prolonged when the message ended", lease.prolonged, FINAL, "mine", HOUR, START, None),
    ("cut short", lease.cut, OFFERED, "mine", MINUTE, START, START + MINUTE),
    ("cut to this moment", lease.cut, OFFERED, "mine", 0 * SECOND, START + MINUTE, START + MINUTE),
    ("not cut to where it ends already", lease.cut, OFFERED, "mine", HOUR, START, None),
    ("not cut by another's token", lease.cut, OFFERED, "other", MINUTE, START, None),
    ("not cut out of a pause", lease.cut, PAUSING, "mine", SECOND, START, None),
]  # fmt: skip


@pytest.mark.parametrize("row", MOVED, ids=[row[0] for row in MOVED])
def test_how_a_lease_is_moved(row: tuple[str, Any, Waiting, str, timedelta, datetime, datetime | None]) -> None:
    _, rule, message, token, span, now, end = row
    assert rule(message, token, span, now) == (None if end is None else ending(message, end))


@pytest.mark.parametrize(("times", "minutes"), [(0, 1), (1, 5), (2, 30), (3, 120), (9, 120)])
def test_each_failure_lets_a_message_wait_longer(times: int, minutes: int) -> None:
    """Its lease ends now, or stays where it ended before."""
    now = START + MINUTE
    waits = {"lease_until": now, "offerable_at": now + minutes * MINUTE}
    assert lease.put_off(OFFERED._replace(unreadable=times), "mine", now) == OFFERED._replace(
        unreadable=times + 1, **waits
    )
    failed = OFFERED._replace(errors=times, last_error="EBMS:0001")
    assert lease.after_error(failed, "EBMS:0004", now) == failed._replace(
        errors=times + 1, last_error="EBMS:0004", **waits
    )
    lapsed = lease.after_error(OFFERED, "EBMS:0004", START + 2 * HOUR)
    assert lapsed is not None
    assert lapsed.lease_until == OFFERED.lease_until


def test_only_who_holds_the_lease_puts_a_message_off_and_none_that_ended_waits_after_an_error() -> None:
    assert lease.put_off(OFFERED, "other", START) is None
    assert lease.put_off(FINAL, "mine", START) is None
    assert lease.after_error(FINAL, "EBMS:0004", START) is None


def test_damage_ends_the_lease_as_of_its_offer_once_and_a_whole_message_is_offered_again() -> None:
    assert lease.found_damaged(OFFERED) == DAMAGED
    assert lease.found_damaged(DAMAGED) is None
    assert lease.found_damaged(FINAL) is None
    assert lease.found_whole(DAMAGED) == DAMAGED._replace(damaged=False)
    assert lease.found_whole(UNREADABLE) == UNREADABLE._replace(unreadable=0, offerable_at=UNREADABLE.lease_until)
    assert lease.found_whole(OFFERED) is None
    assert lease.found_whole(FINAL) is None
