"""Signature wrapping: a signed element is moved away, and another stands in its place (DS-03, DS-04, S19, S20)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from lxml import etree
from support.messages.signed_messages import BODY, EB, HEADER, MESSAGING

from crypto import names
from crypto.elements import Element


def found(document: Element, tag: str) -> Element:
    return next(document.iter(tag))


def in_foreign_header(document: Element, signed: Element) -> None:
    etree.SubElement(found(document, HEADER), "{urn:x}Wrapper").append(signed)


def last_in_header(document: Element, signed: Element) -> None:
    found(document, HEADER).append(signed)


def in_body(document: Element, signed: Element) -> None:
    found(document, BODY).append(signed)


def in_signature_object(document: Element, signed: Element) -> None:
    etree.SubElement(found(document, names.SIGNATURE), f"{{{names.DS}}}Object").append(signed)


def in_key_info(document: Element, signed: Element) -> None:
    found(document, names.KEY_INFO).append(signed)


def in_security(document: Element, signed: Element) -> None:
    found(document, names.SECURITY).append(signed)


def in_second_security(document: Element, signed: Element) -> None:
    etree.SubElement(found(document, HEADER), names.SECURITY).append(signed)


def after_the_body(document: Element, signed: Element) -> None:
    etree.SubElement(document, "{urn:x}Attachment").append(signed)


PLACES: list[Callable[[Element, Element], None]] = [
    in_foreign_header,
    last_in_header,
    in_body,
    in_signature_object,
    in_key_info,
    in_security,
    in_second_security,
    after_the_body,
]

LABELS: dict[str, Callable[[Element, str], None]] = {
    "no-id": lambda _evil, _id: None,
    "other-id": lambda evil, _id: evil.set(names.WSU_ID, "other"),
    "same-wsu-id": lambda evil, element_id: evil.set(names.WSU_ID, element_id),
    "same-plain-id": lambda evil, element_id: evil.set("id", element_id),
}


def moved(tag: str, place: Callable[[Element, Element], None], label: str) -> Callable[[Element], None]:
    """The change that moves the signed element of that name to a place, and labels the one that stands in for it so."""

    def wrap(document: Element) -> None:
        signed = found(document, tag)
        evil = deepcopy(signed)
        element_id = str(evil.attrib.pop(names.WSU_ID))
        LABELS[label](evil, element_id)
        for message_id in evil.iter(f"{{{EB}}}MessageId"):
            message_id.text = "evil@knooppunt.example"
        parent = signed.getparent()
        assert parent is not None
        parent.replace(signed, evil)
        place(document, signed)

    return wrap


def swapped_ids(document: Element) -> None:
    """The change that makes eb:Messaging and the Body stand in for each other."""
    messaging, body = found(document, MESSAGING), found(document, BODY)
    ids = messaging.get(names.WSU_ID), body.get(names.WSU_ID)
    body.set(names.WSU_ID, str(ids[0]))
    messaging.set(names.WSU_ID, str(ids[1]))
