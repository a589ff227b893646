"""What a command says that may make no file as large as it needs, or gets no new thread: that, with the way on, and
nothing of damage or of a defect.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.client.commands import knooppunt, without_state
from support.hubs.processes import new_site
from support.longer import longer

from gateway.cli.main import main
from gateway.client.advice import COMES_AGAIN
from gateway.site.making import Made
from gateway.storage import DiskFull

WITHOUT_THREADS = """
import threading
from gateway.cli.main import main

start, left = threading.Thread.start, [{left}]

def none_left(thread):
    left[0] -= 1
    if left[0] < 0:
        raise RuntimeError("can't start new thread")
    start(thread)

threading.Thread.start = none_left
import gateway.cli.starting
gateway.cli.starting.harden = lambda *_: None  # which begins the process anew
main()
"""


def run(*words: str | Path, files_octets: int | None = None, threads: int | None = None) -> tuple[int, dict, str]:
    """How a process of its own ended, its document and what else it said."""

    def limited() -> None:
        if files_octets is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (files_octets, files_octets))

    begin = ["-m", "gateway.cli"] if threads is None else ["-c", WITHOUT_THREADS.format(left=threads)]
    ended = subprocess.run(
        [sys.executable, *begin, *map(str, words), "--json"],
        capture_output=True, text=True, timeout=60, check=False, preexec_fn=limited,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # a limit would cut short what Python keeps of a module
    )  # fmt: skip
    return ended.returncode, json.loads(ended.stdout), ended.stderr


@pytest.mark.parametrize("made", [False, True], ids=["a new state", "one in use"])
@pytest.mark.parametrize("command", [("pull",), *longer((("push", "--waiting"),))], ids=" ".join)
def test_a_limit_on_the_size_of_files_is_told_as_one_and_nobody_restores_an_older_state(
    lonely: Made, tmp_path: Path, command: tuple[str, ...], made: bool
) -> None:
    folder = without_state(lonely, tmp_path)
    if made:
        knooppunt("push", "--as", folder, "--waiting")
    code, said, err = run(*command, "--as", folder, files_octets=8192)
    assert (code, said["outcome"], err) == (74, "storage", "")
    assert "this process may make no file as large as is needed" in said["error"]
    assert said["next"].startswith("let this process make larger files (`ulimit -f`, LimitFSIZE of a unit), then do it")
    assert "older copy" not in said["next"]


def test_a_hub_that_may_make_no_large_files_is_told_so(tmp_path: Path) -> None:
    site = new_site(tmp_path)
    code, said, _ = run("serve", site.settings, files_octets=8192)
    assert (code, "may make no file as large as it needs" in said["error"]) == (74, True)
    assert said["next"].startswith("let this process make larger files (`ulimit -f`, LimitFSIZE of a unit), then start")


@pytest.mark.parametrize("threads", [1, *longer(0, 2)])
@pytest.mark.parametrize("command", [("pull", "--retries", "0"), ("push", "--retries", "0")], ids=lambda each: each[0])
def test_a_command_that_gets_no_thread_says_so_and_is_no_defect(
    lonely: Made, tmp_path: Path, command: tuple[str, ...], threads: int
) -> None:
    folder = without_state(lonely, tmp_path)
    words: list[str | Path] = [*command, "--as", folder]
    if command[0] == "push":
        knooppunt("push", "--as", folder, "--retries", "0", message(lonely, tmp_path))
        words.append("--waiting")
    code, said, err = run(*words, threads=threads)
    assert err == ""
    if threads and said["outcome"] == "peer":  # those it got were free again in time, and no hub is there
        assert code == 3
        return
    assert (code, said["outcome"]) == (1, "refused")
    assert said["error"].startswith("this process could not start a thread")
    assert "TasksMax" in said["next"]


def message(participant: Made, folder: Path) -> Path:
    from xsd.samples import sample

    file = folder / "vraag.xml"
    file.write_bytes(sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=participant.party, ontvanger="1" * 20))
    return file


@pytest.mark.parametrize("threads", [0, *longer(2)])
def test_a_hub_that_gets_no_thread_does_not_start_and_says_why(tmp_path: Path, threads: int) -> None:
    code, said, err = run("serve", new_site(tmp_path).settings, threads=threads)
    assert (code, "Traceback" in err) == (1, False)
    assert said["error"].startswith("this process could not start a thread")
    assert "TasksMax" in said["next"]


@pytest.mark.parametrize("ends", [DiskFull("full"), OSError(28, "No space left on device"), MemoryError()], ids=repr)
def test_a_pull_that_could_not_keep_what_the_hub_gave_says_that_it_comes_again_with_its_lease(
    lonely: Made, monkeypatch: pytest.MonkeyPatch, ends: BaseException
) -> None:
    """The next one may find the mailbox empty until then."""

    async def fails(*_: object, **__: object) -> None:
        raise ends

    monkeypatch.setattr("gateway.cli.pulling.pull_until_empty", fails)
    said = json.loads(CliRunner().invoke(main, ["pull", "--as", str(lonely.folder), "--json"]).stdout)
    assert said["next"].endswith(COMES_AGAIN)
    assert said["facts"]["messages"] == []
