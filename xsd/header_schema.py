"""The protocol schemas at work: what an eb:Messaging breaks, in words that hold nothing of the message.

The schemas in `xsd/protocol` are ours (ebms.xsd, soap12.xsd, ebbp.xsd, reference.xsd, xml.xsd). A violation reads like
`Messaging/UserMessage/PartyInfo lacks To`: names are those the schemas declare; anything else shows as
a position, `*[2]`.

SECURITY: libxml2's own messages quote values and names of the document and never leave this module. One compiled schema
per thread, because lxml keeps the errors of the last validation in the schema object.
"""

from __future__ import annotations

import re
import threading
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, Final

from lxml import etree

_FOLDER: Final = Path(str(files("xsd").joinpath("protocol")))
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_MOST_VIOLATIONS: Final = 50

_NAME: Final = re.compile(r"\{([^{}\s]*)\}([^\s,'()]+)")
_ATTRIBUTE: Final = re.compile(r"attribute '(?:\{[^}]*\})?([^']*)'")
_STEP: Final = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<number>\d+)\])?")

# What the kinds of libxml2's schema errors mean to a reader; a kind not listed is about a value.
_ELEMENT_KIND: Final = "SCHEMAV_ELEMENT_CONTENT"
_KINDS: Final = {
    "SCHEMAV_CVC_ELT_1": "is not an element of the schema",
    "SCHEMAV_CVC_ELT_3_1": "may not be nil",
    "SCHEMAV_CVC_ELT_4_2": "may not name another type",
    "SCHEMAV_CVC_TYPE_3_1_2": "may not have child elements",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "must be empty",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "may not have child elements",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "may not have text beside its child elements",
    "SCHEMAV_CVC_MINLENGTH_VALID": "is empty",
}
_ATTRIBUTE_KINDS: Final = {
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "is not allowed",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "is not allowed",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "is missing",
    "SCHEMAV_CVC_MINLENGTH_VALID": "is empty",
}
_VALUE: Final = "has a value that its type does not allow"


class _Protocol:
    """The names the protocol schemas declare, read once, and each thread's compiled schema."""

    def __init__(self) -> None:
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        for path in sorted(_FOLDER.glob("*.xsd")):
            root = etree.parse(str(path)).getroot()
            namespace = root.get("targetNamespace")
            for each in root.iterfind(f".//{_XS}element[@name]"):
                self.elements.add(f"{{{namespace}}}{each.get('name')}")
            self.attributes.update(each.get("name", "") for each in root.iterfind(f".//{_XS}attribute[@name]"))
        self._local = threading.local()

    @property
    def schema(self) -> etree.XMLSchema:
        schema: etree.XMLSchema | None = getattr(self._local, "schema", None)
        if schema is None:
            schema = etree.XMLSchema(file=str(_FOLDER / "ebms.xsd"))
            self._local.schema = schema
        return schema


_protocol: Final = _Protocol()


def header_violations(messaging: etree._Element) -> tuple[str, ...]:
    """What an eb:Messaging element breaks of the header schema, in document order, 50 at most; empty if it is valid."""
    return _violations(messaging)


def envelope_violations(envelope: etree._Element) -> tuple[str, ...]:
    """What a SOAP 1.2 envelope breaks of its shape, and an eb:Messaging inside it of the header schema."""
    return _violations(envelope)


def _violations(root: etree._Element) -> tuple[str, ...]:
    schema = _protocol.schema
    if schema.validate(root):
        return ()
    found: dict[tuple[str, str], str] = {}
    entries: Any = schema.error_log
    for entry in islice(entries, 4 * _MOST_VIOLATIONS):
        subject, trouble = _trouble(entry.type_name, entry.message)
        place = _place(root, entry.path or "") + subject
        # A broken facet may be reported again as an invalid value: one sentence about one value is enough.
        about = "value" if trouble in ("is empty", _VALUE) else trouble
        found.setdefault((place, about), f"{place} {trouble}")
    return tuple(found.values())[:_MOST_VIOLATIONS] or (f"{_shown(root, root)} breaks the schema",)


def _trouble(kind: str, message: str) -> tuple[str, str]:
    """The attribute it is about, if any, and what is the matter."""
    attribute = _ATTRIBUTE.search(message)
    if attribute is not None:
        name = attribute[1] if attribute[1] in _protocol.attributes else "*"
        return f"/@{name}", _ATTRIBUTE_KINDS.get(kind, _VALUE)
    if kind != _ELEMENT_KIND:
        return "", _KINDS.get(kind, _VALUE)
    expected = " or ".join(_local(name) for name in _expected(message))
    if "Missing child element(s)." in message:
        return "", f"lacks {expected or 'a child element'}"
    return "", f"is not expected here, {expected} is" if expected else "is not expected here"


def _expected(message: str) -> list[str]:
    """The elements libxml2 names as expected; only names of our schemas get through, whatever the message quotes."""
    _, _, listed = message.rpartition("Expected is")
    names = (f"{{{match[1]}}}{match[2]}" for match in _NAME.finditer(listed))
    # After a fault libxml2 may go on to expect the very element it refused.
    return [name for name in names if name in _protocol.elements and not message.startswith(f"Element '{name}':")]


def _place(root: etree._Element, path: str) -> str:
    """libxml2's path with the names of the schemas only; the validated element itself stands for the first step."""
    element: etree._Element | None = root
    names = [_shown(root, root)]
    for step in path.split("/")[2:]:
        element = None if element is None else _child(element, step)
        if element is None:
            break
        names.append(_shown(element, root))
    return "/".join(names)


def _child(parent: etree._Element, step: str) -> etree._Element | None:
    """The child a step of the path means: `*[2]` counts all, `eb:PartInfo[2]` those of that name."""
    match = _STEP.fullmatch(step)
    if match is None:
        return None
    number = int(match["number"] or 1)
    for child in parent.iterchildren("*"):
        written = f"{child.prefix}:{_local(child.tag)}" if child.prefix else _local(child.tag)
        if match["name"] in ("*", written):
            number -= 1
            if number == 0:
                return child
    return None


def _shown(element: etree._Element, root: etree._Element) -> str:
    parent = element.getparent()
    if element is root or parent is None:
        return _local(element.tag) if element.tag in _protocol.elements else "*"
    siblings = list(parent.iterchildren("*"))
    if element.tag not in _protocol.elements:
        return f"*[{siblings.index(element) + 1}]"
    same = [each for each in siblings if each.tag == element.tag]
    return _local(element.tag) + (f"[{same.index(element) + 1}]" if len(same) > 1 else "")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
