"""A portal for tests: a hub with desk parties, the portal's own store, a broker on a socket, and a browser by hand.

    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        await browser.log_in()                              # of organisation A, as an employee
        page = await browser.get("/berichten")

Organisation A (KvK 12345678) has two units at a desk, B (KvK 87654321) has one. The counsellor has a system.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import yaml
from aiohttp import web
from lxml import etree, html
from support.clocks import StandingClock
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates, patient, running_hub
from support.identity import logins
from support.keys.pki import PARTIES
from support.portal.engines import PortalPlace, SqlitePlace
from support.portal.prepared import prepare_once

from crypto.certificates import Certificate
from gateway.directory.model import SignedBook
from gateway.identity.saml import Broker
from gateway.limits import EdgeLimits, OutboundLimits
from gateway.net.destination import Destinations
from gateway.net.fetching import Outbound
from gateway.portal.portal import PortalFacts
from gateway.portal.road import LoginRoad
from gateway.portal.saml_road import SamlRoad
from gateway.site.broker.answer import BrokerAnswer, answer_for, written
from gateway.site.broker.values import Chosen, MockBroker
from gateway.store.portal.interface import PortalStore
from gateway.wiring.portal import RunningPortal, assemble_portal
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

ORIGIN = "https://portaal.example"
KVK_A, KVK_B, KVK_SYSTEM, KVK_NOBODY = "12345678", "87654321", "11223344", "99999999"
UNIT_A1 = PARTIES["creditor"][0]
UNIT_A2 = f"{UNIT_A1}:000012345678"
UNIT_B = PARTIES["administrator"][0]
HELPDESK = "010 123 45 67"
RESOLVE_NAME = "{urn:oasis:names:tc:SAML:2.0:protocol}"


def desk_configuration(
    extra: Mapping[str, Mapping[str, object]] | None = None, *, load: Mapping[str, Certificate] | None = None
) -> Configuration:
    """The P-Modes: the creditor is organisation A, with a second unit; the administrator is B's only unit. `load` are
    certificates by names of their own."""
    given = {name: dict(each) for name, each in (extra or {}).items()}
    texts = configuration_texts(
        {
            "hub": given.get("hub", {}),
            "counsellor": {"kvk": KVK_SYSTEM, **given.get("counsellor", {})},
            "creditor": {"kvk": KVK_A, "access": "desk", **given.get("creditor", {})},
            "administrator": {"kvk": KVK_B, "access": "desk", **given.get("administrator", {})},
        }
    )
    of_a = yaml.safe_load(texts["creditor.yaml"])
    second = {
        "name": "Incassobureau Proef, afdeling Twee",
        "party": UNIT_A2,
        "establishment": "000012345678",
        "certificates": {"signing": ["stranger-signing"], "encryption": ["stranger-encryption"]},
        "access": "desk",
        "kvk": KVK_A,
    }
    texts["creditor.yaml"] = yaml.safe_dump({**of_a, "units": [second]})
    own = load or {}
    return read_configuration(
        texts,
        catalogue=catalogue(),
        load=lambda path: (own[path],) if path in own else load_test_certificates(path),
    )


@dataclass
class TestBroker:
    """The broker's place for artifacts, on a socket: `how` says what it does with the next ones."""

    __test__ = False

    mock: MockBroker
    answers: dict[str, BrokerAnswer] = field(default_factory=dict)  # by artifact
    asked: list[tuple[str, str]] = field(default_factory=list)  # content type and SOAPAction of each question
    how: Callable[[bytes], web.Response] = lambda octets: web.Response(body=octets, content_type="text/xml")
    release: asyncio.Event | None = None  # answered when it is set
    count: int = 0

    async def resolve(self, request: web.Request) -> web.Response:
        """Answer an ArtifactResolve."""
        self.asked.append((request.headers["Content-Type"], request.headers.get("SOAPAction", "")))
        document = etree.fromstring(await request.read())
        (resolve,) = document.iter(f"{RESOLVE_NAME}ArtifactResolve")
        answer = self.answers.get(resolve.findtext(f"{RESOLVE_NAME}Artifact") or "")
        if self.release is not None:
            await self.release.wait()
        octets = b"" if answer is None else written(answer, resolve_id=resolve.attrib["ID"])
        return self.how(octets)

    def artifact_for(self, answer: BrokerAnswer) -> str:
        """An artifact that stands for this answer."""
        self.count += 1
        octets = b"\x00\x04\x00\x00" + self.mock.source_id + self.count.to_bytes(20)
        value = base64.b64encode(octets).decode()
        self.answers[value] = answer
        return value


