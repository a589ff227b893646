"""The lists file of a module version: what a browser gets of it, and everything that can be wrong in one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from xsd.catalogue import load_catalogue
from xsd.forms.descriptions import Descriptions, form_faults
from xsd.forms.list_files import LISTS_FILE
from xsd.module_files import packaged_modules

SHIPPED = packaged_modules() / "Schuldregeling" / "2.0"

OWN = """
lists:
  Statusverzoek:
    question:
      - {column: Conversatie, path: Stuurgegevens/ConversatieReferentienummer, key: conversation}
      - {column: Bericht, path: Stuurgegevens/Referentienummer, key: reference}
      - {column: Wie, nl: Wie vraagt, en: Who asks}
    control: Controle
    answer:
      - {column: Status}
      - {column: Toelichting}
    answers:
      - type: StatusberichtSHV
        fields: {Status: Status, Toelichting: Toelichting}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A module version of somebody's own: a copy, whose list is for a message that has none as shipped."""
    folder = tmp_path / "Verzonnen" / "3.7"
    shutil.copytree(SHIPPED, folder)
    for file in ("schema.xsd", "rules.yaml"):
        text = (
            (folder / file)
            .read_text("utf-8")
            .replace("urn:knooppunt:Schuldregeling:2.0", "urn:knooppunt:Verzonnen:3.7")
        )
        text = text.replace('schemaLocation="../../common/', f'schemaLocation="{packaged_modules() / "common"}/')
        (folder / file).write_text(text, "utf-8")
    (folder / "catalogue.yaml").write_text(
        (folder / "catalogue.yaml").read_text("utf-8").replace('previous: "1.1"\n', ""), "utf-8"
    )
    (folder / LISTS_FILE).write_text(OWN, "utf-8")
    return tmp_path


def test_the_same_table_serves_any_message_type_of_a_version_that_is_only_a_folder(own: Path) -> None:
    tables = Descriptions(load_catalogue([own])).lists("Verzonnen", "3.7")
    table = json.loads(json.dumps(tables["Statusverzoek"]))
    named = [table[each] for each in ("module", "version", "type", "rows", "control")]
    assert named == ["Verzonnen", "3.7", "Statusverzoek", "", "Controle"]
    assert table["question"][1:] == [
        {
            "name": "Bericht",
            "path": "Stuurgegevens/Referentienummer",
            "key": "reference",
            "behind": False,
            "hint": {
                "nl": "Referentienummer. Unieke referentie van dit bericht, door de afzender gemaakt.",
                "en": "Reference.",
            },
        },
        {"name": "Wie", "behind": False, "hint": {"nl": "Wie vraagt", "en": "Who asks"}},
    ]
    assert [(each["name"], each["once"]) for each in table["answer"]] == [("Status", True), ("Toelichting", True)]
    assert table["answers"] == [
        {
            "type": "StatusberichtSHV",
            "when": [],
            "fixed": {},
            "copied": [],
            "fields": {"Status": "Status", "Toelichting": "Toelichting"},
            "lines": [],
        }
    ]


FAULTS = [
    ("Statusverzoek:", "Statusvraag:", "Statusvraag is no message of this module that is answered"),
    ("key: conversation", "key: reference", "keys are conversation, reference, each on one column"),
    ("/Referentienummer", "/Nummer", "Stuurgegevens/Nummer leads to no element of Statusverzoek"),
    ("column: Wie", "column: status", "a column stands twice; letters do not tell columns apart"),
    ("type: StatusberichtSHV", "type: Saldoverzoek", "Saldoverzoek does not answer this message"),
    ("{Status: Status,", "{Stand: Status,", "Stand leads to no field of StatusberichtSHV"),
    ("Toelichting: Toelichting}", "Toelichting: Uitleg}", "Uitleg is no column of the answer"),
    (", Toelichting: Toelichting}", "}", "nothing is made of the column Toelichting"),
    ("    question:", "    rows: Klant\n    question:", "Klant leads to no element that may be repeated"),
    ("        fields:", "        like: Iets\n        fields:", "Iets is no other entry that stands by itself"),
    (
        "{column: Status}\n",
        "{column: Status, words: {Ja: OPEN}, only: true}\n      - {column: Kies, words: {Ja: Ja}, only: true}\n",
        "nothing is made of the column Kies",
    ),
    (
        "{column: Status}",
        "{column: Status, words: {klaar: BEEINDIGD, open: OPEN}}",
        "open of the column Status means OPEN, which Status cannot be",
    ),
    ("        fields:", "        fixed: {Status: OPEN}\n        fields:", "Status cannot be OPEN"),
    ("        fields:", "        when: {Kies: [Nee]}\n        fields:", "Kies is no column of the answer"),
    (
        "      - type: StatusberichtSHV\n",
        "      - type: StatusberichtSHV\n        fields: {Status: Status}\n      - type: StatusberichtSHV\n",
        "the entry before it has no conditions, so this one is never reached",
    ),
    ("    control: Controle", "    controle: Controle", "controle"),
    ("lists:", "lijsten:", "lijsten"),
]  # fmt: skip


def test_a_condition_on_a_word_that_its_column_does_not_have_is_complained_of(own: Path) -> None:
    file = own / "Verzonnen" / "3.7" / LISTS_FILE
    column = "{column: Status}\n      - {column: Kies, words: {Ja: Ja}, only: true}\n"
    text = OWN.replace("{column: Status}\n", column, 1)
    for word, told in (("Ja", []), ("Nee", ["Nee is no word of the column Kies"])):
        file.write_text(
            text.replace("        fields:", f"        when: {{Kies: [{word}]}}\n        fields:", 1), "utf-8"
        )
        module = load_catalogue([own]).module("Verzonnen", "3.7")
        assert module is not None
        assert [each.rpartition(": ")[2] for each in form_faults(module)] == told


@pytest.mark.parametrize(("before", "after", "said"), FAULTS, ids=[said for *_, said in FAULTS])
def test_what_is_wrong_in_a_lists_file_is_complained_of_with_its_line(
    own: Path, before: str, after: str, said: str
) -> None:
    file = own / "Verzonnen" / "3.7" / LISTS_FILE
    assert before in OWN
    file.write_text(OWN.replace(before, after, 1), "utf-8")
    catalogue = load_catalogue([own])
    module = catalogue.module("Verzonnen", "3.7")
    assert module is not None
    complaints = list(form_faults(module))
    assert any(said in each and f"{LISTS_FILE}:" in each for each in complaints), complaints
    assert Descriptions(catalogue).lists("Verzonnen", "3.7") == {}


def test_a_version_without_a_lists_file_has_no_lists() -> None:
    assert Descriptions(load_catalogue()).lists("Schuldinventarisatie", "2.0") == {}
    assert Descriptions(load_catalogue()).lists("Verzonnen", "1.0") == {}


def test_a_word_for_a_field_of_truth_means_true_or_false(own: Path) -> None:
    text = (SHIPPED / LISTS_FILE).read_text("utf-8")
    (own / "Verzonnen" / "3.7" / LISTS_FILE).write_text(text.replace('Nee: "false"', "Nee: nee", 1), "utf-8")
    module = load_catalogue([own]).module("Verzonnen", "3.7")
    assert module is not None
    assert {each.rpartition(": ")[2] for each in form_faults(module)} == {
        "Nee of the column Matchen means nee, which Matchen cannot be"
    }


def test_every_shipped_lists_file_is_without_fault() -> None:
    assert [each for module in load_catalogue().modules for each in form_faults(module)] == []
