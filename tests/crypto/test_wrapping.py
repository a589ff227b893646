"""Signature wrapping: the signed element is moved away and another stands in its place (DS-03, DS-04, S19, S20).

Eight places for the signed element, four ways to label the one that stands in for it, for eb:Messaging and for the
Body. In no case may verification answer at all, and so never with a value of the other element.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree
from support.messages.signed_messages import BODY, EB, HEADER, MESSAGING, Wire, check, make

from crypto import names
from crypto.elements import Element
from crypto.faults import SecurityFault

PARTS = {"one@knooppunt.example": b"octets"}


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


@pytest.fixture(scope="module")
def wire() -> Wire:
    return make(parts=PARTS)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize(("clause", "tag"), [("S19", MESSAGING), ("S20", BODY)])
def test_a_signed_element_that_was_moved_vouches_for_nothing(
    wire: Wire, clause: str, tag: str, place: Callable[[Element, Element], None], label: str
) -> None:
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

    wrapped = wire.altered(wrap)
    with pytest.raises(SecurityFault):
        check(wrapped)


def test_DS_04_messaging_and_body_may_not_stand_in_for_each_other(wire: Wire) -> None:
    def swap_ids(document: Element) -> None:
        messaging, body = found(document, MESSAGING), found(document, BODY)
        ids = messaging.get(names.WSU_ID), body.get(names.WSU_ID)
        body.set(names.WSU_ID, str(ids[0]))
        messaging.set(names.WSU_ID, str(ids[1]))

    with pytest.raises(SecurityFault):
        check(wire.altered(swap_ids))
