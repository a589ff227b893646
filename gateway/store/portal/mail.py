"""What the portal keeps of mail, as frozen values: which addresses hear of what, and what waits to be sent to them.

A line in the outbox says what happened and to whom it is told, and no word of a letter: the words are found when it is
sent. Nothing of a message stands in it but that there is one, and until when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.identity.login import OrganisationNumber

BY_MAIL: Final = "mail"  # in the place of a person's id: whoever followed a link in a letter did it


class MailKind(StrEnum):
    """What mail is about."""

    NEW = "new"
    REMINDER = "reminder"
    EXPIRED = "expired"
    KEYS = "keys"
    SETTINGS = "settings"
    EMPLOYEES = "employees"
    ADDRESSES = "addresses"
    REQUESTS = "requests"
    CONFIRMATION = "confirmation"


class LetterSort(StrEnum):
    """What goes into one letter: what is due to one address of one sort."""

    MESSAGES = "messages"  # an hour apart, not at night, and an address may do without
    CHANGES = "changes"  # at once, and nobody does without
    CONFIRMATION = "confirmation"


UNSUBSCRIBABLE: Final = (MailKind.NEW, MailKind.REMINDER, MailKind.EXPIRED)
SORTS: Final[Mapping[MailKind, LetterSort]] = MappingProxyType(
    {each: LetterSort.MESSAGES if each in UNSUBSCRIBABLE else LetterSort.CHANGES for each in MailKind}
    | {MailKind.CONFIRMATION: LetterSort.CONFIRMATION}
)


class MailEvent(StrEnum):
    """What a line tells; each has its sentence in the catalogue, `mail.line.EVENT`."""

    NEW = "new"  # of messages: named as their kinds are
    REMINDER = "reminder"
    EXPIRED = "expired"
    LINKED = "linked"
    UNLINKED = "unlinked"
    LOCK_COUNTS = "lock-counts"
    LOCK_REMOVED = "lock-removed"
    LOCKS_LISTED = "locks-listed"
    KEYS_PROPOSED = "keys-proposed"
    KEYS_LOST = "keys-lost"
    KEYS_ACTIVE = "keys-active"
    KEYS_ENDED = "keys-ended"
    ORGANISATION_KEY = "organisation-key"
    SETTINGS_KEPT = "settings-kept"
    ADDRESS_ADDED = "address-added"
    ADDRESS_COUNTS = "address-counts"
    ADDRESS_KINDS = "address-kinds"
    ADDRESS_REMOVED = "address-removed"
    UNSUBSCRIBED = "unsubscribed"
    REQUEST_SUBMITTED = "request-submitted"
    REQUEST_APPROVED = "request-approved"
    REQUEST_REFUSED = "request-refused"
    REQUEST_WITHDRAWN = "request-withdrawn"
    WELCOME = "welcome"  # the organisation takes part, and this is how one logs in
    JOINED_SYSTEM = "joined-system"  # it takes part with a system of its own: nobody logs in
    JOINING_REFUSED = "joining-refused"
    CONFIRMATION = "confirmation"


KINDS: Final[Mapping[MailEvent, MailKind]] = MappingProxyType(
    {
        MailEvent.NEW: MailKind.NEW,
        MailEvent.REMINDER: MailKind.REMINDER,
        MailEvent.EXPIRED: MailKind.EXPIRED,
        MailEvent.LINKED: MailKind.EMPLOYEES,
        MailEvent.UNLINKED: MailKind.EMPLOYEES,
        MailEvent.LOCK_COUNTS: MailKind.KEYS,
        MailEvent.LOCK_REMOVED: MailKind.KEYS,
        MailEvent.LOCKS_LISTED: MailKind.KEYS,
        MailEvent.KEYS_PROPOSED: MailKind.KEYS,
        MailEvent.KEYS_LOST: MailKind.KEYS,
        MailEvent.KEYS_ACTIVE: MailKind.KEYS,
        MailEvent.KEYS_ENDED: MailKind.KEYS,
        MailEvent.ORGANISATION_KEY: MailKind.KEYS,
        MailEvent.SETTINGS_KEPT: MailKind.SETTINGS,
        MailEvent.ADDRESS_ADDED: MailKind.ADDRESSES,
        MailEvent.ADDRESS_COUNTS: MailKind.ADDRESSES,
        MailEvent.ADDRESS_KINDS: MailKind.ADDRESSES,
        MailEvent.ADDRESS_REMOVED: MailKind.ADDRESSES,
        MailEvent.UNSUBSCRIBED: MailKind.ADDRESSES,
        MailEvent.REQUEST_SUBMITTED: MailKind.REQUESTS,
        MailEvent.REQUEST_APPROVED: MailKind.REQUESTS,
        MailEvent.REQUEST_REFUSED: MailKind.REQUESTS,
        MailEvent.REQUEST_WITHDRAWN: MailKind.REQUESTS,
        MailEvent.WELCOME: MailKind.REQUESTS,
        MailEvent.JOINED_SYSTEM: MailKind.REQUESTS,
        MailEvent.JOINING_REFUSED: MailKind.REQUESTS,
        MailEvent.CONFIRMATION: MailKind.CONFIRMATION,
    }
)


# To who asked to take part: of its number in the trade register nothing is proven, so no organisation is named.
TO_STRANGERS: Final = frozenset({MailEvent.WELCOME, MailEvent.JOINED_SYSTEM, MailEvent.JOINING_REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAddress:
    """Where an organisation or one of its units is told of things; it counts once the link of a letter was opened."""

    id: str
    organisation: OrganisationNumber
    unit: str  # empty: of the organisation, which hears of all its units
    address: str
    kinds: frozenset[MailKind]  # of those that may be done without, which this one wants
    made_by: str  # a person
    made_at: datetime
    ended: frozenset[MailKind] = frozenset()  # by its reader, who alone begins them again
    counts_since: datetime | None = None
    removed_at: datetime | None = None  # what touches security is told for some days still
    told_at: datetime | None = None  # the last letter about messages that a server took
    bounced_at: datetime | None = None
    bounce: str | None = None  # what the server said when it refused this address for good

    def hears_of(self, unit: str) -> bool:
        """Whether what happened to that unit is told here; empty for what happened to the organisation."""
        return not unit or self.unit in ("", unit)


class AddressRefusal(StrEnum):
    """Why an address is not added."""

    THERE = "there"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """One thing that waits to be told to one address."""

    number: int
    organisation: OrganisationNumber
    unit: str
    address: str
    sort: LetterSort
    event: MailEvent
    times: int  # so often it happened since the last letter; of messages, how many
    until: datetime | None  # of messages: when the first term ends
    about: str  # of a confirmation, the id of the address
    made_at: datetime
    due_at: datetime
    attempts: int = 0
    letter: str | None = None  # once a server may have seen it: that letter says this and nothing else
    leased_until: datetime | None = None  # it is being sent
    failure: str | None = None  # why it was not, the last time


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is being sent to one address now; the id is the same each time that it is tried."""

    id: str
    organisation: OrganisationNumber
    address: str
    sort: LetterSort
    lines: tuple[MailLine, ...]
    token: str = field(repr=False)  # of the link by which to confirm or unsubscribe; a new one each time

    @property
    def is_known(self) -> bool:
        """Whether it goes to an address of the organisation, which can be unsubscribed."""
        return self.sort is LetterSort.MESSAGES


