"""knooppunt push and pull when the hub is not there: what a participant reads, and what a program of his reads."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.demo.site import Made, Planned, make_site, modules_for
from xsd.samples import sample

ROLES = ("shv-fase-2",)


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A participant whose hub does not run."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    bank = Planned(name="Bank", roles=ROLES, modules=modules_for(ROLES))
    return make_site(tmp_path_factory.mktemp("site"), [bank], at=datetime.now(UTC), port=port).organisations[0]


def knooppunt(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


def push(participant: Made, folder: Path, *options: str) -> Result:
    file = folder / "saldoverzoek.xml"
    file.write_bytes(
        sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=participant.party, ontvanger="00000099000001002000")
    )
    return knooppunt("push", "--as", participant.folder, file, "--retries", "0", *options)


def test_a_pull_that_got_no_answer_does_not_call_the_mailbox_empty(lonely: Made) -> None:
    ended = knooppunt("pull", "--as", lonely.folder, "--retries", "0")
    assert ended.exit_code == 3
    assert ended.stdout == ""
    assert ended.stderr.startswith("knooppunt: the pull ended without a message (no answer)")
    assert "pull again" in ended.stderr


def test_a_pull_that_failed_is_one_json_document_too(lonely: Made) -> None:
    ended = knooppunt("pull", "--as", lonely.folder, "--retries", "0", "--json")
    assert ended.exit_code == 3
    said = json.loads(ended.stdout)
    assert (said["facts"], "no answer" in said["error"]) == ([], True)


def test_a_push_that_got_no_answer_says_why_and_what_to_type_next(lonely: Made, tmp_path: Path) -> None:
    ended = push(lonely, tmp_path)
    assert ended.exit_code == 3
    assert "the hub gave no valid answer in 1 try:" in ended.stderr
    assert "Cannot connect to host 127.0.0.1" in ended.stderr
    assert f"hub.url in {lonely.folder / 'participant.yaml'}" in ended.stderr
    assert f"knooppunt push --as {lonely.folder} --waiting" in ended.stderr


def test_a_push_that_got_no_answer_waits_in_the_outbox(lonely: Made, tmp_path: Path) -> None:
    (first,) = json.loads(push(lonely, tmp_path, "--json").stdout)
    assert first["state"] == "waiting"
    for attempt in (2, 3):
        again = knooppunt("push", "--as", lonely.folder, "--waiting", "--retries", "0", "--json")
        assert again.exit_code == 3
        assert (first["message_id"], attempt) in {(e["message_id"], e["attempts"]) for e in json.loads(again.stdout)}


def test_nothing_but_the_failure_is_written_to_standard_error(lonely: Made) -> None:
    ended = knooppunt("pull", "--as", lonely.folder, "--retries", "0")
    assert [line for line in ended.stderr.splitlines() if not line.strip()] == []
