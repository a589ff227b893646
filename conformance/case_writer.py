"""Writes the mutated cases of a module version: `python -m conformance.case_writer FOLDER [MODULES...]`.

A sample is changed to break one thing, so one that is wrong before is told first, and nothing else then. Coverage says
what must be broken; structure_cases and rule_cases say how; here each case is run once. Each case whose prediction does
not come true, and each item without a case, is told by a sentence, and then nothing is written: a suite with a hole is
none. What breaks an assertion of XSD 1.1 nobody can derive; such a case is written by hand and says `covers: rule
CODE`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.coverage import items
from conformance.mutations import CaseFault
from conformance.rule_cases import rule_case
from conformance.schema_cases import SampleReader, build
from conformance.schema_runner import agrees, judge
from conformance.structure_cases import DraftCase, SampleIndex, structure_cases
from xsd.assertions import Assertion
from xsd.catalogue import Catalogue, CatalogueFault, Module, load_catalogue
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.samples import sample_files
from xsd.schema_files import SchemaFault
from xsd.schema_model import SchemaModel, read_schema_model

USAGE = "usage: python -m conformance.case_writer FOLDER [MODULES...]\n"
HEAD = "# Changes to samples, each breaking one thing; the steps are explained in conformance/mutations.py.\n"


class WrongSamples(CaseFault):
    """Samples that do not conform as they are: whatever else is found follows from them."""


def _wrong_samples(catalogue: Catalogue, message_type: MessageType) -> Iterator[str]:
    """A line for everything that is wrong with a sample before it is changed."""
    reader = SampleReader(message_type.folder)
    for path in sample_files(message_type.folder, message_type.name):
        for found in judge(build(reader, path.name, ()), catalogue).found:
            yield f"{message_type.name}: the sample {path.name} is wrong as it is: {found}"


def drafts(catalogue: Catalogue, model: SchemaModel, message_type: MessageType) -> Iterator[DraftCase]:
    """One case for every item of coverage; raises CaseFault with a line for each that has none, or whose case does
    otherwise than predicted.
    """
    reader = SampleReader(message_type.folder)
    names = tuple(path.name for path in sample_files(message_type.folder, message_type.name))
    message = model.message(message_type.name)
    index = SampleIndex(model, message, reader, names)

    def found(draft: DraftCase) -> tuple[str, ...] | None:
        try:
            question = None if draft.question is None else build(reader, draft.question, ())
            return judge(build(reader, draft.sample, draft.steps), catalogue, question=question).found
        except CaseFault:
            return None

    def comes_true(draft: DraftCase) -> bool:
        result = found(draft)
        return result is not None and bool(agrees(draft.expect, result))

    by_item: dict[str, DraftCase] = {}
    holes: list[str] = []
    for draft in structure_cases(index):
        if not comes_true(draft):
            holes.append(f"{message_type.name}: {_otherwise(draft, found(draft))}")
        by_item.setdefault(draft.covers, draft)
    questions = tuple(path.name for q in message_type.answers_to for path in sample_files(message_type.folder, q))
    for rule in message_type.rules:
        case = rule_case(index, rule, questions, comes_true)
        if case is not None:
            by_item[case.covers] = case
    by_hand = {f"rule {rule.code}" for rule in message_type.rules if isinstance(rule.check, Assertion)}
    wanted = [each for each in items(model, message, message_type) if each not in by_hand]
    holes += [f"{message_type.name}: no sample gives a case for {each}" for each in wanted if each not in by_item]
    if holes:
        raise CaseFault("\n".join(holes))
    yield from (by_item[each] for each in wanted)


def _otherwise(draft: DraftCase, found: tuple[str, ...] | None) -> str:
    what = "cannot be built" if found is None else f"gives {', '.join(found) or 'nothing'}"
    return f"{draft.sample}, changed for {draft.covers}, {what} instead of {', '.join(draft.expect)}"


def case_file(message_type: MessageType, cases: list[DraftCase]) -> str:
    """The YAML text of one message's cases, a case a line."""
    lines = [HEAD, f"module: {message_type.module}\n", f'version: "{message_type.version}"\n', "cases:\n"]
    for case in cases:
        steps = ", ".join("[" + ", ".join(_scalar(value) for value in step) + "]" for step in case.steps)
        question = "" if case.question is None else f", question: {_scalar(case.question)}"
        expect = ", ".join(_scalar(text) for text in case.expect)
        lines.append(
            f"  - {{id: {_scalar(case.covers.replace(' ', '-').replace('/', '-'))}, covers: {_scalar(case.covers)}, "
            f"sample: {_scalar(case.sample)}, do: [{steps}]{question}, expect: [{expect}]}}\n"
        )
    return "".join(lines)


