"""The store as the use cases see it: a handful of verbs, each one transaction.

G1 to G9 are the promises of `docs/explanation/guarantees.md`, T1 to T12 the transitions of `gateway.store.states`.

No verb is told what time it is: the engine says so, one that stands in the hub's process by the clock handed to it. A
caller gives spans, and moments that are to be kept.

A verb that changes something returns after its commit, and `Store.flushed` says when that is on stable storage. A verb
whose commit may or may not have happened raises `OutcomeUnknown`: the caller answers nothing, and a repetition will
find out (G9).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from gateway.store.model import (
    Acceptance,
    AcceptOutcome,
    Arrivals,
    AskedRecord,
    Contact,
    Counts,
    DeskFull,
    DeskLease,
    DeskList,
    DeskListRequest,
    DeskOutcome,
    DeskRequest,
    Earlier,
    Expired,
    GivenReceipt,
    Heard,
    Keeping,
    LeaseOutcome,
    LeaseRequest,
    MailboxRecord,
    MessageFilter,
    MessageRecord,
    Offer,
    Offered,
    Question,
    ReceiptOutcome,
    Rechecked,
    SealedMessage,
    SealedTo,
    SentRecord,
    Signer,
    StoredEnvelope,
)

OnRecounted: TypeAlias = Callable[[int], None]  # so many counters were wrong, and are right now


class StoreUnavailable(Exception):
    """The store takes no new messages now (disk, overload, closing): the peer should come back later."""


class OutcomeUnknown(Exception):
    """The commit was started and its result was not seen."""


class DamagedBlob(Exception):
    """The stored octets of a message are proven not to be those that were accepted: a file is missing, a length or a
    digest is another. The message was marked and is not offered until `recheck` finds it whole.
    """


class Unreadable(StoreUnavailable):
    """Octets of a message could not be read now, which proves nothing against them.

    `lacking`: this process lacks descriptors or memory, and no other message would fare better.
    """

    def __init__(self, reason: str, *, lacking: bool) -> None:
        super().__init__(reason)
        self.lacking = lacking


class DamagedRecord(StoreUnavailable):
    """What is recorded of a message, or its evidence, is not what was written, so nothing is decided by it."""

    def __init__(self, message_id: str, what: str) -> None:
        super().__init__(f"{what} of {message_id} is not what was written")
        self.message_id = message_id
        self.what = what


class NotOffered(Exception):
    """No message of that id was ever offered to that party; whether one exists is not told."""


class Spool(Protocol):
    """A growing sealed part area without a name: in memory while small, then an unnamed file."""

    @property
    def size_octets(self) -> int: ...

    async def write(self, octets: bytes) -> None:
        """Append; raises `StoreUnavailable` when the disk is full."""

    def discard(self) -> None:
        """Give the space back; nothing of it was ever reachable by a name. Harmless after accept and when repeated."""


class Store(Protocol):
    """Messages, mailboxes, evidence and blobs.

    The verbs of an exchange (those down to `find_question`, but for `open_spool`, `read_parts` and what moves a lease)
    return when they have committed; what they say is true for good once `flushed` has returned after them. Of all
    others the result is on stable storage already.
    """

    async def flushed(self) -> None:
        """Everything that verbs wrote or saw before is on stable storage; raises `OutcomeUnknown` when nobody can say
        so. At once where the engine commits no other way.
        """

    async def open_spool(self, expected_octets: int | None, *, frees_room: bool = False) -> Spool:
        """Room for the parts of a message that is arriving; raises `StoreUnavailable` below the free-space marks.

        The notice of a message that ends `frees_room`: it gets in below them, or a full disk would stay full (G8).
        """

    async def find_earlier(self, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
        """The acceptance under the first of these keys that has one, with the receipt given for that SOAP part."""

    async def accept(
        self,
        message: SealedMessage,
        parts: Spool,
        acceptance: Acceptance | None,
        *,
        quota_messages: int,
        desk_lease: str | None = None,
    ) -> AcceptOutcome:
        """Make the message, its acceptance and its receipt durable in one transaction (T3); else change nothing.

        A message of the hub's own was received from nobody: `acceptance` is None, there is no receipt and no second
        arrival. An earlier acceptance under the same key is the outcome, whatever the two messages say. The spool is
        used up, whatever the outcome. A notice is not counted for the quota. A message whose cross reference names an
        open question of the same conversation between the same two parties marks it answered. A message that `waives`
        questions ends those of the conversation that its receiver asked its sender in that version, and a question that
        was waived before awaits no answer. Given a `desk_lease`, what answers another message is taken where that one
        waits, was opened last under this lease by its sender's desk, and has no answer yet; else it is `NotInHand`.
        """

    async def keep_receipt(self, key: bytes, receipt: GivenReceipt, *, most: int) -> Keeping | None:
        """Keep a receipt for another signing of an accepted message, `most` of them beside the first.

        Gives the receipt to answer with: one kept before for the same SOAP part stays. None when the acceptance has
        been forgotten meanwhile.
        """

    async def signers(self) -> tuple[Signer, ...]:
        """Under which names, certificates and suites something was accepted, as long as acceptances are kept."""

    async def lease(self, request: LeaseRequest) -> LeaseOutcome:
        """Offer the oldest waiting message of the mailbox under a lease (T4).

        A PullRequest counts once, whatever it was answered with: the same one gets the same message, or the same
        `Empty`, for `repeat_seconds`, and `Replayed` after that, also from the next process. Each offer has a lease
        token of its own, so that a connection which breaks late cannot cut the lease of the next one.
        """

    async def note_heard(self, party: str, message_id: str, *, said_at: datetime) -> Heard:
        """Remember that a message of a party came, and tell what was known of it; for one that may not count
        now because of its time, and for one that says where its party is.

        It may still count, now or later: `lease` and `record_error` take it as new.
        """

    async def note_ping(self, party: str) -> None:
        """Remember that a message of this party to the test service was taken now; of each party the last counts."""

    def read_parts(self, offer: Offer) -> AsyncIterator[bytes]:
        """The parts of an offer. Everything that will leave is held against its digest before the first octet.

        Raises `DamagedBlob`, after marking the message, and `Unreadable`; then the caller ends the lease.
        """

    async def put_off(self, message_id: str, lease_token: str) -> None:
        """End the lease of a message that was `Unreadable`, and offer it again after a growing pause; the PullRequest
        that met it may have the next one. Ignored if the lease is no longer that one.
        """

    async def prolong_lease(self, message_id: str, lease_token: str, span: timedelta) -> None:
        """Let a lease end so much from now, because its body is still being sent; twelve hours in all at most.

        Ignored if the lease is no longer that one.
        """

    async def cut_lease(self, message_id: str, lease_token: str, span: timedelta) -> None:
        """Let a lease end so soon from now, because the connection broke; ignored if the lease is no longer that one or
        ends before.
        """

    async def find_offered(self, message_id: str) -> Offered | None:
        """What a receipt for this MessageId has to repeat, also after its payload has gone.

        None for a message that was never offered: nobody can have received it. Raises `DamagedRecord`.
        """

    async def close(
        self, message_id: str, *, party: str, receipt: bytes, desk_lease: str | None = None
    ) -> ReceiptOutcome:
        """Record the owner's valid receipt and destroy the envelope, hence the key, in one transaction (T6).

        `REPEATED` when the message has its receipt. `LATE` when its term was over first: nothing is recorded then, that
        is `keep_late`. Raises `NotOffered`; and so it does, given a `desk_lease`, where a message that waits was opened
        last under another.
        """

    async def keep_late(
        self,
        message_id: str,
        *,
        party: str,
        receipt: bytes,
        notice: SealedMessage | None,
        notice_parts: Spool | None,
    ) -> ReceiptOutcome:
        """Keep the owner's receipt that came after the term, and store the notice to the sender, in one transaction
        (T11).

        `LATE` once; after that `REPEATED`, and nothing is stored. The message stays closed. Raises `NotOffered`, also
        for a message that still waits.
        """

    async def record_error(
        self, message_id: str, *, party: str, code: str, error_id: str, said_at: datetime, desk_lease: str | None = None
    ) -> bool:
        """Note that the owner answered with an ebMS error; the message is offered again after a growing pause.

        The lease ends with the error. An Error counts once per party and `error_id`: False, and no effect, when it
        comes again, also to the next process. No effect once the message is closed. Raises `NotOffered`; and so it
        does, given a `desk_lease`, where a message that waits was opened last under another.
        """

    async def find_question(
        self, tracking_identifier: str, *, original_sender: str, final_recipient: str
    ) -> Question | None:
        """The message that carries this reference between these two parties, as far as metadata is kept: a question, or
        a notification that may be answered.

        References are the senders' own and need not be unique, so the parties belong to the search: nobody can hide
        another's question by using its reference. Of several the oldest question without an answer, else the newest
        question, else a notification.
        """

    async def open_at_desk(self, request: DeskRequest) -> DeskOutcome:
        """Let a person have one message, and nobody else (T4): for half an hour from each use, four hours in all, and
        never beyond its term. Who has it already gets the lease that stands, moved on. `take_over` changes holder and
        token of a colleague's in one transaction. A system's pull gives way to nobody, and passes by what is open.

        Not counted among the open leases of a mailbox; so many of a person's and of a mailbox's are `DeskFull`. Raises
        `DamagedRecord`.
        """

    async def open_list_at_desk(self, request: DeskListRequest) -> DeskList | DeskFull:
        """Let a person have several messages, in one transaction, each as if it were opened by itself. Together they
        count as one of those that a person has open. Nothing is taken over. What this person has open with another list
        goes to this one: who opened it last prolongs it and gives it up.
        """

    async def use_desk_list(
        self, desk_list: str, *, party: str, person: str, terms_behind: timedelta = timedelta()
    ) -> datetime | None:
        """Move all leases of a list on, in one transaction, because it is in use; until when the first of them stands.
        None where nothing of it is open to this person.
        """

    async def release_desk_list(self, desk_list: str, *, party: str, person: str) -> int:
        """End all leases of a list in one transaction, and say how many: its messages wait as before. What this person
        has open by itself stays open.
        """

    async def use_desk_lease(
        self, message_id: str, *, party: str, token: str, terms_behind: timedelta = timedelta()
    ) -> DeskLease | None:
        """Move a desk lease on, because its message is in use; None where it is not this one's any more."""

    async def release_desk_lease(self, message_id: str, *, party: str, token: str) -> bool:
        """End a desk lease; the message waits as before. False where it was not this one's any more."""

    async def is_held_at_desk(self, message_id: str, *, party: str, token: str, lapsed: bool = False) -> bool:
        """Whether a message of this unit is under this desk lease now; with `lapsed` also whether it was the last one,
        which was not given up, and the message waits.
        """

    async def read_at_desk(self, message_id: str, *, party: str, token: str) -> Offer | None:
        """All that is stored of a message under this desk lease, for `read_parts`; None where it is not under it."""

    async def read_envelope(self, message_id: str, *, party: str) -> StoredEnvelope | None:
        """The signed envelope of a message that waits for this party, leased or not; raises `DamagedRecord`."""

    async def due(self, *, limit: int, after: MessageRecord | None = None) -> tuple[MessageRecord, ...]:
        """Messages whose term is over and whose open lease, if any, has ended ten minutes ago or longer (2.8); by their
        deadlines, those `after` the last of an earlier answer.
        """

    async def expire(
        self,
        message_id: str,
        *,
        notice: SealedMessage | None,
        notice_parts: Spool | None,
        at_once: bool = False,
    ) -> Expired | None:
        """End a message that is due and store the notice to its sender in the same transaction (T9).

        `at_once` ends it before its term and in spite of a lease: its owner lost the key. None when the message is no
        longer waiting or no longer due (a receipt came first, its term was prolonged); then nothing is stored. Raises
        `DamagedRecord` where the deadline or the sender cannot be trusted; `at_once` ends such a message too.
        """

    async def purge(self, *, trusted: Callable[[], Awaitable[bool]] | None = None) -> int:
        """Remove what is final: blobs, rows of ciphertext, old acceptances; truncate the log (T7, T10, T12).

        `trusted` is asked when the engine has looked at its clock and before anything goes by it; where it says no,
        nothing goes.

        Returns how many messages. What cannot be unlinked keeps its row until it can, and holds nothing else up.
        """

    async def cut_log(self) -> None:
        """Let nothing that was deleted stay in a log of the engine's own. To be called at least hourly, also while the
        time is suspect and nothing may be purged.
        """

    async def prolong_term(
        self,
        message_id: str,
        *,
        party: str,
        expires_at: datetime,
        added_days: int = 0,
        instead_of: datetime | None = None,
    ) -> bool:
        """Give one message a later deadline at its owner's request; never an earlier one. `added_days` are counted with
        those of earlier requests, and it has to be the deadline `instead_of`, if that is named.
        """

    async def waiting(self, party: str, *, after: str | None = None, limit: int = 100) -> tuple[MessageRecord, ...]:
        """What waits for this party, as it reads now, by its deadline: those after the message of this id."""

    async def asked(self, party: str, references: Collection[str]) -> Mapping[str, AskedRecord]:
        """What was sent to this party under these references: of several one that waits, then one without an answer,
        then the oldest.
        """

    async def unanswered(self, party: str, *, limit: int) -> tuple[MessageRecord, ...]:
        """The questions whose receipt this party gave and that await its answer, newest first."""

    async def count_waiting(self, party: str) -> int:
        """How many messages wait for this party."""

    async def sent(self, party: str, *, before: str | None = None, limit: int = 100) -> tuple[SentRecord, ...]:
        """What was accepted of this party, newest first: those accepted before the message of this id. Answers are
        those to a question of this party's by who got it, twenty at most.
        """

    async def arrivals(self, *, after: int | None, limit: int = 100) -> Arrivals:
        """What was accepted after the message of this number, the oldest first; None: nothing, and the number of the
        newest. A number beyond the newest, of a store that went back, is as None.
        """

    async def messages(self, which: MessageFilter) -> tuple[MessageRecord, ...]:
        """The message log, newest first, as it reads now: a lapsed lease is none."""

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""

    async def sealed_to(self) -> tuple[SealedTo, ...]:
        """Under which certificates messages wait, how many, and until when the last of them may."""

    async def contacts(self) -> tuple[Contact, ...]:
        """When each party was last in touch, those that ever were, by party id."""

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for a message: (`EvidenceKind`, when, octets), oldest first."""

    async def counts(self) -> Counts:
        """How many messages are in each state, and what an operator should look at."""

    async def recheck(self) -> Rechecked:
        """Read again what was found damaged or could not be read; what is whole is offered again at once. All counters
        are counted anew before.
        """

    async def count_anew(self, *, waiting: bool = False) -> int:
        """Set the counters of mailboxes that are not what the rows of their messages say, only those of messages that
        are `waiting` or all, and return how many were wrong. Whoever asked with `tell_recounted` is told.
        """

    def tell_recounted(self, on_recounted: OnRecounted) -> None:
        """Call this from now on, on the event loop, when counters were wrong, with how many."""

    async def aclose(self) -> None:
        """Finish what is queued, checkpoint, and let the data directory go."""
