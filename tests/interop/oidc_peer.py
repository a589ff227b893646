"""A provider on `oidc-provider`, the portal's road to it, and a browser that goes the way between them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp
from interop.foreign import HERE, PREPARE, NotServed, PrerequisiteMissing
from support.identity.tokens import LOA, provider, signing_key, us

from gateway.identity import etoegang
from gateway.identity.login import Level, Login, LoginKind
from gateway.identity.oidc import ClaimPaths, Provider, Registration, our_keys
from gateway.net.destination import Destinations
from gateway.net.fetching import Outbound
from gateway.portal.oidc_road import OidcRoad
from gateway.store.portal.model import OpenLogin

OIDC = Path(os.environ.get("KNOOPPUNT_OIDC_PEER", HERE.parent.parent / ".tox" / "oidc-peer"))
CLAIMS = [etoegang.LEGAL_SUBJECT, "namequalifier", etoegang.ACTING_SUBJECT, etoegang.BRANCH, "represents"]


class OidcPeer:
    """The provider (tests/interop/oidc/provider.mjs), as long as a test session lasts."""

    def __init__(self) -> None:
        reason = OIDC / "not-served"
        if reason.exists():
            raise NotServed(f"oidc-provider: {reason.read_text().strip()}")
        if shutil.which("node") is None or not (OIDC / "lock.sha256").exists():
            raise PrerequisiteMissing(f"Node of release 20 or later or oidc-provider is missing: {PREPARE}")
        self._process = subprocess.Popen(
            ["node", str(HERE / "oidc" / "provider.mjs"), str(OIDC / "package.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(_configuration()) + "\n")
        self._process.stdin.flush()
        self.issuer = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=20)

    @property
    def known(self) -> Provider:
        """The provider as the portal knows it."""
        return replace(
            provider(),
            issuer=self.issuer,
            audience=self.issuer,
            authorization_url=f"{self.issuer}/auth",
            token_url=f"{self.issuer}/token",
            keys_url=f"{self.issuer}/jwks",
        )


def _configuration() -> dict[str, Any]:
    clients = [
        {
            "client_id": each.client_id,
            "redirect_uris": [each.redirect_uri],
            "jwks": json.loads(our_keys((us().signer.certificate,))),
            "id_token_signed_response_alg": algorithm,
        }
        for each, algorithm in zip(us().clients.values(), ("PS256", "RS256"), strict=True)
    ]
    return {
        "clients": clients,
        "keys": {"keys": [signing_key("one").as_dict(private=True)]},
        "levels": [f"{LOA}{level.value}" for level in Level],
        "claims": CLAIMS,
    }


def registration(paths: ClaimPaths | None = None) -> Registration:
    """Ourselves, who ask for a level: a provider need not say one otherwise."""
    return replace(us(), acr_values=(f"{LOA}loa3",), claims=paths or ClaimPaths())


@dataclass
class Way:
    """One browser's way: what it was sent off with, and what it comes back with."""

    road: OidcRoad
    session: aiohttp.ClientSession
    kind: LoginKind = LoginKind.USER
    bent: Mapping[str, str] = field(default_factory=dict)  # fields that the browser changes on the way
    opened: OpenLogin | None = None

    async def there(self, said: Mapping[str, Any] | None, level: str | None = f"{LOA}loa3") -> dict[str, str]:
        """To the provider, where somebody says who he is (None: he ends the login), and back: what the return says."""
        now = datetime.now(UTC)
        departure = self.road.depart(self.kind, now)
        self.opened = OpenLogin(
            request_id=departure.request_id, road=self.road.name, kind=self.kind, memo=departure.memo, began_at=now
        )
        way = self.road.leave(departure, self.kind, "handle", now)
        answer = f"{way.action}?{urlencode({**way.fields, **self.bent})}"
        while answer.startswith(way.origin):
            if urlsplit(answer).path.startswith("/who/"):
                answer += f"?{urlencode(_who(said, level))}"
            answer = await self._see(answer)
        return dict(parse_qsl(urlsplit(answer).query, strict_parsing=True))

    async def back(self, query: Mapping[str, str]) -> Login:
        """What the return comes to; `LoginRefused` and `NotFetched` as the road raises them."""
        assert self.opened is not None
        return (await self.road.finish(query, self.opened, datetime.now(UTC))).login

    async def _see(self, url: str) -> str:
        """Where an answer sends the browser."""
        async with self.session.get(url, allow_redirects=False) as response:
            assert response.status in (302, 303), await response.text()
            return urljoin(url, response.headers["Location"])


def _who(said: Mapping[str, Any] | None, level: str | None) -> dict[str, str]:
    claims = {"said": json.dumps(said)}
    return claims if level is None else {**claims, "level": level}


@asynccontextmanager
async def on_the_way(
    peer: OidcPeer, *, us: Registration | None = None, known: Provider | None = None, **otherwise: Any
) -> AsyncIterator[Way]:
    """A browser that nobody knows yet, before the portal's road to that provider."""
    outbound = Outbound(Destinations(hosts=frozenset({"127.0.0.1"}), networks=(ip_network("127.0.0.0/8"),)))
    road = OidcRoad(lambda: us or registration(), known or peer.known, outbound, random=os.urandom)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Way(road, session, **otherwise)
