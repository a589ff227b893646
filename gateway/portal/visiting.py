"""From a session cookie to whoever asks: who that is in the store at this moment, and which units are theirs."""

from __future__ import annotations

from gateway.identity.login import LoginKind
from gateway.portal.organisations import desk_units, in_branch
from gateway.portal.rights import Visitor
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import Session
from pmodes.configuration import Configuration


async def find_visitor(
    token: str | None, store: PortalStore, configuration: Configuration, *, touch: bool = True
) -> Visitor | None:
    """Whose session that is; None where there is none that counts. `touch` lets its idle time begin anew."""
    session = None if token is None else await store.find_session(token, touch=touch)
    return None if session is None else visitor_of(session, configuration)


def visitor_of(session: Session, configuration: Configuration) -> Visitor:
    """Who a session stands for, by the P-Modes in force: a unit that left them is nobody's."""
    units = desk_units(configuration, session.person.organisation)
    within = frozenset(each.party_id for each in in_branch(units, session.branch))
    return Visitor(
        person=session.person.id,
        name=session.person.name,
        pairing_code=session.pairing_code,
        kind=session.kind,
        organisation=session.person.organisation,
        linked=within.intersection(session.units),
        administers=within if session.kind is LoginKind.ADMINISTRATOR else frozenset(),
        is_whole=session.branch is None,
        began_at=session.began_at,
        idle_ends_at=session.idle_ends_at,
        ends_at=session.ends_at,
        token=session.csrf_token,
    )
