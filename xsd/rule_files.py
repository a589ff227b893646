"""Reads the rules of layer two from YAML and gives each message type those that concern it.

A shared rule concerns every message that has all elements it names (and, under a condition, the values it names). A
rule of a module names its messages and must fit each of them, so that a misspelt name is found when the files are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from xsd.check_digits import CHECKS
from xsd.rule_kinds import Check, CheckDigit, Condition, DateOrder, OneOf, Path, Rule, SameSet, Sum
from xsd.schema_model import MessageModel, SchemaModel

KINDS = {
    "check-digit": {"at", "algorithm"},
    "sum": {"within", "total", "terms"},
    "one-of": {"within", "when", "unless", "choose", "least", "most"},
    "date-order": {"within", "earlier", "later"},
    "same-set-as-question": {"when", "unless", "here", "there"},
}
"""The closed list: kind to the keys it takes."""

COMMON_KEYS = {"code", "kind", "messages", "nl", "en"}


class RuleFault(Exception):
    """A rule file cannot be used; the text names the rule and what is wrong in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """A rule as written, with the messages it names (None: every message it fits)."""

    rule: Rule
    messages: tuple[str, ...] | None


def read_rules(file: File, content: object) -> tuple[RuleEntry, ...]:
    """The entries of one rule file, whose parsed YAML is `content`."""
    rows = content.get("rules") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise RuleFault(f"{file}: a list called rules is expected")
    return tuple(_entry(file, row) for row in rows)


def rules_for(
    file: File, entries: Iterable[RuleEntry], schema: SchemaModel, message: MessageModel, *, shared: bool
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

    def resolve(self, path: Path, starts: Iterable[str] = ("",)) -> list[str]:
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

    def _needs(self, check: Check) -> Iterator[tuple[list[str], Path]]:
        within = getattr(check, "within", Path(text=""))
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
        for path in self.resolve(condition.path, self.resolve(getattr(check, "within", Path(text="")))):
            allowed = self.schema.simple_type(self.types[path]).values("enumeration")
            if allowed and not set(condition.values) <= set(allowed):
                return False
        return True


def _entry(file: File, row: Any) -> RuleEntry:
    if not isinstance(row, dict) or not isinstance(row.get("code"), str):
        raise RuleFault(f"{file}: each rule is a mapping with a code")
    code, kind = row["code"], row.get("kind")
    if kind not in KINDS:
        raise RuleFault(f"{file}: {code}: kind is one of {', '.join(KINDS)}")
    unknown = row.keys() - KINDS[kind] - COMMON_KEYS
    if unknown or not isinstance(row.get("nl"), str) or not isinstance(row.get("en"), str):
        raise RuleFault(f"{file}: {code}: needs the sentences nl and en; unknown keys: {', '.join(sorted(unknown))}")
    messages = row.get("messages")
    try:
        rule = Rule(code=code, nl=row["nl"], en=row["en"], check=_check(kind, row))
    except (KeyError, TypeError, ValueError) as fault:
        raise RuleFault(f"{file}: {code}: {fault!r} in a rule of kind {kind}") from fault
    return RuleEntry(rule=rule, messages=None if messages is None else tuple(messages))


def _check(kind: str, row: dict[str, Any]) -> Check:
    within = Path(text=row.get("within", ""))
    match kind:
        case "check-digit":
            if row["algorithm"] not in CHECKS:
                raise ValueError(row["algorithm"])
            return CheckDigit(at=Path(text=row["at"]), algorithm=row["algorithm"])
        case "sum":
            return Sum(within=within, total=Path(text=row["total"]), terms=_paths(row["terms"]))
        case "one-of":
            choose = _paths(row["choose"])
            least, most = int(row.get("least", 1)), int(row.get("most", 1))
            return OneOf(within=within, condition=_condition(row), choose=choose, least=least, most=most)
        case "date-order":
            return DateOrder(within=within, earlier=Path(text=row["earlier"]), later=Path(text=row["later"]))
        case _:
            return SameSet(condition=_condition(row), here=Path(text=row["here"]), there=Path(text=row["there"]))


def _paths(texts: list[str]) -> tuple[Path, ...]:
    return tuple(Path(text=text) for text in texts)


def _condition(row: dict[str, Any]) -> Condition | None:
    """`when: {Matchen: ["true"]}` or `unless: ...`."""
    for key, negated in (("when", False), ("unless", True)):
        if key in row:
            ((path, values),) = row[key].items()
            return Condition(path=Path(text=path), values=tuple(str(value) for value in values), negated=negated)
    return None
