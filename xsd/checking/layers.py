"""The two layers of checking. Layer one: a parsed message against the XSD 1.0 schema of its module version. Layer two:
what XSD 1.0 cannot say about it, held against the rules of its type (xsd/rule_kinds.py).

The document comes from the project's one XML parser (xsd/document.py), which has applied the limits.

SECURITY: violations hold no value of the message. The texts of libxml2 do; xsd/checking/libxml_errors.py reads them and
lets none through.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from xsd.checking.attachments import attachment_violations
from xsd.checking.libxml_errors import read_errors
from xsd.checking.violations import IMPOSSIBLE, Violation, line_of, readable_path, sentences
from xsd.message_type import MessageType

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


def rule_violations(
    message_type: MessageType, document: etree._Element, question: etree._Element | None = None
) -> tuple[Violation, ...]:
    """Everything in `document` that breaks the rules of its type; those that need the question only when it is given.
    The document has passed layer one."""
    names = message_type.schema.qualified_names
    return tuple(
        Violation(
            code=rule.code,
            line=line_of(element),
            path=readable_path(element, names),
            nl=rule.nl,
            en=rule.en,
        )
        for rule in message_type.rules
        for element in rule.check.broken(document, question)
    )


def message_violations(
    message_type: MessageType,
    document: etree._Element,
    *,
    question: etree._Element | None = None,
    sender_roles: Iterable[str] | None = None,
    digests: Iterable[str] | None = None,
) -> tuple[Violation, ...]:
    """Everything wrong with a message, for whoever has the whole of it: by its schema, or when that finds nothing by
    its rules and its documents. What is not given is not checked: the `question` it answers, the roles of its sender,
    the digests of the parts beside it."""
    found = violations(message_type, document)
    if found:
        return found
    rules = rule_violations(message_type, document, question)
    if sender_roles is None and digests is None:
        return rules
    return rules + attachment_violations(message_type, document, sender_roles=sender_roles, digests=digests)


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
