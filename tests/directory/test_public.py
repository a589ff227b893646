"""The public list of participants: what it tells, in which order and languages, and what it never carries."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from support.directory.books import BOOKS, entry

from gateway.directory.model import AddressBook, EntryId, ListedVersion
from gateway.directory.public import DUTCH_PATH, ENGLISH_PATH, JSON_PATH, STYLE_PATH, public_pages

UNIT = entry("administrator", name="Aardvark", unit_of=("Gemeente Testdrecht Schuldhulp", "1"))
LATER = ListedVersion(module="Schuldregeling", version="2.1", begins=date(2027, 1, 1), ends=date(2027, 6, 30))
ENTRIES = (UNIT, entry("creditor", versions=(LATER,)), entry("counsellor"))


def rows(path: str) -> list[list[str]]:
    page = html.document_fromstring(public_pages("Hub", ENTRIES)[path].octets.decode())
    return [[cell.text_content() for cell in row] for row in page.iterfind(".//tbody/tr")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (DUTCH_PATH, [
            ["Gemeente Testdrecht Schuldhulp", "schuldhulpverlening: schuldregeling", "Schuldregeling 2.0"],
            ["Aardvark (eenheid van Gemeente Testdrecht Schuldhulp)", "schuldhulpverlening: schuldregeling",
             "Schuldregeling 2.0"],
            ["Incassobureau Proef B.V.", "schuldeiser", "Schuldregeling 2.1 vanaf 2027-01-01 tot en met 2027-06-30"],
        ]),
        (ENGLISH_PATH, [
            ["Gemeente Testdrecht Schuldhulp", "debt assistance: debt arrangement", "Schuldregeling 2.0"],
            ["Aardvark (unit of Gemeente Testdrecht Schuldhulp)", "debt assistance: debt arrangement",
             "Schuldregeling 2.0"],
            ["Incassobureau Proef B.V.", "creditor", "Schuldregeling 2.1 from 2027-01-01 until 2027-06-30"],
        ]),
    ],
)  # fmt: skip
def test_a_page_lists_everybody_by_name_with_units_after_their_organisation(
    path: str, expected: list[list[str]]
) -> None:
    assert rows(path) == expected


def test_json_says_the_same_for_programs() -> None:
    told = json.loads(public_pages("Hub", ENTRIES)[JSON_PATH].octets)
    assert told["hub"] == "Hub"
    assert [each["name"] for each in told["participants"]] == [
        "Gemeente Testdrecht Schuldhulp", "Aardvark", "Incassobureau Proef B.V.",
    ]  # fmt: skip
    assert told["participants"][2] == {
        "name": "Incassobureau Proef B.V.",
        "unit_of": None,
        "kinds": ["schuldeiser"],
        "modules": [{"name": "Schuldregeling", "version": "2.1", "from": "2027-01-01", "until": "2027-06-30"}],
    }


@pytest.mark.parametrize("path", [DUTCH_PATH, ENGLISH_PATH, JSON_PATH])
def test_no_party_id_and_no_certificate_stands_in_it(path: str) -> None:
    listed = [entry("counsellor", party_ids=(EntryId(value="00000099000000001000"),))]
    octets = public_pages("Hub", listed)[path].octets
    assert b"0000009900" not in octets
    assert b"MII" not in octets


def test_thousands_with_the_same_modules_and_roles_are_told_each_in_its_language() -> None:
    """What many share is written once, and not in the language of the first page that has it."""
    pages = public_pages("Hub", ENTRIES)
    assert [row[1] for row in rows(ENGLISH_PATH)] != [row[1] for row in rows(DUTCH_PATH)]
    assert "vanaf" not in pages[ENGLISH_PATH].octets.decode()


def test_the_stylesheet_is_the_one_that_the_pages_name_and_loads_nothing() -> None:
    pages = public_pages("Hub", ())
    for path in (DUTCH_PATH, ENGLISH_PATH):
        (link,) = html.document_fromstring(pages[path].octets.decode()).iterfind(".//link")
        assert (link.get("rel"), link.get("href")) == ("stylesheet", STYLE_PATH)
    style = pages[STYLE_PATH].octets
    assert pages[STYLE_PATH].content_type.startswith("text/css")
    assert b"url(" not in style
    assert b"@import" not in style


@settings(max_examples=40, deadline=None)
@given(BOOKS, st.text(max_size=20))
def test_no_name_becomes_markup(book: AddressBook, hub: str) -> None:
    named = [entry("creditor", name=f"<script>{each.name}</script>&\"'") for each in book.entries]
    for path in (DUTCH_PATH, ENGLISH_PATH):
        text = public_pages(hub.replace("\0", ""), named)[path].octets.decode()
        assert "<script" not in text
        assert text.count("<tr>") == len(named) + bool(named)


def test_a_list_of_nobody_says_so() -> None:
    assert "Er staat niemand in de lijst." in public_pages("Hub", ())[DUTCH_PATH].octets.decode()


def test_a_page_is_known_by_its_tag() -> None:
    one, same, other = (public_pages("Hub", each)[DUTCH_PATH] for each in (ENTRIES, ENTRIES, ENTRIES[:1]))
    assert one.tag == same.tag != other.tag
