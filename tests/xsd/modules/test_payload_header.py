"""The header inside the payload: what is read, and what samples let a caller replace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from xsd.catalogue import load_catalogue
from xsd.checking.layers import violations
from xsd.payload_header import PayloadHeaderFault, read_payload_header
from xsd.samples import sample

TYPE = load_catalogue().message("Schuldregeling", "2.0", "SaldoverzoekAntwoord")
OIN = st.text("0123456789", min_size=20, max_size=20)


@given(
    reference=st.uuids().map(str),
    sender=OIN,
    unit=st.text("0123456789", min_size=12, max_size=12),
    at=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_what_a_sample_is_given_is_what_the_header_says(reference: str, sender: str, unit: str, at: datetime) -> None:
    octets = sample(
        "Schuldregeling", "2.0", "SaldoverzoekAntwoord",
        referentienummer=reference, cross_referentienummer=reference, afzender=sender, ontvanger=f"{sender}:{unit}",
        aanmaakmoment=at.astimezone(timezone(timedelta(hours=2))),
    )  # fmt: skip
    root = etree.fromstring(octets)
    header = read_payload_header(root)
    assert TYPE is not None
    assert violations(TYPE, root) == ()
    assert (header.referentienummer, header.cross_referentienummer) == (reference, reference)
    assert (header.afzender, header.ontvanger) == (sender, f"{sender}:{unit}")
    assert header.aanmaakmoment == at
    assert (header.berichttype, header.versie) == ("SaldoverzoekAntwoord", "2.0")


def test_a_question_has_no_cross_reference() -> None:
    question = etree.fromstring(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    assert read_payload_header(question).cross_referentienummer is None
    with pytest.raises(KeyError):
        sample("Schuldregeling", "2.0", "Saldoverzoek", cross_referentienummer="x")


@pytest.mark.parametrize("name", ["Referentienummer", "Afzender", "Aanmaakmoment"])
@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_empty_or_absent_value_is_a_fault_that_names_the_element(name: str, value: str | None) -> None:
    root = etree.fromstring(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    (element,) = root[0].findall(f"{{*}}{name}")
    element.text = value
    if value is None:
        root[0].remove(element)
    with pytest.raises(PayloadHeaderFault, match=name):
        read_payload_header(root)


@pytest.mark.parametrize("octets", [b"<a/>", b"<a><Stuurgegevens/></a>", b"<a xmlns='urn:x'><b/></a>"])
def test_a_document_without_a_header_is_a_fault_of_its_own(octets: bytes) -> None:
    with pytest.raises(PayloadHeaderFault):
        read_payload_header(etree.fromstring(octets))
