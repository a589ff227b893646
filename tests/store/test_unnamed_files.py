"""Files that get their name last, on every kind of file system."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support.store.engines import open_sqlite
from support.store.file_systems import FILE_SYSTEMS
from support.store.store_samples import START, accept, parts_of, pull, read_whole, sealed_message

from gateway.store.model import Accepted, Offer
from gateway.unnamed import UnnamedFiles


@pytest.fixture(params=sorted(FILE_SYSTEMS))
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UnnamedFiles:
    FILE_SYSTEMS[request.param](monkeypatch)
    return UnnamedFiles(tmp_path)


def names(files: UnnamedFiles) -> list[str]:
    return sorted(os.listdir(files.path))


def test_what_is_closed_without_a_name_leaves_nothing(files: UnnamedFiles) -> None:
    with files.open() as file:
        file.write(b"octets")
    assert names(files) == []


def test_what_gets_its_name_has_all_its_octets_and_is_the_owners_alone(files: UnnamedFiles) -> None:
    with files.open() as file:
        file.write(b"octets")
        assert "final" not in names(files)
        file.give_name("final")
    assert names(files) == ["final"]
    assert (files.path / "final").read_bytes() == b"octets"
    assert stat.S_IMODE((files.path / "final").stat().st_mode) == 0o600


def test_a_name_is_never_taken_from_another_file(files: UnnamedFiles) -> None:
    (files.path / "final").write_bytes(b"another")
    with files.open() as file:
        file.write(b"octets")
        with pytest.raises(FileExistsError):
            file.give_name("final")
    assert names(files) == ["final"]
    assert (files.path / "final").read_bytes() == b"another"


def test_the_octets_are_flushed_before_the_name_and_the_folder_after_it(tmp_path: Path) -> None:
    order: list[tuple[str, bool]] = []

    def flush(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        order.append((kind, (tmp_path / "final").exists()))

    with UnnamedFiles(tmp_path, flush=flush).open() as file:
        file.give_name("final")
    assert order == [("file", False), ("folder", True)]


def test_a_crash_leaves_a_temporary_name_that_the_next_start_sweeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FILE_SYSTEMS["without-O_TMPFILE"](monkeypatch)
    files = UnnamedFiles(tmp_path)
    descriptor, _ = files.create()  # and nobody comes back for it
    os.close(descriptor)
    (left_over,) = tmp_path.iterdir()
    written = left_over.stat().st_mtime
    files.sweep(written)
    assert names(files) == [left_over.name]
    files.sweep(written + 1)
    assert names(files) == []


@pytest.mark.parametrize("kind", sorted(FILE_SYSTEMS))
async def test_a_hub_keeps_and_gives_large_parts_on_every_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    FILE_SYSTEMS[kind](monkeypatch)
    store = await open_sqlite(tmp_path / "data", at=START)
    assert await accept(store, sealed_message(1), parts_of(1, 3_000_000)) == Accepted()
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    assert parts_of(1, 3_000_000) in await read_whole(store, offer)
    assert len(list((tmp_path / "data" / "blobs").iterdir())) == 1
    await store.aclose()
