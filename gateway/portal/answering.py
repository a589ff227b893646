"""From what a handler gives to an HTTP answer: a page in its frame, its JSON twin, octets, or a way on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from aiohttp import web

from gateway.identity.login import LoginKind
from gateway.pages.headers import safe_headers
from gateway.pages.rendering import as_json
from gateway.pages.texts import Texts
from gateway.portal.cookies import SESSION, gone
from gateway.portal.moments import shown_moment
from gateway.portal.organisations import name_of
from gateway.portal.portal import Portal
from gateway.portal.rights import Visitor
from gateway.portal.route import Route
from gateway.portal.visit import Octets, Outcome, See, Shown, Visit

_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """What stands around every page, and is the same for all of them."""

    languages: tuple[str, ...]
    here: str  # the path of the route
    helpdesk: str
    notice: str | None
    visitor: ShownVisitor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVisitor:
    """Who is logged in, as every page shows it."""

    id: str
    name: str | None
    organisation: str
    is_administrator: bool
    is_linked: bool
    token: str
    idle_ends_at: datetime
    ends_at: datetime
    ends: str  # when the session ends at the latest, to read
    now: datetime  # by the clock that ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class FramedView:
    """The whole of a page for whoever renders it elsewhere, and names its route there itself."""

    frame: PageFrame
    view: object


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """What went wrong, in a sentence, and the number under which the log has it."""

    status: int
    error: str  # the key of the text
    text: str
    number: str


async def answer_of(outcome: Outcome, route: Route, visit: Visit, portal: Portal) -> web.Response:
    """The answer to a request that came to its end."""
    match outcome:
        case See():
            response = _json(HTTPStatus.OK, {"see": outcome.path}) if route.is_call else _see(outcome.path)
            response.headers.update(outcome.headers)
            return _with(response, outcome.cookies)
        case Octets():
            headers = {**safe_headers(kept=outcome.kept), **outcome.headers}
            response = web.Response(status=outcome.status, body=outcome.chunks or outcome.body or None, headers=headers)
            response.headers["Content-Type"] = outcome.content_type
            return response
        case Shown():
            is_call = route.page is None and outcome.template is None
            if is_call and not visit.is_framed:
                return _with(_json(outcome.status, outcome.view), outcome.cookies)
            said = await portal.store.notice()
            notice = portal.facts.notice if said is None else said.text
            frame = _frame(route, visit.visitor, visit.texts, portal, notice)
            if is_call:
                framed = FramedView(frame=frame, view=outcome.view)
                return _with(_json(outcome.status, framed), outcome.cookies)
            page = portal.renderer.page(
                outcome.template or route.page or "", visit.texts, frame=frame, view=outcome.view
            )
            return _with(_html(outcome.status, page, portal, form_target=outcome.form_target), outcome.cookies)


def error_answer(
    status: HTTPStatus,
    text: str,
    number: str,
    route: Route | None,
    visitor: Visitor | None,
    texts: Texts,
    portal: Portal,
) -> web.Response:
    """A refusal, as a page or, where a script visit, as JSON. It asks the store nothing: that may be what failed."""
    view = ErrorView(status=int(status), error=text, text=texts(text), number=number)
    if route is not None and route.is_call:
        return _json(status, view)
    frame = _frame(route, visitor, texts, portal, portal.facts.notice)
    return _html(status, portal.renderer.page("error.html.j2", texts, frame=frame, view=view), portal)


def start_answer(route: Route | None, texts: Texts, *, ended: bool) -> web.Response:
    """There is no session that holds: a page leads to the start page, which says so if one has `ended`; a call is told.
    The cookie goes.
    """
    if route is not None and route.is_call:
        said = ErrorView(status=401, error="error.logged_out", text=texts("error.logged_out"), number="")
        return _with(_json(HTTPStatus.UNAUTHORIZED, said), (gone(SESSION),))
    return _with(_see("/?ended=1"), (gone(SESSION),)) if ended else _see("/")


def _frame(route: Route | None, visitor: Visitor | None, texts: Texts, portal: Portal, notice: str | None) -> PageFrame:
    return PageFrame(
        languages=portal.facts.languages,
        here="" if route is None else route.path,
        helpdesk=portal.facts.helpdesk,
        notice=notice,
        visitor=None if visitor is None else _shown(visitor, texts, portal),
    )


def _shown(visitor: Visitor, texts: Texts, portal: Portal) -> ShownVisitor:
    return ShownVisitor(
        id=visitor.person,
        name=visitor.name,
        organisation=name_of(portal.hub.configuration(), visitor.organisation),
        is_administrator=visitor.kind is LoginKind.ADMINISTRATOR,
        is_linked=bool(visitor.linked),
        token=visitor.token,
        idle_ends_at=visitor.idle_ends_at,
        ends_at=visitor.ends_at,
        ends=shown_moment(min(visitor.ends_at, visitor.idle_ends_at), texts).text,
        now=portal.hub.time.now(),
    )


def _see(path: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={**safe_headers(), "Location": path})


def _html(status: HTTPStatus, page: bytes, portal: Portal, *, form_target: str | None = None) -> web.Response:
    headers = safe_headers(import_map=portal.served.import_map.csp_source, form_target=form_target)
    response = web.Response(status=status, body=page, headers=headers)
    response.headers["Content-Type"] = _HTML
    return response


def _json(status: HTTPStatus, view: object) -> web.Response:
    response = web.Response(status=status, body=as_json(view), headers=safe_headers())
    response.headers["Content-Type"] = _JSON
    return response


def _with(response: web.Response, cookies: tuple[str, ...]) -> web.Response:
    for each in cookies:
        response.headers.add("Set-Cookie", each)
    return response
