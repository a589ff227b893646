"""From a number in a login to the units that work at a desk, by the P-Modes in force.

A unit is a party that an organisation's file says is `access: desk`: the organisation itself, or a business unit of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.ebms.party_ids import kvk_in, rsin_in
from gateway.identity.login import OrganisationNumber, OrganisationNumberKind
from gateway.portal.rights import Visitor
from pmodes.configuration import Configuration
from pmodes.model import Organisation


def desk_units(configuration: Configuration, number: OrganisationNumber) -> tuple[Organisation, ...]:
    """The units of the organisation with that number, by name."""
    found = (each for each in configuration.organisations if each.access == "desk" and _is_of(each, number))
    return tuple(sorted(found, key=lambda each: (each.name, each.party_id)))


def system_parties(configuration: Configuration, number: OrganisationNumber) -> tuple[Organisation, ...]:
    """The parties of the organisation with that number that have a system of their own, by name."""
    found = (each for each in configuration.organisations if each.access == "system" and _is_of(each, number))
    return tuple(sorted(found, key=lambda each: (each.name, each.party_id)))


def numbers_of(configuration: Configuration, unit: str) -> tuple[OrganisationNumber, ...]:
    """The numbers under which people log in for that unit, that of the trade register first; none where no such unit
    works at a desk.
    """
    found = configuration.by_party.get(unit)
    if found is None or found.access != "desk":
        return ()
    kinds: tuple[OrganisationNumberKind, ...] = ("KVK", "RSIN")
    return tuple(
        OrganisationNumber(kind=kind, value=value)
        for kind in kinds
        for value in dict.fromkeys(_numbers_of(found, kind))
        if value is not None
    )


def reached_systems(configuration: Configuration, visitor: Visitor) -> tuple[Organisation, ...]:
    """Those of them that the visitor administers: all, or where the mandate is for one branch, that one's."""
    of_branch = {configuration.by_party[each].establishment for each in visitor.administers}
    found = system_parties(configuration, visitor.organisation)
    return found if visitor.is_whole else tuple(each for each in found if each.establishment in of_branch)


def is_known(configuration: Configuration, number: OrganisationNumber) -> bool:
    """Whether anything of that organisation stands in the P-Modes, at a desk or with a system."""
    return any(_is_of(each, number) for each in configuration.organisations)


def in_branch(units: tuple[Organisation, ...], branch: str | None) -> tuple[Organisation, ...]:
    """Those that a mandate reaches: all of them, or the one of that establishment."""
    return units if branch is None else tuple(each for each in units if each.establishment == branch)


def name_of(configuration: Configuration, number: OrganisationNumber) -> str:
    """What the organisation is called; its number where nobody says."""
    for each in configuration.organisations:
        if _is_of(each, number):
            return each.name if each.unit_of is None else each.unit_of.name
    return f"{number.kind} {number.value}"


def _is_of(organisation: Organisation, number: OrganisationNumber) -> bool:
    return number.value in _numbers_of(organisation, number.kind)


def _numbers_of(organisation: Organisation, kind: str) -> Iterator[str | None]:
    of_parties = (each.value for each in organisation.party_ids)
    if kind == "KVK":
        yield organisation.kvk
        yield from map(kvk_in, of_parties)
    else:
        yield from map(rsin_in, of_parties)
