"""The catalogue of message types: what each module version holds, read from its folder.

A module version is a folder `Module/version/` with `schema.xsd` and `catalogue.yaml`; adding one needs no code. The
catalogue says who may send a message to whom, what answers it and within how many working days; whether an organisation
has the version active is the P-Mode's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.named_file import FileRefused
from xsd.assertions import ASSERTIONS_FILE, read_assertions
from xsd.message_type import MessageType, RequiredAttachment
from xsd.module_files import packaged_modules, read_module_file
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
    "knooppunt",
)
"""What an organisation may be. `shv-fase-1` and `shv-fase-2` work under the Wgs (intake and stabilisation; debt
arrangement), `shv-overig` does not and shows the client's consent; `knooppunt` is the hub itself."""


class CatalogueFault(Exception):
    """A module folder cannot be used; the text names the file and what is wrong in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One module version with its message types, in the order of its catalogue file."""

    name: str
    version: str
    title: str
    generation: str
    previous: str | None
    namespace: str
    service: str
    messages: tuple[MessageType, ...]
    folder: Path


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
    """Read the shipped modules and those in `folders`, each a folder of `Module/version/`. Reads every file and
    compiles every schema: call it once and keep the result. Raises CatalogueFault or SchemaFault."""
    modules: list[Module] = []
    seen: dict[tuple[str, str], Path] = {}
    for folder in (packaged_modules(), *folders):
        named = (each / CATALOGUE_FILE for each in Path(folder).glob("*/*"))
        found = sorted(each for each in named if os.path.lexists(each))
        if not found:
            raise CatalogueFault(f"{folder}: no Module/version/{CATALOGUE_FILE} in this folder")
        for path in found:
            module = read_module(path.parent, base)
            if (module.name, module.version) in seen:
                raise CatalogueFault(f"{path}: module {module.name} {module.version} also stands in another folder")
            seen[module.name, module.version] = path
            modules.append(module)
    types = [t for module in modules for t in module.messages]
    return Catalogue(tuple(modules), {(t.service, t.name): t for t in types}, {t.element: t for t in types})


def read_module(folder: Path, base: str = BASE) -> Module:
    """One module version from its folder; the folder's two last names are the module's name and version."""
    path = folder / CATALOGUE_FILE
    name, version = folder.parent.name, folder.name
    content = _mapping(path, _read_yaml(path, folder), {"title", "generation", "previous", "messages"})
    schema = ModuleSchema(folder)
    if not schema.namespace:
        raise CatalogueFault(f"{folder / SCHEMA_FILE}: has no targetNamespace")
    service = f"{base}:{name}:{version}"
    rows = {k: _mapping(path, v, _ROW_KEYS) for k, v in _mapping(path, content.get("messages"), None).items()}
    if rows.keys() != schema.roots:
        odd = ", ".join(sorted(rows.keys() ^ schema.roots))
        raise CatalogueFault(f"{path}: messages and the root elements of {SCHEMA_FILE} differ in: {odd}")
    generation = str(content.get("generation", ""))
    rules = _rules(folder, generation, read_schema_model(schema))
    messages = tuple(
        _message_type(path, key, rows, schema, name, version, service, rules[key] + header_rules(key, version))
        for key in rows
    )
    previous = content.get("previous")
    return Module(
        name=name,
        version=version,
        title=str(content.get("title", name)),
        generation=generation,
        previous=None if previous is None else str(previous),
        namespace=schema.namespace,
        service=service,
        messages=messages,
        folder=folder,
    )


_ROW_KEYS = {"question", "answers", "waives", "term_working_days", "from", "to", "attachments"}


def _message_type(
    path: Path, key: str, rows: Mapping[str, Mapping[str, Any]], schema: ModuleSchema, name: str, version: str,
    service: str, rules: tuple[Rule, ...],
) -> MessageType:  # fmt: skip
    row = rows[key]
    answers, waives = _names(path, row.get("answers")), _names(path, row.get("waives"))
    for other in (*answers, *waives):
        if other not in rows:
            raise CatalogueFault(f"{path}: {key} names {other}, which is no message of this module")
    senders, receivers = _roles(path, row.get("from")), _roles(path, row.get("to"))
    question, term = row.get("question", False), row.get("term_working_days")
    if not isinstance(question, bool) or (question and not answers) or not isinstance(term, int | None):
        raise CatalogueFault(f"{path}: {key}: a question has answers, and its term is a number of working days")
    attachments = tuple(
        RequiredAttachment(kind=str(a["kind"]), roles=_roles(path, a["from"]))
        for a in (_mapping(path, a, {"kind", "from"}) for a in row.get("attachments", ()))
    )
    return MessageType(
        module=name,
        version=version,
        name=key,
        element=f"{{{schema.namespace}}}{key}",
        namespace=schema.namespace,
        service=service,
        question=question,
        answers=answers,
        answers_to=tuple(k for k, v in rows.items() if key in (v.get("answers") or ())),
        waives=waives,
        waived_by=tuple(k for k, v in rows.items() if key in (v.get("waives") or ())),
        answer_term_working_days=term,
        senders=senders,
        receivers=receivers,
        attachments=attachments,
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
            entries = read_rules(file, _read_yaml(file, folder))
            for message in model.messages:
                found[message.name] += rules_for(file, entries, model, message, shared=shared)
        except RuleFault as fault:
            raise CatalogueFault(str(fault)) from fault
    for name, assertions in read_assertions(folder).items():
        if name not in found:
            raise CatalogueFault(f"{folder / ASSERTIONS_FILE}: {name} is no message of this module")
        found[name] += assertions
    return found


def _read_yaml(path: Path, folder: Path) -> object:
    try:
        return yaml.load(read_module_file(path, folder).decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    except (FileRefused, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise CatalogueFault(f"{path}: {fault}") from fault


def _mapping(path: Path, value: object, keys: set[str] | None) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise CatalogueFault(f"{path}: a mapping is expected")
    unknown = set() if keys is None else value.keys() - keys
    if unknown:
        raise CatalogueFault(f"{path}: unknown key {', '.join(sorted(unknown))}")
    return value


def _names(path: Path, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CatalogueFault(f"{path}: a list of names is expected")
    return tuple(value)


def _roles(path: Path, value: object) -> tuple[str, ...]:
    roles = _names(path, value)
    for role in roles:
        if role not in ROLES:
            raise CatalogueFault(f"{path}: {role} is no role; roles are {', '.join(ROLES)}")
    if not roles:
        raise CatalogueFault(f"{path}: a message has at least one role that sends it and one that receives it")
    return roles
