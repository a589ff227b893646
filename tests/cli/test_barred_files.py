"""A file or folder that is another's, or no file, is told as what it is, whichever it is and whoever opens it: never as
one that is missing or damaged.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.hubs.unprivileged import unprivileged
from support.longer import longer

from gateway.named_file import REMEDIES
from gateway.site.making import make_site
from gateway.site.organisations import planned

GIVEN = "have it and its folder given to you"
WRONG = ("no such file", "not there", "no address book is here yet", "not what was written", "look at the disk")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub that never ran and a participant, whose state is there."""
    folder = tmp_path_factory.mktemp("site")
    make_site(folder, [planned("Bank", "shv-fase-2")], at=datetime.now(UTC), port=9)
    bank = folder / "participants" / "bank"
    unprivileged("pull", "--as", str(bank), "--retries", "0")
    book = bank / "state" / "address-book"
    book.mkdir()
    (book / "adresboek.xml").write_bytes(b"<a/>")
    (book / "known.json").write_bytes(b"{}")
    (folder / "hub" / "data" / "address-book.xml").write_bytes(b"<a/>")
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Iterator[Path]:
    copy = shutil.copytree(made, tmp_path / "site")
    yield copy
    for folder, _, files in os.walk(copy):
        os.chmod(folder, 0o700)
        for each in files:
            os.chmod(os.path.join(folder, each), 0o600)


def close(path: Path) -> None:
    path.chmod(0)


def put_a_folder_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_a_file_there(path: Path) -> None:
    shutil.rmtree(path)
    path.write_bytes(b"x")


LIST, FETCH, PULL = ("directory", "list"), ("directory", "fetch", "--retries", "0"), ("pull", "--retries", "0")
BANK, STATE, DATA = "participants/bank", "participants/bank/state", "hub/data"
ROWS: list[tuple[Callable[[Path], None], str, tuple[str, ...], str]] = [
    (close, "participants", LIST, GIVEN),
    (close, f"{BANK}/participant.yaml", LIST, GIVEN),
    (close, f"{BANK}/signing.key", LIST, GIVEN),
    (close, f"{BANK}/hub-directory.pem", LIST, GIVEN),
    (close, STATE, LIST, GIVEN),
    (close, STATE, PULL, "run this as its owner"),
    (close, f"{STATE}/address-book", LIST, GIVEN),
    (close, f"{STATE}/address-book/adresboek.xml", LIST, GIVEN),
    (close, f"{STATE}/address-book/adresboek.xml", FETCH, GIVEN),
    (close, f"{STATE}/address-book/known.json", LIST, GIVEN),
    (close, f"{STATE}/address-book/known.json", FETCH, GIVEN),
    (close, f"{STATE}/outbox", PULL, "run this as its owner"),
    (close, f"{STATE}/inbox/inbox.sqlite", PULL, GIVEN),
    (close, "hub", ("status",), GIVEN),
    (close, "hub/hub.toml", ("pmode", "check"), GIVEN),
    (close, "hub/pmodes", ("pmode", "check"), GIVEN),
    (close, "hub/keys", ("pmode", "check"), GIVEN),
    (close, DATA, ("status",), GIVEN),
    (close, DATA, ("store", "show"), GIVEN),
    (close, DATA, ("org", "directory"), GIVEN),
    (close, f"{DATA}/store.db", ("message", "list"), GIVEN),
    (close, f"{DATA}/address-book.xml", ("org", "directory"), GIVEN),
    (put_a_folder_there, f"{BANK}/participant.yaml", LIST, "it is a folder, and should be a plain file"),
    (put_a_folder_there, f"{STATE}/address-book/known.json", FETCH, "it is a folder, and should be a plain file"),
    (put_a_folder_there, f"{STATE}/inbox/inbox.sqlite", PULL, "move that folder away: a database is a file"),
    (put_a_folder_there, f"{DATA}/store.db", ("status",), "move that folder away: a database is a file"),
    (put_a_folder_there, f"{DATA}/store.db", ("pmode", "check"), "move that folder away: a database is a file"),
    (put_a_folder_there, f"{DATA}/lock", ("store", "show"), "move that folder away"),
    (put_a_folder_there, f"{DATA}/address-book.xml", ("org", "directory"), "it is a folder"),
    (put_a_file_there, "participants", LIST, "what stands above it is no folder"),
    (put_a_file_there, STATE, LIST, "what stands above it is no folder"),
    (put_a_file_there, f"{STATE}/address-book", LIST, "what stands above it is no folder"),
    (put_a_file_there, "hub", ("status",), "what stands above it is no folder"),
    (put_a_file_there, "hub/keys", ("pmode", "check"), "what stands above it is no folder"),
    (put_a_file_there, DATA, ("org", "directory"), "what stands above it is no folder"),
]


# One table decides them all, so every third row shows that it is asked; the long run has the others.
ASKED_EACH_TIME = ROWS[::3]
ASKED_IN_THE_LONG_RUN = [each for number, each in enumerate(ROWS) if number % 3]
ASKED = (*ASKED_EACH_TIME, *ASKED_IN_THE_LONG_RUN)


@pytest.mark.parametrize(
    ("bar", "place", "command", "said"),
    [*ASKED_EACH_TIME, *longer(*ASKED_IN_THE_LONG_RUN)],
    ids=[f"{bar.__name__}-{place}-{command[0]}-{command[-1]}" for bar, place, command, _ in ASKED],
)
def test_what_is_barred_is_told_as_that_with_what_to_do(
    site: Path, bar: Callable[[Path], None], place: str, command: tuple[str, ...], said: str
) -> None:
    bar(site / place)
    of_hub = place.startswith("hub")
    where = ("--hub", str(site / "hub" / "hub.toml")) if of_hub else ("--as", str(site / BANK))
    ended = unprivileged(*command, *where)
    told = " ".join((ended.stdout + ended.stderr).split())
    assert said in told, told
    assert place.rpartition("/")[2] in told
    if not (of_hub and command[0] == "pmode"):
        assert [each for each in WRONG if each in told] == [], told
    assert "Traceback" not in told


def test_every_remedy_is_one_step() -> None:
    """What is said in two halves is told apart by the last semicolon."""
    assert [each for each in REMEDIES.values() if ";" in each] == []
