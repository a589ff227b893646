"""The portal of the settings: keys that serve nothing else, and a broker whose metadata never go back."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hubs.hub import LogLines
from support.identity.logins import AT, BROKER, broker_key, issued, mock, us
from support.portal.engines import portal_store
from support.portal.portals import running_portal

from crypto.keys import Signer, SigningKey
from crypto.login_decryption import key_name_of
from gateway.identity.login import LoginKind
from gateway.net.destination import Destinations
from gateway.net.fetching import Outbound
from gateway.settings import EHerkenningSection, PortalSection, read_settings
from gateway.settings.portal_section import LoginServiceSection
from gateway.site.broker.metadata import metadata
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable
from gateway.wiring.broker_kept import BrokerKept
from gateway.wiring.portal import road_of
from gateway.wiring.portal_keys import PortalKeys
from gateway.wiring.running import run
from xsd.catalogue import load_catalogue

SECTION = """
[portal]
url = "https://portaal.example"
helpdesk = "010 123 45 67"
[portal.eherkenning]
key = "{key}"
certificate = "{certificate}"
entity_id = "urn:etoegang:DV:00000099000000009000:entities:0001"
broker = "urn:etoegang:HM:00000099000000007000:entities:0001"
broker_metadata = "broker.xml"
broker_signers = ["{certificate}"]
user = {{ index = 1, id = "urn:etoegang:1", uuid = "6f4b0e0a-0000-4000-8000-000000000001" }}
administrator = {{ index = 2, id = "urn:etoegang:2", uuid = "6f4b0e0a-0000-4000-8000-000000000002" }}
"""
WEEK = timedelta(days=7)
OWN = {
    "keys.signing[0].certificate": ("keys/signing.key", "pmodes/certificates/hub-signing.pem"),
    "listen.tls_certificate": ("keys/tls-server.key", "keys/tls-server.pem"),
    "directory.certificate": ("keys/directory.key", "keys/directory.pem"),
}


@pytest.mark.parametrize("named", OWN)
def test_a_key_of_logins_that_serves_something_else_too_keeps_the_hub_from_starting(site: Site, named: str) -> None:
    key, certificate = OWN[named]
    with site.settings.open("a") as file:
        file.write(SECTION.format(key=key, certificate=certificate))
    with pytest.raises(NotStartable) as refused:
        ConfiguredSite(read_settings(site.settings), load_catalogue())
    said = f"portal.eherkenning.key: is the key of {named} too"
    assert any(each.startswith(said) for each in refused.value.complaints), refused.value.complaints


def written(path: Path, until: datetime, *, signer: str = "metadata") -> None:
    path.write_bytes(metadata(mock(), number="1", valid_until=until, signer=broker_key(signer)))


def login_section(folder: Path) -> EHerkenningSection:
    """Settings of a broker whose metadata lie in that folder."""
    services = [
        LoginServiceSection(index=index, id=f"urn:{index}", uuid=f"6f4b0e0a-0000-4000-8000-00000000000{index}")
        for index in (1, 2)
    ]
    return EHerkenningSection(
        key=folder / "key",
        certificate=folder / "certificate",
        entity_id="urn:etoegang:DV:00000099000000009000:entities:0001",
        broker=BROKER,
        broker_metadata=folder / "broker.xml",
        broker_signers=[folder / "signer.pem"],
        user=services[0],
        administrator=services[1],
    )


def portal_keys(signer: Signer | None = None) -> PortalKeys:
    return PortalKeys(
        tls=None,
        signer=signer or us().signer,
        unwrappers=tuple(us().unwrappers),
        broker_signers=(broker_key("metadata").certificate,),
    )


@asynccontextmanager
async def kept(folder: Path, log: LogLines, clock: StandingClock, **said: object) -> AsyncIterator[BrokerKept]:
    """That broker, as a start reads it; a second one in the same folder is that after a restart."""
    login = login_section(folder).model_copy(update=said)
    async with portal_store(folder, clock) as store:
        yield await BrokerKept.read(login, portal_keys, store, clock, log)


async def test_a_login_is_signed_with_the_key_that_was_read_last(tmp_path: Path) -> None:
    written(tmp_path / "broker.xml", AT + timedelta(days=7))
    section = PortalSection(url="https://portaal.example", helpdesk="010", eherkenning=login_section(tmp_path))
    outbound = Outbound(Destinations(hosts=frozenset({"127.0.0.1"})))
    in_force = portal_keys()
    clock = StandingClock(AT)
    async with portal_store(tmp_path, clock) as store:
        road = (await road_of(section, lambda: in_force, outbound, store, clock, LogLines())).road

    def signed_with(name: str) -> bool:
        way = road.leave(road.depart(LoginKind.USER, AT), LoginKind.USER, "handle", AT)
        return name.encode() in b64decode(way.fields["SAMLRequest"])

    next_one = issued("the next login key")
    signer = SigningKey(private_key=next_one.private_key, certificate=next_one.certificate)
    assert signed_with(key_name_of(us().signer.certificate))
    in_force = portal_keys(signer)
    assert signed_with(key_name_of(next_one.certificate))


async def test_the_brokers_metadata_are_read_again_and_never_go_back_PO_09(tmp_path: Path) -> None:
    file, log = tmp_path / "broker.xml", LogLines()
    written(file, AT + WEEK)
    async with kept(tmp_path, log, StandingClock(AT)) as broker:
        written(file, AT + 2 * WEEK)
        await broker.look()
        assert broker().valid_until == AT + 2 * WEEK
        for spoil in (
            lambda: written(file, AT + WEEK),
            lambda: written(file, AT + 3 * WEEK, signer="stranger"),
            lambda: file.write_bytes(b"no metadata"),
            file.unlink,
        ):
            spoil()
            await broker.look()
            assert broker().valid_until == AT + 2 * WEEK
    assert len(log.of("broker_metadata_refused")) == 4


async def test_metadata_that_end_within_five_days_are_told_of_once_a_day_until_later_ones_lie_there(
    tmp_path: Path,
) -> None:
    file, log, clock = tmp_path / "broker.xml", LogLines(), StandingClock(AT)
    written(file, AT + WEEK)
    async with kept(tmp_path, log, clock) as broker:
        clock.move(timedelta(days=2) - timedelta(seconds=1))
        await broker.look()
        assert log.of("broker_metadata_ends") == []
        for _ in range(3):
            clock.move(timedelta(seconds=1))
            await broker.look()
        (told,) = log.of("broker_metadata_ends")
        assert told == {
            "place": f"portal.eherkenning.broker_metadata: {file}",
            "ends_at": "2026-12-08T09:00:00Z",
            "days_left": 5,
        }
        clock.move(timedelta(days=5))
        await broker.look()
        assert log.of("broker_metadata_ends")[-1]["days_left"] == -1, "what was read before is over by now"
        written(file, AT + 3 * WEEK)
        clock.move(timedelta(days=1))
        await broker.look()
        assert len(log.of("broker_metadata_ends")) == 2
    clock.move(timedelta(days=8))
    async with kept(tmp_path, log, clock):
        assert len(log.of("broker_metadata_ends")) == 3, "a start tells it at once"


async def test_after_a_restart_metadata_that_end_earlier_than_those_before_it_keep_the_portal_from_starting_PO_09(
    tmp_path: Path,
) -> None:
    file, clock = tmp_path / "broker.xml", StandingClock(AT)
    written(file, AT + WEEK)
    async with kept(tmp_path, LogLines(), clock) as broker:
        written(file, AT + 2 * WEEK)
        await broker.look()
    written(file, AT + WEEK)
    assert "before what was relied on already, which ends at 2026-12-15T09:00:00Z" in await why_not(tmp_path, clock)
    for good in (AT + 2 * WEEK, AT + 3 * WEEK):
        written(file, good)
        async with kept(tmp_path, LogLines(), clock) as broker:
            assert broker().valid_until == good


async def test_where_the_broker_itself_gives_an_earlier_end_the_settings_say_so_and_it_counts_from_then_on(
    tmp_path: Path,
) -> None:
    file, clock = tmp_path / "broker.xml", StandingClock(AT)
    written(file, AT + 2 * WEEK)
    async with kept(tmp_path, LogLines(), clock):
        written(file, AT + WEEK)
    clock.move(timedelta(minutes=10))
    said = {"broker_metadata_anew": AT + timedelta(minutes=5)}
    for wrong in (AT, AT + timedelta(minutes=11)):
        assert "a moment after 2026-12-01T09:00:00Z" in await why_not(tmp_path, clock, broker_metadata_anew=wrong)
    async with kept(tmp_path, LogLines(), clock, **said) as broker:
        assert broker().valid_until == AT + WEEK
    written(file, AT + WEEK / 2)
    assert "which ends at 2026-12-08" in await why_not(tmp_path, clock, **said), "that moment has passed since"


async def test_what_is_made_of_files_is_made_anew_the_brokers_metadata_too(tmp_path: Path) -> None:
    looks = []

    async def look() -> None:
        looks.append("broker")

    async with running_portal(tmp_path) as portal:
        running = run(portal.hub.hub)
        running.portal = replace(portal.running, look=look)
        await running.renew()
    assert looks == ["broker"]


async def test_metadata_that_are_over_keep_a_portal_from_starting(tmp_path: Path) -> None:
    written(tmp_path / "broker.xml", AT - timedelta(seconds=1))
    assert "fetch it anew from the broker" in await why_not(tmp_path, StandingClock(AT))


async def why_not(folder: Path, clock: StandingClock, **said: object) -> str:
    with pytest.raises(NotStartable) as refused:
        async with kept(folder, LogLines(), clock, **said):
            pass
    return str(refused.value)


async def test_what_is_over_is_forgotten(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        secret = browser.cookies["__Host-knooppunt"]
        portal.clock.move(timedelta(hours=9))
        portal.hub.hub.time.confirm()
        await portal.running.keep()
        portal.clock.move(timedelta(hours=-9))
        assert await portal.store.find_session(secret) is None, "its row has gone"
