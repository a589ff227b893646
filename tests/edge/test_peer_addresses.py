"""Addresses however they are written, and for whom a proxy speaks."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest

from gateway.edge.peer_addresses import groups_of, origin_of, parse_address
from gateway.limits import EdgeLimits

PROXIES = EdgeLimits(trusted_proxies=(IPv4Network("10.0.0.0/8"), IPv6Network("2001:db8:aaaa::/48")))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:443", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:65535", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:80", "192.0.2.1"),
        ("64:ff9b::c000:201", "64:ff9b::c000:201"),
        ("", None),
        ("unknown", None),
        ("_hidden", None),
        ("192.0.2.1:", None),
        ("192.0.2.1:x", None),
        ("192.0.2.1:65536", None),
        ("192.0.2.01", None),
        ("192.0.2", None),
        ("[192.0.2.1]", None),
        ("[2001:db8::1", None),
        ("[2001:db8::1]443", None),
        ("[2001:db8::1]:", None),
        ("2001:db8::1::2", None),
        ("proxy.example:80", None),
    ],
)
def test_an_address_is_read_however_it_is_written(text: str, address: str | None) -> None:
    found = parse_address(text)
    assert (None if found is None else str(found)) == address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", 3),
        ("192.0.2.1", "192.0.2.2", 2),
        ("192.0.2.1", "192.0.3.1", 1),
        ("192.0.2.1", "192.1.2.1", 0),
        ("2001:db8::1", "2001:db8::ffff:1", 3),
        ("2001:db8::1", "2001:db8:0:1::1", 2),
        ("2001:db8::1", "2001:db8:0:100::1", 1),
        ("2001:db8::1", "2001:db8:1::1", 0),
        ("64:ff9b::c000:201", "192.0.2.1", 3),
        ("64:ff9b::c000:201", "64:ff9b::c633:6401", 0),
    ],
)
def test_neighbours_count_together_SR_13(one: str, other: str, same: int) -> None:
    pairs = zip(groups_of(ip_address(one)), groups_of(ip_address(other)), strict=True)
    assert sum(first == second for first, second in pairs) == same


@pytest.mark.parametrize(
    ("peer", "lines", "address", "unsaid"),
    [
        ("192.0.2.9", ["203.0.113.1"], "192.0.2.9", False),
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7", False),
        ("10.0.0.1", ["203.0.113.1, 192.0.2.7"], "192.0.2.7", False),
        ("10.0.0.1", ["203.0.113.1", "192.0.2.7"], "192.0.2.7", False),
        ("10.0.0.1", ["192.0.2.7, 10.0.0.2"], "192.0.2.7", False),
        ("10.0.0.1", ["192.0.2.7, 10.0.0.3", "10.0.0.2:8080"], "192.0.2.7", False),
        ("10.0.0.1", ["203.0.113.1, 192.0.2.7, 2001:db8:aaaa::1"], "192.0.2.7", False),
        ("2001:db8:aaaa::1", ["[2001:db8:bbbb::7]:5000"], "2001:db8:bbbb::7", False),
        ("10.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7", False),
        ("10.0.0.1", ["192.0.2.7, ::ffff:10.0.0.2"], "192.0.2.7", False),
        ("10.0.0.1", [", 192.0.2.7,,", ","], "192.0.2.7", False),
        ("10.0.0.1", ["192.0.2.7, unknown"], "10.0.0.1", True),
        ("10.0.0.1", ["192.0.2.7, garbage, 10.0.0.2"], "10.0.0.2", True),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2", True),
        ("10.0.0.1", [], "10.0.0.1", True),
        ("10.0.0.1", ["", " , "], "10.0.0.1", True),
        ("10.0.0.1", ["192.0.2.7, 64:ff9b::a00:1"], "64:ff9b::a00:1", False),
    ],
)
def test_a_forwarded_address_is_walked_from_the_right_to_the_first_that_is_no_proxy_SR_13(
    peer: str, lines: list[str], address: str, unsaid: bool
) -> None:
    origin = origin_of(ip_address(peer), lines, PROXIES.trusts)
    assert (str(origin.address), origin.unsaid) == (address, unsaid)
