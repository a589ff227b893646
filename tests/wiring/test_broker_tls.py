"""TLS to a broker that demands a certificate: that of the settings is shown, or the hub does not start."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from support.clocks import StandingClock
from support.hubs.hub import LogLines
from support.identity.logins import AT, BROKER, ENTITY, SERVICES, broker_key, issued, mock
from support.keys.tls import tls_folder
from support.portal.engines import portal_store
from support.portal.portals import TestBroker

from crypto.pki import certificates_pem, private_key_pem
from gateway.edge.tls import tls_context
from gateway.identity.login import LoginKind
from gateway.net.fetching import NotFetched
from gateway.passwords import Passwords
from gateway.portal.road import Arrived, LoginRoad
from gateway.settings import Settings, read_settings
from gateway.site.broker.answer import answer_for
from gateway.site.broker.metadata import metadata
from gateway.site.broker.values import Chosen
from gateway.site.making import Site
from gateway.store.portal.model import OpenLogin
from gateway.wiring import ConfiguredSite
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.outbound import outbound_of
from gateway.wiring.own_keys import check_own_keys, own_certificates, read_own_keys
from gateway.wiring.portal import road_of
from gateway.wiring.portal_keys import PortalKeys
from xsd.catalogue import load_catalogue

SECTION = """
[outbound]
hosts = ["127.0.0.1"]
networks = ["127.0.0.0/8"]
ca = "{authority}"
[portal]
url = "https://portaal.example"
helpdesk = "010 123 45 67"
[portal.eherkenning]
key = "login.key"
certificate = "login.pem"
entity_id = "{entity}"
broker = "{broker}"
broker_metadata = "broker.xml"
broker_signers = ["signer.pem"]
user = {{ index = 1, id = "{user.service_id}", uuid = "{user.service_uuid}" }}
administrator = {{ index = 2, id = "{administrator.service_id}", uuid = "{administrator.service_uuid}" }}
"""
SHOWN = 'tls_client = {{ key = "{0}.key", certificate = "{0}.pem" }}\n'


def settings_of(site: Site, shown: str) -> Settings:
    """The site with a portal, whose files lie beside its settings; `shown` is a line of the section, or none."""
    folder = site.settings.parent
    login, signer = issued("login decryption", "encryption"), broker_key("metadata")
    (folder / "login.key").write_bytes(private_key_pem(login.private_key))
    (folder / "login.key").chmod(0o600)
    (folder / "login.pem").write_bytes(certificates_pem(login.certificate))
    (folder / "signer.pem").write_bytes(certificates_pem(signer.certificate))
    show(folder, "valid")
    with site.settings.open("a") as file:
        file.write(
            SECTION.format(
                authority=tls_folder().client_authority,
                entity=ENTITY,
                broker=BROKER,
                user=SERVICES[LoginKind.USER],
                administrator=SERVICES[LoginKind.ADMINISTRATOR],
            )
            + shown
        )
    return read_settings(site.settings)


def show(folder: Path, client: str) -> None:
    """The pair that the portal shows is that client's of the tests from now on."""
    for kind in ("key", "pem"):
        (folder / f"shown.{kind}").write_bytes((tls_folder().path / f"{client}.{kind}").read_bytes())
    (folder / "shown.key").chmod(0o600)


