"""Mijn sleutel, as the server knows it: which units have a key set, and which locks of whom.

What makes, opens and wraps keys is in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal.administering import administering_locks
from gateway.portal.key_renewal import is_renewal_due
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.portal.model import KeySet, KeySetState


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLock:
    """One lock of whoever asks."""

    id: str
    kind: str
    name: str
    made_at: ShownMoment | None
    is_synced: bool  # its passkey is copied to other devices
    counts: bool
    administers: bool  # it is an administrator's


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysOfUnit:
    """The keys of one unit; `state` is that of its newest set, None where there is none."""

    unit: str
    name: str
    state: KeySetState | None
    own_locks: tuple[ShownLock, ...]
    wants_new_keys: bool  # somebody left since the keys in force were made
    former_wait: bool  # something may wait under keys of before, which stay until then
    former_gone_at: ShownMoment | None  # since when there are none of before any more; None where there never were


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysView:
    """The keys of every unit that whoever asks works for or administers."""

    units: tuple[KeysOfUnit, ...]


async def keys(visit: Visit, portal: Portal) -> Outcome:
    """How the keys of one's units stand."""
    visitor = visit.somebody
    by_party = portal.hub.configuration().by_party
    own = visitor.linked | visitor.administers
    units = sorted((by_party[each] for each in own if each in by_party), key=lambda each: each.name)
    return Shown(view=KeysView(units=tuple([await _of(each.party_id, each.name, visit, portal) for each in units])))


async def _of(unit: str, name: str, visit: Visit, portal: Portal) -> KeysOfUnit:
    sets = await portal.store.key_sets(unit)
    links = await portal.store.links(visit.somebody.organisation, ended=True)
    able = await administering_locks(unit, visit.somebody.organisation, portal)
    own = [each for each in await portal.store.locks(unit) if each.person == visit.somebody.person]
    return KeysOfUnit(
        unit=unit,
        name=name,
        state=sets[0].state if sets else None,
        wants_new_keys=is_renewal_due(unit, sets, links),
        former_wait=any(each.state is KeySetState.RETIRED for each in sets),
        former_gone_at=_gone_at(sets, visit),
        own_locks=tuple(
            ShownLock(
                id=each.id,
                kind=each.kind.value,
                name=each.name,
                made_at=None if each.made_at is None else shown_moment(each.made_at, visit.texts),
                is_synced=each.is_backup_eligible,
                counts=each.counts_since is not None,
                administers=each.id in able,
            )
            for each in own
        ),
    )


def _gone_at(sets: Sequence[KeySet], visit: Visit) -> ShownMoment | None:
    moments = [each.ended_at for each in sets if each.ended_at is not None and each.retired_at is not None]
    return shown_moment(max(moments), visit.texts) if moments else None
