"""A retry as other products make it: nothing is kept but what the message says and the octets of its parts.

Everything else is new on every try: ids, Content-IDs, boundary, content key, Timestamps, the form of the key reference,
the prefixes. The XML and its security are made here with lxml and cryptography alone, by no code of the product.

    signed_anew(draft, holodeck(), identity("counsellor", "next"))
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import SubjectKeyIdentifier
from lxml import etree
from support.keys.pki import Identity, identity
from support.messages.wire import Draft, Wire

EB = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
S12 = "http://www.w3.org/2003/05/soap-envelope"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE, WSU = f"{_OASIS}-wssecurity-secext-1.0.xsd", f"{_OASIS}-wssecurity-utility-1.0.xsd"
WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
X509 = f"{_OASIS}-x509-token-profile-1.0"
BASE64 = f"{_OASIS}-soap-message-security-1.0#Base64Binary"
SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
GZIP = "application/gzip"
DIGESTS = {"sha256": f"{XENC}sha256", "sha512": f"{XENC}sha512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a product writes: the prefix of its ids and Content-IDs, and how it names its certificate."""

    prefix: str
    eb: str
    key_reference: Literal["token", "ski", "issuer-serial"]
    indented: bool
    lifetime: timedelta | None
    digest: str = "sha256"


def phase4(**changes: object) -> Style:
    """After a crash everything is built again from the payload that was kept."""
    style = {"prefix": "phase4-", "eb": "eb3", "key_reference": "token", "indented": False, "lifetime": None}
    return Style(**(style | changes))  # type: ignore[arg-type]


def holodeck(**changes: object) -> Style:
    """Every retry passes the whole security module again."""
    style = {
        "prefix": "_", "eb": "eb", "key_reference": "issuer-serial", "indented": True, "lifetime": timedelta(minutes=5),
    }  # fmt: skip
    return Style(**(style | changes))  # type: ignore[arg-type]


def signed_anew(draft: Draft, style: Style, who: Identity, *, at: datetime, beside: str = "") -> Wire:
    """The same message, packed and signed as if for the first time; `beside` is the XML of another signal."""
    names = [f"{style.prefix}{uuid.uuid4()}@{style.eb}.example" for _ in draft.parts]
    ids = {each: f"{style.prefix}{each}-{uuid.uuid4()}" for each in ("messaging", "body", "token", "time", "key")}
    key = os.urandom(16)
    messaging = _messaging(draft, style, names, ids["messaging"], at, beside)
    time = _timestamp(ids["time"], at, style.lifetime) if style.lifetime is not None else ""
    root = etree.fromstring(
        f'<s:Envelope xmlns:s="{S12}" xmlns:wsu="{WSU}"><s:Header>{messaging}'
        f'<wsse:Security xmlns:wsse="{WSSE}" s:mustUnderstand="true">'
        f"{_encryption(draft, style, names, key, ids['key'])}{_token(who, ids['token'], style)}{time}"
        f'</wsse:Security></s:Header><s:Body wsu:Id="{ids["body"]}"/></s:Envelope>'
    )
    signed = ["messaging", "body", *(["time"] if time else [])]
    references = "".join(_element_reference(root, ids[each], style) for each in signed)
    references += "".join(
        _reference(f"cid:{name}", f"{SWA}#Attachment-Content-Signature-Transform", part.signed_octets, style)
        for name, part in zip(names, draft.parts, strict=True)
    )
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}" xmlns:wsse="{WSSE}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{EXC_C14N}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{references}</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>{_key_reference(who, ids['token'], style)}"
        "</ds:KeyInfo></ds:Signature>"
    )
    root.find(f"{{{S12}}}Header/{{{WSSE}}}Security").append(signature)
    octets = etree.tostring(signature[0], method="c14n", exclusive=True)
    value = who.signing.private_key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    signature[1].text = base64.b64encode(value).decode()
    envelope = etree.tostring(root)
    boundary = f"----={style.prefix}{uuid.uuid4().hex}"
    body = f"--{boundary}\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n\r\n".encode() + envelope
    for name, part in zip(names, draft.parts, strict=True):
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(key).encrypt(nonce, part.signed_octets, None)
        head = f"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{name}>"
        body += f"\r\n--{boundary}\r\n{head}\r\n\r\n".encode() + sealed
    body += f"\r\n--{boundary}--\r\n".encode()
    return Wire(
        content_type=f'multipart/related; boundary="{boundary}"; type="application/soap+xml"',
        body=body,
        envelope=envelope,
        message_id=draft.user_message.message_id,
    )


