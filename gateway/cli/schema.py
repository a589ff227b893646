"""knooppunt schema: list, check and sample messages; run schema suites."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from conformance.coverage import MessageCoverage, coverage
from conformance.gather import GatherFault, Limits, documents
from conformance.mutations import CaseFault
from conformance.reports import CHECK_WORDS, SUITE_WORDS, Words, difference, group_of, html, junit, totals
from conformance.schema_cases import SUITE, SchemaCase, read_cases, sample_cases
from conformance.schema_runner import CaseResult, Verdict, run_case
from gateway.cli.output import REFUSED, USAGE, Failure, print_json, print_table, speaks
from xsd.catalogue import Catalogue, CatalogueFault, load_catalogue
from xsd.document import PAYLOAD_LIMITS, DocumentFault, parse_document
from xsd.message_type import MessageType
from xsd.payload_header import PayloadHeader, PayloadHeaderFault, read_payload_header
from xsd.samples import sample, sample_files
from xsd.schema_files import SchemaFault

modules_option = click.option(
    "--modules", "folders", multiple=True, type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of Module/version/ beside the shipped ones; may be given more than once.",
)  # fmt: skip
junit_option = click.option(
    "--junit", "junit_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the results as JUnit XML."
)
html_option = click.option(
    "--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the results as one HTML page."
)
octets_option = click.option(
    "--max-octets", type=click.IntRange(min=1), default=PAYLOAD_LIMITS.octets, show_default=True,
    help="The largest document that is read.",
)  # fmt: skip


@click.group()
def schema() -> None:
    """List, check and sample messages; run schema suites."""


def _catalogue(folders: Sequence[Path]) -> Catalogue:
    try:
        return load_catalogue(folders)
    except (CatalogueFault, SchemaFault) as fault:
        raise Failure(str(fault), next_step="Mend it, or leave its folder out of --modules.", code=USAGE) from None


@schema.command("list")
@modules_option
@speaks
def list_messages(folders: tuple[Path, ...], as_json: bool) -> None:
    """List every message type: who sends it to whom, and what answers it by when."""
    types = list(_catalogue(folders))
    if as_json:
        print_json([
            {
                "module": t.module, "version": t.version, "type": t.name, "service": t.service, "action": t.name,
                "question": t.question, "from": t.senders, "to": t.receivers, "answers": t.answers,
                "term_working_days": t.answer_term_working_days,
                "attachments": [{"kind": a.kind, "from": a.roles} for a in t.attachments],
            }
            for t in types
        ])  # fmt: skip
        return
    rows = [
        (t.module, t.version, t.name, ", ".join(t.senders), ", ".join(t.receivers), _answers(t.answers, t.question),
         t.answer_term_working_days)
        for t in types
    ]  # fmt: skip
    columns = ("module", "version", "message", "from", "to", "answered by", "working days")
    print_table("", columns, rows, empty="There are no modules.")


def _answers(answers: Sequence[str], question: bool) -> str:
    return ", ".join(answers) + ("" if question or not answers else " (optional)")


@schema.command("sample")
@click.argument("module")
@click.argument("version")
@click.argument("type_name", metavar="TYPE")
@click.option("--variant", help="Another sample of the same message; without a name that exists, they are listed.")
@click.option("--from", "sender", metavar="PARTY", help="Party id of the sender (Afzender).")
@click.option("--to", "receiver", metavar="PARTY", help="Party id of the receiver (Ontvanger).")
@click.option(
    "--answering",
    "question",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="The message that it answers: parties are swapped, references carried over.",
)
@modules_option
@speaks
def show_sample(
    module: str,
    version: str,
    type_name: str,
    variant: str | None,
    sender: str | None,
    receiver: str | None,
    question: Path | None,
    folders: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Print a complete sample message about invented people.

    With --from, --to or --answering it becomes a message of your own, with fresh references and the time of now.
    """
    catalogue = _catalogue(folders)
    found = catalogue.message(module, version, type_name)
    if found is None:
        raise Failure(
            f"there is no message {type_name} in module {module} {version}",
            next_step="See the names with: knooppunt schema list", code=USAGE,
        )  # fmt: skip
    files = {path.name.removeprefix(type_name).removesuffix(".xml").lstrip("."): path
             for path in sample_files(found.folder, type_name)}  # fmt: skip
    path = files.get(variant or "")
    if path is None or not path.is_file():
        names = ", ".join(name for name in files if name) or "none"
        raise Failure("this message has no such sample", next_step=f"Variants: {names}", code=USAGE)
    header = _own_header(found, sender, receiver, question)
    modules = found.folder.parent.parent
    text = sample(module, version, type_name, variant=variant or None, folder=modules, **header).decode()
    if as_json:
        print_json({"module": module, "version": version, "type": type_name, "document": text})
    else:
        click.echo(text, nl=False)


def _own_header(
    found: MessageType, sender: str | None, receiver: str | None, question: Path | None
) -> dict[str, str | datetime]:
    """The header values that make a sample somebody's own message; none, and it stays as it is shipped."""
    if (sender, receiver, question) == (None, None, None):
        return {}
    header: dict[str, str | datetime] = {
        "referentienummer": str(uuid.uuid4()),
        "conversatie_referentienummer": str(uuid.uuid4()),
        "aanmaakmoment": datetime.now(UTC),
    }
    if question is not None:
        asked = _header_of(question)
        if asked.berichttype not in found.answers_to:
            answered = " or ".join(found.answers_to) or "nothing"
            raise Failure(
                f"{found.name} answers {answered}, and {question} is {asked.berichttype}",
                next_step="See what answers what with: knooppunt schema list", code=USAGE,
            )  # fmt: skip
        header |= {
            "conversatie_referentienummer": asked.conversatie_referentienummer,
            "cross_referentienummer": asked.referentienummer,
            "afzender": asked.ontvanger,
            "ontvanger": asked.afzender,
        }
    return header | {name: each for name, each in (("afzender", sender), ("ontvanger", receiver)) if each}


