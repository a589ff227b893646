"""The address book as values: who takes part, in what and on which days, and with which certificates.

One issue of it has a serial, the moments between which it may be relied on, and the serial and hash of the issue before
it. That an organisation is suspended stands nowhere: a book says who takes part, and not why somebody does not answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from crypto.certificates import Certificate, CertificateUsage

EntryAccess: TypeAlias = Literal["system", "desk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    """A module version that is active, or will be, from its first to its last day; None is without end."""

    module: str
    version: str
    begins: date | None = None
    ends: date | None = None

    def is_active(self, day: date) -> bool:
        """Whether it is active on that day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCertificate:
    """A certificate of now or of later, from when until when it counts (whole seconds), and the signature by which the
    key before it vouches for it, where there is one.
    """

    usage: CertificateUsage
    certificate: Certificate
    begins_at: datetime
    ends_at: datetime
    endorsement: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryId:
    """A party id with its type."""

    value: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One party of the book; the first of its ids names it. A business unit says whose it is."""

    name: str
    party_ids: tuple[EntryId, ...]
    roles: tuple[str, ...]
    unit_of: tuple[str, str] | None = None  # name and party id of its organisation
    kvk: str | None = None
    establishment: str | None = None
    access: EntryAccess = "system"
    collectief: bool = False
    acts_for: tuple[str, ...] = ()
    versions: tuple[ListedVersion, ...] = ()
    certificates: tuple[ListedCertificate, ...] = ()

    @property
    def party(self) -> str:
        """The party id that names it."""
        return self.party_ids[0].value

    def certificates_for(self, usage: CertificateUsage) -> tuple[ListedCertificate, ...]:
        """Those of one use, in the order of the book."""
        return tuple(each for each in self.certificates if each.usage == usage)

    def version(self, module: str, version: str) -> ListedVersion | None:
        """A module version as the book has it, on whatever days it is active."""
        return next((each for each in self.versions if (each.module, each.version) == (module, version)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Which issue of the book this is; `before` are serial and SHA-256 (hexadecimal) of the one before it."""

    serial: int
    issued_at: datetime
    valid_until: datetime
    before: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressBook:
    """One issue: of which hub, which issue, and who stands in it, by party id."""

    hub: str
    issue: Issue
    entries: tuple[Entry, ...]

    def entry(self, party: str) -> Entry | None:
        """Who is that party, by whichever of its ids."""
        return next((each for each in self.entries if any(one.value == party for one in each.party_ids)), None)

    def receiver(self, party: str) -> Entry | None:
        """Whose mailbox takes what is sent to that party: its own, or that of somebody who acts for it."""
        return self.entry(party) or next((each for each in self.entries if party in each.acts_for), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBook:
    """An issue with its signed octets, which are what is handed on, and the certificate by which their signature was
    verified, where it was. `places` says where in the octets each entry begins, and behind them where the last ends;
    whoever read the octets does not know that.
    """

    book: AddressBook
    octets: bytes
    sha256: str
    verified_by: Certificate | None = field(default=None, compare=False)
    places: Sequence[int] = field(default=(), compare=False, repr=False)
