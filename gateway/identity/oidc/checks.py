"""The checks of an ID token's claims, one function each, named as the order in `answer.py` names them.

Clauses: OpenID Connect Core 2 and 3.1.3.7; NL GOV Assurance profile for OpenID Connect.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any, Final

from gateway.identity.login import MOST_OPEN, SKEW, Level, LoginRefused
from gateway.identity.oidc.parties import BegunLogin, LoginClient, Provider

Claims = Mapping[str, Any]
_YEAR_9999_SECONDS: Final = 253_402_300_800


def issuer(claims: Claims, provider: Provider) -> None:
    """From the provider, to the letter."""
    if claims.get("iss") != provider.issuer:
        raise LoginRefused("issuer", "the token is not the provider's")


def service(provider: Provider, asked: BegunLogin) -> None:
    """For a service that this provider may vouch for; which one, the client says that was asked with."""
    if asked.kind not in provider.services:
        raise LoginRefused("service", "the provider does not vouch for that service")


def audience(claims: Claims, client: LoginClient) -> None:
    """For the client that asked, and for it alone."""
    said = claims.get("aud")
    if said not in (client.client_id, [client.client_id]):
        raise LoginRefused("audience", "the token is for somebody else, or for others too")
    if "azp" in claims and claims["azp"] != client.client_id:
        raise LoginRefused("audience", "the token was given to somebody else")


def request(claims: Claims, asked: BegunLogin, now: datetime) -> None:
    """The answer to the login that this browser began, and not too late. That it counts once is the caller's."""
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(errors="replace"), asked.nonce.encode()):
        raise LoginRefused("request", "the token answers another login than this browser's")
    if now - asked.begun_at > MOST_OPEN:
        raise LoginRefused("request", "the login was begun too long ago")


def times(claims: Claims, asked: BegunLogin, now: datetime) -> datetime:
    """Made after the request, valid now, and the person was asked anew: when."""
    _after_request(_moment(claims, "iat"), asked, now, "the token was made")
    if now >= _moment(claims, "exp") + SKEW:
        raise LoginRefused("time", "the token counts no more")
    if "nbf" in claims and now < _moment(claims, "nbf") - SKEW:
        raise LoginRefused("time", "the token does not count yet")
    authenticated_at = _moment(claims, "auth_time")
    _after_request(authenticated_at, asked, now, "the person was asked")
    return min(authenticated_at, now)


def level(claims: Claims, provider: Provider, required: Level) -> Level:
    """By the list of what this provider may say; nothing said is no level."""
    said = claims.get("acr")
    found = provider.levels.get(said) if isinstance(said, str) else None
    if found is None:
        raise LoginRefused("level", "the token has no level, or none that the provider may give")
    if not found.reaches(required):
        raise LoginRefused("level", f"{found.value} is lower than {required.value}")
    return found


def _moment(claims: Claims, name: str) -> datetime:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < _YEAR_9999_SECONDS:
        raise LoginRefused("time", f"{name} is no moment")
    return datetime.fromtimestamp(said, UTC)


def _after_request(moment: datetime, asked: BegunLogin, now: datetime, what: str) -> None:
    if moment < asked.begun_at - SKEW:
        raise LoginRefused("time", f"{what} before this login began")
    if moment > now + SKEW:
        raise LoginRefused("time", f"{what} later than now")
