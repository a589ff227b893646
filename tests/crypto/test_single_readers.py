"""One reader per syntax: blanks, base64, `cid:` URIs, moments and media types read alike wherever a peer wrote them."""

from __future__ import annotations

import ast
import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import crypto
from crypto.blanks import collapsed, trimmed, words
from crypto.content_ids import content_id_of, content_id_uri
from crypto.elements import base64_of
from crypto.faults import FailedAuthentication, PolicyNoncompliance
from crypto.media_types import essence_of
from crypto.moments import read_date_time

ROOT = Path(crypto.__file__).parent.parent
OTHER_BLANKS = "\x0b\x0c\x1c\x85\xa0\u2003\u3000"


def written(text: str) -> etree._Element:
    element = etree.Element("value")
    element.text = text
    return element


def base64_in(text: str) -> bytes:
    return base64_of(written(text), limit=4_096, otherwise=FailedAuthentication)


@pytest.mark.parametrize(
    "text", ["aGFsbG8=", "aGFs\nbG8=", "aGFs\r\nbG8=\r\n", "\n    aGFsbG8=\n  ", "a\nG\nF\ns\nb\nG\n8\n=\n"]
)
def test_base64_is_read_across_line_breaks(text: str) -> None:
    assert base64_in(text) == b"hallo"


@pytest.mark.parametrize(
    "text",
    [
        "aGFs bG8=", "aGFs\tbG8=", "aGFs\n  bG8=", "aGFsbG8", "aGFsbG9=", "aGFsbB==", "aGFsbG8==", "aGFsbG8=aGFs",
        "aGF-bG8=", "aGFs\xa0bG8=", "\xa0aGFsbG8=", "=", "a",
    ],
)  # fmt: skip
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(FailedAuthentication):
        base64_in(text)


@given(octets=st.binary(max_size=200), at=st.lists(st.integers(0, 300), max_size=4))
def test_base64_has_one_spelling_but_for_line_breaks(octets: bytes, at: list[int]) -> None:
    text = base64.b64encode(octets).decode()
    for place in at:
        text = text[:place] + "\r\n" + text[place:]
    assert base64_in(text) == octets


@given(st.text(alphabet=" \t\r\nab" + OTHER_BLANKS, max_size=20))
def test_blanks_are_the_four_of_xml(text: str) -> None:
    assert "".join(words(text)) == "".join(each for each in text if each not in " \t\r\n")
    assert collapsed(text) == " ".join(words(text))
    assert trimmed(text) == text.lstrip(" \t\r\n").rstrip(" \t\r\n")


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("cid:a@b", "a@b"),
        ("CiD:a@b", "a@b"),
        ("cid:A@b", "A@b"),
        ("cid:a%40b", "a@b"),
        ("cid:caf%C3%A9", "café"),
        ("cid:50%off", "50%off"),
        ("cid:", None),
        ("cid: a", None),
        ("cid:a%20b", None),
        ("cid:a%E2%80%8Bb", None),
        ("cid:a%ff", None),
        ("cid:<a>", None),
        ("cid:é", None),
        (" cid:a", None),
        ("cid:a\n", None),
        ("#a", None),
    ],
)
def test_a_cid_uri_names_a_content_id_or_nothing(uri: str, name: str | None) -> None:
    assert content_id_of(uri) == name


@given(st.text(min_size=1, max_size=30))
def test_what_is_written_as_a_cid_uri_is_read_again(name: str) -> None:
    try:
        uri = content_id_uri(name)
    except UnicodeEncodeError:
        return
    assert content_id_of(uri) in (name, None)


@given(st.datetimes(), st.sampled_from(["", "Z", "+02:00", "-14:00"]))
def test_a_moment_is_read_as_it_was_written(moment: object, zone: str) -> None:
    text = moment.isoformat() + zone  # type: ignore[attr-defined]
    read = read_date_time(f"\r\n\t {text} ")
    assert read is not None
    assert read.replace(tzinfo=None) == moment
    assert (read.tzinfo is None) == (zone == "")
    assert read_date_time(f"\xa0{text}") is None


@pytest.mark.parametrize(
    ("value", "essence"),
    [
        ("text/XML", "text/xml"),
        (" application/gzip ;a=b", "application/gzip"),
        ("text/xml\xa0", None),
        ("text /xml", None),
        ("text", None),
        ("", None),
        ("a/b/c", None),
    ],
)
def test_a_media_type_is_read_in_one_way(value: str, essence: str | None) -> None:
    assert essence_of(value) == essence


def test_nothing_that_a_peer_wrote_is_cut_at_other_characters_than_named_ones() -> None:
    """`str.strip` and `str.split` without an argument know some thirty blanks."""
    found = []
    for path in (*ROOT.glob("crypto/*.py"), *ROOT.glob("gateway/ebms/*.py"), *ROOT.glob("gateway/msh/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"strip", "lstrip", "rstrip", "split", "rsplit", "isspace"}
                and not node.args
                and not (isinstance(node.func.value, ast.JoinedStr))
            ):
                found.append(f"{path.name}:{node.lineno}")
    assert found == []


def test_a_long_prefix_list_is_no_prefix_list() -> None:
    from crypto.canonical import read_prefix_list

    element = etree.Element("x", PrefixList="a\xa0b c\td\r\ne")
    assert read_prefix_list(element) == ("a\xa0b", "c", "d", "e")
    with pytest.raises(PolicyNoncompliance):
        read_prefix_list(etree.Element("x", PrefixList=" " * 1_025))
