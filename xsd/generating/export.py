"""Everything about the messages as files for stacks without Python: schemas, samples, rules in words, changes.

The folder stands on its own: schemas include each other by relative names inside it, and what Python knows from the
catalogues stands in `messages.json` (all module versions) and `rules.json` (one a module version).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePosixPath

from xsd.assertions import ASSERTIONS_FILE, Assertion
from xsd.catalogue import Catalogue, Module
from xsd.generating.differences import MessageDifference, module_differences
from xsd.generating.fields import field_rows
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.rule_kinds import ElementPath, Rule
from xsd.samples import sample_files
from xsd.schema_files import SCHEMA_FILE, XS, included_file
from xsd.schema_model import read_schema_model

README = """\
# Messages of the knooppunt

Made by `knooppunt schema export`. Nothing here needs Python.

- `messages.json`: every message of every module version: who sends it to whom, what answers it, within how many working
  days, which documents it must bring; the ebMS Service and Action.
- `Module/version/schema.xsd`: layer one, XSD 1.0. It includes `common/GENERATION.xsd` by a relative name: keep the
  folders as they are. The root element of a document is its message type.
- `Module/version/samples/`: complete messages about invented people; each conforms. `common/voorbeeld.pdf` is a
  document to send along.
- `Module/version/rules.md` and `rules.json`: layer two, what a schema cannot say, in words and as data. A rule holds in
  every place that its paths name, from the root element; `//X` is an X at any depth. The kinds are explained below.
- `Module/version/fields.md`: every field with its type, obligation and meaning.
- `Module/version/changes.md`: what differs from the version before.

## Kinds of rules

| kind | demand |
|---|---|
| CheckDigit | the value at `at` passes `algorithm`: eleven test (`bsn`, `rsin`), modulo 97 and country form (`iban`) |
| Sum | in each `within`, `total` is the sum of all `terms`; nothing is asked where there are no terms |
| OneOf | in each `within` where `condition` holds, at least `least` and at most `most` of `choose` are present |
| DateOrder | in each `within`, no date at `earlier` is after one at `later`; of a moment, the date counts |
| SameSet | where `condition` holds, the values at `here` are those at `there` in the question: none more, none less |
| Fixed | the value at `at` is `value` |
| Assertion | the assertion with this id in `assertions.xsd` (XSD 1.1) |

A condition names a path and values: it holds where the element has one of them, or, `negated`, where it has none.
"""


def exported(catalogue: Catalogue) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Every file of the export: its path below the folder, and its octets."""
    yield PurePosixPath("README.md"), README.encode()
    yield PurePosixPath("messages.json"), _json([_message(t) for t in catalogue])
    yield PurePosixPath("common/voorbeeld.pdf"), (packaged_modules() / "common" / "voorbeeld.pdf").read_bytes()
    shared: dict[PurePosixPath, bytes] = {}
    for module in catalogue.modules:
        folder = PurePosixPath(module.name, module.version)
        for place, octets in schema_documents(module):
            if shared.setdefault(place, octets) != octets:
                raise ValueError(f"{place}: two modules include different files of this name")
        for message in module.messages:
            for path in sample_files(module.folder, message.name):
                if path.is_file():
                    yield folder / "samples" / path.name, path.read_bytes()
        yield folder / "rules.md", _rules_in_words(module).encode()
        yield folder / "rules.json", _json(list(_rules_as_data(module)))
        yield folder / "fields.md", _fields(module).encode()
        yield folder / "changes.md", _changes(catalogue, module).encode()
    yield from shared.items()


