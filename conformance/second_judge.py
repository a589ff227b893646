"""The cases of a suite before a second validator, which shares no code with the first: where the two disagree about
layer one is listed.

The second judge is the library xmlschema, pure Python, an extra. It says whether a document conforms to the schema and
nothing more; codes, places and layer two stay ours. A comment inside a value is taken out first: all characters around
it are the value (XSD 1.0 Part 1, 3.1.4), and xmlschema takes those before it.

SECURITY: it gets trees that are parsed and limited already, and schemas from a folder made for it; it fetches nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from lxml import etree

from conformance.schema_cases import SchemaCase
from gateway.limits import DocumentLimits
from xsd.catalogue import Catalogue
from xsd.checking.layers import violations
from xsd.document import DocumentFault, parse_document
from xsd.generating.export import schema_documents
from xsd.message_type import MessageType
from xsd.schema_files import SCHEMA_FILE


class JudgeFault(Exception):
    """The second judge cannot be asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Whether each judge finds that a case conforms to its schema; `case` is its id."""

    case: str
    ours: bool
    theirs: bool


class SecondJudge:
    """Holds the schemas of a catalogue as xmlschema reads them; raises JudgeFault where that cannot be."""

    def __init__(self, catalogue: Catalogue) -> None:
        try:
            self._library: Any = import_module("xmlschema")
        except ImportError:
            raise JudgeFault("the second judge is the library xmlschema, which is not installed here") from None
        self._catalogue = catalogue
        self._schemas: dict[str, Any] = {}

    def opinions(self, cases: Iterable[SchemaCase], limits: DocumentLimits) -> Iterator[Opinion]:
        """One opinion for every case that is a readable message of a known module."""
        with tempfile.TemporaryDirectory(prefix="knooppunt-schemas-") as folder:
            for case in cases:
                try:
                    document = parse_document(case.octets, limits=limits)
                except DocumentFault:
                    continue
                message_type = self._catalogue.of_root(str(document.tag))
                if message_type is None:
                    continue
                ours = not violations(message_type, document)
                etree.strip_tags(document, etree.Comment)
                theirs = bool(self._schema(message_type, Path(folder)).is_valid(document))
                yield Opinion(case=case.id, ours=ours, theirs=theirs)

    def _schema(self, message_type: MessageType, folder: Path) -> Any:
        if message_type.namespace not in self._schemas:
            module = next(m for m in self._catalogue.modules if m.namespace == message_type.namespace)
            for path, octets in schema_documents(module):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(octets)
            file = folder / module.name / module.version / SCHEMA_FILE
            try:
                self._schemas[module.namespace] = self._library.XMLSchema10(str(file), allow="local", defuse="always")
            except self._library.XMLSchemaException as fault:
                raise JudgeFault(f"xmlschema does not read the schema of {module.name} {module.version}") from fault
        return self._schemas[message_type.namespace]
