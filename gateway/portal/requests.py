"""The requests of an organisation to the operator: what it asked and how that stands, asking, and taking it back.

Keys are asked for where they are made, on Mijn sleutel, and stand in the list besides.

SECURITY: an administrator asks for the organisation that the login proves, for units that the mandate reaches; of
another's request, and of one that somebody else asked for, there is nothing to take back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

from gateway.portal.faults import Missing, PortalFault
from gateway.portal.fields import WrongField, chosen
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.notifications import shown_addresses
from gateway.portal.organisations import desk_units, reached_systems
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, See, Shown, Visit
from gateway.portal.wishing import DAYS, SWITCHES, USES, kind_said, modules_to_ask, refuse_other_days, told, wish_typed
from gateway.portal.young_login import want_young
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.model import OPERATOR, PortalRequest, RequestKind, RequestState
from gateway.store.portal.wishes import ENVIRONMENTS, WISHES, Environment, read_wish, write_wish
from pmodes.model import Organisation
from pmodes.term import local_day

PAGE: Final = "/organisatie/aanvragen"
Choice: TypeAlias = tuple[str, str]
_OF_SYSTEMS: Final = frozenset({RequestKind.CERTIFICATE})
_TYPED: Final = (
    "kind",
    "unit",
    "days",
    "module",
    "begins",
    "environment",
    "name",
    "establishment",
    "use",
    "lists",
    "last_day",
    "told_to",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRequest:
    """One request; `what` is told in a sentence, `may_withdraw` to whoever asked it while it waits."""

    id: str
    what: str
    unit: str
    asked_at: ShownMoment
    asked_by: str | None
    state: RequestState
    decided_at: ShownMoment | None
    reason: str | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsView:
    """All requests that are kept, newest first, and what may be asked: each list of choices has what a form sends and
    how that is called; `hearing` are addresses where whoever asks is told what becomes of it, by mail where this hub
    `sends` any. Where a form had a fault, `fault` is its text, at the field `fault_at` of the form for `asked`,
    and `typed` what stood in its fields.
    """

    requests: tuple[ShownRequest, ...]
    units: tuple[Choice, ...]
    systems: tuple[Choice, ...]
    modules: tuple[Choice, ...]
    days: tuple[Choice, ...]
    environments: tuple[Choice, ...]
    uses: tuple[Choice, ...]
    switches: tuple[Choice, ...]
    hearing: tuple[Choice, ...]
    sends: bool
    environment: Environment
    today: str
    typed: Mapping[str, str]
    asked: str | None = None
    fault: str | None = None
    fault_at: str | None = None


async def requests(visit: Visit, portal: Portal) -> Outcome:
    """The requests, and the forms for another."""
    return Shown(view=await _view(visit, portal))


async def ask(visit: Visit, portal: Portal) -> Outcome:
    """Ask for something; what does not fit is said at its field."""
    visitor, kind = visit.somebody, kind_said(visit)
    parties = (
        reached_systems(portal.hub.configuration(), visit.somebody) if kind in _OF_SYSTEMS else _units(visit, portal)
    )
    unit = next((each for each in parties if each.party_id == visit.said("unit")), None)
    if unit is None:
        raise Missing("no unit of theirs")
    want_young(visit)
    try:
        wish = wish_typed(kind, visit, portal)
        hears = await _told_to(visit, portal)
        refuse_other_days(wish, unit, portal.hub.configuration().hub.environment)
        found = await portal.store.submit_request(
            kind,
            write_wish(wish, told_to=hears),
            organisation=visitor.organisation,
            unit=unit.party_id,
            by=visitor.person,
        )
    except TooManyOpen as fault:
        raise PortalFault(HTTPStatus.TOO_MANY_REQUESTS, "error.too_many_requests", detail=str(fault)) from None
    except WrongField as fault:
        view = await _view(visit, portal, asked=kind.value, fault=fault)
        return Shown(view=view, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if found is None:
        twice = WrongField("unit", "fault.asked_already")
        view = await _view(visit, portal, asked=kind.value, fault=twice)
        return Shown(view=view, status=HTTPStatus.CONFLICT)
    portal.log("portal_requested", request=found.id, asks=kind.value, party=unit.party_id, by=visitor.person)
    return See(path=PAGE)


async def withdraw(visit: Visit, portal: Portal) -> Outcome:
    """Take back what oneself asked and nobody has decided."""
    visitor = visit.somebody
    found = await portal.store.find_request(visit.path["request"])
    if found is None or not _may_withdraw(found, visit):
        raise Missing("no request of theirs that waits")
    if not await portal.store.decide_request(found.id, RequestState.WITHDRAWN, by=visitor.person):
        raise PortalFault(HTTPStatus.CONFLICT, "error.request_decided", detail="decided, or being approved")
    return See(path=PAGE)


async def _told_to(visit: Visit, portal: Portal) -> str | None:
    """The address that was chosen, by its id; None for those of the unit alone."""
    if not visit.says("told_to") or not (visit.json if isinstance(visit.json, dict) else visit.form).get("told_to"):
        return None
    return chosen(visit, "told_to", [each for each, _ in await _hearing(visit, portal)], "fault.choice")


async def _hearing(visit: Visit, portal: Portal) -> tuple[Choice, ...]:
    """The addresses that the administrator may see and that are told of things, once each."""
    if not portal.facts.sends_mail:
        return ()
    shown = await shown_addresses(visit, portal)
    counting = {each.address: each.id for each in shown if each.counts_since is not None and each.bounced_at is None}
    return tuple((each, address) for address, each in counting.items())


def _may_withdraw(request: PortalRequest, visit: Visit) -> bool:
    visitor = visit.somebody
    own = (request.organisation, request.asked_by) == (visitor.organisation, visitor.person)
    return own and not request.kind.is_for_keys and request.state is RequestState.SUBMITTED


async def _view(
    visit: Visit, portal: Portal, *, asked: str | None = None, fault: WrongField | None = None
) -> RequestsView:
    visitor, configuration = visit.somebody, portal.hub.configuration()
    people = {each.id: each.name for each in await portal.store.persons(visitor.organisation)}
    units = _units(visit, portal)
    parties = {
        each.party_id: each.name for each in (*units, *reached_systems(portal.hub.configuration(), visit.somebody))
    }
    return RequestsView(
        requests=tuple(
            [
                _shown(each, people, parties, visit)
                for each in await portal.store.requests(organisation=visitor.organisation)
                if each.unit in parties and each.kind is not RequestKind.JOINING  # a stranger asked that
            ]
        ),
        units=tuple((each.party_id, each.name) for each in units),
        systems=tuple(
            (each.party_id, each.name) for each in reached_systems(portal.hub.configuration(), visit.somebody)
        ),
        modules=tuple((each, each) for each in modules_to_ask(portal)),
        days=tuple((str(each), visit.texts("request.days", days=each)) for each in DAYS),
        environments=tuple((each, visit.texts(f"environment.{each}")) for each in ENVIRONMENTS),
        hearing=await _hearing(visit, portal),
        sends=portal.facts.sends_mail,
        switches=tuple((each, visit.texts(f"request.switch.{each}")) for each in SWITCHES),
        uses=tuple((each, visit.texts(f"request.use.{each}")) for each in USES),
        environment=configuration.hub.environment,
        today=local_day(visit.now).isoformat(),
        typed={} if fault is None else {each: visit.said(each) for each in _TYPED if _is_said(visit, each)},
        asked=asked,
        fault=None if fault is None else fault.text,
        fault_at=None if fault is None else fault.field,
    )


def _is_said(visit: Visit, name: str) -> bool:
    given = (visit.json if isinstance(visit.json, dict) else visit.form).get(name)
    return isinstance(given, str) and 0 < len(given.strip()) <= 200


def _shown(
    request: PortalRequest, people: Mapping[str, str | None], parties: Mapping[str, str], visit: Visit
) -> ShownRequest:
    is_wish = request.kind in WISHES
    return ShownRequest(
        id=request.id,
        what=told(read_wish(request.kind, request.about), visit.texts)
        if is_wish
        else visit.texts(f"request.kind.{request.kind}"),
        unit=parties[request.unit],
        asked_at=shown_moment(request.asked_at, visit.texts),
        asked_by=people.get(request.asked_by),
        state=request.state,
        decided_at=None if request.decided_at is None else shown_moment(request.decided_at, visit.texts),
        reason=request.reason if request.decided_by == OPERATOR else None,
        may_withdraw=_may_withdraw(request, visit),
    )


def _units(visit: Visit, portal: Portal) -> tuple[Organisation, ...]:
    visitor = visit.somebody
    found = desk_units(portal.hub.configuration(), visitor.organisation)
    return tuple(each for each in found if each.party_id in visitor.administers)
