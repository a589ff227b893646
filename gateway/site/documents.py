"""Messages to send: the shipped samples, with references of their own and people that were drawn for this run.

Every drawn name and number is remembered, so that a search at the end knows what may not be found.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from lxml import etree

from xsd.checking.attachments import named_attachments
from xsd.message_type import MessageType
from xsd.samples import sample, sample_attachment

# Elements of the documents whose values are drawn anew: whoever finds one of these has found a person.
_DRAWN = ("Achternaam", "KlantnummerSHV", "KlantnummerSE", "Straatnaam", "Omschrijving", "TenNameVan", "Toelichting")


@dataclass(slots=True)
class Drawn:
    """What was drawn at random for this run."""

    tokens: list[str] = field(default_factory=list)

    def token(self) -> str:
        """A name or number that nothing else on the machine holds."""
        token = f"Geheim{secrets.token_hex(12)}"
        self.tokens.append(token)
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One message, ready to be pushed."""

    message_type: MessageType
    reference: str
    conversation: str
    octets: bytes
    attachments: tuple[bytes, ...] = ()  # PDF as far as their first line


def make_document(
    message_type: MessageType,
    drawn: Drawn | None,
    *,
    sender: str,
    receiver: str,
    at: datetime,
    answering: tuple[str, str] | None = None,
    variant: str | None = None,
) -> Document:
    """A message between two parties; `answering` is the (conversation, reference) of the question it answers. With
    nothing drawn it has the people and the documents of the sample.
    """
    reference = str(uuid.uuid4())
    conversation = answering[0] if answering else str(uuid.uuid4())
    header: dict[str, Any] = {
        "referentienummer": reference,
        "conversatie_referentienummer": conversation,
        "afzender": sender,
        "ontvanger": receiver,
        "aanmaakmoment": at,
    }
    if answering:
        header["cross_referentienummer"] = answering[1]
    octets = sample(message_type.module, message_type.version, message_type.name, variant=variant, **header)
    root = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    if drawn is not None:
        for element in root.iter(*(f"{{{message_type.namespace}}}{name}" for name in _DRAWN)):
            element.text = drawn.token()
    attachments = []
    for named in named_attachments(root):
        attachments.append(
            sample_attachment() if drawn is None else f"%PDF-1.7\n% {named.kind}: {drawn.token()}\n%%EOF\n".encode()
        )
        for digest in _all(named.element, message_type.namespace, "Sha256"):
            digest.text = sha256(attachments[-1]).hexdigest()
    return Document(
        message_type=message_type,
        reference=reference,
        conversation=conversation,
        octets=etree.tostring(root, xml_declaration=True, encoding="UTF-8"),
        attachments=tuple(attachments),
    )


def spoilt(document: Document) -> Document:
    """The same with three mistakes: a date that is none, a value that the list does not have, an element that does
    not belong there.
    """
    root = etree.fromstring(document.octets)
    namespace = document.message_type.namespace
    for name, text in (("Geboortedatum", "31 februari"), ("TypeSchuldregeling", "XX")):
        element = next(iter(_all(root, namespace, name)), None)
        if element is not None:
            element.text = text
    etree.SubElement(root, f"{{{namespace}}}Verzonnen").text = "hoort hier niet"
    return Document(
        message_type=document.message_type,
        reference=document.reference,
        conversation=document.conversation,
        octets=etree.tostring(root, xml_declaration=True, encoding="UTF-8"),
    )


def _all(root: etree._Element, namespace: str, name: str) -> Iterable[etree._Element]:
    return root.iter(f"{{{namespace}}}{name}")
