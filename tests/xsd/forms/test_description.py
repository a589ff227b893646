"""Every message type as a form: made of schema, catalogue and rules, with words for all of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.written.yaml_text import read_yaml
from xsd.catalogue import Module, load_catalogue, read_module
from xsd.forms.description import FILLED, form_description
from xsd.forms.descriptions import Descriptions, form_faults
from xsd.forms.words import FormFault, split_name, unknown_words, words_of
from xsd.generating.fields import field_rows
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.payload_header import ELEMENTS
from xsd.schema_model import SchemaModel, read_schema_model

CATALOGUE = load_catalogue()
TYPES = [pytest.param(t, id=f"{t.module}-{t.version}-{t.name}") for t in CATALOGUE]


def described(module: str, version: str, name: str) -> Mapping[str, Any]:
    found = CATALOGUE.message(module, version, name)
    assert found is not None
    return form_description(found)


def places(items: list[Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field and group of a form with its path, in order."""
    for item in items:
        if item["kind"] in ("choice", "sequence"):
            yield from places(item["items"], prefix)
            continue
        path = f"{prefix}{item['name']}"
        yield path, item
        yield from places(item.get("items", []), f"{path}/")


@pytest.mark.parametrize("message_type", TYPES)
def test_a_form_has_every_element_of_the_schema_in_its_order_and_none_besides(message_type: MessageType) -> None:
    model = read_schema_model(message_type.schema)
    rows = [row.path for row in field_rows(model, model.message(message_type.name).content)]
    assert [path for path, _ in places(form_description(message_type)["items"])] == rows  # type: ignore[arg-type]


def named(model: SchemaModel) -> set[str]:
    """Every element of the messages of a schema; types that no message holds need no words."""
    return {row.path.rpartition("/")[2] for each in model.messages for row in field_rows(model, each.content)}


@pytest.mark.parametrize("module", CATALOGUE.modules, ids=lambda each: f"{each.name}-{each.version}")
def test_every_element_message_and_listed_value_that_is_shipped_has_its_words(module: Module) -> None:
    model = read_schema_model(module.messages[0].schema)
    words = words_of(module.folder)
    listed = {each.name: each.values("enumeration") for each in model.simple_types}
    messages = [each.name for each in module.messages]
    assert unknown_words(words, messages=messages, elements=named(model), values=listed) == ()


def test_no_word_stands_in_the_list_that_nothing_shipped_uses() -> None:
    models = [read_schema_model(each.messages[0].schema) for each in CATALOGUE.modules]
    written = read_yaml((packaged_modules() / "common" / "forms.yaml").read_text("utf-8"))
    assert isinstance(written.value, dict)
    elements = written.value["elements"]
    assert isinstance(elements, dict)
    assert set(elements) - set().union(*(named(each) for each in models)) == set()


def test_nobody_types_what_the_machine_knows() -> None:
    """References, parties, version, type, moment and attachments, in the header and nowhere else."""
    assert set(ELEMENTS.values()) | {"Bijlagen"} == FILLED.keys()
    for message_type in CATALOGUE:
        items: Any = form_description(message_type)["items"]
        filled = {path for path, item in places(items) if "filled" in item}
        header = {path for path, _ in places(items) if path.count("/") == 1 and path.startswith("Stuurgegevens/")}
        assert filled == {"Stuurgegevens"} | header


def test_the_account_for_a_payment_is_chosen_from_the_list_and_one_of_somebody_else_is_typed() -> None:
    """PO-45: by the rule that checks it, whatever the field is called, unless its words say that it is typed."""
    answer = dict(places(described("Schuldregeling", "2.0", "BetaalvoorstelAntwoord")["items"]))
    assert answer["Betaalgegevens/IBAN"]["from"] == "accounts"
    notice = dict(places(described("MeldingenBewindvoering", "1.0", "MeldingBewindStart")["items"]))
    assert "from" not in notice["Beheerrekening"]


def test_matching_is_asked_as_people_think_of_it() -> None:
    form = described("Schuldinventarisatie", "2.0", "SaldoverzoekAntwoord")
    asked = dict(places(form["items"]))["Matchen"]
    assert [each["nl"].partition(":")[0] for each in asked["value"]["values"]] == ["Matchen", "Niet matchen"]
    own = next(item for item in dict(places(form["items"]))["OngematchteSchulden"]["items"])
    assert (own["kind"], [each["label"]["nl"] for each in own["items"]]) == (
        "choice",
        ["Overzicht van alle schulden", "Eén totaal"],
    )


def test_a_form_says_which_answers_a_question_has_and_who_sends_it() -> None:
    form = described("Schuldregeling", "2.0", "Saldoverzoek")
    assert form["answers"] == ["SaldoverzoekAntwoord", "SaldoverzoekAntwoordVoorafAkkoord", "GeenMedewerking"]
    assert (form["question"], form["by_hand"], form["from"]) == (True, True, ["shv-fase-2"])
    assert described("Knooppunt", "1.1", "Statusmelding")["by_hand"] is False
    assert described("Knooppunt", "1.1", "AdresboekVerzoek")["by_hand"] is False


def test_rules_are_told_with_what_they_demand() -> None:
    rules = {each["code"]: each for each in described("Schuldinventarisatie", "2.0", "SaldoverzoekAntwoord")["rules"]}
    assert rules["MATCHEN-GEMATCHT"]["kind"] == "OneOf"
    assert rules["MATCHEN-GEMATCHT"]["condition"] == {"path": "Matchen", "values": ["true"], "negated": False}
    assert rules["OPENSTAAND-OPTELLING"]["terms"] == ["Hoofdsom", "Rente", "Kosten"]
    assert rules["STUUR-VERSIE"]["value"] == "2.0"


