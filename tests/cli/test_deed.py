"""Once the outcome is known Ctrl-C changes no exit code: it speaks of what was done."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

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
