"""Certificates: reading them, naming them, and judging whether one may be used for a purpose at a time.

Trust is not decided here: a P-Mode pins certificates, and only those are candidates. A certificate for TLS may sign
when a P-Mode pins it, because the certificates that organisations are issued by their government often serve both.

What a certificate says never changes, and asking it again for every message costs more than comparing, so the answers
are kept, of those asked last. A certificate is public and holds nothing of a message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from crypto.faults import FailedAuthentication, UnusableCredential
from crypto.findings import CertificateOutOfTerm, CertificateUnfit, Term

Certificate: TypeAlias = x509.Certificate
CertificateUsage: TypeAlias = Literal["signing", "encryption"]

Terms: TypeAlias = Mapping[Certificate, Term]  # of those that count for less than their own validity
WHOLE_VALIDITY: Final[Terms] = MappingProxyType({})

MINIMUM_RSA_BITS = 2048
_KEPT = 2_048  # a start asks ten times as many, each a few times in a row; what it kept of all of them nobody needs
_EXPIRED = "the certificate has expired"
_NO_CERTIFICATE = "no certificate can be read"
UNREADABLE_EXTENSIONS: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_UNREADABLE = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion)
_UNREADABLE_KEY = "the certificate's key cannot be read"


def load_certificates(octets: bytes) -> tuple[Certificate, ...]:
    """All certificates of a PEM text, or the one of a DER text; UnusableCredential when there is none."""
    try:
        if b"-----BEGIN" in octets:
            return tuple(x509.load_pem_x509_certificates(octets))
        return (x509.load_der_x509_certificate(octets),)
    except _UNREADABLE:
        said = "it holds a private key and no certificate" if b"PRIVATE KEY-----" in octets else _NO_CERTIFICATE
        raise UnusableCredential(said) from None


def load_der(octets: bytes) -> Certificate:
    """The certificate that these octets are, in DER and nothing beside it; UnusableCredential where they are none."""
    try:
        return x509.load_der_x509_certificate(octets)
    except _UNREADABLE:
        raise UnusableCredential(_NO_CERTIFICATE) from None


@lru_cache(maxsize=_KEPT)
def der(certificate: Certificate) -> bytes:
    """The octets of a certificate."""
    return certificate.public_bytes(Encoding.DER)


@lru_cache(maxsize=_KEPT)
def thumbprint_sha1(certificate: Certificate) -> bytes:
    """What a ThumbprintSHA1 key identifier holds (WSS SOAP Message Security 1.1.1 7.3); not a security measure."""
    return sha1(der(certificate))


def sha1(octets: bytes) -> bytes:
    """By what octets are found, and never what they are taken for; not a security measure."""
    return hashlib.sha1(octets, usedforsecurity=False).digest()


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
    except UNREADABLE_EXTENSIONS:
        raise UnusableCredential("the certificate's extensions cannot be read") from None


def certificate_objection(
    certificate: Certificate,
    at: datetime,
    *,
    usage: CertificateUsage,
    minimum_rsa_bits: int = MINIMUM_RSA_BITS,
    terms: Terms = WHOLE_VALIDITY,
) -> str | None:
    """Why the certificate may not be used so at that time, or None; both ends of the validity are inclusive."""
    return _invalidity(certificate, at, terms) or _unfitness(certificate, usage, minimum_rsa_bits)


def lasting_objection(certificate: Certificate, *, usage: CertificateUsage) -> str | None:
    """Why the certificate may not be used so at any time, or None; for whoever asks thousands, each of them once."""
    if certificate.not_valid_before_utc > certificate.not_valid_after_utc:
        return _EXPIRED
    return _unfit(certificate, usage, MINIMUM_RSA_BITS)


def check_validity(certificate: Certificate, at: datetime, terms: Terms = WHOLE_VALIDITY) -> None:
    """FailedAuthentication when the certificate does not count yet, or no more, at that time."""
    objection = _invalidity(certificate, at, terms)
    if objection is not None:
        found = CertificateOutOfTerm(certificate=certificate, at=at, term=term_of(certificate, terms))
        raise FailedAuthentication(objection, found)


def term_of(certificate: Certificate, terms: Terms = WHOLE_VALIDITY) -> Term:
    """From when until when it counts: as those terms say, or else for the whole of its validity."""
    return terms.get(certificate) or _validity(certificate)


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
    except UNREADABLE_EXTENSIONS:
        return False
    return usages is None or _allows(usages, usage)


def _key_usage(certificate: Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _invalidity(certificate: Certificate, at: datetime, terms: Terms) -> str | None:
    own, term = _validity(certificate), term_of(certificate, terms)
    if at < own.begins_at:
        return "the certificate is not yet valid"
    if at > own.ends_at:
        return _EXPIRED
    if at < term.begins_at:
        return "the certificate is valid, and does not count yet"
    if at > term.ends_at:
        return "the certificate is valid, and counts no more"
    return None


@lru_cache(maxsize=_KEPT)
def _public_key(certificate: Certificate) -> PublicKeyTypes:
    return certificate.public_key()


@lru_cache(maxsize=_KEPT)
def _validity(certificate: Certificate) -> Term:
    return Term(begins_at=certificate.not_valid_before_utc, ends_at=certificate.not_valid_after_utc)


@lru_cache(maxsize=_KEPT)
def _unfitness(certificate: Certificate, usage: CertificateUsage, minimum_rsa_bits: int) -> str | None:
    return _unfit(certificate, usage, minimum_rsa_bits)


def _unfit(certificate: Certificate, usage: CertificateUsage, minimum_rsa_bits: int) -> str | None:
    """What is wrong with the certificate at any time."""
    try:
        usages = _key_usage(certificate)
    except UNREADABLE_EXTENSIONS:
        return "the certificate's extensions cannot be read"
    if usages is not None and not _allows(usages, usage):
        return f"the certificate's key usage does not allow {usage}"
    try:
        public_key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return _UNREADABLE_KEY
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < minimum_rsa_bits:
        return f"the certificate's RSA key has fewer than {minimum_rsa_bits} bits"
    return None


def _allows(usages: x509.KeyUsage, usage: CertificateUsage) -> bool:
    if usage == "signing":
        return usages.digital_signature
    return usages.key_encipherment or usages.key_agreement
