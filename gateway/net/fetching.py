"""One request of the hub to somebody else's server, and its whole answer: octets out, octets in, or why not.

A name is resolved once; every address that came of it is judged, and one of these is connected to. The octets are for
whoever asked to judge: nothing here knows what they mean.

SECURITY: whoever answers is a stranger. Time, size and the number of connections are bounded; redirects are not
followed, proxies of the environment not used, nothing is decompressed, no cookie is kept. Over TLS the certificate is
verified for the name of the URL. A plain http URL protects nothing, and what is fetched so has to carry a signature.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.http_faults import said_of
from gateway.limits import OutboundLimits
from gateway.net.destination import Destinations, Forbidden

MOST_DECLINED_OCTETS: Final = 4096
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]  # of a name and a port: its addresses


class NotFetched(Exception):
    """There is no whole answer of status 200; the text says why, for the operator alone."""


class Declined(NotFetched):
    """An answer of another status. `octets` are the first of its body, `MOST_DECLINED_OCTETS` at most, which may say
    why; they are a stranger's, and stand in no text.
    """

    def __init__(self, status: int, octets: bytes) -> None:
        super().__init__(f"the answer is HTTP {status}")
        self.status = status
        self.octets = octets


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine resolves it; raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


class Outbound:
    """Fetches from the listed destinations; `tls` says whom it trusts over https, the system's authorities if None."""

    def __init__(
        self,
        destinations: Destinations,
        *,
        tls: ssl.SSLContext | None = None,
        limits: OutboundLimits | None = None,
        lookup: Lookup = look_up,
    ) -> None:
        self._destinations = destinations
        self.renew_tls(tls or ssl.create_default_context())
        self._limits = limits or OutboundLimits()
        self._lookup = lookup
        self._at_once = asyncio.Semaphore(self._limits.connections)

    def renew_tls(self, tls: ssl.SSLContext) -> None:
        """Connections that begin from now on trust whom that one trusts, and show what that one shows."""
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls = tls

    def objection(self, url: str) -> str | None:
        """Why nothing is ever fetched from there, as far as that is known without asking for its addresses."""
        try:
            self._destinations.check_url(url)
        except Forbidden as refused:
            return str(refused)
        return None

    async def get(self, url: str, *, most_octets: int) -> bytes:
        """The body of the answer; raises `NotFetched`."""
        return await self._ask("GET", url, None, {}, most_octets)

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        most_octets: int,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> bytes:
        """The body of the answer to these octets; raises `NotFetched`."""
        return await self._ask("POST", url, body, {"Content-Type": content_type, **headers}, most_octets)

    async def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str], most_octets: int) -> bytes:
        try:
            async with self._at_once, asyncio.timeout(self._limits.seconds):
                return await self._exchange(method, url, body, headers, most_octets)
        except Forbidden as refused:
            raise NotFetched(str(refused)) from None
        except TimeoutError:
            raise NotFetched(f"no whole answer within {self._limits.seconds:g} s") from None
        except aiohttp.ClientConnectorCertificateError as fault:
            raise NotFetched(f"its TLS certificate is not taken: {fault.certificate_error}") from None
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise NotFetched(said_of(fault)) from None

    async def _exchange(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], most_octets: int
    ) -> bytes:
        parts = self._destinations.check_url(url)
        addresses = self._destinations.check_addresses(parts.host, await self._resolved(parts.host, parts.port))
        connector = aiohttp.TCPConnector(
            ssl=self._tls, resolver=_Resolved(addresses), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector, auto_decompress=False, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.request(
                method,
                url,
                data=body,
                headers={"Accept-Encoding": "identity", "User-Agent": "knooppunt", **headers},
                allow_redirects=False,
            ) as response,
        ):
            return await _body_of(response, most_octets)

    async def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            return [str(ip_address(host))]  # written as an address: there is nothing to look up
        except ValueError:
            return await self._lookup(host, port)


async def _body_of(response: aiohttp.ClientResponse, most_octets: int) -> bytes:
    if response.status in range(300, 400):
        raise NotFetched(f"the answer is {response.status}: redirects are not followed; name the URL it leads to")
    if response.status != 200:
        raise Declined(response.status, await _beginning_of(response))
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise NotFetched("the answer is compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most_octets:
            raise NotFetched(f"the answer has more than {most_octets} octets")
    return bytes(body)


async def _beginning_of(response: aiohttp.ClientResponse) -> bytes:
    """As much as comes whole of what a server says beside a status; what it says wrongly is nothing."""
    try:
        return await response.content.readexactly(MOST_DECLINED_OCTETS)
    except asyncio.IncompleteReadError as ended:
        return ended.partial
    except aiohttp.ClientError:
        return b""


class _Resolved(AbstractResolver):
    """Gives what was resolved and judged; a second look-up could be answered with another address."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for each in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""
