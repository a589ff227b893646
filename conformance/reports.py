"""Reports of a run: JUnit XML for machines, one HTML page for people.

The page is one file without anything from elsewhere and without a script, so that it can be sent by mail; it holds
codes, paths and sentences and no value of a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import etree

from conformance.coverage import MessageCoverage
from conformance.schema_runner import CaseResult, Verdict

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many cases passed, failed, or only got a verdict."""

    passed: int
    failed: int
    judged: int


def totals(results: Sequence[CaseResult]) -> Totals:
    """Count the results."""
    return Totals(
        passed=sum(1 for r in results if r.passed is True),
        failed=sum(1 for r in results if r.passed is False),
        judged=sum(1 for r in results if r.passed is None),
    )


def group_of(result: CaseResult) -> str:
    """The message, or the folder, that a case is reported under."""
    return result.case.id.rpartition("/")[0] or "(this folder)"


def junit(results: Sequence[CaseResult], *, name: str) -> bytes:
    """JUnit XML with the seconds of each case: a test suite per message, a failure where findings and expectation
    differ; a case that expects nothing was judged and tested nothing, and is skipped."""
    root = etree.Element("testsuites", {"name": name, **_counts(results)})
    for group, members in groupby(results, key=group_of):
        rows = list(members)
        suite = etree.SubElement(root, "testsuite", {"name": group, **_counts(rows)})
        for result in rows:
            case = etree.SubElement(
                suite, "testcase", classname=group, name=result.case.id.rpartition("/")[2], time=f"{result.seconds:.6f}"
            )
            if result.passed is False:
                failure = etree.SubElement(case, "failure", message="the findings are not the expected ones")
                failure.text = "\n".join((difference(result), *_told(result)))
            elif result.passed is None:
                etree.SubElement(case, "skipped", message="nothing was expected of it")
                etree.SubElement(case, "system-out").text = "\n".join(_told(result)) or "conforms"
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _told(result: CaseResult) -> Iterator[str]:
    """Each violation as a person wants it: line, code, path, and the sentence in both languages."""
    for each in result.judgement.violations:
        line = f"line {each.line}: " if each.line else ""
        yield f"{line}{each.code} {each.path}\n  {each.nl}\n  {each.en}"


def _counts(results: Sequence[CaseResult]) -> dict[str, str]:
    count = totals(results)
    return {
        "tests": str(len(results)),
        "failures": str(count.failed),
        "errors": "0",
        "skipped": str(count.judged),
        "time": f"{sum(result.seconds for result in results):.6f}",
    }


def difference(result: CaseResult) -> str:
    """Expected and found, a line each."""
    expect = ", ".join(result.case.expect or ()) or "no violation"
    found = ", ".join(result.judgement.found) or "no violation"
    return f"expected: {expect}\nfound: {found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a page calls its results: of a suite, whose cases expect something, or of documents that should conform."""

    title: str
    good: str
    bad: str
    explanation: str


SUITE_WORDS = Words(
    title="Schema suite",
    good="as expected",
    bad="not as expected",
    explanation="A case is a message with what must be found in it. It is as expected when exactly those violations are"
    " found, each at its own place; a message that conforms has none. Groups with a difference are open below.",
)
CHECK_WORDS = Words(
    title="Check of messages",
    good="conform",
    bad="do not conform",
    explanation="Each message is checked against the schema of its module version and, when it keeps to that, against"
    " the rules that a schema cannot say. Groups with a message that does not conform are open below.",
)


def html(results: Sequence[CaseResult], coverage: Sequence[MessageCoverage], *, words: Words, at: str) -> str:
    """The report page. `at` is the moment of the run as the page shall show it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    groups = [(group, list(members)) for group, members in groupby(results, key=group_of)]
    page = environment.get_template("schema_report.html.j2")
    return page.render(
        words=words, at=at, totals=totals(results), groups=groups, is_suite=words is SUITE_WORDS,
        coverage={c.message: c for c in coverage},
        verdicts=[verdict for verdict in Verdict if any(r.judgement.verdict is verdict for r in results)],
        covered=sum(c.covered for c in coverage), items=sum(c.total for c in coverage), difference=difference,
    )  # fmt: skip
