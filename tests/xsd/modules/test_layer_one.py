"""Layer one: schemas compile, samples conform, and violations name the place and the code but never a value."""

from __future__ import annotations

import threading

import pytest
from lxml import etree

from xsd.catalogue import Catalogue, load_catalogue
from xsd.checking.forms import FORMS
from xsd.checking.layers import violations
from xsd.checking.violations import readable_path
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.samples import sample, sample_files

CATALOGUE = load_catalogue()
TYPES = [pytest.param(t, id=f"{t.module}-{t.version}-{t.name}") for t in CATALOGUE]
SALDOVERZOEK = CATALOGUE.message("Schuldregeling", "2.0", "Saldoverzoek")


def document(octets: bytes) -> etree._Element:
    return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))


def saldoverzoek(before: str, after: str) -> etree._Element:
    text = sample("Schuldregeling", "2.0", "Saldoverzoek").decode()
    assert before in text
    return document(text.replace(before, after, 1).encode())


def codes(message_type: MessageType | None, root: etree._Element) -> list[tuple[str, str]]:
    assert message_type is not None
    return [(v.code, v.path) for v in violations(message_type, root)]


@pytest.mark.parametrize("message_type", TYPES)
def test_every_sample_conforms_to_its_schema(message_type: MessageType) -> None:
    for path in sample_files(message_type.folder, message_type.name):
        assert violations(message_type, document(path.read_bytes())) == (), path.name


@pytest.mark.parametrize(
    ("before", "after", "code", "path"),
    [
        ("<KlantnummerSHV>SHV-000123</KlantnummerSHV>", "", "XSD-ELEMENT-UNEXPECTED",
         "/Saldoverzoek/KlantnummerSEVolgensSHV"),
        ("<Contactpersoon>", "<Geheim/><Contactpersoon>", "XSD-ELEMENT-UNKNOWN", "/Saldoverzoek/*[10]"),
        ("<Voorletters>D.", "<Voorletters a='geheim'>D.", "XSD-CVC-TYPE-3-1-1", "/Saldoverzoek/Klant/Voorletters"),
        ("999990019", "geheim", "XSD-CVC-PATTERN-VALID", "/Saldoverzoek/BSN"),
        (">Publiek<", ">geheim<", "XSD-CVC-ENUMERATION-VALID", "/Saldoverzoek/SoortSchuld"),
        ("1980-02-29", "1981-02-29", "XSD-CVC-DATATYPE-VALID-1-2-1", "/Saldoverzoek/Klant/Geboortedatum"),
        ("1980-02-29", "1880-02-29", "XSD-CVC-MININCLUSIVE-VALID", "/Saldoverzoek/Klant/Geboortedatum"),
        ("SHV-000123", "9" * 65, "XSD-CVC-MAXLENGTH-VALID", "/Saldoverzoek/KlantnummerSHV"),
    ],
)  # fmt: skip
def test_a_broken_message_gives_its_own_code_and_path(before: str, after: str, code: str, path: str) -> None:
    assert codes(SALDOVERZOEK, saldoverzoek(before, after)) == [(code, path)]


def test_each_of_several_elements_is_shown_with_its_position_the_first_and_the_last_too() -> None:
    assert SALDOVERZOEK is not None
    claims = list(document(sample("Schuldregeling", "2.0", "Saldoverzoek")).iter("{*}Vordering"))
    assert len(claims) == 3
    shown = [readable_path(each, SALDOVERZOEK.schema.qualified_names) for each in claims]
    assert shown == [f"/Saldoverzoek/Vorderingen/Vordering[{position}]" for position in (1, 2, 3)]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("1981-02-29", True),
        ("1900-02-29", True),
        ("2024-02-29", False),
        ("2000-02-29", False),
        ("1981-02-30", True),
        ("1981-04-31", True),
        ("1981-01-00", True),
        ("29-02-1981", False),
        ("1981-2-29", False),
        ("1981-01-01T10:00:00", False),
        ("١٩٨١-٠٢-٢٩", False),
    ],
)
def test_a_day_that_the_calendar_does_not_have_is_told_as_such(day: str, told: bool) -> None:
    """29 February of a plain year is written well; to be told how a date is written would help nobody."""
    assert SALDOVERZOEK is not None
    found = violations(SALDOVERZOEK, saldoverzoek("1980-02-29", day))
    says = [(v.nl.startswith("Deze dag komt in de kalender niet voor"), "leap year" in v.en) for v in found]
    assert says == ([(told, told)] if told or "-02-29" not in day else [])
    assert all(day not in v.nl + v.en for v in found)


def test_a_moment_on_such_a_day_is_told_as_such_too() -> None:
    assert SALDOVERZOEK is not None
    (found,) = violations(SALDOVERZOEK, saldoverzoek("<Aanmaakmoment>2026-03-02", "<Aanmaakmoment>2026-02-29"))
    assert "leap year" in found.en


