"""What layer two can demand: the closed list of rule kinds, and a rule with its code and its sentences.

The kinds: check digit, sum, one-of, date order, same set. A rule needs one document, or also the question that the
document answers; the latter run where the question is at hand, which is the participant's side. Rules are data, read
from `rules.yaml` beside a schema and from `common/GENERATION.rules.yaml` (xsd/rule_files.py);
xsd/checking holds documents against them. They are meant for documents that passed layer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from lxml import etree

from xsd.check_digits import CHECKS
from xsd.document import text_of

Finding = Iterator[etree._Element]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementPath:
    """Element names from the element it starts at: `A/B`, or `//B` for any depth; empty for that element itself."""

    text: str

    def find(self, start: etree._Element) -> list[etree._Element]:
        """The elements at this path, in document order."""
        if not self.text:
            return [start]
        tag = str(start.tag)
        return start.findall(_steps(self.text, tag[: tag.find("}") + 1]))


@lru_cache(maxsize=4096)
def _steps(text: str, namespace: str) -> str:
    """A path of rule files as lxml reads it; `namespace` in braces."""
    steps = "/".join(namespace + name for name in text.removeprefix("//").split("/"))
    return f".//{steps}" if text.startswith("//") else steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Whether a rule holds here: the element at `path` has one of `values`, or (`negated`) has none of them."""

    path: ElementPath
    values: tuple[str, ...]
    negated: bool

    def holds(self, start: etree._Element) -> bool:
        """True where the rule must be kept."""
        return any(text_of(e).strip() in self.values for e in self.path.find(start)) is not self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDigit:
    """The value at `at` passes the named check (xsd/check_digits.py)."""

    at: ElementPath
    algorithm: str

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The elements whose check digit is wrong."""
        return (e for e in self.at.find(document) if not CHECKS[self.algorithm](text_of(e).strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """In each `within`, `total` is the sum of all `terms` there; where there are no terms there is nothing to add."""

    within: ElementPath
    total: ElementPath
    terms: tuple[ElementPath, ...]

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The totals that are wrong."""
        for place in self.within.find(document):
            terms = [Decimal(text_of(e).strip()) for path in self.terms for e in path.find(place)]
            for total in self.total.find(place) if terms else ():
                if Decimal(text_of(total).strip()) != sum(terms):
                    yield total


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """In each `within` where `condition` holds, at least `least` and at most `most` of the elements are present."""

    within: ElementPath
    condition: Condition | None
    choose: tuple[ElementPath, ...]
    least: int
    most: int

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The place where one is missing, or the first one too many."""
        for place in self.within.find(document):
            if self.condition is not None and not self.condition.holds(place):
                continue
            present = [found[0] for path in self.choose if (found := path.find(place))]
            if len(present) < self.least:
                yield place
            elif len(present) > self.most:
                yield present[self.most]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateOrder:
    """In each `within`, no date at `earlier` is after a date at `later`. A moment beside a date counts as its date."""

    within: ElementPath
    earlier: ElementPath
    later: ElementPath

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The earlier dates that are too late."""
        for place in self.within.find(document):
            bounds = [text_of(e).strip() for e in self.later.find(place)]
            for element in self.earlier.find(place):
                value = text_of(element).strip()
                if any(value[: len(bound)] > bound[: len(value)] for bound in bounds):
                    yield element


@dataclass(frozen=True, slots=True, kw_only=True)
class SameSet:
    """Where `condition` holds, the values at `here` are those at `there` in the question, none more and none less."""

    condition: Condition | None
    here: ElementPath
    there: ElementPath

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The document, when the sets differ."""
        if question is None or (self.condition is not None and not self.condition.holds(document)):
            return
        here = sorted(text_of(e).strip() for e in self.here.find(document))
        if here != sorted({text_of(e).strip() for e in self.there.find(question)}):
            yield document


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """The value at `at` is `value`. No kind for rule files: the header rules below are made of it."""

    at: ElementPath
    value: str

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The elements with another value."""
        return (e for e in self.at.find(document) if text_of(e).strip() != self.value)


class Check(Protocol):
    """What a rule demands: one of the kinds above, or an assertion of XSD 1.1 (xsd/assertions.py)."""

    def broken(self, document: etree._Element, question: etree._Element | None) -> Finding:
        """The elements that do not meet it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of layer two with its code and its sentences. `needs_question`: it runs where the question is known."""

    code: str
    nl: str
    en: str
    check: Check

    @property
    def needs_question(self) -> bool:
        """True when one document is not enough."""
        return isinstance(self.check, SameSet)


def header_rules(name: str, version: str) -> tuple[Rule, ...]:
    """The rules of every message: the header says the version and the type that the message is of."""
    return (
        Rule(
            code="STUUR-VERSIE",
            nl="De versie in de stuurgegevens is niet de versie van de module.",
            en="The version in the header of the message is not the version of the module.",
            check=Fixed(at=ElementPath(text="Stuurgegevens/Versie"), value=version),
        ),
        Rule(
            code="STUUR-BERICHTTYPE",
            nl="Het berichttype in de stuurgegevens is niet het type van dit bericht.",
            en="The message type in the header of the message is not the type of this message.",
            check=Fixed(at=ElementPath(text="Stuurgegevens/Berichttype"), value=name),
        ),
    )
