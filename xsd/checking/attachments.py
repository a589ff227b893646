"""The documents that travel with a message: what the header names, what the sender's role demands, what really came.

The header names each document by kind and SHA-256; the parts beside the payload are compared by digest, so that names
on the way do not matter. Which roles a sender has is the P-Mode's business; they come in as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from xsd.checking.violations import Violation, line_of, readable_path
from xsd.document import text_of
from xsd.message_type import MessageType
from xsd.payload_header import header_element


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAttachment:
    """One document as the header names it; `sha256` is the digest of its octets, in lower case hexadecimal."""

    kind: str
    file_name: str
    sha256: str
    element: etree._Element


def named_attachments(document: etree._Element) -> tuple[NamedAttachment, ...]:
    """The documents that the header of a conforming message names, in order."""
    header = header_element(document)
    namespace = etree.QName(document).namespace

    def value(of: etree._Element, name: str) -> str:
        found = of.find(f"{{{namespace}}}{name}")
        return "" if found is None else text_of(found).strip()

    return tuple(
        NamedAttachment(
            kind=value(e, "Soort"), file_name=value(e, "Bestandsnaam"), sha256=value(e, "Sha256"), element=e
        )
        for e in header.findall(f"{{{namespace}}}Bijlagen/{{{namespace}}}Bijlage")
    )


def attachment_violations(
    message_type: MessageType,
    document: etree._Element,
    *,
    sender_roles: Iterable[str] | None = None,
    digests: Iterable[str] | None = None,
) -> tuple[Violation, ...]:
    """What is wrong with the documents of a message that passed layer one. With `sender_roles`: a document that a
    sender in these roles must bring is not named. With `digests` (of the octets of the parts that came, unpacked): a
    named document did not come, or a part came that is not named."""
    names = message_type.schema.qualified_names
    named = named_attachments(document)
    found: list[tuple[str, etree._Element]] = []
    if sender_roles is not None:
        kinds = {attachment.kind for attachment in named}
        missing = [kind for kind in message_type.required_attachments(sender_roles) if kind not in kinds]
        found += [("BIJLAGE-VERPLICHT", header_element(document)) for _ in missing]
    if digests is not None:
        came = list(digests)
        found += [("BIJLAGE-ONTBREEKT", a.element) for a in named if a.sha256 not in came]
        unnamed = set(came) - {a.sha256 for a in named}
        found += [("BIJLAGE-ONGENOEMD", header_element(document)) for _ in unnamed]
    return tuple(
        Violation(
            code=code, line=line_of(element), path=readable_path(element, names), nl=SENTENCES[code][0],
            en=SENTENCES[code][1],
        )
        for code, element in found
    )  # fmt: skip


SENTENCES = {
    "BIJLAGE-VERPLICHT": (
        "De afzender moet met dit bericht een document meesturen dat de stuurgegevens niet noemen.",
        "The sender must send a document with this message that its header does not name.",
    ),
    "BIJLAGE-ONTBREEKT": (
        "Dit document is genoemd, maar niet meegestuurd.",
        "This document is named but did not come.",
    ),
    "BIJLAGE-ONGENOEMD": (
        "Er is een document meegestuurd dat de stuurgegevens niet noemen.",
        "A document came that the header does not name.",
    ),
}
