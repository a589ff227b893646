"""The store of a hub of several processes or machines: PostgreSQL for rows and for ciphertext of any size, or object
storage beside it for large parts.

Each verb is a transaction of `accepting`, `leasing`, `closing`, `desk`, `doubting` or `removal`, their statements in
`sql/`. The database says what time it is, and a commit is on stable storage when it returns, so the barrier is passed
at once. A node keeps no message: its data directory has the unnamed files of parts that arrive, and what it saw.

SECURITY: everything here is ciphertext or metadata, as in every engine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from gateway import failpoints
from gateway.objects import Bucket
from gateway.postgres import Address, Database, DatabaseAway, Rejected, Transaction, Work
from gateway.storage import CommitUnknown, DatabaseRefused
from gateway.store.blobs import MEMORY_OCTETS, BlobFolder, PartSpool
from gateway.store.data_directory import DataDirectory, FreeSpaceMarks, Space, measure_space
from gateway.store.engine import ObjectsStanding
from gateway.store.interface import DamagedBlob, DamagedRecord, OnRecounted, OutcomeUnknown, Spool, StoreUnavailable
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
    SaidError,
    SealedMessage,
    SealedTo,
    SentRecord,
    Signer,
    StoredEnvelope,
)
from gateway.store.nodes import Nodes
from gateway.store.postgres import (
    acceptances,
    accepting,
    closing,
    counting,
    desk,
    doubting,
    leasing,
    listing,
    overviews,
    removal,
    seen,
    stored_parts,
)
from gateway.store.postgres.accepting import SpooledParts
from gateway.store.postgres.nodes import PostgresNodes
from gateway.store.postgres.objects import ObjectParts, open_parts
from gateway.store.postgres.statements import SCHEMA, SQL
from gateway.store.rules.desk import ListOf
from gateway.store.rules.expiry import LOG_DAYS, log_memory

T = TypeVar("T")

SEEN_SECONDS: Final = 50.0  # from a commit to a file that knows of it; with its flush within a minute
_NO_PARTS: Final = SpooledParts(octets=b"", spool=None, size_octets=0, sha256=sha256().digest())


class PostgresStore:
    """A database, and the data directory of this node, held by this process until `aclose`."""

    failed: BaseException | None = None  # the server outlives its faults, and so does this
    confirm_beside: Callable[[], Awaitable[None]] | None = None  # what went back with it in the same database
    objects: ObjectParts | None = None  # where large parts lie, if not in the database

    def __init__(
        self,
        directory: DataDirectory,
        database: Database,
        blobs: BlobFolder,
        found: seen.Seen,
        doubt: str | None,
        log_term: timedelta,
    ) -> None:
        self.directory = directory
        self.doubt = doubt
        self._database = database
        self._blobs = blobs
        self._found = found
        self._log_term = log_term
        self._noting: asyncio.TimerHandle | None = None
        self._on_recounted: OnRecounted = lambda _number: None
        self._notes: set[asyncio.Task[None]] = set()
        self.nodes: Nodes = PostgresNodes(self)
        database.on_connected = self._look_again

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        address: Address,
        moment: Callable[[], datetime] | None = None,
        marks: FreeSpaceMarks = FreeSpaceMarks(),  # noqa: B008 - frozen
        ballast_octets: int | None = None,
        measure: Callable[[Path], Space] = measure_space,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        log_days: int = LOG_DAYS,
        bucket: Bucket | None = None,
        from_octets: int = MEMORY_OCTETS,
    ) -> PostgresStore:
        """The store in the database at this address, made if it is not there. A `moment` stands in for its time. Parts
        of `from_octets` or more go into the bucket, if one is given, and those that need a file at all.

        With a `doubt`, where this node saw more than the database holds, it can be looked at, and neither takes, gives
        nor removes anything until `confirm_restored`. Raises `DataDirectoryRefused` or `DatabaseRefused`.
        """
        directory = DataDirectory(path, marks=marks, measure=measure)
        try:
            before = seen.read_seen(path)
            database = await Database.open(address, schema=SCHEMA, statements=SQL, moment=moment)
        except BaseException:
            directory.release()
            raise
        try:
            found = await _translated(database.read(seen.look))
            seen.refuse_other(path, before, found, str(address))
            doubt = seen.doubt_of(before, found)
            if doubt is None:
                seen.write_seen(path, found)
            if ballast_octets is not None:
                directory.keep_ballast(ballast_octets)
            blobs = BlobFolder(directory, on_failure=on_failure, sweep=True)
        except BaseException as error:
            await database.aclose()
            directory.release()
            if isinstance(error, StoreUnavailable):
                raise DatabaseRefused(f"{address} cannot be read: {error}; see that the server runs") from error
            raise
        store = cls(directory, database, blobs, found, doubt, log_memory(log_days))
        try:
            store.objects = await open_parts(store, bucket, found.store, from_octets)
        except BaseException:
            await store.aclose()
            raise
        return store

    @property
    def away(self) -> str | None:
        """Why the database did not answer when it was asked last."""
        return self._database.away

    async def aclose(self) -> None:
        """Finish what is under way, and let database and directory go; harmless when repeated."""
        if self._database.closed:
            return
        if self._noting is not None:
            self._noting.cancel()
        while self._notes:
            await asyncio.wait(self._notes)
        with contextlib.suppress(StoreUnavailable):
            await self._note_seen()
        await self._database.aclose()
        self._blobs.close()
        self.directory.release()

    async def confirm_restored(self) -> None:
        """An operator says that what is here is to count from now on, and knows what that costs."""
        if self.doubt is None:
            return
        if self.confirm_beside is not None:
            await self.confirm_beside()  # first: where it fails, all is in doubt still

        async def begin(tx: Transaction) -> seen.Seen:
            await tx.change("begin_generation")
            return await seen.look(tx)

        self._found = await _translated(self._database.commit(begin))
        seen.write_seen(self.directory.path, self._found)
        self.doubt = None

    async def keyed_by(self, fingerprint: bytes) -> bool:
        """Whether the duplicates stand under the key of this fingerprint; whoever asks first says so."""

        async def key(tx: Transaction) -> bool:
            await tx.change("key_store", {"keyed_by": fingerprint})
            row = await tx.first("read_store")
            return row is not None and row[2] == fingerprint

        return await self.commit(key)

    async def objects_standing(self) -> ObjectsStanding | None:
        """How the object storage stands, which is asked."""
        return None if self.objects is None else await self.objects.standing(self)

    async def flushed(self) -> None:
        """A verb that returned has committed, and a commit is on stable storage."""

    async def open_spool(self, expected_octets: int | None, *, frees_room: bool = False) -> Spool:
        """Room for parts that are arriving; raises `StoreUnavailable` below the free-space marks, if they count."""
        self._refuse_doubtful()
        return PartSpool(self._blobs, expected_octets, frees_room=frees_room)

    async def find_earlier(self, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
        """The acceptance under the first of these keys that has one."""
        return await self.read(lambda tx: acceptances.find_earlier(tx, keys, soap_sha256))

    async def keep_receipt(self, key: bytes, receipt: GivenReceipt, *, most: int) -> Keeping | None:
        """A receipt for another signing is committed as evidence before this returns it."""
        kept = await self.commit(lambda tx: acceptances.keep_receipt(tx, key, receipt, most=most))
        failpoints.reach("S1.after")
        return kept

    async def signers(self) -> tuple[Signer, ...]:
        """Under which names, certificates and suites something was accepted."""
        return await self.read(acceptances.signers)

    async def accept(
        self,
        message: SealedMessage,
        parts: Spool,
        acceptance: Acceptance | None,
        *,
        quota_messages: int,
        desk_lease: str | None = None,
    ) -> AcceptOutcome:
        """T3: one transaction, parts and all."""
        async with self._finished(parts) as spooled:
            outcome = await self.commit(
                lambda tx: accepting.accept(tx, message, spooled, acceptance, quota_messages, desk_lease)
            )
        failpoints.reach("A8.after")
        return outcome

    async def lease(self, request: LeaseRequest) -> LeaseOutcome:
        """T4; the PullRequest has counted, whether it found something or not."""
        outcome = await self.commit(lambda tx: leasing.lease(tx, request))
        failpoints.reach("P3.after")
        return outcome

    async def note_heard(self, party: str, message_id: str, *, said_at: datetime) -> Heard:
        """Remember a message that may not count now, and tell what was known of it."""
        return await self.commit(lambda tx: leasing.note_heard(tx, party, message_id, said_at))

    async def note_ping(self, party: str) -> None:
        """Remember that a message of this party to the test service was taken now."""
        await self.commit(lambda tx: leasing.note_ping(tx, party))

    async def read_parts(self, offer: Offer) -> AsyncIterator[bytes]:
        """The parts of an offer, checked whole before the first octet; damage marks the message."""
        try:
            async with contextlib.aclosing(stored_parts.read_checked(self, offer)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except DamagedBlob:
            await self.commit(lambda tx: doubting.mark_damaged(tx, offer.message_id))
            raise

    async def put_off(self, message_id: str, lease_token: str) -> None:
        """End the lease of a message that could not be read, and let it wait longer each time."""
        await self.commit(lambda tx: leasing.put_off(tx, message_id, lease_token))

    async def recheck(self) -> Rechecked:
        """Count anew, and read damaged and unreadable messages again, a few at a time; what is whole is offered."""
        recounted = await self.count_anew()
        return replace(await stored_parts.recheck(self), recounted=recounted)

    async def count_anew(self, *, waiting: bool = False) -> int:
        """Set the counters that are not what the rows say."""
        recounted = await self.commit(lambda tx: counting.count_anew(tx, waiting=waiting))
        if recounted:
            self._on_recounted(recounted)
        return recounted

    def tell_recounted(self, on_recounted: OnRecounted) -> None:
        """Call this from now on when counters were wrong."""
        self._on_recounted = on_recounted

    async def prolong_lease(self, message_id: str, lease_token: str, span: timedelta) -> None:
        """Let a lease end so much from now, because its body is still being sent."""
        await self.commit(lambda tx: leasing.prolong_lease(tx, message_id, lease_token, span))

    async def cut_lease(self, message_id: str, lease_token: str, span: timedelta) -> None:
        """Let a lease end so soon from now, because the connection broke."""
        await self.commit(lambda tx: leasing.cut_lease(tx, message_id, lease_token, span))

    async def find_offered(self, message_id: str) -> Offered | None:
        """What a receipt for this MessageId has to repeat."""
        try:
            return await self.read(lambda tx: listing.find_offered(tx, message_id))
        except DamagedRecord:
            await self.commit(lambda tx: doubting.mark_damaged(tx, message_id))
            raise

    async def close(
        self, message_id: str, *, party: str, receipt: bytes, desk_lease: str | None = None
    ) -> ReceiptOutcome:
        """T6: the receipt is kept and the envelope gone."""
        outcome = await self.commit(lambda tx: closing.close(tx, message_id, party, receipt, desk_lease))
        failpoints.reach("R3.after")
        return outcome

    async def keep_late(
        self,
        message_id: str,
        *,
        party: str,
        receipt: bytes,
        notice: SealedMessage | None,
        notice_parts: Spool | None,
    ) -> ReceiptOutcome:
        """T11: late receipt and notice in one transaction."""
        async with self._finished(notice_parts) as spooled:
            outcome = await self.commit(lambda tx: closing.keep_late(tx, message_id, party, receipt, notice, spooled))
        failpoints.reach("L1.after")
        return outcome

    async def record_error(
        self, message_id: str, *, party: str, code: str, error_id: str, said_at: datetime, desk_lease: str | None = None
    ) -> bool:
        """Note that the owner answered with an ebMS error."""
        said = SaidError(code=code, error_id=error_id, said_at=said_at)
        return await self.commit(lambda tx: closing.record_error(tx, message_id, party, said, desk_lease))

    async def find_question(
        self, tracking_identifier: str, *, original_sender: str, final_recipient: str
    ) -> Question | None:
        """The question that carries this reference between these two parties."""
        return await self.read(
            lambda tx: listing.find_question(tx, tracking_identifier, original_sender, final_recipient)
        )

    async def open_at_desk(self, request: DeskRequest) -> DeskOutcome:
        """T4: the message under a lease of this person."""
        return await self.commit(lambda tx: desk.open_at_desk(tx, request))

    async def open_list_at_desk(self, request: DeskListRequest) -> DeskList | DeskFull:
        """T4: several messages under leases of this person."""
        return await self.commit(lambda tx: desk.open_list(tx, request))

    async def use_desk_list(
        self, desk_list: str, *, party: str, person: str, terms_behind: timedelta = timedelta()
    ) -> datetime | None:
        """Move all leases of a list on."""
        which = ListOf(party=party, person=person, desk_list=desk_list)
        return await self.commit(lambda tx: desk.use_list(tx, which, terms_behind))

    async def release_desk_list(self, desk_list: str, *, party: str, person: str) -> int:
        """End all leases of a list."""
        which = ListOf(party=party, person=person, desk_list=desk_list)
        return await self.commit(lambda tx: desk.release_list(tx, which))

    async def use_desk_lease(
        self, message_id: str, *, party: str, token: str, terms_behind: timedelta = timedelta()
    ) -> DeskLease | None:
        """Move a desk lease on, because its message is in use."""
        return await self.commit(lambda tx: desk.use(tx, message_id, party, token, terms_behind))

    async def release_desk_lease(self, message_id: str, *, party: str, token: str) -> bool:
        """End a desk lease."""
        return await self.commit(lambda tx: desk.release(tx, message_id, party, token))

    async def is_held_at_desk(self, message_id: str, *, party: str, token: str, lapsed: bool = False) -> bool:
        """Whether a message of this unit is under this desk lease now."""
        return await self.read(lambda tx: desk.is_held(tx, message_id, party, token, lapsed))

    async def read_at_desk(self, message_id: str, *, party: str, token: str) -> Offer | None:
        """All that is stored of a message under this desk lease."""
        return await self.read(lambda tx: desk.read_held(tx, message_id, party, token))

    async def read_envelope(self, message_id: str, *, party: str) -> StoredEnvelope | None:
        """The signed envelope of a message that waits for this party."""
        return await self.read(lambda tx: desk.read_envelope(tx, message_id, party))

    async def due(self, *, limit: int, after: MessageRecord | None = None) -> tuple[MessageRecord, ...]:
        """Messages whose term is over and whose open lease, if any, ended ten minutes ago or longer."""
        return await self.read(lambda tx: listing.due(tx, limit, after))

    async def expire(
        self,
        message_id: str,
        *,
        notice: SealedMessage | None,
        notice_parts: Spool | None,
        at_once: bool = False,
    ) -> Expired | None:
        """T9: state, destroyed envelope and notice in one transaction."""
        failpoints.reach("X1.before")
        async with self._finished(notice_parts) as spooled:
            expired = await self.commit(lambda tx: closing.expire(tx, message_id, notice, spooled, at_once))
        failpoints.reach("X3.after")
        return expired

    async def purge(self, *, trusted: Callable[[], Awaitable[bool]] | None = None) -> int:
        """T7, T10, T12: what is final goes, and what is old is forgotten."""
        self._refuse_doubtful()
        at = await self.read(_now)  # before the look that vouches for it
        if trusted is not None and not await trusted():
            return 0
        await self._note_seen()
        removed = await removal.purge(self.commit, self._log_term, at=at)
        if self.objects is not None:
            await self.objects.sweep(self)
        return removed

    async def cut_log(self) -> None:
        """Its log is the server's, which keeps it as it was told to."""
        self._refuse_doubtful()

    async def prolong_term(
        self,
        message_id: str,
        *,
        party: str,
        expires_at: datetime,
        added_days: int = 0,
        instead_of: datetime | None = None,
    ) -> bool:
        """Give one message a later deadline at its owner's request."""
        return await self.commit(
            lambda tx: closing.prolong_term(
                tx, message_id, party, expires_at, added_days=added_days, instead_of=instead_of
            )
        )

    async def waiting(self, party: str, *, after: str | None = None, limit: int = 100) -> tuple[MessageRecord, ...]:
        """What waits for this party, by its deadline."""
        return await self.read(lambda tx: overviews.waiting(tx, party, after=after, limit=limit))

    async def asked(self, party: str, references: Collection[str]) -> Mapping[str, AskedRecord]:
        """What was sent to this party under these references."""
        return await self.read(lambda tx: overviews.asked(tx, party, references))

    async def unanswered(self, party: str, *, limit: int) -> tuple[MessageRecord, ...]:
        """The questions that this party confirmed and that await its answer."""
        return await self.read(lambda tx: overviews.unanswered(tx, party, limit=limit))

    async def count_waiting(self, party: str) -> int:
        """How many messages wait for this party."""
        return await self.read(lambda tx: overviews.count_waiting(tx, party))

    async def sent(self, party: str, *, before: str | None = None, limit: int = 100) -> tuple[SentRecord, ...]:
        """What was accepted of this party, newest first, with what became of it."""
        return await self.read(lambda tx: overviews.sent(tx, party, before=before, limit=limit))

    async def arrivals(self, *, after: int | None, limit: int = 100) -> Arrivals:
        """What was accepted after the message of this number."""
        return await self.commit(lambda tx: overviews.arrivals(tx, after=after, limit=limit))

    async def messages(self, which: MessageFilter) -> tuple[MessageRecord, ...]:
        """The message log, newest first."""
        return await self.read(lambda tx: listing.messages(tx, which))

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""
        return await self.read(listing.mailboxes)

    async def sealed_to(self) -> tuple[SealedTo, ...]:
        """Under which certificates messages wait, how many, and until when the last of them may."""
        return await self.read(listing.sealed_to)

    async def contacts(self) -> tuple[Contact, ...]:
        """When each party was last in touch."""
        return await self.read(listing.contacts)

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for a message."""
        return await self.read(lambda tx: listing.evidence(tx, message_id))

    async def counts(self) -> Counts:
        """How many messages are in each state, and what an operator should look at."""
        free_octets = self.directory.space().free_octets
        return await self.read(lambda tx: listing.counts(tx, free_octets=free_octets))

    async def read(self, work: Work[T]) -> T:
        """The result of work that changes nothing; raises `StoreUnavailable`."""
        return await _translated(self._database.read(work))

    async def commit(self, work: Work[T]) -> T:
        """The result of work that was committed; raises `StoreUnavailable` and `OutcomeUnknown`."""

        async def undoubted(tx: Transaction) -> T:
            self._refuse_doubtful()  # as its connection may just have found
            return await work(tx)

        self._refuse_doubtful()
        done = await _translated(self._database.commit(undoubted))
        if self._noting is None and not self._database.closed:
            self._noting = asyncio.get_running_loop().call_later(SEEN_SECONDS, self._note_later)
        return done

    def _refuse_doubtful(self) -> None:
        if self.doubt is not None:
            raise StoreUnavailable(f"the store went back and nobody confirmed it: {self.doubt}")

    def _note_later(self) -> None:
        self._noting = None
        task = asyncio.ensure_future(self._note_in_time())
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _note_in_time(self) -> None:
        with contextlib.suppress(StoreUnavailable):  # the next commit has it noted
            await self._note_seen()

    async def _note_seen(self) -> None:
        """Let the file know of everything that is committed; in a thread, for it is flushed."""
        if self.doubt is not None:
            return
        await self.read(self._look_again)
        if self.doubt is not None:
            return
        try:
            await self._blobs.run(lambda: seen.write_seen(self.directory.path, self._found))
        except OSError as error:
            raise StoreUnavailable(f"{self.directory.path / seen.SEEN_NAME}: {error.strerror}") from error

    async def _look_again(self, tx: Transaction) -> None:
        """Another server may stand behind the same name since a failover: one that has less than was seen is in doubt
        from here on, as it would be at a start.
        """
        if self.doubt is None:
            found = await seen.look(tx)
            self.doubt = seen.doubt_of(self._found, found)
            if self.doubt is None:
                self._found = found

    @contextlib.asynccontextmanager
    async def _finished(self, parts: Spool | None) -> AsyncIterator[SpooledParts]:
        """Parts as they go into the database; their file is given back once that is over, however it ended."""
        if parts is None:
            yield _NO_PARTS
            return
        if not isinstance(parts, PartSpool):
            raise TypeError("the spool belongs to another store")
        try:
            octets, _, digest = await parts.finish_unnamed()
            spool = parts if octets is None else None
            found = SpooledParts(octets=octets, spool=spool, size_octets=parts.size_octets, sha256=digest)
            if self.objects is None or spool is None or found.size_octets < self.objects.from_octets:
                yield found
                return
            objects = self.objects
            self._refuse_doubtful()
            name = await objects.keep(self, spool, digest)
            try:
                yield replace(found, bind=lambda tx, message_row: objects.bind(tx, name, message_row))
            finally:
                await objects.let_go(self, name)
        finally:
            parts.discard()


async def _now(tx: Transaction) -> datetime:
    return tx.now


async def _translated(work: Awaitable[T]) -> T:
    """No word of the engine leaves the store."""
    try:
        return await work
    except CommitUnknown as error:
        raise OutcomeUnknown(str(error)) from error
    except (DatabaseAway, Rejected) as error:
        raise StoreUnavailable(str(error)) from error
