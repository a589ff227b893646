"""The address book of a hub: made anew when the P-Modes say something else, or when its end nears, and kept on disk.

An issue is handed out only after it lies in the data directory, with the one before it beside it; so a serial never
goes back over a restart. What cannot be read there is told, and the book begins anew with a serial of today.

While the time is suspect nothing is issued, for the moment would stand in it: what was issued before is handed out on.
One that was issued under a clock that was ahead is replaced as soon as the time is trusted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from operator import is_
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from crypto.certificates import Certificate
from crypto.faults import UnusableCredential
from crypto.keys import Signer
from gateway.clock import Clock
from gateway.directory.chain import is_due, next_issue
from gateway.directory.document import BOOK_LIMITS, BookFault, read_own, read_unverified, write_signed
from gateway.directory.model import Entry, SignedBook
from gateway.events import EventLog
from gateway.named_file import FileRefused, read_named
from gateway.whole_file import write_whole
from pmodes.configuration import Configuration
from pmodes.directory import Told, told_of

P = ParamSpec("P")
T = TypeVar("T")

FILE_NAME: Final = "address-book.xml"
BEFORE_NAME: Final = "address-book.before.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookGround:
    """What a book is made of: the P-Modes in force, and the key that signs it and nothing else."""

    configuration: Configuration
    key: Signer


class AddressBookKeeper:
    """One look; `ground` says what a book is made of now, None where the settings want none."""

    def __init__(
        self,
        folder: Path,
        ground: Callable[[], BookGround | None],
        clock: Clock,
        log: EventLog,
        beside: Callable[[], AbstractContextManager[object]] = nullcontext,
        *,
        time_suspect: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = folder
        self._ground = ground
        self._clock = clock
        self._log = log
        self._beside = beside  # in whose context a thread works while the hub serves
        self._time_suspect = time_suspect
        self._known: SignedBook | None = None
        self._is_recalled = False
        self._signed_by: Certificate | None = None
        self._told: Mapping[str, Told] = {}
        self._one_at_a_time = asyncio.Lock()

    @property
    def current(self) -> SignedBook | None:
        """The issue that is handed out; None where there is none, or settings want none any more."""
        return None if self._ground() is None else self._known

    async def recall(self) -> None:
        """Read the one on disk after a start, and make none."""
        async with self._one_at_a_time:
            if (ground := self._ground()) is not None:
                await self._recall_once(ground)

    async def look(self) -> None:
        """Make a new issue if one is due; after a start the one on disk is read first."""
        async with self._one_at_a_time:
            ground = self._ground()
            if ground is None:
                return
            await self._recall_once(ground)
            if self._time_suspect():
                if await asyncio.to_thread(self._apart, self._is_due, ground, self._clock.now()):
                    self._log("address_book_not_made", detail="the time is suspect")
                return
            try:
                made = await asyncio.to_thread(self._apart, self._make, ground, self._clock.now())
                if made is not None:
                    await asyncio.to_thread(self._keep, made)  # a disk holds up nobody who reads files meanwhile
            except (OSError, UnusableCredential, ValueError) as fault:
                self._log("address_book_not_made", detail=getattr(fault, "strerror", None) or str(fault))
                return
            if made is not None:
                self._known, self._signed_by = made, ground.key.certificate
                issue = made.book.issue
                self._log(
                    "address_book_issued",
                    serial=issue.serial,
                    valid_until=issue.valid_until.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    parties=len(made.book.entries),
                )

    def _apart(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        with self._beside():
            return work(*arguments, **named)

    async def _recall_once(self, ground: BookGround) -> None:
        if not self._is_recalled:
            self._known = await asyncio.to_thread(self._apart, self._recall, ground, self._clock.now())
            self._is_recalled = True

    def _is_due(self, ground: BookGround, at: datetime) -> bool:
        hub, entries = ground.configuration.hub.party_id, self._entries(ground, at)
        return self._signed_by != ground.key.certificate or is_due(self._known, hub, entries, at)

    def _make(self, ground: BookGround, at: datetime) -> SignedBook | None:
        before, hub, entries = self._known, ground.configuration.hub.party_id, self._entries(ground, at)
        if before is None or self._signed_by != ground.key.certificate or is_due(before, hub, entries, at):
            return write_signed(next_issue(before, hub, entries, at), ground.key, before)
        if not all(map(is_, before.book.entries, entries)):  # it was read: what is equal is not kept twice
            self._known = replace(before, book=replace(before.book, entries=entries))
        return None

    def _entries(self, ground: BookGround, at: datetime) -> tuple[Entry, ...]:
        self._told = told_of(ground.configuration, at, self._told)
        return tuple(each.entry for each in self._told.values())

    def _keep(self, made: SignedBook) -> None:
        if self._known is not None:
            write_whole(self._folder / BEFORE_NAME, self._known.octets)
        write_whole(self._folder / FILE_NAME, made.octets)

    def _recall(self, ground: BookGround, at: datetime) -> SignedBook | None:
        certificate = ground.key.certificate
        path = self._folder / FILE_NAME
        if not path.exists():
            return None
        try:
            octets = read_named(path, most_octets=BOOK_LIMITS.octets)
            with suppress(BookFault):
                found = read_own(octets, certificate, self._entries(ground, at))
                self._signed_by = certificate
                return found
            return read_unverified(octets)  # by a key of before: the next issue follows on it all the same
        except (FileRefused, BookFault) as fault:
            self._log("address_book_unreadable", detail=str(fault))
            return None
