"""SOAP 1.2 faults: the two that the hub sends, and reading those that others send.

A fault is for what SOAP itself refuses before ebMS begins (SOAP 1.2 5.4.7, 5.4.8); every refusal of ebMS is an eb:Error
without a fault. SECURITY: the reasons are constants, and the names of the blocks that were not understood are not
echoed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lxml import etree

from crypto.blanks import collapsed, trimmed
from crypto.elements import Element
from gateway.ebms import names

_FAULT = f"{{{names.SOAP12}}}Fault"
_BODY = f"{{{names.SOAP12}}}Body"
_CODE = f"{{{names.SOAP12}}}Code/{{{names.SOAP12}}}Value"
_REASON = f"{{{names.SOAP12}}}Reason/{{{names.SOAP12}}}Text"
_MOST_REASON_CHARACTERS = 500


class SoapFault(Exception):
    """A request that SOAP refuses: HTTP 500 and a fault; `detail` is private."""

    status: ClassVar[int] = 500
    code: ClassVar[str]
    reason: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{self.code}: {detail or self.reason}")


class VersionMismatch(SoapFault):
    """The document element is not a SOAP 1.2 Envelope."""

    code = "VersionMismatch"
    reason = "The envelope must be a SOAP 1.2 envelope."


class MustUnderstand(SoapFault):
    """A header block addressed to this node must be understood and is not known here."""

    code = "MustUnderstand"
    reason = "A mandatory header block was not understood."


def fault_envelope(fault: SoapFault) -> bytes:
    """The octets of the envelope with the fault; a version mismatch says which envelope is supported."""
    s12 = names.SOAP12
    envelope = etree.Element(f"{{{s12}}}Envelope", nsmap={"S12": s12})
    if isinstance(fault, VersionMismatch):
        header = etree.SubElement(envelope, f"{{{s12}}}Header")
        upgrade = etree.SubElement(header, f"{{{s12}}}Upgrade")
        etree.SubElement(upgrade, f"{{{s12}}}SupportedEnvelope", qname="S12:Envelope")
    body = etree.SubElement(envelope, _BODY)
    element = etree.SubElement(body, _FAULT)
    code = etree.SubElement(element, f"{{{s12}}}Code")
    etree.SubElement(code, f"{{{s12}}}Value").text = f"S12:{fault.code}"
    reason = etree.SubElement(element, f"{{{s12}}}Reason")
    text = etree.SubElement(reason, f"{{{s12}}}Text")
    text.set(f"{{{names.XML}}}lang", "en")
    text.text = fault.reason
    return etree.tostring(envelope, encoding="UTF-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFault:
    """A fault in an answer: the local name of its code, `Receiver` for one, and its first reason, cut short."""

    code: str
    reason: str


def read_fault(root: Element) -> ReceivedFault | None:
    """The fault in a SOAP 1.2 envelope; without an eb:Error it is a failure of transport (ebMS3 Core App. E)."""
    fault = root.find(f"{_BODY}/{_FAULT}")
    if fault is None:
        return None
    code = trimmed(fault.findtext(_CODE) or "").rpartition(":")[2]
    reason = collapsed(fault.findtext(_REASON) or "")
    return ReceivedFault(code=code[:_MOST_REASON_CHARACTERS], reason=reason[:_MOST_REASON_CHARACTERS])
