"""The schema of one module version: where its files stand, and the compiled form, one per thread.

A module folder may stand anywhere; `../../common/GENERATION.xsd` that is not beside it is the packaged one.

SECURITY: a schema document reaches nothing but its own folder and the packaged shared types: no network, no DTD, no
entity. Hints inside messages (schemaLocation) are never followed, because validation is against this schema alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from gateway.named_file import FileRefused
from xsd.module_files import ModuleFiles, packaged_modules

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA_FILE = "schema.xsd"
WRITTEN = {
    "xs:boolean": "true, false",
    "xs:date": "1980-12-31",
    "xs:dateTime": "2026-03-16T10:00:00Z",
    "xs:decimal": "1234.56",
    "xs:integer": "12",
}
"""How a value of each simple type that is built into XML Schema and that the modules use is written."""


class SchemaFault(Exception):
    """A schema of a module cannot be read or compiled; the text names the file and the reason."""


def included_file(folder: Path, location: str) -> Path:
    """The file an xs:include names: in the tree of the module folder, or else a packaged shared type file."""
    named = Path(os.path.normpath(folder.absolute() / location))
    if os.path.lexists(named) and named.is_relative_to(folder.absolute().parent.parent):
        return named  # what it is, and where its links lead, is seen where it is read
    name = PurePosixPath(location).name
    packaged = packaged_modules() / "common" / name
    if PurePosixPath(location).parent.name == "common" and packaged.is_file():
        return packaged
    raise SchemaFault(f"{folder / SCHEMA_FILE}: includes a file that is neither in its tree nor a shared type file")


def shared_rules_file(folder: Path, generation: str) -> Path:
    """The rules that go with the shared types of a generation: beside the module's tree, or else the packaged ones."""
    beside = folder.parent.parent / "common" / f"{generation}.rules.yaml"
    return beside if os.path.lexists(beside) else packaged_modules() / "common" / f"{generation}.rules.yaml"


class _Includes(etree.Resolver):
    """Answers libxml2's requests for included files from the two allowed places."""

    def __init__(self, sources: ModuleFiles) -> None:
        self.folder = sources.folder
        self.sources = sources

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]  # the stubs know no context
        """The octets of the included file."""
        wanted = Path(unquote(urlsplit(system_url).path))
        location = "/".join((wanted.parent.name, wanted.name))
        local = self.folder / wanted.name
        path = local if wanted == local.absolute() else included_file(self.folder, f"../../{location}")
        return self.resolve_string(_octets(path, self.sources), context, base_url=str(path))


def _octets(path: Path, sources: ModuleFiles) -> bytes:
    try:
        return sources.read(path)
    except FileRefused as fault:
        raise SchemaFault(f"{path}: {fault.told}") from None


def parse_schema(path: Path, sources: ModuleFiles) -> etree._Element:
    """One schema file as a tree, read by a parser that opens nothing else."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, remove_comments=True)
    parser.resolvers.add(_Includes(sources))
    try:
        return etree.fromstring(_octets(path, sources), parser, base_url=str(path.absolute()))
    except etree.XMLSyntaxError as fault:
        raise SchemaFault(f"{path}: {fault}") from fault


class ModuleSchema:
    """The schema of one module version. `compiled` gives each thread its own object, because lxml keeps the errors of
    the last validation in the schema object itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sources = ModuleFiles(folder)
        root = parse_schema(folder / SCHEMA_FILE, self._sources)
        self.namespace = root.get("targetNamespace", "")
        self.documents = (root, *self._included(root))
        self.names = frozenset(
            element.get("name", "") for document in self.documents for element in document.iter(f"{XS}element")
        )
        self.listed_values = self._facet_values("enumeration")
        self.bounds = self._facet_values(
            "maxLength", "minLength", "length", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive"
        )
        self.qualified_names = frozenset(f"{{{self.namespace}}}{name}" for name in self.names)
        self.roots = frozenset(element.get("name", "") for element in root.iterchildren(f"{XS}element"))
        self._local = threading.local()
        self.compiled()
        self.written = WRITTEN | {f"{{{self.namespace}}}{name}": text for name, text in self._written_types()}

    def _included(self, root: etree._Element) -> list[etree._Element]:
        locations = [include.get("schemaLocation", "") for include in root.iterchildren(f"{XS}include")]
        return [parse_schema(included_file(self.folder, location), self._sources) for location in locations]

    def _facet_values(self, *kinds: str) -> frozenset[str]:
        """The values of these facets anywhere in the schema."""
        tags = [f"{XS}{kind}" for kind in kinds]
        return frozenset(facet.get("value", "") for document in self.documents for facet in document.iter(*tags))

    def _written_types(self) -> Iterator[tuple[str, str]]:
        """Each named simple type that comes from one of WRITTEN, and how its values are written. Asked of a schema
        that has compiled: no type comes from itself."""
        bases = {
            str(simple.get("name")): str(restriction.get("base"))
            for document in self.documents
            for simple in document.iterchildren(f"{XS}simpleType")
            for restriction in simple.iterchildren(f"{XS}restriction")
        }
        for name, base in bases.items():
            while base not in WRITTEN and (local := base.rpartition(":")[2]) in bases and local != name:
                base = bases[local]
            if base in WRITTEN:
                yield name, WRITTEN[base]

    def compiled(self) -> etree.XMLSchema:
        """This thread's compiled schema."""
        schema: etree.XMLSchema | None = getattr(self._local, "schema", None)
        if schema is None:
            try:
                schema = etree.XMLSchema(parse_schema(self.folder / SCHEMA_FILE, self._sources))
            except etree.XMLSchemaParseError as fault:
                if not len(fault.error_log):  # libxml2 gives a reason for all but one
                    raise MemoryError(f"{self.folder / SCHEMA_FILE} could not be compiled") from fault
                raise SchemaFault(f"{self.folder / SCHEMA_FILE}: {fault}") from fault
            self._local.schema = schema
        return schema
