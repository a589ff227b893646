"""Meldingen per e-mail, for administrators: which addresses are told of what, whether they count, adding and removing.

SECURITY: a login of a quarter of an hour ago at most changes addresses, whatever is changed is told to those that were
there before, and an address counts once somebody who reads what comes there said so. Those of the whole organisation,
and of a unit that left, are seen and changed by a mandate for the whole organisation alone. Nothing here tells the
operator, or another organisation, which addresses there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final, TypeAlias

from gateway.addresses import MOST_MAIL_ADDRESS_CHARACTERS, read_mail_address
from gateway.identity.login import OrganisationNumber
from gateway.portal.faults import Missing
from gateway.portal.fields import WrongField, typed
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.organisations import desk_units
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, See, Shown, Visit
from gateway.portal.young_login import want_young
from gateway.store.portal.mail import UNSUBSCRIBABLE, AddressRefusal, MailKind, NotificationAddress

PAGE: Final = "/organisatie/meldingen"
WHOLE: Final = "organisation"  # in the place of a unit, in forms: an address of the organisation
Choice: TypeAlias = tuple[str, str]


class AddressState(StrEnum):
    """How an address stands; each has its sentence."""

    ASKED = "asked"  # its link was not opened
    COUNTS = "counts"
    BOUNCED = "bounced"


class WantedAddress(StrEnum):
    """Which address is asked for: until there are two, whoever changes something may be the only one to hear of it."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAddress:
    """One address; `bounce` is what the server said that refused it, and `at` the moment of its state."""

    id: str
    address: str
    unit: str
    unit_name: str | None  # None: the organisation
    kinds: tuple[MailKind, ...]
    ended: tuple[MailKind, ...]  # by whoever reads what comes there, who alone begins them again
    state: AddressState
    at: ShownMoment
    bounce: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsView:
    """All addresses, and what another may be of; `sends` is whether this hub sends mail at all. Where the form had a
    fault, `fault` is its text, at the field `fault_at`, and `typed` what stood in its fields.
    """

    sends: bool
    addresses: tuple[ShownAddress, ...]
    units: tuple[Choice, ...]
    kinds: tuple[MailKind, ...]
    typed: Mapping[str, str]
    asked: str | None = None
    fault: str | None = None
    fault_at: str | None = None


async def notifications(visit: Visit, portal: Portal) -> Outcome:
    """The addresses, and the form for another."""
    return Shown(view=await _view(visit, portal))


