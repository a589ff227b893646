"""docs/how-to/move-to-postgresql.md, followed: a hub is moved with a message that waits, and goes back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result
from support.documents.json_contract import facts_of
from support.hubs.processes import new_site, running_site

from gateway.cli.main import main
from gateway.client.outbox import OutboxState
from gateway.settings import read_settings
from gateway.store.postgres.seen import SEEN_NAME
from gateway.store.sqlite.moved import NOTE_NAME
from gateway.wiring.stores import check_store

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "move-to-postgresql.md"
COPY, SERVE, BACK = re.findall(r"^knooppunt (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)


async def given(command: str, folder: Path, *options: str) -> Result:
    """A command of the page, in the folder of the hub."""
    words = [str(folder / each) if each.endswith(".toml") else each for each in command.split()]
    return await asyncio.to_thread(lambda: CliRunner().invoke(main, [*words, *options]))


async def test_a_hub_that_is_moved_as_the_page_says_delivers_what_waited_and_may_go_back(
    tmp_path: Path, postgres_url: str
) -> None:
    site = new_site(tmp_path / "site")
    folder, hub = site.settings.parent, site.settings.read_text()
    assert site.settings.name == "hub.toml"
    section = f'[store]\nurl = "{postgres_url}"\nduplicate_key_file = "duplicates.key"\n\n[data]'
    (folder / "hub2.toml").write_text(hub.replace("[data]", section))
    async with running_site(site) as running:
        await running.start()
        assert (await given(COPY, folder)).exit_code == 1  # the hub runs
        async with running.desk("counsellor", tmp_path) as counsellor:
            pushed = await counsellor.push(running.party("creditor"))
            assert pushed.state is OutboxState.ACKNOWLEDGED, pushed
        await running.process.kill()

    (folder / "data" / SEEN_NAME).write_text("what it saw of a database that it left")
    done = await given(COPY, folder, "--json")
    assert done.exit_code == 0, done.output
    facts = facts_of(done.output)
    assert (facts["rows"]["message"], facts["rows"]["acceptance"], facts["damaged"]) == (1, 1, [])
    assert (folder / "duplicates.key").stat().st_mode & 0o777 == 0o600
    ((said,), _) = await asyncio.to_thread(check_store, read_settings(site.settings), datetime.now(UTC))
    assert "was copied to postgresql://" in said
    assert "serve the settings that name that one" in said
    moved = (site.settings.parent / "data" / NOTE_NAME).read_text()

    assert SERVE.split() == ["serve", "hub2.toml"]
    async with running_site(replace(site, settings=folder / "hub2.toml")) as running:
        await running.start()
        async with running.desk("creditor", tmp_path) as creditor:
            assert (await creditor.pull()).number is not None
        await running.process.kill()
    # It was ended, nothing is copied over what came since, and it is not told as of now.
    (folder / "hub3.toml").write_text((folder / "hub2.toml").read_text().replace('"data"', '"elsewhere"'))
    later = await given(COPY.replace("hub2", "hub3"), folder)
    assert "before" in later.output
    assert "names another data.directory" in later.output
    assert (site.settings.parent / "data" / NOTE_NAME).read_text() == moved

    assert (await given(BACK.replace(" --yes", ""), folder)).exit_code == 1
    assert (await given(BACK, folder)).exit_code == 0
    shown = await given("store show --hub hub.toml", folder, "--json")
    assert (facts_of(shown.output)["doubt"], facts_of(shown.output)["stored"]) == (None, 1)


async def test_a_store_is_not_copied_beside_another_key_nor_out_of_a_database(
    tmp_path: Path, postgres_url: str
) -> None:
    """A hub with another key would take every repetition for a new message."""
    site = new_site(tmp_path / "site")
    folder, hub = site.settings.parent, site.settings.read_text()
    section = f'[store]\nurl = "{postgres_url}"\nduplicate_key_file = "duplicates.key"\n\n[data]'
    (folder / "hub2.toml").write_text(hub.replace("[data]", section))
    other_way = COPY.replace("hub2.toml", "TO").replace("hub.toml", "hub2.toml").replace("TO", "hub.toml")
    refused = await given(other_way, folder, "--json")
    assert (refused.exit_code, "and not any other way" in refused.output) == (1, True)
    (folder / "duplicates.key").touch(mode=0o600)
    (folder / "duplicates.key").write_bytes(b"o" * 32)
    refused = await given(COPY, folder, "--json")
    assert (refused.exit_code, "holds another key" in refused.output) == (1, True)
    assert not (folder / "data" / "store.moved").exists()
