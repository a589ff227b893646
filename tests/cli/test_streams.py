"""What becomes of standard input, output and error changes neither what a command does nor its exit code."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.site.making import make_site

COMMAND = [sys.executable, "-P", "-m", "gateway.cli"]
# What a shell does to the streams, and what the command is then.
STREAMS = {
    "output on a full disk": "exec >/dev/full",
    "error on a full disk": "exec 2>/dev/full",
    "both on a full disk": "exec >/dev/full 2>&1",
    "output closed": "exec >&-",
    "error closed": "exec 2>&-",
    "input closed": "exec <&-",
    "all closed": "exec <&- >&- 2>&-",
    "output for reading": "exec 1</dev/null",
    "nobody reads": "exec > >(exec true)",
}


def run(streams: str, *arguments: str | Path) -> int:
    """The exit code of a command under a shell that first does this to its streams."""
    words = " ".join(f"'{each}'" for each in (*COMMAND, *arguments))
    return subprocess.run(["bash", "-c", f"{streams}; {words}"], check=False, capture_output=True).returncode


# The others fail in the same places of the same code, and each starts four processes.
IN_SHORT = ("both on a full disk", "all closed")


@pytest.mark.parametrize(
    "streams",
    [pytest.param(each, id=name, marks=[] if name in IN_SHORT else pytest.mark.soak) for name, each in STREAMS.items()],
)
def test_the_exit_code_speaks_of_the_deed(tmp_path: Path, streams: str) -> None:
    settings = make_site(tmp_path / "site", [], at=datetime.now(UTC)).settings
    settings.write_text(settings.read_text().replace('directory = "data"', 'directory = "another"'))
    assert run(streams, "store", "new", "--hub", settings) == 0
    assert (settings.parent / "another" / "store.db").is_file()
    assert run(streams, "store", "new", "--hub", settings) == 1
    assert run(streams, "schema", "list", "--json") == 0


def test_what_an_encoding_has_not_is_escaped(tmp_path: Path) -> None:
    """A name with letters that the terminal has not ends no command, and its JSON stays JSON."""
    folder = tmp_path / "site"
    made = f"{' '.join(COMMAND)} pki new '{folder}' --organisation 'Bänk:schuldeiser'"
    said = f"export PYTHONIOENCODING=ascii LC_ALL=C; {made}"
    assert subprocess.run(["bash", "-c", said], check=False, capture_output=True).returncode == 0
    again = subprocess.run(["bash", "-c", f"{said} --json"], check=False, capture_output=True)
    assert again.returncode == 2
    assert again.stdout.isascii()


def test_a_letter_that_the_terminal_does_not_have_is_escaped_and_the_others_stand_as_they_are(tmp_path: Path) -> None:
    making = f"export PYTHONIOENCODING=latin-1; {' '.join(COMMAND)} pki new '{tmp_path / 'Łódź'}'"
    shown = rb"/\u0141" + "ód".encode("latin-1") + rb"\u017a"
    made = subprocess.run(["bash", "-c", making], check=False, capture_output=True)
    assert (made.returncode, shown in made.stdout) == (0, True)
    again = subprocess.run(["bash", "-c", making], check=False, capture_output=True)
    assert (again.returncode, shown in again.stderr) == (2, True)


def test_a_closed_descriptor_is_not_the_next_file_that_is_opened() -> None:
    """Else a database would get the number, and the next line of text would go into it."""
    program = (
        "from gateway.cli.streams import protect; protect(); import os, tempfile;"
        "print('lost'); raise SystemExit(tempfile.TemporaryFile().fileno() < 3 or os.readlink('/proc/self/fd/1') !="
        " '/dev/null')"
    )
    said = f'exec <&- >&- 2>&-; "{sys.executable}" -c "{program}"'
    assert subprocess.run(["bash", "-c", said], check=False).returncode == 0
