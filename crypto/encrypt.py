"""Encrypting an AS4 message: a content key for its parts, wrapped for one recipient, and what the header says about it.

A part becomes IV || ciphertext || tag with Content-Type application/octet-stream; its own type moves to
EncryptedData/@MimeType. Encryption is added after signing, in front of everything in wsse:Security.
Clauses: AS4 5.1.6, WSS SwA Profile 1.1.1 6, XML Encryption 1.1 5.2.4; eDelivery AS4 1.15.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from crypto import names
from crypto.certificates import Certificate
from crypto.content_ids import content_id_uri
from crypto.elements import base64_text
from crypto.key_references import KeyReference, write_key_reference, write_token
from crypto.key_transports import ContentAlgorithm, ContentKey, WrappedOctets, new_content_key
from crypto.markup import attribute
from crypto.suites import Suite

IV_OCTETS = 12
TAG_OCTETS = 16

__all__ = [
    "IV_OCTETS",
    "TAG_OCTETS",
    "ContentCipher",
    "ContentKey",
    "EncryptedPart",
    "WrappedKey",
    "new_content_key",
    "wrap",
    "write_encryption",
]


class ContentCipher:
    """Encrypts one part while it streams by; a fresh IV each, so a key may serve all parts of a message."""

    __slots__ = ("_encryptor", "_head")

    def __init__(self, key: ContentKey) -> None:
        iv = os.urandom(IV_OCTETS)
        self._encryptor = Cipher(AES(key.octets), GCM(iv)).encryptor()
        self._head = iv

    def update(self, octets: bytes) -> bytes:
        """The next octets of the encrypted part; the first call begins with the IV."""
        head, self._head = self._head, b""
        return head + self._encryptor.update(octets)

    def finish(self) -> bytes:
        """The last octets of the encrypted part: the tag, and the IV when the part was empty."""
        head, self._head = self._head, b""
        return head + self._encryptor.finalize() + self._encryptor.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A content key as only the recipient can read it."""

    recipient: Certificate
    content: ContentAlgorithm
    sealed: WrappedOctets


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedPart:
    """A part that has been encrypted: its Content-ID without angle brackets, and its type before encryption."""

    content_id: str
    mime_type: str


def wrap(content_key: ContentKey, recipient: Certificate, suite: Suite) -> WrappedKey:
    """Wraps the key for the recipient's encryption certificate; UnusableCredential when its key does not fit."""
    return WrappedKey(
        recipient=recipient,
        content=content_key.algorithm,
        sealed=suite.key_transport.wrap(content_key.octets, recipient.public_key()),
    )


def write_encryption(
    *,
    wrapped: WrappedKey,
    parts: Sequence[EncryptedPart],
    key_reference: KeyReference = KeyReference.SKI,
    ids: Callable[[str], str],
) -> str:
    """EncryptedKey and one EncryptedData a part, to stand in front of everything else in wsse:Security.

    With `KeyReference.TOKEN` the recipient's certificate goes in front of them as a token of its own.
    """
    token_id = ids("X509") if key_reference is KeyReference.TOKEN else None
    token = "" if token_id is None else write_token(wrapped.recipient, token_id)
    key_id = ids("EK")
    recipient_reference = write_key_reference(wrapped.recipient, key_reference, token_id=token_id)
    data = [(ids("ED"), part) for part in parts]
    listed = "".join(f'<xenc:DataReference URI="#{data_id}"></xenc:DataReference>' for data_id, _ in data)
    return (
        f'{token}<xenc:EncryptedKey Id="{key_id}">'
        f"{wrapped.sealed.transport.write(wrapped.sealed, recipient_reference)}"
        f"<xenc:CipherData><xenc:CipherValue>{base64_text(wrapped.sealed.octets)}</xenc:CipherValue></xenc:CipherData>"
        f"<xenc:ReferenceList>{listed}</xenc:ReferenceList></xenc:EncryptedKey>"
        + "".join(_write_data(data_id, key_id, wrapped.content, part) for data_id, part in data)
    )


def _write_data(data_id: str, key_id: str, content: ContentAlgorithm, part: EncryptedPart) -> str:
    return (
        f'<xenc:EncryptedData Id="{data_id}" MimeType="{attribute(part.mime_type)}"'
        f' Type="{names.ATTACHMENT_CONTENT_ONLY}"><xenc:EncryptionMethod Algorithm="{content.uri}">'
        "</xenc:EncryptionMethod><ds:KeyInfo>"
        f'<wsse:SecurityTokenReference wsse11:TokenType="{names.ENCRYPTED_KEY_TOKEN}">'
        f'<wsse:Reference URI="#{key_id}"></wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo>'
        f'<xenc:CipherData><xenc:CipherReference URI="{attribute(content_id_uri(part.content_id))}"><xenc:Transforms>'
        f'<ds:Transform Algorithm="{names.ATTACHMENT_CIPHERTEXT_TRANSFORM}"></ds:Transform>'
        "</xenc:Transforms></xenc:CipherReference></xenc:CipherData></xenc:EncryptedData>"
    )
