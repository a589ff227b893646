"""What an administrator may ask of the store, whether a hub runs or not: the same verbs, the same answers.

`StoreAdministration` asks the store itself; `gateway.store.admin` carries the same verbs over a socket. Nothing here
reaches a payload: what is stored is ciphertext, and no verb returns it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.clock import Clock
from gateway.store.engine import HeldStore
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.model import Counts, KeyLost, Kind, MailboxRecord, MessageFilter, MessageRecord, Rechecked, TimeSeen

T = TypeVar("T")

LOOK_AT_DISK = "look at the disk or restore the directory"


class AdminRefused(Exception):
    """What was asked cannot be done; `next_step` says what the administrator can do about it."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason}; {next_step}")
        self.reason = reason
        self.next_step = next_step


class AdminBroken(AdminRefused):
    """The storage under the store is broken: nothing that lies there can be trusted until somebody looked at it."""


class Administration(Protocol):
    """The administrative verbs. Each may raise `AdminRefused`."""

    async def messages(self, which: MessageFilter) -> tuple[MessageRecord, ...]:
        """The message log, newest first."""

    async def message(self, message_id: str) -> MessageRecord:
        """The one message of this id, of either leg."""

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for the one message of this id."""

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""

    async def counts(self) -> Counts:
        """The store as a whole."""

    async def prolong_term(self, message_id: str, party: str, expires_at: datetime) -> bool:
        """Give one message a later deadline at its owner's request."""

    async def expire_sealed_to(self, sealed_to: str) -> KeyLost:
        """Expire at once what waits under a lost key (SHA-256 thumbprint of its certificate)."""

    async def test_mailbox(self, party: str) -> str:
        """Lay a test message in the mailbox of a party, to see that it is collected. Returns its MessageId."""

    async def purge(self) -> int:
        """Remove what is final now. Returns how many messages."""

    async def release_ballast(self) -> int:
        """Delete the ballast file. Returns how many octets that gave back."""

    async def confirm_time(self) -> None:
        """Say that the time of the machine is right, after the hub found it suspect."""

    async def time_is_suspect(self) -> bool:
        """Whether the time of the machine is in doubt, so that nothing ends its term."""

    async def time_seen(self) -> TimeSeen:
        """What the hub's clock shows now, and what speaks against it."""

    async def recheck(self) -> Rechecked:
        """Read damaged and unreadable messages again; what is whole is offered again."""

    async def doubt(self) -> str | None:
        """Why the store is not served: what shows that it went back. None when all is there."""

    async def confirm_restored(self) -> None:
        """Let what is here count from now on, after the store was found to have gone back."""

    async def aclose(self) -> None:
        """Let go of the store or of the connection to it."""


