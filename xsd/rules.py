"""Layer two: what XSD 1.0 cannot say about a message, held against the rules of its type (xsd/rule_kinds.py).

Violations hold no value of the message.
"""

from __future__ import annotations

from lxml import etree

from xsd.message_type import MessageType
from xsd.violations import Violation, line_of, readable_path


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
