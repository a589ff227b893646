"""What knooppunt push reads: where nothing comes it says so and can be ended, and what cannot be read is named."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("case", SILENT)
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
