"""What differs between two versions of a module, each kind of difference by one that is there and one that is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xsd.catalogue import Catalogue, Module, load_catalogue
from xsd.generating.differences import Difference, MessageDifference, module_differences
from xsd.module_files import packaged_modules

CATALOGUE = load_catalogue()


def version(name: str, of: str) -> Module:
    found = CATALOGUE.module(name, of)
    assert found is not None
    return found


def told(old: Module, new: Module, catalogue: Catalogue = CATALOGUE) -> dict[str, MessageDifference]:
    return {each.name: each for each in module_differences(catalogue, old, new)}


def test_a_version_does_not_differ_from_itself() -> None:
    for module in CATALOGUE.modules:
        found = module_differences(CATALOGUE, module, module)
        assert {(each.fate, each.notes) for each in found} == {("same", ())}


def test_messages_come_and_go_and_their_notes_go_along() -> None:
    found = told(version("Schuldregeling", "1.1"), version("Schuldregeling", "2.0"))
    assert (found["GeenMedewerking"].fate, found["KlantOnbekend"].fate) == ("new", "gone")
    assert found["GeenMedewerking"].notes == ("nieuwe naam van KlantOnbekend, met een verplichte `Reden`.",)
    back = told(version("Schuldregeling", "2.0"), version("Schuldregeling", "1.1"))
    assert (back["GeenMedewerking"].fate, back["KlantOnbekend"].fate) == ("gone", "new")
    assert {note for each in back.values() for note in each.notes} == set(), "notes tell the way there"


def test_the_notes_of_every_version_on_the_way_are_told() -> None:
    one, two, both = (
        told(version("Schuldregeling", old), version("Schuldregeling", new))["SaldoverzoekAntwoord"].notes
        for old, new in (("1.0", "1.1"), ("1.1", "2.0"), ("1.0", "2.0"))
    )
    assert both == (*one, *two)
    akkoord = told(version("Schuldregeling", "1.0"), version("Schuldregeling", "2.0"))["SchuldregelingAkkoord"]
    assert "`Betaalreferentie` is verplicht." in akkoord.notes


@pytest.mark.parametrize(
    ("old", "new", "message", "subject", "where", "sentence"),
    [
        ("1.0", "1.1", "SchuldregelingAkkoord", "field", "Vorderingen/Vordering/Betaalreferentie",
         "is mandatory; it was optional"),
        ("1.1", "2.0", "SaldoverzoekAntwoord", "field", "Matchen", "is new, mandatory"),
        ("1.1", "2.0", "SaldoverzoekAntwoord", "field", "Vorderingen", "is gone"),
        ("1.1", "2.0", "SaldoverzoekAntwoord", "type", "ExtraVorderingen/Vordering",
         "is of type group OpenstaandeVordering; it was group ExtraVordering"),
        ("1.1", "2.0", "Saldoverzoek", "rule", "BSN-ELFPROEF",
         "is new: The citizen service number fails the eleven test."),
    ],
)  # fmt: skip
def test_each_kind_of_difference_is_told_once(
    old: str, new: str, message: str, subject: str, where: str, sentence: str
) -> None:
    found = told(version("Schuldregeling", old), version("Schuldregeling", new))[message].differences
    assert [(d.subject, d.sentence) for d in found if d.where == where] == [(subject, sentence)]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A module version of a tester's own, which is a copy of a shipped one."""
    shutil.copytree(packaged_modules() / "Schuldregeling" / "2.0", tmp_path / "Schuldregeling" / "2.1")
    shutil.copytree(packaged_modules() / "common", tmp_path / "common")
    schema = tmp_path / "Schuldregeling" / "2.1" / "schema.xsd"
    schema.write_text(schema.read_text("utf-8").replace("Schuldregeling:2.0", "Schuldregeling:2.1"), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "before", "after", "expected"),
    [
        ("Schuldregeling/2.1/catalogue.yaml", "term_working_days: 10", "term_working_days: 5",
         ("exchange", "term of the answer", "is 5; it was 10")),
        ("common/2.0.xsd", '<xs:enumeration value="Nuts"', '<xs:enumeration value="Water"',
         ("list", "SoortSchuld", "has now Water; no longer has Nuts")),
        ("common/2.0.xsd", 'value="[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}"', 'value="NL[0-9]{2}[A-Z0-9]{14}"', None),
        ("common/2.0.rules.yaml", "    algorithm: bsn", "    algorithm: rsin",
         ("rule", "BSN-ELFPROEF", "demands something else: The citizen service number fails the eleven test.")),
    ],
    ids=["term", "list", "form", "rule"],
)  # fmt: skip
def test_what_a_tester_changed_in_a_copy_is_found(
    copied: Path, file: str, before: str, after: str, expected: tuple[str, str, str] | None
) -> None:
    path = copied / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    catalogue = load_catalogue([copied])
    new = catalogue.module("Schuldregeling", "2.1")
    assert new is not None
    found = told(version("Schuldregeling", "2.0"), new, catalogue)
    if expected is None:
        difference = Difference(subject="type", where="Betaalgegevens/IBAN", sentence="has another prescribed form")
        assert difference in found["SaldoverzoekAntwoord"].differences
    else:
        said = [(d.subject, d.where, d.sentence) for d in found["Saldoverzoek"].differences]
        assert said == [expected]
