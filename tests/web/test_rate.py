"""How often an address may come."""

from __future__ import annotations

import pytest

from gateway.web.limits import Rate


@pytest.mark.parametrize("rate", [0.01, 0.5, 1.0, 3.5])
def test_the_first_request_of_an_address_is_allowed_whatever_the_rate(rate: float) -> None:
    assert Rate(rate).allows("192.0.2.1", 1000.0)


def test_a_rate_below_one_allows_the_next_request_when_a_whole_one_has_come_together() -> None:
    rate = Rate(0.5)
    assert [rate.allows("192.0.2.1", 1000.0 + second) for second in range(5)] == [True, False, True, False, True]


def test_an_address_has_a_burst_of_one_second_and_no_other_address_pays_for_it() -> None:
    rate = Rate(3.0)
    assert [rate.allows("192.0.2.1", 1000.0) for _ in range(4)] == [True, True, True, False]
    assert rate.allows("192.0.2.2", 1000.0)
