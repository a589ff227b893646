"""Which certificates of an address book are taken unasked, and which wait until a person says yes.

The book is the hub's word. The first certificates of a party that nobody knew are taken by it. A changed certificate of
a known party, and the first one of a business unit whose organisation is known, need more: the signature of a key that
is known to be that party's (or, for a business unit, its organisation's), or a root that the participant chose and that
issued it for that party. Whatever waits is not relied on, and what is known stays.

SECURITY: whose unit a party is stands in its party id, which the signature of the endorser covers; what the issue says
of it is a word of the hub like the certificate itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from crypto.certificates import Certificate, CertificateUsage
from crypto.endorsements import endorser_of
from gateway.directory.model import AddressBook, Entry, ListedCertificate

Why: TypeAlias = Literal["first", "endorsed", "root", "accepted"]
Vouched: TypeAlias = Callable[[Certificate, str, CertificateUsage], bool]
"""Whether a root that somebody chose issued a certificate for that party and use."""

USAGES: Final[tuple[CertificateUsage, ...]] = ("signing", "encryption")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCertificates:
    """Those that are known to be a party's."""

    signing: tuple[Certificate, ...] = ()
    encryption: tuple[Certificate, ...] = ()

    def of(self, usage: CertificateUsage) -> tuple[Certificate, ...]:
        """Those of one use."""
        return self.signing if usage == "signing" else self.encryption

    def with_one(self, usage: CertificateUsage, certificate: Certificate) -> KnownCertificates:
        """The same and one more."""
        more = (*self.of(usage), certificate)
        return replace(self, signing=more) if usage == "signing" else replace(self, encryption=more)


Known: TypeAlias = Mapping[str, KnownCertificates]
NOTHING: Final = KnownCertificates()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenCertificate:
    """A certificate of a party that is known from now on, and why."""

    entry: Entry
    listed: ListedCertificate
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCertificate:
    """A certificate for which nobody vouches, and those of its party and use that are known."""

    entry: Entry
    listed: ListedCertificate
    known: tuple[Certificate, ...]


def learn(book: AddressBook, known: Known, vouched: Vouched) -> tuple[Known, tuple[TakenCertificate, ...]]:
    """What is known after a book, and what of it is new. A key that is taken may vouch for the next one."""
    now = dict(known)
    taken = [
        _take(now, entry, each, "first")
        for entry in book.entries
        for usage in USAGES
        if _is_first(entry, known, usage)
        for each in entry.certificates_for(usage)
    ]
    while found := [
        _take(now, each.entry, each.listed, why)
        for each in waiting(book, now)
        if (why := _why(each, now, vouched)) is not None
    ]:
        taken += found
    return now, tuple(taken)


def accept(book: AddressBook, known: Known, party: str) -> tuple[Known, tuple[TakenCertificate, ...]]:
    """What is known after a person said that what waits for a party is that party's."""
    now = dict(known)
    return now, tuple(
        _take(now, each.entry, each.listed, "accepted") for each in waiting(book, known) if each.entry.party == party
    )


def waiting(book: AddressBook, known: Known) -> tuple[WaitingCertificate, ...]:
    """What of a book is not known."""
    return tuple(
        WaitingCertificate(entry=entry, listed=each, known=those)
        for entry in book.entries
        for usage in USAGES
        for those in (known.get(entry.party, NOTHING).of(usage),)
        for each in entry.certificates_for(usage)
        if each.certificate not in those
    )


def signers(book: AddressBook, known: Known) -> dict[str, tuple[Certificate, ...]]:
    """Whose signatures to rely on, by party: the signing certificates of the book that are known."""
    return {
        entry.party: tuple(
            each.certificate
            for each in entry.certificates_for("signing")
            if each.certificate in known.get(entry.party, NOTHING).signing
        )
        for entry in book.entries
    }


def _take(now: dict[str, KnownCertificates], entry: Entry, listed: ListedCertificate, why: Why) -> TakenCertificate:
    now[entry.party] = now.get(entry.party, NOTHING).with_one(listed.usage, listed.certificate)
    return TakenCertificate(entry=entry, listed=listed, why=why)


def _is_first(entry: Entry, known: Known, usage: CertificateUsage) -> bool:
    """Whether nobody knew that party, by any of its ids, nor the organisation whose unit it is."""
    others = {each.value for each in entry.party_ids} - {entry.party}
    others |= {_oin_in(each.value) for each in entry.party_ids} - {""}
    if entry.unit_of is not None:
        others.add(entry.unit_of[1])
    return not known.get(entry.party, NOTHING).of(usage) and not any(known.get(each) for each in others)


def _why(each: WaitingCertificate, known: Known, vouched: Vouched) -> Why | None:
    entry, listed = each.entry, each.listed
    if listed.endorsement is not None:
        own = known.get(entry.party, NOTHING).signing
        organisation = known.get(_organisation(entry), NOTHING).signing
        endorser = endorser_of(
            listed.certificate, listed.endorsement, party=entry.party, usage=listed.usage, among=(*own, *organisation)
        )
        if endorser is not None:
            return "endorsed"
    return "root" if vouched(listed.certificate, entry.party, listed.usage) else None


def _organisation(entry: Entry) -> str:
    """Whose key may vouch for a business unit: the organisation of which the issue and the party id both say that it is
    its; empty where there is none.
    """
    oin = _oin_in(entry.party)
    return oin if entry.unit_of is not None and entry.unit_of[1] == oin else ""


def _oin_in(party: str) -> str:
    """The party id of the organisation in that of a business unit; empty for any other party."""
    oin, colon, _ = party.partition(":")
    return oin if colon else ""
