"""The documents that travel with a message: demanded by role, found by digest."""

from __future__ import annotations

from hashlib import sha256

import pytest
from lxml import etree

from xsd.catalogue import load_catalogue
from xsd.checking.attachments import attachment_violations, named_attachments
from xsd.checking.layers import message_violations
from xsd.message_type import MessageType
from xsd.samples import sample, sample_attachment

CATALOGUE = load_catalogue()
DIGEST = sha256(sample_attachment()).hexdigest()


def message(variant: str | None = None) -> tuple[MessageType, etree._Element]:
    kind = CATALOGUE.message("Schuldinventarisatie", "2.0", "Saldoverzoek")
    assert kind is not None
    return kind, etree.fromstring(sample("Schuldinventarisatie", "2.0", "Saldoverzoek", variant=variant))


def test_the_header_names_its_documents() -> None:
    (named,) = named_attachments(message()[1])
    assert (named.kind, named.file_name, named.sha256) == ("Toestemmingsverklaring", "voorbeeld.pdf", DIGEST)


@pytest.mark.parametrize(
    ("variant", "roles", "codes"),
    [
        (None, ("shv-overig",), []),
        (None, ("bewindvoerder",), ["BIJLAGE-VERPLICHT"]),
        ("zonder-bijlage", ("shv-overig",), ["BIJLAGE-VERPLICHT"]),
        ("zonder-bijlage", ("shv-fase-1",), []),
    ],
)
def test_a_document_that_the_senders_role_demands_must_be_named(
    variant: str | None, roles: tuple[str, ...], codes: list[str]
) -> None:
    kind, document = message(variant)
    assert [v.code for v in attachment_violations(kind, document, sender_roles=roles)] == codes


@pytest.mark.parametrize(
    ("digests", "found"),
    [
        ((DIGEST,), []),
        ((), [("BIJLAGE-ONTBREEKT", "/Saldoverzoek/Stuurgegevens/Bijlagen/Bijlage")]),
        ((DIGEST, "0" * 64), [("BIJLAGE-ONGENOEMD", "/Saldoverzoek/Stuurgegevens")]),
    ],
)
def test_what_is_named_and_what_came_are_the_same(digests: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    kind, document = message()
    assert [(v.code, v.path) for v in attachment_violations(kind, document, digests=digests)] == found


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("999990019", "999990019", ["BIJLAGE-VERPLICHT", "BIJLAGE-ONTBREEKT"]),
        ("999990019", "999990018", ["BSN-ELFPROEF", "BIJLAGE-VERPLICHT", "BIJLAGE-ONTBREEKT"]),
        ("999990019", "geen", ["XSD-CVC-PATTERN-VALID"]),
    ],
)
def test_one_call_checks_the_schema_and_then_rules_and_documents(before: str, after: str, codes: list[str]) -> None:
    kind, document = message()
    changed = etree.fromstring(etree.tostring(document, encoding="unicode").replace(before, after))
    found = message_violations(kind, changed, sender_roles=("bewindvoerder",), digests=())
    assert [v.code for v in found] == codes
    assert message_violations(*message()) == ()
