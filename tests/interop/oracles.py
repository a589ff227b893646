"""Second opinions in this process: signxml (libxml2, OpenSSL) and pybergshamra (an XML and crypto stack of its own).

Neither library knows AS4. What both leave to their caller is done here once, from the document alone and with nothing
of the product: where the signed elements stand, which parts are covered, whose token the message names.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

import pybergshamra
from cryptography import x509
from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from interop.as4_peer.multipart import Unreadable, split
from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier
from signxml.exceptions import SignXMLException

S12 = "{http://www.w3.org/2003/05/soap-envelope}"
EB = "{http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/}"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SWA_CONTENT = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireMessage:
    """One HTTP message as it was sent, with what a judge has to know to open it.

    `certificate` is its signer's; `key` opens its parts and belongs to `recipient`; `at` is when it was sent.
    """

    content_type: str
    body: bytes
    certificate: x509.Certificate
    key: RSAPrivateKey | None = None
    recipient: x509.Certificate | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Valid or the reason why not; the digests of the inflated payloads by Content-ID, where parts were opened."""

    valid: bool
    reason: str = ""
    payloads: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """What the message breaks."""


def signxml_verdict(message: WireMessage) -> Opinion:
    """Signature value and every digest by signxml; it opens no parts, so those come decrypted by pybergshamra."""

    def judge(envelope: bytes, root: etree._Element, parts: Mapping[str, bytes]) -> None:
        configuration = SignatureConfiguration(
            location=f"./{S12}Header/{WSSE}Security/", expect_references=True, verification_time=message.at
        )
        try:
            XMLVerifier().verify(
                envelope,
                x509_cert=message.certificate,
                expect_config=configuration,
                uri_resolver=lambda uri: parts.get(_content_id(uri)),
                validate_schema=False,  # its schema knows no InclusiveNamespaces, which other products write
            )
        except (SignXMLException, WrongSignature, ValueError, etree.DocumentInvalid) as fault:
            raise Refused(f"signxml: {fault}") from fault

    return _opinion(message, judge)


def bergshamra_verdict(message: WireMessage) -> Opinion:
    """Signature value and the digests of elements by pybergshamra, those of parts by its digest function.

    Its rule against wrapping refuses the layout of WS-Security as such, so it is off; `_check_layout` is in its place.
    """

    def judge(envelope: bytes, root: etree._Element, parts: Mapping[str, bytes]) -> None:
        manager = pybergshamra.KeysManager()
        manager.add_key(pybergshamra.load_x509_cert_der(message.certificate.public_bytes(Encoding.DER)))
        context = pybergshamra.DsigContext(manager, strict_verification=False, require_reference_digests=False)
        try:
            result = pybergshamra.verify(context, envelope.decode("utf-8"))
        except pybergshamra.BergshamraError as fault:
            raise Refused(f"pybergshamra: {fault}") from fault
        if not result.is_valid:
            raise Refused(f"pybergshamra: {result.reason}")
        for seen in result.references or ():
            if not seen.uri.startswith("cid:") and not seen.digest_verified:
                raise Refused(f"pybergshamra: the digest of {seen.uri} was not verified")
        for reference in _references(root):
            uri = reference.get("URI", "")
            if uri.startswith("cid:"):
                digest = pybergshamra.digest(SHA256, parts[_content_id(uri)])
                if digest != base64.b64decode(reference.findtext(f"{DS}DigestValue") or ""):
                    raise Refused(f"pybergshamra: the digest of {uri} does not match")

    return _opinion(message, judge)


def bergshamra_decrypt(root: etree._Element, parts: Mapping[str, bytes], key: RSAPrivateKey) -> dict[str, bytes]:
    """The parts as they were signed; pybergshamra reads no part, so the ciphertext goes where a CipherValue stands."""
    manager = pybergshamra.KeysManager()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    manager.add_key(pybergshamra.load_rsa_private_pem(pem))
    context = pybergshamra.EncContext(manager)
    opened = dict(parts)
    for encrypted in root.iter(f"{XENC}EncryptedData"):
        pointer = encrypted.find(f".//{WSSE}Reference")
        reference = encrypted.find(f"{XENC}CipherData/{XENC}CipherReference")
        if pointer is None or reference is None:
            raise Refused("the encrypted data names no key or no part")
        keys = root.xpath("//*[@Id=$id]", id=pointer.get("URI", "").removeprefix("#"))
        content_id = _content_id(reference.get("URI", ""))
        if len(keys) != 1 or keys[0].tag != f"{XENC}EncryptedKey" or content_id not in parts:
            raise Refused("the key or the part of the encrypted data is not in the message")
        try:
            opened[content_id] = pybergshamra.decrypt_to_bytes(context, _inlined(encrypted, keys[0], parts[content_id]))
        except pybergshamra.BergshamraError as fault:
            raise Refused(f"pybergshamra: {fault}") from fault
    return opened


