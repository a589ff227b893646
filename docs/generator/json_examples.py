"""What the main commands print with --json: a hub is started, a question and its answer go through it.

What differs from run to run is replaced: ids, references, times, sizes and places.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gateway.cli.main import main
from gateway.site.making import Site, make_site
from generator.example_site import tutorial

REPLACED = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "6ba7b810-9dad-41d1-80b4-00c04fd430c8"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    (re.compile(r"\b\d{8}-\d{6}(?=-[A-Z])"), "20260302-101500"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "9f86d081884c4d639a2feaa0c55ad015"),
    (re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.\d+)?"), r"2026-03-02\g<1>10:15:00"),
    (re.compile(r'("(?:size_octets|octets)": )\d{3,}'), r"\g<1>13497"),
)


def json_examples() -> dict[str, str]:
    """Command to what it printed."""
    with tempfile.TemporaryDirectory(prefix="knooppunt-docs-") as name:
        return _Play(Path(name)).examples()


class _Play:
    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._folder = folder
        self._site: Site = make_site(folder / "first", tutorial(), at=datetime.now(UTC), port=self._port)
        self._found: dict[str, str] = {}

    def examples(self) -> dict[str, str]:
        """Start the hub, play, stop it."""
        command = [sys.executable, "-P", "-m", "gateway.cli", "serve", str(self._site.settings), "--json"]
        log = (self._folder / "hub.log").open("w")
        with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as hub:
            try:
                self._found["serve"] = self._clean(_document(hub))
                self._play()
            finally:
                hub.terminate()
        return self._found

    def _play(self) -> None:
        bank, creditor = self._site.organisations
        hub = ("--hub", str(self._site.settings))
        question, answer, wrong = (self._folder / name for name in ("saldoverzoek.xml", "antwoord.xml", "fout.xml"))
        sample = ("schema", "sample", "Schuldregeling", "2.0")
        question.write_text(_run(*sample, "Saldoverzoek", "--from", bank.party, "--to", creditor.party))
        wrong.write_text(question.read_text().replace("1980-02-29", "1980-02-30"))
        self._show("schema list", first_only=True)
        self._show("schema check", str(wrong))
        self._show_fields("schema diff", "Schuldregeling", "1.0", "1.1", cut="messages", keep="SchuldregelingAkkoord")
        self._show_fields("schema export", str(self._folder / "berichten"), cut="modules")
        self._show("push", "--as", str(bank.folder), str(question))
        (pulled,) = self._show("pull", "--as", str(creditor.folder))["messages"]
        answer.write_text(_run(*sample, "SaldoverzoekAntwoord", "--answering", pulled["files"][0]))
        self._show("message list", *hub)
        self._show("message open", *hub)
        self._show("message show", *hub, pulled["message_id"])
        self._show("mailbox list", *hub)

    def _show_fields(self, command: str, *arguments: str, cut: str, keep: str = "") -> None:
        """A command that prints one object, of whose list `cut` the entry of that name is shown, or the first."""
        shown = json.loads(_run(*command.split(), *arguments, "--json"))
        facts = shown["facts"]
        facts[cut] = next(([each] for each in facts[cut] if keep and each["name"] == keep), facts[cut][:1])
        self._found[command] = self._clean(json.dumps(shown, ensure_ascii=False, indent=2))

    def _show(self, command: str, *arguments: str, first_only: bool = False) -> Any:
        printed = json.loads(_run(*command.split(), *arguments, "--json"))
        shown = {**printed, "facts": printed["facts"][:1]} if first_only else printed
        self._found[command] = self._clean(json.dumps(shown, ensure_ascii=False, indent=2))
        return printed["facts"]

    def _clean(self, text: str) -> str:
        text = text.replace(str(self._port), "8443").replace(f"{self._folder}/", "")
        for pattern, instead in REPLACED:
            text = pattern.sub(instead, text)
        return text


def _run(*arguments: str) -> str:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False).stdout


def _document(process: subprocess.Popen[str]) -> str:
    """The first JSON document that a process prints."""
    text = ""
    for line in process.stdout or ():
        text += line
        try:
            json.loads(text)
        except ValueError:
            continue
        return text
    raise LookupError("the hub did not start")
