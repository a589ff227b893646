"""A hub that is told to stop while it starts stops, in order or, where the start hangs, all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.longer import longer

OPENING = """
import sys
from pathlib import Path
import uvloop
from types import SimpleNamespace
from gateway.cli import serving

async def open_hub(*_args, **_kwargs):
    print("opens", flush=True)
    {opens}
    raise serving.NotStartable(("it had opened",))

serving.STOPPED_START_SECONDS = {seconds}
serving.open_hub = open_hub
data = SimpleNamespace(directory=Path(sys.argv[1]))
pmodes = SimpleNamespace(folder=Path(sys.argv[1]))
try:
    uvloop.run(serving.serve(SimpleNamespace(data=data, pmodes=pmodes), print, False, 0.0))
except serving.Failure as failure:
    sys.exit(failure.code)
"""
HANGS = "open(sys.argv[1])"  # a pipe that nobody writes to
WAITS = "sys.stdin.readline()"


def opening(opens: str, pipe: Path, *, seconds: float) -> subprocess.Popen[bytes]:
    script = OPENING.format(opens=opens, seconds=seconds)
    process = subprocess.Popen([sys.executable, "-c", script, str(pipe)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"opens\n"
    return process


@pytest.mark.parametrize("told", [signal.SIGTERM, *longer(signal.SIGINT)])
def test_a_start_that_hangs_ends_when_it_is_told_to_stop(tmp_path: Path, told: signal.Signals) -> None:
    os.mkfifo(tmp_path / "pipe")
    with opening(HANGS, tmp_path / "pipe", seconds=0.1) as process:
        process.send_signal(told)
        try:
            assert process.wait(timeout=20) == -signal.SIGALRM
        finally:
            process.kill()


def test_a_start_that_goes_on_is_not_cut_short(tmp_path: Path) -> None:
    with opening(WAITS, tmp_path, seconds=600) as process:
        process.send_signal(signal.SIGTERM)
        process.communicate(b"go on\n", timeout=20)
        assert process.returncode == 2, "it ended with what its opening said"
