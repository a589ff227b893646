"""What a CRL says of certificates at a moment (RFC 5280 5 and 6.3): read once, asked as often as one likes.

Reading goes over the whole of it, and asking over nothing: what is listed is looked up by its serial number.

SECURITY: of a CRL whose signature does not hold nothing else is told. Delta and indirect CRLs are not taken: the one
says nothing alone, the other speaks for others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509

from crypto.certificates import UNREADABLE_EXTENSIONS, Certificate
from crypto.issuer_signatures import crl_signature_objection
from crypto.revocation.finding import RevocationFinding, TimedAnswer, unusable

_UNREADABLE: Final = (*UNREADABLE_EXTENSIONS, x509.InvalidVersion)
_KNOWN_IN_A_CRL: Final = (
    x509.AuthorityKeyIdentifier,
    x509.CRLNumber,
    x509.IssuerAlternativeName,
    x509.IssuingDistributionPoint,
)
_KNOWN_IN_AN_ENTRY: Final = (x509.CRLReason, x509.InvalidityDate)


class UnusableCrl(Exception):
    """A CRL that says nothing of any certificate of that issuer; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crl:
    """The CRL of an issuer: its signature holds, and it tells of all reasons. `listed` is by serial number, and `point`
    says of which certificates it is, if not of all.
    """

    issuer: Certificate
    this_update: datetime
    next_update: datetime | None
    number: int | None
    listed: Mapping[int, x509.RevokedCertificate] = field(repr=False)
    point: x509.IssuingDistributionPoint | None = None

    def finding(self, certificate: Certificate, at: datetime) -> RevocationFinding:
        """What it says of a certificate at that moment; never raises."""
        try:
            return self._finding(certificate, at)
        except _UNREADABLE:
            return unusable("the certificate, or the CRL's entry for it, cannot be read to its end")

    def _finding(self, certificate: Certificate, at: datetime) -> RevocationFinding:
        if certificate.issuer != self.issuer.subject:
            return unusable("the certificate is of another issuer")
        answer = TimedAnswer(
            name="the CRL", this_update=self.this_update, next_update=self.next_update, crl_number=self.number
        )
        objection = None if self.point is None else _not_about(self.point, certificate)
        if objection is not None:
            return answer.found("unusable", objection)
        entry = self.listed.get(certificate.serial_number)
        if entry is None:
            return answer.now("good", "the CRL does not list the certificate", at)
        if any(each.critical and not isinstance(each.value, _KNOWN_IN_AN_ENTRY) for each in entry.extensions):
            said = "the CRL's entry for the certificate has a critical extension that is not known"
            return answer.found("unusable", said)
        return answer.revoked(entry.revocation_date_utc, _reason(entry), by="the CRL")


def read_crl(octets: bytes, issuer: Certificate) -> Crl:
    """The CRL (DER or PEM) that these octets are, if `issuer` signed it; raises `UnusableCrl`. It takes as long as the
    list is.
    """
    try:
        crl = x509.load_pem_x509_crl(octets) if b"-----BEGIN" in octets[:1024] else x509.load_der_x509_crl(octets)
        objection = _authorship_objection(crl, issuer) or _scope_objection(crl)
        if objection is not None:
            raise UnusableCrl(objection)
        return Crl(
            issuer=issuer,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            number=_crl_number(crl),
            listed={each.serial_number: each for each in crl},
            point=_distribution_point(crl),
        )
    except _UNREADABLE:
        raise UnusableCrl("the CRL cannot be read") from None


def age_objection(crl: Crl, newest_seen_number: int | None, until: datetime | None = None) -> str | None:
    """Why it is older than the one that was taken last, which has that number, and after which the next was due at
    that moment; None where it is not. What was made later than that is no older one: its authority begins anew with
    its numbers, or gives none any more.
    """
    if newest_seen_number is None or (until is not None and crl.this_update > until):
        return None
    if crl.number is None:
        return f"the CRL has no number, and one with number {newest_seen_number} was seen"
    if crl.number < newest_seen_number:
        return f"the CRL has number {crl.number}, and is older than one seen with number {newest_seen_number}"
    return None


def _authorship_objection(crl: x509.CertificateRevocationList, issuer: Certificate) -> str | None:
    """Why it is not the issuer's word."""
    if crl.issuer != issuer.subject:
        return "the CRL is by another issuer"
    if not _may_sign_crls(issuer):
        return "the issuer's key usage does not allow signing CRLs (cRLSign)"
    objection = crl_signature_objection(crl, issuer)
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


def _distribution_point(crl: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    return next((each.value for each in crl.extensions if isinstance(each.value, x509.IssuingDistributionPoint)), None)


def _scope_objection(crl: x509.CertificateRevocationList) -> str | None:
    """Why the CRL does not speak of every reason for which a certificate may be revoked (RFC 5280 6.3.3 b)."""
    for each in crl.extensions:
        if isinstance(each.value, x509.DeltaCRLIndicator):
            return "the CRL is a delta CRL; give the complete one"
        if each.critical and not isinstance(each.value, _KNOWN_IN_A_CRL):
            return "the CRL has a critical extension that is not known"
    point = _distribution_point(crl)
    if point is None:
        return None
    if point.indirect_crl:
        return "the CRL is indirect; give the issuer's own"
    if point.only_contains_attribute_certs:
        return "the CRL is of attribute certificates only"
    if point.only_some_reasons is not None:
        return "the CRL tells of some reasons only"
    if point.relative_name is not None:
        return "the CRL is of a distribution point that is named in a way that is not read"
    return None


def _not_about(point: x509.IssuingDistributionPoint, certificate: Certificate) -> str | None:
    """Why a CRL of that distribution point does not speak of this certificate."""
    if point.only_contains_user_certs and _is_authority(certificate):
        return "the CRL is of end certificates only, and this is an authority's"
    if point.only_contains_ca_certs and not _is_authority(certificate):
        return "the CRL is of authorities' certificates only, and this is none"
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


def _reason(entry: x509.RevokedCertificate) -> str | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return None
