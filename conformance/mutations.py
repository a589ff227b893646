"""Changes to a sample that break one thing in it, each a small list: a verb, a path and what the verb needs.

| step | what it does |
|---|---|
| `[drop, PATH]` | removes the element |
| `[set, PATH, VALUE]` | gives the element this text |
| `[swap, PATH]` | puts the element before the one it follows |
| `[repeat, PATH, TIMES, FIELD]` | puts copies after it; FIELD, a path inside it or empty, gets another value in each |
| `[copy, SAMPLE, PATH, PARENT, INDEX]` | puts a copy from another sample into PARENT as child number INDEX, from 0 |
| `[unknown, PATH]` | adds an element that no schema has at the end of the element |
| `[attribute, PATH]` | gives the element an attribute that no schema has |
| `[text, PATH]` | puts text before the first child of the element |
| `[rename, PATH]` | gives the element a name that no schema has |

A path is what a violation shows: `/Saldoverzoek/Vorderingen/Vordering[2]`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence

from lxml import etree

UNKNOWN = "OnbekendElement"
_STEP = re.compile(r"^(\w+)(?:\[(\d+)\])?$")

Step = Sequence[str | int]


class CaseFault(Exception):
    """A case cannot be built; the text says which step fails and why."""


def at(root: etree._Element, path: str) -> etree._Element:
    """The element at a path, by local names; raises CaseFault where there is none."""
    names = path.strip("/").split("/")
    node = root
    if etree.QName(root).localname != names[0]:
        raise CaseFault(f"{path}: the document is not a {names[0]}")
    for name in names[1:]:
        match = _STEP.match(name)
        if match is None:
            raise CaseFault(f"{path}: {name} is no step of a path")
        found = [e for e in node.iterchildren("*") if etree.QName(e).localname == match[1]]
        position = int(match[2] or 1)
        if not 1 <= position <= len(found):
            raise CaseFault(f"{path}: the document has no such element")
        node = found[position - 1]
    return node


def apply(root: etree._Element, steps: Sequence[Step], sample: Callable[[str], etree._Element]) -> None:
    """Carry out the steps on a sample, in place; `sample` gives another sample of the module by file name."""
    for step in steps:
        verb, arguments = str(step[0]), step[1:]
        if verb == "copy":
            name, path, parent, index = arguments
            source = at(sample(str(name)), str(path))
            at(root, str(parent)).insert(int(index), copy.deepcopy(source))
        elif verb in _VERBS:
            _VERBS[verb](at(root, str(arguments[0])), *arguments[1:])
        else:
            raise CaseFault(f"{verb} is no step; steps are copy, {', '.join(_VERBS)}")


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    if parent is None:
        raise CaseFault("this step cannot be done to the root element")
    return parent


def _drop(element: etree._Element) -> None:
    _parent(element).remove(element)


def _set(element: etree._Element, value: str | int) -> None:
    element.text = str(value)


def _swap(element: etree._Element) -> None:
    before = element.getprevious()
    if before is None:
        raise CaseFault("this element follows no other")
    before.addprevious(element)


def _repeat(element: etree._Element, times: str | int = 1, field: str | int = "") -> None:
    for number in range(int(times), 0, -1):
        again = copy.deepcopy(element)
        if field:
            value = at(again, f"/{etree.QName(again).localname}/{field}")
            value.text = f"{value.text}-{number}"
        element.addnext(again)


def _unknown(element: etree._Element) -> None:
    etree.SubElement(element, f"{{{etree.QName(element).namespace}}}{UNKNOWN}")


def _attribute(element: etree._Element) -> None:
    element.set("onbekendAttribuut", "x")


def _text(element: etree._Element) -> None:
    element.text = "tekst"


def _rename(element: etree._Element) -> None:
    element.tag = f"{{{etree.QName(element).namespace}}}{UNKNOWN}"


_VERBS: dict[str, Callable[..., None]] = {
    "drop": _drop,
    "set": _set,
    "swap": _swap,
    "repeat": _repeat,
    "unknown": _unknown,
    "attribute": _attribute,
    "text": _text,
    "rename": _rename,
}