@pytest.mark.parametrize(
    ("moment", "nl", "en"),
    [
        ("0000-03-16T10:00:00Z", "Het jaar 0000 bestaat niet", "There is no year 0000"),
        ("2026-13-16T10:00:00Z", "Deze maand bestaat niet", "No such month"),
        ("2026-00-16T10:00:00Z", "Deze maand bestaat niet", "No such month"),
        ("2026-02-30T25:00:00Z", "Deze dag komt in de kalender niet voor", "The calendar does not have this day"),
        ("2026-03-16T25:00:00Z", "Deze tijd bestaat niet", "There is no such time"),
        ("2026-03-16T23:60:00Z", "Deze tijd bestaat niet", "There is no such time"),
        ("2026-03-16T23:59:60Z", "Deze tijd bestaat niet", "There is no such time"),
        ("2026-03-16T23:59:61.5Z", "Deze tijd bestaat niet", "There is no such time"),
        ("2026-03-16T24:00:01Z", "Deze tijd bestaat niet", "There is no such time"),
        ("2026-03-16T10:00:00+14:30", "Dit tijdverschil met UTC bestaat niet", "There is no such offset"),
        ("2026-03-16T10:00:00-15:00", "Dit tijdverschil met UTC bestaat niet", "There is no such offset"),
        ("2026-03-16T10:00:00+01:60", "Dit tijdverschil met UTC bestaat niet", "There is no such offset"),
        ("2026-03-16T24:00:00Z", "De waarde heeft niet de voorgeschreven vorm. Voorgeschreven: een tijdstip in UTC als"
         " 2026-03-16T10:00:00Z", "The value does not have the prescribed form. Prescribed: a moment in UTC"),
        ("2026-03-16T10:00", "De waarde is niet van de voorgeschreven soort. Schrijf het als", "The value is not of"),
    ],
)  # fmt: skip
def test_a_moment_that_no_clock_has_is_told_as_such(moment: str, nl: str, en: str) -> None:
    """It is written well; to be told how a moment is written would help nobody."""
    assert SALDOVERZOEK is not None
    (found,) = violations(SALDOVERZOEK, saldoverzoek("2026-03-02T10:15:00Z", moment))
    assert (found.nl[: len(nl)], found.en[: len(en)]) == (nl, en)


@pytest.mark.parametrize(
    ("day", "en"),
    [
        ("1981-13-01", "No such month"),
        ("1981-00-10", "No such month"),
        ("0000-01-01", "There is no year 0000"),
        ("1981-01-01T25:00:00Z", "The value is not of the prescribed kind. Write it as"),
    ],
)
def test_a_date_without_such_a_month_or_year_hears_nothing_of_leap_years(day: str, en: str) -> None:
    assert SALDOVERZOEK is not None
    (found,) = violations(SALDOVERZOEK, saldoverzoek("1980-02-29", day))
    assert found.en.startswith(en)


@pytest.mark.parametrize(
    ("before", "after", "nl", "en"),
    [
        ("1980-02-29", "1980-02-29Z", "een datum als 1980-12-31", "a date as 1980-12-31"),
        (">999990019<", ">99999001<", "precies negen cijfers", "exactly nine digits"),
        (">9999ZZ<", ">9999 zz<", "vier cijfers en twee hoofdletters", "four digits and two capitals"),
        ("00000099000000001000", "abc", "een OIN van 20 cijfers", "an OIN of 20 digits"),
    ],
)
def test_a_value_without_the_prescribed_form_hears_the_form_in_words(before: str, after: str, nl: str, en: str) -> None:
    assert SALDOVERZOEK is not None
    (found,) = violations(SALDOVERZOEK, saldoverzoek(before, after))
    assert f"Voorgeschreven: {nl}" in found.nl
    assert f"Prescribed: {en}" in found.en
    assert after not in found.nl + found.en


def test_every_form_in_words_is_a_pattern_of_the_shared_types() -> None:
    """A pattern that changes would lose its words unseen."""
    tree = [etree.parse(path) for path in sorted((packaged_modules() / "common").glob("*.xsd"))]
    patterns = {each.get("value") for one in tree for each in one.iter("{http://www.w3.org/2001/XMLSchema}pattern")}
    assert set(FORMS) <= patterns


@pytest.mark.parametrize(
    ("before", "after", "nl", "en", "wanted"),
    [
        ("<KlantnummerSHV>SHV-000123</KlantnummerSHV>", "", "Hier past", "Fitting here", "KlantnummerSHV"),
        ("<Contactpersoon>", "<Geheim/><Contactpersoon>", "Hier past", "Fitting here", "Contactpersoon"),
        (">Publiek<", ">geheim<", "Toegestaan", "Allowed", "Zorg, Publiek, Nuts, Overig"),
        ("1980-02-29", "1880-02-29", "Grens", "Bound", "1900-01-01"),
        ("SHV-000123", "9" * 65, "Grens", "Bound", "64"),
        ("1980-02-29", "29-02-1980", "Schrijf het als", "Write it as", "1980-12-31"),
    ],
)
def test_a_violation_says_what_the_schema_has_in_this_place(
    before: str, after: str, nl: str, en: str, wanted: str
) -> None:
    assert SALDOVERZOEK is not None
    (violation,) = violations(SALDOVERZOEK, saldoverzoek(before, after))
    assert violation.nl.endswith(f". {nl}: {wanted}.")
    assert violation.en.endswith(f". {en}: {wanted}.")


