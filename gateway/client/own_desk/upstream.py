"""The portal as the desk on one's own machine asks it: documents of JSON, and octets of the kinds that were named.

SECURITY: the portal is a stranger here. What it sends is JSON or octets of a type that the route allows, within a size,
uncompressed and never a redirect; whatever else comes is `Strange`, and no octet of it goes on. None of its headers
does, but for the type of a message, which is held to a form.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from gateway.client.own_desk.routes import MOST_JSON_OCTETS, Call
from gateway.http_faults import said_of
from gateway.pages.forgery import FRAME_HEADER, TOKEN_HEADER

_STEP_OCTETS: Final = 256 * 1024
_CONNECT_SECONDS: Final = 30
_SILENCE_SECONDS: Final = 300  # between two octets: a large message is being validated
_JSON: Final = "application/json"
_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+/;=\"'<>@: -]{1,500}")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,128}")
_STATUSES: Final = frozenset(each for each in HTTPStatus if 200 <= each < 300 or each >= HTTPStatus.BAD_REQUEST)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Silent(Exception):
    """The portal gave no whole answer; the reason is for the log."""


class Strange(Exception):
    """The portal gave an answer that none of ours would give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a request to the portal carries of whoever asks here."""

    session: str | None = None
    token: str = ""
    login: str | None = None
    language: str = "nl"
    lease: str | None = None

    def headers(self) -> dict[str, str]:
        """As a page of the portal would ask."""
        cookies = {"__Host-knooppunt": self.session, "__Host-login": self.login, "__Host-taal": self.language}
        said = {
            "Accept-Encoding": "identity",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items() if value),
            "Sec-Fetch-Site": "same-origin",
            TOKEN_HEADER: self.token,
        }
        return said if self.lease is None else {**said, "Knooppunt-Lease": self.lease}


@dataclass(frozen=True, slots=True)
class SaidByPortal:
    """A document that the portal sent, with its status and the cookie of a login, if it set one."""

    status: int
    document: Any
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Relayed:
    """An answer to be handed on as it comes."""

    status: int
    content_type: str
    message_type: str | None  # of stored octets
    chunks: AsyncIterator[bytes]


class FarPortal:
    """One portal, at its origin."""

    def __init__(self, origin: str, session: aiohttp.ClientSession) -> None:
        self.origin = origin
        self._session = session

    async def document(
        self, method: str, path: str, asking: Asking, *, query: str = "", said: Any = None, is_framed: bool = False
    ) -> SaidByPortal:
        """A document; with something `said` that is sent as one."""
        headers = {**asking.headers(), **({FRAME_HEADER: "1"} if is_framed else {})}
        data = None if said is None else json.dumps(said).encode("utf-8")
        async with self._answer(method, path, query, {**headers, "Content-Type": _JSON}, data) as response:
            if _type_of(response) != _JSON:
                raise Strange("no JSON")
            octets = b"".join([each async for each in _within(response, MOST_JSON_OCTETS)])
            try:
                document = json.loads(octets.decode("utf-8"))
            except (ValueError, RecursionError):
                raise Strange("JSON that cannot be read") from None
            login = response.cookies.get("__Host-login")
            value = "" if login is None else login.value
            return SaidByPortal(response.status, document, value if _SECRET.fullmatch(value) else None)

    @asynccontextmanager
    async def relayed(
        self,
        call: Call,
        path: str,
        asking: Asking,
        *,
        query: str,
        content_type: str,
        data: bytes | AsyncIterator[bytes] | None,
        length: int | None = None,
    ) -> AsyncIterator[Relayed]:
        """What a script asked, handed on as octets while they come."""
        headers = {**asking.headers(), "Content-Type": content_type}
        if length is not None:
            headers["Content-Length"] = str(length)
        async with self._answer(call.method, path, query, headers, data) as response:
            kind = _type_of(response)
            is_empty = kind == "" and response.content_length in (0, None)
            if kind != _JSON and kind not in call.media_types and not is_empty:
                raise Strange("a type that this route does not have")
            most = MOST_JSON_OCTETS if kind == _JSON else call.most_octets
            if (response.content_length or 0) > most:
                raise Strange("more octets than this route has")
            shown = "application/octet-stream" if kind in ("", "application/xml") else response.headers["Content-Type"]
            yield Relayed(
                response.status,
                _JSON if kind == _JSON else _form_of(shown),
                _message_type(response),
                _within(response, most),
            )

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], data: bytes | AsyncIterator[bytes] | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = URL(f"{self.origin}{path}{'?' + query if query else ''}", encoded=True)
        sent = data if method != "GET" else None
        try:
            async with self._session.request(
                method, url, headers=headers, data=sent, allow_redirects=False
            ) as response:
                if response.status not in _STATUSES:
                    raise Strange(f"status {response.status}")
                if "Content-Encoding" in response.headers:
                    raise Strange("compressed octets")
                yield response
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as fault:
            raise Silent(said_of(fault)) from None


def open_session(authorities: str | None = None) -> aiohttp.ClientSession:
    """A session with the portal, which trusts the system's authorities, or those that are named (PEM) alone."""
    context = ssl.create_default_context(cadata=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS),
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def session_of(said: SaidByPortal) -> str:
    """The session that the portal handed over."""
    value = said.document.get("session") if isinstance(said.document, dict) else None
    if not isinstance(value, str) or not _SECRET.fullmatch(value):
        raise Strange("no session")
    return value


def portal_origin(url: str) -> str:
    """The origin of a portal's address; ValueError unless it is one with TLS, or on this very machine."""
    parts = urlsplit(url)
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc
    if not is_bare or not parts.hostname:
        raise ValueError("name the portal as https://HOST")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("a portal is reached by https")
    return f"{parts.scheme}://{parts.netloc}"


def _type_of(response: aiohttp.ClientResponse) -> str:
    said = response.headers.getall("Content-Type", [])
    if len(said) > 1:
        raise Strange("two types")
    return said[0].partition(";")[0].strip().lower() if said else ""


def _form_of(value: str) -> str:
    if not _TYPE.fullmatch(value):
        raise Strange("a type that cannot be read")
    return value


def _message_type(response: aiohttp.ClientResponse) -> str | None:
    said = response.headers.get("Knooppunt-Content-Type")
    return None if said is None else _form_of(said)


async def _within(response: aiohttp.ClientResponse, most_octets: int) -> AsyncIterator[bytes]:
    count = 0
    async for chunk in response.content.iter_chunked(_STEP_OCTETS):
        count += len(chunk)
        if count > most_octets:
            raise Strange("more octets than this route has")
        yield chunk