@dataclass
class Demanding:
    """A broker that resolves for whom shows a certificate of its authority, and notes whose it was."""

    broker: TestBroker = field(default_factory=lambda: TestBroker(mock()))
    shown: list[str] = field(default_factory=list)  # SHA-256, by resolve

    async def resolve(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        octets = request.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        self.shown.append(hashlib.sha256(octets).hexdigest())
        return await self.broker.resolve(request)


@asynccontextmanager
async def demanding(folder: Path) -> AsyncIterator[Demanding]:
    """It listens, and its metadata lie in the folder."""
    made, app = Demanding(), web.Application()
    app.router.add_post("/artifact", made.resolve)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    files = tls_folder()
    tls = tls_context(files.server(client_authority=files.client_authority, client_required=True))
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        made.broker.mock = replace(made.broker.mock, url=f"https://127.0.0.1:{runner.addresses[0][1]}")
        octets = metadata(
            made.broker.mock, number="1", valid_until=AT + timedelta(days=7), signer=broker_key("metadata")
        )
        (folder / "broker.xml").write_bytes(octets)
        yield made
    finally:
        await runner.cleanup()


def keys_of(settings: Settings) -> PortalKeys:
    found = read_own_keys(settings, Passwords()).portal
    assert found is not None
    return found


async def logged_in(road: LoginRoad, demanding: Demanding) -> Arrived:
    """The whole way by that road."""
    departure = road.depart(LoginKind.USER, AT)
    said = answer_for(
        demanding.broker.mock,
        Chosen(number="12345678", person="Jansen", level="loa3", service=1),
        request_id=departure.request_id,
        at=AT,
        number=str(demanding.broker.count),
    )
    opened = OpenLogin(request_id=departure.request_id, road="saml", kind=LoginKind.USER, memo="", began_at=AT)
    return await road.finish({"SAMLart": demanding.broker.artifact_for(said), "RelayState": "handle"}, opened, AT)


async def test_a_broker_that_demands_a_certificate_is_shown_the_one_of_the_settings_and_the_next_after_a_reload(
    site: Site,
) -> None:
    settings, folder = settings_of(site, SHOWN.format("shown")), site.settings.parent
    async with demanding(folder) as broker:
        in_force = keys_of(settings)
        assert settings.portal is not None
        clock, log = StandingClock(AT), LogLines()
        async with portal_store(folder, clock) as store:
            opened = await road_of(settings.portal, lambda: in_force, outbound_of(settings), store, clock, log)
        assert (await logged_in(opened.road, broker)).login.organisation.value == "12345678"
        show(folder, "other")
        in_force = keys_of(settings)
        opened.renew()
        await logged_in(opened.road, broker)
        assert broker.shown == [tls_folder().thumbprint("valid"), tls_folder().thumbprint("other")]


async def test_a_broker_that_the_settings_do_not_let_the_hub_call_is_told_at_the_start(site: Site) -> None:
    settings, folder, clock = settings_of(site, ""), site.settings.parent, StandingClock(AT)
    assert settings.portal is not None
    async with demanding(folder) as broker, portal_store(folder, clock) as store:
        for hosts, told in ((["127.0.0.1"], 0), (["localhost"], 1)):
            outbound = settings.outbound.model_copy(update={"hosts": hosts})
            opened = await road_of(
                settings.portal,
                lambda: keys_of(settings),
                outbound_of(settings.model_copy(update={"outbound": outbound})),
                store,
                clock,
                LogLines(),
            )
            assert len(opened.concerns) == told
    (said,) = opened.concerns
    assert said.startswith(f"portal.eherkenning.broker_metadata: {broker.broker.mock.resolution_url} is never called")
    assert said.endswith("127.0.0.1 is not listed; add it to outbound.hosts in the settings if it is meant")


async def test_where_none_is_shown_or_a_strangers_nothing_is_resolved_and_the_broker_is_named_as_who_ended_it(
    site: Site,
) -> None:
    settings, folder, clock = settings_of(site, SHOWN.format("shown")), site.settings.parent, StandingClock(AT)
    assert settings.portal is not None
    async with demanding(folder) as broker:
        for keys in (replace(keys_of(settings), to_broker=None), shown_by_a_stranger(settings, folder)):
            async with portal_store(folder, clock) as store:
                opened = await road_of(
                    settings.portal, lambda keys=keys: keys, outbound_of(settings), store, clock, LogLines()
                )
            with pytest.raises(NotFetched) as silent:
                await logged_in(opened.road, broker)
            assert str(silent.value).startswith("the broker's place for artifacts: ")
        assert broker.shown == []


def shown_by_a_stranger(settings: Settings, folder: Path) -> PortalKeys:
    show(folder, "stranger")
    return keys_of(settings)


WRONG = {
    "a key that is not there": ("gone", "tls_client.key: {folder}/gone.key: "),
    "a key of another certificate": ("mixed", "does not belong to the certificate"),
    "the key of the endpoint's TLS": ("keys/tls-server", "is the key of listen.tls_certificate too"),
    "the key that messages are signed with": ("messages", "is the key of keys.signing[0].certificate too"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_shown_or_serves_something_else_keeps_the_hub_from_starting(site: Site, wrong: str) -> None:
    name, said = WRONG[wrong]
    folder = site.settings.parent
    settings = settings_of(site, SHOWN.format(name))
    (folder / "mixed.key").write_bytes((tls_folder().path / "other.key").read_bytes())
    (folder / "mixed.pem").write_bytes((tls_folder().path / "valid.pem").read_bytes())
    (folder / "messages.key").write_bytes((folder / "keys" / "signing.key").read_bytes())
    (folder / "messages.pem").write_bytes((folder / "pmodes/certificates/hub-signing.pem").read_bytes())
    for each in ("mixed", "messages"):
        (folder / f"{each}.key").chmod(0o600)
    with pytest.raises(NotStartable) as refused:
        read_own_keys(settings, Passwords())
    told = [each for each in refused.value.complaints if each.startswith("portal.eherkenning.tls_client")]
    assert any(said.format(folder=folder) in each for each in told), refused.value.complaints


def test_the_key_of_logins_may_be_shown_too_and_its_certificate_is_told_of_under_both(site: Site) -> None:
    settings = settings_of(site, SHOWN.format("login"))
    assert keys_of(settings).to_broker is not None
    for found in (check_own_keys(settings)[0], own_certificates(settings)[0]):
        uses = {each.key: each.use for each in found if each.key.startswith("portal.eherkenning")}
        assert uses["portal.eherkenning.certificate"] == "login"
        assert uses["portal.eherkenning.tls_client.certificate"] == "login-tls"


def test_certificates_of_logins_that_ended_are_told_of_with_what_comes_of_it(site: Site) -> None:
    settings = settings_of(site, SHOWN.format("login"))
    opened = ConfiguredSite(settings, load_catalogue())
    for at, told in ((AT, False), (issued("login decryption").certificate.not_valid_after_utc, True)):
        said = {each.place: each.sentence for each in opened.concerns(at + timedelta(days=1))}
        for place, what in (
            ("portal.eherkenning.certificate", "nobody logs in at the portal"),
            ("portal.eherkenning.tls_client.certificate", "the broker resolves no login of the portal"),
            ("portal.eherkenning.broker_signers[0]", "the broker's metadata is not taken"),
        ):
            assert (what in said.get(place, "")) is told, (place, said)


def test_authorities_that_cannot_be_read_are_told(site: Site) -> None:
    settings = settings_of(site, SHOWN.format("shown"))
    spoiled = site.settings.parent / "authorities.pem"
    spoiled.write_bytes(b"no certificate")
    outbound = settings.outbound.model_copy(update={"ca": spoiled})
    with pytest.raises(NotStartable, match=r"outbound\.ca"):
        read_own_keys(settings.model_copy(update={"outbound": outbound}), Passwords())