async def add(visit: Visit, portal: Portal) -> Outcome:
    """Ask an address for its yes, by mail; what does not fit is said at its field. One that bounced is asked again."""
    visitor = visit.somebody
    unit = visit.said("unit")
    if unit not in visitor.administers and not (unit == WHOLE and visitor.is_whole):
        raise Missing("no unit of theirs")
    if not portal.facts.sends_mail:
        raise Missing("no mail is sent")
    want_young(visit)
    kinds = frozenset(each for each in UNSUBSCRIBABLE if unit != WHOLE and visit.says(each.value))
    try:
        found = await portal.store.add_address(
            _address_typed(visit),
            organisation=visitor.organisation,
            unit="" if unit == WHOLE else unit,
            kinds=kinds,
            by=visitor.person,
        )
        if isinstance(found, AddressRefusal):
            raise WrongField("address", f"fault.address.{found}")
    except WrongField as fault:
        view = await _view(visit, portal, fault=fault)
        return Shown(view=view, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    portal.log("portal_address_added", party=found.unit or None, by=visitor.person)
    return See(path=PAGE)


async def change_kinds(visit: Visit, portal: Portal) -> Outcome:
    """An address of a unit is told of other messages than before; it stays confirmed. What its reader ended stays
    ended, though an older form ticks it.
    """
    visitor = visit.somebody
    want_young(visit)
    address = visit.said("address")
    kinds = frozenset(each for each in UNSUBSCRIBABLE if visit.says(each.value))
    shown = {each.id: each for each in await shown_addresses(visit, portal)}
    if address not in shown or not await portal.store.change_kinds(
        address, organisation=visitor.organisation, kinds=kinds, by=visitor.person
    ):
        raise Missing("no address of a unit of theirs")
    portal.log("portal_address_kinds", party=shown[address].unit, by=visitor.person)
    return See(path=PAGE)


async def remove(visit: Visit, portal: Portal) -> Outcome:
    """Nothing about messages goes there any more."""
    visitor = visit.somebody
    want_young(visit)
    address = visit.said("address")
    shown = {each.id: each for each in await shown_addresses(visit, portal)}
    if address not in shown or not await portal.store.remove_address(
        address, organisation=visitor.organisation, by=visitor.person
    ):
        raise Missing("no address of theirs")
    portal.log("portal_address_removed", party=shown[address].unit or None, by=visitor.person)
    return See(path=PAGE)


async def wanted_address(
    units: Collection[str], organisation: OrganisationNumber, portal: Portal
) -> WantedAddress | None:
    """Which address is to be asked for, so that changes of each of these units ("" for the organisation) are heard of
    by two; None where they are, or where this hub sends no mail. One that a server refused hears nothing for sure.
    """
    if not portal.facts.sends_mail:
        return None
    heard = [
        each
        for each in await portal.store.addresses(organisation)
        if each.counts_since is not None and each.bounced_at is None
    ]
    fewest = min((len({each.address for each in heard if each.hears_of(unit)}) for unit in units), default=0)
    return {0: WantedAddress.FIRST, 1: WantedAddress.SECOND}.get(fewest)


def _address_typed(visit: Visit) -> str:
    said = typed(visit, "address", "fault.address", most=MOST_MAIL_ADDRESS_CHARACTERS)
    try:
        return read_mail_address(said)
    except ValueError:
        raise WrongField("address", "fault.address") from None


async def shown_addresses(visit: Visit, portal: Portal) -> tuple[NotificationAddress, ...]:
    """All; where the administrator's login is for one branch, those of its units."""
    visitor = visit.somebody
    found = await portal.store.addresses(visitor.organisation)
    return tuple(each for each in found if visitor.is_whole or each.unit in visitor.administers)


async def _view(visit: Visit, portal: Portal, *, fault: WrongField | None = None) -> NotificationsView:
    visitor = visit.somebody
    units = {
        each.party_id: each.name
        for each in desk_units(portal.hub.configuration(), visitor.organisation)
        if each.party_id in visitor.administers
    }
    fields = ("unit", "address", *(each.value for each in UNSUBSCRIBABLE))
    return NotificationsView(
        sends=portal.facts.sends_mail,
        addresses=tuple(_shown(each, units, visit) for each in await shown_addresses(visit, portal)),
        units=(*units.items(), *([(WHOLE, visit.texts("notifications.whole"))] if visitor.is_whole else [])),
        kinds=UNSUBSCRIBABLE,
        typed={} if fault is None else {each: _kept(visit, each) for each in fields if visit.says(each)},
        asked=None if fault is None else "add",
        fault=None if fault is None else fault.text,
        fault_at=None if fault is None else fault.field,
    )


def _kept(visit: Visit, field: str) -> str:
    """What stood in a field, to be shown in it again."""
    said = visit.json.get(field, "") if isinstance(visit.json, dict) else visit.form.get(field, "")
    return str(said)[:MOST_MAIL_ADDRESS_CHARACTERS]


def _shown(address: NotificationAddress, units: Mapping[str, str], visit: Visit) -> ShownAddress:
    if address.bounced_at is not None:
        state, at = AddressState.BOUNCED, address.bounced_at
    elif address.counts_since is not None:
        state, at = AddressState.COUNTS, address.counts_since
    else:
        state, at = AddressState.ASKED, address.made_at
    return ShownAddress(
        id=address.id,
        address=address.address,
        unit=address.unit or WHOLE,
        unit_name=None if not address.unit else units.get(address.unit, address.unit),
        kinds=tuple(each for each in UNSUBSCRIBABLE if each in address.kinds),
        ended=tuple(each for each in UNSUBSCRIBABLE if each in address.ended),
        state=state,
        at=shown_moment(at, visit.texts),
        bounce=address.bounce,
    )
