"""The durable outbox of a participant: a message is in it, whole and signed, before its first octet leaves.

So whatever happens to the participant in between, the next attempt sends the same MessageId and the same octets, and
the hub knows it for the same message (AS4 3.2, A12, guarantee G9). A row stays as evidence with the hub's receipt;
the parts go as soon as the message is final.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import apsw

from gateway import failpoints
from gateway.client.damage import changed, checked
from gateway.client.records import Records, as_written, microseconds, moment_of, name_of_part, open_records
from gateway.client.transport import Stored
from gateway.digest import digest
from gateway.ebms.model import ErrorEntry, PartReference
from gateway.storage import DatabaseBusy, DiskFull

APPLICATION_ID = 0x4B504F42  # "KPOB"


class OutboxState(StrEnum):
    """Every state but the first is final."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"  # the hub's valid receipt is here
    REFUSED = "refused"  # the hub said no, and signed it
    GIVEN_UP = "given up"  # retries are over: whether the hub has it is not known


class StoredAlready(ValueError):
    """The outbox has a message with this MessageId, or one that was asked for under this reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message ready to leave; `parts` are its encrypted MIME parts: octets, or an unnamed file of the folder."""

    message_id: str
    service: str
    action: str
    tracking_identifier: str
    final_recipient: str
    references: tuple[PartReference, ...]
    content_type: str
    head: bytes
    parts: bytes | IO[bytes]
    parts_octets: int
    parts_sha256: bytes  # of the parts as they were written, not as a disk gives them back
    tail: bytes
    created_at: datetime
    asked_sha256: bytes | None = None  # what a caller asked for under its own reference, which names this message then


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A row of the outbox; `stored` is what every attempt sends, None once the message is final. Whoever sends it asks
    `check_stored` first.
    """

    message_id: str
    state: OutboxState
    service: str
    action: str
    tracking_identifier: str
    final_recipient: str
    references: tuple[PartReference, ...]
    content_type: str
    stored: Stored | None
    is_sound: bool  # the row is what was written; a file beside it is held against `parts_sha256`
    parts_sha256: bytes | None
    created_at: datetime
    attempts: int
    closed_at: datetime | None
    receipt: bytes | None
    errors: tuple[ErrorEntry, ...]
    asked_sha256: bytes | None = None


class Outbox:
    """One open outbox folder."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._open: set[str] = set()  # what this process stored, tried to store, or found waiting

    @classmethod
    async def open(cls, folder: Path) -> Outbox:
        """Open or make the outbox in this folder; raises `gateway.storage.DatabaseRefused`."""
        return cls(await open_records(folder, "outbox", APPLICATION_ID))

    async def aclose(self) -> None:
        """Finish what is queued and close."""
        await self.records.aclose()

    async def add(self, outgoing: Outgoing) -> None:
        """Make a message durable before it is sent; the caller closes its file. `StoredAlready` for a known
        MessageId, and where another was asked for under the same reference.
        """
        name = None if isinstance(outgoing.parts, bytes) else name_of_part()
        if name is not None and not isinstance(outgoing.parts, bytes):
            await asyncio.to_thread(self.records.give_name, outgoing.parts, name)
        row = (
            outgoing.message_id,
            outgoing.service,
            outgoing.action,
            outgoing.tracking_identifier,
            outgoing.final_recipient,
            _write_references(outgoing.references),
            outgoing.content_type,
            outgoing.head,
            outgoing.parts if isinstance(outgoing.parts, bytes) else None,
            name,
            outgoing.parts_octets,
            outgoing.tail,
            microseconds(outgoing.created_at),
            outgoing.parts_sha256,
            _digest_of(outgoing),
            outgoing.asked_sha256,
        )
        statement = self.records.statements["insert"]
        self._open.add(outgoing.message_id)
        try:
            await self.records.run(lambda connection: connection.execute(statement, row).fetchall())
        except (apsw.ConstraintError, DatabaseBusy, DiskFull) as fault:
            if name is not None:
                self.records.remove(name)
            if not isinstance(fault, apsw.ConstraintError):  # nothing was changed
                self._open.discard(outgoing.message_id)
                raise
            raise StoredAlready("a message with this MessageId or asked reference is in the outbox already") from None

    def may_hold(self, message_id: str) -> bool:
        """Whether a message can lie here without an outcome, as far as this process knows without looking."""
        return message_id in self._open

    async def find(self, message_id: str) -> OutboxMessage | None:
        """The message with this id."""
        statement = self.records.statements["find"]

        def work(connection: apsw.Connection) -> OutboxMessage | None:
            row = connection.execute(statement, (message_id,)).fetchone()
            return None if row is None else self._message(row)

        return await self.records.run(work)

    async def find_asked(self, tracking_identifier: str) -> OutboxMessage | None:
        """The message that a caller asked for under this reference."""
        statement = self.records.statements["find_asked"]

        def work(connection: apsw.Connection) -> OutboxMessage | None:
            row = connection.execute(statement, (tracking_identifier,)).fetchone()
            return None if row is None else self._message(row)

        return await self.records.run(work)

    async def waiting(self) -> tuple[str, ...]:
        """The ids of messages without an outcome, oldest first: to be sent again after a crash."""
        statement = self.records.statements["waiting"]
        found = await self.records.run(lambda connection: tuple(row[0] for row in connection.execute(statement)))
        self._open.update(found)
        return found

    async def messages(self, *, limit: int = 100) -> tuple[OutboxMessage, ...]:
        """The newest messages, newest first."""
        statement = self.records.statements["messages"]
        return await self.records.run(
            lambda connection: tuple(self._message(row) for row in connection.execute(statement, (limit,)).fetchall())
        )

    async def count_attempt(self, message_id: str) -> int | None:
        """Note that one more attempt begins; returns how many there were with it, None when the message is final."""
        statement = self.records.statements["count_attempt"]

        def work(connection: apsw.Connection) -> int | None:
            row = connection.execute(statement, (message_id,)).fetchone()
            return None if row is None else int(row[0])

        return await self.records.run(work)

    async def note(self, message_id: str, errors: Sequence[ErrorEntry]) -> None:
        """Keep what an attempt came to that was no outcome."""
        statement = self.records.statements["note"]
        row = (write_errors(errors), message_id)
        await self.records.run(lambda connection: connection.execute(statement, row).fetchall())

    async def close(
        self,
        message_id: str,
        state: OutboxState,
        *,
        at: datetime,
        receipt: bytes | None = None,
        errors: Sequence[ErrorEntry] = (),
    ) -> bool:
        """Record the outcome; False when another one came first, which then stays (R16)."""
        statements = self.records.statements
        row = (state, receipt, write_errors(errors), microseconds(at), message_id)

        def work(connection: apsw.Connection) -> tuple[bool, str | None]:
            closed = connection.execute(statements["close"], row).fetchone()
            connection.execute(statements["empty"], (message_id,))
            return closed is not None, None if closed is None else closed[0]

        failpoints.reach("V3.before")
        first, name = await self.records.run(work)
        failpoints.reach("V3.after")
        if name is not None:
            self.records.remove(name)
        self._open.discard(message_id)
        return first

    async def forget(self, *, before: datetime) -> None:
        """Remove the rows of messages that became final before then, and the evidence with them."""
        statement = self.records.statements["forget"]
        row = (microseconds(before),)
        await self.records.run(lambda connection: connection.execute(statement, row).fetchall())
        await self.records.writer.truncate_log()

    def _message(self, row: Sequence[Any]) -> OutboxMessage:
        with as_written():
            return self._read(row)

    def _read(self, row: Sequence[Any]) -> OutboxMessage:
        (message_id, state, service, action, tracking_identifier, final_recipient, references, content_type, head,
         parts, file, parts_octets, tail, created_at, attempts, closed_at, receipt, errors,
         parts_sha256, digest_, asked_sha256) = row  # fmt: skip
        stored = None
        if file is not None:
            stored = Stored(head, self.records.parts_folder / file, parts_octets, tail)
        elif parts is not None:
            stored = Stored(head + parts, None, 0, tail)
        said = (message_id, references, content_type, head, parts_octets, parts_sha256, tail)
        is_sound = (
            state != OutboxState.WAITING  # its octets are let go of
            if stored is None
            else digest(*said) == digest_ and (parts is None or hashlib.sha256(parts).digest() == parts_sha256)
        )
        return OutboxMessage(
            message_id=message_id,
            state=OutboxState(state),
            service=service,
            action=action,
            tracking_identifier=tracking_identifier,
            final_recipient=final_recipient,
            references=_read_references(references),
            content_type=content_type,
            stored=stored,
            is_sound=is_sound,
            parts_sha256=parts_sha256,
            created_at=moment_of(created_at),
            attempts=attempts,
            closed_at=None if closed_at is None else moment_of(closed_at),
            receipt=receipt,
            errors=tuple(ErrorEntry(**entry) for entry in json.loads(errors)),
            asked_sha256=asked_sha256,
        )


