"""Who gives way when something is full: connections, arriving octets, work."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from gateway.edge.peer_addresses import groups_of
from gateway.edge.shares import SETTLE_SECONDS, Leaf, Share, Shares


def leaf(address: str, *, known: bool = False) -> Leaf:
    return Leaf(groups_of(ip_address(address)), known=known)


class Peers:
    """Takes shares and notes who lost one."""

    def __init__(self, capacity: float, each: float) -> None:
        self.now = 0.0
        self.shares = Shares(capacity, each=each, now=lambda: self.now)
        self.lost: list[str] = []

    def enter(self, address: str, *, known: bool = False, weight: float = 1.0) -> Share | None:
        return self.shares.enter(leaf(address, known=known), lambda: self.lost.append(address), weight)


@pytest.mark.parametrize(
    ("addresses", "taken"),
    [
        (["192.0.2.1"], 10),
        ([f"192.0.2.{n}" for n in range(200)], 20),
        ([f"198.18.{n}.1" for n in range(200)], 40),
        ([f"2001:db8::{n:x}" for n in range(200)], 10),
        ([f"2001:db8:0:{n:x}::1" for n in range(200)], 20),
        ([f"2001:db8:0:{n:x}00::1" for n in range(200)], 40),
        ([f"64:ff9b::c000:2{n:02x}" for n in range(200)], 20),
        ([f"10.{n}.0.1" for n in range(200)], 50),
    ],
    ids=["one address", "an IPv4 /24", "an IPv4 /16", "a /64", "a /56", "a /48", "NAT64", "all strangers: half"],
)
def test_shares_nest_SR_13(addresses: list[str], taken: int) -> None:
    peers = Peers(100, each=10)
    for _ in range(20):
        for each in addresses:
            peers.enter(each)
    assert peers.shares.weight == taken


def test_the_largest_group_loses_its_oldest_first() -> None:
    peers = Peers(20, each=8)
    for _ in range(8):
        assert peers.enter("10.1.0.1")
    assert peers.enter("10.2.0.1")
    assert peers.enter("10.3.0.1")
    assert peers.enter("10.4.0.1"), "somebody who has none"
    assert peers.lost == ["10.1.0.1"]
    peers.now += SETTLE_SECONDS
    assert peers.enter("10.1.0.1"), "the largest itself, in the place of its own"
    assert peers.lost == ["10.1.0.1"] * 2
    assert peers.shares.weight == 10


def test_fifty_addresses_do_not_keep_out_a_fifty_first_SR_13() -> None:
    for addresses in ([f"10.{n}.0.1" for n in range(50)], [f"10.0.0.{n}" for n in range(50)]):
        peers = Peers(1024, each=64)
        for _ in range(64):
            for each in addresses:
                peers.enter(each)
        peers.lost.clear()
        assert peers.enter("10.0.0.200")
        assert len(peers.lost) == 1


def test_a_known_address_loses_nothing_to_strangers_SR_13() -> None:
    peers = Peers(100, each=100)
    for _ in range(100):
        assert peers.enter("192.0.2.1", known=True)
    assert peers.enter("10.0.0.1") is None
    assert peers.lost == []


def test_a_known_address_takes_the_room_of_strangers() -> None:
    peers = Peers(100, each=100)
    for _ in range(50):
        assert peers.enter("10.0.0.1")
    for _ in range(60):
        assert peers.enter("192.0.2.1", known=True)
    assert peers.lost == ["10.0.0.1"] * 10


def test_work_that_ends_by_itself_is_not_cut() -> None:
    peers = Peers(4, each=2)
    first, second = peers.enter("10.1.0.1"), peers.enter("10.1.0.1")
    assert first is not None
    assert second is not None
    first.at_work = second.at_work = True
    assert peers.enter("10.2.0.1") is None
    assert peers.lost == []
    second.at_work = False
    assert peers.enter("10.2.0.1")
    assert peers.lost == ["10.1.0.1"]


def test_what_grows_pays_for_its_size() -> None:
    peers = Peers(1000, each=400)
    large = peers.enter("10.1.0.1", weight=10)
    small = peers.enter("10.2.0.1", weight=10)
    assert large is not None
    assert small is not None
    assert large.grow(380)
    assert not large.grow(20), "more than one address may have"
    assert small.grow(200), "the largest gives way"
    assert peers.lost == ["10.1.0.1"]
    assert peers.shares.weight == 210


def test_proof_moves_what_an_address_holds() -> None:
    peers = Peers(100, each=50)
    for _ in range(25):
        peers.enter("192.0.2.1")
    peers.shares.prove(leaf("192.0.2.1", known=True))
    for _ in range(60):
        peers.enter("10.0.0.1")
    assert peers.shares.weight == 75
    assert "192.0.2.1" not in peers.lost


def test_nothing_is_remembered_of_who_left() -> None:
    peers = Peers(100, each=50)
    held = [peers.enter(f"2001:db8:{n:x}::1") for n in range(50)] + [peers.enter("192.0.2.1", known=True)]
    peers.shares.prove(leaf("2001:db8:1::1", known=True))
    for share in held:
        assert share is not None
        share.leave()
        share.leave()
    assert peers.shares.weight == 0
    assert [dict(each.below) for each in peers.shares._all.below.values()] == [{}, {}]


def test_idle_shares_are_given_up_while_the_largest_address_is_at_work() -> None:
    peers = Peers(20, each=8)
    for _ in range(6):
        share = peers.enter("10.1.0.1")
        assert share is not None
        share.at_work = True
    for _ in range(2):
        assert peers.enter("10.2.0.1")
        assert peers.enter("10.3.0.1")
    assert peers.enter("10.4.0.1")
    assert peers.lost == ["10.2.0.1"]
    assert peers.enter("10.5.0.1")
    assert peers.enter("10.6.0.1") is None, "nobody who is not at work has more than one"


def test_a_known_address_takes_from_known_ones_what_strangers_do_not_give() -> None:
    peers = Peers(8, each=8)
    for _ in range(4):
        share = peers.enter("10.1.0.1")
        assert share is not None
        share.at_work = True
        assert peers.enter("192.0.2.1", known=True)
    assert peers.enter("192.0.2.2", known=True)
    assert peers.lost == ["192.0.2.1"]


def test_a_known_address_takes_what_strangers_let_lie_while_others_of_them_work() -> None:
    peers = Peers(8, each=8)
    for address, at_work in (("10.1.0.1", True), ("10.1.0.1", True), ("10.1.0.1", True), ("10.2.0.1", False)):
        share = peers.enter(address)
        assert share is not None
        share.at_work = at_work
        assert peers.enter("192.0.2.1", known=True)
    assert peers.enter("192.0.2.2", known=True)
    assert peers.lost == ["10.2.0.1"]


def entered(peers: Peers, *addresses: str, known: bool = False) -> list[Share]:
    found = [peers.enter(each, known=known) for each in addresses]
    assert None not in found
    return [each for each in found if each is not None]


def held(shares: list[Share]) -> list[bool]:
    return [each.held for each in shares]


def test_of_one_address_a_share_that_did_nothing_goes_first_and_then_the_one_whose_last_step_lies_furthest_back() -> (
    None
):
    peers = Peers(20, each=8)
    shares = entered(peers, *["10.1.0.1"] * 5, *["10.2.0.1"] * 2, "10.3.0.1", "10.4.0.1", "10.5.0.1")
    for n in (0, 2, 4, 0):
        shares[n].step()
    gone = []
    for n in (6, 7, 8):
        assert peers.enter(f"10.{n}.0.1")
        gone.append(held(shares[:5]))
    assert gone == [
        [True, False, True, True, True],
        [True, False, True, False, True],
        [True, False, False, False, True],
    ]


@pytest.mark.parametrize("known", [False, True])
def test_of_equal_groups_one_with_a_share_that_did_nothing_goes_first_and_the_one_that_came_last_on_its_way_last(
    known: bool,
) -> None:
    """Three addresses, or groups of addresses, with two shares each; three others come when there is no room."""
    peers = Peers(7 if known else 14, each=8)
    groups = [f"192.0.2.{n}" if known else f"10.{n}.0.{m}" for n in (1, 2, 3) for m in (1, 2)]
    shares = entered(peers, *groups, "10.9.0.1", known=known)
    for n in (4, 0, 1, 5):
        shares[n].step()
    shares[5].step()
    gone = []
    for n in (6, 7, 8):
        assert peers.enter(f"10.{n}.0.1", known=known)
        gone.append(held(shares[:6]))
    assert gone == [
        [True, True, False, True, True, True],
        [False, True, False, True, True, True],
        [False, True, False, True, False, True],
    ]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("silent", ["those who came before", "one that came between"])
def test_silent_shares_of_an_address_keep_out_no_other_of_it(silent: str, known: bool) -> None:
    peers = Peers(100, each=4)
    shares = entered(peers, *["192.0.2.1"] * 4, known=known)
    if silent == "one that came between":
        for n in (0, 1, 3):
            shares[n].step()
    peers.now += SETTLE_SECONDS
    (newcomer,) = entered(peers, "192.0.2.1", known=known)
    gone = 0 if silent == "those who came before" else 2
    assert held(shares) == [n != gone for n in range(4)]
    assert newcomer.held
    assert peers.shares.weight == 4


def test_a_silent_share_has_its_second_before_the_next_of_its_address_takes_its_place() -> None:
    """However often they come: so many handshakes in a second as there are places."""
    peers = Peers(100, each=4)
    for _ in range(1000):
        peers.enter("192.0.2.1")
        peers.now += 0.01
    assert peers.shares.weight == 4
    assert len(peers.lost) == 36, "four in each full second but the last"


def test_a_share_that_did_something_or_is_at_work_is_not_given_up_for_a_newcomer_of_its_address() -> None:
    peers = Peers(100, each=3)
    shares = entered(peers, *["192.0.2.1"] * 3)
    shares[0].step()
    shares[1].step()
    shares[2].at_work = True
    peers.now += SETTLE_SECONDS
    assert peers.enter("192.0.2.1") is None
    assert held(shares) == [True] * 3
    assert peers.shares.weight == 3


def test_a_push_that_is_nearly_whole_does_not_give_way_to_connections_that_send_nothing() -> None:
    """They come from everywhere around it, it was there before all of them, and more come from elsewhere."""
    peers = Peers(200, each=10)
    (push,) = entered(peers, "10.0.0.1")
    push.step()
    for n in range(2, 400):
        peers.enter(f"10.0.{n & 255}.{n}" if n < 250 else f"10.1.{n & 255}.1")
    for n in range(400):
        peers.enter(f"10.{2 + (n & 63)}.{n >> 6}.1")
        push.step()
    assert len(peers.lost) > 20
    assert push.held


def test_what_proved_itself_keeps_how_far_it_came() -> None:
    peers = Peers(8, each=8)
    shares = entered(peers, "192.0.2.1", "192.0.2.1", "192.0.2.2")
    shares[0].step()
    peers.shares.prove(leaf("192.0.2.1", known=True))
    shares += entered(peers, *["192.0.2.3"] * 2, "192.0.2.4", "192.0.2.5", "192.0.2.6", known=True)
    shares[3].step()
    shares[4].step()
    assert peers.enter("192.0.2.7", known=True)
    assert held(shares[:2]) == [True, True], "strangers give way before"
    assert peers.enter("192.0.2.8", known=True)
    assert held(shares[:2]) == [True, False], "it did nothing"
