"""What differs between two versions of a module: messages, fields, types and lists, rules, and who sends what to whom.

Everything is read from schemas, catalogues and rules; the change notes, which people wrote, go along as they are. Names
that one version has and the other has not are told once, at the topmost field.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.named_file import FileRefused
from xsd.catalogue import Catalogue, CatalogueFault, Module
from xsd.generating.fields import FieldRow, field_rows, topmost
from xsd.message_type import MessageType
from xsd.module_files import read_module_file
from xsd.schema_model import Group, SchemaModel, SimpleType, read_schema_model

VERSION_RULE = "STUUR-VERSIE"
"""It names the version itself, so that it always differs."""
Fate = Literal["new", "gone", "changed", "same"]
Subject = Literal["field", "type", "list", "rule", "exchange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it was: `where` is a path, the code of a rule, or a word of the catalogue."""

    subject: Subject
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDifference:
    """What became of one message, with what the notes of the versions on the way say of it."""

    name: str
    fate: Fate
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


def module_differences(catalogue: Catalogue, old: Module, new: Module) -> tuple[MessageDifference, ...]:
    """Every message of either version: those of the newer in its order, then those that are gone."""
    noted = _versions_since(catalogue, old, new)
    before = {each.name: each for each in old.messages}
    found = []
    for message in new.messages:
        notes = tuple(note.removeprefix("- ") for module in noted for note in notes_of(module, message.name))
        earlier = before.pop(message.name, None)
        if earlier is None:
            found.append(MessageDifference(name=message.name, fate="new", notes=notes))
            continue
        differences = tuple(message_differences(earlier, message))
        fate: Fate = "changed" if differences else "same"
        found.append(MessageDifference(name=message.name, fate=fate, differences=differences, notes=notes))
    return (*found, *(MessageDifference(name=name, fate="gone") for name in before))


def _versions_since(catalogue: Catalogue, old: Module, new: Module) -> list[Module]:
    """The versions whose notes tell the way from one to the other, oldest first; none when it leads back, or round in a
    circle, which the catalogue of a module folder refuses.
    """
    way: list[Module] = []
    module: Module | None = new
    while module is not None and module.version != old.version:
        if module in way:
            return []
        way.insert(0, module)
        module = None if module.previous is None else catalogue.module(module.name, module.previous)
    return way if module is not None else []


def message_differences(old: MessageType, new: MessageType) -> Iterator[Difference]:
    """What differs between a message and the message of the same name in another version."""
    models = read_schema_model(old.schema), read_schema_model(new.schema)
    contents = models[0].message(old.name).content, models[1].message(new.name).content
    rows = tuple(
        {row.path: row for row in field_rows(model, content)} for model, content in zip(models, contents, strict=True)
    )
    yield from _fields(*rows)
    types = tuple(dict(_simple_types(model, content)) for model, content in zip(models, contents, strict=True))
    for path, simple in types[1].items():
        if path in types[0]:
            yield from _facets(path, types[0][path], simple)
    yield from _rules(old, new)
    yield from _exchange(old, new)


def _fields(old: Mapping[str, FieldRow], new: Mapping[str, FieldRow]) -> Iterator[Difference]:
    for path in topmost(new, old):
        yield Difference(subject="field", where=path, sentence=f"is new, {new[path].obligation}")
    for path in topmost(old, new):
        yield Difference(subject="field", where=path, sentence="is gone")
    for path, row in new.items():
        before = old.get(path)
        if before is None:
            continue
        if before.obligation != row.obligation:
            sentence = f"is {row.obligation}; it was {before.obligation}"
            yield Difference(subject="field", where=path, sentence=sentence)
        if before.type_text != row.type_text:
            sentence = f"is of type {row.type_text}; it was {before.type_text}"
            yield Difference(subject="type", where=path, sentence=sentence)


def _simple_types(model: SchemaModel, content: Group, prefix: str = "") -> Iterator[tuple[str, SimpleType]]:
    for use in content.elements():
        inner = model.complex_type(use.type_name)
        if inner is None:
            yield f"{prefix}{use.name}", model.simple_type(use.type_name)
        else:
            yield from _simple_types(model, inner.content, f"{prefix}{use.name}/")


def _facets(path: str, old: SimpleType, new: SimpleType) -> Iterator[Difference]:
    """Values of a list that came or went, and forms that changed; bounds stand in the text of the type."""
    came = [value for value in new.values("enumeration") if value not in old.values("enumeration")]
    went = [value for value in old.values("enumeration") if value not in new.values("enumeration")]
    if came or went:
        parts = [
            f"{word} {', '.join(values)}" for word, values in (("has now", came), ("no longer has", went)) if values
        ]
        yield Difference(subject="list", where=path, sentence="; ".join(parts))
    if set(old.values("pattern")) != set(new.values("pattern")):
        yield Difference(subject="type", where=path, sentence="has another prescribed form")


def _rules(old: MessageType, new: MessageType) -> Iterator[Difference]:
    before, after = ({rule.code: rule for rule in each.rules} for each in (old, new))
    for code, rule in after.items():
        if code not in before:
            yield Difference(subject="rule", where=code, sentence=f"is new: {rule.en}")
        elif code != VERSION_RULE and before[code].check != rule.check:
            yield Difference(subject="rule", where=code, sentence=f"demands something else: {rule.en}")
    for code, rule in before.items():
        if code not in after:
            yield Difference(subject="rule", where=code, sentence=f"is gone: {rule.en}")


_EXCHANGE: Mapping[str, Callable[[MessageType], str]] = {
    "from": lambda t: ", ".join(t.senders),
    "to": lambda t: ", ".join(t.receivers),
    "answered by": lambda t: ", ".join(t.answers),
    "question": lambda t: "yes" if t.question else "no",
    "term of the answer": lambda t: str(t.answer_term_working_days or ""),
    "makes unnecessary": lambda t: ", ".join(t.waives),
    "must bring": lambda t: "; ".join(f"{a.kind}, from {', '.join(a.roles)}" for a in t.attachments),
}


def _exchange(old: MessageType, new: MessageType) -> Iterator[Difference]:
    for word, said in _EXCHANGE.items():
        was, now = said(old), said(new)
        if was != now:
            sentence = f"is {now or 'nothing'}; it was {was or 'nothing'}"
            yield Difference(subject="exchange", where=word, sentence=sentence)


def read_notes(module: Module) -> str:
    """The text of changes.md, empty without one; raises `CatalogueFault` for one that cannot be read."""
    file = module.folder / "changes.md"
    if not os.path.lexists(file):
        return ""
    try:
        return read_module_file(file, module.folder).decode("utf-8-sig")
    except FileRefused as fault:
        raise CatalogueFault(f"{file}: {fault.told}") from fault
    except UnicodeDecodeError as fault:
        raise CatalogueFault(f"{file}: the file is no text in UTF-8; save it as UTF-8") from fault


def notes_of(module: Module, name: str) -> Iterator[str]:
    """The entries of changes.md whose names before the colon include this message; a module may have none."""
    entries: list[str] = []
    for line in read_notes(module).splitlines():
        if line.startswith("- "):
            entries.append(line)
        elif entries and line.startswith("  "):
            entries[-1] += f" {line.strip()}"
    for entry in entries:
        names = entry.removeprefix("- ").partition(":")[0]
        if name in names.split(", "):
            yield "- " + entry.partition(": ")[2]
