"""Whom to ask about which certificates: worked out of what names them, and handed on as finished values.

With thousands of organisations that is work for a thread, for it looks whose key signed each certificate. So what one
owner's certificates come to is a part by itself, which is made again only when that owner's file changes; parts are put
together by looking nothing up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from crypto.certificates import Certificate, thumbprint_sha256
from gateway.jobs.revocation_known import Kind, authority_key
from pmodes.model import RevocationSource
from pmodes.revocation import chain_of
from pmodes.validity import Listed

TargetKey: TypeAlias = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing to fetch: the CRL of an authority, for all its certificates, or a response about one.

    Its `key` tells it from every other: the kind, what its answer is kept by, and where it is, for a new address is a
    new target.
    """

    key: TargetKey
    source: RevocationSource
    certificates: tuple[Certificate, ...]

    @property
    def kind(self) -> Kind:
        """Which of the two it is."""
        return self.key[0]

    @property
    def about(self) -> str:
        """What its answer is kept by: the key of the authority, or the thumbprint of the certificate."""
        return self.key[1]

    @property
    def url(self) -> str:
        """Where it is."""
        return self.key[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryPart:
    """Certificates of one owner, or of one origin; and them and the authorities above with who knows about each."""

    listed: tuple[Listed, ...] = ()
    known_by: tuple[tuple[Certificate, RevocationSource], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """The certificates that are asked about, what there is to fetch for them, and the keys of that."""

    listed: tuple[Listed, ...] = ()
    targets: tuple[Target, ...] = ()
    keys: frozenset[TargetKey] = frozenset()


NOTHING_ASKED: Final = Inquiry()


def part_of(
    listed: Iterable[Listed], sources: Sequence[RevocationSource], between: Sequence[Certificate]
) -> InquiryPart:
    """What those certificates come to under these authorities; `between` are others, below a root."""
    found = tuple(listed)
    above = (one for each in found for one in chain_of(each.certificate, sources, between))
    known_by = {certificate: source for certificate, source in above if source is not None}
    return InquiryPart(listed=found, known_by=tuple(known_by.items()))


def inquiry_of(parts: Iterable[InquiryPart]) -> Inquiry:
    """All of these put together, in their order."""
    listed: list[Listed] = []
    crls: dict[str, tuple[RevocationSource, dict[Certificate, None]]] = {}
    responses: dict[Certificate, RevocationSource] = {}
    for part in parts:
        listed += part.listed
        for certificate, source in part.known_by:
            if source.crl is not None:
                crls.setdefault(authority_key(source.issuer), (source, {}))[1][certificate] = None
            if source.ocsp is not None:
                responses[certificate] = source
    return _inquiry(listed, [*_crl_targets(crls), *_response_targets(responses)])


def joined(inquiry: Inquiry, other: Inquiry) -> Inquiry:
    """Both, without looking at each certificate again; a target that both have is about the certificates of both."""
    if not other.listed:
        return inquiry
    more = {each.key: each for each in other.targets}
    targets = [_both(each, more.pop(each.key, None)) for each in inquiry.targets]
    return _inquiry([*inquiry.listed, *other.listed], [*targets, *more.values()])


def _both(one: Target, other: Target | None) -> Target:
    if other is None or one.kind == "ocsp":
        return one
    certificates = tuple(dict.fromkeys((*one.certificates, *other.certificates)))
    return Target(key=one.key, source=one.source, certificates=certificates)


def _crl_targets(crls: Mapping[str, tuple[RevocationSource, Iterable[Certificate]]]) -> Iterable[Target]:
    for about, (source, certificates) in crls.items():
        yield Target(key=("crl", about, source.crl or ""), source=source, certificates=tuple(certificates))


def _response_targets(responses: Mapping[Certificate, RevocationSource]) -> Iterable[Target]:
    for certificate, source in responses.items():
        key: TargetKey = ("ocsp", thumbprint_sha256(certificate).hex(), source.ocsp or "")
        yield Target(key=key, source=source, certificates=(certificate,))


def _inquiry(listed: Iterable[Listed], targets: Sequence[Target]) -> Inquiry:
    return Inquiry(listed=tuple(listed), targets=tuple(targets), keys=frozenset(each.key for each in targets))
