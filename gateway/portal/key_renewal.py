"""Whether the keys of a unit are to be renewed because somebody left.

Unlinking took his locks and his login; what he may have kept of the keys opens what is sealed to them until there are
others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.store.portal.model import KeySet, KeySetState, Link


def is_renewal_due(unit: str, sets: Sequence[KeySet], links: Sequence[Link]) -> bool:
    """Whether somebody left after the set in force was made; `links` with those that ended. A set that waits for the
    operator changes nothing yet.
    """
    active = next((each for each in sets if each.state is KeySetState.ACTIVE), None)
    if active is None or active.made_at is None:
        return False
    return any(until >= active.made_at for until in who_left(unit, links).values())


def who_left(unit: str, links: Sequence[Link]) -> Mapping[str, datetime]:
    """The persons who worked for the unit and do no more, and when that ended last; `links` with those that ended."""
    of_unit = [each for each in links if each.unit == unit]
    here = {each.person.id for each in of_unit if each.until is None}
    ended = sorted((each.until, each.person.id) for each in of_unit if each.until is not None)
    return {person: until for until, person in ended if person not in here}
