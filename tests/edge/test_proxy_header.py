"""The PROXY header, version 2: what was written is read, at every cut, and nothing else is taken for one."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.net.proxying import LOCAL, PROXY, SIGNATURE, block, extension, header_of

from gateway.edge.proxy_header import FIXED_OCTETS, MOST_OCTETS, ProxyHeaderFault, read_proxy_header

ADDRESSES = st.ip_addresses()
EXTENSIONS = st.lists(st.builds(extension, st.integers(0, 255), st.binary(max_size=60)), max_size=8).map(b"".join)
FOUR = bytes([192, 0, 2, 7, 192, 0, 2, 1, 0, 80, 1, 187])


def canonical(text: str) -> str:
    """IPv4 mapped into IPv6 is IPv4."""
    found = ip_address(text)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


@given(ADDRESSES, EXTENSIONS, st.binary(max_size=40))
def test_what_was_written_is_read_and_what_follows_is_left_SR_14(
    address: object, extensions: bytes, rest: bytes
) -> None:
    octets = header_of(str(address), extensions=extensions)
    found = read_proxy_header(octets + rest)
    assert found is not None
    assert (str(found.origin), found.octets) == (canonical(str(address)), len(octets))


@given(ADDRESSES, EXTENSIONS, st.data())
def test_a_part_of_it_waits_for_the_rest_SR_14(address: object, extensions: bytes, data: st.DataObject) -> None:
    octets = header_of(str(address), extensions=extensions)
    assert read_proxy_header(octets[: data.draw(st.integers(0, len(octets) - 1))]) is None


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_a_proxy_may_speak_for_itself_whatever_it_adds_SR_14(content: bytes, rest: bytes) -> None:
    found = read_proxy_header(block(LOCAL, 0, content) + rest)
    assert found is not None
    assert (found.origin, found.octets) == (None, FIXED_OCTETS + len(content))


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda each: SIGNATURE + each))
def test_whatever_comes_is_read_awaited_within_bounds_or_refused_SR_14(came: bytes) -> None:
    try:
        found = read_proxy_header(came)
    except ProxyHeaderFault:
        return
    assert came.startswith(SIGNATURE[: len(came)])
    if found is None:
        assert len(came) < MOST_OCTETS
    else:
        assert came[12] in (LOCAL, PROXY)
        assert found.octets == FIXED_OCTETS + int.from_bytes(came[14:16]) <= len(came)


REFUSED = {
    "HTTP": b"POST /as4 HTTP/1.1\r\n",
    "TLS": b"\x16\x03\x01\x02\x00",
    "version 1": b"PROXY TCP4 192.0.2.7 192.0.2.1 41000 443\r\n",
    "one wrong octet": b"\r\n\r\n\1",
    "version 1 in the form of 2": block(0x11, 0x11, FOUR),
    "version 3": block(0x31, 0x11, FOUR),
    "an unknown command": block(0x22, 0x11, FOUR),
    "no protocol": block(PROXY, 0x00, FOUR),
    "UDP": block(PROXY, 0x12, FOUR),
    "a UNIX socket": block(PROXY, 0x31, b"\0" * 216),
    "no addresses": block(PROXY, 0x11, b""),
    "one octet too few": block(PROXY, 0x11, FOUR[:-1]),
    "IPv4 for IPv6": block(PROXY, 0x21, FOUR),
    "more than any has to say": block(PROXY, 0x11, FOUR, octets=MOST_OCTETS - FIXED_OCTETS + 1)[:FIXED_OCTETS],
    "so of itself": block(LOCAL, 0x00, b"", octets=0xFFFF),
    "an extension without length": block(PROXY, 0x11, FOUR + b"\4\0"),
    "an extension that is cut": block(PROXY, 0x11, FOUR + extension(4, b"abc")[:-1]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_none_is_refused_SR_14(name: str) -> None:
    with pytest.raises(ProxyHeaderFault):
        read_proxy_header(REFUSED[name])


def test_the_longest_that_is_taken_is_read_SR_14() -> None:
    room = MOST_OCTETS - FIXED_OCTETS - len(FOUR) - 3
    found = read_proxy_header(block(PROXY, 0x11, FOUR + extension(4, b"\0" * room)))
    assert found is not None
    assert (str(found.origin), found.octets) == ("192.0.2.7", MOST_OCTETS)
