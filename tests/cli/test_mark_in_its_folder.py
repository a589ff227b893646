"""`data.mark` as an operator sees it: what `serve`, `status` and `store` say of a copy that was put back in place."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hubs.processes import new_site
from support.store.copies import written_over

from gateway.cli.main import main
from gateway.cli.output import DONE, REFUSED
from gateway.site.hub_process import HubDidNotStart, HubProcess
from gateway.site.making import Site
from gateway.store.sqlite.mark_file import MARK_NAME


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return new_site(tmp_path / "site")


@pytest.fixture
def hub(site: Site, tmp_path: Path) -> HubProcess:
    return HubProcess(site.settings, tmp_path / "hub.log")


def name_the_folder(site: Site) -> Path:
    """In settings that are seen from their own folder."""
    (site.settings.parent / "mark").mkdir(mode=0o700)
    text = site.settings.read_text()
    assert text.count('directory = "data"\n') == 1
    site.settings.write_text(text.replace('directory = "data"\n', 'directory = "data"\nmark = "mark"\n'))
    return site.settings.parent / "mark"


def knooppunt(site: Site, *command: str) -> Result:
    return CliRunner().invoke(main, [*command, "--hub", str(site.settings)], catch_exceptions=False)


async def lived_and_went_back(site: Site, hub: HubProcess) -> None:
    """Two messages, and the copy of when there was one is written over the directory."""
    data = site.settings.parent / "data"
    party = site.organisations[0].party
    for turn in range(2):
        await hub.start()
        told = await asyncio.to_thread(knooppunt, site, "mailbox", "test", party)
        assert told.exit_code == DONE, told.output
        await hub.stop()
        if turn == 0:
            shutil.copytree(data, data.with_name("older"))
    written_over(data.with_name("older"), data)


async def test_with_the_mark_outside_serve_and_status_tell_of_an_older_copy_that_was_written_over_in_place(
    site: Site, hub: HubProcess
) -> None:
    name_the_folder(site)
    await lived_and_went_back(site, hub)
    with pytest.raises(HubDidNotStart, match="an older copy was put back"):
        await hub.start()
    (worry,) = json.loads((await asyncio.to_thread(knooppunt, site, "status", "--json")).stdout)["facts"]["worries"]
    assert "an older copy was put back" in worry
    confirmed = await asyncio.to_thread(knooppunt, site, "store", "confirm-restored", "--yes")
    assert confirmed.exit_code == DONE, confirmed.output
    await hub.start()
    await hub.stop()


async def test_with_the_mark_in_the_directory_nobody_tells_which_the_documents_say(site: Site, hub: HubProcess) -> None:
    await lived_and_went_back(site, hub)
    found = json.loads((await asyncio.to_thread(knooppunt, site, "status", "--json")).stdout)["facts"]
    assert (found["worries"], found["store"]["states"]["stored"]) == ([], 1)
    await hub.start()
    await hub.stop()


def test_no_new_store_is_made_where_the_mark_tells_of_another_until_that_is_moved_aside(site: Site) -> None:
    mark = name_the_folder(site) / MARK_NAME
    assert knooppunt(site, "store", "confirm-restored").exit_code == DONE  # an opening takes the mark along
    assert mark.exists()
    shutil.rmtree(site.settings.parent / "data")
    refused = knooppunt(site, "store", "new")
    assert refused.exit_code == REFUSED
    assert f"mv {mark} {mark}.lost" in refused.stderr
    assert not (site.settings.parent / "data").exists()
    mark.rename(f"{mark}.lost")
    assert knooppunt(site, "store", "new").exit_code == DONE
    assert mark.exists()
