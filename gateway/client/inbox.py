"""The durable inbox of a participant: every pulled message once, until the participant's own system has processed it.

A message is accepted with its parts and the receipt for it in one transaction; only then may the receipt be sent,
because it makes the hub forget the message (decision 0003, seen from the other side). Messages are told apart by
sender and MessageId (P30); a second arrival is answered with the stored receipt. A proof of origin is taken once per
sender and MessageId of the proof, so that the hub cannot deliver what was sent once a second time under a new id
(SR-22).

Nothing is kept for ever: the parts of a processed message for `KEEP`, what it was recognised by for `MEMORY`. That is
longer than the 90 days for which a hub knows what it accepted and than any term; a proof that is older is not taken at
all, so that no message comes back after it was forgotten.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

import apsw

from gateway import failpoints
from gateway.client.records import Records, as_written, microseconds, moment_of, name_of_part, open_records
from gateway.digest import digest
from gateway.storage import DatabaseBusy, DiskFull

APPLICATION_ID = 0x4B504942  # "KPIB"
MEMORY = timedelta(days=400)  # thirteen months, as a hub keeps its log
KEEP = timedelta(days=90)  # an answer is held against its question for as long
HELD_BACK = timedelta(days=40)  # a hub keeps a message no longer than its term and 28 days


DAMAGED = "damaged"  # why a receipt is due no more that the disk changed


class InboxState(StrEnum):
    """`processed` is for good: the participant's system has done what the message asks."""

    RECEIVED = "received"
    PROCESSED = "processed"


