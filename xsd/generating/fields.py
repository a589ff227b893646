"""The fields of a message as a person reads them: path, type, obligation, meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from xsd.schema_model import ElementUse, Group, SchemaModel, SimpleType


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field of a message: its path, and how its type and its obligation read."""

    path: str
    type_text: str
    obligation: str
    meaning: str


def field_rows(model: SchemaModel, content: Group, prefix: str = "", *, inherited: str = "") -> Iterator[FieldRow]:
    """Every field in the order of the schema, groups before what they hold."""
    for item in content.items:
        if not isinstance(item, ElementUse):
            word = "one of" if item.kind == "choice" else inherited
            yield from field_rows(model, item, prefix, inherited=word)
            continue
        path = f"{prefix}{item.name}"
        inner = model.complex_type(item.type_name)
        choice = "one of" if content.kind == "choice" else inherited
        text = f"group {item.type_name}" if inner is not None else type_text(model.simple_type(item.type_name))
        yield FieldRow(path=path, type_text=text, obligation=choice or obligation(item), meaning=item.doc)
        if inner is not None:
            yield from field_rows(model, inner.content, f"{path}/")


def obligation(use: ElementUse) -> str:
    """`mandatory`, `optional`, or a list with its bounds."""
    if use.most == 1:
        return "mandatory" if use.least else "optional"
    return f"{use.least} to {'any number' if use.most is None else use.most}"


def type_text(simple: SimpleType) -> str:
    """The name of a simple type with its bounds."""
    bounds = {
        "maxLength": "at most {} characters", "minInclusive": "from {}", "maxInclusive": "up to {}",
    }  # fmt: skip
    notes: dict[str, str] = {}
    for facet in simple.facets:
        if facet.kind in bounds:
            notes.setdefault(facet.kind, bounds[facet.kind].format(facet.value))
    if simple.values("enumeration"):
        notes = {"enumeration": "a list"}
    return simple.name + (f" ({', '.join(notes.values())})" if notes else "")


def topmost(here: Iterable[str], there: Mapping[str, FieldRow]) -> Iterator[str]:
    """The paths that are only here, without those inside another one that is only here."""
    return (path for path in here if path not in there and ("/" not in path or path.rpartition("/")[0] in there))
