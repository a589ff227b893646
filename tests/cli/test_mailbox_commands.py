"""An operator sees whether a mailbox is collected: a test message in, its receipt out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result
from support.hubs.processes import new_site, running_site

from gateway.cli.main import main
from gateway.client.taking import Outcome


async def command(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, [*arguments, "--json"])


async def test_a_test_message_is_laid_in_a_mailbox_and_its_receipt_shows_P38(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as site, site.desk("creditor", tmp_path) as receiver:
        settings = str(site.site.settings)
        await site.start()
        laid = await command("mailbox", "test", site.party("creditor"), "--hub", settings)
        assert laid.exit_code == 0, laid.output
        message_id = json.loads(laid.output)["facts"]["message_id"]
        assert (await receiver.pull()).outcome is Outcome.TEST
        shown = json.loads((await command("message", "show", message_id, "--hub", settings)).output)["facts"]
        assert shown["state"] in ("receipted", "removed")
        assert [each["kind"] for each in shown["receipts"]] == ["receipt-taken"]
        nobody = await command("mailbox", "test", "00000099000000004711000", "--hub", settings)
        assert nobody.exit_code == 1
        assert "knooppunt org list" in json.loads(nobody.output)["next"]
        assert (await command("mailbox", "test", "creditor", "--hub", settings)).exit_code == 0
        unknown = await command("mailbox", "test", "nobody", "--hub", settings)
        assert "knooppunt org list" in json.loads(unknown.output)["next"]
        await site.process.stop()
        without_hub = await command("mailbox", "test", site.party("creditor"), "--hub", settings)
        assert without_hub.exit_code == 1
        assert "start the hub" in without_hub.output
