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
from lxml import etree

from crypto import names
from crypto.certificates import Certificate
from crypto.elements import Element, base64_text, content_id_uri
from crypto.key_references import KeyReference, write_key_reference, write_token
from crypto.key_transports import ContentAlgorithm, ContentKey, WrappedOctets, new_content_key
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
    "add_encryption",
    "new_content_key",
    "wrap",
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


def add_encryption(
    security: Element,
    *,
    wrapped: WrappedKey,
    parts: Sequence[EncryptedPart],
    key_reference: KeyReference = KeyReference.SKI,
    ids: Callable[[str], str],
) -> Element:
    """Writes EncryptedKey and one EncryptedData a part in front of `security` and answers the EncryptedKey.

    With `KeyReference.TOKEN` the recipient's certificate goes in front of them as a token of its own.
    """
    position = 0
    token_id = None
    if key_reference is KeyReference.TOKEN:
        token_id = ids("X509")
        write_token(security, wrapped.recipient, token_id, position=position)
        position += 1
    key_id = ids("EK")
    encrypted_key = etree.Element(names.ENCRYPTED_KEY, nsmap={"xenc": names.XENC}, Id=key_id)
    security.insert(position, encrypted_key)
    wrapped.sealed.transport.write(
        encrypted_key,
        wrapped.sealed,
        lambda key_info: write_key_reference(key_info, wrapped.recipient, key_reference, token_id=token_id),
    )
    cipher_data = etree.SubElement(encrypted_key, names.CIPHER_DATA)
    etree.SubElement(cipher_data, names.CIPHER_VALUE).text = base64_text(wrapped.sealed.octets)
    reference_list = etree.SubElement(encrypted_key, names.REFERENCE_LIST)
    for part in parts:
        position += 1
        data_id = ids("ED")
        etree.SubElement(reference_list, names.DATA_REFERENCE, URI=f"#{data_id}")
        security.insert(position, _encrypted_data(data_id, key_id, wrapped.content, part))
    return encrypted_key


def _encrypted_data(data_id: str, key_id: str, content: ContentAlgorithm, part: EncryptedPart) -> Element:
    data = etree.Element(
        names.ENCRYPTED_DATA,
        nsmap={"xenc": names.XENC, "ds": names.DS, "wsse": names.WSSE},
        Id=data_id,
        MimeType=part.mime_type,
        Type=names.ATTACHMENT_CONTENT_ONLY,
    )
    etree.SubElement(data, names.ENCRYPTION_METHOD, Algorithm=content.uri)
    key_info = etree.SubElement(data, names.KEY_INFO)
    reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE, nsmap={"wsse11": names.WSSE11})
    reference.set(names.TOKEN_TYPE, names.ENCRYPTED_KEY_TOKEN)
    etree.SubElement(reference, names.TOKEN_REFERENCE, URI=f"#{key_id}")
    cipher_data = etree.SubElement(data, names.CIPHER_DATA)
    cipher_reference = etree.SubElement(cipher_data, names.CIPHER_REFERENCE, URI=content_id_uri(part.content_id))
    transforms = etree.SubElement(cipher_reference, names.CIPHER_TRANSFORMS)
    etree.SubElement(transforms, names.TRANSFORM, Algorithm=names.ATTACHMENT_CIPHERTEXT_TRANSFORM)
    return data