def _inlined(encrypted: etree._Element, encrypted_key: etree._Element, ciphertext: bytes) -> str:
    """An EncryptedData that holds its key and its ciphertext itself."""
    document = etree.fromstring(etree.tostring(encrypted, with_tail=False))
    key = etree.fromstring(etree.tostring(encrypted_key, with_tail=False))
    for name in (f"{DS}KeyInfo", f"{XENC}ReferenceList"):
        child = key.find(name)
        if child is not None:
            key.remove(child)
    key_info, cipher_data = document.find(f"{DS}KeyInfo"), document.find(f"{XENC}CipherData")
    assert key_info is not None
    assert cipher_data is not None
    key_info[:] = [key]
    cipher_data[:] = []
    etree.SubElement(cipher_data, f"{XENC}CipherValue").text = base64.b64encode(ciphertext).decode("ascii")
    return etree.tostring(document).decode("ascii")


def _opinion(message: WireMessage, judge: Callable[[bytes, etree._Element, Mapping[str, bytes]], None]) -> Opinion:
    try:
        envelope, parts = split(message.content_type, message.body)
        root = etree.fromstring(envelope, etree.XMLParser(resolve_entities=False, no_network=True))
        _check_layout(root, frozenset(parts), message.certificate)
        if message.key is not None:
            parts = bergshamra_decrypt(root, parts, message.key)
        judge(envelope, root, parts)
        return Opinion(valid=True, payloads=_payload_digests(root, parts))
    except (Unreadable, etree.XMLSyntaxError, Refused, OSError) as fault:
        return Opinion(valid=False, reason=f"{type(fault).__name__}: {fault}")


def _references(root: etree._Element) -> list[etree._Element]:
    return root.findall(f"{S12}Header/{WSSE}Security/{DS}Signature/{DS}SignedInfo/{DS}Reference")


def _check_layout(root: etree._Element, content_ids: frozenset[str], certificate: x509.Certificate) -> None:
    """The caller's duties: one signature over exactly this Messaging, this Body and these parts, under this token."""
    messaging, body = root.findall(f"{S12}Header/{EB}Messaging"), root.findall(f"{S12}Body")
    if len(messaging) != 1 or len(body) != 1 or len(root.findall(f".//{DS}SignedInfo")) != 1:
        raise Refused("not one Messaging, one Body and one signature")
    ids = [str(value) for value in root.xpath("//@*[local-name()='Id']")]
    if len(ids) != len(set(ids)):
        raise Refused("two elements of one id")
    wanted = [f"#{each.get(f'{WSU}Id')}" for each in (messaging[0], body[0])] + [f"cid:{each}" for each in content_ids]
    named = [unquote(each.get("URI", "")) for each in _references(root)]
    if sorted(named) != sorted(wanted):
        raise Refused("the signature does not cover exactly this Messaging, this Body and these parts")
    for each in _references(root):
        transforms = [transform.get("Algorithm") for transform in each.iter(f"{DS}Transform")]
        if transforms != [SWA_CONTENT if each.get("URI", "").startswith("cid:") else EXCLUSIVE]:
            raise Refused(f"the transforms of {each.get('URI')}")
        if _algorithm(each, f"{DS}DigestMethod") != SHA256:
            raise Refused(f"the digest method of {each.get('URI')}")
    if _algorithm(root, f".//{DS}SignatureMethod") != RSA_SHA256:
        raise Refused("the signature method")
    _check_token(root, certificate)


def _algorithm(within: etree._Element, path: str) -> str | None:
    found = within.find(path)
    return None if found is None else found.get("Algorithm")


def _check_token(root: etree._Element, certificate: x509.Certificate) -> None:
    path = f"{S12}Header/{WSSE}Security/{DS}Signature/{DS}KeyInfo/{WSSE}SecurityTokenReference"
    reference = root.find(path)
    if reference is None or len(reference) != 1:
        raise Refused("no reference to a security token")
    named = reference[0]
    if named.tag == f"{WSSE}Reference":
        tokens = root.xpath("//*[@*[local-name()='Id']=$id]", id=named.get("URI", "").removeprefix("#"))
        held = [base64.b64decode(each.text or "") for each in tokens]
        same = held == [certificate.public_bytes(Encoding.DER)]
    elif named.tag == f"{WSSE}KeyIdentifier" and named.get("ValueType", "").endswith("#ThumbprintSHA1"):
        expected = hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).digest()
        same = base64.b64decode(named.text or "") == expected
    elif named.tag == f"{WSSE}KeyIdentifier":
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        same = base64.b64decode(named.text or "") == extension.value.digest
    else:
        same = named.findtext(f"{DS}X509IssuerSerial/{DS}X509SerialNumber") == str(certificate.serial_number)
    if not same:
        raise Refused("the message names another certificate")


def _content_id(uri: str) -> str:
    return unquote(uri.removeprefix("cid:"))


def _payload_digests(root: etree._Element, parts: Mapping[str, bytes]) -> dict[str, str]:
    digests = {}
    for info in root.iter(f"{EB}PartInfo"):
        content_id = _content_id(info.get("href", ""))
        compressed = any(each.get("name") == "CompressionType" for each in info.iter(f"{EB}Property"))
        octets = gzip.decompress(parts[content_id]) if compressed else parts[content_id]
        digests[content_id] = hashlib.sha256(octets).hexdigest()
    return digests