@pytest.mark.parametrize(
    "value",
    [
        "x' is not an element of the set {'geheim'",
        "Expected is ( {urn:x}geheim )",
        "('geheim').",
        "length of '99999'.",
        "of the atomic type 'geheim'.",
    ],
)
def test_a_value_that_imitates_the_validator_is_not_repeated(value: str) -> None:
    assert SALDOVERZOEK is not None
    for name in ("Publiek", "1980-02-29", "SHV-000123", "999990019", "9999ZZ"):
        for violation in violations(SALDOVERZOEK, saldoverzoek(f">{name}<", f">{value}{'x' * 70}<")):
            assert "geheim" not in repr(violation)
            assert "99999'" not in repr(violation)


def test_a_missing_last_element_is_told_apart_from_one_out_of_place() -> None:
    root = document(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    root.remove(root[-1])
    assert codes(SALDOVERZOEK, root) == [("XSD-ELEMENT-MISSING", "/Saldoverzoek")]


def test_a_repeated_invoice_number_is_found_at_its_later_place() -> None:
    root = document(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    line = root[-1][0]
    root[-1].append(document(etree.tostring(line)))
    assert codes(SALDOVERZOEK, root) == [("XSD-CVC-IDC", "/Saldoverzoek/Vorderingen/Vordering[4]")]


def test_a_message_of_another_type_is_refused_at_its_root() -> None:
    root = document(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord"))
    assert codes(SALDOVERZOEK, root) == [("XSD-ROOT", "/SaldoverzoekAntwoord")]


def test_a_violation_repeats_no_value_and_no_foreign_name() -> None:
    root = saldoverzoek("<Contactpersoon>", "<Geheim9>geheim</Geheim9><Contactpersoon Geheim='x'>")
    for violation in violations(SALDOVERZOEK, root):  # type: ignore[arg-type]
        assert "geheim" not in repr(violation).lower()


def test_schema_location_hints_are_ignored(tmp_path: object) -> None:
    hint = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x file:///nonexistent/x.xsd"'
    root = saldoverzoek("<Saldoverzoek ", f"<Saldoverzoek {hint} ")
    assert codes(SALDOVERZOEK, root) == []


def test_the_right_one_of_siblings_is_found_when_their_prefixes_differ() -> None:
    text = sample("Schuldregeling", "2.0", "Saldoverzoek").decode()
    before, second, after = text.partition("<Vordering>\n      <FactuurnummerSEVolgensSHV>F-2025-0002")
    namespace = "urn:knooppunt:Schuldregeling:2.0"
    second = second.replace("<Vordering>", f"<t:Vordering xmlns:t='{namespace}' fout='x'>")
    root = document((before + second + after.replace("</Vordering>", "</t:Vordering>", 1)).encode())
    assert codes(SALDOVERZOEK, root) == [("XSD-CVC-COMPLEX-TYPE-3-2-1", "/Saldoverzoek/Vorderingen/Vordering[2]")]


def test_one_element_is_named_once_for_one_kind_of_fault() -> None:
    root = saldoverzoek("<Contactpersoon>", "<Contactpersoon a='1' b='2' c='3'>")
    assert codes(SALDOVERZOEK, root) == [("XSD-CVC-COMPLEX-TYPE-3-2-1", "/Saldoverzoek/Contactpersoon")]


def test_violations_past_the_limit_become_one_word_that_there_are_more() -> None:
    root = document(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    for line in root[-1]:
        line[1].text = "x" * 500
    assert len(root[-1]) == 3
    found = violations(SALDOVERZOEK, root, listed=2)  # type: ignore[arg-type]
    assert [v.code for v in found] == ["XSD-CVC-MAXLENGTH-VALID", "XSD-CVC-MAXLENGTH-VALID", "XSD-MORE"]
    assert len(violations(SALDOVERZOEK, root)) == 3  # type: ignore[arg-type]


def test_threads_see_only_their_own_violations() -> None:
    good, wrong = document(sample("Schuldregeling", "2.0", "Saldoverzoek")), saldoverzoek("999990019", "1")
    failures: list[object] = []

    def work(root: etree._Element, expected: list[str]) -> None:
        for _ in range(300):
            found = [v.code for v in violations(SALDOVERZOEK, root)]  # type: ignore[arg-type]
            if found != expected:
                failures.append(found)

    threads = [
        threading.Thread(target=work, args=(good, [])),
        threading.Thread(target=work, args=(wrong, ["XSD-CVC-PATTERN-VALID"])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_base_of_the_service_is_a_setting_and_the_namespace_is_not() -> None:
    other: Catalogue = load_catalogue(base="urn:proef")
    found = other.find("urn:proef:Schuldregeling:2.0", "Saldoverzoek")
    assert found is not None
    assert found.namespace == "urn:knooppunt:Schuldregeling:2.0"
    assert other.find("urn:knooppunt:Schuldregeling:2.0", "Saldoverzoek") is None
