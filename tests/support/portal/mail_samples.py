"""Notification addresses and letters as the portal's store gets and gives them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from typing import cast

from support.clocks import StandingClock
from support.portal.portal_samples import ADMINISTRATOR, ORGANISATION, UNIT

from gateway.desk_files import FOLDER
from gateway.identity.login import OrganisationNumber
from gateway.jobs.letters import Addressee, Letterhead
from gateway.jobs.mail_round import MailRound
from gateway.jobs.message_news import MessageNews
from gateway.pages.texts import read_texts
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import UNSUBSCRIBABLE, Letter, MailKind, NotificationAddress, WatchedMessage

OFFICE = "beheer@organisatie.example"
DESK = "loket@organisatie.example"
FORENOON = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # 11:00 in the Netherlands


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


def round_of(
    store: PortalStore,
    look: Callable[[], Awaitable[None]],
    send: Callable[[EmailMessage], Awaitable[None]],
    clock: StandingClock,
) -> MailRound:
    """A round that looks for news and sends letters so, in Dutch."""
    head = Letterhead(
        sender="meldingen@hub.example",
        origin="https://portaal.example",
        helpdesk="010 123 45 67",
        texts=read_texts(FOLDER / "texts"),
        named=lambda _organisation, unit: Addressee(name=unit or "de organisatie", language="nl"),
    )
    news = cast(MessageNews, SimpleNamespace(look=look))
    return MailRound(store, news, head, send, clock, lambda _event, /, **_fields: None)
