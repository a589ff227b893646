"""Which addresses the hub connects to, and which hosts."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.net.destination import Destinations, Forbidden, kind_of

INSIDE = (
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.2.1", "192.168.1.1",
    "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
    "2001:0:1::1", "2001:db8::1", "2002:7f00:1::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%lo", "fec0::1",
    "ff02::1", "4000::1",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "145.97.0.1", "2001:4860:4860::8888", "2a02:2770::1")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused_in_every_form_SR_15(address: str) -> None:
    with pytest.raises(Forbidden, match=r"outbound\.networks"):
        Destinations().check_addresses("crl.example.org", [address])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "this machine"),
        ("::ffff:8.8.8.8", "in IPv6 form"),
        ("64:ff9b::808:808", "behind NAT64"),
        ("2002:808:808::1", "a tunnel"),
        ("fe80::1%lo", "link-local"),
        ("10.0.0.1", "private"),
    ],
)
def test_it_is_said_what_kind_of_address_it_is(address: str, said: str) -> None:
    with pytest.raises(Forbidden, match=said):
        Destinations().check_addresses("crl.example.org", [address])


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_may_be_called(address: str) -> None:
    assert Destinations().check_addresses("crl.example.org", [address]) == (address,)


def test_one_address_inside_among_others_refuses_them_all() -> None:
    with pytest.raises(Forbidden, match=r"10\.0\.0\.1, a private address"):
        Destinations().check_addresses("crl.example.org", ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize(
    ("network", "address", "may"),
    [
        ("127.0.0.1/32", "127.0.0.1", True),
        ("127.0.0.1/32", "127.0.0.2", False),
        ("127.0.0.0/8", "::ffff:127.0.0.1", False),  # another form is another way to get there
        ("64:ff9b::/96", "64:ff9b::808:808", True),
        ("fe80::/10", "fe80::1%lo", True),
    ],
)
def test_a_listed_network_may_be_called(network: str, address: str, may: bool) -> None:
    assert (Destinations(networks=(ip_network(network),)).objection(ip_address(address)) is None) is may


@given(st.ip_addresses(v=4))
def test_no_form_of_an_ipv4_address_is_an_address_of_the_internet(address: IPv4Address) -> None:
    for prefix, shift in (("::ffff:0:0", 0), ("::", 0), ("64:ff9b::", 0), ("2002::", 80)):
        assert kind_of(IPv6Address(int(IPv6Address(prefix)) + (int(address) << shift))) is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example.org/a.crl",
        "http://crl.example.org.evil.example/a.crl",
        "ftp://crl.example.org/a.crl",
        "http://user@crl.example.org/a.crl",
        "http://2130706433/a.crl",
        "http://127.1/a.crl",
        "file:///etc/passwd",
    ],
)
def test_a_host_that_is_not_listed_is_not_called(url: str) -> None:
    with pytest.raises(Forbidden):
        Destinations(hosts=frozenset({"crl.example.org"})).check_url(url)


def test_a_listed_host_is_known_however_it_is_written() -> None:
    found = Destinations(hosts=frozenset({"crl.example.org"})).check_url("http://CRL.Example.org./a.crl")
    assert found.path == "/a.crl"
