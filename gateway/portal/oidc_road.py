"""The road of OpenID Connect: from the pure functions of `gateway.identity.oidc`, one exchange with the provider, and
now and then one for its keys.

SECURITY: the code that a browser brings goes to the one address of the settings, with the verifier that this browser's
login was begun with. What comes back is bounded, and judged as if anybody could have sent it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from gateway.identity.login import LoginKind, LoginRefused
from gateway.identity.oidc import (
    FORM_TYPE,
    MOST_ANSWER_OCTETS,
    BegunLogin,
    Provider,
    Registration,
    TokenRequest,
    authorization_request,
    code_of,
    our_keys,
    read,
    read_token,
    token_request,
    why_no_token,
)
from gateway.net.fetching import Declined, NotFetched
from gateway.portal.provider_keys import Fetching, KeysOfProvider
from gateway.portal.road import Arrived, Departure, WayOut
from gateway.store.portal.model import OpenLogin

_RANDOM_OCTETS: Final = 32
_ACCEPT: Final = {"Accept": "application/json"}


class OidcRoad:
    """One relying party with a client for each service, as the key that was read last has it, and one provider."""

    name = "oidc"

    def __init__(
        self,
        us: Callable[[], Registration],
        provider: Provider,
        outbound: Fetching,
        *,
        random: Callable[[int], bytes],
    ) -> None:
        self._us = us
        self._provider = provider
        self._outbound = outbound
        self._provider_keys = KeysOfProvider(provider.keys_url, outbound)
        self._random = random

    @property
    def keys(self) -> bytes:
        """The one that signs now, as the provider reads it."""
        return our_keys((self._us().signer.certificate,))

    def client_of(self, kind: LoginKind) -> str | None:
        """Each service returns to an address of its own, which names it."""
        return kind.value

    def depart(self, kind: LoginKind, now: datetime) -> Departure:
        """A login begins, with a nonce and a verifier that were never used."""
        return Departure(request_id=self._new(), memo=self._new())

    def leave(self, departure: Departure, kind: LoginKind, handle: str, now: datetime) -> WayOut:
        """The form with the request; the handle is its state."""
        asked = BegunLogin(kind=kind, nonce=departure.request_id, verifier=departure.memo, begun_at=now)
        begun = authorization_request(self._us(), self._provider, asked, state=handle)
        parts = urlsplit(begun.url)
        return WayOut(action=begun.url, origin=f"{parts.scheme}://{parts.netloc}", fields=begun.fields, method="get")

    def handle_of(self, query: Mapping[str, str]) -> str | None:
        """The state."""
        return query.get("state")

    async def finish(self, query: Mapping[str, str], opened: OpenLogin, now: datetime) -> Arrived:
        """Give the code back for a token, and judge that."""
        code = code_of(query, self._provider)
        if opened.began_at is None:
            raise LoginRefused("request", "an open login without its beginning")
        asked = BegunLogin(kind=opened.kind, nonce=opened.request_id, verifier=opened.memo, begun_at=opened.began_at)
        request = token_request(self._us(), self._provider, asked, code, assertion_id=self._new(), at=now)
        token = read_token(await self._exchanged(request))
        keys = await self._provider_keys.looked_up(token.key_id, now)
        proven = read(token, us=self._us(), provider=self._provider, keys=keys, asked=asked, now=now)
        return Arrived(login=proven.login, assertion_id=proven.assertion_id, forget_at=proven.remember_until)

    async def _exchanged(self, request: TokenRequest) -> bytes:
        """What the token endpoint gives for the code; `NotFetched`, with the word of OAuth for why it declines."""
        try:
            return await self._outbound.post(
                request.url, request.octets, content_type=FORM_TYPE, most_octets=MOST_ANSWER_OCTETS, headers=_ACCEPT
            )
        except Declined as fault:
            raise NotFetched(f"the provider's token endpoint: {fault}, {why_no_token(fault.octets)}") from None
        except NotFetched as fault:
            raise NotFetched(f"the provider's token endpoint: {fault}") from None

    def _new(self) -> str:
        """Of 64 characters: long enough for a verifier, short enough for anything."""
        return self._random(_RANDOM_OCTETS).hex()
