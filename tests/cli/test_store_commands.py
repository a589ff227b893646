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


@pytest.fixture
def beginning(tmp_path: Path) -> Path:
    """Settings of a hub that has no store yet."""
    site = make_site(tmp_path, [], at=datetime.now(UTC))
    site.settings.write_text(site.settings.read_text().replace('directory = "data"', 'directory = "new/data"'))
    return site.settings


def test_a_new_store_is_made_once_and_left_alone_afterwards(beginning: Path) -> None:
    folder = beginning.parent / "new" / "data"
    assert knooppunt("show", "--hub", str(beginning)).exit_code == 1
    assert knooppunt("new", "--hub", str(beginning)).stdout == f"made an empty store in {folder}\n"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert knooppunt("show", "--hub", str(beginning)).exit_code == 0
    before = (folder / "store.db").read_bytes()
    again = knooppunt("new", "--hub", str(beginning))
    assert (again.exit_code, "holds a store already" in again.stderr) == (1, True)
    assert (folder / "store.db").read_bytes() == before


def test_a_new_store_does_not_lie_on_top_of_something(beginning: Path) -> None:
    folder = beginning.parent / "new" / "data"
    (folder / "blobs").mkdir(parents=True)
    ended = knooppunt("new", "--hub", str(beginning))
    assert (ended.exit_code, "is not empty: blobs" in ended.stderr) == (1, True)
    assert [each.name for each in folder.iterdir()] == ["blobs"]