_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
"""What YAML readers take for something other than text."""


def _scalar(value: str | int) -> str:
    """A YAML scalar: bare where that is the same text to every reader, else in double quotes."""
    if isinstance(value, int):
        return str(value)
    bare = (value[:1].isalpha() or value[:1] == "/") and value.lower() not in _WORDS
    if bare and not set(value) & set(",:[]{}#&*!|>'\"%@`\x7f") and value.isprintable():
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in escaped) + '"'


def module_files(catalogue: Catalogue, module: Module) -> dict[str, tuple[str, int]]:
    """The case files of one module version by name, each with how many cases it has; raises CaseFault with a line for
    every hole.
    """
    model = read_schema_model(module.messages[0].schema)
    wrong = [line for each in module.messages for line in _wrong_samples(catalogue, each)]
    if wrong:
        raise WrongSamples("\n".join(f"{module.name}/{module.version}/{line}" for line in wrong))
    made: dict[str, tuple[str, int]] = {}
    holes: list[str] = []
    for message_type in module.messages:
        try:
            cases = list(drafts(catalogue, model, message_type))
        except CaseFault as fault:
            holes.append(str(fault))
            continue
        made[f"{message_type.name}.yaml"] = (case_file(message_type, cases), len(cases))
    if holes:
        raise CaseFault(
            "\n".join(f"{module.name}/{module.version}/{line}" for each in holes for line in each.split("\n"))
        )
    return made


def write_suite(suite: Path, modules: Sequence[Path]) -> None:
    """Write the cases of the shipped modules, or only of those in these folders of modules."""
    catalogue = load_catalogue(modules)
    shipped = packaged_modules()
    wanted = [each for each in catalogue.modules if not modules or not each.folder.is_relative_to(shipped)]
    holes: list[CaseFault] = []
    for module in wanted:
        try:
            made = module_files(catalogue, module)
        except CaseFault as fault:
            holes.append(fault)
            continue
        folder = suite / module.name / module.version
        folder.mkdir(parents=True, exist_ok=True)
        for name, (text, _) in made.items():
            (folder / name).write_text(text, "utf-8")
        sys.stdout.write(f"{module.name} {module.version}: {sum(count for _, count in made.values())} cases\n")
    if any(isinstance(each, WrongSamples) for each in holes):
        raise WrongSamples("\n".join(str(each) for each in holes if isinstance(each, WrongSamples)))
    if holes:
        raise CaseFault("\n".join(map(str, holes)))


def main(arguments: list[str]) -> int:
    """The exit code: 1 where a module version got no suite, each reason a line on standard error; 2 for wrong usage."""
    if not arguments or any(not each or each.startswith("-") for each in arguments):
        sys.stderr.write(USAGE)
        return 2
    try:
        write_suite(Path(arguments[0]), [Path(each) for each in arguments[1:]])
    except WrongSamples as fault:
        sys.stderr.write(f"{fault}\nmend these samples first, and run this again\n")
        return 1
    except CaseFault as fault:
        sys.stderr.write(f"{fault}\nadd a sample, or write the case by hand, and run this again\n")
        return 1
    except (CatalogueFault, SchemaFault) as fault:
        sys.stderr.write(f"{fault}\nmend it; `knooppunt schema list --modules FOLDER` lists all that is wrong\n")
        return 2
    except OSError as fault:
        sys.stderr.write(f"{fault.filename}: {fault.strerror}\nname a folder that can be read and written\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
