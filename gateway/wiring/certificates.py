"""The certificates of a site as one list: the hub's own, by the settings, and those of the P-Mode files.

For each kind of key the hub signs with one certificate, whatever hub.yaml lists beside it, and seals nothing that would
outlast it: its end counts before the longest term is over. So it is told of louder and earlier than any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from crypto.certificates import thumbprint_sha256
from gateway.settings import Settings
from gateway.wiring.bound_unseen import bound_unseen
from gateway.wiring.desks_without_portal import desks_without_portal
from gateway.wiring.own_certificates import OwnCertificate, apart, same_kind, signing_now, untimely
from gateway.wiring.own_keys import check_own_keys
from gateway.wiring.revocation import concerns_of_hosts
from gateway.wiring.tls_names import concerns_of_names
from pmodes.configuration import Configuration
from pmodes.consistency import signs_for, suite_of
from pmodes.counting import counted
from pmodes.model import HubParty, Leg, Organisation
from pmodes.reminders import reminders
from pmodes.term import expires_at
from pmodes.validity import (
    NOTICE,
    Concern,
    Listed,
    authorities,
    concerns,
    ending,
    in_question,
    listed_of,
    longest_term,
)


def all_certificates(own: Sequence[OwnCertificate], configuration: Configuration) -> tuple[Listed, ...]:
    """Every certificate once for each use: what stands in the settings is not told again for hub.yaml."""
    return _certificates(own, configuration, configuration.organisations)


def _certificates(
    own: Sequence[OwnCertificate], configuration: Configuration, organisations: Iterable[Organisation]
) -> tuple[Listed, ...]:
    """The hub's, and those of these organisations."""
    hub = configuration.hub
    first = [each.listed(hub.name, hub.party_id) for each in own]
    told = {(each.use, thumbprint_sha256(each.certificate)) for each in first}
    of_hub = (each for each in listed_of([hub]) if (each.use, thumbprint_sha256(each.certificate)) not in told)
    return (*first, *of_hub, *authorities(hub), *listed_of(organisations))


_BESIDE_MESSAGES: Final = frozenset(
    {"tls", "tls-chain", "client", "server", "directory", "login", "login-tls", "broker"}
)


def concerns_of(
    own: Sequence[OwnCertificate], configuration: Configuration, at: datetime, *, settings: Settings
) -> tuple[Concern, ...]:
    """What is to be said at the start, at a reload and by `pmode check`."""
    until = longest_term(configuration, at)
    hub = configuration.hub
    others = [each.listed(hub.name, hub.party_id) for each in own if each.use in _BESIDE_MESSAGES]
    owners: list[HubParty | Organisation] = [hub, *in_question(configuration, at, max(until, at + NOTICE))]
    found = concerns((*listed_of(owners), *authorities(hub), *others), at, needed_until=until)
    signing = (*_of_signing(own, configuration, at, until), *_of_successors(own, configuration, at, until))
    of_names = concerns_of_names(own, settings.hub.public_url)
    return (
        *signing,
        *found,
        *of_names,
        *concerns_of_hosts(settings.outbound, configuration),
        *desks_without_portal(settings, configuration),
        *reminders(configuration, at),
    )


def ending_of(own: Sequence[OwnCertificate], configuration: Configuration, at: datetime) -> tuple[Listed, ...]:
    """What is told every day; a certificate that signs from a month before it no longer does for the longest term."""
    everything = _certificates(own, configuration, in_question(configuration, at, at + NOTICE))
    last_needed = longest_term(configuration, at) + NOTICE
    found = ending(everything, at)
    signing = {each.key for each in own if each.use == "signing"}
    early = [each for each in everything if each.place in signing and each.ends_at <= last_needed and each not in found]
    return (*early, *found)


def check_own(
    settings: Settings, configuration: Configuration | None, *, at: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What would keep the hub from starting with these files at that moment, and what it would warn of; None for
    P-Modes that cannot be read, with which nothing is compared.
    """
    own, complaints, notes = check_own_keys(settings)
    if configuration is None:
        return (*complaints, *untimely(own, at)), ()
    refused = (*complaints, *not_together(settings, own, configuration, at))
    found = concerns_of(own, configuration, at, settings=settings)
    warnings = (*map(str, found), *(f"{each}; the key was not tried" for each in notes))
    return refused, warnings


def not_together(
    settings: Settings, own: Sequence[OwnCertificate], configuration: Configuration, at: datetime
) -> tuple[str, ...]:
    """What would keep the hub from starting, or refuse a reload, where its settings and P-Modes are read together."""
    return (
        *apart(own, configuration),
        *map(str, bound_unseen(settings, configuration)),
        *untimely(own, at, terms=configuration.hub.signing_terms),
    )


def _of_successors(
    own: Sequence[OwnCertificate], configuration: Configuration, at: datetime, until: datetime
) -> list[Concern]:
    """Of the keys that sign later, those that begin too late for what comes just before."""
    found = []
    for now in signing_now(own, at):
        nexts = [each for each in own if each.since is not None and each.since > at and same_kind(each, now)]
        following = min(nexts, key=lambda each: each.since or at, default=None)
        if following is None or following.since is None:
            continue
        ends_at = now.certificate.not_valid_after_utc
        if until <= ends_at < longest_term(configuration, following.since):
            sentence = (
                f"it signs from {following.since:%Y-%m-%d %H:%M:%SZ}, and the certificate before it ends on"
                f" {ends_at:%Y-%m-%d}: what comes shortly before that moment would outlast its signature and is"
                " answered 503; have it sign earlier"
            )
            found.append(Concern(place=following.key, sentence=sentence))
    return found


def _of_signing(
    own: Sequence[OwnCertificate], configuration: Configuration, at: datetime, until: datetime
) -> list[Concern]:
    hub = configuration.hub
    found = []
    for each in signing_now(own, at):
        ends_at = each.certificate.not_valid_after_utc
        if not at <= ends_at < until:
            continue
        sealed_with = [
            organisation
            for organisation in configuration.organisations
            if signs_for(each.certificate, suite_of(hub, organisation, Leg.RECEIVING, configuration.suites))
        ]
        hit = sum(
            ends_at
            < expires_at(
                at,
                working_days=organisation.mailbox.term_working_days,
                extension_days=organisation.days_with_acceptance,
                closing_days=hub.closing_days,
            )
            for organisation in sealed_with
        )
        if configuration.organisations and not hit:
            continue  # what is sealed with it waits less long
        organisations = counted(len(configuration.organisations), "organisation")
        sentence = (
            f"the hub's signing certificate ends on {ends_at:%Y-%m-%d}, before the longest term, {until:%Y-%m-%d}: what"
            f" comes now for {hit} of {organisations} is answered 503, for the hub"
            " seals nothing that would outlast its signature; take the next certificate into use"
        )
        found.append(Concern(place=each.key, sentence=sentence))
    return found
