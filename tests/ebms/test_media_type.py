"""Content-Type and Content-ID as real senders write them, and as they may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.content_ids import content_id_of, content_id_uri
from gateway.ebms.media_type import MediaType, MimeFault, parse_content_id, parse_content_type

READ: list[tuple[str, str, dict[str, str]]] = [
    ("text/xml", "text/xml", {}),
    (" Text/XML ", "text/xml", {}),
    ("application/soap+xml;charset=UTF-8", "application/soap+xml", {"charset": "UTF-8"}),
    ('application/soap+xml ; CharSet = "utf-8" ', "application/soap+xml", {"charset": "utf-8"}),
    ('a/b; action="urn:a b;c=d"', "a/b", {"action": "urn:a b;c=d"}),
    (r'a/b; c="q\"r\\s"', "a/b", {"c": r'q"r\s'}),
    ("a/b; type=application/soap+xml; start=<r@a>", "a/b", {"type": "application/soap+xml", "start": "<r@a>"}),
    ("a/b; boundary=----=_Part_1", "a/b", {"boundary": "----=_Part_1"}),
    ("a/b;", "a/b", {}),
    ("a/b;; c=d ;", "a/b", {"c": "d"}),
    ("a/b;\r\n c=d;\r\n\te=f", "a/b", {"c": "d", "e": "f"}),
    ('a/b; c=""', "a/b", {"c": ""}),
]

REFUSED = [
    "",
    " ",
    "text",
    "/xml",
    "text/",
    "text /xml",
    "text/xml charset=utf-8",
    "text/xml; charset",
    "text/xml; charset=",
    "text/xml; =utf-8",
    'text/xml; c="d',
    'text/xml; c="d"e',
    "text/xml; c=d e",
    'text/xml; c=d"e',
    "text/xml; c=d; C=e",
    "text/xml; c=é",
    'text/xml; c="é"',
    'text/xml; c="\x00"',
    'text/xml; c="a\r\nb"',
    "text/xml;\r\nc=d",
    "text/xml; c=d\\",
    "text/xml, text/plain",
]


@pytest.mark.parametrize(("header", "name", "parameters"), READ, ids=[row[0] for row in READ])
def test_a_content_type_is_read(header: str, name: str, parameters: dict[str, str]) -> None:
    assert parse_content_type(header) == MediaType(type=name, parameters=parameters)


@pytest.mark.parametrize("header", REFUSED)
def test_a_content_type_that_can_be_read_in_two_ways_is_refused(header: str) -> None:
    with pytest.raises(MimeFault):
        parse_content_type(header)


def test_charset_is_at_hand() -> None:
    assert parse_content_type("a/b; charset=UTF-8").charset == "UTF-8"
    assert parse_content_type("a/b").charset is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("cid:a@b", "a@b"),
        ("CID:a@b", "a@b"),
        ("cid:a%40b", "a@b"),
        ("cid:a%2540b", "a%40b"),
        ("cid:caf%C3%A9", "café"),
        ("cid:", None),
        ("cid:<a@b>", None),
        ("cid:a b", None),
        ("cid:a%20b", None),
        ("cid:a%00b", None),
        ("cid:a%ff", None),
        ("cid:é", None),
        ("a@b", None),
        ("#a", None),
        ("", None),
        ("http://a/b", None),
        ("file:///a", None),
        ("cid", None),
    ],
)
def test_a_cid_url_names_a_content_id(url: str, name: str | None) -> None:
    assert content_id_of(url) == name


@given(st.text(min_size=1, max_size=30))
def test_a_part_is_found_by_the_url_of_its_name(name: str) -> None:
    """Whatever a header gives as name, the URL made of it leads back to it."""
    try:
        read = parse_content_id(f"<{name}>")
    except MimeFault:
        return
    assert content_id_of(content_id_uri(read)) == read


@given(st.text(max_size=60))
def test_any_header_gives_a_value_or_a_fault_that_does_not_repeat_it(header: str) -> None:
    marked = f"geheim{header}"
    for read in (parse_content_type, parse_content_id):
        assert "geheim" not in reason_of(read, marked)


def reason_of(read: Callable[[str], object], header: str) -> str:
    try:
        read(header)
    except MimeFault as fault:
        return fault.reason
    return ""
