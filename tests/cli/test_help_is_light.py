"""Whoever asks a command for its help waits for no library that only its work needs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from gateway.cli.main import COMMANDS

HEAVY = frozenset({
    "aiohttp", "apsw", "cryptography", "holidays", "isal", "jinja2", "lxml", "pydantic", "rich", "stdnum", "uvloop",
    "yaml",
})  # fmt: skip

# What asking a noun for its help may import of these: verbs have typed answers, and help tells roles and limits. The
# nouns that are not here may import none.
MAY_IMPORT = {
    "db": {"pydantic"},
    "event": {"pydantic"},
    "mail": {"pydantic"},
    "mailbox": {"pydantic"},
    "message": {"pydantic"},
    "pki": {"lxml", "pydantic", "stdnum", "yaml"},
    "reload": {"pydantic"},
    "request": {"pydantic"},
    "schema": {"jinja2", "lxml", "pydantic", "stdnum", "yaml"},
    "store": {"pydantic"},
}

# Each noun in a process of its own, which has what all of them import already.
EACH_HELP = """
import json, os, sys
from gateway.cli.main import COMMANDS, main
for noun in COMMANDS:
    reading, writing = os.pipe()
    if os.fork() == 0:
        sys.stdout = open(os.devnull, "w")
        try:
            main([noun, "--help"])
        except SystemExit as ended:
            found = sorted({name.partition(".")[0] for name in sys.modules})
            os.write(writing, json.dumps([ended.code, found]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        print(json.dumps([noun, *json.load(answer)]))
    os.wait()
"""


@cache
def imported() -> dict[str, tuple[int, set[str]]]:
    """The exit code of each noun's help, and the packages that were imported by then."""
    ended = subprocess.run([sys.executable, "-c", EACH_HELP], capture_output=True, text=True, check=True, timeout=120)
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    return {noun: (code, set(packages)) for noun, code, packages in told}


@pytest.mark.parametrize("noun", COMMANDS)
def test_the_help_of_a_noun_imports_only_what_it_may(noun: str) -> None:
    code, packages = imported()[noun]
    assert code == 0
    assert "click" in packages
    assert packages & HEAVY <= MAY_IMPORT.get(noun, set())
