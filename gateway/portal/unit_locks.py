"""The key sets of a unit and what opens them, with dates and who said yes, as an administrator sees them: no key, and
nothing that a key opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.portal.administering import administering_locks
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.portal import Portal
from gateway.portal.visit import Visit
from gateway.store.portal.model import KeySetState, LockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKeySet:
    """A set that has not ended: who made it when, and since when it is in force by the operator's yes."""

    state: KeySetState
    made_at: ShownMoment | None
    made_by: str | None
    active_since: ShownMoment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLockOf:
    """What opens the keys: whose it is, since when it counts, and who else let its owner in, if somebody did."""

    kind: LockKind
    administers: bool  # it is an administrator's
    person: str | None
    counts_since: ShownMoment | None
    let_in_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLocks:
    """The keys of a unit, newest first, and the locks, oldest first."""

    key_sets: tuple[ShownKeySet, ...]
    locks: tuple[ShownLockOf, ...]


async def unit_locks(unit: str, people: Mapping[str, str | None], visit: Visit, portal: Portal) -> UnitLocks:
    """What there is of one unit; `people` are names by ids."""

    def moment(at: datetime | None) -> ShownMoment | None:
        return None if at is None else shown_moment(at, visit.texts)

    able = await administering_locks(unit, visit.somebody.organisation, portal)
    by_lock = {each.lock: each.wrapped_by for each in await portal.store.copies(unit)}
    return UnitLocks(
        key_sets=tuple(
            ShownKeySet(
                state=each.state,
                made_at=moment(each.made_at),
                made_by=people.get(each.made_by),
                active_since=moment(each.active_since),
            )
            for each in await portal.store.key_sets(unit)
            if each.state is not KeySetState.ENDED
        ),
        locks=tuple(
            ShownLockOf(
                kind=each.kind,
                administers=each.id in able,
                person=people.get(each.person),
                counts_since=moment(each.counts_since),
                let_in_by=None if by_lock.get(each.id) in (None, each.person) else people.get(by_lock[each.id]),
            )
            for each in await portal.store.locks(unit)
        ),
    )
