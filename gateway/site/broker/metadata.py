"""The mock broker's metadata, signed: where to log in, where to resolve, and the names of its keys."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway.site.broker.answer import moment
from gateway.site.broker.sealing import DS, placeholder, sign
from gateway.site.broker.values import MD, SAMLP, BrokerKey, MockBroker

_BINDINGS: Final = "urn:oasis:names:tc:SAML:2.0:bindings:"


def metadata(
    broker: MockBroker, *, number: str, valid_until: datetime, signer: BrokerKey | None = None,
    keys: Sequence[BrokerKey] = (),
) -> bytes:  # fmt: skip
    """The EntityDescriptor, signed by the broker's key or `signer`; `keys` are those that sign answers, if others."""
    root = etree.Element(
        f"{{{MD}}}EntityDescriptor",
        {"ID": f"_metadata{number}", "entityID": broker.entity_id, "validUntil": moment(valid_until)},
        nsmap={"md": MD, "ds": DS},
    )
    root.append(placeholder())
    provider = etree.SubElement(
        root, f"{{{MD}}}IDPSSODescriptor", {"WantAuthnRequestsSigned": "true", "protocolSupportEnumeration": SAMLP}
    )
    for key in keys or (broker.key,):
        descriptor = etree.SubElement(provider, f"{{{MD}}}KeyDescriptor", {"use": "signing"})
        info = etree.SubElement(descriptor, f"{{{DS}}}KeyInfo")
        etree.SubElement(info, f"{{{DS}}}KeyName").text = key.name
        data = etree.SubElement(info, f"{{{DS}}}X509Data")
        octets = key.certificate.public_bytes(Encoding.DER)
        etree.SubElement(data, f"{{{DS}}}X509Certificate").text = b64encode(octets).decode("ascii")
    _endpoint(provider, "ArtifactResolutionService", "SOAP", broker.resolution_url).set("index", "0")
    _endpoint(provider, "SingleSignOnService", "HTTP-POST", broker.login_url)
    return etree.tostring(sign(root, signer or broker.key), xml_declaration=True, encoding="utf-8")


def _endpoint(provider: etree._Element, name: str, binding: str, url: str) -> etree._Element:
    attributes = {"Binding": f"{_BINDINGS}{binding}", "Location": url}
    return etree.SubElement(provider, f"{{{MD}}}{name}", attributes)
