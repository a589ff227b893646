"""The verbs of mail, each one transaction; what happens inside stands in `outbox`,
`mail_addresses` and `watched`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

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
from gateway.store.portal.verbs import mail_addresses, outbox, watched
from gateway.store.portal.verbs.access import Access


class MailVerbs:
    """As `gateway.store.portal.interface.Mail` says."""

    _access: Access

    async def add_address(
        self, address: str, *, organisation: OrganisationNumber, unit: str, kinds: Collection[MailKind], by: str
    ) -> NotificationAddress | AddressRefusal:
        """An address that counts once its link was opened."""
        return await self._access.write(
            lambda transaction, now: mail_addresses.add(transaction, organisation, unit, address, kinds, by, now)
        )

    async def remove_address(self, address_id: str, *, organisation: OrganisationNumber, by: str) -> bool:
        """Nothing about messages goes there any more."""
        return await self._access.write(
            lambda transaction, now: mail_addresses.remove(transaction, address_id, organisation, by, now)
        )

    async def addresses(self, organisation: OrganisationNumber) -> tuple[NotificationAddress, ...]:
        """Those that were not removed."""
        return await self._access.read(lambda transaction, _: mail_addresses.kept_addresses(transaction, organisation))

    async def open_link(self, token: str) -> OpenedLink | None:
        """What the link of a letter says now."""
        return await self._access.read(lambda transaction, now: mail_addresses.open_link(transaction, token, now))

    async def confirm_address(self, token: str) -> bool:
        """It counts from now on."""
        return await self._access.write(lambda transaction, now: mail_addresses.confirm(transaction, token, now))

    async def change_kinds(
        self, address_id: str, *, organisation: OrganisationNumber, kinds: Collection[MailKind], by: str
    ) -> bool:
        """It is told of these kinds from now on."""
        return await self._access.write(
            lambda transaction, now: mail_addresses.change_kinds(transaction, address_id, organisation, kinds, by, now)
        )

    async def unsubscribe(self, token: str, kinds: Collection[MailKind]) -> bool:
        """Its address does without these kinds."""
        return await self._access.write(
            lambda transaction, now: mail_addresses.unsubscribe(transaction, token, kinds, now)
        )

    async def begin_again(self, token: str, kinds: Collection[MailKind]) -> bool:
        """Its reader wants these kinds again."""
        return await self._access.write(
            lambda transaction, now: mail_addresses.begin_again(transaction, token, kinds, now)
        )

    async def write_to(self, address: str, event: MailEvent, *, organisation: OrganisationNumber) -> None:
        """One line for somebody whose address is kept nowhere."""
        await self._access.write(
            lambda transaction, now: outbox.queue(transaction, event, organisation, "", address, now)
        )

    async def take_letter(self) -> Letter | None:
        """What is due to one address, leased."""
        return await self._access.write(lambda transaction, now: outbox.take_letter(transaction, now))

    async def letter_sent(self, letter: Letter) -> None:
        """A server took it."""
        await self._access.write(lambda transaction, now: outbox.letter_sent(transaction, letter, now))

    async def letter_failed(self, letter: Letter, failure: str, fault: MailFault) -> bool:
        """It is tried again later, or never."""
        return await self._access.write(
            lambda transaction, now: outbox.letter_failed(transaction, letter, failure, fault, now)
        )

    async def mail_standing(self) -> MailStanding:
        """How much waits."""
        return await self._access.read(lambda transaction, _: outbox.standing(transaction))

    async def units_told(self) -> Mapping[str, OrganisationNumber]:
        """The units of which somebody may be told of messages."""
        return await self._access.read(lambda transaction, _: mail_addresses.units_told(transaction))

    async def arrivals_seen(self) -> int | None:
        """The number of the last message that was looked at."""
        return await self._access.read(lambda transaction, _: watched.arrivals_seen(transaction))

    async def note_arrivals(
        self, before: int | None, seen: int, arrived: Sequence[tuple[WatchedMessage, datetime]]
    ) -> bool:
        """Messages were looked at, and are told of."""
        return await self._access.write(
            lambda transaction, now: watched.note_arrivals(transaction, before, seen, arrived, now)
        )

    async def watched_due(self, limit: int) -> tuple[WatchedMessage, ...]:
        """Those to be looked at now."""
        return await self._access.read(lambda transaction, now: watched.watched_due(transaction, limit, now))

    async def settle_watched(
        self, message: WatchedMessage, event: MailEvent | None, *, until: datetime, look_at: datetime | None
    ) -> bool:
        """Tell what became of it, and when it is looked at again."""
        return await self._access.write(
            lambda transaction, now: watched.settle_watched(transaction, message, event, until, look_at, now)
        )
