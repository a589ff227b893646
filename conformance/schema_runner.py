"""Judges documents by both layers and compares the findings with what a case expects.

Knows schemas and rules, and nothing of the hub: the same verdicts hold for any product that carries these messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from time import perf_counter

from lxml import etree

from conformance.schema_cases import SchemaCase
from gateway.limits import PAYLOAD_LIMITS, DocumentLimits
from xsd.catalogue import Catalogue
from xsd.checking.layers import message_violations
from xsd.checking.violations import Violation, line_of, sentences, unreadable
from xsd.document import DocumentFault, parse_document
from xsd.message_type import MessageType


class Verdict(StrEnum):
    """What became of a document or a case."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one document, and everything found in it."""

    verdict: Verdict
    message_type: MessageType | None
    violations: tuple[Violation, ...] = ()

    @property
    def found(self) -> tuple[str, ...]:
        """What was found, as cases write it: `CODE /path`."""
        return tuple(f"{v.code} {v.path}" for v in self.violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case with its judgement and the seconds it took. `passed` is None where the case expects nothing in
    particular. The octets of the case are gone: a run keeps what it found and not what it read."""

    case: SchemaCase
    judgement: Judgement
    passed: bool | None
    seconds: float = 0.0


def judge(
    octets: bytes, catalogue: Catalogue, *, question: bytes | None = None, limits: DocumentLimits = PAYLOAD_LIMITS
) -> Judgement:
    """Judge one document: readable, of a known message type, by its schema, and then by the rules."""
    try:
        document = parse_document(octets, limits=limits)
    except DocumentFault as fault:
        return Judgement(
            verdict=Verdict.UNREADABLE, message_type=None, violations=(unreadable(fault.code, fault.line),)
        )
    message_type = catalogue.of_root(str(document.tag))
    if message_type is None:
        nl, en = sentences("DOC-UNKNOWN-MESSAGE")
        unknown = Violation(code="DOC-UNKNOWN-MESSAGE", line=line_of(document), path="/*", nl=nl, en=en)
        return Judgement(verdict=Verdict.UNKNOWN, message_type=None, violations=(unknown,))
    asked: etree._Element | None = None if question is None else parse_document(question, limits=limits)
    found = message_violations(message_type, document, question=asked)
    verdict = Verdict.VIOLATES if found else Verdict.CONFORMS
    return Judgement(verdict=verdict, message_type=message_type, violations=found)


def run_case(case: SchemaCase, catalogue: Catalogue, limits: DocumentLimits = PAYLOAD_LIMITS) -> CaseResult:
    """Judge the document of a case and compare."""
    began = perf_counter()
    judgement = judge(case.octets, catalogue, question=case.question, limits=limits)
    seconds = perf_counter() - began
    passed = agrees(case.expect, judgement.found)
    kept = replace(case, octets=b"", question=None)
    return CaseResult(case=kept, judgement=judgement, passed=passed, seconds=seconds)


def agrees(expect: Iterable[str] | None, found: Iterable[str]) -> bool | None:
    """Whether the expected findings are those found: all of them, none else; an expected code without a path fits any
    path."""
    if expect is None:
        return None
    left = list(found)
    for wanted in expect:
        fit = next((f for f in left if f == wanted or (" " not in wanted and f.split(" ")[0] == wanted)), None)
        if fit is None:
            return False
        left.remove(fit)
    return not left
