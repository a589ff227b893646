"""How often an address may come, and what it may cost."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from types import SimpleNamespace
from typing import cast

import pytest

from gateway.edge.admission import MOST_KNOWN_EACH, Admission
from gateway.edge.arrival import Arrival
from gateway.edge.bare_status import BareStatus
from gateway.edge.body import Body
from gateway.edge.budgets import Budget
from gateway.edge.connection import Connection
from gateway.edge.known import KnownAddresses
from gateway.edge.shares import Leaf
from gateway.limits import EdgeLimits

ONE, OTHER = "192.0.2.1", "198.51.100.2"


class Moments:
    """A monotonic clock that a test turns on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def admission(now: Moments | None = None, **limits: float) -> Admission:
    return Admission(EdgeLimits(**limits), now or Moments())  # type: ignore[arg-type]


def leaf(of: Admission, address: str) -> Leaf:
    return of.leaf_of(ip_address(address))


@pytest.mark.parametrize("rate", [0.01, 0.5, 1.0, 3.5])
def test_the_first_request_of_an_address_is_allowed_whatever_the_rate(rate: float) -> None:
    hub = admission(requests_per_second=rate)
    assert hub.may_ask(leaf(hub, ONE))


def test_a_rate_below_one_allows_the_next_request_when_a_whole_one_has_come_together() -> None:
    now = Moments()
    hub = admission(now, requests_per_second=0.5)
    allowed = []
    for _ in range(5):
        allowed.append(hub.may_ask(leaf(hub, ONE)))
        now.seconds += 1.0
    assert allowed == [True, False, True, False, True]


def test_an_address_has_a_burst_of_one_second_and_no_other_address_pays_for_it() -> None:
    hub = admission(requests_per_second=3.0)
    assert [hub.may_ask(leaf(hub, ONE)) for _ in range(4)] == [True, True, True, False]
    assert hub.may_ask(leaf(hub, OTHER))


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        ([f"192.0.2.{n}" for n in range(200)], 20),  # a /24 has twice what one address has
        ([f"198.18.{n}.1" for n in range(200)], 40),  # a /16 four times
        ([f"2001:db8::{n:x}" for n in range(200)], 10),  # a /64 is one address
        ([f"2001:db8:0:{n:x}::1" for n in range(200)], 20),  # a /56
        ([f"2001:db8:0:{n:x}00::1" for n in range(200)], 40),  # a /48
        ([f"64:ff9b::c000:2{n:02x}" for n in range(200)], 20),  # NAT64: the /24 of its IPv4
        ([f"2001:db8:{n:x}::1" for n in range(200)], 80),  # all strangers together
        ([f"10.{n}.0.1" for n in range(200)], 80),
    ],
    ids=["an IPv4 /24", "an IPv4 /16", "a /64", "a /56", "a /48", "NAT64", "all IPv6", "all IPv4"],
)
def test_budgets_nest_SR_13(addresses: list[str], allowed: int) -> None:
    hub = admission(requests_per_second=10.0)
    assert sum(hub.may_ask(leaf(hub, each)) for _ in range(50) for each in addresses) == allowed


MANY = 10_001


@pytest.mark.parametrize(
    ("addresses", "heard", "connected"),
    [
        ([f"2001:db8:{n:x}::1" for n in range(MANY)], 80, 500),
        ([f"10.{n >> 8}.{n & 255}.1" for n in range(MANY)], 80, 500),
        ([f"64:ff9b::{n:x}:101" for n in range(MANY)], 80, 500),
        ([f"2001:db8:7:{n:x}::1" for n in range(MANY)], 40, 80),
        ([f"64:ff9b::c612:{n:x}" for n in range(MANY)], 40, 80),
        ([f"2001:db8:7:7::{n:x}" for n in range(MANY)], 10, 20),
    ],
    ids=["ever new networks", "IPv4", "NAT64", "a /48", "NAT64 of an IPv4 /16", "a /64"],
)
def test_ten_thousand_addresses_get_what_their_widest_group_has_and_leave_the_known_theirs_SR_13(
    addresses: list[str], heard: int, connected: int
) -> None:
    """Of requests and of connections, of which all strangers have half; no more is remembered than was given."""
    hub = admission(requests_per_second=10.0, connections=1000, connections_per_address=20)
    hub.prove(leaf(hub, ONE), "one")
    lost: list[str] = []
    own = hub.connections.enter(leaf(hub, ONE), lambda: lost.append(ONE))
    for each in addresses:
        hub.connections.enter(leaf(hub, each), lambda: None)
    assert sum(hub.may_ask(leaf(hub, each)) for each in addresses) == heard
    assert hub.requests.size <= 3 * heard + 1
    assert hub.connections.weight == connected + 1
    assert own is not None
    assert own.held
    assert not lost
    assert hub.may_ask(leaf(hub, ONE))
    assert hub.connections.enter(leaf(hub, ONE), lambda: None) is not None


