"""What the store keeps, as frozen values.

Everything here is metadata that the operator may see or ciphertext that he cannot open: `head` and the parts
are sealed to the receiver before they come here. Times are aware UTC datetimes, sizes are octets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from gateway.ebms.model import PartReference, PartyKey


class State(StrEnum):
    """The states of a message; the table of allowed transitions is `gateway.store.states`."""

    STORED = "stored"
    OFFERED = "offered"
    RECEIPTED = "receipted"
    EXPIRED = "expired"
    REMOVED = "removed"


class Kind(StrEnum):
    """A message that a participant sent, or a notice that the hub wrote about one."""

    MESSAGE = "message"
    NOTICE = "notice"


class EvidenceKind(StrEnum):
    """What an entry of the evidence of a message is."""

    GIVEN = "receipt-given"  # the hub's receipt to the sender
    GIVEN_AGAIN = "receipt-given-again"  # the hub's receipt for the same message, signed anew
    TAKEN = "receipt-taken"  # the owner's receipt that closed the message
    LATE = "receipt-late"  # the owner's receipt after the term was over


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of a message for as long as its row stands: names, references, times and sizes, never content."""

    message_id: str  # MessageId of leg 2
    received_message_id: str  # MessageId of leg 1; for a notice, the id of the message it is about
    kind: Kind
    sender: str  # party id of the organisation whose signature was verified
    original_sender: str  # party id in the property originalSender
    receiver: str  # party id of the mailbox owner
    final_recipient: str  # party id in the property finalRecipient
    mpc: str
    service: str
    action: str
    conversation_id: str
    tracking_identifier: str
    cross_reference: str | None
    question: bool  # an answer is awaited
    answer_due: datetime | None
    accepted_at: datetime
    expires_at: datetime
    sealed_to: str  # SHA-256 thumbprint of the receiver's encryption certificate, lower-case hex
    size_octets: int  # head, parts and tail


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedMessage:
    """The complete outgoing message, as it will leave on every pull: `head`, then the spooled parts, then `tail`."""

    metadata: Metadata
    content_type: str
    head: bytes
    tail: bytes
    references: tuple[PartReference, ...]  # of the outgoing SignedInfo, in its order: what a receipt must repeat
    waives: tuple[str, ...] = ()  # actions of questions that its sender need not answer any more in the conversation
    waived_by: tuple[str, ...] = ()  # the other way round: actions that make an answer to this question unnecessary


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Under which name, certificate and suite a party had something accepted."""

    sender: str  # party id of the organisation
    from_party: PartyKey  # the PartyIds of eb:From
    certificate: bytes  # DER
    suite: str  # its name
    key_reference: str  # how the hub's receipts to it name the hub's certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReceipt:
    """A receipt of the hub's for one SOAP part; whenever those octets come, they get these."""

    soap_sha256: bytes
    octets: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What is kept of an accepted message so that the same one again is known for it (G5, decision 0017)."""

    key: bytes  # HMAC-SHA-256 over sender and MessageId
    signer: Signer
    said: bytes  # `Said.whole`
    said_apart: bytes  # `Said.apart`
    own_digests: bytes  # the hub's SHA-256 of each part in order, where a sender digested otherwise, else empty
    receipt: GivenReceipt
    at: datetime
    forget_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier acceptance under the same key, as it is found again; what older rows lack is empty."""

    key: bytes
    said: bytes
    said_apart: bytes
    own_digests: bytes
    receipt: GivenReceipt | None  # the one that was given for the SOAP part that is asked about
    at: datetime
    unplaced: GivenReceipt | None = None  # the first one, where it was not kept over which SOAP part it was given


@dataclass(frozen=True, slots=True)
class TooManyReceipts:
    """As many receipts as are kept for one message have been given for it."""


Keeping: TypeAlias = GivenReceipt | TooManyReceipts


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is durable."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Its sender had a message of this MessageId accepted before; whether it is the same is not judged here."""

    earlier: Earlier


@dataclass(frozen=True, slots=True)
class QuotaExceeded:
    """The receiver's mailbox holds as many messages as its P-Mode allows."""


@dataclass(frozen=True, slots=True)
class NotInHand:
    """The question that this message answers is not open under the lease that it came with, or has its answer."""


