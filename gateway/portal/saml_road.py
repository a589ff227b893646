"""The road of eHerkenning by SAML: from the pure functions of `gateway.identity.saml`, one exchange with the broker.

SECURITY: the broker is a stranger until its signature held. What it answers is bounded, its address stands in its
signed metadata, and the closed list of destinations holds for it as for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from gateway.identity.login import LoginKind, LoginRefused
from gateway.identity.saml import (
    SOAP_ACTION,
    AskedLogin,
    Broker,
    RelyingParty,
    ResolveRequest,
    artifact_of,
    begin,
    read,
    resolve_request,
)
from gateway.limits import KIB
from gateway.net.fetching import NotFetched
from gateway.portal.road import Arrived, Departure, WayOut
from gateway.store.portal.model import OpenLogin

MOST_ANSWER_OCTETS: Final = 256 * KIB
_ID_OCTETS: Final = 20


class Posting(Protocol):
    """Posts octets and gives those of the answer (`gateway.net.fetching.Outbound`); raises `NotFetched`."""

    async def post(
        self, url: str, body: bytes, *, content_type: str, most_octets: int, headers: Mapping[str, str] = ...
    ) -> bytes: ...


class SamlRoad:
    """One relying party, one broker; `us` is it with its keys of now, `broker` what the broker's metadata says now."""

    name = "saml"
    keys: bytes | None = None

    def __init__(
        self,
        us: Callable[[], RelyingParty],
        broker: Callable[[], Broker],
        outbound: Posting,
        *,
        content_type: str,
        random: Callable[[int], bytes],
    ) -> None:
        self._us = us
        self._broker = broker
        self._outbound = outbound
        self._content_type = content_type
        self._random = random

    def client_of(self, kind: LoginKind) -> str | None:
        """All services return to one address; which one it was stands in the assertion."""
        return None

    def depart(self, kind: LoginKind, now: datetime) -> Departure:
        """A login begins, under an id that was never used."""
        if self._broker().valid_until <= now:
            raise LoginRefused("source", "the broker's metadata is over; fetch it anew")
        return Departure(request_id=self._new_id())

    def leave(self, departure: Departure, kind: LoginKind, handle: str, now: datetime) -> WayOut:
        """The form with the signed request."""
        begun = begin(self._us(), self._broker(), kind, request_id=departure.request_id, relay_state=handle, at=now)
        parts = urlsplit(begun.url)
        return WayOut(action=begun.url, origin=f"{parts.scheme}://{parts.netloc}", fields=begun.fields)

    def handle_of(self, query: Mapping[str, str]) -> str | None:
        """The RelayState."""
        return query.get("RelayState")

    async def finish(self, query: Mapping[str, str], opened: OpenLogin, now: datetime) -> Arrived:
        """Resolve the artifact, and judge what comes."""
        broker = self._broker()
        artifact = artifact_of(query.items(), broker)
        if opened.began_at is None:
            raise LoginRefused("request", "an open login without its beginning")
        asked = AskedLogin(request_id=opened.request_id, kind=opened.kind, begun_at=opened.began_at)
        resolve = resolve_request(self._us(), broker, artifact, request_id=self._new_id(), at=now)
        octets = await self._resolved(resolve)
        proven = read(octets, us=self._us(), broker=broker, asked=asked, resolve_id=resolve.request_id, now=now)
        return Arrived(login=proven.login, assertion_id=proven.assertion_id, forget_at=proven.remember_until)

    async def _resolved(self, resolve: ResolveRequest) -> bytes:
        try:
            return await self._outbound.post(
                resolve.url,
                resolve.octets,
                content_type=f"{self._content_type}; charset=utf-8",
                most_octets=MOST_ANSWER_OCTETS,
                headers={"SOAPAction": SOAP_ACTION},
            )
        except NotFetched as fault:
            raise NotFetched(f"the broker's place for artifacts: {fault}") from None

    def _new_id(self) -> str:
        return f"_{self._random(_ID_OCTETS).hex()}"
