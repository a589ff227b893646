"""Our own private keys: the seam where a hardware module can stand later.

Everything that signs or unwraps asks a `Signer` or an `Unwrapper`; `SigningKey` and `DecryptionKey` are the ones that
hold the key in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crypto.certificates import load_certificates, readable_key
from crypto.faults import CertificateForKey, PasswordMissing, PasswordNeedless, UnusableCredential
from crypto.key_transports import WrappedOctets
from crypto.signature_algorithms import SignatureAlgorithm


class Signer(Protocol):
    """What signing needs: a certificate, and signature values that its private key makes."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key."""

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        """The signature value over the octets; UnusableCredential when the key is of another kind."""


class Unwrapper(Protocol):
    """What decryption needs: a certificate, and content keys that its private key unwraps."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key."""

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        """The octets of the content key; FailedDecryption when they do not come out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key in memory that signs."""

    private_key: PrivateKeyTypes = field(repr=False)
    certificate: x509.Certificate

    def __post_init__(self) -> None:
        _check_pair(self.private_key, self.certificate)

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        """The signature value over the octets."""
        return algorithm.sign_octets(self.private_key, octets)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptionKey:
    """A private key in memory that unwraps content keys."""

    private_key: PrivateKeyTypes = field(repr=False)
    certificate: x509.Certificate

    def __post_init__(self) -> None:
        _check_pair(self.private_key, self.certificate)

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        """The octets of the content key."""
        return wrapped.transport.unwrap(self.private_key, wrapped)


def load_private_key(pem: bytes, password: bytes | None = None) -> PrivateKeyTypes:
    """A private key from PEM; UnusableCredential when it is no key or the password does not go with it."""
    try:
        return load_pem_private_key(pem, password)
    except TypeError:  # how the library says that there is a password too few or too many
        if password is None:
            raise PasswordMissing("the private key is encrypted, and no password was given") from None
        raise PasswordNeedless("the private key is not encrypted, and a password was given") from None
    except (ValueError, UnsupportedAlgorithm):
        if holds_certificate_alone(pem):
            raise CertificateForKey from None
        if password is None:
            raise UnusableCredential("no private key can be read as PEM text") from None
        raise UnusableCredential("the private key cannot be read, or its password is wrong") from None


def holds_certificate_alone(octets: bytes) -> bool:
    """Whether these are of a certificate, which is no secret, and of no private key."""
    if b"PRIVATE KEY-----" in octets:
        return False
    try:
        return bool(load_certificates(octets))
    except UnusableCredential:
        return False


def _check_pair(private_key: PrivateKeyTypes, certificate: x509.Certificate) -> None:
    if private_key.public_key() != readable_key(certificate):
        raise UnusableCredential("the private key does not belong to the certificate")
