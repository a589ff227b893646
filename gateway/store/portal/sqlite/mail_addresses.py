"""Notification addresses, and what the links in letters open: functions over a connection, inside a transaction.

SECURITY: a link is kept as a digest and drawn anew each time that its letter is tried; it opens one address of one
organisation, for one use. Whoever changes an address is told on by mail to those that were there before.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import apsw

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
from gateway.store.portal.sqlite.outbox import addresses, queue
from gateway.store.portal.sqlite.papers import note
from gateway.store.portal.sqlite.records import SQL, read_one, run, write
from gateway.store.portal.terms import ADDRESSES_OF_A_DAY, ADDRESSES_OF_ORGANISATION, MAIL_LINK, MAIL_UNCONFIRMED
from gateway.store.portal.tokens import kept_of
from gateway.store.rows import to_microseconds

_DAY: Final = timedelta(days=1)


def add(
    connection: apsw.Connection,
    organisation: OrganisationNumber,
    unit: str,
    address: str,
    kinds: Collection[MailKind],
    by: str,
    now: datetime,
) -> NotificationAddress | AddressRefusal:
    """An address that counts once its link was opened; in place of one that never counted or that bounced."""
    kept = addresses(connection, organisation)
    there = next((each for each in kept if _is_there(each) and (each.unit, each.address) == (unit, address)), None)
    if there is not None and there.counts_since is not None and there.bounced_at is None:
        return AddressRefusal.THERE
    of_today = [each for each in kept if now - each.made_at < _DAY]
    if len(of_today) >= ADDRESSES_OF_A_DAY or sum(map(_is_there, kept)) >= ADDRESSES_OF_ORGANISATION:
        return AddressRefusal.TOO_MANY
    if there is not None:
        _end(connection, there, by, now)
    made = NotificationAddress(
        id=str(uuid.uuid4()),
        organisation=organisation,
        unit=unit,
        address=address,
        kinds=frozenset(kinds),
        made_by=by,
        made_at=now,
    )
    write(connection, "mail_address", rows.columns_of(made))
    note(connection, now, organisation, unit, by, JournalEvent.ADDRESS_ADDED, made.id)
    queue(connection, MailEvent.CONFIRMATION, organisation, unit, address, now, about=made.id)
    return made


def remove(
    connection: apsw.Connection, address_id: str, organisation: OrganisationNumber, by: str, now: datetime
) -> bool:
    """Nothing about messages goes there any more; what touches security does for some days."""
    found = _find(connection, address_id)
    if found is None or found.organisation != organisation or not _is_there(found):
        return False
    _end(connection, found, by, now)
    return True


def kept_addresses(connection: apsw.Connection, organisation: OrganisationNumber) -> tuple[NotificationAddress, ...]:
    """Those that were not removed."""
    return tuple(each for each in addresses(connection, organisation) if _is_there(each))


def units_told(connection: apsw.Connection) -> Mapping[str, OrganisationNumber]:
    """The units of which somebody may be told of messages, each with its organisation."""
    return {str(unit): rows.read_organisation(of) for unit, of in connection.execute(SQL["units_told"])}


def open_link(connection: apsw.Connection, token: str, now: datetime) -> OpenedLink | None:
    """What the link of a letter says now."""
    found = _token(connection, token, now)
    if found is None:
        return None
    of = [each for each in kept_addresses(connection, found.organisation) if each.address == found.address]
    if found.use is TokenUse.CONFIRM:
        of = [each for each in of if each.id == found.about]
        if not of:
            return None
    return OpenedLink(
        token=found,
        units=tuple(each.unit for each in of),
        kinds=frozenset(kind for each in of for kind in each.kinds),
        counts=all(each.counts_since is not None for each in of),
    )


def confirm(connection: apsw.Connection, token: str, now: datetime) -> bool:
    """Whoever reads what is sent there opened its link: it counts from now on."""
    found = _token(connection, token, now)
    address = None if found is None or found.use is not TokenUse.CONFIRM else _find(connection, found.about)
    if address is None or not _is_there(address):
        return False
    if address.counts_since is None:
        write(connection, "mail_address", rows.columns_of(replace(address, counts_since=now)))
        note(connection, now, address.organisation, address.unit, BY_MAIL, JournalEvent.ADDRESS_COUNTS, address.id)
    return True


def change_kinds(
    connection: apsw.Connection,
    address_id: str,
    organisation: OrganisationNumber,
    kinds: Collection[MailKind],
    by: str,
    now: datetime,
) -> bool:
    """The address of a unit is told of these kinds; what waits of another is not sent. Said again, nothing changes."""
    found = _find(connection, address_id)
    if found is None or found.organisation != organisation or not found.unit or not _is_there(found):
        return False
    if found.kinds != frozenset(kinds):
        _set_kinds(connection, found, frozenset(kinds), now)
        note(connection, now, organisation, found.unit, by, JournalEvent.ADDRESS_KINDS, found.id)
    return True


def unsubscribe(connection: apsw.Connection, token: str, kinds: Collection[MailKind], now: datetime) -> bool:
    """The address that the letter went to does without these kinds, of whichever unit."""
    found = _token(connection, token, now)
    if found is None or found.use is not TokenUse.UNSUBSCRIBE:
        return False
    for each in kept_addresses(connection, found.organisation):
        if each.address == found.address and not each.kinds.isdisjoint(kinds):
            _set_kinds(connection, each, each.kinds.difference(kinds), now)
            note(connection, now, each.organisation, each.unit, BY_MAIL, JournalEvent.UNSUBSCRIBED, each.id)
    return True


def _set_kinds(
    connection: apsw.Connection, address: NotificationAddress, kinds: frozenset[MailKind], now: datetime
) -> None:
    write(connection, "mail_address", rows.columns_of(replace(address, kinds=kinds)))
    _drop_lines(connection, address, address.kinds - kinds, now)


def _end(connection: apsw.Connection, address: NotificationAddress, by: str, now: datetime) -> None:
    write(connection, "mail_address", rows.columns_of(replace(address, removed_at=now)))
    _drop_lines(connection, address, address.kinds, now)
    run(connection, "delete_lines_to_confirm", {"about": address.id, "at": to_microseconds(now)})
    note(connection, now, address.organisation, address.unit, by, JournalEvent.ADDRESS_REMOVED, address.id)


def _drop_lines(
    connection: apsw.Connection, address: NotificationAddress, kinds: Collection[MailKind], now: datetime
) -> None:
    for kind in kinds:
        named = rows.columns_of(address) | {"event": MailEvent(kind.value).value, "at": to_microseconds(now)}
        run(connection, "delete_lines_about", named)


def _token(connection: apsw.Connection, token: str, now: datetime) -> MailToken | None:
    bindings = {"token_sha256": kept_of(token), "after": to_microseconds(now - MAIL_LINK)}
    columns = read_one(connection, "mail_token", "mail_token", bindings)
    found = None if columns is None else rows.read_mail_token(columns)
    if found is not None and found.use is TokenUse.CONFIRM and now >= found.made_at + MAIL_UNCONFIRMED:
        return None
    return found


def _find(connection: apsw.Connection, address_id: str) -> NotificationAddress | None:
    columns = read_one(connection, "mail_address", "mail_address_by_id", {"id": address_id})
    return None if columns is None else rows.read_address(columns)


def _is_there(address: NotificationAddress) -> bool:
    return address.removed_at is None
