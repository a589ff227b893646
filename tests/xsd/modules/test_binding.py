"""The typed classes: every sample and every value survives being read and written."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import knooppunt.messages
from xsd.binding import BindingFault, to_element
from xsd.catalogue import load_catalogue
from xsd.checking.layers import rule_violations, violations
from xsd.generated.common_2_0 import Stuurgegevens
from xsd.generated.knooppunt_1_0 import BezorgdBericht, Statusmelding, Toestand
from xsd.generated.schuldregeling_2_0 import Saldoverzoek, SaldoverzoekAntwoord
from xsd.generating.classes import generated, published
from xsd.message_type import MessageType
from xsd.messages import message_class, module_name, python_name, read_message
from xsd.module_files import packaged_modules
from xsd.samples import sample, sample_files

CATALOGUE = load_catalogue()
TYPES = [pytest.param(t, id=f"{t.module}-{t.version}-{t.name}") for t in CATALOGUE]
UUIDS = st.uuids().map(str)
PARTY = st.from_regex(r"[0-9]{20}(:[0-9]{12})?", fullmatch=True).filter(str.isascii)
MOMENTS = st.integers(946684800, 4102444800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
NAMES = st.from_regex(r"[A-Z][A-Za-z]{0,30}", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True).filter(str.isascii)


@pytest.mark.parametrize("message_type", TYPES)
def test_a_sample_read_and_written_is_the_same_octets(message_type: MessageType) -> None:
    for path in sample_files(message_type.folder, message_type.name):
        octets = path.read_bytes()
        message = message_class(message_type).from_xml(octets)
        assert message.to_xml().rstrip() == octets.rstrip(), path.name
        assert type(message).from_xml(message.to_xml()) == message


@given(
    header=st.builds(
        Stuurgegevens, referentienummer=UUIDS, conversatie_referentienummer=UUIDS, versie=VERSIONS, afzender=PARTY,
        ontvanger=PARTY, berichttype=NAMES, aanmaakmoment=MOMENTS,
    ),
    about=st.builds(
        BezorgdBericht, referentienummer=UUIDS, conversatie_referentienummer=UUIDS, module=NAMES, versie=VERSIONS,
        berichttype=NAMES, ontvanger=PARTY,
    ),
    state=st.sampled_from(Toestand),
    moments=st.tuples(MOMENTS, st.none() | MOMENTS, MOMENTS),
)  # fmt: skip
def test_any_status_message_survives_and_conforms(
    header: Stuurgegevens, about: BezorgdBericht, state: Toestand, moments: tuple[datetime, datetime | None, datetime]
) -> None:
    message = Statusmelding(
        stuurgegevens=header, bericht=about, toestand=state, aangenomen_op=moments[0], aangeboden_op=moments[1],
        verlopen_op=moments[2],
    )  # fmt: skip
    assert Statusmelding.from_xml(message.to_xml()) == message
    found = CATALOGUE.message("Knooppunt", "1.0", "Statusmelding")
    assert found is not None
    assert violations(found, to_element(message)) == ()


def test_a_message_is_built_without_xml_and_passes_both_layers() -> None:
    question = Saldoverzoek.from_xml(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    other = dataclasses.replace(question, klant=dataclasses.replace(question.klant, geboortedatum=date(1990, 1, 2)))
    kind = CATALOGUE.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    assert violations(kind, to_element(other)) == ()
    assert rule_violations(kind, to_element(other)) == ()
    assert read_message(CATALOGUE, to_element(other)) == other


def test_an_element_the_class_does_not_know_is_refused() -> None:
    root = etree.fromstring(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    etree.SubElement(root, "{urn:knooppunt:Schuldregeling:2.0}Geheim")
    with pytest.raises(BindingFault, match="no field"):
        Saldoverzoek.from_xml(etree.tostring(root))


@pytest.mark.parametrize(
    ("before", "after"),
    [("1980-02-29", "geheim"), ("<Geslacht>M", "<Geslacht>geheim"), ("<Straatnaam>Verzonnenstraat</Straatnaam>", "")],
)
def test_a_value_of_another_kind_is_refused_without_being_repeated(before: str, after: str) -> None:
    text = sample("Schuldregeling", "2.0", "Saldoverzoek").decode()
    with pytest.raises(BindingFault) as caught:
        Saldoverzoek.from_xml(text.replace(before, after).encode())
    assert "geheim" not in str(caught.value)


def test_an_amount_is_written_with_two_decimals_and_never_rounded() -> None:
    answer = SaldoverzoekAntwoord.from_xml(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord"))
    line = answer.extra_vorderingen[0]
    whole = dataclasses.replace(line, actueel_bedrag=Decimal(7))
    assert b"<ActueelBedrag>7.00<" in dataclasses.replace(answer, extra_vorderingen=(whole,)).to_xml()
    part = dataclasses.replace(line, actueel_bedrag=Decimal("7.005"))
    with pytest.raises(ValueError, match="two decimals"):
        dataclasses.replace(answer, extra_vorderingen=(part,)).to_xml()


def test_the_generated_classes_are_those_of_the_schemas() -> None:
    folder = packaged_modules().parent / "generated"
    assert {p.name: p.read_text("utf-8") for p in folder.glob("*.py")} == generated(CATALOGUE.modules)


def test_the_modules_that_participants_import_are_those_of_the_schemas() -> None:
    folder = Path(knooppunt.messages.__file__).parent
    texts = {p.name: p.read_text("utf-8") for p in folder.glob("*.py") if p.name != "__init__.py"}
    assert texts == published(generated(CATALOGUE.modules))


@pytest.mark.parametrize("message_type", TYPES)
def test_whoever_builds_a_message_finds_all_that_it_holds_beside_it(message_type: MessageType) -> None:
    """Through every level, and enumerations too."""
    module = import_module(f"knooppunt.messages.{module_name(message_type.module, message_type.version)}")
    assert getattr(module, message_type.name) is message_class(message_type)
    held = [message_class(message_type)]
    for each in held:  # grows under way
        kinds = {field.metadata["of"] for field in dataclasses.fields(each)} if dataclasses.is_dataclass(each) else ()
        held += [kind for kind in kinds if isinstance(kind, type) and kind not in held]
    assert {each.__name__ for each in held} <= set(module.__all__)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("KlantnummerSEVolgensSHV", "klantnummer_se_volgens_shv"), ("IBAN", "iban"), ("KvKNummer", "kvk_nummer"),
     ("Sha256", "sha256"), ("TypeSchuldregeling", "type_schuldregeling")],
)  # fmt: skip
def test_element_names_become_python_names(name: str, expected: str) -> None:
    assert python_name(name) == expected
