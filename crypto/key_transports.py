"""Ways to carry a content key to its recipient, and the ciphers it is for, as two tables.

A key transport wraps a key, writes what EncryptedKey says about that (EncryptionMethod, KeyInfo), reads it back and
unwraps. Key agreement is a further entry with its own KeyInfo; `parameters` carries what it needs from wrap to write
and from read to unwrap.

SECURITY: RSA PKCS#1 v1.5 key transport and every cipher without authentication are not here, so no suite can accept
them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from crypto import names
from crypto.elements import Element, algorithm_of, child_elements, only_child
from crypto.faults import FailedDecryption, UnusableCredential
from crypto.forms import form_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentAlgorithm:
    """One entry of the content cipher table: AES-GCM with a key of so many octets, 12-octet IV, 16-octet tag."""

    uri: str
    key_octets: int

    @property
    def key_bits(self) -> int:
        """The length of its key in bits."""
        return 8 * self.key_octets


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentKey:
    """A key for the parts of one message, and the cipher it is for."""

    algorithm: ContentAlgorithm
    octets: bytes = field(repr=False)


def new_content_key(algorithm: ContentAlgorithm) -> ContentKey:
    """A fresh random key."""
    return ContentKey(algorithm=algorithm, octets=os.urandom(algorithm.key_octets))


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedOctets:
    """A wrapped key as octets with the values its transport needs to unwrap it (none for RSA)."""

    transport: KeyTransport
    octets: bytes
    parameters: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTransport:
    """One entry of the key transport table.

    `wrap` takes key octets and the recipient's public key (UnusableCredential when it does not fit); `write` gives what
    stands in EncryptedKey before CipherData, told the wsse:SecurityTokenReference to the recipient's certificate;
    `read` answers None when EncryptedKey uses another algorithm; `recipient` finds the element with the
    SecurityTokenReference; `unwrap` raises FailedDecryption and nothing else. `fits` answers whether a public key is of
    the kind that it works with, which is called `key_kind`. What `read` demands of EncryptionMethod is told by `uri`,
    its own algorithm, and by `methods`, those of its children by their tag.
    """

    name: str
    uri: str
    key_kind: str
    fits: Callable[[PublicKeyTypes], bool]
    wrap: Callable[[bytes, PublicKeyTypes], WrappedOctets]
    write: Callable[[WrappedOctets, str], str]
    read: Callable[[Element], Mapping[str, bytes] | None]
    recipient: Callable[[Element], Element]
    unwrap: Callable[[PrivateKeyTypes, WrappedOctets], bytes]
    methods: Mapping[str, str] = field(default_factory=dict)


IMPLIED_METHODS: Mapping[str, str] = MappingProxyType({names.DIGEST_METHOD: names.SHA1, names.MGF: names.MGF1_SHA1})
"""What a child of EncryptionMethod says that is absent (XML Encryption 1.1 5.5.2)."""


def _rsa_oaep(
    name: str,
    uri: str,
    *,
    digest: tuple[str, hashes.HashAlgorithm],
    mgf: tuple[str, hashes.HashAlgorithm],
) -> KeyTransport:
    """RSAES-OAEP (RFC 8017 7.1) as XML Encryption 1.1 5.5.2 writes it; an absent child means SHA-1."""
    digest_uri, digest_hash = digest
    mgf_uri, mgf_hash = mgf
    methods = MappingProxyType({names.DIGEST_METHOD: digest_uri, names.MGF: mgf_uri})
    scheme = padding.OAEP(mgf=padding.MGF1(mgf_hash), algorithm=digest_hash, label=None)

    def wrap(key: bytes, public_key: PublicKeyTypes) -> WrappedOctets:
        if not isinstance(public_key, rsa.RSAPublicKey):
            raise UnusableCredential("the recipient's encryption key is not an RSA key")
        try:
            return WrappedOctets(transport=transport, octets=public_key.encrypt(key, scheme))
        except ValueError:
            raise UnusableCredential("the recipient's encryption key is too small") from None

    def write(wrapped: WrappedOctets, recipient_reference: str) -> str:
        mgf_method = f'<xenc11:MGF Algorithm="{mgf_uri}"></xenc11:MGF>' if uri == names.RSA_OAEP else ""
        return (
            f'<xenc:EncryptionMethod Algorithm="{uri}"><ds:DigestMethod Algorithm="{digest_uri}"></ds:DigestMethod>'
            f"{mgf_method}</xenc:EncryptionMethod><ds:KeyInfo>{recipient_reference}</ds:KeyInfo>"
        )

    def read(encrypted_key: Element) -> Mapping[str, bytes] | None:
        method = only_child(encrypted_key, names.ENCRYPTION_METHOD)
        if algorithm_of(method) != uri:
            return None
        said: dict[str, str] = {}
        for child in child_elements(method):
            if child.tag not in IMPLIED_METHODS or child.tag in said or len(child):
                raise form_fault("the key transport has an unknown parameter")
            said[child.tag] = algorithm_of(child)
        return {} if {**IMPLIED_METHODS, **said} == methods else None

    def recipient(encrypted_key: Element) -> Element:
        return only_child(encrypted_key, names.KEY_INFO)

    def unwrap(private_key: PrivateKeyTypes, wrapped: WrappedOctets) -> bytes:
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise FailedDecryption("the key transport does not fit our key")
        try:
            return private_key.decrypt(wrapped.octets, scheme)
        except ValueError:
            raise FailedDecryption("the content key could not be unwrapped") from None

    def fits(public_key: PublicKeyTypes) -> bool:
        return isinstance(public_key, rsa.RSAPublicKey)

    transport = KeyTransport(
        name=name,
        uri=uri,
        methods=methods,
        key_kind="RSA",
        fits=fits,
        wrap=wrap,
        write=write,
        read=read,
        recipient=recipient,
        unwrap=unwrap,
    )
    return transport


_SHA1 = (names.SHA1, hashes.SHA1())  # noqa: S303 - OAEP does not rest on collision resistance; a P-Mode must ask for it
_SHA256 = (names.SHA256, hashes.SHA256())
_MGF_SHA1 = (names.MGF1_SHA1, hashes.SHA1())  # noqa: S303 - as above
_MGF_SHA256 = (names.MGF1_SHA256, hashes.SHA256())

KEY_TRANSPORTS: Mapping[str, KeyTransport] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            _rsa_oaep("rsa-oaep-sha256-mgf1sha256", names.RSA_OAEP, digest=_SHA256, mgf=_MGF_SHA256),
            _rsa_oaep("rsa-oaep-sha256-mgf1sha1", names.RSA_OAEP, digest=_SHA256, mgf=_MGF_SHA1),
            _rsa_oaep("rsa-oaep-sha1-mgf1sha1", names.RSA_OAEP, digest=_SHA1, mgf=_MGF_SHA1),
            _rsa_oaep("rsa-oaep-mgf1p-sha1", names.RSA_OAEP_MGF1P, digest=_SHA1, mgf=_MGF_SHA1),
            _rsa_oaep("rsa-oaep-mgf1p-sha256", names.RSA_OAEP_MGF1P, digest=_SHA256, mgf=_MGF_SHA1),
        )
    }
)

CONTENTS: Mapping[str, ContentAlgorithm] = MappingProxyType(
    {
        entry.uri: entry
        for entry in (
            ContentAlgorithm(uri=names.AES128_GCM, key_octets=16),
            ContentAlgorithm(uri=names.AES256_GCM, key_octets=32),
        )
    }
)