def _messaging(draft: Draft, style: Style, names: list[str], wsu_id: str, at: datetime, beside: str) -> str:
    said, p = draft.user_message, style.eb

    def element(local: str, text: str, /, **attributes: str | None) -> str:
        written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
        return f"<{p}:{local}{written}>{escape(text)}</{p}:{local}>"

    def party(name: str, ids: str, role: str) -> str:
        return f"<{p}:{name}>{ids}{element('Role', role)}</{p}:{name}>"

    def properties(all_of_them: tuple[object, ...]) -> str:
        return "".join(element("Property", each.value, name=each.name, type=each.type) for each in all_of_them)  # type: ignore[attr-defined]

    parties = "".join(
        party(name, "".join(element("PartyId", each.value, type=each.type) for each in found.party_ids), found.role)
        for name, found in (("From", said.from_party), ("To", said.to_party))
    )
    referred = "" if said.ref_to_message_id is None else element("RefToMessageId", said.ref_to_message_id)
    agreed = said.agreement_ref
    agreement = "" if agreed is None else element("AgreementRef", agreed.value, type=agreed.type, pmode=agreed.pmode)
    parts = "".join(
        f'<{p}:PartInfo href="cid:{name}"><{p}:PartProperties>{properties(info.properties)}</{p}:PartProperties>'
        f"</{p}:PartInfo>"
        for name, info in zip(names, said.parts, strict=True)
    )
    service = element("Service", said.service.value, type=said.service.type)
    mpc = "" if said.mpc is None else f" mpc={quoteattr(said.mpc)}"
    info = element("Timestamp", at.isoformat()) + element("MessageId", said.message_id) + referred
    text = (
        f'<{p}:Messaging xmlns:{p}="{EB}" xmlns:s="{S12}" xmlns:wsu="{WSU}" s:mustUnderstand="true" wsu:Id="{wsu_id}">'
        f"{beside}<{p}:UserMessage{mpc}><{p}:MessageInfo>{info}</{p}:MessageInfo><{p}:PartyInfo>{parties}"
        f"</{p}:PartyInfo><{p}:CollaborationInfo>{agreement}{service}"
        f"{element('Action', said.action)}{element('ConversationId', said.conversation_id)}</{p}:CollaborationInfo>"
        f"<{p}:MessageProperties>{properties(said.properties)}</{p}:MessageProperties>"
        f"<{p}:PayloadInfo>{parts}</{p}:PayloadInfo></{p}:UserMessage></{p}:Messaging>"
    )
    if not style.indented:
        return text
    root = etree.fromstring(text)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


def _timestamp(wsu_id: str, at: datetime, lifetime: timedelta) -> str:
    return (
        f'<wsu:Timestamp wsu:Id="{wsu_id}"><wsu:Created>{at:%Y-%m-%dT%H:%M:%S.000Z}</wsu:Created>'
        f"<wsu:Expires>{at + lifetime:%Y-%m-%dT%H:%M:%S.000Z}</wsu:Expires></wsu:Timestamp>"
    )


def _reference(uri: str, transform: str, octets: bytes, style: Style) -> str:
    digest = base64.b64encode(hashlib.new(style.digest, octets).digest()).decode()
    return (
        f'<ds:Reference URI="{uri}"><ds:Transforms><ds:Transform Algorithm="{transform}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DIGESTS[style.digest]}"/><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference>"
    )


