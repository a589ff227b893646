"""An organisation has one key of its own, whichever of its units made it, and by that one chain of settings.

SECURITY: a second key would sign settings that browsers of the other units refuse, and end their chain. So a set of
keys comes under the organisation's key that is there; another one comes from an administrator, and where other units
hold keys only if that administrator says that all locks of the whole organisation are lost.
"""

from __future__ import annotations

from http import HTTPStatus

from gateway.portal.faults import Missing, NotAllowed, PortalFault
from gateway.portal.organisations import desk_units
from gateway.portal.portal import Portal
from gateway.portal.visit import Visit
from gateway.store.portal.model import KeySet, KeySetState, holders_of_key, key_in_force, newest_set


async def organisation_key(visit: Visit, portal: Portal) -> bytes:
    """The key that the operator approved last, whose words he has heard: what it signs counts for all units."""
    key = key_in_force(await _sets(visit, portal))
    if key is None:
        raise Missing("no set is in force")
    return key


async def key_holders(visit: Visit, portal: Portal) -> frozenset[str]:
    """The units of the organisation that hold the key that counts."""
    return holders_of_key(await _sets(visit, portal))


async def want_own_key(key: bytes, visit: Visit, portal: Portal) -> None:
    """Refuse a set of keys under another key of the organisation, but from whom it may come.

    The roster of a set that is asked for is in force at once, and whoever pinned another key is let in by it no more;
    so within a unit another key is an administrator's to bring, or of who takes back what he asked for himself.
    """
    visitor, unit = visit.somebody, visit.unit
    sets = await _sets(visit, portal)
    strange = [
        each
        for each in sets
        if each.unit == unit
        and each.organisation_key != key
        and not (each.state is KeySetState.PROPOSED and each.made_by == visitor.person)
    ]
    if strange and unit not in visitor.administers:
        raise NotAllowed(detail="a set under another key of the organisation")
    counting = [each for each in sets if each.state is KeySetState.ACTIVE] or sets
    if not counting or newest_set(counting).organisation_key == key:
        return
    if not any(
        each.unit != unit and each.organisation_key == newest_set(counting).organisation_key for each in counting
    ):
        return  # the key that counts is this unit's own affair
    if not (isinstance(visit.json, dict) and visit.json.get("lost") is True):
        raise PortalFault(HTTPStatus.CONFLICT, "error.other_organisation_key", detail="another key of the organisation")
    if unit not in visitor.administers:
        raise NotAllowed(detail="only an administrator can say that all is lost")


def units_of(visit: Visit, portal: Portal) -> list[str]:
    """The party ids of all units of the organisation that work at a desk."""
    return [each.party_id for each in desk_units(portal.hub.configuration(), visit.somebody.organisation)]


async def _sets(visit: Visit, portal: Portal) -> list[KeySet]:
    """Those of all units of the organisation that have not ended."""
    found = [each for unit in units_of(visit, portal) for each in await portal.store.key_sets(unit)]
    return [each for each in found if each.state is not KeySetState.ENDED]
