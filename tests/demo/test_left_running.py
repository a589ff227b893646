"""What `knooppunt demo --serve` leaves running: a hub with a portal, for whose desks messages wait."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from gateway.demo import left_running, story
from gateway.demo.left_running import WAITING, ServedSite, site_to_serve
from gateway.site.hub_process import HubProcess
from gateway.site.making import make_site
from gateway.site.organisations import at_desks, three
from gateway.site.ports import free_ports


async def run(site: ServedSite) -> tuple[int, str]:
    """Start it; how many messages wait at the desks that did not before, and the start page of the portal."""
    hub = HubProcess(site.settings, site.folder / "hub" / "hub.log")
    async with AsyncExitStack() as until, aiohttp.ClientSession() as session:
        await site.start_broker(until)
        await hub.start()
        until.push_async_callback(hub.stop)
        filled = await site.fill()
        assert site.portal is not None
        async with session.get(f"{site.portal.url}/") as answer:
            return filled, await answer.text()


async def test_messages_wait_at_its_desks_and_another_start_finds_everything_where_it_was(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    first = site_to_serve(tmp_path / "site", port)
    filled, page = await run(first)
    assert filled == len(WAITING) == 4
    assert "Inloggen met eHerkenning" in page
    again = site_to_serve(tmp_path / "site", port)
    assert first.portal is not None
    assert again.portal is not None
    assert again.portal.url == first.portal.url
    filled, page = await run(again)
    assert (filled, "Inloggen met eHerkenning" in page) == (0, True)


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
