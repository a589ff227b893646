"""The protocol's schemas as they were published, read from beside the checkout; the product has its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from support.messages.headers import EB
from support.published.reference import reference

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
    """The ebMS header with everything it imports, as OASIS and W3C publish it."""
    folder = reference("as4", "xsd")
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline(folder))
    imports = "".join(f'<xs:import namespace="{name}" schemaLocation="{folder / file}"/>' for name, file in IMPORTS)
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, parser))
