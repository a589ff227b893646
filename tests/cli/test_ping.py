"""knooppunt ping: whether an organisation comes and confirms, and what is remembered of that."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from support.hubs.processes import RunningSite, new_site, running_site

from gateway.cli.main import main
from gateway.client.taking import Outcome


async def command(running: RunningSite, *arguments: str) -> Result:
    words = [*arguments, "--hub", str(running.site.settings)]
    return await asyncio.to_thread(CliRunner().invoke, main, words, catch_exceptions=False)


async def document(running: RunningSite, *arguments: str) -> dict[str, Any]:
    ended = await command(running, *arguments, "--json")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


async def listed(running: RunningSite, slug: str) -> dict[str, Any]:
    facts = (await document(running, "org", "list"))["facts"]
    assert facts["contacts_unknown"] is None
    found: dict[str, Any] = next(each for each in facts["organisations"] if each["party"] == running.party(slug))
    return found


async def test_a_receipt_that_comes_while_it_is_waited_for_ends_the_wait_and_is_remembered(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running, running.desk("creditor", tmp_path) as creditor:
        await running.start()
        assert (await listed(running, "creditor"))["ping"] is None
        pinging = asyncio.create_task(document(running, "ping", "creditor", "--wait", "60"))
        async with asyncio.timeout(30):
            while (await creditor.pull()).outcome is not Outcome.TEST:  # its receipt goes with the next pull
                pass
            await creditor.pull()
            said = await pinging
        assert (said["outcome"], said["facts"]["confirmed"]) == ("done", True)
        remembered = await listed(running, "creditor")
        assert remembered["ping"]["confirmed"] is True
        assert remembered["ping"]["message_id"] == said["facts"]["message_id"]
        assert remembered["heard_at"] is not None
        assert (await listed(running, "counsellor"))["heard_at"] is None
        await running.process.stop()
        assert (await listed(running, "creditor"))["ping"] == remembered["ping"], (
            "a hub that stands still forgets nothing"
        )
        assert "confirmed 20" in (await command(running, "org", "list")).stdout


async def test_who_does_not_come_in_time_is_a_peer_that_does_not_answer_and_its_message_waits(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running, running.desk("creditor", tmp_path) as creditor:
        await running.start()
        ended = await command(running, "ping", running.party("creditor"), "--wait", "0.2")
        assert ended.exit_code == 3
        assert "it has not pulled it; it has not come here yet" in ended.stderr
        assert "waits since" in (await command(running, "org", "list")).stdout
        laid = await document(running, "ping", "creditor", "--wait", "0")
        assert (laid["outcome"], laid["facts"]["confirmed"]) == ("done", False)
        assert [(await creditor.pull()).outcome for _ in range(3)] == [Outcome.TEST, Outcome.TEST, Outcome.EMPTY]
        again = await command(running, "ping", "creditor", "--wait", "0.2")
        assert "the last time that it came was 20" in again.stderr


async def test_without_a_hub_that_is_said_and_nobody_is_blamed_for_holding_its_store(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running:
        ended = await command(running, "ping", "creditor", "--wait", "0")
        assert (ended.exit_code, "no hub runs" in ended.stderr) == (1, True), ended.stderr


async def test_who_cannot_pull_and_who_is_nobody_is_told_as_such(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running:
        await running.start()
        assert (await command(running, "ping", "nobody")).exit_code == 1
        file = running.site.settings.parent / "pmodes" / "creditor.yaml"
        text = file.read_text()
        for key, said in (("suspended: true", "is suspended"), ("access: desk", "works at a desk")):
            file.write_text(f"{text}{key}\n")
            ended = await command(running, "ping", "creditor")
            assert (ended.exit_code, said in ended.stderr) == (1, True)


async def test_without_a_hub_that_runs_nobody_is_pinged_and_the_list_is_there(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running:
        ended = await command(running, "ping", "creditor")
        assert (ended.exit_code, "start" in ended.stderr) == (1, True), ended.stderr
        (running.site.settings.parent / "data").rename(tmp_path / "elsewhere")
        shown = (await document(running, "org", "list"))["facts"]
        assert [each["name"] for each in shown["organisations"]] == ["Counsellor", "Creditor"]
        assert "data" in shown["contacts_unknown"]
