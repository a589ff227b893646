"""Pauses grow up to a bound, an end is an end, and what the hub asks for is honoured (AS4 3.2, A02, A13)."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.keys.pki import NOW

from gateway.client.retry import PollPolicy, RetryPolicy
from gateway.client.transport import retry_after_seconds


def pauses(policy: RetryPolicy, *, chance: float = 0.0) -> list[float]:
    """Every pause until the policy gives up."""
    found: list[float] = []
    while True:
        pause = policy.pause_seconds(
            retries_made=len(found), elapsed_seconds=sum(found), retry_after_seconds=None, chance=chance
        )
        if pause is None:
            return found
        found.append(pause)


def test_the_default_is_the_advice_of_the_hub() -> None:
    found = pauses(RetryPolicy())
    assert found[:7] == [60, 120, 240, 480, 960, 1920, 3600]
    assert set(found[7:]) == {3600.0}
    assert 82_800 < sum(found) <= 86_400


def test_a_number_of_retries_is_exact() -> None:
    assert pauses(RetryPolicy(first_seconds=5, factor=1.0, retries=3)) == [5, 5, 5]


def test_no_retries_are_no_retries() -> None:
    assert pauses(RetryPolicy(retries=0)) == []


@given(
    first=st.floats(0.1, 1e4),
    factor=st.floats(1, 10),
    longest=st.floats(0.1, 1e5),
    made=st.integers(0, 10**6),
    chance=st.floats(0, 1),
    asked=st.none() | st.floats(0, 1e12),
)
def test_no_pause_is_longer_than_the_longest(
    first: float, factor: float, longest: float, made: int, chance: float, asked: float | None
) -> None:
    policy = RetryPolicy(first_seconds=first, factor=factor, longest_seconds=longest, span_seconds=1e9)
    pause = policy.pause_seconds(retries_made=made, elapsed_seconds=0, retry_after_seconds=asked, chance=chance)
    assert pause is not None
    assert 0 <= pause <= longest
    if asked is not None:
        assert pause >= min(asked, longest)


@given(
    wish=st.floats(min_value=0.0, max_value=timedelta.max.total_seconds()),
    retries=st.integers(min_value=0, max_value=10_000),
)
def test_what_a_hub_asks_for_is_granted_within_bounds(wish: float, retries: int) -> None:
    policy = RetryPolicy(span_seconds=float("inf"))
    pause = policy.pause_seconds(retries_made=retries, elapsed_seconds=0.0, retry_after_seconds=wish, chance=0.0)
    assert pause is not None
    assert policy.shortest_seconds <= pause <= policy.longest_seconds
    assert pause == wish or pause in (min(2.0**retries if retries < 64 else 2.0**64, 3600.0), policy.longest_seconds)


def test_a_hub_that_always_says_zero_is_asked_less_and_less() -> None:
    policy, elapsed, asked = RetryPolicy(), 0.0, 0
    while (
        pause := policy.pause_seconds(retries_made=asked, elapsed_seconds=elapsed, retry_after_seconds=0.0, chance=0.0)
    ) is not None:
        elapsed, asked = elapsed + pause, asked + 1
    assert asked < 40  # in a whole day


@pytest.mark.parametrize(("empty", "seconds"), [(1, 10), (2, 20), (5, 160), (6, 300), (10_000, 300)])
def test_polling_doubles_up_to_its_bound(empty: int, seconds: float) -> None:
    assert PollPolicy().pause_seconds(empty_in_a_row=empty, chance=0.0) == seconds
    assert PollPolicy().pause_seconds(empty_in_a_row=empty, chance=1.0) == pytest.approx(seconds * 1.1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("1.5", None),
        ("-1", None),
        ("٣", None),
        ("0000000000120", 120.0),
        ("999999999", 999_999_999.0),
        ("1000000000", math.inf),
        ("9" * 400, math.inf),
        ("Wed, 04 Mar 2026 10:02:00 GMT", 120.0),
        ("Wed, 04 Mar 2026 11:02:00 +0100", 120.0),
        ("Wed, 04 Mar 2026 09:00:00 GMT", 0.0),
        ("tomorrow", None),
        ("Wed, 99 Mar 2026 10:02:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 251_629_768_739.0),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
        ("Fri, 31 Dec 2026 23:59:59 +99999999999999999999", None),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("5, 7", None),
        ("5 s", None),
        ("0x10", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(header=st.text(max_size=40))
def test_no_retry_after_header_does_harm(header: str) -> None:
    found = retry_after_seconds(header, NOW)
    assert found in (None, math.inf) or 0 <= found <= timedelta.max.total_seconds()
