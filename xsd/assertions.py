"""XSD 1.1 assertions as rules of layer two, for what the closed list of rule kinds cannot say.

A module version may have `assertions.xsd`: a schema of version 1.1 in the module's namespace whose root elements carry
`xs:assert`. Each assertion has an `id`, which is the code of the rule, and two `xs:documentation`, its sentences in
Dutch (`xml:lang="nl"`) and English (`en`). Needs the library xmlschema, an extra; a module with assertions is refused
by name where it is not installed. The shipped modules have none.

SECURITY: the schema is read without network and without entities; a message is handed over as a tree that is already
parsed and limited.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from xsd.module_files import ModuleFiles
from xsd.rule_kinds import Rule
from xsd.schema_files import XS, SchemaFault, parse_schema

ASSERTIONS_FILE = "assertions.xsd"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One assertion of a compiled schema, about the root element it stands in."""

    code: str
    schema: Any

    def broken(self, document: etree._Element, question: etree._Element | None) -> Iterator[etree._Element]:
        """The document, when the assertion does not hold."""
        for error in self.schema.iter_errors(document):
            definition = getattr(error.validator, "elem", None)
            if definition is not None and definition.get("id") == self.code:
                yield document
                return


def read_assertions(folder: Path) -> dict[str, tuple[Rule, ...]]:
    """Message name to the rules that its assertions make; empty when the module version has no assertions."""
    file = folder / ASSERTIONS_FILE
    if not os.path.lexists(file):
        return {}
    try:
        xmlschema = import_module("xmlschema")
    except ImportError as fault:
        raise SchemaFault(f"{file}: needs the library xmlschema, which is not installed (extra xsd11)") from fault
    sources = ModuleFiles(folder)
    root = parse_schema(file, sources)
    try:
        schema = xmlschema.XMLSchema11(
            BytesIO(sources.read(file)), base_url=str(folder.absolute()), allow="local", defuse="always"
        )
    except xmlschema.XMLSchemaException as fault:
        raise SchemaFault(f"{file}: {str(fault).splitlines()[0]}") from fault
    return {
        element.get("name", ""): tuple(_rule(file, node, schema) for node in element.iter(f"{XS}assert"))
        for element in root.iterchildren(f"{XS}element")
    }


def _rule(file: Path, node: etree._Element, schema: Any) -> Rule:
    code = node.get("id")
    texts = {d.get(LANGUAGE): " ".join((d.text or "").split()) for d in node.iter(f"{XS}documentation")}
    if not code or not texts.get("nl") or not texts.get("en"):
        raise SchemaFault(f"{file}: each xs:assert has an id and its sentences in nl and en")
    return Rule(code=code, nl=texts["nl"], en=texts["en"], check=Assertion(code=code, schema=schema))