@dataclass
class Page:
    """One answer of the portal."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    text: str

    @property
    def see(self) -> str | None:
        return self.headers.get("Location")

    @property
    def document(self) -> html.HtmlElement:
        return html.fromstring(self.text)

    def form(self, action: str, **having: str) -> dict[str, str]:
        """The fields of the form that goes there and has these values."""
        for form in self.document.forms:
            fields = {name: value or "" for name, value in form.fields.items()}
            if form.action == action and having.items() <= fields.items():
                return fields
        raise AssertionError(f"no form to {action}: {[each.action for each in self.document.forms]}")

    @property
    def words(self) -> str:
        """What a reader sees, blanks as one."""
        return " ".join(self.document.text_content().split())


class TestBrowser:
    """Keeps cookies, follows nothing, and says where its requests come from as a browser does."""

    __test__ = False

    def __init__(self, portal: TestedPortal, session: aiohttp.ClientSession) -> None:
        self._portal = portal
        self._session = session
        self.cookies: dict[str, str] = {}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        document: Any = None,
    ) -> Page:
        """One request, with the cookies and these headers."""
        said = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        async with self._session.request(
            method,
            f"http://127.0.0.1:{self._portal.port}{path}",
            headers={**said, **(headers or {})},
            data=data,
            json=document,
            allow_redirects=False,
        ) as response:
            cookies = response.headers.getall("Set-Cookie", [])
            text = await response.text()
            page = Page(response.status, dict(response.headers), list(cookies), text)
        for each in cookies:
            self._keep(each)
        return page

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    async def get(self, path: str, **headers: str) -> Page:
        """A page as somebody follows a link of ours."""
        return await self.ask("GET", path, headers={"Sec-Fetch-Site": "same-origin", **headers})

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """A form of ours."""
        said = {"Sec-Fetch-Site": "same-origin", "Origin": "null", **headers}
        return await self.ask("POST", path, headers=said, data=dict(fields))

    async def call(self, method: str, path: str, document: Any = None, *, token: str | None = None) -> Page:
        """What a script of ours asks."""
        said = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
        return await self.ask(
            method, path, headers=said if token is None else {**said, "Knooppunt-Token": token}, document=document
        )

    async def token(self) -> str:
        """The token of the session."""
        found: str = read_document((await self.call("GET", "/desk/api/session")).text)["token"]
        return found

    async def depart(self, service: str = "user") -> tuple[str, str]:
        """Begin a login; the id of the request and the handle that go to the broker."""
        start = await self.get("/")
        fields = start.form("/inloggen", service=service)
        return self.departed(await self.post("/inloggen", fields))

    def departed(self, page: Page) -> tuple[str, str]:
        """The id of the request and the handle in the form that goes to the broker."""
        assert page.status == 200, page.text
        away = page.form(self._portal.broker.mock.login_url)
        request = etree.fromstring(base64.b64decode(away["SAMLRequest"]))
        return request.attrib["ID"], away["RelayState"]

    async def arrive(self, artifact: str, handle: str) -> Page:
        """Come back from the broker."""
        said = urlencode({"SAMLart": artifact, "RelayState": handle})
        return await self.ask("GET", f"/eherkenning/1.13/acs?{said}", headers={"Sec-Fetch-Site": "cross-site"})

    def answer(self, request_id: str, kind: str = "user", *, person: str = "Jansen", **otherwise: Any) -> BrokerAnswer:
        """What the broker says of somebody who chose to be this person."""
        broker = self._portal.broker
        chosen = Chosen(
            number=otherwise.pop("number", KVK_A),
            person=person,
            level=otherwise.pop("level", "loa3"),
            service=1 if kind == "user" else 2,
            branch=otherwise.pop("branch", ""),
            intermediary=otherwise.pop("intermediary", ""),
        )
        made = answer_for(
            broker.mock, chosen, request_id=request_id, at=self._portal.clock.now(), number=str(broker.count)
        )
        return replace(made, **otherwise)

    async def log_in(self, kind: str = "user", **chosen: Any) -> Page:
        """The whole way to a session, or to why there is none."""
        request_id, handle = await self.depart(kind)
        artifact = self._portal.broker.artifact_for(self.answer(request_id, kind, **chosen))
        return await self.arrive(artifact, handle)


def read_document(text: str) -> Any:
    """A document of JSON."""
    return json.loads(text)


@dataclass
class TestedPortal:
    """What a test sees of a portal."""

    __test__ = False

    port: int
    clock: StandingClock
    hub: TestedHub
    store: PortalStore
    broker: TestBroker
    running: RunningPortal
    session: aiohttp.ClientSession

    @property
    def log(self) -> Any:
        return self.hub.log

    def browser(self) -> TestBrowser:
        """A browser of its own."""
        return TestBrowser(self, self.session)

    async def linked(self, unit: str = UNIT_A1, *, person: str = "Jansen", **chosen: Any) -> TestBrowser:
        """A browser in which somebody is logged in who works for that unit."""
        browser = self.browser()
        number = {UNIT_A1: KVK_A, UNIT_A2: KVK_A, UNIT_B: KVK_B}[unit]
        assert (await browser.log_in(person=person, number=number, **chosen)).status == 303
        found = await self.store.find_session(browser.cookies["__Host-knooppunt"])
        assert found is not None
        if unit not in found.units:
            organisation = found.person.organisation
            if found.pairing_code is None:
                await self.store.link(found.person.id, organisation=organisation, unit=unit, by="test")
            else:
                await self.store.link_by_code(found.pairing_code, organisation=organisation, unit=unit, by="test")
        return browser

    async def administrator(self, *, person: str = "Beheerder", number: str = KVK_A) -> TestBrowser:
        """A browser in which an administrator is logged in."""
        browser = self.browser()
        assert (await browser.log_in("administrator", person=person, number=number)).status == 303
        return browser


@asynccontextmanager
async def running_portal(
    folder: Path,
    *,
    extra: Mapping[str, Mapping[str, object]] | None = None,
    content_type: str = "text/xml",
    seconds: float = 15.0,
    limits: EdgeLimits | None = None,
    notice: str | None = None,
    sends_mail: bool = True,
    joining: bool = False,
    origin: str = ORIGIN,
    port: int = 0,
    address_books: Sequence[SignedBook] = (),
    road: Callable[[Outbound], LoginRoad] | None = None,
    place: PortalPlace | None = None,
) -> AsyncIterator[TestedPortal]:
    """A portal on a loopback port, its hub, its broker; `seconds` is how long that may take to answer, `origin` where
    browsers believe it to be, `road` another way to log in than by that broker, `place` another one for its store.
    """
    prepare_once()
    clock = StandingClock(logins.AT)
    broker = TestBroker(logins.mock())
    app = web.Application()
    app.router.add_post("/artifact", broker.resolve)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    broker.mock = replace(broker.mock, url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    known: Broker = replace(
        logins.broker(), resolution_urls={0: broker.mock.resolution_url}, login_url=broker.mock.login_url
    )
    outbound = Outbound(
        Destinations(hosts=frozenset({"127.0.0.1"}), networks=(ip_network("127.0.0.0/8"),)),
        limits=OutboundLimits(seconds=seconds),
    )
    async with running_hub(
        folder, configuration=desk_configuration(extra), clock=clock, address_books=address_books
    ) as hub:
        store = await (place or SqlitePlace(folder=folder / "data")).open(clock)
        running = assemble_portal(
            PortalFacts(
                origin=origin,
                languages=("nl", "en"),
                helpdesk=HELPDESK,
                notice=notice,
                sends_mail=sends_mail,
                joining=joining,
            ),
            hub=hub.hub,
            store=store,
            road=SamlRoad(logins.us, lambda: known, outbound, content_type=content_type, random=os.urandom)
            if road is None
            else road(outbound),
            log=hub.log,
            limits=limits or patient(),
        )
        listening = await running.edge.listen("127.0.0.1", port, None)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            try:
                yield TestedPortal(
                    port=listening,
                    clock=clock,
                    hub=hub,
                    store=store,
                    broker=broker,
                    running=running,
                    session=session,
                )
            finally:
                await session.close()
                await running.stop()
                await runner.cleanup()
