"""Copies of a data directory in which a store lived, as a backup makes and brings them back."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.store.engines import open_sqlite
from support.store.inside import mark_now
from support.store.store_samples import START, accept, parts_of, sealed_message

from gateway.store.sqlite.mark_file import MARK_NAME
from gateway.store.sqlite.store import DATABASE_NAME

LOG_NAME = f"{DATABASE_NAME}-wal"


def copy(data: Path, name: str) -> Path:
    """Files of the directory as they are now."""
    image = data.with_name(name)
    shutil.copytree(data, image)
    return image


def put_back(image: Path, data: Path, *names: str) -> None:
    """As a backup is put back over what is there: with other inodes."""
    for name in names:
        (data / name).unlink(missing_ok=True)
        if (image / name).exists():
            shutil.copy2(image / name, data / name)


async def lived(data: Path, *, killed: bool = False) -> None:
    """A store that took two messages of which one is large; killed, its log lies beside it."""
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    older = copy(data, "older")
    await accept(store, sealed_message(2), parts_of(2, 500))
    await mark_now(store)
    if killed:
        running = copy(data, "running")
    await store.aclose()
    if killed:
        (running / f"{DATABASE_NAME}-shm").unlink()
        (older / f"{DATABASE_NAME}-shm").unlink()
        put_back(running, data, DATABASE_NAME, LOG_NAME, MARK_NAME)


def older_copy(data: Path) -> None:
    put_back(data.with_name("older"), data, DATABASE_NAME, LOG_NAME)


def written_over(image: Path, data: Path) -> None:
    """As `cp -a image/. data/` does: what is there keeps its inode."""
    for path in sorted(image.rglob("*")):
        here = data / path.relative_to(image)
        if path.is_dir():
            here.mkdir(exist_ok=True)
        else:
            shutil.copyfile(path, here)
