"""Notification addresses, and what the links in letters open: functions inside a transaction.

SECURITY: a link is kept as a digest and drawn anew each time that its letter is tried; it opens one address of one
organisation, for one use. Whoever changes an address is told on by mail to those that were there before.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.mail import (
    BY_MAIL,
    AddressRefusal,
    MailEvent,
    MailKind,
    MailToken,
    NotificationAddress,
    OpenedLink,
    TokenUse,
)
from gateway.store.portal.model import JournalEvent
from gateway.store.portal.terms import ADDRESSES_OF_A_DAY, ADDRESSES_OF_ORGANISATION, MAIL_LINK, MAIL_UNCONFIRMED
from gateway.store.portal.tokens import kept_of
from gateway.store.portal.verbs.outbox import addresses, queue
from gateway.store.portal.verbs.papers import note
from gateway.store.portal.verbs.records import PortalRows, read_one, run, write
from gateway.store.rows import to_microseconds

_DAY: Final = timedelta(days=1)


async def add(
    transaction: PortalRows,
    organisation: OrganisationNumber,
    unit: str,
    address: str,
    kinds: Collection[MailKind],
    by: str,
    now: datetime,
) -> NotificationAddress | AddressRefusal:
    """An address that counts once its link was opened; in place of one that never counted or that bounced."""
    kept = await addresses(transaction, organisation)
    there = next((each for each in kept if _is_there(each) and (each.unit, each.address) == (unit, address)), None)
    if there is not None and there.counts_since is not None and there.bounced_at is None:
        return AddressRefusal.THERE
    of_today = [each for each in kept if now - each.made_at < _DAY]
    if len(of_today) >= ADDRESSES_OF_A_DAY or sum(map(_is_there, kept)) >= ADDRESSES_OF_ORGANISATION:
        return AddressRefusal.TOO_MANY
    if there is not None:
        await _end(transaction, there, by, now)
    made = NotificationAddress(
        id=str(uuid.uuid4()),
        organisation=organisation,
        unit=unit,
        address=address,
        kinds=frozenset(kinds),
        made_by=by,
        made_at=now,
    )
    await write(transaction, "mail_address", rows.address_columns(made))
    await note(transaction, now, organisation, unit, by, JournalEvent.ADDRESS_ADDED, made.id)
    await queue(transaction, MailEvent.CONFIRMATION, organisation, unit, address, now, about=made.id)
    return made


async def remove(
    transaction: PortalRows, address_id: str, organisation: OrganisationNumber, by: str, now: datetime
) -> bool:
    """Nothing about messages goes there any more; what touches security does for some days."""
    found = await _find(transaction, address_id)
    if found is None or found.organisation != organisation or not _is_there(found):
        return False
    await _end(transaction, found, by, now)
    return True


async def kept_addresses(transaction: PortalRows, organisation: OrganisationNumber) -> tuple[NotificationAddress, ...]:
    """Those that were not removed."""
    return tuple(each for each in await addresses(transaction, organisation) if _is_there(each))


async def units_told(transaction: PortalRows) -> Mapping[str, OrganisationNumber]:
    """The units of which somebody may be told of messages, each with its organisation."""
    return {str(unit): rows.read_organisation(of) for unit, of in await transaction.select("units_told", {})}


async def open_link(transaction: PortalRows, token: str, now: datetime) -> OpenedLink | None:
    """What the link of a letter says now."""
    found = await _token(transaction, token, now)
    if found is None:
        return None
    of = [each for each in await kept_addresses(transaction, found.organisation) if each.address == found.address]
    if found.use is TokenUse.CONFIRM:
        of = [each for each in of if each.id == found.about]
        if not of:
            return None
    return OpenedLink(
        token=found,
        units=tuple(each.unit for each in of),
        kinds=frozenset(kind for each in of for kind in each.kinds),
        ended=frozenset(kind for each in of for kind in each.ended),
        counts=all(each.counts_since is not None for each in of),
    )


async def confirm(transaction: PortalRows, token: str, now: datetime) -> bool:
    """Whoever reads what is sent there opened its link: it counts from now on."""
    found = await _token(transaction, token, now)
    address = None if found is None or found.use is not TokenUse.CONFIRM else await _find(transaction, found.about)
    if address is None or not _is_there(address):
        return False
    if address.counts_since is None:
        await write(transaction, "mail_address", rows.address_columns(replace(address, counts_since=now)))
        await note(
            transaction, now, address.organisation, address.unit, BY_MAIL, JournalEvent.ADDRESS_COUNTS, address.id
        )
    return True


async def change_kinds(
    transaction: PortalRows,
    address_id: str,
    organisation: OrganisationNumber,
    kinds: Collection[MailKind],
    by: str,
    now: datetime,
) -> bool:
    """The address of a unit is told of these kinds, less what its reader ended; what waits of another is not sent.
    Said again, nothing changes.
    """
    found = await _find(transaction, address_id)
    if found is None or found.organisation != organisation or not found.unit or not _is_there(found):
        return False
    wanted = frozenset(kinds) - found.ended
    if found.kinds != wanted:
        await _set_kinds(transaction, found, wanted, found.ended, now)
        await note(transaction, now, organisation, found.unit, by, JournalEvent.ADDRESS_KINDS, found.id)
    return True


async def unsubscribe(transaction: PortalRows, token: str, kinds: Collection[MailKind], now: datetime) -> bool:
    """The address that the letter went to does without these kinds, of whichever unit, until its reader begins them
    again or confirms the address anew: whoever administers addresses does not.
    """
    found = await _token(transaction, token, now)
    if found is None or found.use is not TokenUse.UNSUBSCRIBE:
        return False
    for each in await kept_addresses(transaction, found.organisation):
        ended = each.ended.union(kinds)
        if each.address == found.address and each.unit and ended != each.ended:
            await _set_kinds(transaction, each, each.kinds - ended, ended, now)
            await note(transaction, now, each.organisation, each.unit, BY_MAIL, JournalEvent.UNSUBSCRIBED, each.id)
    return True


async def begin_again(transaction: PortalRows, token: str, kinds: Collection[MailKind], now: datetime) -> bool:
    """The reader of that letter wants these kinds again, where he ended them."""
    found = await _token(transaction, token, now)
    if found is None or found.use is not TokenUse.UNSUBSCRIBE:
        return False
    for each in await kept_addresses(transaction, found.organisation):
        again = each.ended.intersection(kinds)
        if each.address == found.address and again:
            await _set_kinds(transaction, each, each.kinds | again, each.ended - again, now)
            await note(transaction, now, each.organisation, each.unit, BY_MAIL, JournalEvent.ADDRESS_KINDS, each.id)
    return True


async def _set_kinds(
    transaction: PortalRows,
    address: NotificationAddress,
    kinds: frozenset[MailKind],
    ended: frozenset[MailKind],
    now: datetime,
) -> None:
    await write(transaction, "mail_address", rows.address_columns(replace(address, kinds=kinds, ended=ended)))
    await _drop_lines(transaction, address, address.kinds - kinds, now)


async def _end(transaction: PortalRows, address: NotificationAddress, by: str, now: datetime) -> None:
    await write(transaction, "mail_address", rows.address_columns(replace(address, removed_at=now)))
    await _drop_lines(transaction, address, address.kinds, now)
    await run(transaction, "delete_lines_to_confirm", {"about": address.id, "at": to_microseconds(now)})
    await note(transaction, now, address.organisation, address.unit, by, JournalEvent.ADDRESS_REMOVED, address.id)


async def _drop_lines(
    transaction: PortalRows, address: NotificationAddress, kinds: Collection[MailKind], now: datetime
) -> None:
    for kind in kinds:
        named = rows.columns_of(address) | {"event": MailEvent(kind.value).value, "at": to_microseconds(now)}
        await run(transaction, "delete_lines_about", named)


async def _token(transaction: PortalRows, token: str, now: datetime) -> MailToken | None:
    bindings = {"token_sha256": kept_of(token), "after": to_microseconds(now - MAIL_LINK)}
    columns = await read_one(transaction, "mail_token", "mail_token", bindings)
    found = None if columns is None else rows.read_mail_token(columns)
    if found is not None and found.use is TokenUse.CONFIRM and now >= found.made_at + MAIL_UNCONFIRMED:
        return None
    return found


async def _find(transaction: PortalRows, address_id: str) -> NotificationAddress | None:
    columns = await read_one(transaction, "mail_address", "mail_address_by_id", {"id": address_id})
    return None if columns is None else rows.read_address(columns)


def _is_there(address: NotificationAddress) -> bool:
    return address.removed_at is None
