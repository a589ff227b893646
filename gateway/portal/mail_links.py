"""What the links in letters lead to, for whoever reads those letters: confirming an address, and doing without a kind.

SECURITY: nobody logs in for it, for the link is the proof that its letter was read. Opening one changes nothing, since
mail programs open links by themselves; a form on its page does, with a token of this browser. By one click in a mail
program (RFC 8058) a server asks that has neither cookie nor token: there the link alone is the proof, and it ends
nothing but what anybody who has the link could end. A link that opens nothing
is answered like one that is over, and none is written down: the store has digests, and a log no paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from gateway.portal.cookies import letter_cookie, token_of
from gateway.portal.faults import Missing
from gateway.portal.organisations import desk_units, name_of
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, See, Shown, Visit
from gateway.store.portal.mail import UNSUBSCRIBABLE, MailKind, OpenedLink, TokenUse

_SECRET_OCTETS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """What a link opens: an address, of these units or of the organisation, and the kinds it wants. Without `address`
    the link opens nothing, or no more.
    """

    token: str  # of the form
    link: str
    address: str | None = None
    names: tuple[str, ...] = ()
    counts: bool = False
    kinds: tuple[tuple[MailKind, bool], ...] = ()
    ended: tuple[MailKind, ...] = ()  # by this reader, who may begin them again


async def confirming(visit: Visit, portal: Portal) -> Outcome:
    """The page of a link by which to confirm an address."""
    return await _page(visit, portal, TokenUse.CONFIRM)


async def confirm(visit: Visit, portal: Portal) -> Outcome:
    """Whoever reads what is sent there said yes."""
    if await portal.store.confirm_address(_link(visit)):
        portal.log("portal_address_confirmed", address=visit.address)
    return See(path=f"/meldingen/bevestigen/{_link(visit)}")


async def unsubscribing(visit: Visit, portal: Portal) -> Outcome:
    """The page of a link by which to unsubscribe."""
    return await _page(visit, portal, TokenUse.UNSUBSCRIBE)


async def unsubscribe(visit: Visit, portal: Portal) -> Outcome:
    """The address does without one kind, or gets one again that its reader ended."""
    said = visit.said("kind")
    kind = next((each for each in UNSUBSCRIBABLE if each.value == said), None)
    if kind is None:
        raise Missing("no kind that may be done without")
    if visit.says("again"):
        if await portal.store.begin_again(_link(visit), [kind]):
            portal.log("portal_address_begun_again", address=visit.address)
    elif await portal.store.unsubscribe(_link(visit), [kind]):
        portal.log("portal_address_unsubscribed", address=visit.address)
    return See(path=f"/meldingen/afmelden/{_link(visit)}")


async def unsubscribe_at_once(visit: Visit, portal: Portal) -> Outcome:
    """The address does without all that it may do without: a mail program asked for its reader, by one click, and
    understands no question and no way on (RFC 8058 3.1).
    """
    is_done = await portal.store.unsubscribe(_link(visit), UNSUBSCRIBABLE)
    if is_done:
        portal.log("portal_address_unsubscribed", address=visit.address)
    shown = await _page(visit, portal, TokenUse.UNSUBSCRIBE)
    return Shown(view=shown.view, status=HTTPStatus.OK if is_done else HTTPStatus.NOT_FOUND)


def _link(visit: Visit) -> str:
    return visit.path["link"]


async def _page(visit: Visit, portal: Portal, use: TokenUse) -> Shown:
    cookie = visit.letter or portal.random(_SECRET_OCTETS).hex()
    token = token_of(cookie)
    opened = await portal.store.open_link(_link(visit))
    view = LinkView(token=token, link=_link(visit))
    if opened is not None and opened.token.use is use:
        view = LinkView(
            token=token,
            link=_link(visit),
            address=opened.token.address,
            names=_names(opened, portal),
            counts=opened.counts,
            kinds=tuple((each, each in opened.kinds) for each in UNSUBSCRIBABLE),
            ended=tuple(each for each in UNSUBSCRIBABLE if each in opened.ended),
        )
    return Shown(view=view, cookies=(letter_cookie(cookie),))  # each page has the whole of its time


def _names(opened: OpenedLink, portal: Portal) -> tuple[str, ...]:
    """What the units are called, or the organisation."""
    configuration, organisation = portal.hub.configuration(), opened.token.organisation
    called = {each.party_id: each.name for each in desk_units(configuration, organisation)}
    return tuple(dict.fromkeys(called.get(each) or name_of(configuration, organisation) for each in opened.units))
