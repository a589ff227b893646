"""What administrators are told of a portal's database that went back, and how they go on with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.portal.portal_samples import paired
from support.store.copies import put_back

from gateway.cli.main import main
from gateway.clock import SystemClock
from gateway.site.making import make_site
from gateway.site.organisations import planned
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.sqlite.embedded import EmbeddedEngine


@pytest.fixture
async def settings(tmp_path: Path) -> Path:
    """Of a hub whose portal was put back from a backup of before its second employee."""
    site = make_site(tmp_path / "site", [planned("Bank", "shv-fase-2")], at=datetime.now(UTC))
    data, backup = site.settings.parent / "data", tmp_path / "backup"
    await (await EmbeddedEngine(None).open(data, clock=SystemClock())).aclose()
    portal = await SqlitePortalStore.open(data, clock=SystemClock())
    await paired(portal, 1)
    await portal.cut_log()
    backup.mkdir()
    put_back(data, backup, "portal.db")
    await paired(portal, 2)
    await portal.aclose()
    put_back(backup, data, "portal.db")
    return site.settings


def knooppunt(command: str, settings: Path) -> Result:
    return CliRunner().invoke(main, [*command.split(), "--hub", str(settings)], catch_exceptions=False)


@pytest.mark.parametrize("command", ["status", "store show", "store confirm-restored", "pmode check"])
def test_every_command_that_tells_of_the_store_tells_of_the_portal(settings: Path, command: str) -> None:
    ended = knooppunt(command, settings)
    said = " ".join((ended.stdout + ended.stderr).split())
    assert "of the portal (portal.db), the database holds" in said
    assert "an older copy was put back" in said


def test_one_word_confirms_the_portal_too(settings: Path) -> None:
    confirmed = knooppunt("store confirm-restored --yes --json", settings)
    assert confirmed.exit_code == 0, confirmed.stderr
    assert json.loads(confirmed.stdout)["facts"]["confirmed"] is True
    assert json.loads(knooppunt("store show --json", settings).stdout)["facts"]["doubt"] is None
