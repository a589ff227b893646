"""The journal of an organisation, as its administrators read it: who changed what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.organisations import desk_units, reached_systems
from gateway.portal.paging import Paged, page_of
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.portal.wishing import told
from gateway.store.portal.mail import BY_MAIL
from gateway.store.portal.model import OPERATOR, JournalEvent, JournalLine, PortalRequest
from gateway.store.portal.wishes import WISHES, read_wish

LINES: Final = 50  # on a page
_OF_PEOPLE: Final = frozenset({JournalEvent.LINKED, JournalEvent.UNLINKED})
_OF_REQUESTS: Final = frozenset({JournalEvent.REQUEST_SUBMITTED, JournalEvent.REQUEST_DECIDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One line; `about` is whom or what it is about, where that has a name; `by` None is somebody without one."""

    at: ShownMoment
    unit: str | None
    by: str | None
    by_operator: bool
    event: JournalEvent
    about: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesView:
    """Lines of the journal, newest first; `older` is where the page before goes on."""

    lines: tuple[ShownChange, ...]
    older: int | None


async def changes(visit: Visit, portal: Portal) -> Outcome:
    """What was changed of the organisation, and of the units and parties that the mandate reaches; what is of none now,
    as of one that left, is for a mandate of the whole organisation.
    """
    visitor = visit.somebody
    found: Paged[JournalLine] = await page_of(
        visit,
        lambda older: portal.store.journal(visitor.organisation, older_than=older, limit=LINES + 1),
        most=LINES,
    )
    configuration = portal.hub.configuration()
    reached = {*visitor.administers, *(each.party_id for each in reached_systems(configuration, visitor))}
    names = {each.party_id: each.name for each in desk_units(configuration, visitor.organisation)}
    people = {each.id: each.name for each in await portal.store.persons(visitor.organisation)}
    requests = {each.id: each for each in await portal.store.requests(organisation=visitor.organisation)}
    return Shown(
        view=ChangesView(
            lines=tuple(
                _shown(each, names, people, requests, visit)
                for each in found.lines
                if visitor.is_whole or each.unit == "" or each.unit in reached
            ),
            older=found.older,
        )
    )


def _shown(
    line: JournalLine,
    units: Mapping[str, str],
    people: Mapping[str, str | None],
    requests: Mapping[str, PortalRequest],
    visit: Visit,
) -> ShownChange:
    return ShownChange(
        at=shown_moment(line.at, visit.texts),
        unit=units.get(line.unit),
        by=visit.texts("changes.letter") if line.by == BY_MAIL else people.get(line.by),
        by_operator=line.by == OPERATOR,
        event=line.event,
        about=_about(line, people, requests, visit),
    )


def _about(
    line: JournalLine, people: Mapping[str, str | None], requests: Mapping[str, PortalRequest], visit: Visit
) -> str | None:
    if line.event in _OF_PEOPLE:
        return people.get(line.about) or visit.texts("visitor.nameless")
    if line.event is JournalEvent.DOCUMENT_KEPT:
        kind, _, counter = line.about.partition(" ")
        return visit.texts(f"document.{kind}", counter=counter)
    request = requests.get(line.about) if line.event in _OF_REQUESTS else None
    if request is None:
        return None
    what = visit.texts(f"request.kind.{request.kind}")
    if request.kind in WISHES:
        what = told(read_wish(request.kind, request.about), visit.texts)
    if line.event is JournalEvent.REQUEST_SUBMITTED:
        return what
    return f"{what}: {visit.texts(f'request.state.{request.state}')}"
