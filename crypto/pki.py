"""A certificate authority for test and demonstration; in production certificates come from a recognised one.

One key per usage; the subject's serialNumber carries the party id, as in the certificates of the Dutch government. A
kind of key is an entry of a table; the authority's own key is RSA, whatever it issues for.
Times and names come in as arguments; keys and serial numbers are random.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey: TypeAlias = (
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey
)
Usage: TypeAlias = Literal["signing", "encryption", "tls-server", "tls-client"]

_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_USAGES: dict[Literal["signing", "tls-server", "tls-client"], tuple[str, ...]] = {
    "signing": ("digital_signature",),
    "tls-server": ("digital_signature", "key_encipherment"),
    "tls-client": ("digital_signature",),
}
_EXTENDED = {"tls-server": ExtendedKeyUsageOID.SERVER_AUTH, "tls-client": ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKind:
    """One entry of the table of kinds of keys, named as `key_kind` of signature algorithms and key transports.

    `new` makes one, of so many bits where the kind leaves that open; `encrypts_by` are the key usages of a certificate
    that content keys are carried to.
    """

    name: str
    new: Callable[[int], PrivateKey]
    encrypts_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority: self-signed, allowed to issue end certificates only."""

    certificate: x509.Certificate
    private_key: rsa.RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    private_key: PrivateKey = field(repr=False)


def _new_rsa(key_bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=key_bits)


RSA = KeyKind(name="RSA", new=_new_rsa, encrypts_by=("key_encipherment",))

KEY_KINDS: Mapping[str, KeyKind] = MappingProxyType({entry.name: entry for entry in (RSA,)})


def new_authority(name: str, *, at: datetime, days: int, key_bits: int = 2048) -> Authority:
    """A new authority with that common name, valid from `at` for so many days."""
    private_key = _new_rsa(key_bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(subject, subject, private_key, at, days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(("key_cert_sign", "crl_sign")), critical=True)
        .sign(private_key, hashes.SHA256())
    )
    return Authority(certificate=certificate, private_key=private_key)


def issue(
    authority: Authority,
    *,
    common_name: str,
    party_id: str,
    at: datetime,
    days: int,
    usage: Usage,
    kind: KeyKind = RSA,
    key_bits: int = 2048,
    san: Sequence[str] = (),
) -> Issued:
    """A new key of that kind and its certificate for one usage; `san` are DNS names and IP addresses."""
    private_key = kind.new(key_bits)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, party_id),
        ]
    )
    builder = (
        _builder(subject, authority.certificate.subject, private_key, at, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key()), critical=False
        )
    )
    for extension, critical in usage_extensions(usage, kind):
        builder = builder.add_extension(extension, critical=critical)
    if san:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([general_name(each) for each in san]), critical=False
        )
    return Issued(certificate=builder.sign(authority.private_key, hashes.SHA256()), private_key=private_key)


def self_issued(
    *, common_name: str, party_id: str, at: datetime, days: int, usage: Usage, kind: KeyKind = RSA, key_bits: int = 2048
) -> Issued:
    """A new key of that kind with a certificate that it signed itself, which whoever lists it trusts."""
    private_key = kind.new(key_bits)
    if not isinstance(private_key, rsa.RSAPrivateKey):
        raise TypeError(f"a key of the kind {kind.name} signs no certificate here")
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, party_id),
        ]
    )
    builder = _builder(subject, subject, private_key, at, days).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    for extension, critical in usage_extensions(usage, kind):
        builder = builder.add_extension(extension, critical=critical)
    return Issued(certificate=builder.sign(private_key, hashes.SHA256()), private_key=private_key)


def request_pem(
    private_key: rsa.RSAPrivateKey, usage: Usage, *, name: str, party: str, called: str, names: Sequence[str] = ()
) -> bytes:
    """A request for a certificate (RFC 2986) of the organisation `name`, its party id in subject.serialNumber; `called`
    is the common name, `names` are DNS names and IP addresses.
    """
    subject = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
        x509.NameAttribute(NameOID.COMMON_NAME, called),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, party),
    ]
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    for extension, critical in usage_extensions(usage):
        request = request.add_extension(extension, critical=critical)
    if names:
        alternatives = x509.SubjectAlternativeName([general_name(each) for each in names])
        request = request.add_extension(alternatives, critical=False)
    return request.sign(private_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def usage_extensions(usage: Usage, kind: KeyKind = RSA) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """What a certificate for that usage says of it, and whether that is critical; a request asks for the same."""
    yield _key_usage(kind.encrypts_by if usage == "encryption" else _USAGES[usage]), True
    if usage in _EXTENDED:
        yield x509.ExtendedKeyUsage([_EXTENDED[usage]]), False


def certificates_pem(*certificates: x509.Certificate) -> bytes:
    """Certificates as PEM, in this order."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def private_key_pem(private_key: PrivateKey) -> bytes:
    """A private key as PKCS #8 PEM, not encrypted."""
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _builder(
    subject: x509.Name, issuer: x509.Name, private_key: PrivateKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()), critical=False)
    )


def _key_usage(wanted: Sequence[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in wanted for usage in _KEY_USAGES})


def general_name(text: str) -> x509.GeneralName:
    """A DNS name, or an IP address, as certificates hold it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