def _header_of(file: Path) -> PayloadHeader:
    try:
        return read_payload_header(parse_document(file.read_bytes(), limits=PAYLOAD_LIMITS))
    except DocumentFault as fault:
        raise Failure(f"{file} is not an XML document that can be read: {fault.reason}", code=USAGE) from None
    except PayloadHeaderFault as fault:
        raise Failure(f"{file} is no message: {fault}", code=USAGE) from None


@schema.command("check")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@modules_option
@junit_option
@html_option
@octets_option
@speaks
def check(
    paths: tuple[Path, ...], folders: tuple[Path, ...], junit_file: Path | None, html_file: Path | None,
    max_octets: int, as_json: bool,
) -> None:  # fmt: skip
    """Check messages: files, folders and zip archives. Both layers, schema and rules."""
    catalogue = _catalogue(folders)
    limits = replace(PAYLOAD_LIMITS, octets=max_octets)
    try:
        cases = list(documents(paths, Limits(octets=max_octets)))
    except GatherFault as fault:
        raise Failure(str(fault), code=USAGE) from None
    results = [
        run_case(replace(case, expect=()), catalogue, limits) for case in _progress(cases, "checking", hidden=as_json)
    ]
    _write(results, (), junit_file, html_file, words=CHECK_WORDS)
    bad = [r for r in results if r.judgement.verdict is not Verdict.CONFORMS]
    if as_json:
        print_json([_as_json(r) for r in results])
    else:
        _print_check(results)
    if bad:
        sys.exit(REFUSED)


def _print_check(results: Sequence[CaseResult]) -> None:
    rows: list[tuple[object, ...]] = []
    for result in results:
        name, judgement = result.case.id, result.judgement
        kind = judgement.message_type
        message = "" if kind is None else f"{kind.name} {kind.version}"
        rows.append((name, message, str(judgement.verdict), "", "", ""))
        rows += [("", "", "", v.line, v.code, f"{v.path}\n{v.nl}\n{v.en}") for v in judgement.violations]
    print_table("", ("document", "message", "verdict", "line", "code", "where and what"), rows, empty="No documents.")
    good = sum(1 for r in results if r.judgement.verdict is Verdict.CONFORMS)
    click.echo(f"{good} of {len(results)} documents conform")


@schema.command("suite")
@click.argument("path", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True))
@modules_option
@junit_option
@html_option
@octets_option
@speaks
def suite(
    path: Path | None, folders: tuple[Path, ...], junit_file: Path | None, html_file: Path | None, max_octets: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Run the shipped schema suite, or the cases in the folder PATH."""
    catalogue = _catalogue(folders)
    try:
        cases = list(read_cases(path or SUITE, catalogue))
    except CaseFault as fault:
        raise Failure(str(fault), next_step="Cases: docs/how-to/test-your-messages.md", code=USAGE) from None
    if path is None:
        cases += sample_cases(catalogue)
    if not cases:
        raise Failure(f"{path}: no cases", next_step="A case is NAME.xml with NAME.expect, or NAME.yaml.", code=USAGE)
    cases.sort(key=lambda case: case.id.rpartition("/")[0])
    limits = replace(PAYLOAD_LIMITS, octets=max_octets)
    results = [run_case(case, catalogue, limits) for case in _progress(cases, "judging", hidden=as_json)]
    covered = coverage(catalogue, cases)
    _write(results, covered, junit_file, html_file, words=SUITE_WORDS)
    count = totals(results)
    if as_json:
        print_json({
            "passed": count.passed, "failed": count.failed, "judged": count.judged,
            "coverage": [{"message": c.message, "covered": c.covered, "total": c.total} for c in covered],
            "failures": [{**_as_json(r), "expected": r.case.expect} for r in results if r.passed is False],
        })  # fmt: skip
    else:
        _print_suite(results, covered)
    if count.failed:
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


def _as_json(result: CaseResult) -> dict[str, object]:
    kind = result.judgement.message_type
    return {
        "document": result.case.id,
        "verdict": str(result.judgement.verdict),
        "module": None if kind is None else kind.module,
        "version": None if kind is None else kind.version,
        "type": None if kind is None else kind.name,
        "violations": [
            {"code": v.code, "line": v.line, "path": v.path, "nl": v.nl, "en": v.en}
            for v in result.judgement.violations
        ],
    }


def _write(
    results: Sequence[CaseResult], covered: Sequence[MessageCoverage], junit_file: Path | None,
    html_file: Path | None, *, words: Words,
) -> None:  # fmt: skip
    try:
        if junit_file is not None:
            junit_file.write_bytes(junit(results, name=words.title))
        if html_file is not None:
            at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            html_file.write_text(html(results, covered, words=words, at=at), "utf-8")
    except OSError as fault:
        raise Failure(f"{fault.filename}: {fault.strerror}", code=USAGE) from None


def _progress(cases: list[SchemaCase], word: str, *, hidden: bool) -> Iterable[SchemaCase]:
    """A bar where a person looks on and there is something to wait for."""
    if hidden or len(cases) < 2000 or not sys.stderr.isatty():
        return cases
    return _with_bar(cases, word)


def _with_bar(cases: list[SchemaCase], word: str) -> Iterator[SchemaCase]:
    from rich.console import Console
    from rich.progress import track

    yield from track(cases, description=word, console=Console(stderr=True), transient=True)
