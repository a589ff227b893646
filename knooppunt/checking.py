"""The two layers of checking, schema and rules, and the catalogue that says what there is to check by."""

from __future__ import annotations

from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import Catalogue, CatalogueFault, Module, load_catalogue
from xsd.checking.layers import rule_violations, violations
from xsd.checking.violations import Violation
from xsd.document import DocumentFault, parse_document
from xsd.message_type import MessageType

__all__ = [
    "PAYLOAD_LIMITS",
    "Catalogue",
    "CatalogueFault",
    "DocumentFault",
    "MessageType",
    "Module",
    "Violation",
    "load_catalogue",
    "parse_document",
    "rule_violations",
    "violations",
]
