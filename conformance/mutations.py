"""Changes to a sample that break one thing in it, each a small list: a verb, a path and what the verb needs.

| step | what it does |
|---|---|
| `[drop, PATH]` | removes the element |
| `[set, PATH, VALUE]` | gives the element this text |
| `[swap, PATH]` | puts the element before the one it follows |
| `[repeat, PATH, TIMES, FIELD]` | puts copies after it; FIELD, a path inside it or none, gets another value in each |
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
from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from gateway.written.complaints import shown

UNKNOWN = "OnbekendElement"
MOST_OCTETS = 16 * 1024 * 1024  # of a document after any step: four times what a hub takes
_STEP = re.compile(r"^(\w+)(?:\[(\d+)\])?$")

Step = Sequence[str | int]


class CaseFault(Exception):
    """A case cannot be built; the text says why, and `step` which step of it fails, from 0."""

    step: int | None = None


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
    for number, step in enumerate(steps):
        try:
            _take(root, step, sample)
        except CaseFault as fault:
            fault.step = number
            raise


def _take(root: etree._Element, step: Step, sample: Callable[[str], etree._Element]) -> None:
    verb = step[0] if step else None
    if not isinstance(verb, str) or verb not in _FORMS:
        raise CaseFault(f"{shown(verb)} is no step; steps are {', '.join(_FORMS)}")
    least, *words = _FORMS[verb]
    form = f"[{', '.join((verb, *map(str, words)))}]"
    arguments = step[1:]
    if not least <= len(arguments) <= len(words):
        few = "too few" if len(arguments) < least else "too many"
        raise CaseFault(f"{verb} has {few} values; its form is {form}")
    for word, value in zip(words, arguments, strict=False):
        if word in _NUMBERS:
            if type(value) is not int or not _NUMBERS[word] <= value:
                raise CaseFault(f"{word} has to be a number from {_NUMBERS[word]}, not {shown(value)}; form: {form}")
        elif not isinstance(value, str | int | float) or isinstance(value, bool):
            raise CaseFault(f"{word} has to be text between quotes, not {_written(value)}; form: {form}")
    try:
        if verb == "copy":
            name, path, parent, index = arguments
            source, into = at(sample(str(name)), str(path)), at(root, str(parent))
            if int(index) > len(into):
                raise CaseFault(f"INDEX is {index}, and {parent} has {len(into)} children; form: {form}")
            _refuse_too_large(root, source, 1)
            into.insert(int(index), copy.deepcopy(source))
        else:
            _VERBS[verb](at(root, str(arguments[0])), *arguments[1:])
    except ValueError:  # of the library, about characters
        raise CaseFault(f"a value has a character that no document can hold; form: {form}") from None


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)


def _refuse_too_large(root: etree._Element, element: etree._Element, times: int) -> None:
    octets = len(etree.tostring(root)) + times * len(etree.tostring(element))
    if octets > MOST_OCTETS:
        raise CaseFault(f"the document would have more than {MOST_OCTETS} octets, which no case is judged with")


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
    _refuse_too_large(element.getroottree().getroot(), element, int(times))
    _parent(element)
    for number in range(int(times), 0, -1):
        again = copy.deepcopy(element)
        if field:
            value = at(again, f"/{etree.QName(again).localname}/{field}")
            value.text = f"{value.text or ''}-{number}"
        element.addnext(again)


def _unknown(element: etree._Element) -> None:
    etree.SubElement(element, f"{{{etree.QName(element).namespace}}}{UNKNOWN}")


def _attribute(element: etree._Element) -> None:
    element.set("onbekendAttribuut", "x")


def _text(element: etree._Element) -> None:
    element.text = "tekst"


def _rename(element: etree._Element) -> None:
    element.tag = f"{{{etree.QName(element).namespace}}}{UNKNOWN}"


# How many values a step needs at least, and what they are, in their order.
_FORMS: Mapping[str, tuple[int, *tuple[str, ...]]] = {
    "drop": (1, "PATH"),
    "set": (2, "PATH", "VALUE"),
    "swap": (1, "PATH"),
    "repeat": (1, "PATH", "TIMES", "FIELD"),
    "copy": (4, "SAMPLE", "PATH", "PARENT", "INDEX"),
    "unknown": (1, "PATH"),
    "attribute": (1, "PATH"),
    "text": (1, "PATH"),
    "rename": (1, "PATH"),
}
_NUMBERS: Mapping[str, int] = {"TIMES": 1, "INDEX": 0}  # with the least of them
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
