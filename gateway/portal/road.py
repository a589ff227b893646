"""A road by which people log in, as the portal sees it: where to send a browser, and what to make of its return.

SECURITY: whoever returns has shown the handle and the cookie of an open login of this browser before `finish` is
called, so nothing is fetched for anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gateway.identity.login import Login, LoginKind
from gateway.store.portal.model import OpenLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A login that can begin: what to remember of it."""

    request_id: str
    memo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """Where the browser goes to, with what: a form that is sent there."""

    action: str
    origin: str  # of that address
    fields: Mapping[str, str]
    method: Literal["get", "post"] = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Who logged in, by what assertion, which counts once and is remembered until then."""

    login: Login
    assertion_id: str
    forget_at: datetime


class LoginRoad(Protocol):
    """One road to one broker."""

    @property
    def name(self) -> str:
        """Under which an open login remembers its road."""

    @property
    def keys(self) -> bytes | None:
        """Our keys as the broker fetches them; None where it has them by another way."""

    def client_of(self, kind: LoginKind) -> str | None:
        """What the address names to which that service returns; None where all return to one."""

    def depart(self, kind: LoginKind, now: datetime) -> Departure:
        """A login for that service begins; raises `LoginRefused` where the broker cannot be used now."""

    def leave(self, departure: Departure, kind: LoginKind, handle: str, now: datetime) -> WayOut:
        """What the browser carries to the broker; the handle comes back with it."""

    def handle_of(self, query: Mapping[str, str]) -> str | None:
        """The handle that a return carries."""

    async def finish(self, query: Mapping[str, str], opened: OpenLogin, now: datetime) -> Arrived:
        """Who it is; raises `LoginRefused`, and `gateway.net.fetching.NotFetched` where the broker did not answer."""