AcceptOutcome: TypeAlias = Accepted | Duplicate | QuotaExceeded | NotInHand


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequest:
    """One PullRequest, after its signature and its right to the mailbox were verified."""

    mpc: str
    pull_message_id: str
    party: str
    holder: str  # what authorised the pull: the SHA-256 thumbprint of the certificate that signed it
    lease_seconds: int
    open_leases: int  # how many leases of this mailbox may be open at once
    repeat_seconds: int = 300  # how long the same PullRequest gets the same message again
    said_at: datetime | None = None  # the eb:Timestamp of the PullRequest; None: now
    terms_behind: timedelta = timedelta()  # terms are judged by a time so far behind: the last that was trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A leased message: the stored octets and where its parts lie."""

    message_id: str
    content_type: str
    head: bytes
    tail: bytes
    parts: bytes | None  # in the row, or None when they are in a blob
    blob: str | None  # name of the blob
    parts_octets: int
    parts_sha256: bytes
    lease_token: str
    lease_until: datetime
    attempt: int
    damage: str | None = None  # what the rows prove to be wrong with it
    repeated: bool = field(default=False, compare=False)  # this PullRequest had counted before


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEnvelope:
    """The signed envelope of a message as it will leave: a MIME body of this type, without its other parts."""

    content_type: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRequest:
    """A person, whose right to the unit was judged, wants to have one message open."""

    message_id: str
    party: str  # the unit: the owner of the mailbox
    person: str
    take_over: bool = False  # also from a colleague
    terms_behind: timedelta = timedelta()  # as of a LeaseRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLease:
    """A message that a person has open: nobody else gets it until then."""

    message_id: str
    person: str
    token: str = field(repr=False)
    began_at: datetime
    until: datetime
    from_person: str | None = None  # from whom it was taken over
    again: bool = False  # whether a list found it open to this person already


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Somebody else has it: a person, or a system that pulled it (None), from which nothing is taken over."""

    person: str | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFull:
    """So many messages are open already: of this person, or of this mailbox."""

    limit: int
    of_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskListRequest:
    """A person, whose right to the unit was judged, wants to have messages open together: a list of them."""

    message_ids: tuple[str, ...]
    party: str  # the unit: the owner of the mailbox
    person: str
    terms_behind: timedelta = timedelta()  # as of a LeaseRequest
    desk_list: str | None = None  # a list that this person has open: these join it


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskList:
    """What became of a list: what this person has open now, and what somebody else has. What is in neither does not
    wait for this unit, or is damaged. `desk_list` names the list to prolong and to give up; None where it has nothing.
    """

    leases: tuple[DeskLease, ...]
    held: Mapping[str, Held]  # by the id of the message
    desk_list: str | None = None


DeskOutcome: TypeAlias = DeskLease | Held | DeskFull | None  # None: no such message waits for this unit


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing in the mailbox can be offered now."""

    repeated: bool = field(default=False, compare=False)  # this PullRequest had counted before


@dataclass(frozen=True, slots=True)
class Replayed:
    """This PullRequest was answered before, too long ago to repeat it, or its message cannot be given any more."""


