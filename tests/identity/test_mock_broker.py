"""A whole login with the mock broker over real sockets, from the request to what was proven."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from support.identity.logins import AT, BROKER, CONSUMER, KVK_NUMBER, WHO, broker_key, mock, us

from crypto.certificates import load_certificates
from crypto.keys import SigningKey
from gateway.identity.login import LoginKind, LoginRefused, OrganisationNumber
from gateway.identity.saml import SOAP_ACTION, Broker, Proven, artifact_of, begin, read, read_broker, resolve_request
from gateway.site.broker.app import application, served
from gateway.site.broker.making import ENTITY_ID, MadeBroker, make_broker

SIGNERS = [broker_key().certificate]


class Visit:
    """A browser and a portal at the broker under this URL."""

    def __init__(self, url: str, broker: Broker, client: aiohttp.ClientSession) -> None:
        self.url, self.broker, self.client = url, broker, client

    async def page(self, kind: LoginKind = LoginKind.USER, **fields: str) -> tuple[int, str]:
        self.begun = begin(us(), self.broker, kind, request_id="_request", relay_state="handle", at=AT)
        async with self.client.post(self.begun.url, data={**self.begun.fields, **fields}) as answer:
            return answer.status, await answer.text()

    async def choose(self, page: str, **fields: str) -> list[tuple[str, str]]:
        """What the browser brings back."""
        handle = re.search(r'name="handle" value="([^"]+)"', page)
        assert handle is not None
        data = {"handle": handle[1], "number": KVK_NUMBER, "person": "Jansen", "action": "login", **fields}
        async with self.client.post(f"{self.url}/choose", data=data, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            location = urlsplit(answer.headers["Location"])
        assert location._replace(query="").geturl() == CONSUMER
        return parse_qsl(location.query)

    async def resolved(self, query: list[tuple[str, str]]) -> Proven:
        found = artifact_of(query, self.broker)
        assert found.relay_state == "handle"
        asked = resolve_request(us(), self.broker, found, request_id="_resolve", at=AT)
        headers = {"Content-Type": "text/xml", "SOAPAction": SOAP_ACTION}
        async with self.client.post(asked.url, data=asked.octets, headers=headers) as answer:
            octets = await answer.read()
        return read(octets, us=us(), broker=self.broker, asked=self.begun.login, resolve_id="_resolve", now=AT)


@pytest_asyncio.fixture
async def visit() -> AsyncIterator[Visit]:
    def make(url: str) -> web.Application:
        return application(replace(mock(), url=url), now=lambda: AT)

    async with served(make) as url, aiohttp.ClientSession() as client:
        async with client.get(f"{url}/metadata") as answer:
            octets = await answer.read()
        yield Visit(url, read_broker(octets, entity_id=BROKER, signers=SIGNERS, now=AT), client)


async def test_somebody_chooses_who_he_is_and_is_logged_in(visit: Visit) -> None:
    status, page = await visit.page()
    assert status == 200
    login = (await visit.resolved(await visit.choose(page))).login
    assert (login.kind, login.organisation) == (LoginKind.USER, OrganisationNumber(kind="KVK", value=KVK_NUMBER))
    assert login.pseudonym == WHO.pseudonym


async def test_an_administrator_logs_in_for_the_other_service(visit: Visit) -> None:
    _, page = await visit.page(LoginKind.ADMINISTRATOR)
    assert (await visit.resolved(await visit.choose(page, service=""))).login.kind is LoginKind.ADMINISTRATOR


@pytest.mark.parametrize(
    ("fields", "check"),
    [
        ({"level": "loa2"}, "level"),
        ({"service": "2"}, "service"),
        ({"branch": "1"}, "identity"),
        ({"action": "cancel"}, "status"),
    ],
)
async def test_what_is_chosen_wrongly_on_purpose_is_refused(
    visit: Visit, fields: Mapping[str, str], check: str
) -> None:
    _, page = await visit.page()
    with pytest.raises(LoginRefused) as caught:
        await visit.resolved(await visit.choose(page, **fields))
    assert caught.value.check == check
    assert caught.value.is_cancelled is (fields.get("action") == "cancel")


async def test_another_number_may_be_typed_and_an_rsin_is_known_by_its_length(visit: Visit) -> None:
    _, page = await visit.page()
    query = await visit.choose(page, other_number="123456782", branch="000012345678", intermediary="87654321")
    login = (await visit.resolved(query)).login
    assert login.organisation == OrganisationNumber(kind="RSIN", value="123456782")
    assert (login.branch, login.intermediary) == ("000012345678", "87654321")


async def test_an_artifact_is_resolved_once_PO_10(visit: Visit) -> None:
    _, page = await visit.page()
    query = await visit.choose(page)
    await visit.resolved(query)
    with pytest.raises(LoginRefused) as caught:
        await visit.resolved(query)
    assert caught.value.check == "response"


async def test_a_request_that_the_customer_did_not_sign_gets_no_page(visit: Visit) -> None:
    thief = SigningKey(private_key=broker_key().private_key, certificate=broker_key().certificate)
    forged = replace(us(), signer=thief)
    begun = begin(forged, visit.broker, LoginKind.USER, request_id="_r", relay_state="h", at=AT)
    async with visit.client.post(begun.url, data=begun.fields) as answer:
        assert (answer.status, "did not sign" in await answer.text()) == (400, True)
    for wrong in ("", "no base64!", "PGEvPg=="):
        assert (await visit.page(SAMLRequest=wrong))[0] == 400


async def test_what_a_customer_asks_is_escaped_on_the_page(visit: Visit) -> None:
    _, page = await visit.page(RelayState="<script>")
    assert "<script>" not in page


async def test_metadata_are_new_for_a_month(visit: Visit) -> None:
    assert visit.broker.valid_until == AT + timedelta(days=30)


def test_a_broker_on_the_disk_keeps_its_key_and_writes_what_settings_name(tmp_path: Path) -> None:
    def made(url: str) -> MadeBroker:
        return make_broker(tmp_path / "broker", url=url, customer=mock().customer, organisations=[], at=AT)

    first, second = made("http://127.0.0.1:1"), made("http://127.0.0.1:2")
    assert first.broker.key.name == second.broker.key.name
    signers = load_certificates(second.signer.read_bytes())
    found = read_broker(second.metadata.read_bytes(), entity_id=ENTITY_ID, signers=signers, now=AT)
    assert found.login_url == "http://127.0.0.1:2/sso"
    assert (tmp_path / "broker" / "broker.key").stat().st_mode & 0o077 == 0
