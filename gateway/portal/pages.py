"""Pages that hold no message: the start page, what is explained, the files that a browser loads."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.portal.cookies import login_cookie, token_of
from gateway.portal.faults import Missing
from gateway.portal.portal import Portal
from gateway.portal.visit import Octets, Outcome, See, Shown, Visit

_SECRET_OCTETS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class StartView:
    """The page on which one logs in; `said` is what became of a login or session before, a key of the catalogue."""

    token: str
    said: str | None
    joining: bool  # a page takes requests to take part


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToShow:
    """A page that is the same for everybody."""


async def start(visit: Visit, portal: Portal) -> Outcome:
    """Where one logs in; who is logged in goes on to the overview."""
    if visit.visitor is not None:
        return See(path="/berichten")
    cookie = visit.login or portal.random(_SECRET_OCTETS).hex()
    said = next((key for name, key in _SAID.items() if name in visit.query), None)
    view = StartView(token=token_of(cookie), said=said, joining=portal.facts.joining)
    return Shown(view=view, cookies=() if visit.login else (login_cookie(cookie),))


_SAID = {"ended": "start.ended", "cancelled": "start.cancelled", "out": "start.out"}


async def explanation(_visit: Visit, _portal: Portal) -> Outcome:
    """What the portal is, and what its words mean."""
    return Shown(view=NothingToShow())


async def desk_file(visit: Visit, portal: Portal) -> Outcome:
    """A style sheet, module or text that a page loads."""
    found = portal.served.find(visit.path["edition"], visit.path["name"])
    if found is None or found.media_type is None:
        raise Missing("no such file")
    vary = {"Vary": "Accept-Encoding"}
    if visit.takes_gzip:
        headers, body = {**vary, "Content-Encoding": "gzip"}, portal.served.gzipped[found.path]
    else:
        headers, body = vary, found.octets
    return Octets(body=body, content_type=found.media_type, headers=headers, kept=True)
