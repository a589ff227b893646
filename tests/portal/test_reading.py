"""What a request says is read once, in one way, or refused."""

from __future__ import annotations

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.faults import Unusable
from gateway.portal.reading import MOST_FIELDS, read_fields, read_json, takes_gzip, type_of


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=20))
def test_fields_that_were_written_are_read_as_they_were(fields: dict[str, str]) -> None:
    assert read_fields(urlencode(fields)) == fields


@given(st.text(max_size=200))
def test_any_text_gives_fields_or_is_refused(text: str) -> None:
    with contextlib.suppress(Unusable):
        read_fields(text)


@pytest.mark.parametrize("text", ["a=1&a=2", "a=%ff", "&".join(f"a{each}=1" for each in range(MOST_FIELDS + 1))])
def test_a_field_that_comes_twice_octets_that_are_no_text_and_too_many_are_refused(text: str) -> None:
    with pytest.raises(Unusable):
        read_fields(text)


@pytest.mark.parametrize(
    "octets",
    [
        b'{"a":1,"a":2}',
        b"NaN",
        b"[1",
        b"\xff",
        b"[" * 100_000,
        b'{"a":Infinity}',
        b'{"a":"\\ud800"}',
        b'["\\udc00\\ud800"]',
        b'{"\\ud800":1}',
        b'"\xed\xa0\x80"',
        '{"a":1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
    ],
)
def test_json_that_two_readers_could_read_in_two_ways_is_refused(octets: bytes) -> None:
    with pytest.raises(Unusable):
        read_json(octets)


def test_a_type_is_compared_without_its_parameters() -> None:
    assert type_of("Application/JSON; charset=utf-8") == "application/json"
    assert type_of("") == ""


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ((), False),
        (("gzip, deflate, br, zstd",), True),
        (("br", " GZIP ; q=0.5"), True),
        (("br;q=1.0, gzip;q=0",), False),
        (("gzip; q=0.000",), False),
        (("*",), False),
        (("notgzip, x-gzip2",), False),
    ],
)
def test_gzip_goes_to_whoever_names_it(accepted: tuple[str, ...], takes: bool) -> None:
    assert takes_gzip(accepted) is takes
