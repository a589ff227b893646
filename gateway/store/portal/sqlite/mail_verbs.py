"""The verbs of mail over the portal's database, each one transaction; what happens inside stands in `outbox`,
`mail_addresses` and `watched`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.clock import Clock
from gateway.identity.login import OrganisationNumber
from gateway.store.portal.mail import (
    AddressRefusal,
    Letter,
    MailEvent,
    MailFault,
    MailKind,
    MailStanding,
    NotificationAddress,
    OpenedLink,
    WatchedMessage,
)
from gateway.store.portal.sqlite import mail_addresses, outbox, watched
from gateway.store.portal.sqlite.access import Access


class SqliteMail:
    """As `gateway.store.portal.interface.Mail` says."""

    _access: Access
    _clock: Clock

    async def add_address(
        self, address: str, *, organisation: OrganisationNumber, unit: str, kinds: Collection[MailKind], by: str
    ) -> NotificationAddress | AddressRefusal:
        """An address that counts once its link was opened."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: mail_addresses.add(connection, organisation, unit, address, kinds, by, now)
        )

    async def remove_address(self, address_id: str, *, organisation: OrganisationNumber, by: str) -> bool:
        """Nothing about messages goes there any more."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: mail_addresses.remove(connection, address_id, organisation, by, now)
        )

    async def addresses(self, organisation: OrganisationNumber) -> tuple[NotificationAddress, ...]:
        """Those that were not removed."""
        return await self._access.read(lambda connection: mail_addresses.kept_addresses(connection, organisation))

    async def open_link(self, token: str) -> OpenedLink | None:
        """What the link of a letter says now."""
        now = self._clock.now()
        return await self._access.read(lambda connection: mail_addresses.open_link(connection, token, now))

    async def confirm_address(self, token: str) -> bool:
        """It counts from now on."""
        now = self._clock.now()
        return await self._access.write(lambda connection: mail_addresses.confirm(connection, token, now))

    async def change_kinds(
        self, address_id: str, *, organisation: OrganisationNumber, kinds: Collection[MailKind], by: str
    ) -> bool:
        """It is told of these kinds from now on."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: mail_addresses.change_kinds(connection, address_id, organisation, kinds, by, now)
        )

    async def unsubscribe(self, token: str, kinds: Collection[MailKind]) -> bool:
        """Its address does without these kinds."""
        now = self._clock.now()
        return await self._access.write(lambda connection: mail_addresses.unsubscribe(connection, token, kinds, now))

    async def write_to(self, address: str, event: MailEvent, *, organisation: OrganisationNumber) -> None:
        """One line for somebody whose address is kept nowhere."""
        now = self._clock.now()
        await self._access.write(lambda connection: outbox.queue(connection, event, organisation, "", address, now))

    async def take_letter(self) -> Letter | None:
        """What is due to one address, leased."""
        now = self._clock.now()
        return await self._access.write(lambda connection: outbox.take_letter(connection, now))

    async def letter_sent(self, letter: Letter) -> None:
        """A server took it."""
        now = self._clock.now()
        await self._access.write(lambda connection: outbox.letter_sent(connection, letter, now))

    async def letter_failed(self, letter: Letter, failure: str, fault: MailFault) -> bool:
        """It is tried again later, or never."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: outbox.letter_failed(connection, letter, failure, fault, now)
        )

    async def mail_standing(self) -> MailStanding:
        """How much waits."""
        return await self._access.read(outbox.standing)

    async def units_told(self) -> Mapping[str, OrganisationNumber]:
        """The units of which somebody may be told of messages."""
        return await self._access.read(mail_addresses.units_told)

    async def arrivals_seen(self) -> int | None:
        """The number of the last message that was looked at."""
        return await self._access.read(watched.arrivals_seen)

    async def note_arrivals(
        self, before: int | None, seen: int, arrived: Sequence[tuple[WatchedMessage, datetime]]
    ) -> bool:
        """Messages were looked at, and are told of."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: watched.note_arrivals(connection, before, seen, arrived, now)
        )

    async def watched_due(self, limit: int) -> tuple[WatchedMessage, ...]:
        """Those to be looked at now."""
        now = self._clock.now()
        return await self._access.read(lambda connection: watched.watched_due(connection, limit, now))

    async def settle_watched(
        self, message: WatchedMessage, event: MailEvent | None, *, until: datetime, look_at: datetime | None
    ) -> bool:
        """Tell what became of it, and when it is looked at again."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: watched.settle_watched(connection, message, event, until, look_at, now)
        )
