"""The log of a process: values escaped and cut, files for their owner alone, and nothing but files."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from gateway.logs import MOST_CHARACTERS, MOST_ENTRIES, Events, open_log


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Another test's log is put back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for each in handlers:
        root.removeHandler(each)
    yield
    for each in list(root.handlers):
        root.removeHandler(each)
        each.close()
    for each in handlers:
        root.addHandler(each)
    root.setLevel(level)


def logged(folder: Path, value: object, form: str = "json") -> str:
    log = open_log(form=form, file=folder / "hub.log")
    log("refused", detail=value)
    return (folder / "hub.log").read_text("utf-8")


def written(line: str) -> str:
    """The value as it stands in the line, without its quotes."""
    return line.rstrip("\n").partition('"detail": ')[2][1:-2]


@pytest.mark.parametrize(
    "value",
    ["a" * 10_000, "\u00e9" * 10_000, "\U0001f600" * 10_000, '"' * 10_000, "\n" * 10_000, "a" * 250 + "\x00" * 10],
    ids=["letters", "accents", "beyond the plane", "quotes", "line breaks", "a tail of escapes"],
)
def test_a_value_takes_no_more_than_its_room_with_its_escapes_and_is_marked_where_it_is_cut(
    tmp_path: Path, value: str
) -> None:
    line = logged(tmp_path, value)
    found = json.loads(line)["detail"]
    assert len(written(line)) <= MOST_CHARACTERS == 256
    assert len(written(line)) > MOST_CHARACTERS - 12, "no more is cut than has to be"
    assert found.endswith("\u2026")
    assert value.startswith(found[:-1])
    assert line.count("\n") == 1


@pytest.mark.parametrize("value", ["", "a" * 256, "\u00e9" * 42, "two words"])
def test_a_value_that_has_room_is_told_whole(tmp_path: Path, value: str) -> None:
    assert json.loads(logged(tmp_path, value))["detail"] == value


def test_a_list_is_told_as_one_each_entry_cut_for_itself_and_only_so_many(tmp_path: Path) -> None:
    entries = [{"what": "PMode.ID", "expected": "a" * 10_000}] * (MOST_ENTRIES + 1)
    found = json.loads(logged(tmp_path, entries))["detail"]
    assert [each["what"] for each in found] == ["PMode.ID"] * MOST_ENTRIES
    assert all(len(each["expected"]) == MOST_CHARACTERS - 5 for each in found)  # the mark of the cut is an escape


@pytest.mark.parametrize("form", ["json", "text"])
def test_of_a_library_its_name_is_told_and_nothing_of_what_it_says_or_quotes(tmp_path: Path, form: str) -> None:
    open_log(form=form, file=tmp_path / "hub.log")
    library = logging.getLogger("aiohttp.server")
    library.warning("cannot read %r of GEHEIM", b"GEHEIM")
    try:
        raise ValueError("GEHEIM")
    except ValueError:
        library.exception("GEHEIM is wrong", extra={"said": "GEHEIM"})
    library.info("more than anybody wants to know")
    lines = (tmp_path / "hub.log").read_text("utf-8").splitlines()
    assert ["library:aiohttp.server" in each for each in lines] == [True, True]
    assert "ValueError" in lines[1]
    assert "GEHEIM" not in "".join(lines)


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_value_makes_a_line_of_its_own(tmp_path: Path, form: str) -> None:
    line = logged(tmp_path, 'x\r\n{"event": "forged"}\u2028\x85', form)
    assert len(line.splitlines()) == 1


def test_a_file_that_the_hub_makes_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        logged(tmp_path, "x")
    finally:
        os.umask(before)
    assert (tmp_path / "hub.log").stat().st_mode & 0o777 == 0o600


def test_a_file_that_an_administrator_made_keeps_its_mode_and_is_appended_to(tmp_path: Path) -> None:
    (tmp_path / "hub.log").write_text("before\n")
    (tmp_path / "hub.log").chmod(0o640)
    assert logged(tmp_path, "x").startswith("before\n{")
    assert (tmp_path / "hub.log").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/null")])
def test_a_log_is_a_plain_file_and_opening_it_waits_for_nobody(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "hub.log")
    with pytest.raises(OSError, match=r"plain file|No such device|Is a directory"):
        open_log(file=tmp_path / "hub.log")


def test_what_is_logged_after_the_log_was_opened_anew_goes_to_the_new_place(tmp_path: Path) -> None:
    open_log(file=tmp_path / "old.log")
    log: Events = open_log(file=tmp_path / "new.log")
    log("refused", detail="x")
    assert (tmp_path / "old.log").read_text() == ""
    assert "refused" in (tmp_path / "new.log").read_text()


def test_a_line_is_one_write_and_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(file=tmp_path / "hub.log")
    writes: list[bytes] = []

    def write(_descriptor: int, octets: bytes) -> int:
        writes.append(octets)
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as full:
        full.setattr(os, "write", write)
        log("refused", detail="x" * 10_000, code="EBMS:0004")
    log("refused", detail="y")
    assert [each.count(b"\n") for each in writes] == [1]
    lost, told = (tmp_path / "hub.log").read_text("utf-8").splitlines()
    assert (json.loads(lost)["event"], json.loads(lost)["count"]) == ("log_lines_lost", 1)
    assert json.loads(told)["detail"] == "y"


@pytest.mark.parametrize(("event", "level"), [("refused", "info"), ("postponed", "warning"), ("defect", "warning")])
def test_an_event_has_the_level_of_the_table(tmp_path: Path, event: str, level: str) -> None:
    open_log(file=tmp_path / "hub.log")(event, detail="x")
    assert json.loads((tmp_path / "hub.log").read_text("utf-8"))["level"] == level


def test_a_library_fills_no_log_and_the_next_line_says_how_many_were_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_log(file=tmp_path / "hub.log")
    moments = [0.0]
    monkeypatch.setattr("gateway.logs.time.monotonic", lambda: moments[0])
    for _ in range(1000):
        logging.getLogger("asyncio").error("complaint")
    logging.getLogger("another").error("complaint")
    moments[0] += 1.0
    logging.getLogger("asyncio").error("complaint")
    lines = [json.loads(line) for line in (tmp_path / "hub.log").read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["library:asyncio"] * 100 + ["library:another", "library:asyncio"]
    assert [line.get("unsaid") for line in lines] == [None] * 101 + [900]


@contextlib.contextmanager
def unread() -> Iterator[tuple[Events, TextIO]]:
    """A log to standard error that is a pipe of one page, and the end at which nobody reads yet."""
    reads, writes = os.pipe()
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
    with (
        open(reads, encoding="utf-8") as told,
        open(writes, "w", encoding="utf-8") as stream,
        contextlib.redirect_stderr(stream),
    ):
        yield open_log(), told


def test_a_log_that_is_not_read_holds_nobody_up_and_has_every_line_in_order_once_it_is() -> None:
    with unread() as (log, told):
        for number in range(200):
            log("refused", count=number, detail="x" * 200)
            logging.getLogger("a library").warning("in between")
        log("hub_stopped")
        lines = _until(told, "hub_stopped")
    assert [line["count"] for line in lines if line["event"] == "refused"] == list(range(200))


def _until(told: TextIO, event: str) -> list[dict[str, Any]]:
    """The lines up to the first of that event."""
    lines: list[dict[str, Any]] = []
    while not lines or lines[-1]["event"] != event:
        lines.append(json.loads(told.readline()))
    return lines


def test_a_log_that_nobody_reads_for_long_says_how_many_lines_there_was_no_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.log_stream.MOST_WAITING_OCTETS", 10_000)
    with unread() as (log, told):
        for _ in range(200):
            log("refused", detail="x" * 200)
        lines = _until(told, "log_lines_lost")
        count = len(lines) - 1
        assert lines[-1]["count"] + count <= 200
        assert 30 < count < 100
        log("hub_stopped")
        rest = _until(told, "hub_stopped")
    assert [line["event"] for line in rest] == ["refused"] * (len(rest) - 1) + ["hub_stopped"]
    assert lines[-1]["count"] + count + len(rest) - 1 == 200


def test_lines_that_a_full_disk_does_not_take_are_counted_and_the_next_one_begins_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "hub.log"
    log = open_log(form="json", file=file)
    log("hub_started")
    most = file.stat().st_size + 10
    writes = os.write

    def full(descriptor: int, octets: bytes) -> int:
        if (room := most - file.stat().st_size) <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return writes(descriptor, octets[:room])

    monkeypatch.setattr("gateway.log_stream.os.write", full)
    for _ in range(3):
        log("refused")
    monkeypatch.undo()
    log("hub_stopped")
    log("hub_stopped")
    before, cut, *after = file.read_text("utf-8").splitlines()
    assert (json.loads(before)["event"], len(cut)) == ("hub_started", 10)
    assert [(line["event"], line.get("count")) for line in map(json.loads, after)] == [
        ("log_lines_lost", 3),
        ("hub_stopped", None),
        ("hub_stopped", None),
    ]


def test_a_log_whose_reader_left_stops_nothing() -> None:
    with unread() as (log, told):
        log("hub_started")
        told.close()
        for _ in range(100):
            log("refused", detail="x" * 200)
