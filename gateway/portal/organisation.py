"""Mijn organisatie, for administrators: units, who works for which, pairing an employee by code, ending that; and the
name that everybody types for himself.

SECURITY: a login of a quarter of an hour ago at most links and unlinks, so that a desk left open lets nobody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from gateway.portal.administering import people_administering
from gateway.portal.faults import Missing
from gateway.portal.key_renewal import is_renewal_due
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.names import name_said
from gateway.portal.notifications import WantedAddress, wanted_address
from gateway.portal.organisations import desk_units, name_of
from gateway.portal.portal import Portal
from gateway.portal.unit_locks import UnitLocks, unit_locks
from gateway.portal.visit import Outcome, See, Shown, Visit
from gateway.portal.young_login import want_young
from gateway.store.portal.model import Link, PairingRefusal, Person
from pmodes.configuration import Configuration

PAGE: Final = "/organisatie"
_KEYS_PAGE: Final = "/sleutel"
WantedAdministrator = Literal["login", "lock"]
_ADMINISTRATORS: Final = 2  # one falls ill, and the second says yes to an account


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEmployee:
    """Somebody who works for a unit."""

    id: str
    name: str | None
    since: ShownMoment
    last_login: ShownMoment
    is_oneself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownUnit:
    """One unit, with its people."""

    id: str
    name: str
    employees: tuple[ShownEmployee, ...]
    has_oneself: bool
    has_keys: bool  # in force
    wants_new_keys: bool  # somebody left since the keys in force were made
    keyring: UnitLocks


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """The organisation; `fault` is the key of what was wrong with a form, at the unit `fault_at`."""

    name: str
    number: str
    units: tuple[ShownUnit, ...]
    wants_second: WantedAdministrator | None  # else one person is on his own as administrator
    wants_address: WantedAddress | None  # else nobody, or the one who changes something, hears of it by mail
    own_name: str | None
    oneself: str  # the id of whoever asks, by which to be linked without a code
    fault: str | None = None
    fault_at: str | None = None


async def organisation(visit: Visit, portal: Portal) -> Outcome:
    """The units and their people."""
    return Shown(view=await _view(visit, portal))


async def pair(visit: Visit, portal: Portal) -> Outcome:
    """Link whoever reads out this code; a wrong one is said at its field, and tries are limited. Without a code it is
    somebody who is known: oneself, or who works for another unit already.
    """
    visitor = visit.somebody
    want_young(visit)
    if visit.says("person"):
        person = visit.said("person")
        if not await portal.store.link(person, organisation=visitor.organisation, unit=visit.unit, by=visitor.person):
            raise Missing("nobody who can be linked so")
        portal.log("portal_linked", person=person, party=visit.unit, by=visitor.person)
        return See(path=PAGE)
    found = await portal.store.link_by_code(
        visit.said("code", most=40), organisation=visitor.organisation, unit=visit.unit, by=visitor.person
    )
    if isinstance(found, Person):
        portal.log("portal_linked", person=found.id, party=visit.unit, by=visitor.person)
        return See(path=PAGE)
    portal.log("portal_pairing_refused", party=visit.unit, by=visitor.person, detail=found.value)
    fault = "pairing.too_many" if found is PairingRefusal.TOO_MANY else "pairing.wrong"
    status = HTTPStatus.TOO_MANY_REQUESTS if found is PairingRefusal.TOO_MANY else HTTPStatus.UNPROCESSABLE_ENTITY
    return Shown(view=await _view(visit, portal, fault=fault, at=visit.unit), status=status)


async def unlink(visit: Visit, portal: Portal) -> Outcome:
    """End somebody's link: sessions and locks of that person go with it, and new keys are next where there are any."""
    visitor, person = visit.somebody, visit.said("person")
    want_young(visit)
    if not await portal.store.unlink(person, organisation=visitor.organisation, unit=visit.unit, by=visitor.person):
        raise Missing("no such link")
    portal.log("portal_unlinked", person=person, party=visit.unit, by=visitor.person)
    links = await portal.store.links(visitor.organisation, ended=True)
    is_due = is_renewal_due(visit.unit, await portal.store.key_sets(visit.unit), links)
    return See(path=_KEYS_PAGE if is_due else PAGE)


async def name(visit: Visit, portal: Portal) -> Outcome:
    """What colleagues see of whoever asks."""
    await portal.store.name_person(visit.somebody.person, name_said(visit))
    return See(path=PAGE if visit.somebody.administers else "/berichten")


async def _view(visit: Visit, portal: Portal, *, fault: str | None = None, at: str | None = None) -> OrganisationView:
    visitor, configuration = visit.somebody, portal.hub.configuration()
    every = await portal.store.links(visitor.organisation, ended=True)
    links = [each for each in every if each.until is None]
    people = {each.id: each.name for each in await portal.store.persons(visitor.organisation)}
    units = [each for each in desk_units(configuration, visitor.organisation) if each.party_id in visitor.administers]
    return OrganisationView(
        name=name_of(configuration, visitor.organisation),
        number=f"{visitor.organisation.kind} {visitor.organisation.value}",
        units=tuple(
            [
                ShownUnit(
                    id=each.party_id,
                    name=each.name,
                    employees=tuple(_shown(link, visit) for link in links if link.unit == each.party_id),
                    has_oneself=each.party_id in visitor.linked,
                    has_keys=bool(each.encryption_certificates),
                    wants_new_keys=is_renewal_due(each.party_id, await portal.store.key_sets(each.party_id), every),
                    keyring=await unit_locks(each.party_id, people, visit, portal),
                )
                for each in units
            ]
        ),
        wants_second=await _wanted_second(configuration, visit, portal),
        wants_address=await wanted_address([each.party_id for each in units], visitor.organisation, portal),
        own_name=visitor.name,
        oneself=visitor.person,
        fault=fault,
        fault_at=at,
    )


async def _wanted_second(configuration: Configuration, visit: Visit, portal: Portal) -> WantedAdministrator | None:
    """What is missing to a second administrator: a login for administration, or a lock by which somebody acts."""
    organisation = visit.somebody.organisation
    if len(await portal.store.administrators(organisation)) < _ADMINISTRATORS:
        return "login"
    units = [each.party_id for each in desk_units(configuration, organisation)]
    able = await people_administering(units, organisation, portal)
    return "lock" if units and len(able) < _ADMINISTRATORS else None


def _shown(link: Link, visit: Visit) -> ShownEmployee:
    person = link.person
    return ShownEmployee(
        id=person.id,
        name=person.name,
        since=shown_moment(link.since, visit.texts),
        last_login=shown_moment(person.logged_in_at, visit.texts),
        is_oneself=person.id == visit.somebody.person,
    )
