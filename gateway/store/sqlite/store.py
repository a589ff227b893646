"""The store of a hub that runs in one process: SQLite for rows, files for large parts, in one directory.

Short reads and transactions run on the event loop, listings and flushes in threads (`gateway.sqlite.Writer`,
`connections`). What happens inside a transaction stands in `accepting`, `leasing`, `closing`, `doubting` and `removal`,
its statements in `sql/`; purge and sweep are `removal`.

SECURITY: everything here is ciphertext or metadata. The envelope goes in the transaction that closes a message, parts
and blobs with the next purge, which also cuts the write-ahead log; `secure_delete` overwrites what rows leave behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, TypeVar

import apsw

from gateway import failpoints, sqlite
from gateway.clock import Clock
from gateway.digest import digest
from gateway.storage import DatabaseBroken
from gateway.store.blobs import FinishedParts, PartSpool
from gateway.store.data_directory import DataDirectory, FreeSpaceMarks, Space, measure_space
from gateway.store.engine import OnStuck, all_doubts
from gateway.store.interface import DamagedBlob, DamagedRecord, OnRecounted, OutcomeUnknown, Spool, StoreUnavailable
from gateway.store.model import (
    Acceptance,
    Accepted,
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
from gateway.store.nodes import Nodes, OneNode
from gateway.store.packing import packed
from gateway.store.rules.desk import ListOf
from gateway.store.rules.expiry import LOG_DAYS, log_memory
from gateway.store.sqlite import (
    acceptances,
    accepting,
    closing,
    desk,
    doubting,
    leasing,
    listing,
    overviews,
    stored_parts,
)
from gateway.store.sqlite.connections import Connections, closing_what_fails
from gateway.store.sqlite.lost import DATABASE_NAME as DATABASE_NAME
from gateway.store.sqlite.lost import refuse_lost
from gateway.store.sqlite.mark import Watch
from gateway.store.sqlite.mark_file import refuse_unusable_outside
from gateway.store.sqlite.removal import Removal

T = TypeVar("T")

APPLICATION_ID = 0x4B4E5054  # "KNPT"
FUNCTIONS: Mapping[str, Callable[..., Any]] = {"digest": digest, "packed": packed}  # of migrations
MIGRATIONS = files("gateway.store.sqlite.migrations")
_NO_PARTS = FinishedParts(octets=b"", blob=None, size_octets=0, sha256=hashlib.sha256().digest())


class Beside(Protocol):
    """Another database in the directory, which may have gone back, too."""

    @property
    def doubt(self) -> str | None:
        """What shows that it did."""

    async def confirm_restored(self) -> None:
        """What is here of it counts from now on."""


class SqliteStore:
    """One data directory, held by this process until `aclose`.

    `on_failure` is called on the event loop when a flush failed and the process has to end with
    `gateway.storage.EXIT_STORAGE`; until it does, nothing is written any more. `on_stuck` is called when blobs could
    not be unlinked, with the reasons by their names. What lies `beside` it is in doubt with it.
    """

    beside: Beside | None = None
    away: None = None  # its database is no server's

    def __init__(
        self,
        directory: DataDirectory,
        connection: apsw.Connection,
        watch: Watch,
        on_failure: Callable[[BaseException], None],
        log_term: timedelta,
        on_stuck: OnStuck,
        newest: int,
        clock: Clock,
    ) -> None:
        self.directory = directory
        self._watch = watch
        self._clock = clock
        self.nodes: Nodes = OneNode(clock.now)
        self._connections = Connections(
            directory, directory.path / DATABASE_NAME, connection, watch, on_failure, newest
        )
        self._removal = Removal(self._connections, clock, log_term, on_stuck)

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        mark: Path | None = None,
        clock: Clock,
        marks: FreeSpaceMarks = FreeSpaceMarks(),  # noqa: B008 - frozen
        ballast_octets: int | None = None,
        measure: Callable[[Path], Space] = measure_space,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        on_stuck: OnStuck = lambda _blobs: None,
        log_days: int = LOG_DAYS,
    ) -> SqliteStore:
        """The store in this directory, made if it is not there, and swept of blobs that no row knows; its time is that
        of the clock. `mark` is the folder outside where its mark lies, if it does not lie in the directory.

        A store that went back opens with a `doubt`: it can be looked at, and neither takes, gives nor removes anything
        until `confirm_restored`. Raises `DataDirectoryRefused` or `gateway.storage.DatabaseRefused`.
        """
        refuse_unusable_outside(mark)
        refuse_lost(path, mark=mark)
        directory = DataDirectory(path, marks=marks, measure=measure)
        watch: Watch | None = None
        try:
            watch = Watch(path, database=path / DATABASE_NAME, outside=mark)
            watch.opening()
            scripts = sqlite.read_migrations(MIGRATIONS)
            connection = sqlite.open_database(
                path / DATABASE_NAME,
                migrations=MIGRATIONS,
                application_id=APPLICATION_ID,
                functions=FUNCTIONS,
                may_migrate=watch.may_migrate,
            )
            with closing_what_fails(connection):
                watch.begin(connection)
                term = log_memory(log_days)
                store = cls(directory, connection, watch, on_failure, term, on_stuck, len(scripts), clock)
        except BaseException:
            if watch is not None:
                watch.leave()
            directory.release()
            raise
        if store.doubt is not None:
            return store
        try:
            await store._removal.sweep(clock.now())
        except StoreUnavailable as error:  # a sweep that cannot be made now is made by the next purge
            if store.failed is not None:
                await store.aclose()
                reason = f"{path / DATABASE_NAME} cannot be read: {error}; look at the disk or restore the directory"
                raise DatabaseBroken(reason) from error
        if ballast_octets is not None:  # last, so that the store had the room first
            try:
                directory.keep_ballast(ballast_octets)
            except BaseException:
                await store.aclose()
                raise
        return store

    async def aclose(self) -> None:
        """Finish what is queued, checkpoint, and let the data directory go; harmless when repeated."""
        if not self._connections.closed:
            await self._connections.aclose()
            self.directory.release()

    @property
    def failed(self) -> BaseException | None:
        """What ended this store before it was closed."""
        return self._connections.failed

    @property
    def doubt(self) -> str | None:
        """Why this store is not served: what shows that it went back. None when all is here."""
        return all_doubts(self._watch.doubt, None if self.beside is None else self.beside.doubt)

    async def confirm_restored(self) -> None:
        """An operator says that what is here is to count from now on, and knows what that costs."""
        if self._watch.doubt is not None:
            await self._connections.confirm(_bring_up_to_date)
        if self.beside is not None:
            await self.beside.confirm_restored()

    async def keyed_by(self, fingerprint: bytes) -> bool:
        """The key lies in the same directory, and nobody else opens either."""
        return True

    async def objects_standing(self) -> None:
        """Large parts lie in files."""

    async def flushed(self) -> None:
        """Everything that verbs wrote or saw before is on stable storage."""
        await self._connections.flushed()

    async def open_spool(self, expected_octets: int | None, *, frees_room: bool = False) -> Spool:
        """Room for parts that are arriving; raises `StoreUnavailable` below the free-space marks, if they count."""
        self._connections.refuse_doubtful()
        return PartSpool(self._connections.blobs, expected_octets, frees_room=frees_room)

    async def find_earlier(self, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
        """The acceptance under the first of these keys that has one."""
        return self._connections.look(lambda connection: acceptances.find_earlier(connection, keys, soap_sha256))

    async def keep_receipt(self, key: bytes, receipt: GivenReceipt, *, most: int) -> Keeping | None:
        """A receipt for another signing is committed as evidence before this returns it."""
        now = self._clock.now()
        kept = await self._connections.commit(
            lambda connection: acceptances.keep_receipt(connection, key, receipt, now, most)
        )
        failpoints.reach("S1.after")
        return kept

    async def signers(self) -> tuple[Signer, ...]:
        """Under which names, certificates and suites something was accepted."""
        return await self._connections.list(acceptances.signers)

    async def accept(
        self,
        message: SealedMessage,
        parts: Spool,
        acceptance: Acceptance | None,
        *,
        quota_messages: int,
        desk_lease: str | None = None,
    ) -> AcceptOutcome:
        """T3: blob and folder are on stable storage, and the transaction committed, before this returns `Accepted`."""
        async with self._finished(parts) as finished:
            outcome = await self._connections.commit(
                lambda connection: accepting.accept(
                    connection, message, finished, acceptance, quota_messages, desk_lease
                )
            )
            if not isinstance(outcome, Accepted):
                await self._remove_blobs(finished)
        failpoints.reach("A8.after")
        return outcome

    async def lease(self, request: LeaseRequest) -> LeaseOutcome:
        """T4; the PullRequest has counted, whether it found something or not."""
        now = self._clock.now()
        outcome = await self._connections.commit(lambda connection: leasing.lease(connection, request, now))
        failpoints.reach("P3.after")
        return outcome

    async def note_heard(self, party: str, message_id: str, *, said_at: datetime) -> Heard:
        """Remember a message that may not count now, and tell what was known of it."""
        now = self._clock.now()
        return await self._connections.commit(
            lambda connection: leasing.note_heard(connection, party, message_id, said_at, now)
        )

    async def note_ping(self, party: str) -> None:
        """Remember that a message of this party to the test service was taken now."""
        now = self._clock.now()
        await self._connections.commit(lambda connection: leasing.note_ping(connection, party, now))

    async def read_parts(self, offer: Offer) -> AsyncIterator[bytes]:
        """The parts of an offer, checked whole before the first octet; damage marks the message."""
        try:
            async with contextlib.aclosing(stored_parts.read_checked(self._connections, offer)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except DamagedBlob:
            await self._connections.write(lambda connection: doubting.mark_damaged(connection, offer.message_id))
            raise

    async def put_off(self, message_id: str, lease_token: str) -> None:
        """End the lease of a message that could not be read, and let it wait longer each time."""
        now = self._clock.now()
        await self._connections.write(lambda connection: leasing.put_off(connection, message_id, lease_token, now))

    async def recheck(self) -> Rechecked:
        """Count anew, and read damaged and unreadable messages again, a few at a time; what is whole is offered."""
        recounted = await self.count_anew()
        return replace(await stored_parts.recheck(self._connections), recounted=recounted)

    async def count_anew(self, *, waiting: bool = False) -> int:
        """Set the counters that are not what the rows say."""
        return await self._connections.count_anew(waiting=waiting)

    def tell_recounted(self, on_recounted: OnRecounted) -> None:
        """Call this from now on when counters were wrong."""
        self._connections.on_recounted = on_recounted

    async def prolong_lease(self, message_id: str, lease_token: str, span: timedelta) -> None:
        """Let a lease end so much from now, because its body is still being sent."""
        now = self._clock.now()
        await self._connections.write(
            lambda connection: leasing.prolong_lease(connection, message_id, lease_token, span, now)
        )

    async def cut_lease(self, message_id: str, lease_token: str, span: timedelta) -> None:
        """Let a lease end so soon from now, because the connection broke."""
        now = self._clock.now()
        await self._connections.write(
            lambda connection: leasing.cut_lease(connection, message_id, lease_token, span, now)
        )

    async def find_offered(self, message_id: str) -> Offered | None:
        """What a receipt for this MessageId has to repeat."""
        try:
            return self._connections.look(lambda connection: listing.find_offered(connection, message_id))
        except DamagedRecord:
            await self._connections.write(lambda connection: doubting.mark_damaged(connection, message_id))
            raise

    async def close(
        self, message_id: str, *, party: str, receipt: bytes, desk_lease: str | None = None
    ) -> ReceiptOutcome:
        """T6: the receipt is kept and the envelope gone."""
        now = self._clock.now()
        outcome = await self._connections.commit(
            lambda connection: closing.close(connection, message_id, party, receipt, desk_lease, now)
        )
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
        async with self._finished(notice_parts) as finished:
            now = self._clock.now()
            outcome = await self._connections.commit(
                lambda connection: closing.keep_late(connection, message_id, party, receipt, now, notice, finished)
            )
            if outcome is not ReceiptOutcome.LATE or notice is None:
                await self._remove_blobs(finished)
        failpoints.reach("L1.after")
        return outcome

    async def record_error(
        self, message_id: str, *, party: str, code: str, error_id: str, said_at: datetime, desk_lease: str | None = None
    ) -> bool:
        """Note that the owner answered with an ebMS error."""
        now, said = self._clock.now(), SaidError(code=code, error_id=error_id, said_at=said_at)
        return await self._connections.commit(
            lambda connection: closing.record_error(connection, message_id, party, said, desk_lease, now)
        )

    async def find_question(
        self, tracking_identifier: str, *, original_sender: str, final_recipient: str
    ) -> Question | None:
        """The question that carries this reference between these two parties."""
        return self._connections.look(
            lambda connection: listing.find_question(connection, tracking_identifier, original_sender, final_recipient)
        )

    async def open_at_desk(self, request: DeskRequest) -> DeskOutcome:
        """T4: the message under a lease of this person."""
        now = self._clock.now()
        return await self._connections.write(lambda connection: desk.open_at_desk(connection, request, now))

    async def open_list_at_desk(self, request: DeskListRequest) -> DeskList | DeskFull:
        """T4: several messages under leases of this person."""
        now = self._clock.now()
        return await self._connections.write(lambda connection: desk.open_list(connection, request, now), is_long=True)

    async def use_desk_list(
        self, desk_list: str, *, party: str, person: str, terms_behind: timedelta = timedelta()
    ) -> datetime | None:
        """Move all leases of a list on."""
        which, now = ListOf(party=party, person=person, desk_list=desk_list), self._clock.now()
        return await self._connections.write(
            lambda connection: desk.use_list(connection, which, terms_behind, now), is_long=True
        )

    async def release_desk_list(self, desk_list: str, *, party: str, person: str) -> int:
        """End all leases of a list."""
        which, now = ListOf(party=party, person=person, desk_list=desk_list), self._clock.now()
        return await self._connections.write(lambda connection: desk.release_list(connection, which, now), is_long=True)

    async def use_desk_lease(
        self, message_id: str, *, party: str, token: str, terms_behind: timedelta = timedelta()
    ) -> DeskLease | None:
        """Move a desk lease on, because its message is in use."""
        now = self._clock.now()
        return await self._connections.write(
            lambda connection: desk.use(connection, message_id, party, token, terms_behind, now)
        )

    async def release_desk_lease(self, message_id: str, *, party: str, token: str) -> bool:
        """End a desk lease."""
        now = self._clock.now()
        return await self._connections.write(lambda connection: desk.release(connection, message_id, party, token, now))

    async def is_held_at_desk(self, message_id: str, *, party: str, token: str, lapsed: bool = False) -> bool:
        """Whether a message of this unit is under this desk lease now."""
        now = self._clock.now()
        return await self._connections.read(
            lambda connection: desk.is_held(connection, message_id, party, token, now, lapsed)
        )

    async def read_at_desk(self, message_id: str, *, party: str, token: str) -> Offer | None:
        """All that is stored of a message under this desk lease."""
        now = self._clock.now()
        return await self._connections.read(
            lambda connection: desk.read_held(connection, message_id, party, token, now)
        )

    async def read_envelope(self, message_id: str, *, party: str) -> StoredEnvelope | None:
        """The signed envelope of a message that waits for this party."""
        return await self._connections.read(lambda connection: desk.read_envelope(connection, message_id, party))

    async def due(self, *, limit: int, after: MessageRecord | None = None) -> tuple[MessageRecord, ...]:
        """Messages whose term is over and whose open lease, if any, ended ten minutes ago or longer."""
        now = self._clock.now()
        return await self._connections.list(lambda connection: listing.due(connection, now, limit, after))

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
        async with self._finished(notice_parts) as finished:
            now = self._clock.now()
            expired = await self._connections.write(
                lambda connection: closing.expire(connection, message_id, now, notice, finished, at_once)
            )
            if expired is not Expired.NOTIFIED:
                await self._remove_blobs(finished)
        failpoints.reach("X3.after")
        return expired

    async def purge(self, *, trusted: Callable[[], Awaitable[bool]] | None = None) -> int:
        """T7, T10, T12: unlink first, then the rows; then forget, sweep and cut the log."""
        return await self._removal.purge(trusted)

    async def cut_log(self) -> None:
        """What was deleted leaves the write-ahead log, whether or not anything may be removed now."""
        await self._removal.cut_log()

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
        return await self._connections.write(
            lambda connection: closing.prolong_term(
                connection, message_id, party, expires_at, added_days=added_days, instead_of=instead_of
            )
        )

    async def waiting(self, party: str, *, after: str | None = None, limit: int = 100) -> tuple[MessageRecord, ...]:
        """What waits for this party, by its deadline."""
        now = self._clock.now()
        return await self._connections.list(
            lambda connection: overviews.waiting(connection, party, now, after=after, limit=limit)
        )

    async def asked(self, party: str, references: Collection[str]) -> Mapping[str, AskedRecord]:
        """What was sent to this party under these references."""
        now = self._clock.now()
        return await self._connections.list(lambda connection: overviews.asked(connection, party, references, now))

    async def unanswered(self, party: str, *, limit: int) -> tuple[MessageRecord, ...]:
        """The questions that this party confirmed and that await its answer."""
        now = self._clock.now()
        return await self._connections.list(lambda lister: overviews.unanswered(lister, party, now, limit=limit))

    async def count_waiting(self, party: str) -> int:
        """How many messages wait for this party."""
        return await self._connections.list(lambda connection: overviews.count_waiting(connection, party))

    async def sent(self, party: str, *, before: str | None = None, limit: int = 100) -> tuple[SentRecord, ...]:
        """What was accepted of this party, newest first, with what became of it."""
        now = self._clock.now()
        return await self._connections.list(
            lambda connection: overviews.sent(connection, party, now, before=before, limit=limit)
        )

    async def arrivals(self, *, after: int | None, limit: int = 100) -> Arrivals:
        """What was accepted after the message of this number."""
        now = self._clock.now()
        return await self._connections.list(
            lambda connection: overviews.arrivals(connection, now, after=after, limit=limit)
        )

    async def messages(self, which: MessageFilter) -> tuple[MessageRecord, ...]:
        """The message log, newest first."""
        now = self._clock.now()
        return await self._connections.list(lambda connection: listing.messages(connection, which, now))

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""
        now = self._clock.now()
        return await self._connections.list(lambda connection: listing.mailboxes(connection, now))

    async def sealed_to(self) -> tuple[SealedTo, ...]:
        """Under which certificates messages wait, how many, and until when the last of them may."""
        return await self._connections.list(listing.sealed_to)

    async def contacts(self) -> tuple[Contact, ...]:
        """When each party was last in touch."""
        return await self._connections.list(listing.contacts)

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for a message."""
        return await self._connections.list(lambda connection: listing.evidence(connection, message_id))

    async def counts(self) -> Counts:
        """How many messages are in each state, and what an operator should look at."""
        now = self._clock.now()
        log_octets = self._connections.log_octets

        def counts(connection: apsw.Connection) -> Counts:
            free_octets = self.directory.space().free_octets
            return listing.counts(connection, now, free_octets=free_octets, log_octets=log_octets)

        return await self._connections.list(counts)

    @contextlib.asynccontextmanager
    async def _finished(self, parts: Spool | None) -> AsyncIterator[FinishedParts]:
        """Parts as they go into a row. A blob is removed when nothing can have come of it; else the sweep decides."""
        if parts is None:
            yield _NO_PARTS
            return
        if not isinstance(parts, PartSpool):
            raise TypeError("the spool belongs to another store")
        octets, blob, sha256 = await parts.finish()
        finished = FinishedParts(octets=octets, blob=blob, size_octets=parts.size_octets, sha256=sha256)
        try:
            yield finished
        except (OutcomeUnknown, asyncio.CancelledError):
            raise
        except Exception:
            await self._remove_blobs(finished)
            raise
        finally:
            if blob is not None:
                self._connections.blobs.hand_over(blob)

    async def _remove_blobs(self, finished: FinishedParts) -> None:
        blob = finished.blob
        if blob is not None:
            await self._connections.in_thread(lambda: self._connections.blobs.remove([blob]))


def _bring_up_to_date(connection: apsw.Connection) -> None:
    sqlite.migrate(connection, sqlite.read_migrations(MIGRATIONS), APPLICATION_ID)
