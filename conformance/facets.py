"""Values that break exactly one facet of a simple type, found without the validator that is under test.

Has its own small reading of facets (patterns as Python regular expressions, bounds as decimals or dates), enough for
the types that module schemas use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from xsd.schema_model import SimpleType

Ordered = TypeVar("Ordered", str, Decimal)

NUMBERS = ("decimal", "integer")
_CANDIDATES = (
    "?", "x", "12345", "a  b", "1234567890", "+1", "1.5", "7", "1", "0.001", "12.50", "2026-01-01Z",
    "2026-01-01T00:00:00", "2026-01-01T00:00:00.5Z", "ABCDEF", "abc", "", " ", "a\x7fb", "ONBESTAAND", "-",
)  # fmt: skip


def value_breaking(simple: SimpleType, kind: str, example: str) -> str | None:
    """A value of the right primitive type that breaks facet `kind` and no other, or None when there is none."""
    for value in (*_near(simple, kind, example), *_CANDIDATES):
        if _has_primitive(simple.primitive, value) and broken_facets(simple, value) == {kind}:
            return value
    return None


def broken_facets(simple: SimpleType, value: str) -> set[str]:
    """The kinds of facet that a value breaks."""
    broken: set[str] = set()
    allowed = simple.values("enumeration")
    if allowed and value not in allowed:
        broken.add("enumeration")
    for facet in simple.facets:
        if facet.kind != "enumeration" and not _keeps(simple.primitive, facet.kind, facet.value, value):
            broken.add(facet.kind)
    return broken


def _near(simple: SimpleType, kind: str, example: str) -> Iterator[str]:
    """Values just past a bound, and the example made too long."""
    for bound in simple.values(kind):
        if kind in ("maxLength", "length"):
            size = int(bound) + 1
            yield (example + example[-1:] * size)[:size]
            yield from (character * size for character in "A9a")
        elif kind[:3] in ("min", "max") and simple.primitive == "date":
            step = timedelta(days=-1 if kind.startswith("min") else 1)
            yield (date.fromisoformat(bound) + step).isoformat()
        elif kind[:3] in ("min", "max") and simple.primitive in NUMBERS:
            unit = Decimal("0.01") if "." in bound else Decimal(1)
            yield str(Decimal(bound) + (-unit if kind.startswith("min") else unit))


def _has_primitive(primitive: str, value: str) -> bool:
    forms = {
        "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
        "integer": r"[+-]?\d+",
        "boolean": "true|false|0|1",
        "date": r"\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?",
        "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    }
    return primitive not in forms or re.fullmatch(forms[primitive], value) is not None


def _keeps(primitive: str, kind: str, bound: str, value: str) -> bool:
    match kind:
        case "pattern":
            return re.fullmatch(bound, value) is not None
        case "length":
            return len(value) == int(bound)
        case "minLength":
            return len(value) >= int(bound)
        case "maxLength":
            return len(value) <= int(bound)
    try:
        order = _compared(value[:10], bound) if primitive == "date" else _compared(Decimal(value), Decimal(bound))
    except InvalidOperation:
        return True
    keeps = {
        "minInclusive": order >= 0,
        "maxInclusive": order <= 0,
        "minExclusive": order > 0,
        "maxExclusive": order < 0,
    }
    return keeps[kind]


def _compared(left: Ordered, right: Ordered) -> int:
    """Below nothing, nothing, or above it: the left one is less, the same, or more."""
    return (left > right) - (left < right)
