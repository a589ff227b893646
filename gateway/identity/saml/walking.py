"""Reading a document of the provider by fixed paths: each step is a direct child, of which there is exactly one.

SECURITY: nothing here searches (`//`), so what stands anywhere else has no effect. A document with a comment is refused
whole, as with a DTD or a processing instruction: readers disagree on what a value with one inside is.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from crypto.blanks import trimmed
from crypto.elements import Element, local_name, local_name_of
from gateway.identity.login import LoginCheck, LoginRefused
from gateway.identity.saml import names
from gateway.limits import LOGIN_LIMITS
from xsd.document import DocumentFault, parse_document, text_of

_COMMENTED: Final = etree.XPath("boolean(//comment())")


def parsed(octets: bytes, *, check: LoginCheck = "document") -> Element:
    """The root of a document that holds elements and text alone; LoginRefused with that check."""
    try:
        root = parse_document(octets, limits=LOGIN_LIMITS)
    except DocumentFault as fault:
        raise LoginRefused(check, f"it cannot be read: {fault.code}") from None
    if _COMMENTED(root):
        raise LoginRefused(check, "it holds a comment")
    return root


def one(parent: Element, tag: str, *, check: LoginCheck = "shape") -> Element:
    """The only child of that name; LoginRefused with that check when there is none, or more than one."""
    found = list(parent.iterchildren(tag))
    if len(found) != 1:
        raise LoginRefused(check, f"{local_name(parent)} holds {len(found)} {local_name_of(tag)}")
    return found[0]


def none(parent: Element, tag: str) -> None:
    """LoginRefused when there is a child of that name."""
    if next(parent.iterchildren(tag), None) is not None:
        raise LoginRefused("shape", f"{local_name(parent)} holds a {local_name_of(tag)}")


def value(element: Element, *, check: LoginCheck = "shape") -> str:
    """The whole text of an element that holds text alone, without blanks around it."""
    if len(element):
        raise LoginRefused(check, f"{local_name(element)} holds more than text")
    return trimmed(text_of(element))


def issuer_of(element: Element) -> str:
    """Who made it, as an entity id: no other format, no qualifier (SAML 2.0 Core 2.2.5)."""
    issuer = one(element, names.ISSUER, check="issuer")
    if issuer.attrib:
        raise LoginRefused("issuer", "an Issuer has attributes")
    return value(issuer, check="issuer")
