"""Whose locks are an administrator's, by the signed roster of a unit: what only such a lock opens is the organisation's
key, which signs its settings and lets colleagues in.

SECURITY: it is shown, and keeps a stranger out of a ceremony. Whether a lock opens that key is judged in the browser,
by what lies under the lock itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from gateway.identity.login import OrganisationNumber
from gateway.portal.portal import Portal
from gateway.store.portal.model import DocumentKind


async def administering_locks(unit: str, organisation: OrganisationNumber, portal: Portal) -> frozenset[str]:
    """The ids of the locks that the newest roster of a unit lists as those of an administrator, finished or not."""
    roster = await portal.store.document(DocumentKind.ROSTER, organisation=organisation, unit=unit)
    listed = [] if roster is None else json.loads(roster.octets).get("locks")
    able = (each for each in listed if isinstance(each, dict) and each.get("administers") is True)
    return frozenset(str(each.get("id")) for each in able)


async def people_administering(
    units: Iterable[str], organisation: OrganisationNumber, portal: Portal
) -> frozenset[str]:
    """The ids of the people who have an administrator's lock that counts, at any of those units."""
    found: set[str] = set()
    for unit in units:
        able = await administering_locks(unit, organisation, portal)
        locks = await portal.store.locks(unit)
        found.update(each.person for each in locks if each.id in able and each.counts_since is not None)
    return frozenset(found)
