"""What a certificate is judged by: roots, candidates for the path, the use, the moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from crypto.certificates import MINIMUM_RSA_BITS, WHOLE_VALIDITY, Certificate, Terms
from crypto.revocation import RevocationFinding

CertificateUse: TypeAlias = Literal["signing", "encryption", "tls"]

# What the extended key usage of a certificate has to name where it has one: any of these lets it speak for its owner.
# serverAuth is not among them, so a certificate that only names a machine signs nothing (unless it is pinned).
PURPOSES: Final[Mapping[CertificateUse, frozenset[str]]] = MappingProxyType(
    {
        "signing": frozenset(
            {
                Purpose.CLIENT_AUTH.dotted_string,
                Purpose.EMAIL_PROTECTION.dotted_string,
                "1.3.6.1.5.5.7.3.36",  # documentSigning (RFC 9336)
            }
        ),
        "encryption": frozenset({Purpose.CLIENT_AUTH.dotted_string, Purpose.EMAIL_PROTECTION.dotted_string}),
        "tls": frozenset({Purpose.CLIENT_AUTH.dotted_string}),
    }
)
ANY_PURPOSE: Final = Purpose.ANY_EXTENDED_KEY_USAGE.dotted_string


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedRoot:
    """A root that somebody trusts, and for what: certificate policies of which a path has to have one (OIDs; none are
    asked where there are none), and purposes in place of `PURPOSES`.
    """

    certificate: Certificate
    policies: frozenset[str] = frozenset()
    purposes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPolicy:
    """How to judge a certificate.

    `intermediates` are candidates for the path, and vouch for nothing. `pinned` are certificates that somebody listed
    one by one: for those no path, purpose or serialNumber is asked. `terms` are those of listed certificates that count
    for less than their validity, `withdrawn` the SHA-256 of certificates whose key may be in other hands.
    `serial_number` is what the one serialNumber in the subject has to be; None asks for nothing. `revocations` are
    findings by the SHA-256 of the certificate they are about; where it is required, each certificate below the root has
    to be told good, else only none revoked. Without `judges_end` the validity of the end certificate is left to whoever
    knows how far a clock can be trusted.
    """

    roots: tuple[TrustedRoot, ...]
    at: datetime
    use: CertificateUse
    intermediates: tuple[Certificate, ...] = ()
    pinned: tuple[Certificate, ...] = ()
    serial_number: str | None = None
    revocations: Mapping[bytes, RevocationFinding] = field(default_factory=lambda: MappingProxyType({}))
    revocation_required: bool = False
    terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    withdrawn: frozenset[bytes] = frozenset()
    minimum_rsa_bits: int = MINIMUM_RSA_BITS
    judges_end: bool = True
