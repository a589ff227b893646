"""The mock broker over HTTP: a request comes in, somebody chooses who he is, an artifact goes back and is resolved.

    GET  /metadata    the broker's metadata, which the portal's settings name as a file
    POST /sso         an AuthnRequest, which has to be signed by the customer; answers with the page
    POST /choose      what was chosen on the page, or that the login was ended; leads back with an artifact
    POST /artifact    an ArtifactResolve, signed; each artifact is answered once

What is remembered lies in memory and is bounded. `bend` changes an answer before it is signed, for tests.
"""

from __future__ import annotations

import binascii
import secrets
import socket
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Final, TypeVar
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from aiohttp import web
from cryptography import x509
from jinja2 import Environment, StrictUndefined
from lxml import etree
from signxml.exceptions import InvalidInput, SignXMLException

from gateway.site.broker.answer import BrokerAnswer, answer_for, artifact_response, enveloped, written
from gateway.site.broker.metadata import metadata
from gateway.site.broker.sealing import Element, signed_by
from gateway.site.broker.values import KVK, RSIN, SAML, SAMLP, SOAP, Chosen, MockBroker

LEVELS: Final = ("loa3", "loa4", "loa2plus", "loa2", "loa1")
_METADATA_LIFE: Final = timedelta(days=30)
_MOST_REMEMBERED: Final = 1000
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
_PAGE: Final = Environment(autoescape=True, undefined=StrictUndefined).from_string(
    files("gateway.site.broker").joinpath("page.html.j2").read_text("utf-8")
)
Value = TypeVar("Value")
Clock = Callable[[], datetime]
Bend = Callable[[BrokerAnswer], BrokerAnswer]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotUnderstood(Exception):
    """What was sent is no message of the customer; the text says why, to whoever develops against this broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAtBroker:
    """A request that somebody has still to choose for."""

    request_id: str
    relay_state: str
    service: int


@dataclass(slots=True, kw_only=True)
class _Desk:
    """The broker at work."""

    broker: MockBroker
    now: Clock
    bend: Bend
    content_type: str
    asked: dict[str, RequestAtBroker] = field(default_factory=dict)
    artifacts: dict[str, BrokerAnswer] = field(default_factory=dict)

    async def metadata(self, _request: web.Request) -> web.StreamResponse:
        """What the customer relies on."""
        octets = metadata(self.broker, number=secrets.token_hex(16), valid_until=self.now() + _METADATA_LIFE)
        return web.Response(body=octets, content_type="application/samlmetadata+xml")

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Read the customer's request and show the page."""
        form = await request.post()
        root = _authentic(_decoded(str(form.get("SAMLRequest", ""))), self.broker.customer.certificate)
        if root.tag != f"{{{SAMLP}}}AuthnRequest" or root.get("Destination") != self.broker.login_url:
            raise NotUnderstood("no AuthnRequest to this address")
        if root.findtext(f"{{{SAML}}}Issuer") != self.broker.customer.entity_id:
            raise NotUnderstood("the Issuer is no customer of this broker")
        service = int(root.get("AttributeConsumingServiceIndex", "-1"))
        if service not in self.broker.customer.services:
            raise NotUnderstood("no such service in the catalogue")
        asked = RequestAtBroker(
            request_id=root.get("ID", ""), relay_state=str(form.get("RelayState", "")), service=service
        )
        handle = secrets.token_urlsafe(16)
        _remember(self.asked, handle, asked)
        page = _PAGE.render(
            handle=handle,
            services=self.broker.customer.services,
            asked=asked,
            organisations=self.broker.organisations,
            levels=LEVELS,
        )
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-cache, no-store"})

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Send the browser back with an artifact for what was chosen."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = self.asked.pop(form.get("handle", ""), None)
        if asked is None:
            raise NotUnderstood("this page was used before, or the broker was started anew")
        answer = answer_for(
            self.broker, chosen(form, asked), request_id=asked.request_id, at=self.now(), number=secrets.token_hex(16)
        )
        if form.get("action") == "cancel":
            answer = replace(answer, status=("Responder", "AuthnFailed"))
        octets = b"\x00\x04\x00\x00" + self.broker.source_id + secrets.token_bytes(20)
        artifact = b64encode(octets).decode("ascii")
        _remember(self.artifacts, artifact, self.bend(answer))
        back = urlencode({"SAMLart": artifact, "RelayState": asked.relay_state})
        raise web.HTTPSeeOther(f"{self.broker.customer.consumer_url}?{back}")

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        """Say what an artifact stands for, once; after that the answer holds no Response."""
        envelope = _parsed(await request.read())
        (body,) = envelope.findall(f"{{{SOAP}}}Body") or (envelope,)
        if len(body) != 1:
            raise NotUnderstood("the Body holds something else than one message")
        root = _authentic(etree.tostring(body[0]), self.broker.customer.certificate)
        if root.tag != f"{{{SAMLP}}}ArtifactResolve":
            raise NotUnderstood("no ArtifactResolve")
        resolve_id = root.get("ID", "")
        answer = self.artifacts.pop(root.findtext(f"{{{SAMLP}}}Artifact") or "", None)
        octets = self._nothing(resolve_id) if answer is None else written(answer, resolve_id=resolve_id)
        return web.Response(body=octets, headers={"Content-Type": self.content_type})

    def _nothing(self, resolve_id: str) -> bytes:
        service = next(iter(self.broker.customer.services))
        nobody = Chosen(number="00000000", person="", level="loa1", service=service)
        number = secrets.token_hex(16)
        answer = answer_for(self.broker, nobody, request_id="", at=self.now(), number=number)
        return enveloped(artifact_response(answer, resolve_id=resolve_id))


