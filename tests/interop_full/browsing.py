"""Somebody's browser before Keycloak: it goes where a login sends it, says who its person is, and tells what it would
bring back.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import aiohttp
from interop_full.realm import PASSWORD, PERSON
from yarl import URL

from gateway.identity.login import LoginKind
from gateway.portal.road import Arrived, LoginRoad, WayOut
from gateway.store.portal.model import OpenLogin

_ACTION: Final = re.compile(r'<form[^>]*\saction="([^"]+)"', re.IGNORECASE)
_FIELD: Final = re.compile(r'name="([^"]+)"\s+value="([^"]*)"', re.IGNORECASE)
_MOST_STEPS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a browser brings back to the portal, and the login that was begun for it."""

    query: dict[str, str]
    opened: OpenLogin


async def there_and_back(road: LoginRoad, kind: LoginKind = LoginKind.USER) -> Returned:
    """Log somebody in for that service."""
    now = datetime.now(UTC)
    departure = road.depart(kind, now)
    way = road.leave(departure, kind, "handle", now)
    opened = OpenLogin(request_id=departure.request_id, road=road.name, kind=kind, memo=departure.memo, began_at=now)
    return Returned(query=await _through(way), opened=opened)


async def finished(road: LoginRoad, returned: Returned) -> Arrived:
    """What the portal makes of it."""
    return await road.finish(returned.query, returned.opened, datetime.now(UTC))


async def _through(way: WayOut) -> dict[str, str]:
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(way.origin))
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        begins = {"params" if way.method == "get" else "data": dict(way.fields)}
        answer = await session.request(way.method.upper(), way.action, allow_redirects=False, **begins)
        for _ in range(_MOST_STEPS):
            text = await answer.text()
            if answer.status in (302, 303):
                place = urljoin(str(answer.url), answer.headers["Location"])
                if not place.startswith(way.origin):
                    return dict(parse_qsl(urlsplit(place).query, strict_parsing=True))
                answer = await session.get(place, allow_redirects=False)
                continue
            found = _ACTION.search(text)
            assert answer.status == 200, (answer.status, text)
            assert found is not None, text
            action = html.unescape(found[1])
            if not action.startswith(way.origin):  # as a form that the browser would post there by itself
                return {name: html.unescape(value) for name, value in _FIELD.findall(text)}
            answer = await session.post(action, data={"username": PERSON, "password": PASSWORD}, allow_redirects=False)
    raise AssertionError(f"no way back after {_MOST_STEPS} steps")
