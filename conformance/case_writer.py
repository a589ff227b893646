"""Writes the mutated cases of a module version: `python -m conformance.case_writer [FOLDER [MODULES...]]`.

Coverage says what must be broken; structure_cases and rule_cases say how; here each case is run once, and one whose
prediction does not come true, or an item without a case, stops the writing: a suite with a hole is not written. What
breaks an assertion of XSD 1.1 nobody can derive; such a case is written by hand and says `covers: rule CODE`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from conformance.coverage import items
from conformance.mutations import CaseFault
from conformance.rule_cases import rule_case
from conformance.schema_cases import SUITE, SampleReader, build
from conformance.schema_runner import agrees, judge
from conformance.structure_cases import DraftCase, SampleIndex, structure_cases
from xsd.assertions import Assertion
from xsd.catalogue import Catalogue, Module, load_catalogue
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.samples import sample_files
from xsd.schema_model import SchemaModel, read_schema_model

HEAD = "# Changes to samples, each breaking one thing; the steps are explained in conformance/mutations.py.\n"


def drafts(catalogue: Catalogue, model: SchemaModel, message_type: MessageType) -> Iterator[DraftCase]:
    """One case for every item of coverage; raises CaseFault where there is none or its prediction fails."""
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
    for draft in structure_cases(index):
        if not comes_true(draft):
            raise CaseFault(f"{message_type.element}: {draft} gives {found(draft)}")
        by_item.setdefault(draft.covers, draft)
    questions = tuple(path.name for q in message_type.answers_to for path in sample_files(message_type.folder, q))
    for rule in message_type.rules:
        case = rule_case(index, rule, questions, comes_true)
        if case is not None:
            by_item[case.covers] = case
    by_hand = {f"rule {rule.code}" for rule in message_type.rules if isinstance(rule.check, Assertion)}
    for item in items(model, message, message_type):
        if item in by_hand:
            continue
        if item not in by_item:
            raise CaseFault(f"{message_type.element}: no case for {item}")
        yield by_item[item]


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


def write_module(catalogue: Catalogue, module: Module, suite: Path) -> int:
    """Write the case files of one module version under `suite`; returns how many cases."""
    folder = suite / module.name / module.version
    folder.mkdir(parents=True, exist_ok=True)
    model = read_schema_model(module.messages[0].schema)
    count = 0
    for message_type in module.messages:
        cases = list(drafts(catalogue, model, message_type))
        (folder / f"{message_type.name}.yaml").write_text(case_file(message_type, cases), "utf-8")
        count += len(cases)
    return count


def main(arguments: list[str]) -> None:
    """Write the cases of the shipped modules, or only of those in the named folders of modules."""
    suite = Path(arguments[0]) if arguments else SUITE
    catalogue = load_catalogue([Path(folder) for folder in arguments[1:]])
    shipped = packaged_modules()
    for module in catalogue.modules:
        if arguments[1:] and module.folder.is_relative_to(shipped):
            continue
        count = write_module(catalogue, module, suite)
        sys.stdout.write(f"{module.name} {module.version}: {count} cases\n")


if __name__ == "__main__":
    main(sys.argv[1:])
