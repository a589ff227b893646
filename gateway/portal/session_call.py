"""What a script asks of the session: who it is, of which units, until when, and to go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.portal.organisations import name_of
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something with an id and a name."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session, as its own browser may know it."""

    person: Named
    kind: str
    organisation: Named
    units: tuple[Named, ...]
    administers: tuple[Named, ...]
    token: str
    idle_ends_at: datetime
    ends_at: datetime


async def session(visit: Visit, portal: Portal) -> Outcome:
    """The session; having asked lets its idle time begin anew."""
    visitor, configuration = visit.somebody, portal.hub.configuration()

    def named(units: frozenset[str]) -> tuple[Named, ...]:
        by_party = configuration.by_party
        return tuple(Named(id=each, name=by_party[each].name) for each in sorted(units) if each in by_party)

    return Shown(
        view=SessionView(
            person=Named(id=visitor.person, name=visitor.name),
            kind=visitor.kind.value,
            organisation=Named(
                id=f"{visitor.organisation.kind}:{visitor.organisation.value}",
                name=name_of(configuration, visitor.organisation),
            ),
            units=named(visitor.linked),
            administers=named(visitor.administers),
            token=visitor.token,
            idle_ends_at=visitor.idle_ends_at,
            ends_at=visitor.ends_at,
        )
    )
