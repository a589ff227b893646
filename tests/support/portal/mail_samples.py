"""Notification addresses and letters as the portal's store gets and gives them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from support.portal.portal_samples import ADMINISTRATOR, ORGANISATION, UNIT

from gateway.identity.login import OrganisationNumber
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import UNSUBSCRIBABLE, Letter, MailKind, NotificationAddress, WatchedMessage

OFFICE = "beheer@organisatie.example"
DESK = "loket@organisatie.example"


async def asked(
    store: PortalStore,
    address: str = DESK,
    *,
    unit: str = UNIT,
    kinds: Collection[MailKind] = UNSUBSCRIBABLE,
    organisation: OrganisationNumber = ORGANISATION,
) -> NotificationAddress:
    """An address whose link nobody opened."""
    made = await store.add_address(address, organisation=organisation, unit=unit, kinds=kinds, by=ADMINISTRATOR)
    assert isinstance(made, NotificationAddress)
    return made


async def counting_address(
    store: PortalStore,
    address: str = DESK,
    *,
    unit: str = UNIT,
    kinds: Collection[MailKind] = UNSUBSCRIBABLE,
    organisation: OrganisationNumber = ORGANISATION,
) -> NotificationAddress:
    """An address whose link was opened; what is told of that has been sent."""
    made = await asked(store, address, unit=unit, kinds=kinds, organisation=organisation)
    for letter in await all_letters(store):
        if letter.lines[0].about == made.id:
            assert await store.confirm_address(letter.token)
    await all_letters(store)
    found = {each.id: each for each in await store.addresses(organisation)}
    return found[made.id]


async def all_letters(store: PortalStore) -> list[Letter]:
    """What is due now, as a server that takes everything gets it."""
    letters = []
    while letter := await store.take_letter():
        letters.append(letter)
        await store.letter_sent(letter)
    return letters


async def arrives(
    store: PortalStore,
    now: datetime,
    *,
    number: int = 1,
    unit: str = UNIT,
    organisation: OrganisationNumber = ORGANISATION,
    until: timedelta = timedelta(days=6),
) -> WatchedMessage:
    """A message for the unit comes into the hub, and is looked at."""
    watched = WatchedMessage(
        message_id=f"m{number}@hub",
        unit=unit,
        organisation=organisation,
        look_at=now + until - timedelta(days=2),
        reminded=False,
    )
    assert await store.note_arrivals(await store.arrivals_seen(), number, [(watched, now + until)])
    return watched
