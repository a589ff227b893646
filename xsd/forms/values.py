"""What may stand in a field, as a form describes it: its kind, its bounds as the schema names them, its listed values
with their meaning in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from xsd.checking.forms import FORMS
from xsd.forms.patterns import javascript_pattern
from xsd.forms.words import ElementWords, FormWords
from xsd.schema_model import Facet, SimpleType

Json = Mapping[str, object]

KINDS: Final = {
    "boolean": "truth",
    "date": "date",
    "dateTime": "moment",
    "integer": "integer",
    "decimal": "decimal",
    "string": "text",
}
"""What a person sees of a built-in type. Besides: `amount`, a decimal with two decimals; `lines`, text of several
lines; `list`, one of a few values."""

_NUMBERS: Final = ("length", "minLength", "maxLength", "totalDigits", "fractionDigits")
_BOUNDS: Final = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
_CENTS: Final = r"\.[0-9]{2}"


def value_of(simple: SimpleType, words: FormWords, element: ElementWords) -> Json:
    """The JSON of what may stand in an element of this type."""
    listed = _listed(simple)
    described: dict[str, object] = {"kind": _kind(simple, listed), "type": simple.name}
    for facet in reversed(simple.facets):  # the nearest is the strictest, and comes last here
        if facet.kind in _NUMBERS:
            described[facet.kind] = int(facet.value)
        elif facet.kind in _BOUNDS:
            described[facet.kind] = facet.value
    patterns = simple.values("pattern")
    if len(patterns) == 1:
        pattern = javascript_pattern(patterns[0])
        if pattern is not None:
            described["pattern"] = pattern
        if patterns[0] in FORMS and described["kind"] == "text":
            nl, en = FORMS[patterns[0]]
            described["shape"] = {"nl": nl, "en": en}
    if listed or element.values:
        meanings = {facet.value: facet.doc for facet in listed} or dict.fromkeys(element.values, "")
        described["values"] = [
            {"value": value, **_meaning(simple, value, doc, words, element)} for value, doc in meanings.items()
        ]
    return described


def _kind(simple: SimpleType, listed: tuple[Facet, ...]) -> str:
    if listed:
        return "list"
    kind = KINDS[simple.primitive]
    patterns = simple.values("pattern")
    if kind == "decimal" and any(pattern.endswith(_CENTS) for pattern in patterns):
        return "amount"
    if kind == "text" and any("\n" in pattern or r"\n" in pattern for pattern in patterns):
        return "lines"
    return kind


def _listed(simple: SimpleType) -> tuple[Facet, ...]:
    """The values that are allowed: those that every level of the type's descent lists, if one lists any."""
    facets = [facet for facet in simple.facets if facet.kind == "enumeration"]
    often = Counter(facet.value for facet in facets)
    first = {facet.value: facet for facet in reversed(facets)}
    return tuple(first[value] for value in often if often[value] == max(often.values()))


def _meaning(simple: SimpleType, value: str, doc: str, words: FormWords, element: ElementWords) -> Mapping[str, str]:
    """What a value is called: as the element says it, or its type."""
    if value in element.values:
        return element.values[value].model_dump()
    said = doc or value
    return {"nl": said, "en": words.value(simple.name, value) or said}
