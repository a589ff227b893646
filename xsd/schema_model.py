"""A schema as values: messages, types, facets and their Dutch meaning, read from the XSD files.

Serves the tools that need to know a message from the inside: generated types, reference pages, mutation of samples and
the coverage count. Knows the part of XSD 1.0 that the module schemas use (sequence, choice, named simple and complex
types, facets, unique) and refuses the rest by name, so that no tool overlooks something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from xsd.schema_files import XS, ModuleSchema, SchemaFault

FACETS = (
    "pattern", "enumeration", "length", "minLength", "maxLength", "minInclusive", "maxInclusive", "minExclusive",
    "maxExclusive", "totalDigits", "fractionDigits",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One facet; `doc` is the meaning of an enumerated value."""

    kind: str
    value: str
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleType:
    """A simple type with the facets of all its ancestors, the nearest first. `primitive` is the XSD built-in type."""

    name: str
    primitive: str
    facets: tuple[Facet, ...]
    doc: str
    shared: bool

    def values(self, kind: str) -> tuple[str, ...]:
        """The values of one kind of facet, nearest first."""
        return tuple(facet.value for facet in self.facets if facet.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementUse:
    """An element at its place in a content model. `most` is None where unbounded."""

    name: str
    type_name: str
    least: int
    most: int | None
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A sequence or a choice of elements and groups."""

    kind: Literal["sequence", "choice"]
    least: int
    most: int | None
    items: tuple[ElementUse | Group, ...]

    def elements(self) -> Iterator[ElementUse]:
        """Every element of the group and of the groups inside it."""
        for item in self.items:
            if isinstance(item, ElementUse):
                yield item
            else:
                yield from item.elements()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplexType:
    """A named type with elements; `shared` when it comes from the shared types of the generation."""

    name: str
    content: Group
    doc: str
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """An xs:unique of a message: the named field is different in every selected element. Paths without prefixes."""

    name: str
    selector: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageModel:
    """One message: its root element."""

    name: str
    content: Group
    doc: str
    uniques: tuple[Unique, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaModel:
    """Everything a schema declares."""

    namespace: str
    doc: str
    messages: tuple[MessageModel, ...]
    complex_types: tuple[ComplexType, ...]
    simple_types: tuple[SimpleType, ...]

    def message(self, name: str) -> MessageModel:
        """The message of this name."""
        return next(m for m in self.messages if m.name == name)

    def complex_type(self, name: str) -> ComplexType | None:
        """The complex type of this name, or None when the name is a simple type's."""
        return next((t for t in self.complex_types if t.name == name), None)

    def simple_type(self, name: str) -> SimpleType:
        """The simple type of this name."""
        return next(t for t in self.simple_types if t.name == name)


def read_schema_model(schema: ModuleSchema) -> SchemaModel:
    """The model of a module version's schema; raises SchemaFault at a construct the tools do not know."""
    simple: dict[str, tuple[etree._Element, bool]] = {}
    complex_types: list[ComplexType] = []
    messages: list[MessageModel] = []
    for position, document in enumerate(schema.documents):
        for node in document.iterchildren("*"):
            kind, name = etree.QName(node).localname, node.get("name", "")
            if kind == "simpleType":
                simple[name] = (node, position > 0)
            elif kind == "complexType":
                complex_types.append(
                    ComplexType(name=name, content=_content(node), doc=_doc(node), shared=position > 0)
                )
            elif kind == "element":
                messages.append(_message(node))
            elif kind not in ("annotation", "include"):
                raise SchemaFault(f"xs:{kind} is not used in module schemas")
    return SchemaModel(
        namespace=schema.namespace,
        doc=_doc(schema.documents[0]),
        messages=tuple(messages),
        complex_types=tuple(complex_types),
        simple_types=tuple(_simple_type(name, simple) for name in simple),
    )


def _doc(node: etree._Element) -> str:
    return " ".join((node.findtext(f"{XS}annotation/{XS}documentation") or "").split())


def _message(node: etree._Element) -> MessageModel:
    body = node.find(f"{XS}complexType")
    if body is None:
        raise SchemaFault(f"message {node.get('name')} has no complexType of its own")
    uniques = tuple(
        Unique(
            name=unique.get("name", ""),
            selector=_steps(unique, "selector"),
            field=_steps(unique, "field"),
        )
        for unique in node.iterchildren(f"{XS}unique")
    )
    return MessageModel(name=node.get("name", ""), content=_content(body), doc=_doc(node), uniques=uniques)


def _steps(unique: etree._Element, name: str) -> str:
    found = unique.find(f"{XS}{name}")
    path = "" if found is None else found.get("xpath", "")
    return "/".join(step.rpartition(":")[2] for step in path.split("/"))


def _content(node: etree._Element) -> Group:
    for child in node.iterchildren(f"{XS}sequence", f"{XS}choice"):
        return _group(child)
    if node.find(f"{XS}simpleContent") is not None or node.find(f"{XS}complexContent") is not None:
        raise SchemaFault(f"{node.get('name')}: derived complex types are not used in module schemas")
    return Group(kind="sequence", least=1, most=1, items=())


def _group(node: etree._Element) -> Group:
    kind: Literal["sequence", "choice"] = "sequence" if node.tag == f"{XS}sequence" else "choice"
    items = tuple(
        _element_use(child) if child.tag == f"{XS}element" else _group(child)
        for child in node.iterchildren(f"{XS}element", f"{XS}sequence", f"{XS}choice")
    )
    least, most = _occurs(node)
    return Group(kind=kind, least=least, most=most, items=items)


def _element_use(node: etree._Element) -> ElementUse:
    type_name = node.get("type")
    if type_name is None:
        raise SchemaFault(f"element {node.get('name')} has no named type")
    least, most = _occurs(node)
    return ElementUse(name=node.get("name", ""), type_name=type_name, least=least, most=most, doc=_doc(node))


def _occurs(node: etree._Element) -> tuple[int, int | None]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most)


def _simple_type(name: str, nodes: dict[str, tuple[etree._Element, bool]]) -> SimpleType:
    node, shared = nodes[name]
    facets: list[Facet] = []
    current = name
    while current in nodes:
        restriction = nodes[current][0].find(f"{XS}restriction")
        if restriction is None:
            raise SchemaFault(f"simple type {current} is no restriction")
        for child in restriction.iterchildren("*"):
            kind = etree.QName(child).localname
            if kind not in FACETS:
                raise SchemaFault(f"simple type {current}: xs:{kind} is not used in module schemas")
            facets.append(Facet(kind=kind, value=child.get("value", ""), doc=_doc(child)))
        current = restriction.get("base", "")
    return SimpleType(
        name=name, primitive=current.rpartition(":")[2], facets=tuple(facets), doc=_doc(node), shared=shared
    )
