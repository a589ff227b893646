"""Signing and encrypting as the mock broker does it: by signxml, and by `cryptography` without anything of ours."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from gateway.site.broker.values import SAML, BrokerKey

Element: TypeAlias = etree._Element
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
OAEP_SHA1: Final = f"{XENC}rsa-oaep-mgf1p"
OAEP_SHA256: Final = f"{XENC11}rsa-oaep"
CIPHERS: Final = {
    f"{XENC}aes128-cbc": 16, f"{XENC}aes256-cbc": 32, f"{XENC11}aes128-gcm": 16, f"{XENC11}aes256-gcm": 32,
}  # fmt: skip
_BLOCK: Final = 16
_GCM_IV: Final = 12


def sign(element: Element, key: BrokerKey) -> Element:
    """The element with a signature over it, where its `ds:Signature Id="placeholder"` stands."""
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(
        element,
        key=key.private_key,
        cert=[key.certificate],
        key_name=key.name,
        reference_uri=f"#{element.get('ID')}",
        id_attribute="ID",
    )


def placeholder() -> Element:
    """Where the signature will stand."""
    return etree.Element(f"{{{DS}}}Signature", {"Id": "placeholder"}, nsmap={"ds": DS})


def signed_by(element: Element, certificate: x509.Certificate) -> Element:
    """What that certificate's key signed; signxml's own exceptions where it did not."""
    config = SignatureConfiguration(
        location="./",
        signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
    )
    verified = XMLVerifier().verify(element, x509_cert=certificate, expect_config=config, id_attribute="ID")
    result = verified[0] if isinstance(verified, list) else verified
    if result.signed_xml is None:
        raise ValueError("the signature covers no element")
    return result.signed_xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """For whom a key is wrapped, and what the key is called."""

    entity_id: str
    key_name: str
    certificate: x509.Certificate


def name_id(qualifier: str, value: str) -> bytes:
    """A saml:NameID, as it is encrypted."""
    element = etree.Element(f"{{{SAML}}}NameID", {"NameQualifier": qualifier}, nsmap={"saml": SAML})
    element.text = value
    return etree.tostring(element)


def encrypted_id(
    octets: bytes, recipients: Sequence[Recipient], *, cipher: str, transport: str, number: str
) -> Element:
    """saml:EncryptedID with the data and, beside it, one wrapped key per recipient; `number` keeps ids apart."""
    content_key = os.urandom(CIPHERS[cipher])
    root = etree.Element(f"{{{SAML}}}EncryptedID", nsmap={"saml": SAML})
    data = etree.SubElement(
        root, f"{{{XENC}}}EncryptedData", {"Id": f"_ed{number}", "Type": f"{XENC}Element"}, nsmap={"xenc": XENC}
    )
    etree.SubElement(data, f"{{{XENC}}}EncryptionMethod", {"Algorithm": cipher})
    info = etree.SubElement(data, f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    etree.SubElement(info, f"{{{DS}}}RetrievalMethod", {"URI": f"#_ek{number}_0", "Type": f"{XENC}EncryptedKey"})
    _cipher_data(data, _ciphertext(octets, content_key, cipher))
    for index, recipient in enumerate(recipients):
        root.append(_wrapped(content_key, recipient, transport, f"{number}_{index}", number))
    return root


def _wrapped(content_key: bytes, recipient: Recipient, transport: str, own: str, number: str) -> Element:
    key = etree.Element(
        f"{{{XENC}}}EncryptedKey", {"Id": f"_ek{own}", "Recipient": recipient.entity_id}, nsmap={"xenc": XENC}
    )
    method = etree.SubElement(key, f"{{{XENC}}}EncryptionMethod", {"Algorithm": transport})
    digest: hashes.HashAlgorithm = hashes.SHA1() if transport == OAEP_SHA1 else hashes.SHA256()  # noqa: S303 - as brokers do
    uri = f"{DS}sha1" if transport == OAEP_SHA1 else f"{XENC}sha256"
    etree.SubElement(method, f"{{{DS}}}DigestMethod", {"Algorithm": uri}, nsmap={"ds": DS})
    if transport == OAEP_SHA256:
        etree.SubElement(method, f"{{{XENC11}}}MGF", {"Algorithm": f"{XENC11}mgf1sha256"}, nsmap={"xenc11": XENC11})
    info = etree.SubElement(key, f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    etree.SubElement(info, f"{{{DS}}}KeyName").text = recipient.key_name
    public_key = recipient.certificate.public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        raise ValueError("a key is wrapped for RSA alone")
    scheme = padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None)
    _cipher_data(key, public_key.encrypt(content_key, scheme))
    listed = etree.SubElement(key, f"{{{XENC}}}ReferenceList")
    etree.SubElement(listed, f"{{{XENC}}}DataReference", {"URI": f"#_ed{number}"})
    return key


def _ciphertext(octets: bytes, key: bytes, cipher: str) -> bytes:
    if cipher.startswith(XENC11):
        iv = os.urandom(_GCM_IV)
        return iv + AESGCM(key).encrypt(iv, octets, None)
    iv, missing = os.urandom(_BLOCK), _BLOCK - len(octets) % _BLOCK
    padded = octets + os.urandom(missing - 1) + bytes([missing])  # ISO 10126, as XML Encryption has it
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    return iv + encryptor.update(padded) + encryptor.finalize()


def _cipher_data(parent: Element, octets: bytes) -> None:
    data = etree.SubElement(parent, f"{{{XENC}}}CipherData")
    etree.SubElement(data, f"{{{XENC}}}CipherValue").text = b64encode(octets).decode("ascii")