def schema_documents(module: Module) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The schema of a module version and what it includes, at paths that fit their relative names."""
    folder = PurePosixPath(module.name, module.version)
    for name in (SCHEMA_FILE, ASSERTIONS_FILE):
        if (module.folder / name).is_file():
            yield folder / name, (module.folder / name).read_bytes()
    for include in module.messages[0].schema.documents[0].iterchildren(f"{XS}include"):
        location = include.get("schemaLocation", "")
        octets = included_file(module.folder, location).read_bytes()
        yield PurePosixPath(*_resolved((*folder.parts, *PurePosixPath(location).parts))), octets


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _message(t: MessageType) -> Mapping[str, object]:
    return {
        "module": t.module, "version": t.version, "type": t.name, "service": t.service, "action": t.name,
        "namespace": t.namespace, "question": t.question, "from": t.senders, "to": t.receivers, "answers": t.answers,
        "answers_to": t.answers_to, "waives": t.waives, "term_working_days": t.answer_term_working_days,
        "attachments": [{"kind": a.kind, "from": a.roles} for a in t.attachments],
        "samples": [path.name for path in sample_files(t.folder, t.name) if path.is_file()],
    }  # fmt: skip


def _resolved(parts: tuple[str, ...]) -> list[str]:
    """A path without its `..`; one that leads out of the export stays inside it."""
    found: list[str] = []
    for part in parts:
        if part == "..":
            found = found[:-1]
        elif part != ".":
            found.append(part)
    return found


def rules_table(message_type: MessageType) -> str:
    """The rules of a message in words, in both languages."""
    rows = [
        (f"`{rule.code}`", rule.nl, rule.en, "the question too" if rule.needs_question else "this message")
        for rule in message_type.rules
    ]
    return table(("code", "Nederlands", "English", "needs"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _rules_in_words(module: Module) -> str:
    parts = [f"# Rules of {module.title} {module.version}\n"]
    for message in module.messages:
        parts += [f"## {message.name}\n", rules_table(message)]
    return "\n".join(parts)


def _rules_as_data(module: Module) -> Iterator[Mapping[str, object]]:
    for message in module.messages:
        for rule in message.rules:
            yield {
                "message": message.name, "code": rule.code, "nl": rule.nl, "en": rule.en,
                "needs_question": rule.needs_question, "kind": type(rule.check).__name__, **rule_parameters(rule),
            }  # fmt: skip


def rule_parameters(rule: Rule) -> dict[str, object]:
    """What a rule demands, as JSON has it; of an assertion nothing."""
    check = rule.check
    if isinstance(check, Assertion) or not is_dataclass(check):
        return {}  # the assertion stands in its schema
    return {each.name: _plain(getattr(check, each.name)) for each in fields(check)}


def _plain(value: object) -> object:
    """A parameter of a rule as JSON has it."""
    if isinstance(value, ElementPath):
        return value.text
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _fields(module: Module) -> str:
    model = read_schema_model(module.messages[0].schema)
    parts = [f"# Fields of {module.title} {module.version}\n"]
    for message in module.messages:
        rows = field_rows(model, model.message(message.name).content)
        cells = [(f"`{row.path}`", row.type_text, row.obligation, row.meaning) for row in rows]
        parts += [f"## {message.name}\n", table(("field", "type", "obligation", "meaning"), cells)]
    return "\n".join(parts)


def _changes(catalogue: Catalogue, module: Module) -> str:
    head = f"# What changed in {module.title} {module.version}\n\n"
    before = None if module.previous is None else catalogue.module(module.name, module.previous)
    if before is None:
        return head + "This is the first version.\n"
    lines = [
        f"## {each.name}\n\n{told(each, before.version)}" for each in module_differences(catalogue, before, module)
    ]
    return head + "\n".join(lines)


def told(each: MessageDifference, before: str) -> str:
    """One message's differences as lines of Markdown."""
    lines = [f"- {note}" for note in each.notes]
    if each.fate == "new":
        lines.insert(0, f"- New since {before}.")
    elif each.fate == "gone":
        lines.append(f"- Gone since {before}.")
    elif each.fate == "same" and not lines:
        lines.append(f"- Nothing since {before}.")
    lines += [f"- {difference.subject} `{difference.where}` {difference.sentence}" for difference in each.differences]
    return "\n".join(lines) + "\n"
