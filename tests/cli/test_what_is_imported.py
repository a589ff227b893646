"""Whoever asks for help does not wait for what only the work needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gateway.cli.main import COMMANDS

HEAVY = {
    "aiohttp", "apsw", "asyncpg", "conformance", "crypto", "cryptography", "holidays", "jinja2", "knooppunt", "lxml",
    "opentelemetry", "pmodes", "prometheus_client", "pydantic", "rich", "stdnum", "uvloop", "xmlschema", "xsd", "yaml",
}  # fmt: skip
OWN = {
    "gateway",
    "gateway.cli",
    "gateway.cli.main",
    "gateway.cli.output",
    "gateway.cli.deed",
    "gateway.cli.few_files",
    "gateway.cli.streams",
    "gateway.named_file",
    "gateway.storage",
    "gateway.written",
    "gateway.written.complaints",
}
HELP = """
import json, sys
from gateway.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0
print(json.dumps(sorted(sys.modules)))
"""
# Whatever reads a catalogue or compiles a schema fails while the module of the command is imported.
GUARDED = """
import importlib, sys
import lxml.etree
import xsd.catalogue

def refuse(*arguments, **words):
    raise AssertionError("a catalogue or a schema is read while a command is imported")

lxml.etree.XMLSchema = xsd.catalogue.load_catalogue = xsd.catalogue.read_module = refuse
importlib.import_module(sys.argv[1])
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def imported_by(*words: str) -> set[str]:
    """Every module that is there when these words have been answered."""
    ended = python("-c", HELP, *words)
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_the_list_of_commands_imports_no_library_but_that_of_the_command_line_and_no_other_room() -> None:
    imported = imported_by("--help")
    assert "click" in imported
    assert {each.partition(".")[0] for each in imported} & HEAVY == set()
    assert {each for each in imported if each.partition(".")[0] == "gateway"} == OWN


@pytest.mark.parametrize("noun", ["mailbox", "message"])
def test_help_about_what_a_running_hub_is_asked_makes_no_hub(noun: str) -> None:
    imported = imported_by(noun, "list", "--help")
    assert {"gateway.settings", "gateway.store.model"} <= imported
    assert not {"aiohttp", "gateway.edge", "gateway.msh", "gateway.wiring"} & imported


@pytest.mark.parametrize("noun", COMMANDS)
def test_importing_a_command_reads_no_catalogue_and_compiles_no_schema(noun: str) -> None:
    ended = python("-c", GUARDED, COMMANDS[noun][0])
    assert ended.returncode == 0, ended.stderr
