"""Certificates, CRLs and OCSP responses of any shape, also of wrong ones: what an authority signs if it is asked.

Keys are on P-256 unless somebody needs another kind, for they are made in no time; what the tests are about is the
rest. `crypto.pki` makes what is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from crypto.revocation import RevocationFinding, UnusableCrl, age_objection, read_crl

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

Extensions = Sequence[tuple[x509.ExtensionType, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A certificate and the key that goes with it."""

    certificate: x509.Certificate
    private_key: Any = field(repr=False)

    @property
    def name(self) -> x509.Name:
        return self.certificate.subject


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def named(common_name: str, *serial_numbers: str) -> x509.Name:
    """A name with a common name, unless that is empty, and so many serial numbers."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    return x509.Name([*parts, *(x509.NameAttribute(NameOID.SERIAL_NUMBER, each) for each in serial_numbers)])


def usages(*names: str) -> x509.KeyUsage:
    """A key usage that allows these, by the names of the library."""
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{each: each in names for each in every})


CA = x509.BasicConstraints(ca=True, path_length=None)
NO_CA = x509.BasicConstraints(ca=False, path_length=None)
AUTHORITY: Extensions = ((CA, True), (usages("key_cert_sign", "crl_sign"), True))
SIGNER: Extensions = ((NO_CA, True), (usages("digital_signature"), True))

X400_NAMES = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x02\xa3\x00")  # nobody reads those


def holder(
    subject: str | x509.Name,
    issuer: Holder | None = None,
    *,
    extensions: Extensions = SIGNER,
    key: Any = None,
    begins: datetime = AT - 100 * DAY,
    ends: datetime = AT + 100 * DAY,
    serial: int | None = None,
    hash_algorithm: Any = None,
    issuer_name: x509.Name | None = None,
    **signing: Any,
) -> Holder:
    """A certificate by that issuer, or by itself."""
    name = named(subject) if isinstance(subject, str) else subject
    private_key = ec.generate_private_key(ec.SECP256R1()) if key is None else key
    by = private_key if issuer is None else issuer.private_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name or (name if issuer is None else issuer.name))
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number() if serial is None else serial)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical=critical)
    hashed = None if isinstance(by, ed25519.Ed25519PrivateKey) else hash_algorithm or hashes.SHA256()
    return Holder(certificate=builder.sign(by, hashed, **signing), private_key=private_key)


def authority(subject: str = "Root", issuer: Holder | None = None, **other: Any) -> Holder:
    """An authority that may issue certificates and sign CRLs."""
    return holder(subject, issuer, **{"extensions": AUTHORITY, **other})


def crl(
    issuer: Holder,
    *revoked: int,
    since: datetime = AT - 10 * DAY,
    reason: x509.ReasonFlags | None = None,
    entry_extensions: Extensions = (),
    number: int | None = 7,
    this_update: datetime = AT - DAY,
    next_update: datetime = AT + DAY,
    extensions: Extensions = (),
    issuer_name: x509.Name | None = None,
    hash_algorithm: Any = None,
) -> bytes:
    """A CRL in DER, which revokes these serial numbers."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer_name or issuer.name)
        .last_update(this_update)
        .next_update(next_update)
    )
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        for value, critical in entry_extensions:
            entry = entry.add_extension(value, critical=critical)
        builder = builder.add_revoked_certificate(entry.build())
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical=critical)
    return builder.sign(issuer.private_key, hash_algorithm or hashes.SHA256()).public_bytes(Encoding.DER)


def crl_finding(
    octets: bytes,
    *,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    newest_seen_number: int | None = None,
) -> RevocationFinding:
    """What a CRL says of a certificate, or why it is not used."""
    try:
        found = read_crl(octets, issuer)
    except UnusableCrl as refused:
        return RevocationFinding(status="unusable", detail=str(refused))
    objection = age_objection(found, newest_seen_number)
    if objection is not None:
        return RevocationFinding(status="unusable", detail=objection)
    return found.finding(certificate, at)


def distribution(**said: Any) -> x509.IssuingDistributionPoint:
    """An issuing distribution point that says this, and else nothing."""
    nothing: dict[str, Any] = {
        "full_name": None, "relative_name": None, "only_contains_user_certs": False, "only_contains_ca_certs": False,
        "only_some_reasons": None, "indirect_crl": False, "only_contains_attribute_certs": False,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(**{**nothing, **said})


def ocsp_response(
    certificate: x509.Certificate,
    issuer: Holder,
    responder: Holder | None = None,
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    since: datetime | None = None,
    reason: x509.ReasonFlags | None = None,
    this_update: datetime = AT - DAY,
    next_update: datetime | None = AT + DAY,
    id_hash: Any = None,
    by_hash: bool = False,
    hold_certificate: bool = True,
    extensions: Extensions = (),
    hash_algorithm: Any = None,
) -> bytes:
    """An OCSP response in DER about one certificate, by its issuer or by a responder."""
    by = responder or issuer
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=certificate,
            issuer=issuer.certificate,
            algorithm=id_hash or hashes.SHA256(),
            cert_status=status,
            this_update=this_update,
            next_update=next_update,
            revocation_time=since,
            revocation_reason=reason,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH if by_hash else ocsp.OCSPResponderEncoding.NAME, by.certificate)
    )
    if responder is not None and hold_certificate:
        builder = builder.certificates([responder.certificate])
    for value, critical in extensions:
        builder = builder.add_extension(value, critical=critical)
    return builder.sign(by.private_key, hash_algorithm or hashes.SHA256()).public_bytes(Encoding.DER)


_HASHED_WITH = {"sha256": b"\x0b", "sha1": b"\x05", "md5": b"\x04"}
_RSA_WITH = bytes.fromhex("2a864886f70d0101")


def signed_with(hash_algorithm: hashes.HashAlgorithm, octets: bytes, issuer: Holder) -> bytes:
    """The same certificate or CRL (DER) of an RSA key with a hash that the library does not sign with."""
    old, new = (_RSA_WITH + _HASHED_WITH[each] for each in ("sha256", hash_algorithm.name))
    changed = octets.replace(old, new)
    load: Any = x509.load_der_x509_crl if b"\x06\x03\x55\x1d\x14" in octets else x509.load_der_x509_certificate
    loaded = load(changed)
    covered = loaded.tbs_certlist_bytes if hasattr(loaded, "tbs_certlist_bytes") else loaded.tbs_certificate_bytes
    signature = issuer.private_key.sign(covered, padding.PKCS1v15(), hash_algorithm)
    return changed[: -len(signature)] + signature
