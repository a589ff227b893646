"""What `knooppunt demo --serve` leaves running: a hub with a portal, whose desks are asked once they have keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import yaml

from crypto.pki import Usage, certificates_pem, self_issued
from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.demo import left_running, story
from gateway.demo.left_running import COMES, ServedSite, site_to_serve
from gateway.site.hub_process import HubProcess
from gateway.site.making import make_site
from gateway.site.organisations import DESK_COUNSELLOR, DESK_CREDITOR, at_desks, three
from gateway.site.ports import free_ports
from gateway.store.model import MessageFilter
from gateway.whole_file import write_whole
from xsd.catalogue import load_catalogue
from xsd.forms.lists import list_tables


@asynccontextmanager
async def running(site: ServedSite) -> AsyncIterator[asyncio.Queue[tuple[str, int]]]:
    """Its hub and broker; the queue is told of each desk to which messages came."""
    came: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    hub = HubProcess(site.settings, site.folder / "hub" / "hub.log")
    async with AsyncExitStack() as until:
        await site.start_broker(until)
        await hub.start()
        until.push_async_callback(hub.stop)
        asking = asyncio.create_task(site.ask_who_has_keys(lambda name, taken: came.put_nowait((name, taken))))
        until.callback(asking.cancel)
        yield came


async def give_keys(site: ServedSite, slug: str) -> None:
    """Certificates of that desk in its file, and the hub reloaded, as approval does it."""
    pmodes = site.folder / "hub" / "pmodes"
    file = pmodes / f"{slug}.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    usages: tuple[Usage, ...] = ("signing", "encryption")
    for usage in usages:
        made = self_issued(
            common_name=slug, party_id=content["party"], at=datetime.now(UTC) - timedelta(days=1), days=9, usage=usage
        )
        (pmodes / "certificates" / f"{slug}-{usage}.pem").write_bytes(certificates_pem(made.certificate))
        content["certificates"][usage] = [f"certificates/{slug}-{usage}.pem"]
    write_whole(file, yaml.safe_dump(content).encode())
    hub = await AnsweringHub.connect(site.folder / "hub" / "data")
    await hub.ask(verbs.reload)
    await hub.aclose()


async def start_page(site: ServedSite) -> str:
    assert site.portal is not None
    async with aiohttp.ClientSession() as session, session.get(f"{site.portal.url}/") as answer:
        return await answer.text()


async def test_messages_come_to_a_desk_once_it_has_keys_and_another_start_sends_none_of_them_again(
    tmp_path: Path,
) -> None:
    (port,) = free_ports(1)
    first = site_to_serve(tmp_path / "site", port)
    async with running(first) as came:
        assert "Inloggen met eHerkenning" in await start_page(first)
        await give_keys(first, DESK_CREDITOR)
        assert await came.get() == ("Wonen Voorbeeld", len(COMES[DESK_CREDITOR]))
    again = site_to_serve(tmp_path / "site", port)
    assert first.portal is not None
    assert again.portal is not None
    assert again.portal.url == first.portal.url
    async with running(again) as came:
        assert "Inloggen met eHerkenning" in await start_page(again)
        await give_keys(again, DESK_COUNSELLOR)
        assert await came.get() == ("Schuldhulp Voorbeeld", len(COMES[DESK_COUNSELLOR]))
        hub = await AnsweringHub.connect(tmp_path / "site" / "hub" / "data")
        stored = await hub.ask(verbs.messages, MessageFilter())
        await hub.aclose()
        assert len(stored) == sum(len(each) for each in COMES.values())


def test_the_creditor_at_a_desk_is_asked_something_of_which_a_list_can_be_made() -> None:
    catalogue = load_catalogue()
    asked = [(catalogue.module(*module), kind) for _, module, kind in COMES[DESK_CREDITOR]]
    assert [kind for module, kind in asked if module is not None and kind in list_tables(module)] == ["Saldoverzoek"]


def test_without_the_brokers_library_there_is_a_hub_without_a_portal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_running, "broker_lacks", lambda: "no signxml")
    site = site_to_serve(tmp_path, 1)
    assert (site.portal, site.lacks) == (None, "no signxml")
    assert "[portal]" not in site.settings.read_text("utf-8")


def test_a_folder_that_was_made_without_a_portal_is_served_as_it_is(tmp_path: Path) -> None:
    make_site(tmp_path, three(), at=datetime.now(UTC), port=1)
    site = site_to_serve(tmp_path, 1)
    assert site.portal is None
    assert "was made without a portal" in str(site.lacks)


def test_who_works_at_a_desk_has_no_folder_and_no_keys_beside_the_hub(tmp_path: Path) -> None:
    site = make_site(tmp_path, [*three(), *at_desks()], at=datetime.now(UTC), port=1)
    for each in at_desks():
        assert not (tmp_path / "participants" / each.slug).exists()
        assert f"kvk: '{each.desk_kvk}'" in (tmp_path / "hub" / "pmodes" / f"{each.slug}.yaml").read_text("utf-8")
        assert list(tmp_path.rglob(f"{each.slug}*.key")) == []
    assert {each.slug for each in site.organisations} - {each.slug for each in site.with_systems} == {
        each.slug for each in at_desks()
    }


@pytest.mark.parametrize(("browser", "lacks"), [(None, None), ("chromium", "no signxml")])
async def test_a_day_without_browser_or_broker_says_why_nobody_sits_at_a_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: str | None, lacks: str | None
) -> None:
    monkeypatch.setattr(story, "find_browser", lambda: browser)
    monkeypatch.setattr(story, "broker_lacks", lambda: lacks)
    told: list[str] = []
    async with story.site_of_the_day(tmp_path, told.append, 1) as (site, desk):
        assert desk is None
        assert site.organisations == site.with_systems
    assert told[-1].startswith("nobody sits at a desk of the portal in this run: ")
    assert told[-1].endswith(lacks or "apt-get install chromium")
