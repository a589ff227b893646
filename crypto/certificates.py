"""Certificates: reading them, naming them, and judging whether one may be used for a purpose at a time.

Trust is not decided here: a P-Mode pins certificates, and only those are candidates. A certificate for TLS may sign
when a P-Mode pins it, because the certificates that organisations are issued by their government often serve both.

What a certificate says never changes, and asking it again for every message costs more than comparing, so the answers
are kept. A certificate is public and holds nothing of a message.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from crypto.faults import FailedAuthentication, UnusableCredential
from crypto.findings import CertificateOutOfTerm, CertificateUnfit

Certificate: TypeAlias = x509.Certificate
CertificateUsage: TypeAlias = Literal["signing", "encryption"]

MINIMUM_RSA_BITS = 2048
_KEPT = 16_384
_UNREADABLE_KEY = "the certificate's key cannot be read"


def load_certificates(octets: bytes) -> tuple[Certificate, ...]:
    """All certificates of a PEM text, or the one of a DER text; UnusableCredential when there is none."""
    try:
        if b"-----BEGIN" in octets:
            return tuple(x509.load_pem_x509_certificates(octets))
        return (x509.load_der_x509_certificate(octets),)
    except (ValueError, UnsupportedAlgorithm):
        said = (
            "it holds a private key and no certificate"
            if b"PRIVATE KEY-----" in octets
            else "no certificate can be read"
        )
        raise UnusableCredential(said) from None


@lru_cache(maxsize=_KEPT)
def der(certificate: Certificate) -> bytes:
    """The octets of a certificate."""
    return certificate.public_bytes(Encoding.DER)


@lru_cache(maxsize=_KEPT)
def thumbprint_sha1(certificate: Certificate) -> bytes:
    """What a ThumbprintSHA1 key identifier holds (WSS SOAP Message Security 1.1.1 7.3); not a security measure."""
    return hashlib.sha1(der(certificate), usedforsecurity=False).digest()


@lru_cache(maxsize=_KEPT)
def thumbprint_sha256(certificate: Certificate) -> bytes:
    """The SHA-256 of the certificate: how people and logs name one."""
    return hashlib.sha256(der(certificate)).digest()


@lru_cache(maxsize=_KEPT)
def subject_key_identifier(certificate: Certificate) -> bytes:
    """The value of the subject key identifier extension; without one, the SHA-1 of the key (RFC 5280 4.2.1.2)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    except ValueError:
        raise UnusableCredential("the certificate's extensions cannot be read") from None


def certificate_objection(
    certificate: Certificate, at: datetime, *, usage: CertificateUsage, minimum_rsa_bits: int = MINIMUM_RSA_BITS
) -> str | None:
    """Why the certificate may not be used so at that time, or None; both ends of the validity are inclusive."""
    return _invalidity(certificate, at) or _unfitness(certificate, usage, minimum_rsa_bits)


def check_validity(certificate: Certificate, at: datetime) -> None:
    """FailedAuthentication when the certificate has not begun, or has ended, at that time."""
    objection = _invalidity(certificate, at)
    if objection is not None:
        raise FailedAuthentication(objection, CertificateOutOfTerm(certificate=certificate, at=at))


def rsa_bits(certificate: Certificate) -> int | None:
    """The length of its key; None if that is no RSA key or cannot be read."""
    try:
        public_key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return public_key.key_size if isinstance(public_key, rsa.RSAPublicKey) else None


def public_key_of(certificate: Certificate, *, minimum_rsa_bits: int) -> PublicKeyTypes:
    """The key of a certificate that is fit for signing at any time; FailedAuthentication when it is not."""
    objection = _unfitness(certificate, "signing", minimum_rsa_bits)
    if objection is not None:
        finding = CertificateUnfit(certificate=certificate, usage="signing", objection=objection)
        raise FailedAuthentication(objection, finding)
    return _public_key(certificate)


def any_key_of(certificate: Certificate) -> PublicKeyTypes:
    """The key of a certificate, fit for signing or not; FailedAuthentication when it cannot be read."""
    found = readable_key(certificate)
    if found is None:
        finding = CertificateUnfit(certificate=certificate, usage="signing", objection=_UNREADABLE_KEY)
        raise FailedAuthentication(_UNREADABLE_KEY, finding)
    return found


def readable_key(certificate: Certificate) -> PublicKeyTypes | None:
    """The key of a certificate, of whatever kind; None for one that cannot be read here."""
    try:
        return _public_key(certificate)
    except (ValueError, UnsupportedAlgorithm):
        return None


def may_sign(certificate: Certificate) -> bool:
    """Whether the key usage of a certificate lets it vouch for signatures."""
    return _may(certificate, "signing")


def may_encrypt(certificate: Certificate) -> bool:
    """Whether the key usage of a certificate lets anybody encrypt to it."""
    return _may(certificate, "encryption")


def _may(certificate: Certificate, usage: CertificateUsage) -> bool:
    try:
        usages = _key_usage(certificate)
    except ValueError:
        return False
    return usages is None or _allows(usages, usage)


def _key_usage(certificate: Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _invalidity(certificate: Certificate, at: datetime) -> str | None:
    begins_at, ends_at = _validity(certificate)
    if at < begins_at:
        return "the certificate is not yet valid"
    if at > ends_at:
        return "the certificate has expired"
    return None


@lru_cache(maxsize=_KEPT)
def _public_key(certificate: Certificate) -> PublicKeyTypes:
    return certificate.public_key()


@lru_cache(maxsize=_KEPT)
def _validity(certificate: Certificate) -> tuple[datetime, datetime]:
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


@lru_cache(maxsize=_KEPT)
def _unfitness(certificate: Certificate, usage: CertificateUsage, minimum_rsa_bits: int) -> str | None:
    """What is wrong with the certificate at any time."""
    try:
        usages = _key_usage(certificate)
    except ValueError:
        return "the certificate's extensions cannot be read"
    if usages is not None and not _allows(usages, usage):
        return f"the certificate's key usage does not allow {usage}"
    public_key = readable_key(certificate)
    if public_key is None:
        return _UNREADABLE_KEY
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < minimum_rsa_bits:
        return f"the certificate's RSA key has fewer than {minimum_rsa_bits} bits"
    return None


def _allows(usages: x509.KeyUsage, usage: CertificateUsage) -> bool:
    if usage == "signing":
        return usages.digital_signature
    return usages.key_encipherment or usages.key_agreement
