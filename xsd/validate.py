"""Layer one: a parsed message against the XSD 1.0 schema of its module version.

The document comes from the project's one XML parser (xsd/document.py), which has applied the limits. What a schema of
version 1.0 cannot say is layer two (xsd/rules.py).

SECURITY: the texts of libxml2 hold values of the message and never leave this module.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from lxml import etree

from xsd.catalogue import MessageType
from xsd.schema_files import ModuleSchema
from xsd.violations import Violation, readable_path, sentences

LISTED = 1000
"""So many violations are described; a last one of code XSD-MORE stands for the rest."""


def violations(message_type: MessageType, document: etree._Element, *, listed: int = LISTED) -> tuple[Violation, ...]:
    """Everything in `document` that breaks the schema of `message_type`, in document order; empty when it conforms."""
    schema = message_type.schema
    names = schema.qualified_names
    if document.tag != message_type.element:
        return (_violation("XSD-ROOT", document, names),)
    compiled = schema.compiled()
    if compiled.validate(document.getroottree()):
        return ()
    found = _entries(compiled, document, schema)
    described: list[Violation] = []
    for code, element in found:
        if len(described) == listed:
            described.append(_violation("XSD-MORE", document, names))
            break
        described.append(_violation(code, element, names))
    return tuple(described) or (_violation("XSD-OTHER", document, names),)


def _violation(code: str, element: etree._Element, names: frozenset[str]) -> Violation:
    nl, en = sentences(code)
    line = cast("int | None", element.sourceline) or 0
    return Violation(code=code, line=line, path=readable_path(element, names), nl=nl, en=en)


def _entries(
    compiled: etree.XMLSchema, document: etree._Element, schema: ModuleSchema
) -> Iterator[tuple[str, etree._Element]]:
    """Code and element of each error; libxml2's warnings and second words about one element are left out."""
    previous: tuple[str, str] | None = None
    for entry in cast("Iterable[Any]", compiled.error_log):
        if entry.level < etree.ErrorLevels.ERROR or entry.message.rstrip().endswith("something strange happened."):
            continue
        where = entry.path or "/*"
        if previous == (where, entry.type_name):
            continue
        previous = (where, entry.type_name)
        element = _element_at(document, where)
        yield _code(entry, element, schema), element


_STEP = re.compile(r"^(?:\*|(?:([^:\[]+):)?([^:\[]+))(?:\[(\d+)\])?$")


def _element_at(document: etree._Element, path: str) -> etree._Element:
    """The element that libxml2 means by a node path: `*[n]` counts all children, `prefix:name[n]` those of that prefix
    and name. Not asked of XPath, because the prefixes are the sender's."""
    element = document
    for step in path.split("/")[2:]:
        match = _STEP.match(step)
        if match is None or step.startswith("@"):
            break
        prefix, name, position = match[1], match[2], int(match[3] or 1)
        children = element.iterchildren("*")
        if name is not None:
            children = (e for e in children if e.prefix == prefix and etree.QName(e).localname == name)
        found = next(itertools.islice(children, position - 1, None), None)
        if found is None:
            break
        element = found
    return element


def _code(entry: Any, element: etree._Element, schema: ModuleSchema) -> str:
    """The stable code: libxml2's type name, with the one word for all faults of content split in three."""
    if entry.type_name != "SCHEMAV_ELEMENT_CONTENT":
        return "XSD-" + str(entry.type_name).removeprefix("SCHEMAV_").replace("_", "-")
    if "Missing child element(s)" in entry.message.partition(": ")[2][:40]:
        return "XSD-ELEMENT-MISSING"
    known = isinstance(element.tag, str) and element.tag in schema.qualified_names
    return "XSD-ELEMENT-UNEXPECTED" if known else "XSD-ELEMENT-UNKNOWN"
