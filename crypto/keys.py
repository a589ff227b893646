"""Our own private keys: the seam where a hardware module can stand later.

Everything that signs or unwraps asks a `Signer` or an `Unwrapper`; `SigningKey` and `DecryptionKey` are the ones that
hold the key in memory, and `PrivateKey` what was read from a file. Outside of `crypto` nothing sees a private key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
    pkcs12,
)

from crypto.certificates import load_certificates, readable_key
from crypto.faults import CertificateForKey, PasswordMissing, PasswordNeedless, UnusableCredential
from crypto.key_transports import WrappedOctets
from crypto.signature_algorithms import SignatureAlgorithm

_KEY_BAGS: Final = tuple(
    bytes.fromhex(f"060b2a864886f70d010c0a01{kind}") for kind in ("01", "02")
)  # keyBag and pkcs8ShroudedKeyBag (RFC 7292 4.2), which mostly lie there in the clear
_PKCS12_OCTETS: Final = 8  # of its beginning, up to the version


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


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key as it was read, from which what signs or unwraps is made; no room but this one sees the key."""

    _held: PrivateKeyTypes = field(repr=False)

    def belongs_to(self, certificate: x509.Certificate) -> bool:
        """Whether it is the key of that certificate."""
        return _is_pair(self._held, certificate)

    def signer(self, certificate: x509.Certificate) -> SigningKey:
        """What signs with it; UnusableCredential where it is not that certificate's."""
        return SigningKey(private_key=self._held, certificate=certificate)

    def unwrapper(self, certificate: x509.Certificate) -> DecryptionKey:
        """What unwraps with it; UnusableCredential where it is not that certificate's."""
        return DecryptionKey(private_key=self._held, certificate=certificate)

    def pem(self, password: bytes | None) -> bytes:
        """The key as PKCS #8 PEM, for a library that reads keys itself; encrypted where there is a password."""
        encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
        return self._held.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_private_key(octets: bytes, password: bytes | None = None) -> PrivateKey:
    """A private key from PEM or PKCS #12; UnusableCredential when it is no key or the password does not go with it."""
    if is_pkcs12(octets):
        return PrivateKey(_of_pkcs12(octets, password))
    try:
        return PrivateKey(load_pem_private_key(octets, password))
    except TypeError:  # how the library says that there is a password too few or too many
        if password is None:
            raise PasswordMissing("the private key is encrypted, and no password was given") from None
        raise PasswordNeedless("the private key is not encrypted, and a password was given") from None
    except (ValueError, UnsupportedAlgorithm):
        if holds_certificate_alone(octets):
            raise CertificateForKey from None
        if password is None:
            raise UnusableCredential("no private key can be read as PEM text or PKCS #12") from None
        raise UnusableCredential("the private key cannot be read, or its password is wrong") from None


def _of_pkcs12(octets: bytes, password: bytes | None) -> PrivateKeyTypes:
    """The one key of a PKCS #12 file (RFC 7292); certificates in it are not looked at."""
    try:
        key, _, _ = pkcs12.load_key_and_certificates(octets, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if password is None:
            raise PasswordMissing("the PKCS #12 file has a password, and none was given") from None
        raise UnusableCredential("the PKCS #12 file cannot be read, or its password is wrong") from None
    if key is None:
        raise UnusableCredential("the PKCS #12 file holds no private key")
    return key


def is_pkcs12(octets: bytes) -> bool:
    """Whether these begin as a PKCS #12 file does: a sequence whose first member is the version, 3."""
    if octets[:1] != b"\x30" or len(octets) < _PKCS12_OCTETS:
        return False
    length = octets[1] & 0x7F if octets[1] > 0x80 else 0  # 0x80 is a length that is told at the end
    return octets[2 + length : 5 + length] == b"\x02\x01\x03"


def pkcs12_holds_key(octets: bytes) -> bool | None:
    """Whether a private key lies in a PKCS #12 file; None where only its password would tell."""
    if any(each in octets for each in _KEY_BAGS):
        return True
    for password in (None, b""):
        try:
            return pkcs12.load_key_and_certificates(octets, password)[0] is not None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    return None


def holds_certificate_alone(octets: bytes) -> bool:
    """Whether these are of a certificate, which is no secret, and of no private key."""
    if b"PRIVATE KEY-----" in octets:
        return False
    try:
        return bool(load_certificates(octets))
    except UnusableCredential:
        return False


def holds_private_key(octets: bytes) -> bool:
    """Whether these hold a private key in any form that is in use, encrypted or not: PEM, PKCS #12, DER."""
    if b"PRIVATE KEY-----" in octets or is_pkcs12(octets):
        return True
    try:
        load_der_private_key(octets, None)
    except (ValueError, UnsupportedAlgorithm):
        return False
    except TypeError:  # it is encrypted
        return True
    return True


def _check_pair(private_key: PrivateKeyTypes, certificate: x509.Certificate) -> None:
    if not _is_pair(private_key, certificate):
        raise UnusableCredential("the private key does not belong to the certificate")


def _is_pair(private_key: PrivateKeyTypes, certificate: x509.Certificate) -> bool:
    return private_key.public_key() == readable_key(certificate)
