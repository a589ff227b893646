"""What the extensions of a certificate say that paths are judged by, in one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from cryptography import x509

from crypto.certificates import UNREADABLE_EXTENSIONS, Certificate

_JUDGED: Final = (
    x509.AuthorityKeyIdentifier,
    x509.BasicConstraints,
    x509.CRLDistributionPoints,
    x509.CertificatePolicies,
    x509.ExtendedKeyUsage,
    x509.IssuerAlternativeName,
    x509.KeyUsage,
    x509.NameConstraints,
    x509.SubjectAlternativeName,
    x509.SubjectKeyIdentifier,
)
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What a certificate says of itself; None where it says nothing of that."""

    constraints: x509.BasicConstraints | None
    key_usage: x509.KeyUsage | None
    purposes: frozenset[str] | None
    policies: frozenset[str]
    name_constraints: x509.NameConstraints | None
    alternative_names: tuple[x509.GeneralName, ...]
    unjudged_critical: tuple[str, ...]  # OIDs of critical extensions that nobody here judges


def read_extensions(certificate: Certificate) -> Statements | None:
    """What the extensions say; None where they cannot be read."""
    try:
        extensions = certificate.extensions
    except UNREADABLE_EXTENSIONS:
        return None
    purposes = _find(extensions, x509.ExtendedKeyUsage)
    policies = _find(extensions, x509.CertificatePolicies)
    names = _find(extensions, x509.SubjectAlternativeName)
    return Statements(
        constraints=_find(extensions, x509.BasicConstraints),
        key_usage=_find(extensions, x509.KeyUsage),
        purposes=None if purposes is None else frozenset(each.dotted_string for each in purposes),
        policies=frozenset(each.policy_identifier.dotted_string for each in policies or ()),
        name_constraints=_find(extensions, x509.NameConstraints),
        alternative_names=tuple(names or ()),
        unjudged_critical=tuple(_unjudged(extensions)),
    )


def _find(extensions: x509.Extensions, kind: type[_Extension]) -> _Extension | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _unjudged(extensions: x509.Extensions) -> Iterator[str]:
    for each in extensions:
        if each.critical and not isinstance(each.value, _JUDGED):
            yield each.oid.dotted_string
