"""The store of a hub that runs in one process: SQLite for rows, files for large parts, in one directory.

Writing goes through one thread with group commit (`gateway.sqlite.Writer`); short reads run on the event loop from a
connection of their own, which sees nothing that is not on stable storage yet; listings run in a thread. What happens
inside a transaction stands in `gateway.store.transactions`, its statements in `sql/`.

SECURITY: everything here is ciphertext or metadata. The envelope goes in the transaction that closes a message, parts
and blobs with the next purge, which also cuts the write-ahead log; `secure_delete` overwrites what rows leave behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import apsw

from gateway import failpoints, sqlite
from gateway.storage_faults import is_broken
from gateway.store import acceptances, listing, transactions
from gateway.store.blobs import BlobFolder, PartSpool
from gateway.store.data_directory import DataDirectory, FreeSpaceMarks, Space, measure_space
from gateway.store.digest import digest
from gateway.store.interface import DamagedBlob, DamagedRecord, OutcomeUnknown, Spool, StoreUnavailable, Unreadable
from gateway.store.mark import Watch
from gateway.store.model import (
    Acceptance,
    Accepted,
    AcceptOutcome,
    Counts,
    Earlier,
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
    Signer,
)
from gateway.store.packing import packed
from gateway.store.slices import Slice
from gateway.store.statements import SQL, first_row
from gateway.store.transactions import FinishedParts

T = TypeVar("T")

APPLICATION_ID = 0x4B4E5054  # "KNPT"
DATABASE_NAME = "store.db"
FUNCTIONS: Mapping[str, Callable[..., Any]] = {"digest": digest, "packed": packed}  # of statements and migrations
LOG_DAYS = 396  # thirteen months
SHORTEST_LOG_DAYS = 90  # as long as an acceptance is known
RECHECK_BATCH = 50
MARK_SECONDS = 50.0  # from a commit to a mark that knows of it; with its flush within a minute
SWEEP_EVERY = timedelta(minutes=10)
SWEEP_BATCH = 500
ORPHAN_AGE = timedelta(hours=1)
_PURGE_BATCH = 200
_FORGET_BATCH = 50
_TRUNCATE_ATTEMPTS = 5  # a listing may stand in the log for a moment
_NO_PARTS = FinishedParts(octets=b"", blob=None, size_octets=0, sha256=hashlib.sha256().digest())


class SqliteStore:
    """One data directory, held by this process until `aclose`.

    `on_failure` is called on the event loop when a flush failed and the process has to end with
    `gateway.sqlite.EXIT_STORAGE`; until it does, nothing is written any more.
    """

    def __init__(
        self,
        directory: DataDirectory,
        connection: apsw.Connection,
        watch: Watch,
        on_failure: Callable[[BaseException], None],
        log_term: timedelta,
    ) -> None:
        path = directory.path / DATABASE_NAME
        self.directory = directory
        self.failed: BaseException | None = None
        self._closed = False
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._watch = watch
        self._log_term = log_term
        self._marking: asyncio.TimerHandle | None = None
        self._blobs = BlobFolder(directory, on_failure=self._fail_from_thread, sweep=watch.doubt is None)
        self._reader = sqlite.open_reader(path)
        self._lister = sqlite.open_reader(path)
        self._listing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="listing")
        self._listing.submit(int).result()  # it runs already, whatever becomes of the machine's threads
        self._log = path.with_name(path.name + "-wal")
        self._writer = sqlite.Writer(connection, name="store", on_failure=self._fail, witness=watch)
        self._purging = asyncio.Lock()
        self._swept_at: datetime | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        at: datetime,
        marks: FreeSpaceMarks = FreeSpaceMarks(),  # noqa: B008 - frozen
        ballast_octets: int | None = None,
        measure: Callable[[Path], Space] = measure_space,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        log_days: int = LOG_DAYS,
    ) -> SqliteStore:
        """The store in this directory, made if it is not there, and swept of blobs that no row knows.

        A store that went back opens with a `doubt`: it can be looked at, and neither takes, gives nor removes anything
        until `confirm_restored`. Raises `DataDirectoryRefused` or `gateway.sqlite.DatabaseRefused`.
        """
        directory = DataDirectory(path, marks=marks, measure=measure)
        watch: Watch | None = None
        try:
            if ballast_octets is not None:
                directory.keep_ballast(ballast_octets)
            watch = Watch(path, database=path / DATABASE_NAME)
            watch.opening()
            connection = sqlite.open_database(
                path / DATABASE_NAME,
                migrations=files("gateway.store.migrations"),
                application_id=APPLICATION_ID,
                functions=FUNCTIONS,
            )
            with _closing_what_fails(connection):
                watch.examine(connection)
                store = cls(directory, connection, watch, on_failure, timedelta(days=max(log_days, SHORTEST_LOG_DAYS)))
        except BaseException:
            if watch is not None:
                watch.leave()
            directory.release()
            raise
        if store.doubt is not None:
            return store
        try:
            await store._sweep(at)
        except StoreUnavailable as error:  # a sweep that cannot be made now is made by the next purge
            if store.failed is not None:
                await store.aclose()
                reason = f"{path / DATABASE_NAME} cannot be read: {error}; look at the disk or restore the directory"
                raise sqlite.DatabaseBroken(reason) from error
        return store

    async def aclose(self) -> None:
        """Finish what is queued, checkpoint, and let the data directory go; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        if self._marking is not None:
            self._marking.cancel()
        self._reader.close()
        await asyncio.to_thread(self._listing.shutdown)
        self._lister.close()
        await self._writer.aclose()
        self._watch.leave()
        self._blobs.close()
        self.directory.release()

    @property
    def doubt(self) -> str | None:
        """Why this store is not served: what shows that it went back. None when all is here."""
        return self._watch.doubt

    async def confirm_restored(self) -> None:
        """An operator says that what is here is to count from now on, and knows what that costs."""
        if self.doubt is None:
            return
        self._refuse_ended()
        await self._translated(self._writer.run(self._watch.confirm))
        await self._translated(self._writer.run(self._watch.confirmed, alone=True))

    async def open_spool(self, expected_octets: int | None, *, frees_room: bool = False) -> Spool:
        """Room for parts that are arriving; raises `StoreUnavailable` below the free-space marks, if they count."""
        self._refuse_doubtful()
        return PartSpool(self._blobs, expected_octets, frees_room=frees_room)

    async def find_earlier(self, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
        """The acceptance under the first of these keys that has one."""
        return self._read(lambda connection: acceptances.find_earlier(connection, keys, soap_sha256))

    async def keep_receipt(self, key: bytes, receipt: GivenReceipt, at: datetime, *, most: int) -> Keeping | None:
        """A receipt for another signing is on stable storage before this returns it."""
        kept = await self._write(lambda connection: acceptances.keep_receipt(connection, key, receipt, at, most))
        failpoints.reach("S1.after")
        return kept

    async def signers(self) -> tuple[Signer, ...]:
        """Under which names, certificates and suites something was accepted."""
        return await self._list(acceptances.signers)

    async def accept(
        self, message: SealedMessage, parts: Spool, acceptance: Acceptance | None, *, quota_messages: int
    ) -> AcceptOutcome:
        """T3: blob, folder and transaction are on stable storage before this returns `Accepted`."""
        async with self._finished(parts) as finished:
            outcome = await self._write(
                lambda connection: transactions.accept(connection, message, finished, acceptance, quota_messages)
            )
            if not isinstance(outcome, Accepted):
                await self._remove_blobs(finished)
        failpoints.reach("A8.after")
        return outcome

    async def lease(self, request: LeaseRequest) -> LeaseOutcome:
        """T4; the PullRequest has counted, and whether it found something or not is on stable storage."""
        outcome = await self._write(lambda connection: transactions.lease(connection, request))
        failpoints.reach("P3.after")
        return outcome

    async def note_heard(self, party: str, message_id: str, *, said_at: datetime, at: datetime) -> Heard:
        """Remember a message that may not count now, and tell what was known of it."""
        return await self._write(lambda connection: transactions.note_heard(connection, party, message_id, said_at, at))

    async def read_parts(self, offer: Offer) -> AsyncIterator[bytes]:
        """The parts of an offer, checked whole before the first octet; damage marks the message."""
        try:
            async with contextlib.aclosing(self._checked_parts(offer)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except DamagedBlob:
            await self._write(lambda connection: transactions.mark_damaged(connection, offer.message_id))
            raise

    async def _checked_parts(self, offer: Offer) -> AsyncGenerator[bytes, None]:
        if offer.damage is not None:
            raise DamagedBlob(f"{offer.damage}: {offer.message_id}")
        if offer.blob is None:
            octets = offer.parts or b""
            if len(octets) != offer.parts_octets or hashlib.sha256(octets).digest() != offer.parts_sha256:
                raise DamagedBlob(f"the parts in the row of {offer.message_id} have another digest")
            if octets:
                yield octets
            return
        chunks = self._blobs.read(offer.blob, octets=offer.parts_octets, sha256=offer.parts_sha256)
        async with contextlib.aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    async def put_off(self, message_id: str, lease_token: str, at: datetime) -> None:
        """End the lease of a message that could not be read, and let it wait longer each time."""
        await self._write(lambda connection: transactions.put_off(connection, message_id, lease_token, at))

    async def recheck(self, at: datetime) -> Rechecked:
        """Read damaged and unreadable messages again, a few at a time; what is whole is offered again."""
        found: dict[str, list[str]] = {"whole": [], "damaged": [], "unreadable": []}
        after = 0

        def more(connection: apsw.Connection) -> list[tuple[int, str]]:
            return transactions.doubtful(connection, after, RECHECK_BATCH)

        while doubtful := await self._list(more):
            for row, message_id in doubtful:
                after = row
                verdict = await self._verdict(row)
                if verdict is not None:
                    found[verdict].append(message_id)
        return Rechecked(
            whole=tuple(found["whole"]), damaged=tuple(found["damaged"]), unreadable=tuple(found["unreadable"])
        )

    async def _verdict(self, row: int) -> str | None:
        """What a second look at one message finds; None when it has ended meanwhile."""
        offer = await self._list(lambda connection: transactions.examine(connection, row))
        if offer is None:
            return None
        try:
            async with contextlib.aclosing(self._checked_parts(offer)) as chunks:
                await anext(chunks, b"")  # all was checked before the first octet
        except DamagedBlob:
            await self._write(lambda connection: transactions.mark_damaged(connection, offer.message_id))
            return "damaged"
        except Unreadable:
            return "unreadable"
        await self._write(lambda connection: transactions.mark_whole(connection, row))
        return "whole"

    async def prolong_lease(self, message_id: str, lease_token: str, until: datetime) -> None:
        """Keep a lease open while its body is still being sent."""
        await self._write(lambda connection: transactions.prolong_lease(connection, message_id, lease_token, until))

    async def cut_lease(self, message_id: str, lease_token: str, until: datetime) -> None:
        """End a lease early because the connection broke."""
        await self._write(lambda connection: transactions.cut_lease(connection, message_id, lease_token, until))

    async def find_offered(self, message_id: str) -> Offered | None:
        """What a receipt for this MessageId has to repeat."""
        try:
            return self._read(lambda connection: listing.find_offered(connection, message_id))
        except DamagedRecord:
            await self._write(lambda connection: transactions.mark_damaged(connection, message_id))
            raise

    async def close(self, message_id: str, *, party: str, receipt: bytes, at: datetime) -> ReceiptOutcome:
        """T6: the receipt is on stable storage and the envelope gone before this returns."""
        outcome = await self._write(lambda connection: transactions.close(connection, message_id, party, receipt, at))
        failpoints.reach("R3.after")
        return outcome

    async def keep_late(
        self,
        message_id: str,
        *,
        party: str,
        receipt: bytes,
        at: datetime,
        notice: SealedMessage | None,
        notice_parts: Spool | None,
    ) -> ReceiptOutcome:
        """T11: late receipt and notice in one transaction."""
        async with self._finished(notice_parts) as finished:
            outcome = await self._write(
                lambda connection: transactions.keep_late(connection, message_id, party, receipt, at, notice, finished)
            )
            if outcome is not ReceiptOutcome.LATE or notice is None:
                await self._remove_blobs(finished)
        failpoints.reach("L1.after")
        return outcome

    async def record_error(
        self, message_id: str, *, party: str, code: str, error_id: str, said_at: datetime, at: datetime
    ) -> bool:
        """Note that the owner answered with an ebMS error."""
        return await self._write(
            lambda connection: transactions.record_error(connection, message_id, party, code, error_id, said_at, at)
        )

    async def find_question(
        self, tracking_identifier: str, *, original_sender: str, final_recipient: str
    ) -> Question | None:
        """The question that carries this reference between these two parties."""
        return self._read(
            lambda connection: listing.find_question(connection, tracking_identifier, original_sender, final_recipient)
        )

    async def due(self, at: datetime, *, limit: int) -> tuple[MessageRecord, ...]:
        """Messages whose term is over and whose open lease, if any, ended ten minutes ago or longer."""
        return await self._list(lambda connection: listing.due(connection, at, limit))

    async def expire(
        self,
        message_id: str,
        *,
        at: datetime,
        notice: SealedMessage | None,
        notice_parts: Spool | None,
        at_once: bool = False,
    ) -> bool:
        """T9: state, destroyed envelope and notice in one transaction."""
        failpoints.reach("X1.before")
        async with self._finished(notice_parts) as finished:
            expired = await self._write(
                lambda connection: transactions.expire(connection, message_id, at, notice, finished, at_once)
            )
            if not expired or notice is None:
                await self._remove_blobs(finished)
        failpoints.reach("X3.after")
        return expired

    async def purge(self, at: datetime) -> int:
        """T7, T10, T12: unlink first, then the rows; then forget, sweep and cut the log."""
        self._refuse_doubtful()
        async with self._purging:
            await self._mark_now()
            removed = 0
            while final := await self._list(
                lambda connection: connection.execute(SQL["find_final"], {"limit": _PURGE_BATCH}).fetchall()
            ):
                failpoints.reach("U1.before")
                blobs = [blob for _, _, blob in final if blob is not None]
                await self._in_thread(lambda blobs=blobs: self._blobs.remove(blobs))  # type: ignore[misc]
                failpoints.reach("U2.after")
                which = [(row, state) for row, state, _ in final]
                while which:
                    done = await self._write(
                        lambda connection, which=which: transactions.remove(connection, which, at, Slice())  # type: ignore[misc]
                    )
                    which = which[done:]
                failpoints.reach("U3.after")
                removed += len(final)
            while await self._write(lambda connection: transactions.forget(connection, at, _FORGET_BATCH)):
                pass
            before = at - self._log_term
            while await self._write(
                lambda connection: transactions.forget_messages(connection, before, _FORGET_BATCH, Slice())
            ):
                pass
            if self._swept_at is None or at - self._swept_at >= SWEEP_EVERY:
                await self._sweep(at)
                self._swept_at = at
            failpoints.reach("U4.before")
            for _ in range(_TRUNCATE_ATTEMPTS):
                if await self._translated(self._writer.truncate_log()):
                    break
            return removed

    async def prolong_term(self, message_id: str, *, party: str, expires_at: datetime) -> bool:
        """Give one message a later deadline; never an earlier one."""
        return await self._write(
            lambda connection: transactions.prolong_term(connection, message_id, party, expires_at)
        )

    async def messages(self, which: MessageFilter, at: datetime) -> tuple[MessageRecord, ...]:
        """The message log, newest first."""
        return await self._list(lambda connection: listing.messages(connection, which, at))

    async def mailboxes(self, at: datetime) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""
        return await self._list(lambda connection: listing.mailboxes(connection, at))

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for a message."""
        return await self._list(lambda connection: listing.evidence(connection, message_id))

    async def counts(self, at: datetime) -> Counts:
        """How many messages are in each state, and what an operator should look at."""
        free_octets = self.directory.space().free_octets
        log_octets = self._log.stat().st_size if self._log.exists() else 0
        return await self._list(
            lambda connection: listing.counts(connection, at, free_octets=free_octets, log_octets=log_octets)
        )

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
                self._blobs.hand_over(blob)

    async def _remove_blobs(self, finished: FinishedParts) -> None:
        blob = finished.blob
        if blob is not None:
            await self._in_thread(lambda: self._blobs.remove([blob]))

    async def _sweep(self, at: datetime) -> None:
        """Remove blobs that were named an hour ago and never got a row; all of it in threads, so many at a time."""
        names = await self._in_thread(lambda: self._blobs.older_than((at - ORPHAN_AGE).timestamp()))
        for start in range(0, len(names), SWEEP_BATCH):
            some = names[start : start + SWEEP_BATCH]
            orphans = await self._list(lambda connection, some=some: transactions.unknown_blobs(connection, some))  # type: ignore[misc]
            await self._in_thread(lambda orphans=orphans: self._blobs.remove(orphans))  # type: ignore[misc]

    def _read(self, work: Callable[[apsw.Connection], T]) -> T:
        self._refuse_ended()
        try:
            return work(self._reader)
        except (apsw.Error, UnicodeDecodeError) as error:
            if is_broken(error, self._reader):
                self._fail(error)
            raise StoreUnavailable(str(error)) from error

    async def _list(self, work: Callable[[apsw.Connection], T]) -> T:
        """Reading that grows with the store, in a thread and on a connection of its own."""

        def read() -> T:
            try:
                return work(self._lister)
            except (apsw.Error, UnicodeDecodeError) as error:
                if is_broken(error, self._lister):
                    self._fail_from_thread(error)
                raise

        self._refuse_ended()
        return await self._translated(asyncio.shield(self._loop.run_in_executor(self._listing, read)))

    async def _write(self, work: Callable[[apsw.Connection], T]) -> T:
        self._refuse_doubtful()
        written = await self._translated(self._writer.run(work))
        if self._marking is None and not self._closed:
            self._marking = self._loop.call_later(MARK_SECONDS, self._mark_in_time)
        return written

    def _mark_in_time(self) -> None:
        self._marking = None
        if self.failed is None and not self._closed:
            self._blobs.submit(self._marked(self._commits()))

    async def _mark_now(self) -> None:
        await self._in_thread(self._marked(self._commits()))

    def _commits(self) -> int:
        found = self._read(lambda connection: first_row(connection, "count_commits", {}))
        return int(found[0]) if found else 0

    def _marked(self, commits: int) -> Callable[[], None]:
        """Moving the mark on to so many commits; a flush that fails ends the store like any other."""

        def mark() -> None:
            try:
                self._watch.note(commits)
            except OSError as error:
                self._fail_from_thread(error)
                raise

        return mark

    def _refuse_doubtful(self) -> None:
        self._refuse_ended()
        if self._watch.doubt is not None:
            raise StoreUnavailable(f"the store went back and nobody confirmed it: {self._watch.doubt}")

    def _refuse_ended(self) -> None:
        if self.failed is not None or self._closed:
            raise StoreUnavailable(str(self.failed or "the store is closed"))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await self._translated(self._blobs.run(work))

    async def _translated(self, work: Awaitable[T]) -> T:
        """No word of the engine leaves the store."""
        try:
            return await work
        except sqlite.CommitUnknown as error:
            raise OutcomeUnknown(str(error)) from error
        except (apsw.Error, UnicodeDecodeError, sqlite.DiskFull, sqlite.WriterEnded, OSError) as error:
            raise StoreUnavailable(str(error)) from error

    def _fail_from_thread(self, error: BaseException) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed; nobody waits any more
            self._loop.call_soon_threadsafe(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        if self.failed is None:
            self.failed = error
            self._on_failure(error)


@contextlib.contextmanager
def _closing_what_fails(connection: apsw.Connection) -> Iterator[None]:
    """A connection is not left open by a store that could not be made of it; broken storage keeps its own word."""
    try:
        yield
    except BaseException as error:
        name = connection.filename
        sqlite.keep_log(connection)
        connection.close()
        if is_broken(error) or getattr(error, "errno", None) == errno.EIO:
            reason = f"{name} cannot be trusted: {error}; look at the disk or restore the directory"
            raise sqlite.DatabaseBroken(reason) from error
        raise
