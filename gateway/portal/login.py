"""Logging in and out: to the broker and back, the session, and what may be done without knowing who comes.

The steps of a return: the open login of this browser, the broker's answer, once, the organisation, the person, the
session. The role comes from the service in the broker's answer, and the person from number and pseudonym there.

SECURITY: without the cookie and the handle of one open login nothing is asked of the broker. A way on is always a path
of this table. The log names a person by the id that the store drew, and a refusal by its check; nothing of what the
broker said stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from gateway.identity.login import Login, LoginKind, LoginRefused
from gateway.net.fetching import NotFetched
from gateway.portal.cookies import LOGIN, OWN_MACHINE, SESSION, gone, login_cookie, own_machine_cookie, session_cookie
from gateway.portal.faults import Missing, PortalFault, Unusable
from gateway.portal.organisations import desk_units, in_branch, is_known
from gateway.portal.own_machine import ask_of_cookie, ask_of_form, bound, hand_over
from gateway.portal.portal import Portal
from gateway.portal.visit import Octets, Outcome, See, Shown, Visit
from gateway.store.portal.model import OpenLogin

_FORGET: Final = (gone(LOGIN),)
CLEAR_CACHE: Final = {"Clear-Site-Data": '"cache"'}  # "storage" would take the locks of a device along


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOf:
    """One hidden field of a form."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureView:
    """The form that carries a browser to the broker."""

    action: str
    method: str
    fields: tuple[FieldOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrganisationView:
    """Nobody of that number takes part at a desk; `case` is a key of the catalogue that says what to do."""

    number: str
    case: str
    joining: bool  # a page takes requests to take part


async def depart(visit: Visit, portal: Portal) -> Outcome:
    """Begin a login for the service that the form names."""
    try:
        kind = LoginKind(visit.said("service"))
    except ValueError:
        raise Unusable("no such service") from None
    try:
        departure = portal.road.depart(kind, visit.now)
    except LoginRefused as refused:
        raise PortalFault(HTTPStatus.SERVICE_UNAVAILABLE, "error.broker_silent", detail=str(refused)) from None
    opened = OpenLogin(request_id=departure.request_id, road=portal.road.name, kind=kind, memo=departure.memo)
    handles = await portal.store.open_login(opened)
    way = portal.road.leave(departure, kind, handles.handle, visit.now)
    fields = tuple(FieldOf(name=name, value=value) for name, value in way.fields.items())
    back = ask_of_form(visit)
    asked = gone(OWN_MACHINE) if back is None else own_machine_cookie(bound(back, handles.cookie))
    return Shown(
        view=DepartureView(action=way.action, method=way.method, fields=fields),
        cookies=(login_cookie(handles.cookie), asked),
        form_target=way.origin,
    )


async def arrive(visit: Visit, portal: Portal) -> Outcome:
    """Come back from the broker: a session, or why there is none."""
    opened = await _taken(visit, portal)
    try:
        arrived = await portal.road.finish(visit.query, opened, visit.now)
        login = arrived.login
        seen_first = await portal.store.note_assertion(login.issuer, arrived.assertion_id, forget_at=arrived.forget_at)
        if not seen_first:
            raise LoginRefused("replay", "an assertion that was seen before")
    except LoginRefused as refused:
        if refused.is_cancelled:
            portal.log("portal_login_cancelled", address=visit.address)
            return See(path="/?cancelled=1", cookies=_FORGET)
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.login_refused", detail=str(refused)) from None
    except NotFetched as fault:
        raise PortalFault(HTTPStatus.BAD_GATEWAY, "error.broker_silent", detail=str(fault)) from None
    return await _admit(login, visit, portal)


async def _taken(visit: Visit, portal: Portal) -> OpenLogin:
    """The open login of the handle and the cookie, which counts no more after that."""
    handle = portal.road.handle_of(visit.query)
    if handle is None:
        raise _over("a return without the handle of a login")
    if visit.login is None:
        raise _over("a return without the cookie of a login")
    opened = await portal.store.take_login(handle, visit.login)
    if opened is None:
        raise _over("no such login is open in this browser: it came back before, or too late, or is another's")
    if (opened.road, portal.road.client_of(opened.kind)) != (portal.road.name, visit.path.get("client")):
        raise _over("a return to the address of another service, or by another road, than the login began for")
    return opened


def _over(detail: str) -> PortalFault:
    """One sentence to whoever comes, whatever is missing."""
    return PortalFault(HTTPStatus.FORBIDDEN, "error.login_over", detail=detail)


async def our_keys(_visit: Visit, portal: Portal) -> Outcome:
    """The keys that sign for us, for a provider that fetches them."""
    if portal.road.keys is None:
        raise Missing("no road with keys to fetch")
    return Octets(body=portal.road.keys, content_type="application/json")


async def _admit(login: Login, visit: Visit, portal: Portal) -> Outcome:
    """Give who was proven to be there a session, if the organisation takes part."""
    configuration = portal.hub.configuration()
    number = login.organisation
    units = desk_units(configuration, number)
    if login.intermediary is not None:
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.intermediary", detail="a chain mandate")
    if not units:
        case = "unknown.system" if is_known(configuration, number) else "unknown.nobody"
        portal.log("portal_organisation_unknown", detail=case, address=visit.address)
        joining = portal.facts.joining and case == "unknown.nobody"
        view = UnknownOrganisationView(number=f"{number.kind} {number.value}", case=case, joining=joining)
        return Shown(view=view, status=HTTPStatus.FORBIDDEN, cookies=_FORGET, template="unknown_organisation.html.j2")
    if not in_branch(units, login.branch):
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.branch", detail="a branch that is no unit at a desk")
    person = await portal.store.find_or_make_person(login.person)
    back = ask_of_cookie(visit.own_machine, visit.login)
    if back is not None:
        way_back = await hand_over(back, person.id, login, portal)
        return Shown(view=way_back, cookies=(gone(OWN_MACHINE), *_FORGET), template="own_machine_back.html.j2")
    begun = await portal.store.begin_session(person.id, kind=login.kind, branch=login.branch, replaces=visit.session)
    portal.log("portal_logged_in", person=person.id, login=login.kind.value, address=visit.address)
    on = "/organisatie" if login.kind is LoginKind.ADMINISTRATOR else "/berichten"
    return See(path=on, cookies=(session_cookie(begun.token), *_FORGET))


async def leave(visit: Visit, portal: Portal) -> Outcome:
    """End the session, and have the browser forget what it kept of these pages."""
    visitor = visit.somebody
    if visit.session is not None:
        await portal.store.end_session(visit.session)
    portal.log("portal_logged_out", person=visitor.person, address=visit.address)
    return See(path="/?out=1", cookies=(gone(SESSION),), headers=CLEAR_CACHE)


async def stay(visit: Visit, _portal: Portal) -> Outcome:
    """Go on: the request itself has let the idle time begin anew."""
    visit.somebody  # noqa: B018 - whoever has no session is told so
    return See(path="/berichten")
