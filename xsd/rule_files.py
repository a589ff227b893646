"""Reads the rules of layer two from YAML and gives each message type those that concern it.

A shared rule concerns every message that has all elements it names (and, under a condition, the values it names). A
rule of a module names its messages and must fit each of them, so that a misspelt name is found when the files are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.written.complaints import Complaint, KeyPath, shown
from gateway.written.plain import Written
from gateway.written.source import Source
from xsd.module_shapes import CheckDigitRow, DateOrderRow, OneOfRow, RuleRow, RulesShape, SameSetRow, SumRow
from xsd.rule_kinds import Check, CheckDigit, Condition, DateOrder, ElementPath, OneOf, Rule, SameSet, Sum
from xsd.schema_model import MessageModel, SchemaModel


class RuleFault(Exception):
    """A rule file cannot be used; the text names each rule in question, with its line and what is wrong in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """A rule as written, with the messages it names (None: every message it fits)."""

    rule: Rule
    messages: tuple[str, ...] | None


def read_rules(file: Path, written: Written) -> tuple[RuleEntry, ...]:
    """The entries of one rule file; RuleFault with everything that is wrong in it."""
    complaints: list[Complaint] = []
    shape = _RuleSource(str(file), written, complaints).shape(RulesShape)
    if shape is None or complaints:
        raise RuleFault("\n".join(str(each) for each in complaints))
    return tuple(_entry(each) for each in shape.rules)


class _RuleSource(Source):
    """A rule is spoken of by its code."""

    def complain(self, path: KeyPath, sentence: str) -> None:
        rules = self._written.value.get("rules") if isinstance(self._written.value, dict) else None
        at = path[1] if len(path) > 1 else None
        row = rules[at] if isinstance(rules, list) and isinstance(at, int) else None
        code = row.get("code") if isinstance(row, dict) else None
        super().complain(path, f"{shown(code)}: {sentence}" if isinstance(code, str) else sentence)


def rules_for(
    file: Path, entries: Iterable[RuleEntry], schema: SchemaModel, message: MessageModel, *, shared: bool
) -> tuple[Rule, ...]:
    """The rules among `entries` that concern `message`; raises RuleFault where one names a message it does not fit."""
    tree = MessageTree(schema, message)
    found: list[Rule] = []
    for entry in entries:
        named = entry.messages is not None and message.name in entry.messages
        if entry.messages is not None and not named:
            continue
        if tree.fits(entry.rule.check):
            found.append(entry.rule)
        elif named and not shared:
            raise RuleFault(f"{file}: {entry.rule.code} names elements or values that {message.name} does not have")
    return tuple(found)


class MessageTree:
    """Every element path of a message, as the schema allows it; tells which rules can concern the message."""

    def __init__(self, schema: SchemaModel, message: MessageModel) -> None:
        self.schema = schema
        self.types: dict[str, str] = {}
        self._walk(message.content.elements(), "")

    def _walk(self, elements: Iterable[Any], prefix: str) -> None:
        for use in elements:
            path = f"{prefix}{use.name}"
            self.types[path] = use.type_name
            inner = self.schema.complex_type(use.type_name)
            if inner is not None:
                self._walk(inner.content.elements(), f"{path}/")

    def resolve(self, path: ElementPath, starts: Iterable[str] = ("",)) -> list[str]:
        """The full paths a rule's path stands for, from each of `starts`."""
        found: list[str] = []
        for start in starts:
            if not path.text:
                found.append(start)
                continue
            prefix = f"{start}/" if start else ""
            tail = path.text.removeprefix("//")
            if path.text.startswith("//"):
                found += [p for p in self.types if p.startswith(prefix) and f"/{p}".endswith(f"/{tail}")]
            elif f"{prefix}{tail}" in self.types:
                found.append(f"{prefix}{tail}")
        return found

    def fits(self, check: Check) -> bool:
        """True when the message has every element that the rule needs (of the terms of a sum: any)."""
        return all(self.resolve(path, starts) for starts, path in self._needs(check)) and self._values_exist(check)

    def _needs(self, check: Check) -> Iterator[tuple[list[str], ElementPath]]:
        within = getattr(check, "within", ElementPath(text=""))
        starts = self.resolve(within)
        yield [""], within
        condition = getattr(check, "condition", None)
        if condition is not None:
            yield starts, condition.path
        match check:
            case CheckDigit():
                yield starts, check.at
            case Sum():
                yield starts, check.total
                yield from ((starts, term) for term in check.terms)
            case OneOf():
                yield from ((starts, path) for path in check.choose)
            case DateOrder():
                yield starts, check.earlier
                yield starts, check.later
            case SameSet():
                yield starts, check.here
            case _:
                raise AssertionError("no kind of a rule file")

    def _values_exist(self, check: Check) -> bool:
        condition: Condition | None = getattr(check, "condition", None)
        if condition is None:
            return True
        for path in self.resolve(condition.path, self.resolve(getattr(check, "within", ElementPath(text="")))):
            allowed = self.schema.simple_type(self.types[path]).values("enumeration")
            if allowed and not set(condition.values) <= set(allowed):
                return False
        return True


def _entry(row: RuleRow) -> RuleEntry:
    rule = Rule(code=row.code, nl=row.nl, en=row.en, check=_check(row))
    return RuleEntry(rule=rule, messages=None if row.messages is None else tuple(row.messages))


def _check(row: RuleRow) -> Check:
    within = ElementPath(text=row.within)
    match row:
        case CheckDigitRow():
            return CheckDigit(at=ElementPath(text=row.at), algorithm=row.algorithm)
        case SumRow():
            return Sum(within=within, total=ElementPath(text=row.total), terms=_paths(row.terms))
        case OneOfRow():
            choose, condition = _paths(row.choose), _condition(row)
            return OneOf(within=within, condition=condition, choose=choose, least=row.least, most=row.most)
        case DateOrderRow():
            return DateOrder(within=within, earlier=ElementPath(text=row.earlier), later=ElementPath(text=row.later))
        case SameSetRow():
            return SameSet(
                condition=_condition(row), here=ElementPath(text=row.here), there=ElementPath(text=row.there)
            )


def _paths(texts: list[str]) -> tuple[ElementPath, ...]:
    return tuple(ElementPath(text=text) for text in texts)


def _condition(row: OneOfRow | SameSetRow) -> Condition | None:
    """`when: {Matchen: ["true"]}` or `unless: ...`."""
    for where, negated in ((row.when, False), (row.unless, True)):
        for path, values in (where or {}).items():
            return Condition(path=ElementPath(text=path), values=tuple(values), negated=negated)
    return None
