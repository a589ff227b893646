"""Once the outcome is known Ctrl-C changes no exit code: it speaks of what was done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.longer import longer

INTERRUPTS = "os.kill(os.getpid(), signal.SIGINT)"
AT_THE_END = f"""
import atexit, os, signal
from gateway.cli.main import main
atexit.register(lambda: {INTERRUPTS})
main()
"""
BEFORE_IT_IS_TOLD = f"""
import os, signal
from types import SimpleNamespace
from gateway.cli import push, pushing
from gateway.cli.main import main
from gateway.client.outbox import OutboxState
from gateway.client.push import PushResult

async def delivered(pushed, *_, **__):
    pushed.participant = SimpleNamespace(concerns=())
    pushed.results = (
        PushResult(message_id="1@bank", state=OutboxState.ACKNOWLEDGED, attempts=1, receipt=None, errors=()),
    )

pushing._push = delivered
echo = pushing.click.echo
pushing.click.echo = lambda *words, **more: ({INTERRUPTS}, echo(*words, **more))
main()
"""

# Once more while the first is taken up: at every call that the program makes after it.
TWICE = f"""
import os, signal, sys
from gateway.cli import deed
from gateway.cli.main import main
left = int(sys.argv.pop(1))
def again(frame, event, argument):
    global left
    if event != "call" or "gateway" not in frame.f_code.co_filename and "click" not in frame.f_code.co_filename:
        return
    left -= 1
    if left == 0:
        sys.setprofile(None)
        {INTERRUPTS}

class Input:
    def read(self, *_):
        sys.setprofile(again)
        {INTERRUPTS}

from gateway.cli import schema_check
schema_check.standard_input = Input
main()
"""


# At the very first line of this program, and at every call that follows until its command is known.
FROM_THE_BEGINNING = f"""
import os, signal, sys
at = int(sys.argv.pop(1))
def again(frame, event, argument):
    global at
    if event == "call":
        at -= 1
        if at == 0:
            sys.setprofile(None)
            {INTERRUPTS}
from gateway.cli.entry import run
sys.setprofile(again)
run()
"""
WHILE_IT_BEGINS = f"""
import os, signal, sys
awaited = sys.argv.pop(1)
class Finder:
    def find_spec(self, name, *_):
        if name == awaited:
            sys.meta_path.remove(self)
            {INTERRUPTS}
sys.meta_path.insert(0, Finder())
import runpy
runpy.run_module("gateway.cli", run_name="__main__", alter_sys=False)
"""
IN_A_TEXT = """
from gateway.cli import schema_check
from gateway.cli.entry import run
class Input:
    def read(self, *_):
        exec("raise KeyboardInterrupt")
schema_check.standard_input = Input
run()
"""


def ended_as_a_module(script: str, *arguments: str, folder: Path) -> tuple[int, str]:
    """Python asks after the signal only where it runs a module, as it does for `python -m gateway.cli`."""
    (folder / "begun.py").write_text(script)
    found = subprocess.run(
        [sys.executable, "-m", "begun", *arguments],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))},
    )  # fmt: skip
    return found.returncode, found.stdout + found.stderr


def ended(script: str, *arguments: str) -> tuple[int, str]:
    found = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return found.returncode, found.stdout + found.stderr


def test_ctrl_c_while_the_process_ends_leaves_the_exit_code() -> None:
    code, said = ended(AT_THE_END, "schema", "list")
    assert (code, "Traceback" in said) == (0, False)


def test_ctrl_c_before_a_delivery_is_told_leaves_the_exit_code_and_the_word() -> None:
    code, said = ended(BEFORE_IT_IS_TOLD, "push", "--as", ".", "--waiting")
    assert (code, said) == (0, "delivered to the hub as 1@bank; its signed receipt was checked and kept\n")


@pytest.mark.parametrize("calls_between", [1, 2, 3, 5, 8, 13, 21])
def test_a_second_ctrl_c_while_the_first_is_taken_up_is_told_as_one(calls_between: int) -> None:
    code, said = ended(TWICE, str(calls_between), "schema", "check", "-")
    assert (code, "Traceback" in said, said.count("it was interrupted")) == (1, False, 1)


SECOND_AT_THE_END = f"""
import os, signal
from gateway.cli import deed
from gateway.cli.main import main

set_handler = signal.signal
sent = []

def setting(number, handler):
    if handler == signal.SIG_IGN and not sent:
        sent.append(number)
        {INTERRUPTS}
    return set_handler(number, handler)

deed.signal.signal = setting
main()
"""


def test_ctrl_c_at_the_moment_from_which_on_it_changes_nothing_changes_nothing() -> None:
    code, said = ended(SECOND_AT_THE_END, "schema", "list")
    assert (code, "Traceback" in said, "interrupted" in said) == (0, False, False)


@pytest.mark.parametrize("words", [("schema", "list"), ("push", "--as", ".", "--waiting"), ("pki", "new", "x")])
@pytest.mark.parametrize("most", [4, 5, 31])
def test_a_process_that_may_open_too_few_files_for_any_command_is_told_so(words: tuple[str, ...], most: int) -> None:
    script = f"""
import resource
from gateway.cli.main import main
resource.setrlimit(resource.RLIMIT_NOFILE, ({most}, {most}))
main()
"""
    assert ended(script, *words) == (
        1,
        f"knooppunt: this process may have {most} files open, and a command needs 32\n"
        "  raise that limit (`ulimit -n`, LimitNOFILE of a unit), then give the command again\n",
    )
    code, said = ended(script, *words, "--json")
    told = json.loads(said)
    assert (code, told["command"], told["outcome"]) == (1, " ".join(words[: 1 + (words[0] != "push")]), "refused")


@pytest.mark.parametrize("at", [1, 10, 100, *longer(300, 1000, 3000, 10_000, 20_000, 30_000)])
def test_a_ctrl_c_while_the_program_begins_ends_with_its_own_code_and_a_document(at: int) -> None:
    code, said = ended(FROM_THE_BEGINNING, str(at), "push", "--as", ".", "--waiting", "--json")
    document = json.loads(said[said.index("{") :])
    assert (code, document["outcome"], document["error"]) == (1, "refused", "it was interrupted")
    assert "Traceback" not in said


@pytest.mark.parametrize("module", ["gateway.cli.deed", "gateway.cli.main", "click", "gateway.cli.push", "apsw"])
def test_so_it_ends_whatever_is_being_imported(module: str) -> None:
    """What is written in C and was broken off cannot be imported again, so the command would not be named."""
    code, said = ended(WHILE_IT_BEGINS, module, "push", "--as", ".", "--waiting", "--json")
    document = json.loads(said[said.index("{") :])
    assert (code, document["error"], document["command"]) == (1, "it was interrupted", "push")
    assert "Traceback" not in said


def test_a_ctrl_c_in_a_text_that_is_run_as_code_ends_no_process_by_its_signal(tmp_path: Path) -> None:
    code, said = ended_as_a_module(IN_A_TEXT, "schema", "check", "-", folder=tmp_path)
    assert (code, "it was interrupted" in said) == (1, True)
