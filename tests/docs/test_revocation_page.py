"""The how-to on revoked certificates: its examples are read, its words are those of the program."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import get_args

from support.documents.documents import DOCS, blocks
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates
from support.keys.pki import authority, identity

from crypto.pki import certificates_pem
from gateway.events import EVENTS
from gateway.jobs.revocation_known import State
from gateway.settings.sections import OutboundSection
from gateway.wiring.revocation import concerns_of_hosts
from gateway.written.yaml_text import read_yaml
from pmodes.files import read_configuration
from pmodes.parameters import BY_NAME

PAGE = DOCS / "how-to" / "ask-whether-certificates-were-revoked.md"
TEXT = PAGE.read_text("utf-8")


def examples(language: str) -> list[str]:
    return [each.text for each in blocks(PAGE) if each.language == language]


def test_the_files_of_the_page_are_read_and_go_together() -> None:
    named, overrides = examples("yaml")
    (settings,) = examples("toml")
    text = f"{configuration_texts()['hub.yaml']}{named}{overrides}"
    assert read_yaml(text)

    def load(path: str) -> object:
        return (authority().certificate,) if path.endswith("issuing-ca.pem") else load_test_certificates(path)

    texts = {**configuration_texts(), "hub.yaml": text}
    found = read_configuration(texts, catalogue=catalogue(), load=load)  # type: ignore[arg-type]
    assert len(found.hub.revocation) == 1
    outbound = OutboundSection.model_validate(tomllib.loads(settings)["outbound"])
    assert concerns_of_hosts(outbound, found) == ()


def test_the_command_of_the_page_shows_the_addresses_in_a_certificate(tmp_path: Path) -> None:
    (command,) = examples("text")
    words = command.split()
    (tmp_path / "certificates").mkdir()
    (tmp_path / words[3]).write_bytes(certificates_pem(identity("creditor").signing.certificate))
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=30, check=False)
    assert (ended.returncode, b"unknown option" in ended.stderr.lower()) == (0, False), ended.stderr


def test_the_words_of_the_page_are_those_of_the_program() -> None:
    named = set(re.findall(r"`((?:revocation|certificate)_\w+)`", TEXT))
    assert named
    assert named <= EVENTS.keys()
    assert all(f"`{each}`" in TEXT for each in get_args(State))
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == list(BY_NAME["Knooppunt.Revocation"].choices)
