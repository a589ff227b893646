"""Who may do what: one table and one function, asked for every route before anything of it runs.

A session gives no right by itself: what counts is how whoever asks stands to the business unit that is named, by the
service that was logged in with and by the links as they are in the store at this moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.identity.login import LoginKind, OrganisationNumber


class Position(StrEnum):
    """How one who asks stands, in all or to one unit."""

    STRANGER = "stranger"  # no session
    PERSON = "person"  # a session, of whatever service
    ADMINISTRATOR = "administrator"  # a session of the service for administrators
    LINKED = "linked"  # to that unit, or to any where none is named
    ADMINISTERS = "administers"  # an administrator of the organisation that the unit named belongs to


class Act(StrEnum):
    """What a route does."""

    SEE = "see"  # what anybody may read
    LOG_IN = "log in"
    FOLLOW_LINK = "follow link"  # of a letter, which is the proof of its reader
    JOIN = "join"  # ask to take part
    STAY = "stay"
    LOG_OUT = "log out"
    SEE_OVERVIEW = "see overview"  # of the units of whoever asks, whichever these are
    ADMINISTER = "administer"  # the organisation, and no unit in particular
    SEE_MESSAGES = "see messages"
    PROLONG = "prolong"
    OPEN = "open"  # lease, read, push
    SEE_KEYS = "see keys"
    CHANGE_KEYS = "change keys"
    SEE_HANDLING = "see handling"  # who had messages of a unit in hand
    LINK = "link"  # an employee to a unit, and unlink


_ANYBODY: Final = frozenset({Position.STRANGER, Position.PERSON})
_PERSON: Final = frozenset({Position.PERSON})
_LINKED: Final = frozenset({Position.LINKED})
_OF_UNIT: Final = frozenset({Position.LINKED, Position.ADMINISTERS})

RIGHTS: Final[Mapping[Act, frozenset[Position]]] = {
    Act.SEE: _ANYBODY,
    Act.LOG_IN: _ANYBODY,
    Act.FOLLOW_LINK: _ANYBODY,
    Act.JOIN: _ANYBODY,
    Act.STAY: _PERSON,
    Act.LOG_OUT: _PERSON,
    Act.SEE_OVERVIEW: _PERSON,
    Act.ADMINISTER: frozenset({Position.ADMINISTRATOR}),
    Act.SEE_MESSAGES: _LINKED,
    Act.PROLONG: _LINKED,
    Act.OPEN: _LINKED,
    Act.SEE_KEYS: _OF_UNIT,
    Act.CHANGE_KEYS: _OF_UNIT,
    Act.SEE_HANDLING: frozenset({Position.ADMINISTERS}),
    Act.LINK: frozenset({Position.ADMINISTERS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever asks with a session that holds: who it is, and how that person stands now.

    `linked` and `administers` are party ids of units; the first are those of links that hold, cut to what the login
    allows (a mandate for one branch), the second all units of the organisation for an administrator and none for
    anybody else. `is_whole` says that the login is for the whole organisation, and not for one branch of it.
    """

    person: str  # its id
    name: str | None  # as that person typed it
    pairing_code: str | None = field(repr=False)  # to be read out to an administrator; None for who is linked
    kind: LoginKind
    organisation: OrganisationNumber
    linked: frozenset[str]
    administers: frozenset[str]
    is_whole: bool
    began_at: datetime
    idle_ends_at: datetime
    ends_at: datetime
    token: str = field(repr=False)  # what a form and a call have to show besides the cookie


def may(visitor: Visitor | None, act: Act, unit: str | None = None) -> bool:
    """Whether that visitor may do that, to that unit where one is named."""
    return not RIGHTS[act].isdisjoint(positions(visitor, unit))


def positions(visitor: Visitor | None, unit: str | None) -> frozenset[Position]:
    """How a visitor stands."""
    if visitor is None:
        return frozenset({Position.STRANGER})
    found = {Position.PERSON}
    if visitor.kind is LoginKind.ADMINISTRATOR:
        found.add(Position.ADMINISTRATOR)
    if unit in visitor.linked or (unit is None and visitor.linked):
        found.add(Position.LINKED)
    if unit in visitor.administers:
        found.add(Position.ADMINISTERS)
    return frozenset(found)
