"""`knooppunt` in a process of its own that a test can hold in the middle of its work, and whose waiting it can see."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

TESTS = Path(__file__).parents[2]
HELD, WAITS = "held", "waits"


class Command:
    """A running command; it is held at the flush of that number, 0 for none."""

    def __init__(self, words: Sequence[object], *, at_flush: int = 0) -> None:
        environ = os.environ | {"PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(at_flush), *map(str, words)],
            env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def said(self) -> str:
        """The next line on standard error; empty where it has ended."""
        assert self._process.stderr is not None
        return self._process.stderr.readline().strip()

    def end(self) -> tuple[int, str]:
        """Let it go on; its exit code, and what it said on standard error from now on."""
        _, said = self._process.communicate("\n", timeout=60)
        return self._process.returncode, said

    def kill(self) -> None:
        """End it where it is, with no chance to clean up."""
        self._process.kill()
        self._process.communicate(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        if self._process.returncode is None:
            self.kill()


def _run(at_flush: int, words: Sequence[str]) -> None:
    fsync, sleep, flushes = os.fsync, time.sleep, 0

    def held(descriptor: int) -> None:
        nonlocal flushes
        flushes += 1
        if flushes == at_flush:
            print(HELD, file=sys.stderr, flush=True)
            sys.stdin.readline()
        fsync(descriptor)

    def waits(seconds: float) -> None:
        print(WAITS, file=sys.stderr, flush=True)
        sleep(seconds)

    os.fsync, time.sleep = held, waits
    from gateway.cli.main import main

    main(words)


if __name__ == "__main__":
    _run(int(sys.argv[1]), sys.argv[2:])
