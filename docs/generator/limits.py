"""docs/reference/limits.md, from the limits that no setting of the hub changes."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from gateway.limits import HEAD_LIMITS, PAYLOAD_LIMITS, DocumentLimits, MimeLimits
from gateway.msh.steps.arrival import REQUEST_LIMITS
from generator.markdown import document, table

INTRODUCTION: Final = """\
What a hub takes and no setting changes. The limits of messages, connections and addresses that an operator sets stand
in [settings](settings.md)."""
HEAD: Final = (
    "A request whose head is over one of these is answered 400, without an envelope, and its connection closed."
)
MIME: Final = "A message over one of these is EBMS:0007."
XML: Final = """\
An envelope over one of these is refused before its signature is looked at; the first document of a message with
EBMS:0004, which says so. Octets are those of the default settings (`limits.soap_bytes`, `limits.document_bytes`).
Whatever those say, no text, value or comment may have more than 10,000,000 octets, and no name more than 50,000."""
_OF_HEAD: Final = (
    ("octets of the request target, the path with its query", HEAD_LIMITS.target_octets),
    ("octets of the value of one header; of the first one, of name and value together", HEAD_LIMITS.value_octets),
    ("headers", HEAD_LIMITS.headers),
)
_OF_MIME: Final = (
    ("headers of one part", MimeLimits().part_headers),
    ("octets of all headers of one part", MimeLimits().part_header_octets),
)
_OF_XML: Final = {
    "octets": "octets",
    "depth": "elements in each other",
    "elements": "elements, and comments",
    "attributes": "attributes of one element",
    "attributes_in_all": "attributes in all",
    "namespaces": "declarations of namespaces",
    "ids": "ids",
    "references": "references, as `&amp;` is one",
    "text_octets": "octets of one text or value",
}


def page() -> str:
    """The whole page."""
    return document(
        "Limits that no setting changes",
        INTRODUCTION,
        f"## The head of a request\n\n{HEAD}\n\n{_table(_OF_HEAD)}",
        f"## The parts of a message\n\n{MIME}\n\n{_table(_OF_MIME)}",
        f"## XML\n\n{XML}\n\n{_of_documents()}",
    )


def _table(rows: tuple[tuple[str, int], ...]) -> str:
    return table(("at most", ""), ((what, f"{most:,}") for what, most in rows))


def _of_documents() -> str:
    names = [each.name for each in fields(DocumentLimits)]
    return table(
        ("at most", "envelope", "document, by default"),
        ((_OF_XML[each], f"{getattr(REQUEST_LIMITS, each):,}", f"{getattr(PAYLOAD_LIMITS, each):,}") for each in names),
    )
