"""Layer one: a parsed message against the XSD 1.0 schema of its module version.

The document comes from the project's one XML parser (xsd/document.py), which has applied the limits. What a schema of
version 1.0 cannot say is layer two (xsd/rules.py).

SECURITY: the texts of libxml2 hold values of the message; xsd/libxml_errors.py reads them and lets none through.
"""

from __future__ import annotations

from lxml import etree

from xsd.libxml_errors import read_errors
from xsd.message_type import MessageType
from xsd.violations import IMPOSSIBLE, Violation, line_of, readable_path, sentences

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
    described: list[Violation] = []
    for error in read_errors(compiled, document, schema):
        if len(described) == listed:
            described.append(_violation("XSD-MORE", document, names))
            break
        described.append(_violation(error.code, error.element, names, error.wanted, impossible=error.impossible))
    return tuple(described) or (_violation("XSD-OTHER", document, names),)


def _violation(
    code: str,
    element: etree._Element,
    names: frozenset[str],
    wanted: tuple[str, ...] = (),
    *,
    impossible: str = "",
) -> Violation:
    nl, en = IMPOSSIBLE[impossible] if impossible else sentences(code, wanted)
    return Violation(code=code, line=line_of(element), path=readable_path(element, names), nl=nl, en=en)
