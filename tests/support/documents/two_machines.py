"""Two folders that stand for two machines, in which the commands of a page are typed as they stand there.

A reader's `git`, `make` and `scp` are stand-ins: the program is there already, the targets of the Makefile run as it
says, and what is copied to the other machine lands in its folder. Names of machines and the port become those of
loopback; nothing else of a command is changed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from support.documents.documents import ROOT

import gateway

PORT = "8443"
START_SECONDS = 60
KNOOPPUNT = f"""#!{sys.executable}
from gateway.cli.main import main

main()
"""
GIT = """#!/bin/sh
mkdir -p "$3/.venv/bin" && cp "{shared}/knooppunt" "$3/.venv/bin/knooppunt"
"""
SCP = """#!/bin/sh
cp "$1" "$2" "{home}/$(echo "$3" | tr ':' '/')"
"""


def recipe(target: str) -> str:
    """What the Makefile runs for a target once everything is set up."""
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{target}: "))
    return lines[at + 1].strip().replace("$(VENV)", ".venv")


class Machines:
    """The machines of a page, by name; each remembers in which folder its shell is."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._at: dict[str, Path] = {}
        self._running: dict[subprocess.Popen[str], Path] = {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self._tools = home / "tools"
        self._tools.mkdir(parents=True)
        targets = "".join(f"{each}) exec {recipe(each)} ;;\n" for each in ("demo", "serve"))
        make = f'#!/bin/sh\ncase "$1" in\n{targets.replace("--serve", f"--serve --port {self._port}")}esac\n'
        for name, text in (
            ("knooppunt", KNOOPPUNT),
            ("git", GIT.format(shared=self._tools)),
            ("scp", SCP.format(home=home)),
            ("make", make),
        ):
            (self._tools / name).write_text(text)
            (self._tools / name).chmod(0o755)

    def type(self, machine: str, commands: str) -> str:
        """Type commands into the shell of a machine; returns what they print."""
        place = self._home / "where"
        ended = subprocess.run(
            ["bash", "-eu", "-c", f"{self._local(commands)}\npwd > {place}"],
            cwd=self._folder(machine),
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, (machine, commands, ended.stdout, ended.stderr)
        assert ended.stderr == "", (machine, commands, ended.stderr)
        self._at[machine] = Path(place.read_text().strip())
        return self._public(ended.stdout)

    def leave_running(self, machine: str, command: str, *, lines: int) -> str:
        """Start what stays open in a terminal of its own; returns its first lines that say something."""
        log = self._home / f"{machine}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {self._local(command)}"],
                cwd=self._folder(machine),
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._running[process] = log
        said: list[str] = []
        assert process.stdout is not None
        while len(said) < lines and (line := process.stdout.readline()):
            said += [line] if line.strip() else []
        assert len(said) == lines, (said, log.read_text())
        return self._public("".join(said))

    def interrupt(self) -> None:
        """Press Ctrl-C in every terminal where something runs."""
        for process, log in self._running.items():
            process.send_signal(signal.SIGINT)
            assert process.wait(START_SECONDS) in (0, 130), log.read_text()
            if process.stdout is not None:
                process.stdout.close()
        self._running.clear()

    def kill(self) -> None:
        """End whatever still runs, whatever happened."""
        for process in self._running:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _folder(self, machine: str) -> Path:
        if machine not in self._at:
            self._at[machine] = self._home / machine
            self._at[machine].mkdir()
        return self._at[machine]

    def _environment(self) -> dict[str, str]:
        tested = str(Path(gateway.__file__).parents[1])
        return {**os.environ, "PATH": f"{self._tools}:{os.environ['PATH']}", "PYTHONPATH": tested, "COLUMNS": "200"}

    def _local(self, commands: str) -> str:
        """The commands with loopback for the hub's machine; as the target of a copy a machine keeps its name."""
        local = commands.replace("--host machine-a", "--host 127.0.0.1")
        return local.replace(f"--port {PORT}", f"--port {self._port}")

    def _public(self, text: str) -> str:
        """What is printed where the hub's machine has a name, and the hub listens on every address of it."""
        return text.replace("listens on 127.0.0.1", "listens on 0.0.0.0").replace("127.0.0.1", "machine-a")
