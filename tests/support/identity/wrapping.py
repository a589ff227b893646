"""Signature wrapping, by program: the signed element is moved away and a forged one stands in its place, or beside it.

Each shape takes the signed element where it stands and the forged one, which bears the same id or another and may have
taken the signature along; after it the document holds both. The eight classic shapes are among them (Somorovsky et al.,
"On Breaking SAML", 2012), and what the scheme adds: saml:Advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from gateway.site.broker.sealing import DS, Element
from gateway.site.broker.values import SAML, SAMLP, SOAP

SIGNATURE: Final = f"{{{DS}}}Signature"
ADVICE: Final = f"{{{SAML}}}Advice"
Shape = Callable[[Element, Element], None]


def _in_place_of(signed: Element, forged: Element) -> None:
    parent = signed.getparent()
    assert parent is not None
    parent.replace(signed, forged)


def signature_of(element: Element) -> Element:
    """The signature that an element bears."""
    return next(element.iterchildren(SIGNATURE))


def _take_signature(signed: Element, forged: Element) -> Element:
    """The signature, moved behind the forged element's Issuer."""
    signature = signature_of(signed)
    forged.insert(1, signature)
    return signature


def _object_in(signature: Element) -> Element:
    return etree.SubElement(signature, f"{{{DS}}}Object")


def forged_around_signed(signed: Element, forged: Element) -> None:
    """1: the forged element holds the signature, and the signed one as its last child."""
    _in_place_of(signed, forged)
    _take_signature(signed, forged)
    forged.append(signed)


def signed_in_front(signed: Element, forged: Element) -> None:
    """2: detached: the signed element in front of the forged one, which holds the signature."""
    _take_signature(signed, forged)
    signed.addnext(forged)


def forged_in_front(signed: Element, forged: Element) -> None:
    """3: the forged element in front of the signed one, which is whole."""
    signed.addprevious(forged)


def signed_inside_forged(signed: Element, forged: Element) -> None:
    """4: the signed element, whole, as the last child of the forged one."""
    _in_place_of(signed, forged)
    forged.append(signed)


def signed_behind(signed: Element, forged: Element) -> None:
    """5: the forged element takes the signature and the place, the signed one stands behind."""
    _take_signature(signed, forged)
    signed.addprevious(forged)


def signed_in_taken_signature(signed: Element, forged: Element) -> None:
    """6: the signed element inside a ds:Object of the signature that the forged one took."""
    _in_place_of(signed, forged)
    _object_in(_take_signature(signed, forged)).append(signed)


def signed_in_extensions(signed: Element, forged: Element) -> None:
    """7: the signed element, whole, in samlp:Extensions in front; the forged one stands in its place."""
    _in_place_of(signed, forged)
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    forged.addprevious(extensions)
    extensions.append(signed)


def forged_in_object(signed: Element, forged: Element) -> None:
    """8: the forged element in a ds:Object of the signature, in the signed one."""
    _object_in(signature_of(signed)).append(forged)


def signed_in_advice(signed: Element, forged: Element) -> None:
    """9: the signed element, whole, as advice of the forged one."""
    _in_place_of(signed, forged)
    etree.SubElement(forged, ADVICE).append(signed)


def signed_in_advice_with_signature_taken(signed: Element, forged: Element) -> None:
    """10: the same, with the signature at the forged one."""
    _in_place_of(signed, forged)
    _take_signature(signed, forged)
    etree.SubElement(forged, ADVICE).append(signed)


def signed_in_header(signed: Element, forged: Element) -> None:
    """11: the signed element in a SOAP header, the forged one with the signature in its place."""
    envelope = signed.getroottree().getroot()
    _in_place_of(signed, forged)
    _take_signature(signed, forged)
    header = etree.Element(f"{{{SOAP}}}Header")
    envelope.insert(0, header)
    header.append(signed)


SHAPES: Final[Mapping[str, Shape]] = {
    each.__name__: each
    for each in (
        forged_around_signed,
        signed_in_front,
        forged_in_front,
        signed_inside_forged,
        signed_behind,
        signed_in_taken_signature,
        signed_in_extensions,
        forged_in_object,
        signed_in_advice,
        signed_in_advice_with_signature_taken,
        signed_in_header,
    )
}
