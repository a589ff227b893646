"""Once the outcome is known Ctrl-C changes no exit code: it speaks of what was done."""

from __future__ import annotations

import subprocess
import sys

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
