"""What a CRL says of one certificate at a moment (RFC 5280 5 and 6.3).

SECURITY: of a CRL whose signature does not hold nothing else is told. Delta and indirect CRLs are not taken: the one
says nothing alone, the other speaks for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509

from crypto.certificates import UNREADABLE_EXTENSIONS, Certificate
from crypto.issuer_signatures import crl_signature_objection
from crypto.revocation.finding import (
    RevocationFinding,
    RevocationStatus,
    because,
    moment_text,
    time_objection,
    unusable,
)

_UNREADABLE: Final = (*UNREADABLE_EXTENSIONS, x509.InvalidVersion)
_KEPT: Final = 8  # CRLs that were read last: one is asked about thousands of certificates in a row
_KNOWN_IN_A_CRL: Final = (
    x509.AuthorityKeyIdentifier,
    x509.CRLNumber,
    x509.IssuerAlternativeName,
    x509.IssuingDistributionPoint,
)
_KNOWN_IN_AN_ENTRY: Final = (x509.CRLReason, x509.InvalidityDate)


def judge_crl(
    crl_octets: bytes,
    *,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime,
    newest_seen_number: int | None = None,
) -> RevocationFinding:
    """What a CRL (DER or PEM) says of the certificate, which `issuer` issued, at that moment; never raises.

    `newest_seen_number` is the highest number of a CRL of that issuer that was taken before.
    """
    try:
        crl = _load_crl(bytes(crl_octets))
    except _UNREADABLE:
        return unusable("the CRL cannot be read")
    try:
        return _judge_crl(crl, bytes(crl_octets), certificate, issuer, at, newest_seen_number)
    except _UNREADABLE:
        return unusable("the CRL, or the certificate that it is asked about, cannot be read to its end")


@lru_cache(maxsize=_KEPT)
def _load_crl(octets: bytes) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(octets) if b"-----BEGIN" in octets[:1024] else x509.load_der_x509_crl(octets)


@lru_cache(maxsize=_KEPT)
def _signature_objection(octets: bytes, issuer: Certificate) -> str | None:
    return crl_signature_objection(_load_crl(octets), issuer)


@lru_cache(maxsize=_KEPT)
def _serial_numbers(octets: bytes) -> frozenset[int]:
    """Of whom it lists: an entry is looked for one by one, and most certificates have none."""
    return frozenset(each.serial_number for each in _load_crl(octets))


def _judge_crl(
    crl: x509.CertificateRevocationList,
    octets: bytes,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime,
    newest_seen_number: int | None,
) -> RevocationFinding:
    objection = _authorship_objection(crl, octets, certificate, issuer)
    if objection is not None:
        return unusable(objection)
    number = _crl_number(crl)

    def found(
        status: RevocationStatus, detail: str, revoked_at: datetime | None = None, reason: str | None = None
    ) -> RevocationFinding:
        return RevocationFinding(
            status=status,
            detail=detail,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            revoked_at=revoked_at,
            crl_number=number,
            reason=reason,
        )

    objection = _scope_objection(crl, certificate) or _age_objection(number, newest_seen_number)
    if objection is not None:
        return found("unusable", objection)
    listed = certificate.serial_number in _serial_numbers(octets)
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number) if listed else None
    if entry is not None:
        if any(each.critical and not isinstance(each.value, _KNOWN_IN_AN_ENTRY) for each in entry.extensions):
            return found("unusable", "the CRL's entry for the certificate has a critical extension that is not known")
        since, reason = entry.revocation_date_utc, _reason(entry)
        return found("revoked", f"the CRL says revoked since {moment_text(since)}{because(reason)}", since, reason)
    objection = time_objection("the CRL", at, crl.last_update_utc, crl.next_update_utc)
    if objection is not None:
        return found("unusable", objection)
    return found("good", "the CRL does not list the certificate")


def _authorship_objection(
    crl: x509.CertificateRevocationList, octets: bytes, certificate: Certificate, issuer: Certificate
) -> str | None:
    """Why it is not the issuer's word on a certificate of his."""
    if certificate.issuer != issuer.subject:
        return "the certificate is of another issuer"
    if crl.issuer != issuer.subject:
        return "the CRL is by another issuer"
    if not _may_sign_crls(issuer):
        return "the issuer's key usage does not allow signing CRLs (cRLSign)"
    objection = _signature_objection(octets, issuer)
    return None if objection is None else f"the CRL does not count: {objection}"


def _may_sign_crls(issuer: Certificate) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _crl_number(crl: x509.CertificateRevocationList) -> int | None:
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return None


def _scope_objection(crl: x509.CertificateRevocationList, certificate: Certificate) -> str | None:
    """Why the CRL does not speak of every reason for which this certificate may be revoked (RFC 5280 6.3.3 b)."""
    for each in crl.extensions:
        if isinstance(each.value, x509.DeltaCRLIndicator):
            return "the CRL is a delta CRL; give the complete one"
        if each.critical and not isinstance(each.value, _KNOWN_IN_A_CRL):
            return "the CRL has a critical extension that is not known"
        if isinstance(each.value, x509.IssuingDistributionPoint):
            objection = _distribution_objection(each.value, certificate)
            if objection is not None:
                return objection
    return None


def _distribution_objection(point: x509.IssuingDistributionPoint, certificate: Certificate) -> str | None:
    if point.indirect_crl:
        return "the CRL is indirect; give the issuer's own"
    if point.only_contains_attribute_certs:
        return "the CRL is of attribute certificates only"
    if point.only_contains_user_certs and _is_authority(certificate):
        return "the CRL is of end certificates only, and this is an authority's"
    if point.only_contains_ca_certs and not _is_authority(certificate):
        return "the CRL is of authorities' certificates only, and this is none"
    if point.only_some_reasons is not None:
        return "the CRL tells of some reasons only"
    if point.relative_name is not None:
        return "the CRL is of a distribution point that is named in a way that is not read"
    if point.full_name is not None and set(point.full_name).isdisjoint(_distribution_names(certificate)):
        return "the CRL is of another distribution point than the certificate's"
    return None


def _distribution_names(certificate: Certificate) -> Iterator[x509.GeneralName]:
    """Compared, and never asked for anything."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return
    for each in points:
        yield from each.full_name or ()


def _is_authority(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _age_objection(number: int | None, newest_seen_number: int | None) -> str | None:
    if newest_seen_number is None:
        return None
    if number is None:
        return f"the CRL has no number, and one with number {newest_seen_number} was seen"
    if number < newest_seen_number:
        return f"the CRL has number {number}, and is older than one seen with number {newest_seen_number}"
    return None


def _reason(entry: x509.RevokedCertificate) -> str | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return None
