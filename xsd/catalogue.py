"""The catalogue of message types: what each module version holds, read from its folder.

A module version is a folder `Module/version/` with `schema.xsd` and `catalogue.yaml`; adding one needs no code. The
catalogue says who may send a message to whom, what answers it and within how many working days; whether an organisation
has the version active is the P-Mode's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gateway.named_file import FileRefused
from gateway.written.complaints import Complaint, KeyPath, shown
from gateway.written.plain import Written
from gateway.written.source import Source
from gateway.written.yaml_text import read_yaml
from xsd.assertions import ASSERTIONS_FILE, read_assertions
from xsd.message_type import HUB_ROLE, MessageType, RequiredAttachment
from xsd.module_files import packaged_modules, read_module_file
from xsd.module_shapes import CatalogueShape, MessageRow
from xsd.rule_files import RuleFault, read_rules, rules_for
from xsd.rule_kinds import Rule, header_rules
from xsd.schema_files import SCHEMA_FILE, ModuleSchema, shared_rules_file
from xsd.schema_model import SchemaModel, read_schema_model

BASE = "urn:knooppunt"
CATALOGUE_FILE = "catalogue.yaml"
RULES_FILE = "rules.yaml"

ROLES = (
    "schuldeiser",
    "shv-fase-1",
    "shv-fase-2",
    "shv-overig",
    "bewindvoerder",
    "kredietbank",
    "waarborgfonds",
    HUB_ROLE,
)
"""What an organisation may be. `shv-fase-1` and `shv-fase-2` work under the Wgs (intake and stabilisation; debt
arrangement), `shv-overig` does not and shows the client's consent; `knooppunt` is the hub itself."""


class CatalogueFault(Exception):
    """Module folders cannot be used; `complaints` name the files, with lines, and what is wrong in them."""

    def __init__(self, *complaints: str) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One module version with its message types, in the order of its catalogue file. Whoever has an earlier version and
    is one of `of_itself_for` has this one active of itself.
    """

    name: str
    version: str
    title: str
    generation: str
    previous: str | None
    namespace: str
    service: str
    messages: tuple[MessageType, ...]
    folder: Path
    of_itself_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every module version this process knows."""

    modules: tuple[Module, ...]
    _by_action: Mapping[tuple[str, str], MessageType]
    _by_element: Mapping[str, MessageType]

    def find(self, service: str, action: str) -> MessageType | None:
        """The message type of an ebMS Service and Action, or None when no module version has it."""
        return self._by_action.get((service, action))

    def of_root(self, element: str) -> MessageType | None:
        """The message type whose root element this is, in Clark notation."""
        return self._by_element.get(element)

    def module(self, name: str, version: str) -> Module | None:
        """A module version by name."""
        return next((m for m in self.modules if (m.name, m.version) == (name, version)), None)

    def message(self, module: str, version: str, name: str) -> MessageType | None:
        """A message type by the names a person uses."""
        found = self.module(module, version)
        return None if found is None else next((t for t in found.messages if t.name == name), None)

    def __iter__(self) -> Iterator[MessageType]:
        return iter(self._by_action.values())


def load_catalogue(folders: Iterable[Path] = (), base: str = BASE) -> Catalogue:
    """The shipped modules, which a process reads once, and those in `folders`, each a folder of `Module/version/`.

    Reads every file of `folders` and compiles every schema: call it once and keep the result. Raises CatalogueFault or
    SchemaFault.
    """
    modules = list(_shipped(packaged_modules(), base))
    seen = {(each.name, each.version): each.folder / CATALOGUE_FILE for each in modules}
    complaints: list[str] = []
    for folder in folders:
        for path in _module_files(folder):
            try:
                module = read_module(path.parent, base)
            except CatalogueFault as fault:
                complaints += fault.complaints
                continue
            if (module.name, module.version) in seen:
                complaints.append(f"{path}: module {module.name} {module.version} also stands in another folder")
            seen[module.name, module.version] = path
            modules.append(module)
    complaints += _circles(modules, seen)
    if complaints:
        raise CatalogueFault(*complaints)
    types = [t for module in modules for t in module.messages]
    return Catalogue(tuple(modules), {(t.service, t.name): t for t in types}, {t.element: t for t in types})


@cache
def _shipped(folder: Path, base: str) -> tuple[Module, ...]:
    """The modules of the package itself, whose files do not change while a process runs."""
    return tuple(read_module(path.parent, base) for path in _module_files(folder))


def _module_files(folder: Path) -> list[Path]:
    """What says of each module version in a folder what it is; raises CatalogueFault where there is none."""
    named = (each / CATALOGUE_FILE for each in Path(folder).glob("*/*"))
    found = sorted(each for each in named if os.path.lexists(each))
    if not found:
        raise CatalogueFault(f"{folder}: no Module/version/{CATALOGUE_FILE} in this folder")
    return found


def _circles(modules: Sequence[Module], files: Mapping[tuple[str, str], Path]) -> Iterator[str]:
    """A version that comes before itself, as in a copy whose `previous` was left as it was."""
    before = {(each.name, each.version): each.previous for each in modules}
    for name, version in before:
        way: list[str] = []
        at: str | None = version
        while at is not None and at not in way:
            way.append(at)
            at = before.get((name, at))
        if at == version:
            said = "this version itself" if len(way) == 1 else f"one that comes after it ({' after '.join(way)})"
            named = shown(before[name, version])
            step = "name the version before this one, or leave it out"
            yield f"{files[name, version]}: previous: {named} is {said}; {step}"


