"""Opening what an identity provider encrypted inside a signed assertion: an identifier, seldom more than a few hundred
octets.

Providers use AES in CBC mode, which proves nothing of what it opens, and OAEP over SHA-1; no suite of AS4 accepts the
former, and no room but `gateway.identity` may import this module (a contract in setup.cfg). Clauses: SAML 2.0 Core
2.2.4; XML Encryption 1.1 5.2, 5.5.2.

SECURITY: call it only for octets whose signature held: then nobody can ask it about ciphertexts of his own, and there
is no padding oracle. Every failure, be it of the form, the key, the padding or the tag, is one FailedDecryption with
one text; a key that does not unwrap is replaced by chance, so that what follows costs the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from crypto import names
from crypto.certificates import Certificate
from crypto.elements import Element, algorithm_of, base64_of, child_elements, only_child, trimmed_text_of
from crypto.faults import FailedDecryption, SecurityFault
from crypto.key_transports import KEY_TRANSPORTS, WrappedOctets
from crypto.keys import Unwrapper

NOT_OPENED: Final = "what the provider encrypted could not be opened"
_MOST_KEYS: Final = 16
_MOST_CHARACTERS: Final = 16_384
_BLOCK: Final = 16
_GCM_IV: Final = 12


def key_names_of(certificate: Certificate) -> frozenset[str]:
    """What ds:KeyName may call a key of ours, in lower case: providers take one fingerprint or another."""
    hashes = [SHA1(), SHA256()]  # noqa: S303 - a name, not a measure of security
    own = certificate.signature_hash_algorithm
    return frozenset(certificate.fingerprint(each).hex() for each in (*hashes, *((own,) if own else ())))


def key_name_of(certificate: Certificate) -> str:
    """What we call that key where we write its name."""
    return certificate.fingerprint(SHA256()).hex()


def opened(encrypted_id: Element, *, recipient: str, keys: Sequence[Unwrapper]) -> bytes:
    """The octets of what saml:EncryptedID holds, opened with the key that is wrapped for that recipient under the name
    of one of ours; FailedDecryption, always with the same text.
    """
    try:
        return _opened(encrypted_id, recipient, keys)
    except SecurityFault:
        raise FailedDecryption(NOT_OPENED) from None


def _opened(encrypted_id: Element, recipient: str, keys: Sequence[Unwrapper]) -> bytes:
    data = only_child(encrypted_id, names.ENCRYPTED_DATA)
    cipher = _CIPHERS.get(algorithm_of(only_child(data, names.ENCRYPTION_METHOD)))
    if cipher is None:
        raise FailedDecryption(NOT_OPENED)
    ciphertext = _cipher_value(data)
    wrapped, key = _wrapped_for(encrypted_id, recipient, keys)
    try:
        octets = key.unwrap(wrapped)
    except FailedDecryption:
        octets = b""
    by_chance = os.urandom(cipher.key_octets)
    return cipher.open(octets if len(octets) == cipher.key_octets else by_chance, ciphertext)


def _wrapped_for(encrypted_id: Element, recipient: str, keys: Sequence[Unwrapper]) -> tuple[WrappedOctets, Unwrapper]:
    """The first wrapped key that is for us by both of its names."""
    children = child_elements(encrypted_id)
    if len(children) > 1 + _MOST_KEYS:
        raise FailedDecryption(NOT_OPENED)
    for each in encrypted_id.iterchildren(names.ENCRYPTED_KEY):
        if each.get("Recipient") != recipient:
            continue
        name = trimmed_text_of(only_child(only_child(each, names.KEY_INFO), names.KEY_NAME)).lower()
        key = next((key for key in keys if name in key_names_of(key.certificate)), None)
        if key is not None:
            return _wrapped(each), key
    raise FailedDecryption(NOT_OPENED)


def _wrapped(encrypted_key: Element) -> WrappedOctets:
    for transport in KEY_TRANSPORTS.values():
        parameters = transport.read(encrypted_key)
        if parameters is not None:
            return WrappedOctets(transport=transport, octets=_cipher_value(encrypted_key), parameters=parameters)
    raise FailedDecryption(NOT_OPENED)


def _cipher_value(encrypted: Element) -> bytes:
    value = only_child(only_child(encrypted, names.CIPHER_DATA), names.CIPHER_VALUE)
    return base64_of(value, limit=_MOST_CHARACTERS, otherwise=FailedDecryption)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ContentCipher:
    """One cipher of the table; `open` takes key and ciphertext, and raises FailedDecryption."""

    uri: str
    key_octets: int
    open: Callable[[bytes, bytes], bytes]


def _open_cbc(key: bytes, ciphertext: bytes) -> bytes:
    """XML Encryption 1.1 5.2.2: the last octet says how many are padding, whatever the others are."""
    iv, blocks = ciphertext[:_BLOCK], ciphertext[_BLOCK:]
    if not blocks or len(ciphertext) % _BLOCK:
        raise FailedDecryption(NOT_OPENED)
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(blocks) + decryptor.finalize()
    if not 1 <= padded[-1] <= _BLOCK:
        raise FailedDecryption(NOT_OPENED)
    return padded[: -padded[-1]]


def _open_gcm(key: bytes, ciphertext: bytes) -> bytes:
    iv, sealed = ciphertext[:_GCM_IV], ciphertext[_GCM_IV:]
    try:
        return AESGCM(key).decrypt(iv, sealed, None)
    except (InvalidTag, ValueError):
        raise FailedDecryption(NOT_OPENED) from None


_CIPHERS: Final[Mapping[str, _ContentCipher]] = MappingProxyType(
    {
        each.uri: each
        for each in (
            _ContentCipher(uri=names.AES128_CBC, key_octets=16, open=_open_cbc),
            _ContentCipher(uri=names.AES256_CBC, key_octets=32, open=_open_cbc),
            _ContentCipher(uri=names.AES128_GCM, key_octets=16, open=_open_gcm),
            _ContentCipher(uri=names.AES256_GCM, key_octets=32, open=_open_gcm),
        )
    }
)
