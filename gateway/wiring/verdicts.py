"""Verdicts on certificates for whoever administers a hub: by the same steps as a message's, for a file and for all that
the P-Modes list.

What was fetched about revocation and kept is told; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crypto.certificates import Certificate, CertificateUsage, load_certificates, thumbprint_sha256
from crypto.paths import (
    CertificateUse,
    PathPolicy,
    PathVerdict,
    Step,
    TrustedRoot,
    judge_authority,
    judge_certificate,
    subject_serial_numbers,
)
from crypto.revocation import RevocationFinding
from gateway.jobs.revocation_known import RevocationStanding
from gateway.named_file import TEXT_OCTETS, read_named
from gateway.settings import Settings
from gateway.wiring.revocation import standing_of, standings
from pmodes.configuration import Configuration
from pmodes.consistency import suites_of, works_with
from pmodes.model import HubParty, Leg, Organisation
from pmodes.validity import authorities, listed
from pmodes.vouching import path_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A certificate of the configuration, where it stands, and the verdict on it."""

    place: str
    owner: str
    party: str
    use: str
    certificate: Certificate
    verdict: PathVerdict


def owner_of(
    configuration: Configuration, certificate: Certificate, use: CertificateUse
) -> Organisation | HubParty | None:
    """Whose file lists it for that use, or for another, or whose it is by the OIN in it."""
    if use == "tls":
        for organisation in configuration.organisations:
            if _thumbprint(certificate) in organisation.tls_thumbprints:
                return organisation
    owners: tuple[Organisation | HubParty, ...] = (configuration.hub, *configuration.organisations)
    for owner in owners:
        if listed_for(owner, certificate):
            return owner
    numbers = subject_serial_numbers(certificate)
    return configuration.by_party.get(numbers[0]) if len(numbers) == 1 else None


def listed_for(owner: Organisation | HubParty, certificate: Certificate) -> tuple[CertificateUsage, ...]:
    """For what its file lists that certificate."""
    lists: Mapping[CertificateUsage, Sequence[Certificate]] = {
        "signing": owner.signing_certificates,
        "encryption": owner.encryption_certificates,
    }
    return tuple(use for use, each in lists.items() if certificate in each)


def judge_for(
    settings: Settings,
    configuration: Configuration,
    owner: Organisation | HubParty | None,
    certificate: Certificate,
    *,
    use: CertificateUse,
    at: datetime,
    beside: Sequence[Certificate] = (),
) -> PathVerdict:
    """The verdict on a certificate of that owner's; of nobody's by the roots alone. `beside` came in the same file, and
    are candidates for the path like those of hub.yaml. Raises `NotStartable` where what was kept cannot be read, and
    OSError or ValueError where `listen.client_ca` cannot.
    """
    policy = _policy(settings, configuration, owner, certificate, use, at)
    policy = replace(policy, intermediates=(*policy.intermediates, *beside))
    known = standing_of(settings, configuration, certificate, at)
    verdict = judge_certificate(certificate, _with_revocation(policy, configuration, owner, certificate, known))
    return replace(verdict, steps=(*_suite(configuration, owner, certificate, use), *verdict.steps))


def _suite(
    configuration: Configuration, owner: Organisation | HubParty | None, certificate: Certificate, use: CertificateUse
) -> Iterator[Step]:
    """Whether its key is one that the suite of its owner works with; without, a file that lists it is refused."""
    if owner is None or use == "tls":
        return
    suites = suites_of(configuration, owner, use)
    fits = any(works_with(suite, certificate, use) for suite in suites)
    expected = f"a key for {' or '.join(dict.fromkeys(each.name for each in suites))}"
    yield Step(
        what="suite", about="the certificate", expected=expected, found="such a key" if fits else "another", holds=fits
    )


def judge_all(settings: Settings, configuration: Configuration, at: datetime) -> Iterator[Judged]:
    """Every certificate that the P-Modes list, and every root and authority that hub.yaml trusts or names."""
    hub = configuration.hub
    known = {each.certificate: standing for each, standing in standings(settings, configuration, at)}
    for each in listed(configuration):
        owner = hub if each.party == hub.party_id else configuration.by_party[each.party]
        use: CertificateUse = "signing" if each.use == "signing" else "encryption"
        policy = path_policy(configuration, owner, use, at)
        found = _with_revocation(policy, configuration, owner, each.certificate, known.get(each.certificate))
        verdict = judge_certificate(each.certificate, found)
        yield Judged(
            place=each.place, owner=each.owner, party=each.party, use=use, certificate=each.certificate, verdict=verdict
        )
    vouching = PathPolicy(roots=hub.trust.roots, intermediates=hub.trust.intermediates, at=at, use="signing")
    for each in authorities(hub):
        found = _with_revocation(vouching, configuration, hub, each.certificate, known.get(each.certificate))
        yield Judged(
            place=each.place,
            owner=each.owner,
            party=each.party,
            use=each.use,
            certificate=each.certificate,
            verdict=judge_authority(each.certificate, found),
        )


def _policy(
    settings: Settings,
    configuration: Configuration,
    owner: Organisation | HubParty | None,
    certificate: Certificate,
    use: CertificateUse,
    at: datetime,
) -> PathPolicy:
    trust = configuration.hub.trust
    if owner is None:
        policy = PathPolicy(roots=trust.roots, intermediates=trust.intermediates, at=at, use=use)
    else:
        policy = path_policy(configuration, owner, use, at)
    if use != "tls":
        return policy
    pinned = owner.tls_thumbprints if isinstance(owner, Organisation) else frozenset()
    return replace(
        policy,
        roots=() if pinned else _client_roots(settings),
        pinned=(certificate,) if _thumbprint(certificate) in pinned else (),
    )


def _client_roots(settings: Settings) -> tuple[TrustedRoot, ...]:
    path = settings.listen.client_ca
    if path is None:
        return ()
    return tuple(TrustedRoot(certificate=each) for each in load_certificates(read_named(path, most_octets=TEXT_OCTETS)))


def _with_revocation(
    policy: PathPolicy,
    configuration: Configuration,
    owner: Organisation | HubParty | None,
    certificate: Certificate,
    known: RevocationStanding | None,
) -> PathPolicy:
    leg = Leg.RECEIVING if policy.use == "encryption" else Leg.SENDING
    wanted = configuration.template(owner, leg).security.revocation if isinstance(owner, Organisation) else "off"
    if known is None:
        return policy
    finding = RevocationFinding(
        status=known.state if known.state in ("good", "revoked") else "unusable", detail=known.detail
    )
    return replace(
        policy,
        revocations={thumbprint_sha256(certificate): finding},
        revocation_required=wanted == "hard" and certificate in policy.pinned,
    )


def _thumbprint(certificate: Certificate) -> str:
    return thumbprint_sha256(certificate).hex()