class MailFault(StrEnum):
    """What kept a letter from being taken: when it is tried again, and whether its address shows why, goes by that."""

    SERVER = "server"  # of ours: any other letter would fare no better, and no address is to blame
    LETTER = "letter"  # of this letter, of us, or of nobody knows what
    PASSING = "passing"  # at the address, and for now
    REFUSED = "refused"  # at the address, finally, and without a word that it is about it
    GONE = "gone"  # at the address, finally, and about it
    UNWRITABLE = "unwritable"  # no letter could be made of it, and never will be


class TokenUse(StrEnum):
    """What a link in a letter is for."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailToken:
    """What the link of a letter opens."""

    use: TokenUse
    organisation: OrganisationNumber
    address: str
    about: str  # the id of the address to be confirmed
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """What a link says now: of one address, which kinds it still wants, each somewhere, and which its reader ended."""

    token: MailToken
    units: tuple[str, ...]  # empty for the organisation
    kinds: frozenset[MailKind]
    ended: frozenset[MailKind]
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStanding:
    """How much waits to be sent, since when, and why the last that failed did."""

    waiting: int
    oldest_at: datetime | None
    next_at: datetime | None  # when the first of it is due
    failing: int
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedMessage:
    """A message for a unit of which mail is sent: when to look at it next, to remind or to say that it expired."""

    message_id: str
    unit: str
    organisation: OrganisationNumber
    look_at: datetime
    reminded: bool
