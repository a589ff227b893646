"""Hypothesis strategies for documents that conform to a module's schema, made from the schema itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st
from lxml import etree

from xsd.schema_model import ElementUse, Group, SchemaModel, SimpleType

WORD = st.text(st.sampled_from("abcxyzABCXYZ0189-./'&<>\"éßλЖ漢\U0001f600"), min_size=1, max_size=12)
LINES = st.text(st.sampled_from("ab <&>]\n\t\ré漢\U0001f600"), min_size=1, max_size=30)
ASCII = st.characters(min_codepoint=33, max_codepoint=126)


def simple_values(simple: SimpleType) -> st.SearchStrategy[str]:
    """The lexical values of a simple type."""
    listed = simple.values("enumeration")
    if listed:
        return st.sampled_from(listed)
    match simple.primitive:
        case "boolean":
            return st.sampled_from(("true", "false"))
        case "date":
            return st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
        case "dateTime":
            return st.integers(0, 7_000_000_000).map(
                lambda seconds: datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            )
        case "integer":
            return st.integers(_bound(simple, "minInclusive", 0), _bound(simple, "maxInclusive", 9999)).map(str)
        case "decimal":
            return _decimals(simple)
    return _strings(simple)


def _bound(simple: SimpleType, kind: str, default: int) -> int:
    values = simple.values(kind)
    return int(Decimal(values[0])) if values else default


def _decimals(simple: SimpleType) -> st.SearchStrategy[str]:
    if simple.values("pattern")[0].endswith(r"\.[0-9]{2}"):
        least = 1 if simple.values("minInclusive") else 0
        most = _bound(simple, "maxInclusive", 999_999_999) * 100
        return st.integers(least, most).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
    return st.integers(0, 1_000_000).map(lambda value: f"{Decimal(value) / 10_000:f}")


def _strings(simple: SimpleType) -> st.SearchStrategy[str]:
    longest = min((int(v) for v in simple.values("maxLength")), default=2000)
    pattern = simple.values("pattern")[0]
    if "\U00010000" in pattern:
        if simple.values("minLength"):
            return LINES
        return st.lists(WORD, min_size=1, max_size=3).map(lambda words: " ".join(words)[:longest].strip())
    return st.from_regex(pattern, fullmatch=True, alphabet=ASCII).filter(lambda text: len(text) <= longest)


@st.composite
def documents(draw: st.DrawFn, model: SchemaModel, name: str) -> etree._Element:
    """A document of one message; lists have at most three items, every choice and every optional part is drawn."""
    root = etree.Element(f"{{{model.namespace}}}{name}", nsmap={None: model.namespace})  # type: ignore[dict-item]

    def fill(parent: etree._Element, group: Group) -> None:
        items = group.items if group.kind == "sequence" else (draw(st.sampled_from(group.items)),)
        for item in items:
            if not isinstance(item, ElementUse):
                if item.least or draw(st.booleans()):
                    fill(parent, item)
                continue
            most = min(3, item.most or 3)
            for _ in range(draw(st.integers(item.least, max(item.least, most)))):
                node = etree.SubElement(parent, f"{{{model.namespace}}}{item.name}")
                inner = model.complex_type(item.type_name)
                if inner is None:
                    node.text = draw(simple_values(model.simple_type(item.type_name)))
                else:
                    fill(node, inner.content)

    fill(root, model.message(name).content)
    return root
