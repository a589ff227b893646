"""What a tester names is read one document at a time, under one budget, and only where it is a plain file."""

from __future__ import annotations

import errno
import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from conformance import gather
from conformance.gather import DocumentSize, GatherFault, documents
from conformance.mutations import CaseFault
from conformance.plain_files import open_plain
from conformance.schema_cases import read_cases
from xsd.catalogue import load_catalogue
from xsd.samples import sample

GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")
LIMITS = DocumentSize(octets=4 * 1024 * 1024)
CATALOGUE = load_catalogue()


def names(*paths: Path, octets: bytes = b"") -> list[str]:
    return [case.id for case in documents(paths, LIMITS, lambda: io.BytesIO(octets))]


def archive(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, octets in entries:
            written.writestr(name, octets)
    return path


@pytest.mark.parametrize("name", ["wacht.xml", "wacht.zip", "WACHT.XML", "wacht"])
@pytest.mark.parametrize("named", ["itself", "its folder"])
def test_a_pipe_is_told_and_never_opened(tmp_path: Path, name: str, named: str) -> None:
    """In a folder, what has no name of a document is not looked at."""
    path = tmp_path / name
    os.mkfifo(path)
    with pytest.raises(GatherFault, match="no document" if (name, named) == ("wacht", "its folder") else "plain file"):
        names(path if named == "itself" else path.parent)


def test_a_folder_that_cannot_be_looked_into_is_told_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a check would say of what it did not see that it conforms. For root modes of files do not hold."""
    (tmp_path / "goed.xml").write_bytes(GOOD)
    closed = tmp_path / "below" / "closed"
    closed.mkdir(parents=True)
    (closed / "bad.xml").write_bytes(b"<broken")
    scandir = os.scandir

    def refusing(path: os.PathLike[str] | str) -> object:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(GatherFault, match="below/closed: Permission denied"):
        names(tmp_path)
    with pytest.raises(CaseFault, match="below/closed: Permission denied"):
        list(read_cases(tmp_path, CATALOGUE))


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/proc/self/fd"])
def test_a_device_or_a_folder_is_no_document(path: str) -> None:
    with pytest.raises(GatherFault):
        names(Path(path))


def test_a_link_to_a_plain_file_is_read_and_a_broken_one_told(tmp_path: Path) -> None:
    (tmp_path / "goed.xml").write_bytes(GOOD)
    (tmp_path / "link.xml").symlink_to("goed.xml")
    assert len(names(tmp_path)) == 2
    (tmp_path / "stuk.xml").symlink_to("nergens.xml")
    with pytest.raises(GatherFault, match=r"stuk\.xml"):
        names(tmp_path)


@pytest.mark.parametrize("name", ["onder", "onder.xml", "onder.zip"])
@pytest.mark.parametrize("leads", ["to a folder beside", "in a circle"])
def test_a_link_to_a_folder_is_told_and_not_followed(tmp_path: Path, name: str, leads: str) -> None:
    """By a check, which judges the others, and by a suite, which judges nothing."""
    folder, other = tmp_path / "folder", tmp_path / "other"
    for each in (folder / "sub", other):
        each.mkdir(parents=True)
    (folder / "goed.xml").write_bytes(GOOD)
    (other / "slecht.xml").write_bytes(b"<broken")
    (folder / "sub" / name).symlink_to(other if leads == "to a folder beside" else folder)
    told: list[str] = []
    read = [case.id for case in documents([folder], LIMITS, None, told)]
    assert (read, told) == (
        [str(folder / "goed.xml")], [f"{folder / 'sub' / name}: a link to a folder is not followed"],
    )  # fmt: skip
    with pytest.raises(CaseFault, match=f"{name}: a link to a folder is not followed"):
        list(read_cases(folder, CATALOGUE))


def test_a_link_to_a_folder_that_is_named_itself_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "goed.xml").write_bytes(GOOD)
    (tmp_path / "link").symlink_to("folder")
    assert names(tmp_path / "link") == [str(tmp_path / "link" / "goed.xml")]
    assert [case.id for case in read_cases(tmp_path / "link", CATALOGUE)] == ["goed"]


@pytest.mark.parametrize("name", ["geval.expect", "meer.xml", "meer.yaml"])
def test_a_case_of_a_suite_may_not_be_a_pipe_either(tmp_path: Path, name: str) -> None:
    (tmp_path / "geval.xml").write_bytes(GOOD)
    os.mkfifo(tmp_path / name)
    with pytest.raises(OSError, match="plain file"):
        list(read_cases(tmp_path, CATALOGUE))


def test_a_file_that_becomes_a_pipe_while_it_is_opened_does_not_make_us_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = tmp_path / "a.xml", tmp_path / "b.xml"
    other.write_bytes(GOOD)
    os.mkfifo(path)
    before = other.stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: before)
    with pytest.raises(OSError, match="plain file"):
        open_plain(path)


@pytest.mark.parametrize("made", ["folder", "archive", "folder of an empty archive"])
def test_a_check_of_nothing_is_a_fault(tmp_path: Path, made: str) -> None:
    folder = tmp_path / "leeg"
    folder.mkdir()
    (folder / "lees.txt").write_text("geen bericht")
    path = folder if made == "folder" else archive(folder / "leeg.zip", ("lees.txt", b"geen bericht"))
    good = tmp_path / "goed.xml"
    good.write_bytes(GOOD)
    with pytest.raises(GatherFault, match="there is no document in it"):
        names(good, folder if made.startswith("folder") else path)


def test_capital_letters_in_the_end_of_a_name_hide_nothing(tmp_path: Path) -> None:
    (tmp_path / "GOED.XML").write_bytes(GOOD)
    archive(tmp_path / "ALLES.ZIP", ("OOK.XML", GOOD))
    assert [name.rpartition("/")[2] for name in names(tmp_path)] == ["OOK.XML", "GOED.XML"]


def test_standard_input_is_one_document_and_is_read_once() -> None:
    (case,) = documents([Path("-")], DocumentSize(octets=100), lambda: io.BytesIO(GOOD))
    assert (case.id, len(case.octets)) == ("(standard input)", 101)
    with pytest.raises(GatherFault, match="twice"):
        names(Path("-"), Path("-"), octets=GOOD)


def test_one_budget_of_octets_holds_for_everything_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_OCTETS", 3 * len(GOOD))
    first = archive(tmp_path / "a.zip", ("1.xml", GOOD), ("2.xml", GOOD))
    (tmp_path / "3.xml").write_bytes(GOOD)
    assert len(names(first, tmp_path / "3.xml")) == 3
    with pytest.raises(GatherFault, match="in several runs"):
        names(first, first)


def test_one_budget_of_documents_holds_for_everything_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_DOCUMENTS", 3)
    first = archive(tmp_path / "a.zip", ("1.xml", b""), ("2.xml", b""))
    with pytest.raises(GatherFault, match="more than 3 documents"):
        names(first, first)


def test_an_archive_of_a_hundred_mebibytes_takes_the_memory_of_one_document(tmp_path: Path) -> None:
    """Measured by the allocations of Python, which hold the octets."""
    size, count = 1024 * 1024, 100
    path = archive(tmp_path / "groot.zip", *((f"{number}.xml", b" " * size) for number in range(count)))
    tracemalloc.start()
    try:
        total = sum(len(case.octets) for case in documents([path], LIMITS))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (total, peak < 6 * size) == (count * size, True)


@pytest.mark.parametrize("zip64", [False, True])
def test_the_directory_of_an_archive_is_measured_before_it_is_read(tmp_path: Path, zip64: bool) -> None:
    """An archive of some megabytes may hold millions of entries, each of which would be an object."""
    path = archive(tmp_path / "veel.zip", ("1.xml", GOOD))
    octets, large = bytearray(path.read_bytes()), gather.MOST_DIRECTORY_OCTETS + 1
    end = octets.index(b"PK\x05\x06")
    if zip64:
        record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, large, 0)
        locator = b"PK\x06\x07" + struct.pack("<LQL", 0, end, 1)
        octets[end:end] = record + locator
    else:
        octets[end + 12 : end + 16] = struct.pack("<L", large)
    path.write_bytes(octets)
    with pytest.raises(GatherFault, match="its directory is larger than 16 MiB"):
        names(path)


def test_cases_with_an_unreadable_question_or_expectation_are_faults_of_the_case(tmp_path: Path) -> None:
    (tmp_path / "geval.xml").write_bytes(GOOD)
    (tmp_path / "vraag.txt").write_bytes(b"<geen xml")
    (tmp_path / "geval.expect").write_text("# question: vraag.txt\n")
    with pytest.raises(CaseFault, match=r"vraag\.txt"):
        list(read_cases(tmp_path, CATALOGUE))
    (tmp_path / "geval.expect").write_bytes(b"\xff\xfe")
    with pytest.raises(CaseFault, match="UTF-8"):
        list(read_cases(tmp_path, CATALOGUE))
