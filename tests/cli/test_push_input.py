"""What knooppunt push reads: where nothing comes it says so and can be ended, and what cannot be read is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.hubs.unprivileged import unprivileged
from support.longer import longer

from gateway.site.making import Made, make_site
from gateway.site.organisations import planned
from xsd.samples import sample

ROLES = ("shv-fase-2",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A participant whose hub nobody asks."""
    site = make_site(tmp_path_factory.mktemp("site"), [planned("Bank", *ROLES)], at=datetime.now(UTC))
    return site.organisations[0]


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    """The participant's folder, with a message and a pipe to which nobody writes."""
    folder = tmp_path / "bank"
    shutil.copytree(made.folder, folder, ignore=shutil.ignore_patterns("state"))
    octets = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=made.party, ontvanger="00000099000001002000")
    (folder / "vraag.xml").write_bytes(octets)
    os.mkfifo(folder / "pipe")
    return folder


SILENT = {
    # what is named -> how the line calls it
    "a pipe as the document": (["pipe"], "pipe"),
    "standard input": (["-"], "standard input"),
    "a pipe as an attachment": (["vraag.xml", "--attach", "pipe"], "pipe"),
}


@pytest.mark.parametrize("case", ["standard input", "a pipe as an attachment", *longer("a pipe as the document")])
def test_what_does_not_come_is_named_and_ctrl_c_ends_the_wait(folder: Path, case: str) -> None:
    arguments, name = SILENT[case]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "push", "--as", str(folder), *arguments],
        cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | _PATH,
    )  # fmt: skip
    assert process.stderr is not None
    line = process.stderr.readline()  # comes while the command waits, or never
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    rest = process.stderr.read()
    process.communicate()
    assert line == f"knooppunt: waiting for what is written to {name}; Ctrl-C ends this\n"
    assert process.returncode == 1
    assert "nothing was stored, and nothing was sent: push it again" in rest
    assert ("Traceback" in rest, "Fatal" in rest) == (False, False)


_PATH = {"PYTHONPATH": os.pathsep.join(sys.path)}


def test_standard_input_that_cannot_be_read_is_named(folder: Path) -> None:
    with (folder / "written").open("wb") as file:
        ended = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "push", "--as", str(folder), "-"],
            stdin=file, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.startswith("knooppunt: standard input cannot be read: ")


@pytest.mark.parametrize("source", ["standard input", *longer("file")])
def test_a_document_that_no_hub_takes_is_refused_in_words(folder: Path, source: str) -> None:
    (folder / "groot.xml").write_bytes(b"<x>" + b" " * 4 * 1024 * 1024 + b"</x>")
    named = "groot.xml" if source == "file" else "-"
    with (folder / "groot.xml").open("rb") as piped:
        ended = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "push", "--as", str(folder), named, "--json"],
            cwd=folder, stdin=piped, capture_output=True, text=True, env=os.environ | _PATH, check=False,
        )  # fmt: skip
    said = json.loads(ended.stdout)
    assert (ended.returncode, said["outcome"]) == (1, "refused")
    assert "octets" in said["error"]
    assert said["next"]
    assert ended.stderr == ""


def test_an_outbox_that_may_only_be_read_is_told_so_and_works_again_once_it_may_be_written(folder: Path) -> None:
    words = ("push", "--as", str(folder), "--waiting")
    assert unprivileged(*words).returncode == 0
    database = folder / "state" / "outbox" / "outbox.sqlite"
    database.chmod(0o400)
    ended = unprivileged(*words)
    assert ended.returncode == 2, ended.stderr
    assert "outbox.sqlite cannot be opened: Permission denied\n  have it and its folder given to you" in ended.stderr
    database.chmod(0o600)
    assert unprivileged(*words).returncode == 0
