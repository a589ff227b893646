"""What the address book says of a configuration: every party, its module versions and certificates of now and of later.

What has ended is left out. That a party is suspended is not told, and neither is what concerns it and the hub alone:
agreements, addresses, mailbox rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from crypto.certificates import Certificate, CertificateUsage, Terms, term_of
from gateway.directory.model import Entry, EntryId, ListedCertificate, ListedVersion
from pmodes.configuration import Configuration
from pmodes.model import Organisation
from pmodes.term import day_ends, local_day

_WITHOUT_END: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The entry of an organisation, and between which moments it is just that."""

    organisation: Organisation
    entry: Entry
    since: datetime
    until: datetime


def entries_of(configuration: Configuration, at: datetime, *, public: bool = False) -> tuple[Entry, ...]:
    """The entries of the book at that moment, by party id; for the `public` those who let themselves be listed, and of
    others not even the name. Those have no certificates: no stranger is told of them.
    """
    if not public:
        return tuple(each.entry for each in told_of(configuration, at).values())
    everybody = _in_order(configuration)
    hidden = {each.party_id for each in everybody if not each.is_listed}
    entries = (_entry(each, at, certificates=False) for each in everybody if each.is_listed)
    return tuple(
        replace(each, unit_of=None) if each.unit_of is not None and each.unit_of[1] in hidden else each
        for each in entries
    )


def told_of(
    configuration: Configuration, at: datetime, before: Mapping[str, Told] = MappingProxyType({})
) -> Mapping[str, Told]:
    """The entries at that moment by party id, in the order of these. One of `before` is taken where its organisation
    stayed and nothing in it has ended since: so a change of one file costs one entry.
    """
    found: dict[str, Told] = {}
    for organisation in _in_order(configuration):
        party = organisation.party_id
        known = before.get(party)
        if known is None or known.organisation is not organisation or not known.since <= at <= known.until:
            entry = _entry(organisation, at)
            known = Told(organisation=organisation, entry=entry, since=at, until=_until(entry))
        found[party] = known
    return found


def _in_order(configuration: Configuration) -> list[Organisation]:
    return sorted(configuration.organisations, key=lambda each: each.party_id)


def _until(entry: Entry) -> datetime:
    """The last moment at which everything in it is of now or of later."""
    ends = [each.ends_at for each in entry.certificates]
    ends += (day_ends(each.ends) for each in entry.versions if each.ends is not None)
    return min(ends, default=_WITHOUT_END)


def _entry(organisation: Organisation, at: datetime, *, certificates: bool = True) -> Entry:
    unit_of = organisation.unit_of
    return Entry(
        name=organisation.name,
        party_ids=tuple(EntryId(value=each.value, type=each.type) for each in organisation.party_ids),
        roles=tuple(sorted(organisation.roles)),
        unit_of=None if unit_of is None else (unit_of.name, unit_of.party_id),
        kvk=organisation.kvk,
        establishment=organisation.establishment,
        access=organisation.access,
        collectief=organisation.collectief,
        acts_for=tuple(each.value for each in organisation.acts_for),
        versions=tuple(_versions(organisation, at)),
        certificates=(
            (*_certificates(organisation, "signing", at), *_certificates(organisation, "encryption", at))
            if certificates
            else ()
        ),
    )


def _versions(organisation: Organisation, at: datetime) -> Iterator[ListedVersion]:
    today = local_day(at)
    for module in sorted(organisation.modules):
        for each in sorted(organisation.modules[module], key=lambda one: one.version):
            if each.ends is None or each.ends >= today:
                yield _version(module, each.version, each.begins, each.ends)


@lru_cache(maxsize=1024)  # thousands of entries have the same
def _version(module: str, version: str, begins: date | None, ends: date | None) -> ListedVersion:
    return ListedVersion(module=module, version=version, begins=begins, ends=ends)


def _certificates(organisation: Organisation, usage: CertificateUsage, at: datetime) -> Iterator[ListedCertificate]:
    certificates, terms = _of_use(organisation, usage)
    for each in dict.fromkeys(certificates):
        term = term_of(each, terms)
        if term.ends_at >= at:
            yield ListedCertificate(
                usage=usage,
                certificate=each,
                begins_at=term.begins_at.replace(microsecond=0),
                ends_at=term.ends_at.replace(microsecond=0),
                endorsement=organisation.endorsements.get(each),
            )


def _of_use(organisation: Organisation, usage: CertificateUsage) -> tuple[tuple[Certificate, ...], Terms]:
    if usage == "signing":
        return organisation.signing_certificates, organisation.signing_terms
    return organisation.encryption_certificates, organisation.encryption_terms
