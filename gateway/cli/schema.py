"""knooppunt schema: the verbs of this noun; here list and sample, the others each in a file of its own."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from lxml import etree

from gateway.cli.named_path import NamedPath
from gateway.cli.output import USAGE, Failure, command_line, print_json, print_table, speaks
from gateway.cli.schema_check import check
from gateway.cli.schema_export import diff, export
from gateway.cli.schema_form import form
from gateway.cli.schema_options import catalogue_of, modules_option, own_modules
from gateway.cli.schema_suite import suite
from gateway.cli.unreadable import mend_unreadable, unreadable_said
from gateway.limits import PAYLOAD_LIMITS
from gateway.named_file import FileRefused, read_named
from xsd.catalogue import Catalogue
from xsd.checking.layers import message_violations
from xsd.document import DocumentFault, parse_document
from xsd.forms.descriptions import form_faults
from xsd.message_type import MessageType
from xsd.module_files import read_module_file
from xsd.payload_header import PayloadHeader, PayloadHeaderFault, read_payload_header
from xsd.sample_faults import sample_faults
from xsd.samples import sample, sample_files

_SEE_THE_NAMES: Final = "See the names with: knooppunt schema list"


@click.group()
def schema() -> None:
    """List, check, sample, compare and export messages, as forms too; run suites."""


for verb in (check, diff, export, form, suite):
    schema.add_command(verb)


@schema.command("list")
@modules_option
@speaks
def list_messages(folders: tuple[Path, ...], as_json: bool) -> None:
    """List every message type: who sends it to whom, and what answers it by when."""
    catalogue = catalogue_of(folders)
    types = list(catalogue)
    faults = [f for module in own_modules(catalogue) for f in (*sample_faults(module), *form_faults(module))]
    wrong = Failure("\n".join(faults), next_step="Mend these files; everything else can be used.", code=USAGE)
    if as_json:
        facts = [
            {
                "module": t.module, "version": t.version, "type": t.name, "service": t.service, "action": t.name,
                "question": t.question, "from": t.senders, "to": t.receivers, "answers": t.answers,
                "term_working_days": t.answer_term_working_days,
                "attachments": [{"kind": a.kind, "from": a.roles} for a in t.attachments],
            }
            for t in types
        ]  # fmt: skip
        if faults:
            wrong.facts = facts
            raise wrong
        print_json(facts)
        return
    rows = [
        (t.module, t.version, t.name, ", ".join(t.senders), ", ".join(t.receivers), _answers(t.answers, t.question),
         t.answer_term_working_days)
        for t in types
    ]  # fmt: skip
    columns = ("module", "version", "message", "from", "to", "answered by", "working days")
    print_table("", columns, rows, empty="There are no modules.")
    if faults:
        raise wrong


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
    type=click.Path(path_type=NamedPath, dir_okay=False, exists=True),
    metavar="FILE",
    help="The message that it answers, of the same module version: parties are swapped, references carried over.",
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
    catalogue = catalogue_of(folders)
    found = catalogue.message(module, version, type_name)
    if found is None:
        raise Failure(
            f"there is no message {type_name} in module {module} {version}",
            next_step=_SEE_THE_NAMES, code=USAGE,
        )  # fmt: skip
    files = {path.name.removeprefix(type_name).removesuffix(".xml").lstrip("."): path
             for path in sample_files(found.folder, type_name)}  # fmt: skip
    path = files.get(variant or "")
    if path is None or not path.is_file():
        names = ", ".join(name for name in files if name) or "none"
        raise Failure("this message has no such sample", next_step=f"Variants: {names}", code=USAGE)
    header = _own_header(catalogue, found, sender, receiver, question)
    _refuse_unusable(path, found.folder, needs_header=bool(header))
    modules = found.folder.parent.parent
    octets = sample(module, version, type_name, variant=variant or None, folder=modules, **header)
    if header:
        _refuse_what_cannot_conform(found, octets)
    text = octets.decode().rstrip("\n") + "\n"
    if as_json:
        print_json({"module": module, "version": version, "type": type_name, "document": text})
    else:
        click.echo(text, nl=False)


def _refuse_unusable(path: Path, folder: Path, *, needs_header: bool) -> None:
    """A sample of a module of one's own may be anything."""
    try:
        document = parse_document(read_module_file(path, folder), limits=PAYLOAD_LIMITS)
        if needs_header:
            read_payload_header(document)
    except FileRefused as refused:
        raise Failure(f"{path}: {refused}", next_step=refused.remedy, code=USAGE) from None
    except DocumentFault as fault:
        raise Failure(unreadable_said(path, fault), next_step=mend_unreadable(fault), code=USAGE) from None
    except PayloadHeaderFault as fault:
        raise Failure(f"{path} is no message: {fault}", next_step="Mend the sample.", code=USAGE) from None


def _refuse_what_cannot_conform(found: MessageType, octets: bytes) -> None:
    """The shipped samples conform: what breaks a rule now was given on the command line or stands in the question."""
    broken = message_violations(found, parse_document(octets, limits=PAYLOAD_LIMITS))
    if broken:
        said = "; ".join(f"{each.path}: {each.en}" for each in broken)
        raise Failure(
            f"the sample would not conform: {said}",
            next_step="Give --from and --to a party id, as 00000099000001001000, and --answering what conforms.",
            code=USAGE,
        )


def _own_header(
    catalogue: Catalogue, found: MessageType, sender: str | None, receiver: str | None, question: Path | None
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
        asked = _question_of(catalogue, found, question)
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
    for name, option, each in (("afzender", "--from", sender), ("ontvanger", "--to", receiver)):
        if each is not None:
            if not each.isprintable():  # XML has no way to write some of these
                raise Failure(f"{option}: characters that are in no party id", code=USAGE)
            header[name] = each
    return header


def _question_of(catalogue: Catalogue, found: MessageType, file: Path) -> PayloadHeader:
    """The header of a question to which that type can be the answer, as far as modules and versions go."""
    document, header = _read_message(file)
    kind = catalogue.of_root(str(document.tag))
    if kind is None:
        raise Failure(f"{file} is no message of a known module", next_step=_SEE_THE_NAMES, code=USAGE)
    if (kind.module, kind.version) != (found.module, found.version):
        there = catalogue.message(kind.module, kind.version, found.name)
        command = ("knooppunt", "schema", "sample", kind.module, kind.version, found.name)
        again = command_line(*command, "--answering", file)
        raise Failure(
            f"{file} asks in {kind.module} {kind.version}, and an answer uses the module version of its question",
            next_step=again if there is not None and kind.name in there.answers_to else _SEE_THE_NAMES,
            code=USAGE,
        )
    return header


def _read_message(file: Path) -> tuple[etree._Element, PayloadHeader]:
    try:
        octets = read_named(file, most_octets=PAYLOAD_LIMITS.octets)
        document = parse_document(octets, limits=PAYLOAD_LIMITS)
        return document, read_payload_header(document)
    except FileRefused as refused:
        if refused.errno == errno.EFBIG:
            too_large = DocumentFault("too-large", str(refused))
            raise Failure(unreadable_said(file, too_large), next_step=mend_unreadable(too_large), code=USAGE) from None
        raise Failure(f"{file}: {refused}", next_step=refused.remedy, code=USAGE) from None
    except DocumentFault as fault:
        raise Failure(unreadable_said(file, fault), next_step=mend_unreadable(fault), code=USAGE) from None
    except PayloadHeaderFault as fault:
        raise Failure(f"{file} is no message: {fault}", code=USAGE) from None
