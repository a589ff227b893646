"""What lies where a file of a database belongs, and is none, is named by everybody who opens one, and left there."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.longer import longer
from support.store.engines import open_sqlite
from support.store.store_samples import START, accept, sealed_message

from gateway.refused import Barred
from gateway.storage import DatabaseBarred
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.portal.sqlite.went_back import portal_doubt
from gateway.store.refused import refusals_told, refuse_no_store
from gateway.store.sqlite.embedded import EmbeddedEngine

SUFFIXES = ("", "-wal", "-shm", "-journal")


def a_socket(path: Path) -> None:
    """Bound by its name in the folder: a whole path may be too long for one."""
    folder = os.open(path.parent, os.O_PATH)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def a_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "something").touch()


def a_link(path: Path) -> None:
    path.symlink_to("nothing")


KIND_NAMES = ("a folder", "a full folder", "a pipe", "a socket", "a link")
KINDS = (
    (Path.mkdir, "it is a folder, and should be a plain file; move that folder away"),
    *longer(
        (a_full_folder, "it is a folder, and should be a plain file; move that folder away"),
        (os.mkfifo, "it is a pipe, and should be a plain file; move it away, or put back"),
        (a_socket, "it is a socket, and should be a plain file; move it away, or put back"),
    ),
    (a_link, "it is a link.*; put the file itself in the place of the link"),
)


def looked_at(engine: EmbeddedEngine, data: Path) -> None:
    """As `knooppunt status` does where no hub runs."""
    refuse_no_store(engine, data)
    with refusals_told(data):
        engine.look(data, START)


async def made(data: Path) -> None:
    """A store and a portal's database in this folder, closed."""
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1))
    portal = await SqlitePortalStore.open(data, clock=StandingClock(START))
    await portal.aclose()
    await store.aclose()


@pytest.mark.parametrize(("kind", "said"), KINDS, ids=KIND_NAMES)
@pytest.mark.parametrize("name", [f"{name}{suffix}" for name in ("store.db", "portal.db") for suffix in SUFFIXES])
async def test_it_is_named_by_a_start_and_by_a_look_before_it(
    tmp_path: Path, name: str, kind: Callable[[Path], None], said: str
) -> None:
    data, engine = tmp_path / "data", EmbeddedEngine(None)
    await made(data)
    (data / name).unlink(missing_ok=True)
    kind(data / name)
    sentence = f"{data / name} cannot be opened: {said}"
    with pytest.raises(Barred, match=sentence):
        looked_at(engine, data)
    with pytest.raises(DatabaseBarred, match=sentence):
        await (await engine.open(data, clock=StandingClock(START))).aclose()
    if name.startswith("portal"):
        with pytest.raises(DatabaseBarred, match=sentence):
            portal_doubt(data, mark=None)
    assert name in {each.name for each in data.iterdir()}
