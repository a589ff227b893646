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
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, Final

from lxml import etree

_FOLDER: Final = Path(str(files("xsd").joinpath("protocol")))
_EB: Final = {"eb": "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"}
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_MOST_VIOLATIONS: Final = 50
# Sixty-four parts with their properties, and a receipt for as many, come to a thousand. libxml2 writes a sentence and a
# path for every fault: thousands of them would be work for nobody.
_MOST_ELEMENTS: Final = 2_500

# What a header of a message may have while nobody knows who sent it. Sixty-four parts with four properties each, and a
# receipt for as many, come to 850 elements and 600 attributes; a fault costs as much as ten elements that are right.
_LIMITS: Final = (
    ("boolean(descendant::*[1001])", "more than 1000 elements"),
    ("boolean(descendant-or-self::*/*[81])", "more than 80 elements in one element"),
    ("boolean(descendant::eb:Property[385])", "more than 384 properties"),
    ("count(descendant::*/@*) > 700", "more than 700 attributes"),
    (
        "boolean(descendant::eb:Property[65]) and boolean(descendant::eb:Property[not(@name) or not(text())])",
        "many properties, and one without name or value",
    ),
)

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
    """The names the protocol schemas declare, read once."""

    def __init__(self) -> None:
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        for path in sorted(_FOLDER.glob("*.xsd")):
            root = etree.parse(str(path)).getroot()
            namespace = root.get("targetNamespace")
            for each in root.iterfind(f".//{_XS}element[@name]"):
                self.elements.add(f"{{{namespace}}}{each.get('name')}")
            self.attributes.update(each.get("name", "") for each in root.iterfind(f".//{_XS}attribute[@name]"))


class _OfThisThread(threading.local):
    def __init__(self) -> None:
        self.schema = etree.XMLSchema(file=str(_FOLDER / "ebms.xsd"))
        self.limits = tuple((etree.XPath(question, namespaces=_EB), says) for question, says in _LIMITS)
        self.any_limit = etree.XPath(" or ".join(question for question, _ in _LIMITS), namespaces=_EB)
        self.too_many = etree.XPath(f"boolean(descendant::*[{_MOST_ELEMENTS + 1}])")


# Made when the first header is judged: whoever only asks a command for its help waits for no schema.
_protocol: Final = cache(_Protocol)
_of_this_thread: Final = cache(_OfThisThread)


def header_too_large(messaging: etree._Element) -> str | None:
    """What an eb:Messaging has too much of to be worth a look at its schema; None if it is of a usual size.

    Asked before `header_violations` wherever the sender is not known yet: many faults are dear to tell.
    """
    local = _of_this_thread()
    if not local.any_limit(messaging):  # in one pass for a header of a usual size
        return None
    return next((says for question, says in local.limits if question(messaging)), None)


def header_violations(messaging: etree._Element, *, most: int = _MOST_VIOLATIONS) -> tuple[str, ...]:
    """What an eb:Messaging breaks of the header schema, in document order, `most` of it; empty if it is valid."""
    return _violations(messaging, most)


def _violations(root: etree._Element, most: int) -> tuple[str, ...]:
    local = _of_this_thread()
    if local.too_many(root):
        return (f"{_shown(root, root)} has more than {_MOST_ELEMENTS} elements",)
    schema = local.schema
    if schema.validate(root):
        return ()
    found: dict[tuple[str, str], str] = {}
    entries: Any = schema.error_log
    for entry in islice(entries, 2 * most):
        subject, trouble = _trouble(entry.type_name, entry.message)
        place = _place(root, entry.path or "") + subject
        # A broken facet may be reported again as an invalid value: one sentence about one value is enough.
        about = "value" if trouble in ("is empty", _VALUE) else trouble
        found.setdefault((place, about), f"{place} {trouble}")
    return tuple(found.values())[:most] or (f"{_shown(root, root)} breaks the schema",)


def _trouble(kind: str, message: str) -> tuple[str, str]:
    """The attribute it is about, if any, and what is the matter."""
    attribute = _ATTRIBUTE.search(message, 0, 2_000)  # it stands at the beginning; what follows may quote a long value
    if attribute is not None:
        name = attribute[1] if attribute[1] in _protocol().attributes else "*"
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
    return [name for name in names if name in _protocol().elements and not message.startswith(f"Element '{name}':")]


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


# Answered by libxml2 alone, so that many elements cost no loop here.
_CHILD: Final = "*[$name = '*' or name() = $name][position() = $number]"
_BEFORE: Final = "count(preceding-sibling::*)"
_BEFORE_OF_NAME: Final = "preceding-sibling::*[local-name() = $local and namespace-uri() = $namespace]"
_AFTER_OF_NAME: Final = _BEFORE_OF_NAME.replace("preceding", "following")


def _child(parent: etree._Element, step: str) -> etree._Element | None:
    """The child a step of the path means: `*[2]` counts all, `eb:PartInfo[2]` those of that name."""
    match = _STEP.fullmatch(step)
    if match is None:
        return None
    found: Any = parent.xpath(_CHILD, name=match["name"], number=int(match["number"] or 1))
    return found[0] if found else None


def _shown(element: etree._Element, root: etree._Element) -> str:
    known = element.tag in _protocol().elements
    local = _local(element.tag)
    if element is root:
        return local if known else "*"
    if not known:
        return f"*[{_count(element, _BEFORE) + 1}]"
    before = _count(element, f"count({_BEFORE_OF_NAME})")
    alone = before == 0 and not _count(element, f"count({_AFTER_OF_NAME}[1])")
    return local if alone else f"{local}[{before + 1}]"


def _count(element: etree._Element, question: str) -> int:
    namespace, _, local = element.tag.rpartition("}")
    answer: Any = element.xpath(question, local=local, namespace=namespace[1:])
    return int(answer)


def _local(name: str) -> str:
    return name.rpartition("}")[2]
