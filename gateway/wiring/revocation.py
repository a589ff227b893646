"""What a hub knows of revoked certificates, and what keeps that up to date, from its settings and P-Modes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from crypto.certificates import Certificate
from gateway.clock import Clock
from gateway.events import EventLog
from gateway.jobs.revocation_inquiry import inquiry_of, part_of
from gateway.jobs.revocation_kept import KeptAnswers, LedgerUnreadable
from gateway.jobs.revocation_known import RevocationKnown, RevocationStanding
from gateway.jobs.revocation_watch import RevocationWatch, recall_all
from gateway.msh.signers import KnownSigners
from gateway.net.destination import host_key
from gateway.settings import Settings
from gateway.settings.sections import OutboundSection
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.outbound import outbound_of
from gateway.wiring.revocation_asked import AskedFor, parts_of, put_together
from pmodes.configuration import Configuration
from pmodes.validity import Concern, Listed


def known_of(settings: Settings, configuration: Callable[[], Configuration], log: EventLog) -> RevocationKnown:
    """What the data directory remembers; NotStartable where that cannot be read."""
    try:
        return RevocationKnown(
            lambda: configuration().hub.revocation,
            log,
            KeptAnswers(settings.data.directory),
            between=lambda: configuration().hub.trust.intermediates,
        )
    except LedgerUnreadable as fault:
        raise NotStartable((str(fault),)) from None


def watch_of(
    settings: Settings,
    known: RevocationKnown,
    configuration: Callable[[], Configuration],
    signers: KnownSigners,
    clock: Clock,
    log: EventLog,
    *,
    time_suspect: Callable[[], bool],
) -> RevocationWatch:
    """What fetches for that hub; NotStartable where the authorities for https cannot be read."""
    return RevocationWatch(
        known,
        KeptAnswers(settings.data.directory),
        outbound_of(settings),
        clock,
        log,
        asked=AskedFor(configuration, signers, known.missed),
        chance=random.SystemRandom().random,
        time_suspect=time_suspect,
    )


def standings(
    settings: Settings, configuration: Configuration, at: datetime
) -> tuple[tuple[Listed, RevocationStanding], ...]:
    """How it stands with each certificate that is asked about, by what was kept; raises `NotStartable`."""
    if not configuration.hub.revocation:
        return ()
    asked = put_together(parts_of(configuration))
    kept, known = KeptAnswers(settings.data.directory), known_of(settings, lambda: configuration, _unheard)
    recall_all(asked.targets, known, kept, at)
    found = ((each, known.known(each.certificate, at)) for each in asked.listed)
    return tuple((each, one) for each, one in found if one is not None)


def standing_of(
    settings: Settings, configuration: Configuration, certificate: Certificate, at: datetime
) -> RevocationStanding | None:
    """How it stands with one certificate, listed or not, by what was kept; raises `NotStartable`."""
    if not configuration.hub.revocation:
        return None
    kept, known = KeptAnswers(settings.data.directory), known_of(settings, lambda: configuration, _unheard)
    listed = Listed(owner="", party="", place="", use="signing", certificate=certificate)
    part = part_of([listed], configuration.hub.revocation, configuration.hub.trust.intermediates)
    recall_all(inquiry_of([part]).targets, known, kept, at)
    return known.known(certificate, at)


def worries_of(found: Sequence[tuple[Listed, RevocationStanding]]) -> Iterator[str]:
    """What is to be said of them."""
    lacking: dict[str, list[str]] = {}
    for each, known in found:
        if known.state == "revoked":
            yield f"{each.place}: {known.detail}; take it out of that file, and list the next one"
        elif known.state != "good":
            lacking.setdefault(known.detail, []).append(each.place)
    for detail, places in lacking.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield f"{places[0]}{more}: {detail}; a hub that runs fetches it, and says in the log why it cannot"


def concerns_of_hosts(outbound: OutboundSection, configuration: Configuration) -> tuple[Concern, ...]:
    """What hub.yaml names and the settings do not let the hub call."""
    hosts = set(map(host_key, outbound.hosts))
    return tuple(
        Concern(
            place=str(source.place),
            sentence=f"{host} is not in outbound.hosts of the settings, so that nothing is fetched there; add it",
        )
        for source in configuration.hub.revocation
        for host in dict.fromkeys(urlsplit(each).hostname or "" for each in (source.crl, source.ocsp) if each)
        if host_key(host) not in hosts
    )


def _unheard(event: str, /, **fields: object) -> None:
    """Whoever only looks has no log."""
