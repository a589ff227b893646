"""The rules of endings and of what came before: from what a row says to what becomes of it, without any store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.store.store_samples import HOLDER, RECEIVER, START, TERM, mailbox_of, pull

from gateway.store.model import Empty, Expired, Heard, ReceiptOutcome, Replayed, State
from gateway.store.rules import expiry, replay
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import Again, HeardSignal

SECOND = timedelta(seconds=1)
GRACE = timedelta(minutes=10)
OVER = START + TERM
STORED = Waiting(row=1, receiver=RECEIVER, state=State.STORED, expires_at=OVER)
OFFERED = STORED._replace(
    state=State.OFFERED, attempts=1, lease_token="t", lease_until=OVER, offerable_at=OVER, offered_at=START
)
ENDED = STORED._replace(state=State.EXPIRED)

DUE = [
    ("a message is when its term is over", STORED, OVER, True),
    ("it is not an instant before", STORED, OVER - SECOND, False),
    ("not while a receipt may be on its way", OFFERED, OVER + GRACE - SECOND, False),
    ("ten minutes after its last lease", OFFERED, OVER + GRACE, True),
    ("a message that ended is not", ENDED, OVER, False),
]


@pytest.mark.parametrize(("says", "message", "now", "is_due"), DUE, ids=[row[0] for row in DUE])
def test_what_is_due(says: str, message: Waiting, now: Any, is_due: bool) -> None:
    assert expiry.is_due(message, now) is is_due
    assert expiry.may_expire(message, now, at_once=False) is is_due


@pytest.mark.parametrize("state", list(State))
def test_a_message_ends_at_once_as_long_as_it_waits(state: State) -> None:
    waits = state in (State.STORED, State.OFFERED)
    assert expiry.may_expire(OFFERED._replace(state=state), START, at_once=True) is waits
    assert expiry.may_prolong(OFFERED._replace(state=state), OVER + SECOND) is waits


def test_its_sender_is_told_unless_nobody_can_say_who_that_is() -> None:
    assert expiry.ending(has_notice=True, sound=True) is Expired.NOTIFIED
    assert expiry.ending(has_notice=True, sound=False) is Expired.UNNOTIFIED
    assert expiry.ending(has_notice=False, sound=True) is Expired.UNNOTIFIED


def test_a_deadline_never_moves_earlier() -> None:
    assert not expiry.may_prolong(STORED, OVER)
    assert not expiry.may_prolong(STORED, OVER - SECOND)


@pytest.mark.parametrize("has_receipt", [False, True])
@pytest.mark.parametrize("state", list(State))
def test_a_receipt_closes_what_waits_and_is_late_or_repeated_after_that(state: State, has_receipt: bool) -> None:
    outcome = expiry.receipt_outcome(state, has_receipt=has_receipt)
    if state in (State.STORED, State.OFFERED):
        assert outcome is ReceiptOutcome.CLOSED
    else:
        assert outcome is (ReceiptOutcome.REPEATED if has_receipt else ReceiptOutcome.LATE)


def test_a_word_counts_only_of_whom_the_message_was_offered_to() -> None:
    assert expiry.was_offered_to(OFFERED, RECEIVER)
    assert not expiry.was_offered_to(OFFERED, "somebody else")
    assert not expiry.was_offered_to(STORED, RECEIVER)


@pytest.mark.parametrize(("days", "kept"), [(1, 90), (90, 90), (396, 396)])
def test_the_log_is_kept_as_long_as_acceptances_at_least(days: int, kept: int) -> None:
    assert expiry.log_memory(days) == timedelta(days=kept)


COUNTED = HeardSignal(
    said_at=START, at=START, counted=True, mpc=mailbox_of(RECEIVER), holder=HOLDER, message=7, lease_token="t"
)
PULLS = [
    ("one that nobody heard of is new", None, START, None),
    ("one that was heard of and did not count is new", replace(COUNTED, counted=False), START, None),
    ("it gets its message again for five minutes", COUNTED, START + 300 * SECOND, Again(7, "t")),
    ("it is a replay after that", COUNTED, START + 301 * SECOND, Replayed()),
    ("it hears again that the mailbox was empty", replace(COUNTED, message=None), START, Empty(repeated=True)),
    ("by another certificate it is a replay", replace(COUNTED, holder="b" * 64), START, Replayed()),
    ("for another mailbox it is a replay", replace(COUNTED, mpc="other"), START, Replayed()),
]


@pytest.mark.parametrize(("says", "heard", "now", "verdict"), PULLS, ids=[row[0] for row in PULLS])
def test_what_a_pull_request_that_comes_again_gets(
    says: str, heard: HeardSignal | None, now: Any, verdict: object
) -> None:
    found = replay.judge_pull(heard, pull(1), now)
    assert found == verdict
    if isinstance(found, Empty):
        assert found.repeated


def test_a_signal_counts_from_the_first_time_and_keeps_its_latest_answer() -> None:
    later = START + timedelta(hours=1)
    again = replay.counts_now(COUNTED, later, later, request=pull(1), message=8, lease_token="u")
    assert again == replace(COUNTED, message=8, lease_token="u")
    noted = replace(COUNTED, counted=False)
    assert replay.counts_now(noted, later, later, request=pull(1)) == replace(
        COUNTED, at=later, message=None, lease_token=None
    )
    assert replay.counts_now(None, START, later) == HeardSignal(said_at=START, at=later, counted=True)


def test_what_was_known_of_a_message_that_may_not_count_now() -> None:
    assert replay.heard_of(None, None) == Heard(known=False, counted=False, latest=None)
    assert replay.heard_of(COUNTED, START) == Heard(known=True, counted=True, latest=START)
    assert replay.heard_of(replace(COUNTED, counted=False), None) == Heard(known=True, counted=False, latest=None)
