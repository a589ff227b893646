"""knooppunt schema suite: cases with what must be found in them, and a second judge of the same cases."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from conformance.coverage import MessageCoverage, coverage
from conformance.mutations import CaseFault
from conformance.reports import SUITE_WORDS, difference, group_of, totals
from conformance.schema_cases import SUITE, SchemaCase, read_cases, sample_cases
from conformance.schema_runner import CaseResult, run_case
from conformance.second_judge import JudgeFault, Opinion, SecondJudge
from gateway.cli.named_path import NamedPath
from gateway.cli.output import DONE, OUTCOMES, REFUSED, USAGE, Failure, print_document, print_table, speaks
from gateway.cli.report_files import refuse_overwriting
from gateway.cli.schema_options import catalogue_of, modules_option, octets_option
from gateway.cli.schema_results import (
    beside_verdict,
    html_option,
    junit_option,
    result_facts,
    with_progress,
    write_reports,
)
from gateway.clock import SystemClock
from gateway.limits import PAYLOAD_LIMITS, DocumentLimits
from xsd.catalogue import Catalogue

_CASES: Final = "A case is NAME.xml with NAME.expect beside it, or a row of NAME.yaml; mend what is named."
_LOOK_AT_CASES: Final = "mend the message, or what NAME.expect says of it; then run the suite again"


@click.command("suite")
@click.argument("path", required=False, type=click.Path(path_type=NamedPath, file_okay=False, exists=True))
@modules_option
@junit_option
@html_option
@octets_option
@click.option(
    "--judge",
    type=click.Choice(["xmlschema"]),
    help="Ask a second validator about every case as well, and list where it differs.",
)
@speaks
def suite(
    path: Path | None, folders: tuple[Path, ...], junit_file: Path | None, html_file: Path | None, max_octets: int,
    judge: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Run the shipped schema suite, or the cases in the folder PATH.

    With --judge, a case about which a second validator disagrees in layer one is a failure as well.
    """
    refuse_overwriting((junit_file, html_file), (path or SUITE, *folders))
    catalogue = catalogue_of(folders)
    second = None if judge is None else _second_judge(catalogue)
    try:
        cases = list(read_cases(path or SUITE, catalogue))
    except CaseFault as fault:
        raise Failure(str(fault), next_step=_CASES, code=USAGE) from None
    if path is None:
        cases += sample_cases(catalogue)
    if not cases:
        raise Failure(f"{path}: no cases", next_step=_CASES, code=USAGE)
    if second is None and all(case.expect is None for case in cases):
        raise Failure(
            f"{path}: nothing is expected of any case, so nothing would be tested",
            next_step="Put NAME.expect beside NAME.xml, empty for a message that conforms; `knooppunt schema check`"
            " gives verdicts without expectations.",
            code=USAGE,
        )
    cases.sort(key=lambda case: case.id.rpartition("/")[0])
    limits = replace(PAYLOAD_LIMITS, octets=max_octets, text_octets=max_octets)  # as a hub with that limit
    shown = with_progress(cases, "judging", count=len(cases), hidden=as_json)
    results = [run_case(case, catalogue, limits) for case in shown]
    opinions = [] if second is None else _opinions(second, cases, limits, hidden=as_json)
    if not opinions and all(case.expect is None for case in cases):
        raise Failure(
            f"{path}: nothing is expected of any case, and the second judge has no schema for one",
            next_step="Put NAME.expect beside NAME.xml, empty for a message that conforms.",
            code=USAGE,
        )
    differing = [each for each in opinions if each.ours != each.theirs]
    covered = coverage(catalogue, cases)
    unwritten = write_reports(results, covered, junit_file, html_file, words=SUITE_WORDS)
    count = totals(results)
    facts = {
        "at": SystemClock().now(), "passed": count.passed, "failed": count.failed, "judged": count.judged,
        "coverage": [{"message": c.message, "covered": c.covered, "total": c.total} for c in covered],
        "failures": [{**result_facts(r), "expected": r.case.expect} for r in results if r.passed is False],
        "judge": None if judge is None else {
            "name": judge, "asked": len(opinions),
            "differences": [{"case": o.case, "ours": o.ours, "theirs": o.theirs} for o in differing],
        },
    }  # fmt: skip
    wrong = None
    if count.failed or differing:
        wrong = f"{count.failed} {'case is' if count.failed == 1 else 'cases are'} not as expected"
        wrong += f", the judges differ on {len(differing)}" if judge is not None else ""
    if as_json and unwritten is None:
        print_document(
            OUTCOMES[REFUSED if wrong else DONE], facts, error=wrong, next_step=_LOOK_AT_CASES if wrong else ""
        )
    elif not as_json:
        _print_suite(results, covered)
        if judge is not None:
            _print_opinions(judge, len(opinions), differing)
    if unwritten is not None:
        told = beside_verdict(unwritten, wrong)
        told.facts = facts
        raise told
    if wrong:
        if not as_json:
            click.echo(f"knooppunt: {wrong}\n  {_LOOK_AT_CASES}", err=True)
        sys.exit(REFUSED)


def _print_suite(results: Sequence[CaseResult], covered: Sequence[MessageCoverage]) -> None:
    by_group = {c.message: c for c in covered}
    groups: dict[str, list[CaseResult]] = {}
    for result in results:
        groups.setdefault(group_of(result), []).append(result)
    rows = []
    for group, members in groups.items():
        count, c = totals(members), by_group.get(group)
        rows.append((group, len(members), count.passed, count.failed or "", count.judged or "",
                     "" if c is None else f"{c.covered} / {c.total}"))  # fmt: skip
    columns = ("message or folder", "cases", "as expected", "not", "judged only", "covered / total")
    print_table("", columns, rows, empty="No cases.")
    for result in results:
        if result.passed is False:
            click.echo(f"{result.case.id}\n  " + difference(result).replace("\n", "\n  "))
        elif result.passed is None:
            click.echo(f"{result.case.id}\n  {', '.join(result.judgement.found) or 'conforms'} (nothing was expected)")
    for c in covered:
        for item in c.missing:
            click.echo(f"{c.message}: no case breaks {item}")
    count = totals(results)
    total, done = sum(c.total for c in covered), sum(c.covered for c in covered)
    tail = f"; {done} of {total} covered" if total else ""
    click.echo(f"{count.passed} {'case' if count.passed == 1 else 'cases'} as expected, {count.failed} not{tail}")


def _second_judge(catalogue: Catalogue) -> SecondJudge:
    try:
        return SecondJudge(catalogue)
    except JudgeFault as fault:
        raise Failure(
            str(fault), next_step="It comes with the extra xsd11: pip install 'knooppunt[xsd11]'", code=USAGE
        ) from None


def _opinions(
    second: SecondJudge, cases: Sequence[SchemaCase], limits: DocumentLimits, *, hidden: bool
) -> list[Opinion]:
    shown = with_progress(cases, "asking the second judge", count=len(cases), hidden=hidden)
    try:
        return list(second.opinions(shown, limits))
    except JudgeFault as fault:
        raise Failure(str(fault), code=USAGE) from None


def _print_opinions(judge: str, asked: int, differing: Sequence[Opinion]) -> None:
    words = {True: "conforms", False: "does not conform"}
    for each in differing:
        click.echo(f"{each.case}\n  knooppunt: {words[each.ours]}; {judge}: {words[each.theirs]}")
    click.echo(f"{judge} was asked about {asked} {'case' if asked == 1 else 'cases'} and differs in {len(differing)}")
