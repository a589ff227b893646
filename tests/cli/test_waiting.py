"""What push and pull say while they wait for a hub that asks for time, and how they end when somebody ends them."""

from __future__ import annotations

import asyncio
import json
import math
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from click.testing import CliRunner
from support.hubs.processes import COUNSELLOR, CREDITOR, new_site
from support.longer import longer

from gateway.cli.main import main
from gateway.cli.output import DO_IT_AGAIN, INTERRUPTED
from gateway.cli.waiting import tell_wait
from gateway.client.answers import AnswerKind, HubAnswer
from gateway.client.outbox import Outbox
from xsd.samples import sample


class _Busy(BaseHTTPRequestHandler):
    """A hub that has no time for anybody."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503)
        self.send_header("Retry-After", "90")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing beside the test's own words."""


@pytest.fixture
def busy() -> Iterator[str]:
    """The URL of a hub that answers 503 to everything."""
    server = HTTPServer(("127.0.0.1", 0), _Busy)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/as4"
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk(tmp_path: Path, busy: str) -> Path:
    """The folder of a participant of that hub, with a message to push."""
    site = new_site(tmp_path / "site")
    ours, theirs = (site.organisation(each.slug) for each in (COUNSELLOR, CREDITOR))
    file = ours.folder / "participant.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["hub"]["url"] = busy
    file.write_text(yaml.safe_dump(content), "utf-8")
    message = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=ours.party, ontvanger=theirs.party)
    (ours.folder / "vraag.xml").write_bytes(message)
    return ours.folder


@pytest.mark.parametrize(
    ("command", "as_json"), [("pull", True), ("push", False), *longer(("pull", False), ("push", True))]
)
def test_a_long_wait_says_what_the_hub_said_and_until_when_and_ends_with_ctrl_c(
    desk: Path, command: str, as_json: bool
) -> None:
    arguments = [command, "--as", str(desk), *([str(desk / "vraag.xml")] if command == "push" else [])]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", *arguments, *(["--json"] if as_json else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()  # comes while the command waits, or never
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert re.search(
        r"HTTP 503 and asks to come back later \(Retry-After: 90 seconds\); waiting 9\d seconds, until"
        r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ",
        line,
    )
    assert process.returncode == 1
    assert "Traceback" not in err
    if as_json:
        said = json.loads(out)
        assert (said["error"].startswith("it was interrupted"), err.strip()) == (True, "")
        facts, error, step = said["facts"], said["error"], said["next"]
    else:
        assert (out, err.startswith("knooppunt: it was interrupted")) == ("", True)
        facts, error, step = None, err, err
    if command == "pull":
        assert "nothing is lost: pull again" in step
        return
    (message_id,) = asyncio.run(_waiting(desk))
    assert f"{message_id} lies in the outbox" in error
    assert f"`knooppunt push --as {desk} --waiting` sends it again under the same MessageId" in step
    assert facts is None or [(each["message_id"], each["state"]) for each in facts["messages"]] == [
        (message_id, "waiting")
    ]


async def _waiting(desk: Path) -> tuple[str, ...]:
    outbox = await Outbox.open(desk / "state" / "outbox")
    try:
        return await outbox.waiting()
    finally:
        await outbox.aclose()


def test_ctrl_c_in_any_other_command_says_what_to_do_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gateway.cli.schema_suite.read_cases", interrupted)
    ended = CliRunner().invoke(main, ["schema", "suite", "--json"])
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["error"], said["next"]) == (1, INTERRUPTED, DO_IT_AGAIN)
    assert DO_IT_AGAIN in CliRunner().invoke(main, ["schema", "suite"]).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, *longer(signal.SIGTERM)], ids=["Ctrl-C", "a service manager"])
def test_who_ends_a_pull_that_goes_on_gets_its_document(desk: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "pull", "--as", str(desk), "--keep", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    process.stderr.readline()  # comes while the command waits
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    said = json.loads(out)
    assert (process.returncode, err) == (3, "")  # the hub had given no answer: nobody knows what lies in the mailbox
    assert (said["outcome"], said["facts"]["messages"]) == ("peer", [])
    assert "the pull ended without a message (no answer): HTTP 503" in said["error"]


@pytest.mark.parametrize(("seconds", "said"), [(2.0, False), (2.1, True)])
def test_a_wait_that_nobody_notices_is_not_told(seconds: float, said: bool, capsys: pytest.CaptureFixture[str]) -> None:
    tell_wait(HubAnswer(kind=AnswerKind.UNREACHABLE, note="connection refused"), seconds)
    assert ("the hub did not answer: connection refused" in capsys.readouterr().err) is said


def test_a_wish_longer_than_any_wait_is_told_so_beside_the_wait_that_is_granted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_wait(HubAnswer(kind=AnswerKind.OVERLOAD, status=503, retry_after_seconds=math.inf), 3600)
    assert "(Retry-After: after longer than any wait); waiting 3600 seconds, until" in capsys.readouterr().err


def test_what_a_stranger_wrote_is_told_on_one_line_without_what_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_wait(HubAnswer(kind=AnswerKind.FOREIGN, status=502, note="a\x1b[2Jb\nc" + "d" * 999), 60)
    said = capsys.readouterr().err
    assert (said.count("\n"), "\x1b" in said, len(said) < 500) == (1, False, True)
