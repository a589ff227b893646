"""Reading small things out of elements so that every reader of the document would read the same.

SECURITY: a value with a comment, an entity or an element inside it is refused, because readers disagree on what such
a value is while canonicalization without comments drops the difference. Ids are looked up in one map over the whole
document, and an id that occurs twice refuses the message before anything is digested.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from lxml import etree

from crypto.blanks import trimmed
from crypto.faults import SecurityFault
from crypto.findings import AlgorithmFound
from crypto.forms import form_fault
from crypto.published import shown

Element: TypeAlias = etree._Element

# An XPointer has parentheses; what is percent-encoded or has blanks would have to be normalized before it is compared.
_FRAGMENT = re.compile(r"#([^\s()%/#]+)")
# Whoever looks an element up by its id may know other kinds of id than we do.
_IDS = etree.XPath("//@*[string-length(local-name()) = 2 and translate(local-name(), 'ID', 'id') = 'id']")


def document_root(element: Element) -> Element:
    """The root of the document that `element` stands in."""
    return element.getroottree().getroot()


def ids_of(document: Element) -> Mapping[str, Element]:
    """Every id with its element: any attribute whose local name is `id` in any case, in any namespace or in none.

    Refused when one occurs twice, be it on one element. Two that differ may stand on one element, as Domibus writes
    them on eb:Messaging: each leads there alone. The caller has bounded how many there are.
    """
    found: dict[str, Element] = {}
    for value in cast("list[etree._ElementUnicodeResult]", _IDS(document)):
        element = value.getparent()
        if element is None or str(value) in found:
            raise form_fault("an id occurs more than once")
        found[str(value)] = element
    return found


def child_elements(parent: Element) -> list[Element]:
    """The child elements of `parent`, without comments."""
    return list(parent.iterchildren("*"))


def children_named(parent: Element, *tags: str) -> tuple[Element, ...]:
    """The children, when they are exactly one of each tag in this order; PolicyNoncompliance otherwise."""
    children = tuple(parent.iterchildren("*"))
    if tuple(child.tag for child in children) != tags:
        raise form_fault("{} does not hold exactly {}", local_name(parent), ", ".join(map(local_name_of, tags)))
    return children


def only_child(parent: Element, tag: str) -> Element:
    """The single child of that name; PolicyNoncompliance when there is none or more than one."""
    found = list(parent.iterchildren(tag))
    if len(found) != 1:
        raise form_fault("{} holds {} {}", local_name(parent), len(found), local_name_of(tag))
    return found[0]


def trimmed_text_of(element: Element) -> str:
    """The text of an element that holds text alone, without surrounding blanks."""
    if len(element):
        raise form_fault("{} holds more than text", local_name(element))
    return trimmed(element.text or "")


def base64_of(element: Element, *, limit: int, otherwise: type[SecurityFault]) -> bytes:
    """The octets of an element that holds base64 of at most `limit` characters; `otherwise` when it is no base64.

    Canonical but for line breaks: no other blanks inside, nothing after the padding, no bits that are left over, so
    that one value has one spelling.
    """
    text = trimmed_text_of(element)
    if len(text) > limit:
        raise form_fault("{} is longer than {} characters", local_name(element), limit)
    try:
        written = text.replace("\r", "").replace("\n", "")
        octets = binascii.a2b_base64(written, strict_mode=True)
    except ValueError:
        raise otherwise(f"{local_name(element)} is not base64") from None
    # Strictly read, only the last letter before the padding can be another than the one that we would write.
    if not written.endswith(base64_text(octets[(len(octets) - 1) // 3 * 3 :])):
        raise otherwise(f"{local_name(element)} is not canonical base64")
    return octets


def base64_text(octets: bytes) -> str:
    """Octets as base64 in one line."""
    return binascii.b2a_base64(octets, newline=False).decode("ascii")


def algorithm_of(element: Element) -> str:
    """The Algorithm attribute; PolicyNoncompliance when it is absent."""
    algorithm = element.get("Algorithm")
    if algorithm is None:
        raise form_fault("{} names no algorithm", local_name(element))
    return algorithm


def algorithm_fault(row: str, method: Element, accepted: Sequence[str]) -> SecurityFault:
    """The fault of a row that tells an algorithm, where `method` names none of those, or gives it a parameter."""
    algorithm = algorithm_of(method)
    found = f"{shown(algorithm)} with a parameter" if algorithm in accepted else shown(algorithm)
    finding = AlgorithmFound(element=local_name(method), accepted=tuple(accepted), found=found)
    return form_fault(row, shown(algorithm), finding=finding)


def fragment_of(uri: str) -> str | None:
    """The id that a `#id` URI names; None for every other form, XPointers and the empty URI among them."""
    found = _FRAGMENT.fullmatch(uri)
    return found[1] if found else None


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return local_name_of(element.tag)


def local_name_of(tag: str) -> str:
    """The name in a tag without its namespace."""
    return tag.rpartition("}")[2]
