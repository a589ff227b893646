"""knooppunt store: on the data directory of a hub that does not run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.demo.site import Planned, make_site, modules_for
from gateway.store.data_directory import BALLAST_NAME
from gateway.store.model import State
from gateway.store.sqlite_store import SqliteStore


@pytest.fixture
async def settings(tmp_path: Path) -> Path:
    """Of a hub that ran before, with a ballast of 4096 octets."""
    bank = Planned(name="Bank", roles=("shv-fase-2",), modules=modules_for(("shv-fase-2",)))
    site = make_site(tmp_path, [bank], at=datetime.now(UTC))
    store = await SqliteStore.open(site.settings.parent / "data", at=datetime.now(UTC), ballast_octets=4096)
    await store.aclose()
    return site.settings


def knooppunt(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["store", *arguments], catch_exceptions=False)


def test_show_counts_every_state_and_the_room(settings: Path) -> None:
    facts = json.loads(knooppunt("show", "--hub", str(settings), "--json").stdout)
    assert {state.value: facts[state.value] for state in State} == {state.value: 0 for state in State}
    assert facts["free_octets"] > 0
    assert "open questions  0" in knooppunt("show", "--hub", str(settings)).stdout


def test_the_ballast_is_released_once(settings: Path) -> None:
    ballast = settings.parent / "data" / BALLAST_NAME
    assert ballast.stat().st_size == 4096
    assert knooppunt("release-ballast", "--hub", str(settings)).stdout == "4096 octets given back\n"
    assert not ballast.exists()
    assert json.loads(knooppunt("release-ballast", "--hub", str(settings), "--json").stdout) == {"octets": 0}