def check_stored(message: OutboxMessage) -> None:
    """Hold what would be sent against the digests that were made before it was stored; raises `DamagedPart`. It reads
    the file of large parts: in a thread.
    """
    which = f"{message.action} {message.tracking_identifier}, {message.message_id}"
    if not message.is_sound:
        raise changed("outbox", which)
    if message.stored is not None and message.stored.file is not None:
        for _ in checked(message.stored.file, message.parts_sha256, box="outbox", name=which):
            pass


def _digest_of(outgoing: Outgoing) -> bytes:
    """Over what is sent, and what the receipt for it has to repeat; migration 0002 makes it so too."""
    return digest(
        outgoing.message_id,
        _write_references(outgoing.references),
        outgoing.content_type,
        outgoing.head,
        outgoing.parts_octets,
        outgoing.parts_sha256,
        outgoing.tail,
    )


def _write_references(references: Sequence[PartReference]) -> str:
    return json.dumps([[each.uri, each.digest_method, each.digest_value.hex()] for each in references])


def _read_references(text: str) -> tuple[PartReference, ...]:
    return tuple(
        PartReference(uri=uri, transforms=(), digest_method=method, digest_value=bytes.fromhex(digest))
        for uri, method, digest in json.loads(text)
    )


def write_errors(errors: Sequence[ErrorEntry]) -> str:
    """Errors as a row has them: a JSON object of its fields for each."""
    return json.dumps(
        [{name: getattr(error, name) for name in ErrorEntry.__slots__} for error in errors], ensure_ascii=False
    )
