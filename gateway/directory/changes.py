"""What one issue of the address book says otherwise than another, in sentences, by party."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crypto.certificates import thumbprint_sha256
from gateway.directory.model import AddressBook, Entry, ListedCertificate, ListedVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class BookChange:
    """One thing about one party."""

    party: str
    name: str
    sentence: str


def changes(before: AddressBook | None, now: AddressBook) -> tuple[BookChange, ...]:
    """Every difference, by party id; without an issue before, that each party is new."""
    old = {} if before is None else {each.party: each for each in before.entries}
    new = {each.party: each for each in now.entries}
    found: list[BookChange] = []
    for party in sorted(old.keys() | new.keys()):
        one, other = old.get(party), new.get(party)
        name = (other or one or now.entries[0]).name
        found += (BookChange(party=party, name=name, sentence=each) for each in _of_party(one, other))
    return tuple(found)


def _of_party(before: Entry | None, now: Entry | None) -> Iterator[str]:
    if now is None:
        yield "takes part no more"
        return
    if before is None:
        yield "is new"
        return
    if before.name != now.name:
        yield f"was called {before.name}"
    if before.roles != now.roles:
        yield f"has the roles {', '.join(now.roles)}, and had {', '.join(before.roles)}"
    if before.access != now.access:
        yield f"works with the hub by {now.access}, and did by {before.access}"
    if before.collectief != now.collectief:
        yield f"takes part in Collectief Schuldregelen{'' if now.collectief else ' no more'}"
    others = ("party_ids", "unit_of", "kvk", "establishment", "acts_for")
    if any(getattr(before, name) != getattr(now, name) for name in others):
        yield "has other party ids or numbers, is a unit of another organisation, or acts for others"
    yield from _of_versions(before, now)
    yield from _of_certificates(before, now)


def _of_versions(before: Entry, now: Entry) -> Iterator[str]:
    old = {(each.module, each.version): each for each in before.versions}
    new = {(each.module, each.version): each for each in now.versions}
    for key in sorted(old.keys() | new.keys()):
        one, other = old.get(key), new.get(key)
        if other is None:
            yield f"has {' '.join(key)} no more"
        elif one != other:
            yield f"has {told_version(other)}"


def _of_certificates(before: Entry, now: Entry) -> Iterator[str]:
    old = {(each.usage, each.certificate): each for each in before.certificates}
    new = {(each.usage, each.certificate): each for each in now.certificates}
    for key, listed in new.items():
        if key not in old:
            yield f"has another certificate for {told_certificate(listed)}"
        elif (old[key].begins_at, old[key].ends_at) != (listed.begins_at, listed.ends_at):
            yield f"has other days for the certificate for {told_certificate(listed)}"
    for key, listed in old.items():
        if key not in new:
            yield f"has no more the certificate for {told_certificate(listed)}"


def told_version(listed: ListedVersion) -> str:
    """A module version with its days, for people."""
    begins = "" if listed.begins is None else f" from {listed.begins.isoformat()}"
    ends = "" if listed.ends is None else f" until {listed.ends.isoformat()}"
    return f"{listed.module} {listed.version}{begins}{ends}"


def told_certificate(listed: ListedCertificate) -> str:
    """A certificate by its use, fingerprint and days, for people."""
    days = f"{listed.begins_at.date().isoformat()} until {listed.ends_at.date().isoformat()}"
    return f"{listed.usage} ({thumbprint_sha256(listed.certificate).hex()}, {days})"
