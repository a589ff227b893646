"""Both layers in one call, for whoever has the whole message: a participant before sending, the suites, and the hub for
a partner whose P-Mode asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from xsd.attachments import attachment_violations
from xsd.message_type import MessageType
from xsd.rules import rule_violations
from xsd.validate import violations
from xsd.violations import Violation


def message_violations(
    message_type: MessageType,
    document: etree._Element,
    *,
    question: etree._Element | None = None,
    sender_roles: Iterable[str] | None = None,
    digests: Iterable[str] | None = None,
) -> tuple[Violation, ...]:
    """Everything wrong with a message: by its schema, or when that finds nothing by its rules and its documents. What
    is not given is not checked: the `question` it answers, the roles of its sender, the digests of the parts beside
    it."""
    found = violations(message_type, document)
    if found:
        return found
    rules = rule_violations(message_type, document, question)
    if sender_roles is None and digests is None:
        return rules
    return rules + attachment_violations(message_type, document, sender_roles=sender_roles, digests=digests)
