"""Who is logged in at the desk on one's own machine, and who is on the way back from the portal.

SECURITY: a session of the portal never leaves this process; the browser has a cookie of ours, which says nothing
elsewhere. Both live in memory and end with it. Who comes back has to be the browser that left (state), and the code
that it brings is worth something only here (verifier, RFC 7636): a login link of somebody else is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final, TypeVar

_MOST: Final = 100  # browsers of one machine
_OCTETS: Final = 32
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{40,300}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Departed:
    """A login that was begun here: what comes back with it, and what redeems its code."""

    state: str
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """The hash of the verifier, which the portal is told."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


class Logins:
    """The sessions and open logins of one desk, by the cookie of their browser."""

    def __init__(self) -> None:
        self._open: dict[str, Departed] = {}
        self._sessions: dict[str, str] = {}

    def depart(self) -> tuple[str, Departed]:
        """Begin a login; the cookie for the browser."""
        departed = Departed(secrets.token_urlsafe(_OCTETS), secrets.token_urlsafe(_OCTETS))
        return _put(self._open, departed), departed

    def came_back(self, cookie: str | None, state: str, code: str) -> Departed | None:
        """The login of this browser, once, if that is the one that comes back."""
        departed = self._open.pop(cookie or "", None)
        if departed is None or not hmac.compare_digest(departed.state.encode(), state.encode("utf-8", "replace")):
            return None
        return departed if _CODE.fullmatch(code) else None

    def begin(self, session: str) -> str:
        """A session of the portal began; the cookie for the browser."""
        return _put(self._sessions, session)

    def session(self, cookie: str | None) -> str | None:
        """The session of the portal that a browser's cookie stands for."""
        return self._sessions.get(cookie or "")

    def end(self, cookie: str | None) -> None:
        """Nothing is left of it."""
        self._sessions.pop(cookie or "", None)


def _put(kept: dict[str, T], value: T) -> str:
    if len(kept) >= _MOST:
        del kept[next(iter(kept))]
    cookie = secrets.token_urlsafe(_OCTETS)
    kept[cookie] = value
    return cookie
