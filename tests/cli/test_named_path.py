"""A path with signs that a terminal obeys, or that break a line, forges no message of the command line."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.cli.output import command_line, said_of

FORGED = "a\nknooppunt: all is well\x1b[2K"
ESCAPED = "a\\nknooppunt: all is well\\x1b[2K"


@pytest.mark.parametrize(
    "words",
    [
        ("push", "--as", "{}", __file__),
        ("pull", "--as", "{}"),
        ("serve", "{}/hub.toml"),
        ("status", "--hub", "{}/hub.toml"),
        ("store", "show", "--hub", "{}/hub.toml"),
        ("pmode", "check", "--hub", "{}/hub.toml"),
        ("schema", "check", "{}/empty"),
        ("schema", "check", "{}/broken.zip"),
        ("schema", "check", "{}/no.xml"),
        ("schema", "suite", "{}/empty"),
        ("schema", "list", "--modules", "{}/empty"),
        ("schema", "sample", "Schuldregeling", "2.0", "Saldoverzoek", "--answering", "{}/no.xml"),
        ("schema", "export", "{}/no.xml"),
        ("pki", "new", "{}/no.xml/site"),
    ],
    ids=" ".join,
)
def test_the_name_of_a_file_stays_on_its_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = tmp_path / FORGED
    (folder / "empty").mkdir(parents=True)
    for name in ("no.xml", "broken.zip"):
        (folder / name).write_bytes(b"<")
    ended = CliRunner().invoke(main, [each.replace("{}", str(folder)) for each in words])
    assert ended.exit_code
    assert ESCAPED in ended.output or "a?knooppunt" in ended.output
    assert "\x1b" not in ended.output
    assert "\nknooppunt: all is well" not in ended.output


def test_what_the_system_says_of_such_a_file_stays_on_its_line_too() -> None:
    assert said_of(FileNotFoundError(2, "No such file or directory", f"/tmp/{FORGED}")) == (
        f"/tmp/{ESCAPED}: No such file or directory"
    )


def test_a_command_with_such_a_name_is_one_line_that_a_shell_reads_as_it_was_meant() -> None:
    name = f"it's {FORGED}\\é"
    line = command_line("printf", "%s", Path(name))
    assert line.isprintable()
    told = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert told.stdout.decode() == name
    assert shlex.split(command_line("knooppunt", Path("a b"))) == ["knooppunt", "a b"]
