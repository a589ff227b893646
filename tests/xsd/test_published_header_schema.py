"""Our header schema against the published one: the same verdict, but where a table says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from support.messages.headers import CASES, EB
from support.published.published_schemas import published
from support.published.reference import envelope_octets, envelopes, reference

from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import DocumentFault, parse_document

# Where the published schema forbids what we take.
WIDER = {
    "id-twice": "a copied ds:Reference may bring an Id of another message; what is signed is held unique elsewhere",
    "selective-pull": "ebMS3 Part 2 5.1 selects with elements of the core namespace",
    "receipt-awareness": "AS4 5.1.8 a repeats the eb:UserMessage in the receipt",
    "domibus-soapEnvelope-UserMessage-receipt-split-and-join.xml": "AS4 5.1.8 a",
    "UserMessage_No_MPC_P2P_NoWSSecurity.as4receipt.xml": "AS4 5.1.8 a, an example of that very clause",
}
# Where it takes what we refuse.
NARROWER: dict[str, str] = {}


def difference(header: etree._Element) -> str:
    ours, theirs = not header_violations(header), published().validate(header)
    if ours == theirs:
        return "same"
    return "wider" if ours else "narrower"


def expected(name: str) -> str:
    return "wider" if name in WIDER else "narrower" if name in NARROWER else "same"


@pytest.mark.parametrize(("name", "header"), [row[:2] for row in CASES], ids=[row[0] for row in CASES])
def test_a_crafted_header_gets_the_verdict_of_the_published_schema(name: str, header: etree._Element) -> None:
    assert difference(header) == expected(name)


@pytest.mark.parametrize("path", envelopes() or [None], ids=lambda path: path.name if path else "absent")
def test_a_header_from_elsewhere_gets_the_verdict_of_the_published_schema(path: Path | None) -> None:
    reference("as4", "messages")
    assert path is not None
    try:
        root = parse_document(envelope_octets(path), limits=ENVELOPE_LIMITS)
    except DocumentFault:
        headers = []
    else:
        headers = list(root.iterfind(f".//{{{EB}}}Messaging"))
    assert [difference(header) for header in headers] == [expected(path.name)] * len(headers)


def test_every_listed_difference_names_a_header() -> None:
    reference("as4", "messages")
    names = {row[0] for row in CASES} | {path.name for path in envelopes()}
    assert names >= WIDER.keys() | NARROWER.keys()
