"""Our header schema against the published one: the same verdict, but where a table says why not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.headers import CASES, EB
from support.reference import envelope_octets, envelopes, reference

from xsd.document import ENVELOPE_LIMITS, DocumentFault, parse_document
from xsd.header_schema import header_violations

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

# In dependency order, because the files import each other mostly without saying where they are.
IMPORTS = [
    ("http://www.w3.org/XML/1998/namespace", "w3c/xml.xsd"),
    ("http://www.w3.org/1999/xlink", "w3c/xlink.xsd"),
    ("http://www.w3.org/2000/09/xmldsig#", "w3c/xmldsig-core-schema.xsd"),
    (
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
        "wss/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    ),
    ("http://schemas.xmlsoap.org/soap/envelope/", "soap/soap11.xsd"),
    ("http://www.w3.org/2003/05/soap-envelope", "soap/soap12.xsd"),
    ("http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0", "oasis/ebbp-signals-2.0.4.xsd"),
    (EB, "oasis/ebms-header-3_0-200704_with_property_type_attribute.xsd"),
]


class Offline(etree.Resolver):
    """Gives the schemas that name a place on the network the file beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        places = {
            **dict(IMPORTS),
            "http://www.w3.org/2001/03/xml.xsd": "w3c/xml.xsd",
        }
        if system_url in places:
            return self.resolve_filename(str(self.folder / places[system_url]), context)
        assert not system_url.startswith("http"), system_url
        return None


@cache
def published() -> etree.XMLSchema:
    folder = reference("as4", "xsd")
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline(folder))
    imports = "".join(f'<xs:import namespace="{name}" schemaLocation="{folder / file}"/>' for name, file in IMPORTS)
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, parser))


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