OriginVerdict: TypeAlias = Literal["verified", "unverified", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedPart:
    """A part that was judged and found good: its octets, or an unnamed file of the inbox's folder that has them."""

    content_id: str
    mime_type: str
    character_set: str | None
    octets: int
    sha256: bytes
    body: bytes | IO[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMessage:
    """A message that was judged and found good, with the receipt that it is to get: a complete signed envelope."""

    sender: str
    message_id: str
    service: str
    action: str
    conversation_id: str
    tracking_identifier: str | None
    cross_reference: str | None
    original_sender: str | None
    final_recipient: str | None
    sent_at: datetime
    received_at: datetime
    origin: OriginVerdict
    origin_thumbprint: str | None
    origin_document: bytes | None
    content_digest: bytes
    receipt: bytes
    parts: tuple[ArrivedPart, ...]
    origin_party: str | None = None
    origin_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A message that was accepted before."""

    number: int
    content_digest: bytes | None  # None: the disk changed it
    receipt: bytes
    is_sound: bool = True  # the receipt is what was stored


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is durable under this number."""

    number: int


@dataclass(frozen=True, slots=True)
class ProofUsed:
    """Another message was accepted before with the same proof of origin, under this number."""

    number: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A message that was refused: the hub holds it and offers it again later."""

    message_id: str
    code: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPart:
    """One part as the participant's system gets it: decrypted and decompressed."""

    content_id: str
    mime_type: str
    character_set: str | None
    octets: int
    sha256: bytes
    body: bytes | None
    file: Path | None

    def read(self) -> bytes:
        """All octets; for a part with a `file` it is better to open that."""
        return self.file.read_bytes() if self.file is not None else self.body or b""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message of the inbox. `parts` is empty once a processed message has been forgotten."""

    number: int
    sender: str
    message_id: str
    state: InboxState
    service: str
    action: str
    conversation_id: str
    tracking_identifier: str | None
    cross_reference: str | None
    original_sender: str | None
    final_recipient: str | None
    sent_at: datetime
    received_at: datetime
    origin: OriginVerdict
    origin_thumbprint: str | None
    origin_party: str | None  # whose proof it was
    receipt_state: Literal["due", "sent", "refused"]
    parts: tuple[InboxPart, ...]


@dataclass(frozen=True, slots=True)
class DueReceipt:
    """A receipt that the hub has not confirmed yet."""

    number: int
    message_id: str
    receipt: bytes


@dataclass(frozen=True, slots=True)
class DamagedReceipt:
    """A receipt that the disk changed before the hub had it; its message is here and counts."""

    number: int
    message_id: str


class Inbox:
    """One open inbox folder."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @classmethod
    async def open(cls, folder: Path) -> Inbox:
        """Open or make the inbox in this folder; raises `gateway.storage.DatabaseRefused`."""
        return cls(await open_records(folder, "inbox", APPLICATION_ID))

    async def aclose(self) -> None:
        """Finish what is queued and close."""
        await self.records.aclose()

    async def find(self, sender: str, message_id: str) -> Known | None:
        """The earlier acceptance of this message."""
        statement, judged_id = self.records.statements["find"], (sender, message_id)

        def work(connection: apsw.Connection) -> Known | None:
            row = connection.execute(statement, judged_id).fetchone()
            return None if row is None else _known(judged_id, row)

        return await self.records.run(work)

    async def accept(self, judged: JudgedMessage) -> Accepted | Known | ProofUsed:
        """Make the message durable with its parts and its receipt; or tell that it, or its proof, came before.

        The caller closes the files of the parts in either case.
        """
        known = await self.find(judged.sender, judged.message_id)
        if known is not None:
            return known
        names = [None if isinstance(part.body, bytes) else name_of_part() for part in judged.parts]
        for part, name in zip(judged.parts, names, strict=True):
            if name is not None and not isinstance(part.body, bytes):
                await asyncio.to_thread(self.records.give_name, part.body, name)
        statements = self.records.statements

        def work(connection: apsw.Connection) -> Accepted | Known | ProofUsed:
            row = connection.execute(statements["find"], (judged.sender, judged.message_id)).fetchone()
            if row is not None:
                return _known((judged.sender, judged.message_id), row)
            proof = (judged.origin_party, judged.origin_message_id)
            row = connection.execute(statements["find_origin"], proof).fetchone()
            if row is not None:
                return ProofUsed(*row)
            connection.execute(statements["taken_after_all"], (judged.message_id,))
            number = connection.execute(statements["insert_message"], _message_row(judged)).get
            for position, (part, name) in enumerate(zip(judged.parts, names, strict=True)):
                connection.execute(statements["insert_part"], (number, position, *_part_row(part, name)))
            return Accepted(number)

        try:
            outcome = await self.records.run(work)
        except (DatabaseBusy, DiskFull):  # nothing was changed
            self._remove(names)
            raise
        if not isinstance(outcome, Accepted):
            self._remove(names)
        return outcome

    def _remove(self, names: Sequence[str | None]) -> None:
        for name in names:
            if name is not None:
                self.records.remove(name)

    async def next(self, after: int = 0) -> InboxMessage | None:
        """The oldest message not processed yet, beyond the one with the number `after`; None when there is none.

        It comes again, also after a crash, until `mark_processed` has said that it was processed.
        """
        statement = self.records.statements["next_message"]

        def work(connection: apsw.Connection) -> InboxMessage | None:
            row = connection.execute(statement, (after,)).fetchone()
            return None if row is None else self._message(connection, row)

        return await self.records.run(work)

    async def give(
        self,
        *,
        at: datetime,
        rest: timedelta,
        most: int,
        actions: Collection[str] = (),
        conversation_id: str | None = None,
        but: str = "",
    ) -> tuple[tuple[InboxMessage, ...], bool]:
        """Messages that nobody has processed, of these types if any are named but not of type `but`, and whether there
        are more; what was never given first. One that was given within `rest` before `at` is left out.
        """
        statements = self.records.statements
        asked = {
            "given_before": microseconds(at - rest),
            "actions": json.dumps(sorted(actions)) if actions else None,
            "conversation_id": conversation_id,
            "but": but,
            "most": most + 1,
        }

        def work(connection: apsw.Connection) -> tuple[tuple[InboxMessage, ...], bool]:
            rows = connection.execute(statements["to_give"], asked).fetchall()
            given = tuple(self._message(connection, row) for row in rows[:most])
            for each in given:
                connection.execute(statements["note_given"], (microseconds(at), each.number))
            return given, len(rows) > most

        failpoints.reach("W1.before")
        found = await self.records.run(work)
        failpoints.reach("W1.after")
        return found

    async def confirm(self, sender: str, message_ids: Sequence[str], *, at: datetime) -> tuple[str, ...]:
        """Say that these messages were processed, all or none: the ids that are none of this inbox, where there are."""
        statements = self.records.statements

        def work(connection: apsw.Connection) -> tuple[str, ...]:
            found = {each: connection.execute(statements["of_message_id"], (sender, each)).get for each in message_ids}
            unknown = tuple(each for each, number in found.items() if number is None)
            for number in () if unknown else found.values():
                connection.execute(statements["mark_processed"], (microseconds(at), number)).fetchall()
            return unknown

        failpoints.reach("W2.before")
        unknown = await self.records.run(work)
        failpoints.reach("W2.after")
        return unknown

    async def messages(self, *, before: int = 2**62, limit: int = 100) -> tuple[InboxMessage, ...]:
        """The newest messages whatever their state, newest first."""
        statement = self.records.statements["messages"]

        def work(connection: apsw.Connection) -> tuple[InboxMessage, ...]:
            rows = connection.execute(statement, (before, limit)).fetchall()
            return tuple(self._message(connection, row) for row in rows)

        return await self.records.run(work)

    async def find_question(
        self, tracking_identifier: str, *, original_sender: str, service: str, actions: Collection[str]
    ) -> InboxMessage | None:
        """The newest message of one of these types and of that sender, by the reference that its answer carries."""
        statement = self.records.statements["questions"]

        def work(connection: apsw.Connection) -> InboxMessage | None:
            rows = connection.execute(statement, (tracking_identifier, original_sender, service)).fetchall()
            found = (self._message(connection, row) for row in rows)
            return next((each for each in found if each.action in actions), None)

        return await self.records.run(work)

    async def find_answer(self, cross_reference: str, *, service: str, action: str) -> InboxMessage | None:
        """The newest message of that type that answers the message with this reference."""
        statement = self.records.statements["answers"]

        def work(connection: apsw.Connection) -> InboxMessage | None:
            row = connection.execute(statement, (cross_reference, service, action)).fetchone()
            return None if row is None else self._message(connection, row)

        return await self.records.run(work)

    async def evidence(self, number: int) -> tuple[bytes | None, bytes] | None:
        """The proof of origin, if there was one, and the receipt of a message."""
        statement = self.records.statements["evidence"]

        def work(connection: apsw.Connection) -> tuple[bytes | None, bytes] | None:
            row = connection.execute(statement, (number,)).fetchone()
            return None if row is None else (row[0], row[1])

        return await self.records.run(work)

    async def mark_processed(self, number: int, *, at: datetime) -> bool:
        """Say that a message was processed; True for exactly one caller, should two workers say so."""
        statement = self.records.statements["mark_processed"]
        return await self.records.run(
            lambda connection: connection.execute(statement, (microseconds(at), number)).fetchone() is not None
        )

    async def receipts_due(self, limit: int = 100) -> tuple[DueReceipt, ...]:
        """Receipts that the hub has not confirmed, oldest first: of this run, or of one that crashed.

        One that is not what was stored is not among them: `damaged_receipts` has it.
        """
        statement = self.records.statements["receipts_due"]
        return await self.records.run(
            lambda connection: tuple(DueReceipt(*row) for row in connection.execute(statement, (limit,)))
        )

    async def damaged_receipts(self) -> tuple[DamagedReceipt, ...]:
        """Receipts that were due and are not what was stored, oldest first, until `note_damage_told` or until the hub
        gives the message again, for then the receipt is made anew.
        """
        statement = self.records.statements["damaged_receipts"]
        return await self.records.run(
            lambda connection: tuple(DamagedReceipt(*row) for row in connection.execute(statement))
        )

    async def note_damage_told(self, number: int) -> None:
        """Say that whoever looks after the disk knows of this damaged receipt: it is due no more."""
        statement = self.records.statements["note_damage_told"]
        await self.records.run(lambda connection: connection.execute(statement, (DAMAGED, number)).fetchall())

    async def renew_receipt(self, sender: str, message_id: str, number: int, receipt: bytes) -> None:
        """Have this receipt sent in the place of one that is not what was stored."""
        row = (receipt, digest(sender, message_id, receipt), number)
        statement = self.records.statements["renew_receipt"]
        await self.records.run(lambda connection: connection.execute(statement, row).fetchall())

    async def repeat_receipt(self, number: int) -> None:
        """Have the receipt of this message sent again, as its message came again."""
        statement = self.records.statements["receipt_due_again"]
        await self.records.run(lambda connection: connection.execute(statement, (number,)).fetchall())

    async def note_receipt(self, number: int, *, refused: str | None = None) -> None:
        """Note that the hub took a receipt, or the code with which it refused it."""
        statement = self.records.statements["note_receipt"]
        row = ("sent" if refused is None else "refused", refused, number)
        failpoints.reach("H2.before")
        await self.records.run(lambda connection: connection.execute(statement, row).fetchall())
        failpoints.reach("H2.after")

    async def note_not_taken(self, sender: str, message_id: str, code: str, *, at: datetime) -> None:
        """Remember that a message was refused and lies in the mailbox still."""
        statement = self.records.statements["note_not_taken"]
        row = (sender, message_id, code, microseconds(at))
        await self.records.run(lambda connection: connection.execute(statement, row).fetchall())

    async def not_taken(self, *, at: datetime) -> tuple[NotTaken, ...]:
        """What was refused and may lie in the mailbox still, the oldest first."""
        statement, since = self.records.statements["not_taken"], (microseconds(at - HELD_BACK),)
        return await self.records.run(
            lambda connection: tuple(
                NotTaken(message_id, code, moment_of(noted_at))
                for message_id, code, noted_at in connection.execute(statement, since)
            )
        )

    async def forget(self, *, at: datetime, keep: timedelta = timedelta(), window: timedelta = MEMORY) -> int:
        """Remove the parts of messages processed longer than `keep` ago, and rows beyond the window of duplicates.

        Returns how many files went. A message that comes again after the window counts as new (A07): choose none
        shorter than the longest time that the hub can keep a message.
        """
        statements = self.records.statements
        processed = (microseconds(at - keep),)
        received = (microseconds(at - window),)

        def work(connection: apsw.Connection) -> list[str]:
            names = [name for (name,) in connection.execute(statements["processed_files"], processed)]
            connection.execute(statements["forget_parts"], processed)
            connection.execute(statements["forget_messages"], received)
            connection.execute(statements["forget_not_taken"], (microseconds(at - HELD_BACK),))
            return names

        names = await self.records.run(work)
        self._remove(names)
        await self.records.writer.truncate_log()
        return len(names)

    def _message(self, connection: apsw.Connection, row: Sequence[Any]) -> InboxMessage:
        with as_written():
            return self._read(connection, row)

    def _read(self, connection: apsw.Connection, row: Sequence[Any]) -> InboxMessage:
        values = dict(zip(_MESSAGE_COLUMNS, row, strict=True))
        values["state"] = InboxState(values["state"])
        values["sent_at"], values["received_at"] = moment_of(values["sent_at"]), moment_of(values["received_at"])
        rows = connection.execute(self.records.statements["parts"], (values["number"],)).fetchall()
        return InboxMessage(**values, parts=tuple(self._part(each) for each in rows))

    def _part(self, row: Sequence[Any]) -> InboxPart:
        values = dict(zip(_PART_COLUMNS, row, strict=True))
        if values["file"] is not None:
            values["file"] = self.records.parts_folder / values["file"]
        return InboxPart(**values)


_MESSAGE_COLUMNS = (
    "number", "sender", "message_id", "state", "service", "action", "conversation_id", "tracking_identifier",
    "cross_reference", "original_sender", "final_recipient", "sent_at", "received_at", "origin", "origin_thumbprint",
    "origin_party", "receipt_state",
)  # fmt: skip
_PART_COLUMNS = ("content_id", "mime_type", "character_set", "octets", "sha256", "body", "file")


def _known(judged_id: tuple[str, str], row: Sequence[Any]) -> Known:
    number, content_digest, seal, receipt, held = row
    told_by = content_digest if digest(*judged_id, content_digest) == seal else None
    return Known(number, told_by, receipt, digest(*judged_id, receipt) == held)


def _message_row(judged: JudgedMessage) -> tuple[str | int | bytes | None, ...]:
    return (
        judged.sender,
        judged.message_id,
        judged.service,
        judged.action,
        judged.conversation_id,
        judged.tracking_identifier,
        judged.cross_reference,
        judged.original_sender,
        judged.final_recipient,
        microseconds(judged.sent_at),
        microseconds(judged.received_at),
        judged.origin,
        judged.origin_thumbprint,
        judged.origin_document,
        judged.origin_party,
        judged.origin_message_id,
        judged.content_digest,
        digest(judged.sender, judged.message_id, judged.content_digest),
        judged.receipt,
        digest(judged.sender, judged.message_id, judged.receipt),
    )


def _part_row(part: ArrivedPart, name: str | None) -> tuple[str | int | bytes | None, ...]:
    body = part.body if isinstance(part.body, bytes) else None
    return (part.content_id, part.mime_type, part.character_set, part.octets, part.sha256, body, name)