LeaseOutcome: TypeAlias = Offer | Empty | Replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was known of a message of a party when it came, other than by what it counted as."""

    known: bool  # it came before
    counted: bool  # and took effect then
    latest: datetime | None  # the latest eb:Timestamp of a signal of that party that counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a receipt is checked against."""

    message_id: str
    receiver: str
    state: State  # OFFERED stands for every message that waits: whether its lease is open plays no part for a receipt
    references: tuple[PartReference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidError:
    """What an owner's ebMS error says of itself."""

    code: str
    error_id: str
    said_at: datetime


class ReceiptOutcome(StrEnum):
    """What a valid receipt did: closed the message, repeated an earlier one, or came after the term."""

    CLOSED = "closed"
    REPEATED = "repeated"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """One row of the message log as operators and owners see it."""

    metadata: Metadata
    state: State  # a lapsed lease reads as STORED
    lease_until: datetime | None  # of an open lease
    desk_holder: str | None  # the person who has it open at a desk
    prolonged_days: int  # at its owner's request, all together
    attempts: int
    offered_at: datetime | None  # the last offer
    closed_at: datetime | None  # receipted or expired
    removed_at: datetime | None
    last_error: str | None  # code of the last ebMS error a puller sent for it
    damaged: bool
    answered: bool  # a question that has its answer
    waived: bool  # a question whose answer another message of its receiver made unnecessary


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Messages in the order of their acceptance, and the number of the last, after which the next ones come."""

    seen: int
    records: tuple[MessageRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRecord:
    """A message as its receiver finds it by its reference."""

    record: MessageRecord
    confirmed: bool  # its receiver gave the receipt, so that its content is gone


class Fate(StrEnum):
    """What became of a message, as its sender sees it."""

    WAITING = "waiting"  # nobody collected it yet
    COLLECTED = "collected"
    ANSWERED = "answered"  # a question
    LATE = "late"  # a question whose answer should be there
    EXPIRED = "expired"  # nobody collected it, and nobody will


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRecord:
    """A message as its sender sees it, with the answers to it."""

    record: MessageRecord
    fate: Fate
    answers: tuple[MessageRecord, ...]  # oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRecord:
    """How one mailbox stands."""

    mpc: str
    party: str
    waiting: int  # stored, or offered with a lapsed lease
    leased: int
    oldest_accepted_at: datetime | None
    next_expires_at: datetime | None
    octets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTo:
    """What waits in one party's mailbox under one certificate, by its SHA-256 thumbprint in hexadecimal."""

    thumbprint: str
    receiver: str
    waiting: int
    last_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """When a party was last in touch: the last test message that was laid in its mailbox, and when that was closed, by
    its receipt or without one; the last signal (PullRequest, Error) of it that counted, by its eb:Timestamp; and when
    its last message to the test service was taken.
    """

    party: str
    test_id: str | None = None
    test_laid_at: datetime | None = None
    test_closed_at: datetime | None = None
    is_confirmed: bool = False
    heard_at: datetime | None = None
    pinged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How the store stands as a whole."""

    states: tuple[tuple[State, int], ...]  # every state, in the order of a message's life
    notices: int  # of those that wait
    damaged: int  # of those that wait
    overdue: int  # of those that wait, though their term is over, and for longer than the keeper takes
    open_questions: int
    seen: int  # acceptances that are remembered
    waiting_octets: int
    free_octets: int
    log_octets: int  # of the write-ahead log

    @property
    def any_message(self) -> bool:
        """Whether the log knows of any message, so that the store was used before."""
        return any(count for _, count in self.states)


class Expired(StrEnum):
    """How a message ended when its term was over, or at its owner's wish."""

    NOTIFIED = "notified"  # its sender finds a notice
    UNNOTIFIED = "unnotified"  # nobody can be told


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLost:
    """What became of everything that was sealed to a certificate whose key is lost, as numbers of messages."""

    known: bool  # something was sealed to it once, whatever became of that
    notified: int  # ended, and their senders find a notice
    unnotified: int  # ended, and nobody can be told: notices, senders that left, damaged messages
    overtaken: int  # ended by a receipt or by their term while this went on
    postponed: int  # could not end now, and wait as before


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What a second look found: at damaged and unreadable messages, as MessageIds, and at the counters."""

    whole: tuple[str, ...]  # offered again
    damaged: tuple[str, ...]
    unreadable: tuple[str, ...]
    recounted: int = 0  # counters that were wrong, and are right now


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeen:
    """What an operator looks at before he says that the time is right."""

    at: datetime  # by the clock of the hub
    grounds: tuple[str, ...]  # what speaks against it, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages a listing names; None means any."""

    sender: str | None = None
    receiver: str | None = None
    state: State | None = None
    message_id: str | None = None  # of either leg; also finds the notices about it
    conversation_id: str | None = None
    tracking_identifier: str | None = None
    sealed_to: str | None = None
    waiting: bool = False  # only messages that are neither receipted nor expired
    open_questions: bool = False  # only questions that still await an answer
    older_than: str | None = None  # the MessageId that the hub gave to the last of the page before
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an answer refers to, found by the reference that it carries: a question, or a notification that nobody has
    to answer."""

    sender: str
    original_sender: str
    receiver: str
    final_recipient: str
    service: str
    action: str
    conversation_id: str
    tracking_identifier: str
    answer_due: datetime | None
    answered: bool
