"""xmlsec1, a foreign implementation of signatures, as it verifies what we write and writes what we read."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lxml import etree

from crypto.certificates import Certificate
from crypto.pki import certificates_pem, private_key_pem
from gateway.site.broker.answer import (
    BrokerAnswer,
    enveloped,
    response,
    unsigned_artifact_response,
    unsigned_assertion,
)
from gateway.site.broker.sealing import DS, Element
from gateway.site.broker.values import BrokerKey

EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
TEMPLATE = (
    f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC}"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
    '<ds:Reference URI="#{id}"><ds:Transforms>'
    f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
    f'<ds:Transform Algorithm="{EXC}"><ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="xs #default"/>'
    '</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>"
    "<ds:KeyInfo><ds:KeyName>{name}</ds:KeyName></ds:KeyInfo></ds:Signature>"
)


def _name(element: Element) -> str:
    name = etree.QName(element)
    return f"{name.namespace}:{name.localname}"


def _run(*arguments: str) -> None:
    done = subprocess.run(["xmlsec1", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def verify(octets: bytes, certificate: Certificate, key_name: str, folder: Path) -> None:
    """Have it verify the signature over the root, by the key of that name."""
    (folder / "key.pem").write_bytes(certificates_pem(certificate))
    (folder / "document.xml").write_bytes(octets)
    _run(
        "--verify",
        f"--pubkey-cert-pem:{key_name}",
        str(folder / "key.pem"),
        "--id-attr:ID",
        _name(etree.fromstring(octets)),
        str(folder / "document.xml"),
    )


def answered(answer: BrokerAnswer, *, resolve_id: str, folder: Path) -> bytes:
    """An answer whose two signatures it made, with a list of prefixes in each."""
    assertion = _signed(unsigned_assertion(answer), answer.key, folder)
    outer = unsigned_artifact_response(answer, response(answer, assertion), resolve_id=resolve_id)
    return enveloped(_signed(outer, answer.key, folder))


def _signed(root: Element, key: BrokerKey, folder: Path) -> Element:
    template = etree.fromstring(TEMPLATE.replace("{id}", root.attrib["ID"]).replace("{name}", key.name))
    root.replace(next(root.iterchildren(f"{{{DS}}}Signature")), template)
    (folder / "key.pem").write_bytes(private_key_pem(key.private_key))
    (folder / "template.xml").write_bytes(etree.tostring(root))
    _run(
        "--sign",
        "--privkey-pem",
        str(folder / "key.pem"),
        "--id-attr:ID",
        _name(root),
        "--output",
        str(folder / "signed.xml"),
        str(folder / "template.xml"),
    )
    return etree.fromstring((folder / "signed.xml").read_bytes())