@pytest.mark.parametrize("addresses", [10_001, 40_000])
def test_a_bucket_is_forgotten_only_when_it_is_full_SR_13(addresses: int) -> None:
    """Whoever comes from ever new addresses does not get his first bucket filled by it."""
    budget = Budget(1.0, burst=1.0, factors=(1e9, 1e9, 1e9, 1.0))
    paths = [("all", n >> 16, n >> 8, n) for n in range(addresses)]
    assert all(budget.allows(path, 1000.0) for path in paths)
    assert not any(budget.allows(path, 1000.5) for path in paths)
    assert budget.size > addresses


def test_what_is_full_again_is_forgotten() -> None:
    budget = Budget(1.0, burst=1.0)
    for second in range(1_000):
        budget.charge(("all", "wide", "middle", second), 0.5, 1000.0 + second)
    assert budget.size <= 5


def test_there_are_never_more_buckets_than_the_widest_budget_pays_for_SR_13() -> None:
    hub = admission(requests_per_second=10.0)
    for n in range(10_001):
        hub.may_ask(leaf(hub, f"2001:db8:{n:x}::1"))
    assert hub.requests.size == 80 * 3 + 1


def test_a_known_address_is_heard_when_strangers_have_used_up_what_is_theirs_SR_13() -> None:
    now = Moments()
    hub = admission(now, requests_per_second=10.0)
    hub.prove(leaf(hub, ONE), "one")
    for n in range(10_001):
        stranger = leaf(hub, f"10.{n >> 8}.{n & 255}.1")
        hub.may_ask(stranger)
        hub.spend(stranger, cpu_seconds=0.1, octets=1 << 20)
    assert hub.may_ask(leaf(hub, ONE))
    assert hub.solvent(leaf(hub, ONE))
    assert not hub.may_ask(leaf(hub, OTHER))
    assert not hub.solvent(leaf(hub, OTHER))


@pytest.mark.parametrize(("address", "asked"), [(ONE, True), (None, False)], ids=["an address", "none"])
def test_a_stranger_is_asked_for_a_proof_where_there_is_an_address_to_know(address: str | None, asked: bool) -> None:
    hub, peer = admission(), None if address is None else ip_address(address)
    connection = cast(Connection, SimpleNamespace(origin=None, leaf=hub.leaf_of(peer)))
    came = Arrival(connection, peer, hub, full=lambda: BareStatus(HTTPStatus.SERVICE_UNAVAILABLE))
    assert came.is_strangers() is asked
    came.proved("one")
    assert not came.is_strangers()


@pytest.mark.parametrize("proved", [True, False], ids=["proved something", "proved nothing"])
def test_the_connection_of_one_who_proved_something_is_not_given_up_while_its_request_is_worked_on(
    proved: bool,
) -> None:
    hub, peer = admission(), ip_address(ONE)
    if proved:
        hub.prove(hub.leaf_of(peer), "one")
    connection = cast(Connection, SimpleNamespace(leaf=hub.leaf_of(peer), share=SimpleNamespace(at_work=False)))
    came = Arrival(connection, peer, hub, full=lambda: BareStatus(HTTPStatus.SERVICE_UNAVAILABLE))
    came.begin(cast(Body, SimpleNamespace(cut=lambda: None, envelope_is_whole=lambda: None)))
    assert not connection.share.at_work, "its envelope is not whole"
    came.envelope_is_whole()
    assert connection.share.at_work is proved


