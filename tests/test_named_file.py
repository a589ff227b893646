"""A file that somebody named is read once and whole, or refused with a sentence, whatever stands at its name."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.named_file import FileRefused, FilesBelow, read_named


def one_by_one(folder: Path, name: str) -> bytes:
    return read_named(folder / name, most_octets=100, beneath=folder)


def one_of_many(folder: Path, name: str) -> bytes:
    with FilesBelow(folder) as below:
        return below.read(name, most_octets=100)


READERS = pytest.mark.parametrize("read", [one_by_one, one_of_many])


def refusal(path: Path, *, most_octets: int = 100, beneath: Path | None = None, secret: bool = False) -> str:
    with pytest.raises(FileRefused) as refused:
        read_named(path, most_octets=most_octets, beneath=beneath, secret=secret)
    return str(refused.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file in it, and a file beside it."""
    inner = tmp_path / "inner"
    (inner / "below").mkdir(parents=True)
    (inner / "plain").write_bytes(b"inside")
    (tmp_path / "outside").write_bytes(b"outside")
    return inner


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def a_circle(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.mkdir(), "it is a folder"),
        (os.mkfifo, "it is a pipe"),
        (a_socket, "it is a socket"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
        (lambda path: path.symlink_to("gone"), "there is no such file"),
        (a_circle, "cannot be read"),
    ],
    ids=["nothing", "folder", "pipe", "socket", "device", "dangling link", "circle"],
)
def test_what_is_no_plain_file_is_refused_at_once_and_named(
    tmp_path: Path, make: Callable[[Path], None], said: str
) -> None:
    path = tmp_path / "named"
    make(path)
    assert said in refusal(path)


@pytest.mark.parametrize(("octets", "fits"), [(99, True), (100, True), (101, False)])
def test_a_file_may_be_as_long_as_is_said_and_no_octet_longer(tmp_path: Path, octets: int, fits: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(octets))
    if fits:
        assert read_named(path, most_octets=100) == bytes(octets)
    else:
        assert "longer than 100 octets" in refusal(path)


def test_a_file_that_says_it_is_empty_is_read_to_its_end_and_no_further() -> None:
    assert read_named(Path("/proc/self/status"), most_octets=100_000).startswith(b"Name:")
    assert "longer than 10 octets" in refusal(Path("/proc/self/status"), most_octets=10)


@READERS
@pytest.mark.parametrize("name", ["plain", "below/../plain", "link", "below/up", "here/plain"])
def test_links_and_dots_may_lead_around_inside_the_folder(
    folder: Path, name: str, read: Callable[[Path, str], bytes]
) -> None:
    (folder / "link").symlink_to("plain")
    (folder / "here").symlink_to(folder)
    (folder / "below" / "up").symlink_to(folder / "plain")
    assert read(folder, name) == b"inside"


@READERS
@pytest.mark.parametrize("name", ["../outside", "link", "door/outside", "below/../../outside", "/etc/hostname"])
def test_no_name_and_no_link_leads_out_of_the_folder(
    folder: Path, name: str, read: Callable[[Path, str], bytes]
) -> None:
    (folder / "link").symlink_to("../outside")
    (folder / "door").symlink_to("..")
    with pytest.raises(FileRefused, match="lies outside"):
        read(folder, name)


@READERS
def test_a_folder_that_is_itself_reached_by_a_link_is_the_folder(
    folder: Path, read: Callable[[Path, str], bytes]
) -> None:
    link = folder.parent / "current"
    link.symlink_to("inner")
    assert read(link, "plain") == b"inside"


@READERS
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone", "there is no such file"),
        ("gone/plain", "there is no such file"),
        ("plain/more", "cannot be read"),
        ("below", "it is a folder"),
        ("below/", "it is a folder"),
        ("..", "lies outside"),
        ("pipe", "it is a pipe"),
        ("long", "longer than 100 octets"),
        ("a\0b", "it is no name of a file"),
    ],
)
def test_what_is_no_plain_file_below_the_folder_is_refused_with_the_same_words(
    folder: Path, name: str, said: str, read: Callable[[Path, str], bytes]
) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "long").write_bytes(bytes(101))
    with pytest.raises(FileRefused, match=said):
        read(folder, name)


@READERS
def test_what_is_no_plain_file_is_not_even_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path, str], bytes]
) -> None:
    os.mkfifo(folder / "pipe")
    opened, really_open = list[str](), os.open

    def told(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        opened.append(os.path.basename(path))
        return really_open(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", told)
    assert read(folder, "plain") == b"inside"
    with pytest.raises(FileRefused):
        read(folder, "pipe")
    assert "plain" in opened
    assert "pipe" not in opened


def test_of_many_files_a_folder_that_was_found_is_read_whatever_is_put_in_its_place(folder: Path) -> None:
    (folder / "below" / "one").write_bytes(b"one")
    (folder / "below" / "outside").write_bytes(b"mine")
    with FilesBelow(folder) as below:
        assert below.read("below/one", most_octets=100) == b"one"
        (folder / "below").rename(folder / "moved")
        (folder / "below").symlink_to("..")
        assert below.read("below/outside", most_octets=100) == b"mine"


def test_however_many_folders_files_lie_in_few_are_held_and_in_the_end_none(folder: Path) -> None:
    def held() -> int:
        return len(os.listdir("/proc/self/fd"))

    for number in range(100):
        (folder / str(number)).mkdir()
        (folder / str(number) / "plain").write_bytes(b"%d" % number)
    before = held()
    with FilesBelow(folder) as below:
        for number in (*range(100), *range(100)):
            assert below.read(f"{number}/plain", most_octets=100) == b"%d" % number
        assert held() - before <= 16
    assert held() == before


@pytest.mark.parametrize(
    ("mode", "refused"),
    [(0o600, False), (0o400, False), (0o640, False), (0o644, True), (0o604, True), (0o660, True), (0o602, True)],
)
def test_a_secret_that_others_can_read_or_change_is_refused_with_what_to_do(
    tmp_path: Path, mode: int, refused: bool
) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"secret")
    path.chmod(mode)
    if refused:
        assert refusal(path, secret=True) == f"others can read or change it; run: chmod 600 {path}"
    else:
        assert read_named(path, most_octets=100, secret=True) == b"secret"


def test_a_name_that_is_none_is_refused() -> None:
    assert refusal(Path("a\0b")) == "it is no name of a file"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOENT, "correct the name, or put the file there"),
        (errno.EACCES, "have it and its folder given to you, or run this as their owner"),
        (errno.EIO, "look at the disk"),
        (errno.EMFILE, "let this process have more descriptors (ulimit -n)"),
        (errno.ENAMETOOLONG, "put a file there that can be read"),
    ],
)
def test_what_mends_a_file_is_that_of_its_cause(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fails(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", fails)
    with pytest.raises(FileRefused) as refused:
        read_named(folder / "plain", most_octets=100)
    assert refused.value.remedy == remedy


def test_a_sentence_that_says_what_mends_the_file_is_not_given_another(folder: Path) -> None:
    os.chmod(folder / "plain", 0o606)
    with pytest.raises(FileRefused, match="; run: chmod 600") as refused:
        read_named(folder / "plain", most_octets=100, secret=True)
    assert refused.value.remedy == ""
