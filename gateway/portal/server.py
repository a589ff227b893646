"""The portal on its listener: from an HTTP request to the handler of its route, and from what that gives to an answer.

The order is the same for every route of the table: budget, form of the request, route, session, where it comes from,
right, body, handler, headers.

SECURITY: nothing of a request reaches a handler before its right was judged, and every answer from here has the
headers of `gateway.pages.headers`, a refusal too. What a visitor reads of a refusal is a sentence and a number; the
log has the rest under that number. A defect tells nothing.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from http import HTTPStatus
from typing import Final, cast

from aiohttp import web

from gateway.edge.admission import HEAD_CPU_SECONDS, Admission
from gateway.edge.arrival import Arrival
from gateway.edge.bare_status import BareStatus
from gateway.edge.body import Body, PeerGone
from gateway.edge.budgets import Budget
from gateway.edge.connection import Connection
from gateway.edge.heads import CLOSE, expects_continue, judge_form
from gateway.edge.metering import metered
from gateway.edge.peer_addresses import Address, origin_of
from gateway.events import EventLog, class_of, place_of
from gateway.limits import EdgeLimits
from gateway.msh.later import Cause
from gateway.pages.forgery import FRAME_HEADER, TOKEN_FIELD, TOKEN_HEADER, from_here, shows
from gateway.pages.texts import Texts, language_of
from gateway.portal.answering import answer_of, error_answer, start_answer
from gateway.portal.cookies import (
    JOINING,
    LANGUAGE,
    LETTER,
    LOGIN,
    OWN_MACHINE,
    SESSION,
    language_cookie,
    read_secret,
    token_of,
)
from gateway.portal.faults import LoggedOut, Missing, PortalFault
from gateway.portal.joining_budget import JoiningBudget
from gateway.portal.portal import Portal
from gateway.portal.reading import read_fields, read_json, takes_gzip, type_of, want_one_click
from gateway.portal.rights import Act, Visitor, may
from gateway.portal.route import Found, Route, RouteTable, Takes
from gateway.portal.visit import Outcome, See, StreamedBody, Visit
from gateway.portal.visiting import find_visitor
from gateway.store.interface import OutcomeUnknown, StoreUnavailable

NUMBER_OCTETS: Final = 5  # of an error, as eight characters
_TYPES: Final = {Takes.FORM: "application/x-www-form-urlencoded", Takes.JSON: "application/json"}
FILES: Final = "/desk/files/"
PERSON_PER_SECOND: Final = 10.0  # pages and calls, which are work; files of the desk are not counted
PERSON_BURST: Final = 200.0  # an overview that is worked off
SEALED_SHARE: Final = 0.1  # of a call, for the octets of one message under a lease: a list has a thousand
_TOMORROW: Final = {"Retry-After": "86400"}
MOST_OCTETS: Final = {
    Takes.NOTHING: 0,
    Takes.FORM: 16 * 1024,
    Takes.ONE_CLICK: 4 * 1024,
    Takes.JSON: 512 * 1024,
}


class PortalEndpoint:
    """Serves the routes of one table."""

    def __init__(
        self,
        portal: Portal,
        table: RouteTable,
        *,
        limits: EdgeLimits,
        quiet: EventLog,
        admission: Admission,
    ) -> None:
        self._portal = portal
        self._table = table
        self._limits = limits
        self._quiet = quiet
        self._admission = admission
        self._joinings = JoiningBudget()
        self._of_person = Budget(PERSON_PER_SECOND, burst=PERSON_BURST, factors=(1.0,), burst_factors=(1.0,))

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP exchange; never raises for anything a visitor did."""
        origin = self._origin(request)
        arrival = Arrival(cast(Connection, request.protocol), origin, self._admission, full=self._full)
        arrival.spend_cpu(HEAD_CPU_SECONDS)
        try:
            return await metered(self._exchange(request, str(origin or ""), arrival), arrival.spend_cpu)
        except PeerGone:
            self._quiet("peer_gone", address=str(origin or ""))
            response = web.Response(status=HTTPStatus.BAD_REQUEST)
            response.force_close()
            return response
        finally:
            arrival.leave()

    async def _exchange(self, request: web.BaseRequest, address: str, arrival: Arrival) -> web.StreamResponse:
        texts = self._texts(request)
        portal, route, visitor = self._portal, None, None
        try:
            self._check_budgets(arrival, request)
            judge_form(request)
            route, path = self._route(request)
            if route.act is not Act.SEE or route.page is not None or route.is_twin:
                visitor = await find_visitor(
                    read_secret(request.cookies.get(SESSION)), portal.store, portal.hub.configuration()
                )
            if visitor is not None:
                arrival.proved(visitor.person)
                self._check_person(visitor, route)
            self._judge_origin(request, route)
            joins = route.act is Act.JOIN and route.method != "GET"
            if joins:
                self._check_joining(arrival)
            self._judge_right(route, visitor, path.get("unit"))
            visit = await self._with_body(self._visit(request, path, visitor, texts, address), request, route, arrival)
            outcome = await (self._joined(route, visit, arrival) if joins else route.handler(visit, portal))
            response = await answer_of(outcome, route, visit, portal)
        except LoggedOut:
            response = start_answer(route, texts, ended=SESSION in request.cookies)
        except (PortalFault, BareStatus, StoreUnavailable, OutcomeUnknown) as fault:
            response = self._refused(fault, route, visitor, texts, address)
        except (PeerGone, asyncio.CancelledError):
            raise
        except Exception as defect:
            number = self._number()
            where = place_of(defect)
            portal.log("portal_defect", number=number, kind=class_of(defect), where=where, address=address)
            response = error_answer(
                HTTPStatus.INTERNAL_SERVER_ERROR, "error.defect", number, route, visitor, texts, portal
            )
        if request.query.get("lang") in portal.facts.languages:
            response.headers.add("Set-Cookie", language_cookie(texts.language))
        if request.can_read_body and not request.content.at_eof():
            response.force_close()
        return response

    def _route(self, request: web.BaseRequest) -> tuple[Route, dict[str, str]]:
        found = self._table.find(request.method, request.rel_url.raw_path)
        if isinstance(found, Found):
            return found.route, dict(found.path)
        if not found:
            raise Missing("no such path")
        allowed = ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))
        raise PortalFault(
            HTTPStatus.METHOD_NOT_ALLOWED, "error.method", detail=request.method[:20], headers={"Allow": allowed}
        )

    def _judge_origin(self, request: web.BaseRequest, route: Route) -> None:
        if route.method == "GET" or route.takes is Takes.ONE_CLICK:
            return
        why = from_here(request.headers, self._portal.facts.origin)
        if why is not None:
            raise PortalFault(HTTPStatus.FORBIDDEN, "error.forged", detail=why)

    @staticmethod
    def _judge_right(route: Route, visitor: Visitor | None, unit: str | None) -> None:
        if may(visitor, route.act, unit):
            return
        if visitor is None:
            raise LoggedOut
        if unit is not None:
            raise Missing(f"{route.act} of a unit that is not theirs")
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.not_allowed", detail=f"{route.act}: {visitor.kind}")

    def _visit(
        self, request: web.BaseRequest, path: dict[str, str], visitor: Visitor | None, texts: Texts, address: str
    ) -> Visit:
        return Visit(
            path=path,
            query=read_fields(request.rel_url.raw_query_string),
            content_type=request.headers.get("Content-Type", ""),
            takes_gzip=takes_gzip(request.headers.getall("Accept-Encoding", ())),
            lease=request.headers.get("Knooppunt-Lease"),
            is_framed=FRAME_HEADER in request.headers,
            session=read_secret(request.cookies.get(SESSION)),
            login=read_secret(request.cookies.get(LOGIN)),
            joining=read_secret(request.cookies.get(JOINING)),
            letter=read_secret(request.cookies.get(LETTER)),
            own_machine=request.cookies.get(OWN_MACHINE),
            visitor=visitor,
            texts=texts,
            now=self._portal.hub.time.now(),
            address=address,
        )

    async def _with_body(self, visit: Visit, request: web.BaseRequest, route: Route, arrival: Arrival) -> Visit:
        """What was asked with its body, as the route takes it, after its token was judged: of a form that stands in the
        body.
        """
        expected = _expected_token(visit, route)
        if route.takes in (Takes.JSON, Takes.OCTETS) and route.method != "GET":
            _judge_token(expected, request.headers.get(TOKEN_HEADER))
        body = Body(request, self._limits)
        if expects_continue(request):
            body.expects_continue()
        arrival.begin(body)
        if route.takes is Takes.OCTETS:
            streamed = StreamedBody(
                length=request.content_length, chunks=arrival.chunks, envelope_is_whole=arrival.envelope_is_whole
            )
            return replace(visit, body=streamed)
        octets = await _whole(arrival, MOST_OCTETS[route.takes])
        arrival.envelope_is_whole()
        if route.takes is Takes.NOTHING or route.method == "GET":
            return visit
        if route.takes is Takes.ONE_CLICK:
            want_one_click(visit.content_type, octets)
            return visit
        if type_of(visit.content_type) != _TYPES[route.takes]:
            raise PortalFault(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "error.unusable", detail="Content-Type")
        if route.takes is Takes.JSON:
            return replace(visit, json=read_json(octets))
        form = read_fields(octets.decode("ascii", "replace"))
        _judge_token(expected, form.get(TOKEN_FIELD))
        return replace(visit, form=form)

    def _refused(
        self,
        fault: PortalFault | BareStatus | StoreUnavailable | OutcomeUnknown,
        route: Route | None,
        visitor: Visitor | None,
        texts: Texts,
        address: str,
    ) -> web.Response:
        status, text, headers = HTTPStatus.SERVICE_UNAVAILABLE, "error.later", self._later()
        detail = str(fault) or type(fault).__name__
        if isinstance(fault, PortalFault):
            status, text, headers, detail = fault.status, fault.text, fault.headers, fault.detail or fault.text
        elif isinstance(fault, BareStatus):
            status, text, headers, detail = (
                HTTPStatus(fault.status),
                "error.unusable",
                dict(fault.headers),
                fault.detail,
            )
            if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
                text = "error.busy"
        number = self._number()
        log = self._quiet if visitor is None else self._portal.log
        log("portal_refused", number=number, status=int(status), detail=detail, address=address)
        response = error_answer(status, text, number, route, visitor, texts, self._portal)
        response.headers.update(headers)
        if headers.get("Connection") == "close":
            response.force_close()
        return response

    def _number(self) -> str:
        """What a visitor reads out to the helpdesk, and the log has: it tells nothing."""
        return base64.b32encode(self._portal.random(NUMBER_OCTETS)).decode("ascii")

    def _texts(self, request: web.BaseRequest) -> Texts:
        language = language_of(request.query.get("lang"), request.cookies.get(LANGUAGE), self._portal.facts.languages)
        return self._portal.texts[language]

    def _origin(self, request: web.BaseRequest) -> Address | None:
        """Of the peer, or of the client that a proxy of ours says it speaks for."""
        peer = cast(Connection, request.protocol).peer
        return origin_of(peer, request.headers.getall("X-Forwarded-For", ()), self._limits.trusts).address

    def _check_budgets(self, arrival: Arrival, request: web.BaseRequest) -> None:
        """A page asks for all its modules at once, and a browser keeps them: they cost their CPU, and no request. Nor
        is the octets of one message a whole one where somebody has logged in: an office that works off a list asks for
        a thousand, and comes again within a second, as that rate is of one.
        """
        leaf, is_file = arrival.leaf, request.path.startswith(FILES)
        amount = SEALED_SHARE if leaf.known and self._is_sealed(request) else 1.0
        if not (is_file or self._admission.may_ask(leaf, amount)) or not self._admission.solvent(leaf):
            later = {"Retry-After": "1"} if leaf.known else self._later()
            raise BareStatus(HTTPStatus.TOO_MANY_REQUESTS, {**later, **CLOSE}, detail="too many requests")

    def _is_sealed(self, request: web.BaseRequest) -> bool:
        found = self._table.find(request.method, request.rel_url.raw_path)
        return isinstance(found, Found) and found.route.is_sealed

    def _check_person(self, visitor: Visitor, route: Route) -> None:
        """Who logged in is no stranger, so those budgets bind him no more: one person has so much, wherever he is."""
        keys, now, amount = (visitor.person,), self._admission.now(), SEALED_SHARE if route.is_sealed else 1.0
        if not self._of_person.has(keys, now, amount):
            raise BareStatus(HTTPStatus.TOO_MANY_REQUESTS, self._later(), detail="too many requests of one person")
        self._of_person.charge(keys, amount, now)

    def _check_joining(self, arrival: Arrival) -> None:
        """Who asks to take part reads why no more forms are taken of it today, which is no matter of a minute."""
        if not self._joinings.has(self._admission.keys_of(arrival.leaf), self._admission.now()):
            raise PortalFault(
                HTTPStatus.TOO_MANY_REQUESTS,
                "error.joinings_of_today",
                detail="too many requests to take part",
                headers=_TOMORROW,
            )

    async def _joined(self, route: Route, visit: Visit, arrival: Arrival) -> Outcome:
        """What became of a form for taking part, which counts if it was taken; it counts while that is asked, so that
        many at once are no more than one after another.
        """
        self._check_joining(arrival)
        keys = self._admission.keys_of(arrival.leaf)
        self._joinings.charge(keys, self._admission.now())
        taken = False
        try:
            outcome = await route.handler(visit, self._portal)
            taken = isinstance(outcome, See)
            return outcome
        finally:
            if not taken:
                self._joinings.give_back(keys, self._admission.now())

    def _full(self) -> BareStatus:
        return BareStatus(HTTPStatus.SERVICE_UNAVAILABLE, {**self._later(), **CLOSE}, detail="no room")

    def _later(self) -> dict[str, str]:
        return {"Retry-After": str(self._portal.hub.retry_after.seconds(Cause.LOAD))}


def _expected_token(visit: Visit, route: Route) -> str | None:
    """The token of the session; where nobody has to be logged in, that of this browser, of the form for joining, or of
    a page that a letter led to.
    """
    if route.act in (Act.JOIN, Act.FOLLOW_LINK):
        cookie = visit.joining if route.act is Act.JOIN else visit.letter
        return None if cookie is None else token_of(cookie)
    if visit.visitor is not None and route.act is not Act.LOG_IN:
        return visit.visitor.token
    return None if visit.login is None else token_of(visit.login)


def _judge_token(expected: str | None, shown: str | None) -> None:
    if not shows(expected, shown):
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.forged", detail="token")


async def _whole(arrival: Arrival, most: int) -> bytes:
    octets = bytearray()
    async for chunk in arrival.chunks():
        octets += chunk
        if len(octets) > most:
            raise PortalFault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "error.unusable", detail=f"over {most} octets")
    return bytes(octets)
