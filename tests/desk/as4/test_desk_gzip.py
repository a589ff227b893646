"""Gzip in the browser: it takes and refuses what the hub does, and writes what the hub reads."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.browser.asking import Refused, asked
from support.messages.gzip_vectors import BAD, BOMB, GOOD, SALT, MiB

from gateway.ebms.gzip import FREE_OCTETS, GzipFault, Inflater


def inflate(octets: bytes, most: int = 64 * MiB, ratio: int = 100) -> bytes:
    return asked().ask("inflate", octets=octets, mostOctets=most, ratio=ratio)  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", GOOD)
def test_gzip_is_read_with_fields_and_members_PO_39(case: str) -> None:
    octets, content = GOOD[case]
    assert inflate(octets) == content


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_whole_gzip_is_refused_PO_39(case: str) -> None:
    with pytest.raises(Refused, match=r"^compression: "):
        inflate(BAD[case][0])


def test_the_limit_is_exact_PO_39() -> None:
    octets = gzip.compress(random.Random(1).randbytes(5_000))
    assert len(inflate(octets, most=5_000)) == 5_000
    with pytest.raises(Refused, match="larger"):
        inflate(octets, most=4_999)


def test_a_bomb_is_stopped_by_its_ratio_and_white_pages_are_none_PO_39() -> None:
    with pytest.raises(Refused, match="ratio"):
        inflate(BOMB, most=1 << 30)
    white = bytes(FREE_OCTETS)
    assert inflate(gzip.compress(white)) == white


def hub_inflates(octets: bytes) -> bytes | None:
    inflater = Inflater(64 * MiB)
    try:
        out = b"".join(inflater.feed(octets))
        inflater.finish()
    except GzipFault:
        return None
    return out


@given(
    contents=st.lists(st.binary(max_size=300), min_size=1, max_size=3),
    place=st.integers(0, 2_000),
    change=st.sampled_from([b"", b"\0", b"\x1f", b"\x1f\x8b\x08", b"\xff"]),
    cut=st.integers(0, 30),
)
def test_altered_gzip_gives_what_the_hub_gives_or_a_refusal_PO_39(
    contents: list[bytes], place: int, change: bytes, cut: int
) -> None:
    octets = b"".join(map(gzip.compress, contents))
    place %= len(octets)
    octets = octets[:place] + change + octets[place + 1 :]
    octets = octets[: len(octets) - cut] if cut < 10 else octets
    try:
        found: bytes | None = inflate(octets)
    except Refused:
        found = None
    assert found == hub_inflates(octets)


@given(st.binary(max_size=5_000), st.binary(min_size=16, max_size=16))
def test_what_the_browser_compresses_the_hub_inflates(content: bytes, salt: bytes) -> None:
    octets = asked().ask("deflate", octets=content, salt=salt)
    assert octets[12:16] == b"KP\x10\0"
    assert octets[16:32] == salt
    assert hub_inflates(octets) == content == zlib.decompress(octets, 31)
    assert asked().ask("deflate", octets=content, salt=salt) == octets


def test_what_the_browser_compresses_is_never_a_bomb_to_the_hub() -> None:
    content = bytes(40 * MiB)
    assert hub_inflates(asked().ask("deflate", octets=content, salt=SALT)) == content
