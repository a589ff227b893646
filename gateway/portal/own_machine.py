"""A login that goes back to a desk on somebody's own machine (`knooppunt desk serve`), as native programs log in
(RFC 8252): by way of a loopback address, with a proof of possession of the code (RFC 7636, S256).

The steps: the desk sends its browser here with a challenge; a page names the address to go back to; the login goes as
any other, and no session begins at its end: its browser carries a code that counts once to that address. Whoever
shows the code with what the challenge was made of gets the session.

SECURITY: nothing but a loopback address is ever gone back to: `localhost`, or a name below it with TLS (RFC 6761),
which browsers look up nowhere. What was asked stands in a cookie that is bound to the one login begun with it, after a
person saw the address. Without the verifier, which never left the desk, a code is worth nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from gateway.identity.login import Login, LoginKind
from gateway.portal.cookies import login_cookie, token_of
from gateway.portal.faults import PortalFault, Unusable
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.portal.model import OpenLogin

PAGE: Final = "/eigen-computer"
_ROAD: Final = "own-machine"
_SECRET_OCTETS: Final = 32
_MOST_CHARACTERS: Final = 300
_AT: Final = re.compile(r"http://localhost:[1-9][0-9]{0,4}|https://[a-z0-9][a-z0-9-]{0,62}\.localhost:[1-9][0-9]{0,4}")
_RANDOM: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, or SHA-256 of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Where a login goes back to, the hash of what redeems its code, and what the desk knows its browser by."""

    at: str
    challenge: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMachineView:
    """The page that asks whether one began this on the machine at `at`."""

    token: str
    service: str
    at: str
    challenge: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackView:
    """The way back, with the code."""

    at: str
    code: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The session that a code stood for, and the page it begins with."""

    session: str
    see: str


async def ask(visit: Visit, portal: Portal) -> Outcome:
    """The page that says where a login will go back to."""
    back, service = _ask(visit.query), visit.query.get("service", "")
    if back is None or service not in set(LoginKind):
        raise Unusable("no desk on a machine of somebody's own")
    cookie = visit.login or portal.random(_SECRET_OCTETS).hex()
    view = OwnMachineView(
        token=token_of(cookie), service=service, at=back.at, challenge=back.challenge, state=back.state
    )
    return Shown(view=view, cookies=() if visit.login else (login_cookie(cookie),))


def ask_of_form(visit: Visit) -> Ask | None:
    """What the form of that page says; None for a login at the portal itself."""
    if not visit.says("at"):
        return None
    back = _ask(visit.form)
    if back is None:
        raise Unusable("no desk on a machine of somebody's own")
    return back


def bound(back: Ask, login: str) -> str:
    """What was asked as the value of a cookie, for the login with that cookie and no other."""
    octets = "|".join((token_of(login), back.at, back.challenge, back.state)).encode("ascii")
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def ask_of_cookie(value: str | None, login: str | None) -> Ask | None:
    """What was asked of this login; None where nothing was, or of another."""
    if value is None or login is None:
        return None
    try:
        whose, at, challenge, state = (
            base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii").split("|")
        )
    except ValueError:
        return None
    found = _ask({"at": at, "challenge": challenge, "state": state})
    return found if hmac.compare_digest(whose, token_of(login)) else None


async def hand_over(back: Ask, person: str, login: Login, portal: Portal) -> BackView:
    """A code for the session of that person, which the store keeps as it keeps a login that has not come back."""
    memo = json.dumps({"person": person, "branch": login.branch})
    opened = OpenLogin(request_id=back.challenge, road=_ROAD, kind=login.kind, memo=memo)
    handles = await portal.store.open_login(opened)
    return BackView(at=back.at, code=f"{handles.handle}.{handles.cookie}", state=back.state)


async def redeem(visit: Visit, portal: Portal) -> Outcome:
    """The session of a code, once, for whoever has what its challenge was made of."""
    code, verifier = visit.said("code", most=_MOST_CHARACTERS), visit.said("verifier", most=_MOST_CHARACTERS)
    handle, _, cookie = code.partition(".")
    opened = await portal.store.take_login(handle, cookie)
    if opened is None or opened.road != _ROAD or not _proves(verifier, opened.request_id):
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.login_over", detail="no such code of a desk on its own machine")
    said = json.loads(opened.memo)
    begun = await portal.store.begin_session(said["person"], kind=opened.kind, branch=said["branch"])
    portal.log("portal_logged_in", person=said["person"], login=opened.kind.value, address=visit.address)
    see = "/organisatie" if opened.kind is LoginKind.ADMINISTRATOR else "/berichten"
    return Shown(view=HandedOver(session=begun.token, see=see))


def _ask(said: Mapping[str, str]) -> Ask | None:
    at, challenge, state = (said.get(name, "") for name in ("at", "challenge", "state"))
    if not _AT.fullmatch(at) or not _RANDOM.fullmatch(challenge) or not _RANDOM.fullmatch(state):
        return None
    return Ask(at=at, challenge=challenge, state=state)


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).decode("ascii").rstrip("="), challenge)
