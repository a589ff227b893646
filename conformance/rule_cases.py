"""Systematic mutation of samples, second half: one case per rule of layer two.

Every kind of rule has its ways of being broken; the first that passes the schema and breaks this rule alone is taken.
The expected path follows from the kind of rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from lxml import etree

from conformance.mutations import CaseFault, Step
from conformance.structure_cases import DraftCase, SampleIndex
from xsd.check_digits import CHECKS
from xsd.rule_kinds import CheckDigit, DateOrder, ElementPath, Fixed, OneOf, Rule, SameSet, Sum

StepsAndPath = tuple[tuple[Step, ...], str]
"""Steps, and the path that must be reported."""

FAR = "2199-12-31"


def rule_case(
    index: SampleIndex, rule: Rule, questions: tuple[str, ...], only: Callable[[DraftCase], bool]
) -> DraftCase | None:
    """A case that breaks `rule` and, as `only` judges, nothing else; None when no sample gives one."""
    for sample, root in index.roots.items():
        for steps, path in _drafts(index, rule, sample, root):
            for question in questions if rule.needs_question else (None,):
                draft = DraftCase(
                    covers=f"rule {rule.code}", sample=sample, steps=steps, expect=(f"{rule.code} {path}",),
                    question=question,
                )  # fmt: skip
                if only(draft):
                    return draft
    return None


def _drafts(index: SampleIndex, rule: Rule, sample: str, root: etree._Element) -> Iterator[StepsAndPath]:
    match rule.check:
        case Fixed(at=at):
            for element in at.find(root):
                other = "9.9" if at.text.endswith("Versie") else "AnderBericht"
                yield (("set", index.path(element), other),), index.path(element)
        case CheckDigit(at=at, algorithm=algorithm):
            for element in at.find(root):
                yield (("set", index.path(element), _other_digit(element.text or "", algorithm)),), index.path(element)
        case Sum() as check:
            yield from _sums(index, check, root)
        case DateOrder() as check:
            for place in check.within.find(root):
                for element in check.earlier.find(place) if check.later.find(place) else ():
                    late = FAR + (element.text or "")[10:]
                    yield (("set", index.path(element), late),), index.path(element)
        case SameSet(here=here):
            for element in here.find(root)[-1:]:
                parent = element.getparent()
                if parent is not None:
                    yield (("drop", index.path(parent)),), index.path(root)
        case OneOf() as check:
            yield from _too_few(index, check, root)
            yield from _surplus(index, check, sample, root)


def _other_digit(value: str, algorithm: str) -> str:
    return next(changed for digit in "0123456789" if not CHECKS[algorithm](changed := value[:-1] + digit))


def _sums(index: SampleIndex, check: Sum, root: etree._Element) -> Iterator[StepsAndPath]:
    for place in check.within.find(root):
        totals = check.total.find(place)
        terms = [e for path in check.terms for e in path.find(place)]
        for changed in (*totals, *terms) if totals and terms else ():
            value = str(Decimal(changed.text or "0") + 1)
            yield (("set", index.path(changed), value),), index.path(totals[0])


def _too_few(index: SampleIndex, check: OneOf, root: etree._Element) -> Iterator[StepsAndPath]:
    for place in check.within.find(root) if check.least else ():
        present = [e for path in check.choose for e in path.find(place)]
        if present and (check.condition is None or check.condition.holds(place)):
            yield tuple(("drop", index.path(e)) for e in reversed(present)), index.path(place)


def _surplus(index: SampleIndex, check: OneOf, sample: str, root: etree._Element) -> Iterator[StepsAndPath]:
    """An element that may not be there copied in, or the condition changed so that one that is there may not be."""
    for place in check.within.find(root):
        for path in check.choose:
            if check.condition is not None and "/" not in path.text and not path.find(place):
                yield from _copied(index, path, place, sample, check)
        present = [e for path in check.choose for e in path.find(place)]
        if check.condition is not None and not check.condition.negated and len(present) > check.most:
            for element in check.condition.path.find(place):
                for value in check.condition.values:
                    yield (("set", index.path(element), value),), index.path(present[check.most])


def _copied(
    index: SampleIndex, path: ElementPath, place: etree._Element, sample: str, check: OneOf
) -> Iterator[StepsAndPath]:
    for source_name, source_root in index.roots.items():
        for source_place in check.within.find(source_root):
            for source in path.find(source_place)[:1]:
                for position in range(len(place), -1, -1):
                    step: Step = ("copy", source_name, index.path(source), index.path(place), position)
                    try:
                        changed = index.after(sample, step)
                    except CaseFault:
                        continue
                    where = next(p for p in check.within.find(changed) if index.path(p) == index.path(place))
                    yield (step,), index.path(path.find(where)[0])