def chosen(form: Mapping[str, str], asked: RequestAtBroker) -> Chosen:
    """What the fields of the page say."""
    number = form.get("other_number") or form.get("number", "")
    service = form.get("service", "")
    return Chosen(
        number=number,
        number_kind=RSIN if len(number) == 9 else KVK,
        person=form.get("person", ""),
        level=form.get("level", "loa3"),
        service=int(service) if service.isdigit() else asked.service,
        branch=form.get("branch", ""),
        intermediary=form.get("intermediary", ""),
    )


def application(
    broker: MockBroker,
    *,
    now: Clock = lambda: datetime.now(UTC),
    bend: Bend = lambda answer: answer,
    content_type: str = "text/xml",
) -> web.Application:
    """The broker as something that can be served."""
    desk = _Desk(broker=broker, now=now, bend=bend, content_type=content_type)
    app = web.Application(middlewares=[_told], client_max_size=262_144)
    app.add_routes(
        [
            web.get("/metadata", desk.metadata),
            web.post("/sso", desk.begin),
            web.post("/choose", desk.choose),
            web.post("/artifact", desk.resolve),
        ]
    )
    return app


@asynccontextmanager
async def served(
    make: Callable[[str], web.Application], *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Serve on loopback, and tell under which URL; `make` is told it too, because a broker says where it is."""
    listening = socket.create_server((host, port))
    url = f"http://{host}:{listening.getsockname()[1]}"
    runner = web.AppRunner(make(url), access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield url
    finally:
        await runner.cleanup()


@web.middleware
async def _told(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (NotUnderstood, ValueError) as fault:
        page = f"<!DOCTYPE html><html lang=nl><title>Makelaar</title><p>{escape(str(fault))}</p></html>"
        return web.Response(status=400, text=page, content_type="text/html")


def _remember(where: dict[str, Value], key: str, value: Value) -> None:
    if len(where) >= _MOST_REMEMBERED:
        del where[next(iter(where))]
    where[key] = value


def _decoded(value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except binascii.Error:
        raise NotUnderstood("SAMLRequest is not base64") from None


def _parsed(octets: bytes) -> Element:
    try:
        return etree.fromstring(octets, _PARSER)
    except etree.XMLSyntaxError:
        raise NotUnderstood("no XML") from None


def _authentic(octets: bytes, certificate: x509.Certificate) -> Element:
    try:
        return signed_by(_parsed(octets), certificate)
    except (SignXMLException, InvalidInput):
        raise NotUnderstood("the customer's key did not sign it") from None
