"""knooppunt schema check: documents that somebody has, held against schema and rules."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from conformance.gather import DocumentSize, GatherFault, documents
from conformance.reports import CHECK_WORDS
from conformance.schema_runner import CaseResult, Verdict, run_case
from gateway.cli.named_path import NamedPath
from gateway.cli.output import (
    DONE,
    OUTCOMES,
    REFUSED,
    USAGE,
    Failure,
    print_document,
    print_table,
    speaks,
    standard_input,
)
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
from gateway.limits import PAYLOAD_LIMITS


@click.command("check")
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=NamedPath, exists=True, allow_dash=True),
)
@modules_option
@junit_option
@html_option
@octets_option
@speaks
def check(
    paths: tuple[Path, ...], folders: tuple[Path, ...], junit_file: Path | None, html_file: Path | None,
    max_octets: int, as_json: bool,
) -> None:  # fmt: skip
    """Check messages: files, folders and zip archives. Both layers, schema and rules.

    A single - reads one document from standard input. A folder or an archive without a document is wrong usage.
    """
    refuse_overwriting((junit_file, html_file), (*paths, *folders))
    catalogue = catalogue_of(folders)
    limits = replace(PAYLOAD_LIMITS, octets=max_octets, text_octets=max_octets)  # as a hub with that limit
    passed_over: list[str] = []
    found = documents(paths, DocumentSize(octets=max_octets), standard_input, passed_over)
    try:
        results = [
            run_case(replace(case, expect=()), catalogue, limits)
            for case in with_progress(found, "checking", count=None, hidden=as_json)
        ]
    except GatherFault as fault:
        raise Failure(str(fault), code=USAGE) from None
    unwritten = write_reports(results, (), junit_file, html_file, words=CHECK_WORDS)
    bad = [r for r in results if r.judgement.verdict is not Verdict.CONFORMS]
    wrong = f"{len(bad)} of {len(results)} documents do not conform" if bad else None
    facts = [result_facts(r) for r in results]
    left = _not_checked(passed_over, others=bool(results)) if passed_over else None
    if unwritten is not None:
        left = beside_verdict(unwritten, wrong)
    if as_json and left is None:
        print_document(
            OUTCOMES[REFUSED if bad else DONE], facts,
            error=wrong,
            next_step="mend what `violations` names, and check again" if bad else "",
        )  # fmt: skip
    elif not as_json:
        _print_check(results)
    if left is not None:
        left.facts = facts
        raise left
    if bad:
        sys.exit(REFUSED)


def _not_checked(passed_over: Sequence[str], *, others: bool) -> Failure:
    step = "Check what is named by itself, an archive after it was unpacked."
    if others:
        step = f"The other documents have their verdicts. {step}"
    return Failure("not checked: " + "; ".join(passed_over), next_step=step, code=USAGE)


def _print_check(results: Sequence[CaseResult]) -> None:
    rows: list[tuple[object, ...]] = []
    for result in results:
        name, judgement = result.case.id, result.judgement
        kind = judgement.message_type
        message = "" if kind is None else f"{kind.name} {kind.version}"
        rows.append((name, message, str(judgement.verdict), "", "", ""))
        rows += [("", "", "", v.line or "", v.code, f"{v.path}\n{v.nl}\n{v.en}") for v in judgement.violations]
    print_table("", ("document", "message", "verdict", "line", "code", "where and what"), rows, empty="No documents.")
    good = sum(1 for r in results if r.judgement.verdict is Verdict.CONFORMS)
    click.echo(f"{good} of {len(results)} documents conform")
