"""Signature algorithms as a table: one entry knows its identifier, its arithmetic and which keys fit.

Another kind of key is another entry; nothing outside this file asks what kind a key is.

SECURITY: what it takes to refuse a signature value depends on the algorithm and on the length of the value, which are
its writer's own, and not on whose key it was held against, or whether there was one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from crypto import names
from crypto.faults import FailedAuthentication, UnusableCredential

_RSA_OCTETS = range(2048 // 8, 8192 // 8 + 1)  # of the keys that anybody may have


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureAlgorithm:
    """One entry of the signature table.

    `sign_octets` raises UnusableCredential for a key of another kind, `holds` answers whether a signature value fits,
    `fits` whether a public key is of the kind that the algorithm works with, which is called `key_kind`; `spend` does
    what `holds` costs for a value of that length, with a key that nobody has.
    """

    uri: str
    key_kind: str
    sign_octets: Callable[[PrivateKeyTypes, bytes], bytes]
    holds: Callable[[PublicKeyTypes, bytes, bytes], bool]
    fits: Callable[[PublicKeyTypes], bool]
    spend: Callable[[bytes, bytes], None]

    def verify(self, public_key: PublicKeyTypes | None, signature: bytes, octets: bytes) -> None:
        """FailedAuthentication unless the signature value is this key's over these octets; None is nobody's key."""
        if public_key is None:
            self.spend(signature, octets)
            raise FailedAuthentication("the signature is nobody's")
        if not self.fits(public_key):
            self.spend(signature, octets)
            raise FailedAuthentication("the certificate's key is of another kind than the signature algorithm")
        if not self.holds(public_key, signature, octets):
            raise FailedAuthentication("the signature value does not verify")


def _rsa_pkcs1(uri: str, hash_algorithm: hashes.HashAlgorithm) -> SignatureAlgorithm:
    """RSASSA-PKCS1-v1_5 (RFC 8017 8.2)."""
    scheme = padding.PKCS1v15()

    def sign_octets(private_key: PrivateKeyTypes, octets: bytes) -> bytes:
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise UnusableCredential("the signing key is not an RSA key")
        return private_key.sign(octets, scheme, hash_algorithm)

    def holds(public_key: PublicKeyTypes, signature: bytes, octets: bytes) -> bool:
        if not isinstance(public_key, rsa.RSAPublicKey):
            return False
        if not _may_be_of(public_key, signature):
            spend(signature, octets)
            return False
        return computes(public_key, signature, octets)

    def computes(public_key: rsa.RSAPublicKey, signature: bytes, octets: bytes) -> bool:
        try:
            public_key.verify(signature, octets, scheme, hash_algorithm)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    def spend(signature: bytes, octets: bytes) -> None:
        if len(signature) in _RSA_OCTETS:
            computes(_nobodys_key(len(signature)), signature, octets)

    def fits(public_key: PublicKeyTypes) -> bool:
        return isinstance(public_key, rsa.RSAPublicKey)

    return SignatureAlgorithm(uri=uri, key_kind="RSA", sign_octets=sign_octets, holds=holds, fits=fits, spend=spend)


def _may_be_of(public_key: rsa.RSAPublicKey, signature: bytes) -> bool:
    """Whether the value is as long as the modulus and below it; else it is refused before anything is computed."""
    octets = (public_key.key_size + 7) // 8
    return len(signature) == octets and int.from_bytes(signature) < public_key.public_numbers().n


@lru_cache(maxsize=len(_RSA_OCTETS))
def _nobodys_key(octets: int) -> rsa.RSAPublicKey:
    """A key of that length; nothing follows from a value that holds under it."""
    return rsa.RSAPublicNumbers(65537, (1 << 8 * octets) - 1).public_key()


SIGNATURES: Mapping[str, SignatureAlgorithm] = MappingProxyType(
    {
        entry.uri: entry
        for entry in (
            _rsa_pkcs1(names.RSA_SHA256, hashes.SHA256()),
            _rsa_pkcs1(names.RSA_SHA384, hashes.SHA384()),
            _rsa_pkcs1(names.RSA_SHA512, hashes.SHA512()),
        )
    }
)
