"""A file is written whole or not at all, and a secret is its owner's alone whatever stood in its place."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import whole_file
from gateway.client.participant_file import write_participant
from gateway.site.making import write
from gateway.whole_file import write_key_file, write_whole

SECRET = b"-----BEGIN PRIVATE KEY-----"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def of_a_participant(path: Path) -> None:
    write_participant(path.parent, party="1", hub_party="2", url="https://x/as4", files={path.name: SECRET})


WRITERS: dict[str, Callable[[Path], None]] = {
    "the one that all use": lambda path: write_whole(path, SECRET, is_secret=True),
    "of keys and certificates": lambda path: write_key_file(path, SECRET),
    "of a site": lambda path: write(path, SECRET),
    "of a participant": of_a_participant,
}


@pytest.mark.parametrize("name", ["signing.key", "both.pem"])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_secret_is_its_owners_alone_whatever_stood_there(tmp_path: Path, writer: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"older")
    path.chmod(0o666)
    copy = tmp_path / "copy"
    os.link(path, copy)
    WRITERS[writer](path)
    assert (path.read_bytes(), mode_of(path)) == (SECRET, 0o600)
    assert copy.read_bytes() == b"older"  # who has the old file open, or another name of it, reads nothing new


@pytest.mark.parametrize("writer", WRITERS)
def test_a_secret_is_not_written_through_a_link(tmp_path: Path, writer: str) -> None:
    (tmp_path / "elsewhere").write_bytes(b"older")
    (tmp_path / "signing.key").symlink_to("elsewhere")
    WRITERS[writer](tmp_path / "signing.key")
    assert ((tmp_path / "elsewhere").read_bytes(), mode_of(tmp_path / "signing.key")) == (b"older", 0o600)


def test_what_is_no_secret_keeps_the_mode_of_what_it_replaces_and_else_has_the_usual_one(tmp_path: Path) -> None:
    replaced, new, usual = tmp_path / "replaced", tmp_path / "new", tmp_path / "usual"
    replaced.write_bytes(b"older")
    replaced.chmod(0o640)
    usual.touch()
    for path in (replaced, new):
        write_key_file(path, b"certificate")
    assert (mode_of(replaced), mode_of(new)) == (0o640, mode_of(usual))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs chown")
def test_what_root_writes_is_whose_it_was_or_as_its_folder_and_a_secret_is_given_to_nobody(tmp_path: Path) -> None:
    replaced, secret, own, given = (tmp_path / each for each in ("replaced", "secret", "own", "given"))
    for path in (replaced, secret):
        path.touch()
        os.chown(path, 12345, 12346)
    os.chown(tmp_path, 12347, 12348)
    for path in (replaced, secret, own, given):
        write_whole(path, b"octets", is_secret=path is secret, as_its_folder=path is given)
    found = [(each.stat().st_uid, each.stat().st_gid) for each in (replaced, secret, own, given)]
    assert found == [(12345, 12346), (0, os.getegid()), (0, os.getegid()), (12347, 12348)]


@pytest.mark.parametrize("fails", ["open", "replace"])
def test_a_fault_names_the_file_that_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    def barred(old: Path, *_others: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(old), None, str(tmp_path / "file"))

    with monkeypatch.context() as broken:
        broken.setattr(whole_file.os, fails, barred)
        with pytest.raises(PermissionError) as told:
            write_whole(tmp_path / "file", b"octets")
    assert str(told.value) == f"[Errno 13] Permission denied: '{tmp_path / 'file'}'"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_secret", [True, False])
def test_a_disk_that_is_full_leaves_what_was_there_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_secret: bool
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"older")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space") as told:
        write_whole(path, b"newer", is_secret=is_secret)
    assert (told.value.filename, told.value.filename2) == (str(path), None)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"older")]


def test_what_a_crash_left_is_taken_away_by_the_next_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(whole_file.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "torn")))
        crash.setattr(Path, "unlink", lambda *_args, **_kwargs: None)
        with pytest.raises(OSError, match="torn"):
            write_whole(tmp_path / "file", b"half", is_secret=True)
    (left,) = tmp_path.iterdir()
    left.chmod(0o644)
    write_whole(tmp_path / "file", b"whole", is_secret=True)
    assert [(each.name, mode_of(each)) for each in tmp_path.iterdir()] == [("file", 0o600)]


def test_of_two_who_write_one_file_at_once_neither_puts_half_of_the_others_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, fsync = tmp_path / "file", os.fsync
    seen: list[bytes] = []

    def while_one_flushes_the_other_begins(descriptor: int) -> None:
        monkeypatch.setattr(whole_file.os, "fsync", while_the_other_flushes_nothing_is_there_yet)
        write_whole(path, b"second", is_secret=True)
        seen.append(path.read_bytes())
        fsync(descriptor)

    def while_the_other_flushes_nothing_is_there_yet(descriptor: int) -> None:
        seen.extend([b"nothing"] if not path.exists() else [])
        monkeypatch.setattr(whole_file.os, "fsync", fsync)
        fsync(descriptor)

    monkeypatch.setattr(whole_file.os, "fsync", while_one_flushes_the_other_begins)
    write_whole(path, b"first", is_secret=True)
    assert seen == [b"nothing", b"second"]
    assert [(each.name, each.read_bytes(), mode_of(each)) for each in tmp_path.iterdir()] == [("file", b"first", 0o600)]


def test_a_file_that_was_taken_away_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = whole_file.fcntl.flock

    def too_late(descriptor: int, how: int) -> None:
        monkeypatch.setattr(whole_file.fcntl, "flock", lock)
        (left,) = tmp_path.iterdir()
        left.unlink()
        lock(descriptor, how)

    monkeypatch.setattr(whole_file.fcntl, "flock", too_late)
    write_whole(tmp_path / "file", b"whole")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"whole")]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("is_secret", [True, False])
def test_what_is_no_plain_file_stays(tmp_path: Path, make: Callable[[Path], None], is_secret: bool) -> None:
    make(tmp_path / "there")
    with pytest.raises(FileExistsError, match="no plain file"):
        write_whole(tmp_path / "there", b"octets", is_secret=is_secret)
    assert not (tmp_path / "there").is_file()


def test_octets_are_flushed_before_they_have_the_name_and_the_name_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def flush(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def rename(old: Path, new: Path) -> None:
        done.append("rename")
        replace(old, new)

    monkeypatch.setattr(whole_file.os, "fsync", flush)
    monkeypatch.setattr(whole_file.os, "replace", rename)
    write_whole(tmp_path / "file", b"octets")
    assert done == ["file", "rename", "folder"]
