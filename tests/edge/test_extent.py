"""Where a request ends among the octets of its connection: what comes behind it is the next one, and is noticed."""

from __future__ import annotations

import pytest

from gateway.edge.extent import Extent

HEAD = b"POST /as4 HTTP/1.1\r\nHost: hub.test\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("segments", "goes_on"),
    [
        ([HEAD + b"12345"], False),
        ([HEAD + b"12345P"], True),
        ([HEAD, b"12345"], False),
        ([HEAD, b"12345P"], True),
        ([HEAD, b"12345", b"P"], True),
        ([HEAD, b"123", b"45"], False),
        ([HEAD, b"123", b"45P"], True),
        ([HEAD + b"\r\n\r\n5"], False),
        ([HEAD + b"\r\n\r\n5P"], True),
    ],
)
def test_a_body_of_known_length_ends_with_its_last_octet(segments: list[bytes], goes_on: bool) -> None:
    extent = Extent()
    extent.add_head(segments[0], heads=1, chunked=False, body_octets=5)
    for each in segments[1:]:
        extent.add(each)
    assert extent.goes_on == goes_on


@pytest.mark.parametrize(
    ("behind", "goes_on"),
    [
        ([b"1\r\nx\r\n" + LAST_CHUNK], False),
        ([b"1\r\nx\r\n" + LAST_CHUNK + b"P"], True),
        ([b"1\r\nx\r\n0\r\n", b"\r", b"\n"], False),
        ([b"1\r\nx\r\n0\r\n", b"\r", b"\nP"], True),
        ([b"1\r\nx\r\n0\r\nTrailer: x\r\n\r\n"], False),
    ],
)
def test_a_chunked_one_with_an_empty_line(behind: list[bytes], goes_on: bool) -> None:
    extent = Extent()
    extent.add_head(HEAD + behind[0], heads=1, chunked=True, body_octets=0)
    for each in behind[1:]:
        extent.add(each)
    assert extent.goes_on == goes_on


@pytest.mark.parametrize("cut", range(1, len(HEAD)))
def test_wherever_its_head_is_cut(cut: int) -> None:
    extent = Extent()
    extent.add(HEAD[:cut])
    extent.add_head(HEAD[cut:] + b"12345", heads=1, chunked=False, body_octets=5)
    assert not extent.goes_on
    extent.add(b"P")
    assert extent.goes_on


def test_the_second_request_of_a_connection_is_counted_from_its_own_head() -> None:
    extent = Extent()
    for _ in range(3):
        extent.add_head(HEAD + b"12345", heads=1, chunked=False, body_octets=5)
        assert not extent.goes_on
    extent.add_head(HEAD, heads=1, chunked=False, body_octets=0)
    assert not extent.goes_on


def test_where_two_heads_end_in_one_segment_there_is_more_in_doubt() -> None:
    extent = Extent()
    extent.add_head(HEAD + HEAD, heads=2, chunked=False, body_octets=0)
    assert extent.goes_on