# --- a folder only ------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A module version that only a folder makes: the schema of a shipped one under another name, with a new field."""
    folder = tmp_path / "Verzonnen" / "3.7"
    shutil.copytree(packaged_modules() / "Schuldinventarisatie" / "2.0", folder)
    schema = (folder / "schema.xsd").read_text("utf-8").replace("Schuldinventarisatie:2.0", "Verzonnen:3.7")
    meaning = "<xs:annotation><xs:documentation>Dieren.</xs:documentation></xs:annotation>"
    field = f'<xs:element name="AantalHuisdierenSE" type="Aantal">{meaning}</xs:element>'
    first = schema.index('<xs:element name="KlantnummerSE"')
    (folder / "schema.xsd").write_text(f"{schema[:first]}{field}{schema[first:]}", "utf-8")
    return folder


def test_a_version_that_is_only_a_folder_has_its_form_and_its_names_for_words(own: Path) -> None:
    made = next(each for each in read_module(own).messages if each.name == "SaldoverzoekAntwoord")
    fields = dict(places(form_description(made)["items"]))  # type: ignore[arg-type]
    assert fields["AantalHuisdierenSE"]["label"] == {"nl": "Aantal huisdieren SE", "en": "Aantal huisdieren SE"}
    assert fields["AantalHuisdierenSE"]["hint"] == {"nl": "Dieren."}
    assert fields["Matchen"]["label"]["en"] == "Can you match the claims that were asked for?"


def test_words_beside_the_schema_go_before_the_shared_ones(own: Path) -> None:
    (own / "forms.yaml").write_text(
        "messages: {Saldoverzoek: {nl: Vraag, en: Ask}}\n"
        "elements: {Klant: {nl: Mens, en: Human}, BSN: {nl: Nummer, en: Number, from: today}}\n"
        "values: {Geslacht: {M: male}}\n",
        "utf-8",
    )
    form: Any = form_description(next(each for each in read_module(own).messages if each.name == "Saldoverzoek"))
    fields = dict(places(form["items"]))
    assert (form["label"]["nl"], fields["Klant"]["label"]["en"], fields["BSN"]["from"]) == ("Vraag", "Human", "today")
    assert [each["en"] for each in fields["Klant/Geslacht"]["value"]["values"]][:2] == ["male", "woman"]
    assert fields["Partner"]["label"]["nl"] == "Partner"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("elements: {Klant: {nl: Mens}}", "elements.Klant.en"),
        ("elements: {Klant: {nl: Mens, en: Human, from: elsewhere}}", "elements.Klant.from"),
        ("woorden: {}", "woorden"),
        ("elements: [", "cannot be read"),
    ],
)
def test_a_forms_file_that_cannot_be_used_is_complained_of_with_its_place(own: Path, text: str, said: str) -> None:
    (own / "forms.yaml").write_text(text, "utf-8")
    module = read_module(own)
    (complaint,) = form_faults(module)
    assert said in complaint
    with pytest.raises(FormFault):
        form_description(module.messages[0])


EXPLANATION = '<xs:element name="Toelichting"'


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            '<xs:element name="Toelichting"',
            '<xs:element name="Reden" type="Tekst"/><xs:element name="Toelichting"',
            "Reden",
        ),
        ("<xs:choice>", '<xs:choice maxOccurs="3">', "repeats as a whole"),
    ],
)
def test_what_no_form_can_show_is_complained_of_by_its_place(own: Path, before: str, after: str, said: str) -> None:
    """What stands in a group is kept by name: its order follows from the schema, or it has no form."""
    schema = (own / "schema.xsd").read_text("utf-8")
    shared = (packaged_modules() / "common" / "2.0.xsd").read_text("utf-8")
    (own.parent.parent / "common").mkdir()
    (own.parent.parent / "common" / "2.0.xsd").write_text(shared.replace(before, after), "utf-8")
    (own / "schema.xsd").write_text(schema.replace(before, after), "utf-8")
    assert [complaint for complaint in form_faults(read_module(own)) if said in complaint]


def test_a_forms_file_of_a_shipped_module_is_without_fault() -> None:
    assert [fault for module in CATALOGUE.modules for fault in form_faults(module)] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("KlantnummerSEVolgensSHV", "Klantnummer SE volgens SHV"),
        ("BSN", "BSN"),
        ("Klant", "Klant"),
        ("Code2Waarde", "Code2 waarde"),
        ("_x", "_x"),
    ],
)
def test_a_name_is_split_into_words(name: str, words: str) -> None:
    assert split_name(name) == words


# --- as octets ----------------------------------------------------------------------------------------------------


def test_descriptions_are_made_once_and_are_none_for_what_is_not_there() -> None:
    forms = Descriptions(CATALOGUE)
    octets = forms.octets("Schuldinventarisatie", "2.0", "GeenMedewerking")
    assert octets is not None
    assert octets is forms.octets("Schuldinventarisatie", "2.0", "GeenMedewerking")
    assert json.loads(octets) == described("Schuldinventarisatie", "2.0", "GeenMedewerking")
    assert forms.octets("Schuldinventarisatie", "2.0", "../GeenMedewerking") is None