def read_module(folder: Path, base: str = BASE) -> Module:
    """One module version from its folder; the folder's two last names are the module's name and version."""
    path = folder / CATALOGUE_FILE
    name, version = folder.parent.name, folder.name
    complaints: list[Complaint] = []
    source = Source(str(path), _written(path, folder), complaints)
    shape = source.shape(CatalogueShape)
    if shape is None:
        raise CatalogueFault(*map(str, sorted(complaints)))
    schema = ModuleSchema(folder)
    if not schema.namespace:
        raise CatalogueFault(f"{folder / SCHEMA_FILE}: has no targetNamespace")
    service = f"{base}:{name}:{version}"
    rows = shape.messages
    if rows.keys() != schema.roots and not complaints:
        odd = ", ".join(sorted(rows.keys() ^ schema.roots))
        source.complain(("messages",), f"messages and the root elements of {SCHEMA_FILE} differ in: {odd}")
    _check_names(source, rows, shape.of_itself_for)
    rules: dict[str, tuple[Rule, ...]] = {}
    more: tuple[str, ...] = ()
    try:
        rules = _rules(folder, shape.generation, read_schema_model(schema))
    except CatalogueFault as fault:
        more = fault.complaints
    if complaints or more:
        raise CatalogueFault(*map(str, sorted(complaints)), *more)
    messages = tuple(
        _message_type(key, rows, schema, name, version, service, rules[key] + header_rules(key, version))
        for key in rows
    )
    return Module(
        name=name,
        version=version,
        title=shape.title or name,
        generation=shape.generation,
        previous=shape.previous,
        namespace=schema.namespace,
        service=service,
        messages=messages,
        folder=folder,
        of_itself_for=frozenset(shape.of_itself_for),
    )


def _check_names(source: Source, rows: Mapping[str, MessageRow], of_itself_for: Sequence[str]) -> None:
    for index, role in enumerate(of_itself_for):
        if role not in ROLES:
            source.complain(("of_itself_for", index), f"{shown(role)} is no role; roles are {', '.join(ROLES)}")
    for key, row in rows.items():
        for field, others in (("answers", row.answers), ("waives", row.waives)):
            for index, other in enumerate(others):
                if other not in rows:
                    said = f"{shown(other)} is no message of this module"
                    source.complain(("messages", key, field, index), said)
        named: list[tuple[KeyPath, list[str]]] = [(("from",), row.senders), (("to",), row.receivers)]
        named += [(("attachments", index, "from"), each.senders) for index, each in enumerate(row.attachments)]
        for path, roles in named:
            for index, role in enumerate(roles):
                if role not in ROLES:
                    said = f"{shown(role)} is no role; roles are {', '.join(ROLES)}"
                    source.complain(("messages", key, *path, index), said)


def _message_type(
    key: str, rows: Mapping[str, MessageRow], schema: ModuleSchema, name: str, version: str, service: str,
    rules: tuple[Rule, ...],
) -> MessageType:  # fmt: skip
    row = rows[key]
    return MessageType(
        module=name,
        version=version,
        name=key,
        element=f"{{{schema.namespace}}}{key}",
        namespace=schema.namespace,
        service=service,
        question=row.question,
        answers=tuple(row.answers),
        answers_to=tuple(k for k, v in rows.items() if key in v.answers),
        waives=tuple(row.waives),
        waived_by=tuple(k for k, v in rows.items() if key in v.waives),
        answer_term_working_days=row.term_working_days,
        senders=tuple(row.senders),
        receivers=tuple(row.receivers),
        attachments=tuple(RequiredAttachment(kind=each.kind, roles=tuple(each.senders)) for each in row.attachments),
        rules=rules,
        schema=schema,
    )


def _rules(folder: Path, generation: str, model: SchemaModel) -> dict[str, tuple[Rule, ...]]:
    """The rules of each message: the shared ones of the generation, then the module's own."""
    found: dict[str, tuple[Rule, ...]] = {message.name: () for message in model.messages}
    for file, shared in ((shared_rules_file(folder, generation), True), (folder / RULES_FILE, False)):
        if not os.path.lexists(file):
            continue
        try:
            entries = read_rules(file, _written(file, folder))
            for message in model.messages:
                found[message.name] += rules_for(file, entries, model, message, shared=shared)
        except RuleFault as fault:
            raise CatalogueFault(*str(fault).splitlines()) from fault
    for name, assertions in read_assertions(folder).items():
        if name not in found:
            raise CatalogueFault(f"{folder / ASSERTIONS_FILE}: {name} is no message of this module")
        found[name] += assertions
    return found


def _written(path: Path, folder: Path) -> Written:
    try:
        return read_yaml(read_module_file(path, folder).decode("utf-8-sig"))
    except FileRefused as fault:
        raise CatalogueFault(f"{path}: {fault.told}") from fault
    except UnicodeDecodeError as fault:
        raise CatalogueFault(f"{path}: the file is no text in UTF-8; save it as UTF-8") from fault