class StoreAdministration:
    """The verbs on a store that this process has open.

    `expire_sealed_to`, `test_mailbox` and `confirm_time` come from the wiring of a running hub, because messages have
    to be written and signed, or a job told; so does `time_suspect`. `owns_store` closes the store with this.
    """

    def __init__(
        self,
        store: HeldStore,
        clock: Clock,
        *,
        expire_sealed_to: Callable[[str], Awaitable[KeyLost]] | None = None,
        test_mailbox: Callable[[str], Awaitable[str]] | None = None,
        confirm_time: Callable[[], Awaitable[None]] | None = None,
        time_suspect: Callable[[], bool] | None = None,
        time_grounds: Callable[[], tuple[str, ...]] = tuple,
        owns_store: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._expire_sealed_to = expire_sealed_to
        self._test_mailbox = test_mailbox
        self._confirm_time = confirm_time
        self._time_suspect = time_suspect
        self._time_grounds = time_grounds
        self._owns_store = owns_store

    async def messages(self, which: MessageFilter) -> tuple[MessageRecord, ...]:
        """The message log, newest first."""
        return await self._asked(self._store.messages(which))

    async def message(self, message_id: str) -> MessageRecord:
        """The one message of this id; a leg 1 id that two senders used names none."""
        found = await self.messages(MessageFilter(message_id=message_id))
        exact = [record for record in found if record.metadata.message_id == message_id]
        named = exact or [record for record in found if record.metadata.kind is Kind.MESSAGE]
        if not named:
            raise AdminRefused("no message has this id", "look for it in the list of messages")
        if len(named) > 1:
            raise AdminRefused("several senders used this id", "name the message by the id that the hub gave it")
        return named[0]

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for the one message of this id."""
        record = await self.message(message_id)
        return await self._asked(self._store.evidence(record.metadata.message_id))

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""
        return await self._asked(self._store.mailboxes())

    async def counts(self) -> Counts:
        """The store as a whole."""
        return await self._asked(self._store.counts())

    async def prolong_term(self, message_id: str, party: str, expires_at: datetime) -> bool:
        """Give one message a later deadline at its owner's request."""
        if expires_at.tzinfo is None:
            raise AdminRefused("the deadline has no time zone", "write it with an offset, such as +01:00")
        record = await self.message(message_id)
        return await self._asked(
            self._store.prolong_term(record.metadata.message_id, party=party, expires_at=expires_at)
        )

    async def expire_sealed_to(self, sealed_to: str) -> KeyLost:
        """Expire at once what waits under a lost key."""
        if self._expire_sealed_to is None:
            raise AdminRefused("no hub runs that could sign the notices to the senders", "start the hub and ask again")
        return await self._asked(self._expire_sealed_to(sealed_to))

    async def test_mailbox(self, party: str) -> str:
        """Lay a test message in the mailbox of a party."""
        if self._test_mailbox is None:
            raise AdminRefused("no hub runs that could sign a message", "start the hub and ask again")
        return await self._asked(self._test_mailbox(party))

    async def purge(self) -> int:
        """Remove what is final now; nothing while the time is suspect, for what is forgotten is decided by it."""
        if self._doubts():
            raise AdminRefused(
                "the time is suspect", "look at the machine's clock, then say that it is right: store confirm-time"
            )
        return await self._asked(self._store.purge())

    async def release_ballast(self) -> int:
        """Delete the ballast file."""
        return self._store.release_ballast()

    async def confirm_time(self) -> None:
        """Say that the time is right."""
        if self._confirm_time is None:
            raise AdminRefused("no hub runs that could be told", "start the hub and ask again")
        await self._asked(self._confirm_time())

    async def time_is_suspect(self) -> bool:
        """Whether the time is in doubt; without a watch over it, it is not."""
        return self._doubts()

    async def time_seen(self) -> TimeSeen:
        """The clock and what is held against it."""
        if self._confirm_time is None:
            raise AdminRefused("no hub runs that could be told", "start the hub and ask again")
        return TimeSeen(at=self._clock.now(), grounds=self._time_grounds())

    async def recheck(self) -> Rechecked:
        """Look again at damaged messages."""
        return await self._asked(self._store.recheck())

    async def doubt(self) -> str | None:
        """Why the store is not served."""
        return self._store.doubt

    async def confirm_restored(self) -> None:
        """Let what is here count from now on."""
        await self._asked(self._store.confirm_restored())

    async def aclose(self) -> None:
        """Close the store if it was opened for this alone."""
        if self._owns_store:
            await self._store.aclose()
            if self._store.failed is not None:
                raise AdminBroken(f"the storage failed while it was closed: {self._store.failed}", LOOK_AT_DISK)

    def _doubts(self) -> bool:
        return self._time_suspect is not None and self._time_suspect()

    async def _asked(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except (StoreUnavailable, OutcomeUnknown) as error:
            if self._store.failed is not None:
                raise AdminBroken(f"the storage failed: {self._store.failed}", LOOK_AT_DISK) from error
            if isinstance(error, OutcomeUnknown):
                raise AdminRefused("it may or may not have happened", "wait until the hub is back and look") from error
            raise AdminRefused(f"the store cannot do this now: {error}", "look at the disk, then try again") from error
