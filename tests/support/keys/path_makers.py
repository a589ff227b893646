"""How the paths of `support.keys.path_table` are made: each anew, right but for the one thing that its row is about."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID
from support.keys import der
from support.keys.issuing import (
    AT,
    AUTHORITY,
    CA,
    DAY,
    NO_CA,
    SIGNER,
    Extensions,
    Holder,
    authority,
    crl,
    crl_finding,
    holder,
    named,
    rsa_key,
    signed_with,
    usages,
)

from crypto.paths import CertificateUse, PathPolicy, TrustedRoot
from crypto.revocation import RevocationFinding

SECOND = timedelta(seconds=1)
OIN = "00000099000000001000"


@dataclass(frozen=True, kw_only=True)
class Path:
    """What is judged. Where there are CRLs, each with its issuer, everything has to be told good."""

    end: x509.Certificate
    roots: Sequence[x509.Certificate]
    intermediates: Sequence[x509.Certificate] = ()
    crls: Sequence[tuple[Holder, bytes]] = ()
    at: datetime = AT
    use: CertificateUse = "signing"
    policies: frozenset[str] = field(default_factory=frozenset)

    def policy(self) -> PathPolicy:
        return PathPolicy(
            roots=tuple(TrustedRoot(certificate=each, policies=self.policies) for each in self.roots),
            intermediates=tuple(self.intermediates),
            at=self.at,
            use=self.use,
            revocations=self._revocations(),
            revocation_required=bool(self.crls),
        )

    def _revocations(self) -> dict[bytes, RevocationFinding]:
        return {
            each.fingerprint(hashes.SHA256()): crl_finding(
                octets, certificate=each, issuer=issuer.certificate, at=self.at
            )
            for each in (self.end, *self.intermediates)
            for issuer, octets in self.crls
            if each.issuer == issuer.name
        }


# ---- how paths are made


def path(*chain: Holder, **other: Any) -> Path:
    """From a root down to the end."""
    root, *between, end = chain
    return Path(
        end=end.certificate,
        roots=[root.certificate],
        intermediates=[each.certificate for each in between],
        **other,
    )


def three(
    root: dict[str, Any] | None = None, middle: dict[str, Any] | None = None, end: dict[str, Any] | None = None,
    *, subject: x509.Name | None = None, **other: Any,
) -> Path:  # fmt: skip
    """A root, an authority below it and an end certificate, each with something changed."""
    top = authority("Root", **(root or {}))
    between = authority("Issuing", top, **(middle or {}))
    return path(top, between, holder(subject or named("Organisation", OIN), between, **(end or {})), **other)


def with_crls(
    of_issuing: Callable[[Holder, int], bytes], of_root: Callable[[Holder, int], bytes] | None = None
) -> Path:
    top = authority("Root")
    between = authority("Issuing", top)
    end = holder(named("Organisation", OIN), between)
    number, above = end.certificate.serial_number, between.certificate.serial_number
    crls = [(between, of_issuing(between, number)), (top, (of_root or (lambda by, _: crl(by)))(top, above))]
    return path(top, between, end, crls=crls)


def long_path(authorities: int) -> Path:
    chain = [authority("Root")]
    for number in range(authorities):
        chain.append(authority(f"Issuing {number}", chain[-1]))
    return path(*chain, holder("Organisation", chain[-1]))


def limited(length: int, authorities: int, *, self_issued: bool = False) -> Path:
    """A path length on the first authority below the root, and so many authorities below that."""
    top = authority("Root")
    limits = ((x509.BasicConstraints(ca=True, path_length=length), True), AUTHORITY[1])
    chain = [top, authority("Issuing", top, extensions=limits)]
    for number in range(authorities):
        chain.append(authority("Issuing" if self_issued else f"Issuing {number}", chain[-1]))
    return path(*chain, holder("Organisation", chain[-1]))


def constrained(
    *names: x509.GeneralName,
    permitted: Sequence[x509.GeneralName] | None = None,
    excluded: Sequence[x509.GeneralName] | None = None,
    subject: x509.Name | None = None,
) -> Path:
    constraints = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded)
    top = authority("Root")
    between = authority("Issuing", top, extensions=(*AUTHORITY, (constraints, True)))
    extensions: Extensions = (*SIGNER, (x509.SubjectAlternativeName(names), False)) if names else SIGNER
    return path(top, between, holder(subject or named("Organisation"), between, extensions=extensions))


def purposes(*wanted: x509.ObjectIdentifier) -> Extensions:
    return (*SIGNER, (x509.ExtendedKeyUsage(wanted), False))


def authority_with(*extensions: tuple[x509.ExtensionType, bool]) -> dict[str, Any]:
    return {"extensions": extensions}


def certificate_policies(*wanted: str) -> tuple[x509.ExtensionType, bool]:
    return x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(each), None) for each in wanted]
    ), False  # fmt: skip


def under_policies(end: Sequence[str], middle: Sequence[str], wanted: str) -> Path:
    top = authority("Root")
    between = authority("Issuing", top, extensions=(*AUTHORITY, *([certificate_policies(*middle)] if middle else [])))
    own: Extensions = (*SIGNER, *([certificate_policies(*end)] if end else []))
    return path(top, between, holder("Organisation", between, extensions=own), policies=frozenset({wanted}))


def old_hash(algorithm: hashes.HashAlgorithm) -> Path:
    top = authority("Root", key=rsa_key())
    end = holder("Organisation", top)
    octets = signed_with(algorithm, end.certificate.public_bytes(Encoding.DER), top)
    return Path(end=loaded(octets), roots=[top.certificate])


def bent(change: Callable[[list[bytes]], None], *, of_issuer: bool = False) -> Path:
    top = authority("Root")
    between = authority("Issuing", top)
    end = holder("Organisation", between)
    if of_issuer:
        octets = der.signed_anew(between.certificate.public_bytes(Encoding.DER), top.private_key, change)
        return Path(end=end.certificate, roots=[top.certificate], intermediates=[loaded(octets)])
    octets = der.signed_anew(end.certificate.public_bytes(Encoding.DER), between.private_key, change)
    return Path(end=loaded(octets), roots=[top.certificate], intermediates=[between.certificate])


def loaded(octets: bytes) -> x509.Certificate:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of numbers that are not positive
        return x509.load_der_x509_certificate(octets)


def namesake() -> Path:
    """The same names, another key on top."""
    top, false_top = authority("Root"), authority("Root")
    return replace(path(false_top, holder("Organisation", false_top)), roots=[top.certificate])


def cycle() -> Path:
    """Two authorities that vouch for each other, and a root that has nothing to do with it."""
    one, other = authority("One"), authority("Other")
    crossed = [holder("One", other, key=one.private_key, extensions=AUTHORITY),
               holder("Other", one, key=other.private_key, extensions=AUTHORITY)]  # fmt: skip
    return Path(
        end=holder("Organisation", one).certificate,
        roots=[authority("Root").certificate],
        intermediates=[each.certificate for each in crossed],
    )


def crosses(number: int, *, one_leads_to_a_root: bool) -> Path:
    """So many certificates for one authority, each by another one that nobody knows; perhaps one by the root."""
    top, issuing = authority("Root"), authority("Issuing")
    strangers = [authority(f"Stranger {each}", key=top.private_key) for each in range(number)]
    crossed = [holder("Issuing", each, key=issuing.private_key, extensions=AUTHORITY) for each in strangers]
    if one_leads_to_a_root:
        crossed.append(holder("Issuing", top, key=issuing.private_key, extensions=AUTHORITY))
    return Path(
        end=holder("Organisation", issuing).certificate,
        roots=[top.certificate],
        intermediates=[each.certificate for each in crossed],
    )


def everybody_for_everybody(number: int) -> Path:
    """Authorities of which each has a certificate by every other one, and none by a root."""
    them = [authority(f"One of many {each}") for each in range(number)]
    crossed = [
        holder(one.name, other, key=one.private_key, extensions=AUTHORITY)
        for one in them
        for other in them
        if one is not other
    ]
    return Path(
        end=holder("Organisation", them[0]).certificate,
        roots=[authority("Root").certificate],
        intermediates=[each.certificate for each in crossed],
    )


def two_roots() -> Path:
    """An authority under a root that has ended and, crossed, under one that has not."""
    old, new, issuing = authority("Old", ends=AT - DAY), authority("New"), authority("Issuing")
    crossed = [holder("Issuing", each, key=issuing.private_key, extensions=AUTHORITY) for each in (old, new)]
    return Path(
        end=holder("Organisation", issuing).certificate,
        roots=[old.certificate, new.certificate],
        intermediates=[each.certificate for each in crossed],
    )


def self_signed() -> Path:
    return Path(end=holder("Organisation").certificate, roots=[authority("Root").certificate])


def root_itself() -> Path:
    top = authority("Root", extensions=((CA, True), (usages("key_cert_sign", "digital_signature"), True)))
    return Path(end=top.certificate, roots=[top.certificate])


def server_certificate() -> Path:
    """As the private roots of the Dutch government have them: no common name, no alternative name, for TLS."""
    top = authority("Root", key=rsa_key(number=1))
    domain = authority("Domain", top, key=rsa_key(number=2))
    issuing = authority("Issuing", domain, key=rsa_key(number=3))
    both = (Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH)
    extensions = (
        (NO_CA, True),
        (usages("digital_signature", "key_encipherment"), True),
        (x509.ExtendedKeyUsage(both), False),
    )
    end = holder(named("", OIN), issuing, extensions=extensions, key=rsa_key(number=4))
    return path(top, domain, issuing, end)


def untrusted() -> Path:
    top = authority("Unknown")
    return replace(path(top, holder("Organisation", top)), roots=[authority("Root").certificate])


def forged() -> Path:
    """The names are right; the signature is that of whoever forged it."""
    top = authority("Root")
    return path(top, holder("Organisation", authority("Forger"), issuer_name=top.name))


def edwards() -> Path:
    top = authority("Root", key=ed25519.Ed25519PrivateKey.generate())
    return path(top, holder("Organisation", top))


def without_crl() -> Path:
    top = authority("Root")
    between = authority("Issuing", top)
    return path(top, between, holder("Organisation", between), crls=[(top, crl(top))])


PSS: dict[str, Any] = {"rsa_padding": padding.PSS(padding.MGF1(hashes.SHA256()), 32)}
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
DNS, MAIL, URI, IP = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier, x509.IPAddress
DIRECTORY = x509.DirectoryName
DUTCH = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "NL")])


def named_below(unit: str, *below: str, kind: _ASN1Type = _ASN1Type.UTF8String) -> x509.Name:
    """A Dutch organisation of that name, in that kind of string; and somebody below it."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, each) for each in below]
    return x509.Name([*DUTCH, x509.NameAttribute(NameOID.ORGANIZATION_NAME, unit, kind), *names])


DUTCH_NAME = x509.Name([*DUTCH, x509.NameAttribute(NameOID.COMMON_NAME, "Organisation")])
