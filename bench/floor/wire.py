"""The floor's own messages, shaped as those that products exchange, and written in canonical form.

What is written canonically needs no canonicalization to be signed: the digest of the text is the digest of the element.
Exclusive canonicalization puts namespaces where they are used, in the order of their prefixes, before the attributes,
in the order of their namespaces; no element is empty-tagged.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
PKCS1 = padding.PKCS1v15()
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"
X509 = f"{OASIS}x509-token-profile-1.0#X509v3"
S12 = 'xmlns:S12="http://www.w3.org/2003/05/soap-envelope"'
EB = 'xmlns:eb="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"'
EBBP = 'xmlns:ebbp="http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"'
DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
WSU = f'xmlns:wsu="{OASIS}wssecurity-utility-1.0.xsd"'
SECURITY = (
    f'<wsse:Security {S12} {DS} xmlns:wsse="{OASIS}wssecurity-secext-1.0.xsd" '
    f'xmlns:wsse11="http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd" {WSU} '
    f'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" '
    f'S12:mustUnderstand="true">'
)
BODY = f'<S12:Body {S12} {WSU} wsu:Id="body"></S12:Body>'
PARTY = "urn:oasis:names:tc:ebcore:partyid-type:iso6523:0190"
ROLE = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
SENDER, HUB, RECEIVER = (f"0000009900000000{number}000" for number in (1, 9, 2))
BOUNDARY = b"knooppunt-floor-0123456789abcdef"


class Identity:
    """A key pair with a certificate."""

    def __init__(self, bits: int) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.public = self.key.public_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "floor")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .sign(self.key, hashes.SHA256())
        )
        self.token = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()


@dataclass(frozen=True, slots=True)
class Signed:
    """An envelope, and what was signed: each URI with its transform and digest."""

    octets: bytes
    references: tuple[tuple[str, str, str], ...]


def new_id() -> str:
    """An id of a message or part."""
    return f"{os.urandom(16).hex()}@{HUB}"


def digest(octets: bytes) -> str:
    """As ds:DigestValue has it."""
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


BODY_DIGEST = digest(BODY.encode())


def reference(uri: str, transform: str, value: str, spaces: str = "") -> str:
    """One ds:Reference; `spaces` where no element around it declares them."""
    return (
        f'<ds:Reference{spaces} URI="{uri}"><ds:Transforms><ds:Transform Algorithm="{transform}"></ds:Transform>'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod><ds:DigestValue>{value}'
        f"</ds:DigestValue></ds:Reference>"
    )


def signed(content: str, signer: Identity, parts: Sequence[tuple[str, str]] = (), encryption: str = "") -> Signed:
    """An envelope with the signature over eb:Messaging, the Body and the digests of the parts, given by Content-ID."""
    messaging = f'<eb:Messaging {S12} {EB} {WSU} wsu:Id="messaging" S12:mustUnderstand="true">{content}</eb:Messaging>'
    references = (
        ("#messaging", EXC, digest(messaging.encode())),
        ("#body", EXC, BODY_DIGEST),
        *((f"cid:{content_id}", f"{SWA}Attachment-Content-Signature-Transform", value) for content_id, value in parts),
    )
    info = (
        f'<ds:SignedInfo {DS}><ds:CanonicalizationMethod Algorithm="{EXC}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
        f"{''.join(reference(*each) for each in references)}</ds:SignedInfo>"
    )
    value = base64.b64encode(signer.key.sign(info.encode(), PKCS1, hashes.SHA256())).decode()
    text = (
        f"<S12:Envelope {S12}><S12:Header>{SECURITY}{encryption}"
        f'<wsse:BinarySecurityToken EncodingType="{OASIS}soap-message-security-1.0#Base64Binary" ValueType="{X509}" '
        f'wsu:Id="token">{signer.token}</wsse:BinarySecurityToken>'
        f'<ds:Signature Id="signature">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo>'
        f'<wsse:SecurityTokenReference><wsse:Reference URI="#token" ValueType="{X509}"></wsse:Reference>'
        f"</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security>{messaging}</S12:Header>{BODY}"
        f"</S12:Envelope>"
    )
    return Signed(text.encode(), references)


def encrypted_key(wrapped: bytes, content_ids: Sequence[str]) -> str:
    """The wrapped content key, and the description of each part that is encrypted under it."""
    data = "".join(
        f'<xenc:EncryptedData Id="data-{number}" MimeType="application/gzip" Type="{SWA}Attachment-Content-Only">'
        f'<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"></xenc:EncryptionMethod>'
        f'<ds:KeyInfo><wsse:SecurityTokenReference wsse11:TokenType="http://docs.oasis-open.org/wss/'
        f'oasis-wss-soap-message-security-1.1#EncryptedKey"><wsse:Reference URI="#key"></wsse:Reference>'
        f"</wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData>"
        f'<xenc:CipherReference URI="cid:{content_id}"><xenc:Transforms>'
        f'<ds:Transform Algorithm="{SWA}Attachment-Ciphertext-Transform"></ds:Transform></xenc:Transforms>'
        f"</xenc:CipherReference></xenc:CipherData></xenc:EncryptedData>"
        for number, content_id in enumerate(content_ids)
    )
    listed = "".join(
        f'<xenc:DataReference URI="#data-{number}"></xenc:DataReference>' for number in range(len(content_ids))
    )
    return (
        f'<xenc:EncryptedKey Id="key"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">'
        f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
        f'<xenc11:MGF Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"></xenc11:MGF></xenc:EncryptionMethod>'
        f"<ds:KeyInfo><wsse:SecurityTokenReference><wsse:KeyIdentifier "
        f'EncodingType="{OASIS}soap-message-security-1.0#Base64Binary" '
        f'ValueType="{OASIS}x509-token-profile-1.0#X509SubjectKeyIdentifier">vrtym5FX9zvwy8x55nOT91QLPCg='
        f"</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>"
        f"{base64.b64encode(wrapped).decode()}</xenc:CipherValue></xenc:CipherData><xenc:ReferenceList>{listed}"
        f"</xenc:ReferenceList></xenc:EncryptedKey>{data}"
    )


def _info(message_id: str, ref_to: str = "") -> str:
    refers = f"<eb:RefToMessageId>{ref_to}</eb:RefToMessageId>" if ref_to else ""
    return (
        f"<eb:MessageInfo><eb:Timestamp>{datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%S.000Z')}</eb:Timestamp>"
        f"<eb:MessageId>{message_id}</eb:MessageId>{refers}</eb:MessageInfo>"
    )


def user_message(message_id: str, sender: str, receiver: str, content_ids: Sequence[str], mpc: str = "") -> str:
    """An eb:UserMessage with these parts."""
    parts = "".join(
        f'<eb:PartInfo href="cid:{content_id}"><eb:PartProperties><eb:Property name="MimeType">application/xml'
        f'</eb:Property><eb:Property name="CharacterSet">utf-8</eb:Property><eb:Property name="CompressionType">'
        f"application/gzip</eb:Property></eb:PartProperties></eb:PartInfo>"
        for content_id in content_ids
    )
    to_mpc = f' mpc="{mpc}"' if mpc else ""
    return (
        f"<eb:UserMessage{to_mpc}>{_info(message_id)}<eb:PartyInfo><eb:From>"
        f'<eb:PartyId type="{PARTY}">{sender}</eb:PartyId><eb:Role>{ROLE}initiator</eb:Role></eb:From><eb:To>'
        f'<eb:PartyId type="{PARTY}">{receiver}</eb:PartyId><eb:Role>{ROLE}responder</eb:Role></eb:To></eb:PartyInfo>'
        f"<eb:CollaborationInfo><eb:Service>urn:floor:Schuldregeling:2.0</eb:Service><eb:Action>Saldoverzoek</eb:Action>"
        f"<eb:ConversationId>3a6f7ee8-b18f-4d51-985a-ebff0618b36f</eb:ConversationId></eb:CollaborationInfo>"
        f'<eb:MessageProperties><eb:Property name="originalSender">{SENDER}</eb:Property>'
        f'<eb:Property name="finalRecipient">{RECEIVER}</eb:Property><eb:Property name="trackingIdentifier">'
        f"50c6cec2-1065-421f-a84f-935776025d06</eb:Property></eb:MessageProperties><eb:PayloadInfo>{parts}"
        f"</eb:PayloadInfo></eb:UserMessage>"
    )


def pull_request(message_id: str) -> str:
    """An eb:SignalMessage that asks for the next message of the mailbox."""
    return (
        f"<eb:SignalMessage>{_info(message_id)}"
        f'<eb:PullRequest mpc="urn:floor:mpc:{RECEIVER}"></eb:PullRequest></eb:SignalMessage>'
    )


def receipt(message_id: str, ref_to: str, references: Sequence[tuple[str, str, str]]) -> str:
    """An eb:SignalMessage that repeats what was signed."""
    repeated = "".join(
        f"<ebbp:MessagePartNRInformation>{reference(*each, spaces=f' {DS}')}</ebbp:MessagePartNRInformation>"
        for each in references
    )
    return (
        f"<eb:SignalMessage>{_info(message_id, ref_to)}<eb:Receipt><ebbp:NonRepudiationInformation {EBBP}>{repeated}"
        f"</ebbp:NonRepudiationInformation></eb:Receipt></eb:SignalMessage>"
    )


def mime(envelope: bytes, parts: Sequence[tuple[str, bytes]]) -> bytes:
    """A multipart/related body."""
    pieces = [
        b"--%b\r\nContent-Type: application/soap+xml; charset=UTF-8\r\nContent-Transfer-Encoding: binary\r\n"
        b"Content-ID: <root@floor>\r\n\r\n%b" % (BOUNDARY, envelope)
    ]
    pieces += (
        b"\r\n--%b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
        b"Content-ID: <%b>\r\n\r\n%b" % (BOUNDARY, content_id.encode(), octets)
        for content_id, octets in parts
    )
    pieces.append(b"\r\n--%b--\r\n" % BOUNDARY)
    return b"".join(pieces)


def parts_of(body: bytes) -> list[tuple[bytes, bytes]]:
    """Head and content of each part of such a body."""
    found = []
    for piece in body.split(b"--" + BOUNDARY)[1:-1]:
        head, _, content = piece[2:-2].partition(b"\r\n\r\n")
        found.append((head, content))
    return found
