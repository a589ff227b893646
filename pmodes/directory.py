"""What the address book says of a configuration: every party, its module versions and certificates of now and of later.

What has ended is left out. That a party is suspended is not told, and neither is what concerns it and the hub alone:
agreements, addresses, mailbox rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from crypto.certificates import Certificate, CertificateUsage, Terms, term_of
from gateway.directory.model import Entry, EntryId, ListedCertificate, ListedVersion
from pmodes.configuration import Configuration
from pmodes.model import Organisation
from pmodes.term import local_day


def entries_of(configuration: Configuration, at: datetime, *, public: bool = False) -> tuple[Entry, ...]:
    """The entries of the book at that moment, by party id; for the `public` those who let themselves be listed, and of
    others not even the name.
    """
    organisations = sorted(configuration.organisations, key=lambda each: each.party_id)
    if not public:
        return tuple(_entry(each, at) for each in organisations)
    hidden = {each.party_id for each in organisations if not each.is_listed}
    entries = (_entry(each, at) for each in organisations if each.is_listed)
    return tuple(
        replace(each, unit_of=None) if each.unit_of is not None and each.unit_of[1] in hidden else each
        for each in entries
    )


def _entry(organisation: Organisation, at: datetime) -> Entry:
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
            *_certificates(organisation, "signing", at),
            *_certificates(organisation, "encryption", at),
        ),
    )


def _versions(organisation: Organisation, at: datetime) -> Iterator[ListedVersion]:
    today = local_day(at)
    for module in sorted(organisation.modules):
        for each in sorted(organisation.modules[module], key=lambda one: one.version):
            if each.ends is None or each.ends >= today:
                yield ListedVersion(module=module, version=each.version, begins=each.begins, ends=each.ends)


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
