"""What the portal keeps, as frozen values.

Nothing here opens a message: keys are wrapped in the browser before they come, documents are signed there. A person is
known again by a digest; the pseudonym itself is kept nowhere. Times are aware UTC datetimes. A unit is named by its
party id, an organisation by its number, ids are UUIDv4 as text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.identity.login import LoginKind, OrganisationNumber
from gateway.store.portal.terms import LOST_STAYS, LOST_WAITS, RETIRED_STAYS

OPERATOR = "operator"  # in the place of a person's id: whoever runs the hub did it
STRANGER = "stranger"  # likewise: somebody who did not log in


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who logged in for an organisation; linked to a unit or not yet."""

    id: str
    organisation: OrganisationNumber
    name: str | None  # as this person typed it, for colleagues
    made_at: datetime
    logged_in_at: datetime  # last


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A person works for a unit, as an administrator of the organisation said."""

    person: Person
    unit: str
    since: datetime
    until: datetime | None  # None: now
    linked_by: str  # the id of a person
    ended_by: str | None


class PairingRefusal(StrEnum):
    """Why a pairing code links nobody."""

    WRONG = "wrong"  # nobody of this organisation has it on screen
    TOO_MANY = "too-many"  # wrong codes of this organisation within the hour: not even looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that counts now."""

    person: Person
    kind: LoginKind
    branch: str | None  # the mandate is limited to this establishment
    units: tuple[str, ...]  # the person is linked to them now; to an administrator's session they mean nothing
    began_at: datetime  # the login; some changes ask for a young one
    used_at: datetime  # before now
    ends_at: datetime  # however much it is used
    idle_ends_at: datetime  # unless it is used before
    csrf_token: str = field(repr=False)
    pairing_code: str | None = field(repr=False)  # to be read out to an administrator; None for who is linked


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that began; its token is in the cookie and nowhere else."""

    token: str = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginHandles:
    """What leaves with a login: `handle` as RelayState or state, `cookie` in the browser."""

    handle: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLogin:
    """A login that was begun and has not come back."""

    request_id: str
    road: str  # "saml", or which client of which issuer
    kind: LoginKind  # what was asked for
    memo: str = field(default="", repr=False)  # what the road has to know again: nonce, verifier, where to return to
    began_at: datetime | None = None  # the store says


class LockKind(StrEnum):
    """What opens a lock."""

    PASSKEY = "passkey"
    SHEET = "sheet"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What a unit's keys are wrapped to: a pair whose private half lies inside, opened by one person's means.

    It counts once its round trip held: before, no copy is handed to it but that of its enrolment.
    """

    id: str  # drawn by the browser: it is part of what the key is derived from
    organisation: OrganisationNumber
    unit: str
    person: str  # who made it
    kind: LockKind
    name: str
    public_key: bytes
    sealed_key: bytes = field(repr=False)  # the private half, under the lock
    credential_id: bytes | None = None  # of a passkey
    is_backup_eligible: bool = False
    challenge: bytes = field(default=b"", repr=False)  # 32 octets that enrolment signs under its label; the store draws
    made_at: datetime | None = None  # the store says
    counts_since: datetime | None = None
    used_at: datetime | None = None


class KeySetState(StrEnum):
    """`proposed` until the operator says yes; `retired` while messages may wait under it; `ended` has no copies."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The public half of a unit's keys; DER throughout."""

    id: str
    organisation: OrganisationNumber
    unit: str
    made_by: str
    signing_certificate: bytes
    decryption_certificate: bytes
    organisation_key: bytes  # SubjectPublicKeyInfo
    state: KeySetState = KeySetState.PROPOSED
    made_at: datetime | None = None  # the store says, as of the others
    active_since: datetime | None = None
    retired_at: datetime | None = None
    ended_at: datetime | None = None


def newest_set(sets: Collection[KeySet]) -> KeySet:
    """The one that came into force last, or, where none is in force, that was made last."""
    moments = {each.id: each.active_since or each.made_at for each in sets}
    return max(sets, key=lambda each: (moments[each.id] is not None, moments[each.id]))


def key_in_force(sets: Collection[KeySet]) -> bytes | None:
    """The key of an organisation that counts for all units whose sets these are: that of the newest one in force."""
    active = [each for each in sets if each.state is KeySetState.ACTIVE]
    return newest_set(active).organisation_key if active else None


def holders_of_key(sets: Collection[KeySet]) -> frozenset[str]:
    """The units with sets that have not ended under the key of their organisation that counts."""
    key = key_in_force(sets)
    return frozenset(each.unit for each in sets if each.state is not KeySetState.ENDED and each.organisation_key == key)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredKeys:
    """A set in whose place another came; `is_lost` where that was because nobody could open it any more."""

    key_set: KeySet
    is_lost: bool

    def may_end(self, now: datetime) -> bool:
        """Whether nothing is sealed to it any more: neither for a message that came while it was in force, nor in a
        browser that keeps what was typed and could still open it.
        """
        stays, since = LOST_STAYS if self.is_lost else RETIRED_STAYS, self.key_set.retired_at
        return since is not None and now >= since + stays


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedCopy:
    """A key set wrapped to a lock."""

    key_set: str
    lock: str
    octets: bytes = field(repr=False)
    wrapped_by: str  # the person who let the lock's owner in, or made it
    wrapped_at: datetime | None = None  # the store says


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """Two browsers of a unit that let one of them in: what they said to each other so far, each octets of theirs."""

    id: str
    organisation: OrganisationNumber
    unit: str
    newcomer: str  # person
    approver: str | None  # person; None until one takes it
    said: tuple[bytes, ...]
    ends_at: datetime


