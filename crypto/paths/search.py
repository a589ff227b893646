"""Finding paths: chains of certificates, from the end to a root, in which each is named as the issuer of the one before
and its key signed that one.

Depth first, roots before intermediates, and those whose key identifier fits before others. A chain is not followed
beyond a signature that does not hold, but it is kept, so that a verdict can say so.

SECURITY: bounded in length, in links looked at, in signatures computed and in paths handed out, whatever candidates
there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from crypto.certificates import UNREADABLE_EXTENSIONS, Certificate, der
from crypto.der_elements import public_key_bits
from crypto.issuer_signatures import certificate_signature_objection
from crypto.paths.policy import TrustedRoot

MOST_CERTIFICATES: Final = 5  # of one path, the root included; that of the Dutch government has four
MOST_SIGNATURES: Final = 100
MOST_LINKS: Final = 5_000
MOST_PATHS: Final = 20
_TOO_MUCH: Final = f"no root is found within {MOST_SIGNATURES} signatures and {MOST_LINKS} links"
_TOO_LONG: Final = f"no root is found within {MOST_CERTIFICATES} certificates"
_UNREADABLE: Final = (x509.ExtensionNotFound, *UNREADABLE_EXTENSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPath:
    """Certificates from the end towards a root, which is the last where there is one.

    `broken` is what keeps the path from going on: nothing where it ends at a root, else why the last one does not
    count as issuer, or that nobody is named as that.
    """

    certificates: tuple[Certificate, ...]
    root: TrustedRoot | None = None
    broken: str | None = None


class _Bounded(Exception):
    """More than may be computed."""


class PathSearch:
    """The paths from one certificate to some roots."""

    def __init__(self, roots: Sequence[TrustedRoot], intermediates: Sequence[Certificate]) -> None:
        self._issuers: dict[x509.Name, dict[bytes, tuple[Certificate, TrustedRoot | None]]] = defaultdict(dict)
        for root in roots:
            self._issuers[root.certificate.subject][der(root.certificate)] = (root.certificate, root)
        for each in intermediates:
            self._issuers[each.subject].setdefault(der(each), (each, None))
        self._links = 0
        self._computed: dict[tuple[bytes, bytes], str | None] = {}  # by certificate and key, which several may have

    def paths(self, certificate: Certificate) -> tuple[FoundPath, ...]:
        """Those that end at a root; where there is none, the one that came furthest."""
        complete: list[FoundPath] = []
        broken: list[FoundPath] = []
        try:
            for found in self._from((certificate,)):
                (broken if found.broken else complete).append(found)
                if len(complete) == MOST_PATHS:
                    break
        except _Bounded:
            broken.insert(0, FoundPath(certificates=(certificate,), broken=_TOO_MUCH))
        if complete:
            return tuple(complete)
        return (
            max(broken, key=lambda each: (each.broken == _TOO_MUCH, each.root is not None, len(each.certificates))),
        )

    def _from(self, chain: tuple[Certificate, ...]) -> Iterator[FoundPath]:
        last = chain[-1]
        named = self._likeliest_first(last)
        others = [each for each in named if not _stands_in(each[0], chain)]
        if not others:
            yield FoundPath(certificates=chain, broken=self._why_nobody(chain, comes_back=bool(named)))
        for issuer, root in others:
            self._links += 1
            if self._links > MOST_LINKS:
                raise _Bounded
            longer = (*chain, issuer)
            objection = self._objection(last, issuer)
            if objection is not None:
                yield FoundPath(certificates=longer, root=root, broken=objection)
            elif root is None and len(longer) == MOST_CERTIFICATES:
                yield FoundPath(certificates=longer, broken=_TOO_LONG)
            elif root is None:
                yield from self._from(longer)
            else:
                yield FoundPath(certificates=longer, root=root)

    def _why_nobody(self, chain: Sequence[Certificate], *, comes_back: bool) -> str:
        last = chain[-1]
        known = self._issuers.get(last.subject, {}).get(der(last))
        if known is not None and known[1] is not None:
            return "it is a root itself, which speaks for no organisation"
        if last.issuer == last.subject:
            return "it names itself as its issuer, and is no root that is trusted"
        if comes_back:
            return "the path comes back to a certificate that stands in it"
        return "no certificate is at hand that bears the name of its issuer"

    def _likeliest_first(self, certificate: Certificate) -> list[tuple[Certificate, TrustedRoot | None]]:
        """Who is named as its issuer: roots before others, and by the key identifier that it names."""
        wanted = _issuers_key(certificate)
        named = self._issuers.get(certificate.issuer, {}).values()
        return sorted(named, key=lambda each: (each[1] is None, wanted is not None and _own_key(each[0]) != wanted))

    def _objection(self, certificate: Certificate, issuer: Certificate) -> str | None:
        key = (der(certificate), public_key_bits(issuer))
        if key not in self._computed:
            if len(self._computed) == MOST_SIGNATURES:
                raise _Bounded
            self._computed[key] = certificate_signature_objection(certificate, issuer)
        return self._computed[key]


def _stands_in(certificate: Certificate, chain: Sequence[Certificate]) -> bool:
    """Whether the same holder with the same key stands there: a path that comes back proves nothing more."""
    key = public_key_bits(certificate)
    return any(each.subject == certificate.subject and public_key_bits(each) == key for each in chain)


def _issuers_key(certificate: Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except _UNREADABLE:
        return None


def _own_key(certificate: Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except _UNREADABLE:
        return None
