"""What a suite must break in each message: every mandatory element, order, cardinality, facet, uniqueness and rule.

An item is counted once per message and type: Klant and Partner are both of type Persoon, so Persoon/Achternaam is one
item. The items come from the schema and the rules alone; the cases name the item they cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.schema_cases import SchemaCase
from xsd.catalogue import Catalogue
from xsd.message_type import MessageType
from xsd.schema_model import ElementUse, Group, MessageModel, SchemaModel, read_schema_model

STRINGS = ("string", "token", "normalizedString")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCoverage:
    """How much of one message the cases cover."""

    message: str
    covered: int
    total: int
    missing: tuple[str, ...]


def items(model: SchemaModel, message: MessageModel, message_type: MessageType) -> Iterator[str]:
    """Every item of one message, in the order of the schema; each once."""
    yield f"root {message.name}"
    yield f"unknown {message.name}"
    yield f"attribute {message.name}"
    yield f"text {message.name}"
    seen: set[str] = set()
    yield from _owner_items(model, message.name, message.content, seen)
    for unique in message.uniques:
        yield f"unique {unique.name}"
    for rule in message_type.rules:
        yield f"rule {rule.code}"


def _owner_items(model: SchemaModel, owner: str, content: Group, seen: set[str]) -> Iterator[str]:
    if owner in seen:
        return
    seen.add(owner)
    yield from _group_items(owner, content)
    for use in content.elements():
        inner = model.complex_type(use.type_name)
        if inner is not None:
            yield from _owner_items(model, inner.name, inner.content, seen)
            continue
        simple = model.simple_type(use.type_name)
        if simple.primitive not in STRINGS:
            yield f"datatype {owner}/{use.name}"
        for kind in dict.fromkeys(facet.kind for facet in simple.facets):
            yield f"{kind} {owner}/{use.name}"


def _group_items(owner: str, group: Group) -> Iterator[str]:
    if group.kind == "choice" and group.least > 0:
        yield f"choice {owner}"
    if group.kind == "choice" and len(group.items) > 1:
        yield f"exclusive {owner}"
    for position, item in enumerate(group.items):
        if not isinstance(item, ElementUse):
            yield from _group_items(owner, item)
            continue
        if group.kind == "sequence" and item.least > 0:
            yield f"mandatory {owner}/{item.name}"
        if item.most is not None:
            yield f"most {owner}/{item.name}"
        if group.kind == "sequence" and position > 0:
            yield f"order {owner}/{item.name}"


def coverage(catalogue: Catalogue, cases: Iterable[SchemaCase]) -> tuple[MessageCoverage, ...]:
    """Covered and total per message, for the messages of every module whose cases say what they cover."""
    covered: dict[str, set[str]] = {}
    for case in cases:
        if case.message and case.expect and case.covers:
            covered.setdefault(case.message, set()).add(case.covers)
    named = {message.rpartition("/")[0] for message in covered}
    found: list[MessageCoverage] = []
    for module in catalogue.modules:
        if f"{module.name}/{module.version}" not in named:
            continue
        model = read_schema_model(module.messages[0].schema)
        found += [_of_message(model, t, covered) for t in module.messages]
    return tuple(found)


def _of_message(model: SchemaModel, message_type: MessageType, covered: Mapping[str, set[str]]) -> MessageCoverage:
    key = f"{message_type.module}/{message_type.version}/{message_type.name}"
    wanted = list(items(model, model.message(message_type.name), message_type))
    missing = tuple(item for item in wanted if item not in covered.get(key, set()))
    return MessageCoverage(message=key, covered=len(wanted) - len(missing), total=len(wanted), missing=missing)
