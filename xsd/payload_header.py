"""The header inside a payload (Stuurgegevens), which must agree with the ebMS header of the message that carries it.

Reads; the comparison with the message header is the hub's and the client's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from xsd.document import text_of

HEADER = "Stuurgegevens"


class PayloadHeaderFault(Exception):
    """The document has no readable Stuurgegevens; the text names the element, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadHeader:
    """The references and parties of one message. `afzender` and `ontvanger` are party ids: an OIN, or
    `OIN:establishment number`. `cross_referentienummer` is the reference of the message that this one answers."""

    referentienummer: str
    conversatie_referentienummer: str
    cross_referentienummer: str | None
    versie: str
    afzender: str
    ontvanger: str
    berichttype: str
    aanmaakmoment: datetime


ELEMENTS = {
    "referentienummer": "Referentienummer",
    "conversatie_referentienummer": "ConversatieReferentienummer",
    "cross_referentienummer": "CrossReferentienummer",
    "versie": "Versie",
    "afzender": "Afzender",
    "ontvanger": "Ontvanger",
    "berichttype": "Berichttype",
    "aanmaakmoment": "Aanmaakmoment",
}
"""Field of `PayloadHeader` to element name, in the order of the schema."""


def header_element(document: etree._Element) -> etree._Element:
    """The Stuurgegevens of a message: the first child of the root, in the root's namespace."""
    first = next(document.iterchildren("*"), None)
    namespace = etree.QName(document).namespace
    if first is None or first.tag != f"{{{namespace}}}{HEADER}":
        raise PayloadHeaderFault(f"the message does not begin with {HEADER}")
    return first


def read_payload_header(document: etree._Element) -> PayloadHeader:
    """Read the Stuurgegevens of a message that conforms to its schema; raises PayloadHeaderFault where it does not."""
    header = header_element(document)
    prefix = header.tag.removesuffix(HEADER)
    children: dict[str, etree._Element] = {}
    for child in header.iterchildren("*"):
        children.setdefault(child.tag, child)

    def text(name: str) -> str | None:
        found = children.get(prefix + name)
        return None if found is None else text_of(found).strip()

    def mandatory(name: str) -> str:
        value = text(name)
        if not value:
            raise PayloadHeaderFault(f"{HEADER}/{name} is missing or empty")
        return value

    try:
        moment = datetime.fromisoformat(mandatory("Aanmaakmoment"))
    except ValueError as fault:
        raise PayloadHeaderFault(f"{HEADER}/Aanmaakmoment is not a moment") from fault
    return PayloadHeader(
        referentienummer=mandatory("Referentienummer"),
        conversatie_referentienummer=mandatory("ConversatieReferentienummer"),
        cross_referentienummer=text("CrossReferentienummer"),
        versie=mandatory("Versie"),
        afzender=mandatory("Afzender"),
        ontvanger=mandatory("Ontvanger"),
        berichttype=mandatory("Berichttype"),
        aanmaakmoment=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
    )