class DocumentKind(StrEnum):
    """What browsers of an organisation sign for each other."""

    SETTINGS = "settings"  # of an organisation: IBANs, contacts, allowed locks, the hub
    ROSTER = "roster"  # of a unit: the public halves of its locks
    ORGANISATION = "organisation"  # of an organisation: its next key, signed by the one before; all of them are kept
    KNOWN = "known"  # of a unit: whose certificates it knows; only the newest is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """One version of a signed document; each names the hash of the one before."""

    kind: DocumentKind
    organisation: OrganisationNumber
    unit: str = ""  # of what is a unit's
    counter: int  # 1, 2, 3 …
    previous_sha256: bytes  # of the octets before; empty for the first
    octets: bytes
    signature: bytes
    kept_by: str
    kept_at: datetime | None = None  # the store says


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderNextKey:
    """A unit as it goes under the next key: its roster, and copies for the locks of its administrators."""

    roster: KeptDocument
    copies: tuple[WrappedCopy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextKey:
    """The next key of an organisation, and how things were when it was asked for: it is kept only if they still are."""

    key: bytes  # SubjectPublicKeyInfo
    former: bytes  # the key that signed for it
    renewal: KeptDocument
    going: tuple[UnderNextKey, ...]  # all units whose sets are under the former key
    units: frozenset[str]  # all of the organisation
    settings: KeptDocument | None  # the newest version, which the roster takes along or not


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUnder:
    """Which key of the organisation signed a document, as its caller found; it is kept only if that one counts."""

    key: bytes  # SubjectPublicKeyInfo
    units: frozenset[str]  # all of the organisation


class RequestKind(StrEnum):
    """What is asked: keys that follow on those in force, or others because every lock of the unit was lost; or what
    `gateway.store.portal.wishes` tells.
    """

    KEY_SET = "key-set"
    LOST_KEYS = "lost-keys"
    EXTENSION = "extension"
    MODULE = "module"
    UNIT = "unit"
    CERTIFICATE = "certificate"
    LISTS = "lists"
    LEAVING = "leaving"
    JOINING = "joining"

    @property
    def is_for_keys(self) -> bool:
        """Whether it is about a set of keys, and decided with that."""
        return self in (RequestKind.KEY_SET, RequestKind.LOST_KEYS)


class RequestState(StrEnum):
    """`submitted` until somebody decides, once."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRequest:
    """What an organisation asks of the operator."""

    id: str
    kind: RequestKind
    organisation: OrganisationNumber
    unit: str
    asked_by: str
    about: str  # the id of the key set, or what is asked, as a text
    asked_at: datetime
    state: RequestState = RequestState.SUBMITTED
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None

    @property
    def earliest_approval(self) -> datetime:
        """From when it may be approved: that all was lost can be objected to for a day, from its receipt here."""
        return self.asked_at + (LOST_WAITS if self.kind is RequestKind.LOST_KEYS else timedelta())

    def lost_since(self, requests: Sequence[PortalRequest]) -> datetime:
        """When it was said first that all was lost, of requests (newest first) each of which took the place of the one
        before; what was signed since then follows on keys that nobody approved.
        """
        since = self.asked_at
        for each in requests:
            if each.unit == self.unit and each.kind is RequestKind.LOST_KEYS and each.decided_at == since:
                since = each.asked_at
        return since


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerMetadata:
    """Which metadata of a broker are relied on: they say until when they count, and this says since when we knew."""

    broker: str  # entity id
    valid_until: datetime
    relied_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalNotice:
    """A sentence of the operator above all pages."""

    text: str
    until: datetime


class Deed(StrEnum):
    """What somebody did with messages of a unit; an answer is what has a question, and `sent` what has none.
    `confirmed` is what went from the mailbox by a receipt without an answer.
    """

    OPENED = "opened"
    ANSWERED = "answered"
    SENT = "sent"
    DOWNLOADED = "downloaded"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Who had messages of one type in hand, how many and when: for the administrators of the unit's organisation."""

    organisation: OrganisationNumber
    unit: str
    person: str
    deed: Deed
    service: str
    action: str
    messages: int = 1
    number: int = 0  # the store says, as of the moment
    at: datetime | None = None


class JournalEvent(StrEnum):
    """What a line of the journal tells."""

    LINKED = "linked"
    UNLINKED = "unlinked"
    LOCK_COUNTS = "lock-counts"
    LOCK_REMOVED = "lock-removed"
    KEYS_PROPOSED = "keys-proposed"
    KEYS_ACTIVE = "keys-active"
    KEYS_ENDED = "keys-ended"
    COPY_WRAPPED = "copy-wrapped"
    DOCUMENT_KEPT = "document-kept"
    REQUEST_SUBMITTED = "request-submitted"
    REQUEST_DECIDED = "request-decided"
    ADDRESS_ADDED = "address-added"
    ADDRESS_COUNTS = "address-counts"
    ADDRESS_KINDS = "address-kinds"
    ADDRESS_REMOVED = "address-removed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """Who changed what of an organisation, and when."""

    number: int
    at: datetime
    organisation: OrganisationNumber
    unit: str
    by: str  # a person's id, or `OPERATOR`
    event: JournalEvent
    about: str  # the id of a person, lock, key set, request or address; of a document, its kind and counter