def _element_reference(root: etree._Element, wsu_id: str, style: Style) -> str:
    (element,) = root.xpath("//*[@wsu:Id=$id]", namespaces={"wsu": WSU}, id=wsu_id)
    return _reference(f"#{wsu_id}", EXC_C14N, etree.tostring(element, method="c14n", exclusive=True), style)


def _der(who: Identity) -> str:
    octets = who.signing.certificate.public_bytes(serialization.Encoding.DER)
    return base64.b64encode(octets).decode()


def _ski(certificate: object) -> str:
    found = certificate.extensions.get_extension_for_class(SubjectKeyIdentifier)  # type: ignore[attr-defined]
    return base64.b64encode(found.value.digest).decode()


def _token(who: Identity, token_id: str, style: Style) -> str:
    if style.key_reference != "token":
        return ""
    return (
        f'<wsse:BinarySecurityToken EncodingType="{BASE64}" ValueType="{X509}#X509v3" wsu:Id="{token_id}">'
        f"{_der(who)}</wsse:BinarySecurityToken>"
    )


def _key_reference(who: Identity, token_id: str, style: Style) -> str:
    certificate = who.signing.certificate
    match style.key_reference:
        case "token":
            inner = f'<wsse:Reference URI="#{token_id}" ValueType="{X509}#X509v3"/>'
        case "ski":
            inner = _by_ski(certificate)
        case _:
            inner = (
                f"<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>{escape(certificate.issuer.rfc4514_string())}"
                f"</ds:X509IssuerName><ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber>"
                "</ds:X509IssuerSerial></ds:X509Data>"
            )
    return f"<wsse:SecurityTokenReference>{inner}</wsse:SecurityTokenReference>"


def _by_ski(certificate: object) -> str:
    return (
        f'<wsse:KeyIdentifier EncodingType="{BASE64}" ValueType="{X509}#X509SubjectKeyIdentifier">'
        f"{_ski(certificate)}</wsse:KeyIdentifier>"
    )


def _encryption(draft: Draft, style: Style, names: list[str], key: bytes, key_id: str) -> str:
    hub = identity("hub").encryption.certificate
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    wrapped = base64.b64encode(hub.public_key().encrypt(key, oaep)).decode()  # type: ignore[union-attr, call-arg]
    data_ids = [f"{style.prefix}data-{uuid.uuid4()}" for _ in names]
    listed = "".join(f'<xenc:DataReference URI="#{each}"/>' for each in data_ids)
    return (
        f'<xenc:EncryptedKey xmlns:xenc="{XENC}" xmlns:ds="{DS}" Id="{key_id}">'
        '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">'
        f'<ds:DigestMethod Algorithm="{XENC}sha256"/><xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"'
        ' Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/></xenc:EncryptionMethod>'
        f"<ds:KeyInfo><wsse:SecurityTokenReference>{_by_ski(hub)}</wsse:SecurityTokenReference></ds:KeyInfo>"
        f"<xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData>"
        f"<xenc:ReferenceList>{listed}</xenc:ReferenceList></xenc:EncryptedKey>"
    ) + "".join(
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Id="{data_id}" MimeType="{part.wire_type}"'
        f' Type="{SWA}#Attachment-Content-Only">'
        '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/><ds:KeyInfo>'
        f'<wsse:SecurityTokenReference xmlns:wsse11="{WSSE11}"'
        ' wsse11:TokenType="http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey">'
        f'<wsse:Reference URI="#{key_id}"/></wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData>'
        f'<xenc:CipherReference URI="cid:{name}"><xenc:Transforms>'
        f'<ds:Transform Algorithm="{SWA}#Attachment-Ciphertext-Transform"/></xenc:Transforms></xenc:CipherReference>'
        "</xenc:CipherData></xenc:EncryptedData>"
        for data_id, name, part in zip(data_ids, names, draft.parts, strict=True)
    )
