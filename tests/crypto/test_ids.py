"""Ids of elements: which attributes are one, and what an id that occurs twice does to a message (S18)."""

from __future__ import annotations

import copy

import pytest
from lxml import etree
from support.messages.signed_messages import Wire, check, make, positions, references, sign_anew, sign_with

from crypto import names
from crypto.elements import Element
from crypto.faults import FailedAuthentication, PolicyNoncompliance


@pytest.fixture(scope="module")
def wire() -> Wire:
    return make(parts={"one@knooppunt.example": b"octets of one"})


XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
KINDS_OF_ID = [XML_ID, "id", "Id", "ID", "{urn:x}iD"]


@pytest.mark.parametrize("kind", KINDS_OF_ID)
@pytest.mark.parametrize("where", ["messaging", "body"])
def test_an_id_that_one_element_has_twice_is_refused_although_its_sender_signed_it_so(
    wire: Wire, where: str, kind: str
) -> None:
    def change(document: Element) -> None:
        element = getattr(positions(document), where)
        element.set(kind, str(element.get(names.WSU_ID)))
        sign_with(document, {str(element.get(names.WSU_ID)): element})

    with pytest.raises(FailedAuthentication, match="an id occurs more than once"):
        check(wire.altered(change))


@pytest.mark.parametrize("kind", KINDS_OF_ID)
@pytest.mark.parametrize("by", ["wsu", "other"])
def test_two_ids_that_differ_may_stand_on_one_element_which_is_signed_by_one_of_them(
    wire: Wire, kind: str, by: str
) -> None:
    """Domibus writes two on eb:Messaging."""

    def change(document: Element, *, twice: bool = False) -> None:
        element = positions(document).messaging
        element.set(kind, "other")
        if by == "other":
            references(document)[0].set("URI", "#other")
        sign_anew(document)
        if twice:
            again = copy.deepcopy(references(document)[0])
            again.set("URI", "#other" if by == "wsu" else f"#{element.get(names.WSU_ID)}")
            references(document)[0].addnext(again)
            sign_anew(document)

    check(wire.altered(change))
    with pytest.raises(PolicyNoncompliance):
        check(wire.altered(lambda document: change(document, twice=True)))


@pytest.mark.parametrize(
    "name",
    [
        "Id",
        "id",
        "ID",
        "iD",
        "{http://www.w3.org/XML/1998/namespace}id",
        names.WSU_ID,
        f"{{{names.DS}}}Id",
        f"{{{names.XENC}}}ID",
        "{urn:x}id",
    ],
)
def test_S18_an_id_of_any_kind_counts(wire: Wire, name: str) -> None:
    def change(document: Element) -> None:
        header = positions(document).security.getparent()
        assert header is not None
        etree.SubElement(header, "{urn:x}y").set(name, str(positions(document).messaging.get(names.WSU_ID)))

    with pytest.raises(FailedAuthentication, match="more than once"):
        check(wire.altered(change))
