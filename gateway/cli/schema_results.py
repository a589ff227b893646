"""What a check and a suite make of their results: documents of a run one by one, JSON, and the report files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from conformance.coverage import MessageCoverage
from conformance.reports import Words, html, junit
from conformance.schema_cases import SchemaCase
from conformance.schema_runner import CaseResult
from gateway.cli.named_path import NamedPath
from gateway.cli.output import REFUSED, Failure
from gateway.cli.report_files import unwritten

_REPORT: Final = click.Path(path_type=NamedPath, dir_okay=False)
junit_option = click.option(
    "--junit",
    "junit_file",
    type=click.Path(path_type=NamedPath, dir_okay=False),
    help="Write the results as JUnit XML.",
)
html_option = click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=NamedPath, dir_okay=False),
    help="Write the results as one HTML page.",
)
WORTH_A_BAR = 2000
"""So many documents take longer than a person waits without asking."""


def result_facts(result: CaseResult) -> dict[str, object]:
    """One result as JSON has it."""
    kind = result.judgement.message_type
    return {
        "document": result.case.id,
        "verdict": str(result.judgement.verdict),
        "module": None if kind is None else kind.module,
        "version": None if kind is None else kind.version,
        "type": None if kind is None else kind.name,
        "violations": [
            {"code": v.code, "line": v.line or None, "path": v.path, "nl": v.nl, "en": v.en}
            for v in result.judgement.violations
        ],
    }


def write_reports(
    results: Sequence[CaseResult], covered: Sequence[MessageCoverage], junit_file: Path | None,
    html_file: Path | None, *, words: Words,
) -> Failure | None:  # fmt: skip
    """The report files that were asked for; what could not be written, to be told after the verdicts."""
    reports: list[tuple[Path, bytes]] = []
    if junit_file is not None:
        reports.append((junit_file, junit(results, name=words.title)))
    if html_file is not None:
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        reports.append((html_file, html(results, covered, words=words, at=at).encode()))
    return unwritten(reports)


def beside_verdict(unwritten: Failure, wrong: str | None) -> Failure:
    """A report that could not be written, where something is `wrong` besides: the exit code speaks of the verdict."""
    if wrong is None:
        return unwritten
    return Failure(f"{wrong}; {unwritten.sentence}", next_step=unwritten.next_step, code=REFUSED)


def with_progress(cases: Iterable[SchemaCase], word: str, *, count: int | None, hidden: bool) -> Iterable[SchemaCase]:
    """The cases, with a bar where a person looks on and there is something to wait for; `count` where it is known."""
    if hidden or not sys.stderr.isatty() or (count is not None and count < WORTH_A_BAR):
        return cases
    return _with_bar(cases, word, count)


def _with_bar(cases: Iterable[SchemaCase], word: str, count: int | None) -> Iterator[SchemaCase]:
    from rich.console import Console
    from rich.progress import track

    yield from track(cases, description=word, total=count, console=Console(stderr=True), transient=True)