def test_a_proof_holds_for_a_day_and_for_one_address() -> None:
    now = Moments()
    hub = admission(now)
    hub.prove(leaf(hub, "2001:db8::1"), "one")
    assert leaf(hub, "2001:db8::2").known, "the same /64"
    assert not leaf(hub, "2001:db8:0:1::1").known
    now.seconds += 86_399
    assert leaf(hub, "2001:db8::1").known
    now.seconds += 2
    assert not leaf(hub, "2001:db8::1").known


@pytest.mark.parametrize("spent", [{"cpu_seconds": 0.06}, {"octets": 5 << 20}], ids=["CPU", "octets"])
def test_a_stranger_pays_for_what_it_costs_and_recovers(spent: dict[str, float]) -> None:
    now = Moments()
    hub = admission(now)
    assert hub.solvent(leaf(hub, ONE))
    hub.spend(leaf(hub, ONE), **spent)  # type: ignore[arg-type]
    hub.spend(leaf(hub, ONE), **spent)  # type: ignore[arg-type]
    assert not hub.solvent(leaf(hub, ONE))
    assert hub.solvent(leaf(hub, OTHER))
    now.seconds += 20
    assert hub.solvent(leaf(hub, ONE))


def test_signed_answers_to_strangers_have_one_cap_in_all_SR_13() -> None:
    hub = admission(unreadable_per_second=20.0, unreadable_in_all_per_second=30.0)
    assert sum(hub.may_be_told(leaf(hub, f"10.{n}.0.1")) for n in range(200)) == 30
    known = leaf(hub, ONE)
    hub.prove(known, "one")
    assert hub.may_be_told(leaf(hub, ONE)), "not for those who are none"


def test_one_participant_with_ever_new_addresses_makes_strangers_of_no_others() -> None:
    hub = admission()
    hub.prove(leaf(hub, ONE), "one")
    hub.prove(leaf(hub, "2001:db8:1:1::1"), "another, in the same /48")
    many = [f"2001:db8:{n >> 8:x}:{0x100 + (n & 255):x}::1" for n in range(20_000)]
    for each in many:
        hub.prove(leaf(hub, each), "greedy")
    assert leaf(hub, ONE).known
    assert leaf(hub, "2001:db8:1:1::1").known
    assert [each for each in many if leaf(hub, each).known] == many[-MOST_KNOWN_EACH:], "those it proved last"


def test_the_address_that_a_participant_proved_longest_ago_makes_room_for_a_new_one() -> None:
    known = KnownAddresses(2)
    first, second, third = ((4, 32, n) for n in range(3))
    known.note(first, "one", 10.0)
    known.note(second, "one", 20.0)
    known.note(first, "one", 30.0)
    known.note(third, "one", 40.0)
    assert [known.until(each) for each in (first, second, third)] == [30.0, 0.0, 40.0]
    assert len(known) == 2, "nothing is remembered of the other"


def test_an_address_that_two_participants_share_is_known_as_long_as_one_of_them_has_it() -> None:
    known = KnownAddresses(1)
    shared, other = (4, 32, 1), (4, 32, 2)
    known.note(shared, "one", 10.0)
    known.note(shared, "two", 20.0)
    known.note(shared, "one", 30.0)
    known.note(other, "one", 40.0)
    assert known.until(shared) == 20.0
    known.note(other, "two", 50.0)
    assert known.until(shared) == 0.0
    assert len(known) == 1


def test_while_little_is_left_of_what_all_strangers_have_whoever_used_most_waits() -> None:
    hub = admission(requests_per_second=10.0)
    greedy = [leaf(hub, f"10.{n}.0.1") for n in range(10)]
    for each in greedy:
        for _ in range(6):
            hub.may_ask(each)
    assert not any(hub.may_ask(each) for each in greedy)
    assert hub.may_ask(leaf(hub, OTHER))
