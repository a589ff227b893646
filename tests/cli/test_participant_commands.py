"""knooppunt push and pull when the hub is not there: what a participant reads, and what a program of his reads."""

from __future__ import annotations

import asyncio
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.client.arrivals import arrival
from support.client.commands import knooppunt, push, without_state

from gateway.cli.main import main
from gateway.client.answers import AnswerKind
from gateway.client.inbox import Inbox
from gateway.client.outbox import OutboxState
from gateway.client.push import PushResult
from gateway.client.taking import Outcome, PullResult
from gateway.ebms.model import ErrorEntry
from gateway.site.making import Made
from xsd.samples import sample

WRONG = ((b"1980-02-29", b"1980-02-30"), (b"</Klant>", b"<Verzonnen/></Klant>"))


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
    assert (said["facts"]["messages"], "no answer" in said["error"]) == ([], True)


def test_a_push_that_got_no_answer_says_why_and_what_to_type_next(lonely: Made, tmp_path: Path) -> None:
    ended = push(lonely, tmp_path)
    assert ended.exit_code == 3
    assert "the hub gave no valid answer in 1 try:" in ended.stderr
    assert "Cannot connect to host 127.0.0.1" in ended.stderr
    assert "`hub.url` in participant.yaml (https://127.0.0.1:" in ended.stderr
    assert f"knooppunt push --as {lonely.folder} --waiting" in ended.stderr


def test_a_push_that_got_no_answer_waits_in_the_outbox(lonely: Made, tmp_path: Path) -> None:
    (first,) = json.loads(push(lonely, tmp_path, "--json").stdout)["facts"]["messages"]
    assert first["state"] == "waiting"
    for attempt in (2, 3):
        again = knooppunt("push", "--as", lonely.folder, "--waiting", "--retries", "0", "--json")
        assert again.exit_code == 3
        messages = json.loads(again.stdout)["facts"]["messages"]
        assert (first["message_id"], attempt) in {(e["message_id"], e["attempts"]) for e in messages}


def test_a_message_that_breaks_its_schema_is_not_sent_and_all_of_it_is_listed(lonely: Made, tmp_path: Path) -> None:
    ended = push(lonely, tmp_path, bend=WRONG)
    assert ended.exit_code == 1
    assert ended.stdout == ""
    said = ended.stderr.splitlines()
    assert said[0] == f"knooppunt: {tmp_path / 'saldoverzoek.xml'} is not sent: it breaks 2 demands"
    assert said[1].endswith(", XSD-CVC-DATATYPE-VALID-1-2-1: /Saldoverzoek/Klant/Geboortedatum")
    assert said[1].startswith("  line 2")
    assert [bool(each.strip()) for each in said] == [True] * 8
    assert said[-1].endswith("--unchecked sends it as it is")
    assert "1980-02-30" not in ended.stderr


def test_a_message_that_breaks_its_schema_is_one_json_document_too(lonely: Made, tmp_path: Path) -> None:
    ended = push(lonely, tmp_path, "--json", bend=WRONG)
    assert ended.exit_code == 1
    facts = json.loads(ended.stdout)["facts"]["violations"]
    assert [each["code"] for each in facts] == ["XSD-CVC-DATATYPE-VALID-1-2-1", "XSD-ELEMENT-UNKNOWN"]
    assert all(set(each) == {"code", "line", "path", "nl", "en"} for each in facts)


def test_unchecked_it_is_sent_all_the_same(lonely: Made, tmp_path: Path) -> None:
    ended = push(lonely, tmp_path, "--unchecked", bend=WRONG)
    assert "the hub gave no valid answer in 1 try:" in ended.stderr


def test_nothing_but_the_failure_is_written_to_standard_error(lonely: Made) -> None:
    ended = knooppunt("pull", "--as", lonely.folder, "--retries", "0")
    assert [line for line in ended.stderr.splitlines() if not line.strip()] == []


@pytest.mark.parametrize("option", ["--as", "--out"])
@pytest.mark.parametrize(("name", "words"), [("", "is empty"), (os.fsdecode(b"bad\xff"), "not UTF-8")])
def test_a_folder_without_a_name_or_with_one_that_is_no_text_is_wrong_usage(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["--as", lonely.folder, "--out", name] if option == "--out" else ["--as", name]
    ended = knooppunt("pull", *arguments, "--json")
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["outcome"], words in said["error"]) == (2, "usage", True)
    assert list(tmp_path.iterdir()) == []


def test_a_document_whose_name_is_no_text_is_told_of_all_the_same(lonely: Made, tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"bad\xff.xml")
    file.write_bytes(b"no XML")
    ended = knooppunt("push", "--as", lonely.folder, file, "--json")
    assert (ended.exit_code, "DOC-NOT-WELL-FORMED" in json.loads(ended.stdout)["error"]) == (1, True)


def test_a_message_may_come_from_standard_input(lonely: Made) -> None:
    octets = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=lonely.party, ontvanger="00000099000001002000")
    arguments = ["push", "--as", str(lonely.folder), "-", "--retries", "0", "--json"]
    ended = CliRunner().invoke(main, arguments, input=octets)
    (sent,) = json.loads(ended.stdout)["facts"]["messages"]
    assert (ended.exit_code, sent["state"]) == (3, "waiting")


@pytest.mark.parametrize("inputs", [("{pipe}", "{pipe}"), ("{pipe}", "{link}")], ids=["one name", "two names"])
def test_one_stream_for_two_documents_is_refused(lonely: Made, tmp_path: Path, inputs: tuple[str, str]) -> None:
    """The first would get all of it, and the second would be sent empty."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    document, attached = (each.format(pipe=tmp_path / "pipe", link=tmp_path / "link") for each in inputs)
    ended = knooppunt("push", "--as", lonely.folder, document, "--attach", attached, "--json")
    said = json.loads(ended.stdout)
    assert (ended.exit_code, "is named twice" in said["error"]) == (2, True)


def test_a_key_that_others_can_read_is_warned_of(lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def empty(*_: object, **__: object) -> tuple[PullResult, ...]:
        return (PullResult(outcome=Outcome.EMPTY),)

    folder = without_state(lonely, tmp_path)
    (folder / "signing.key").chmod(0o644)
    monkeypatch.setattr("gateway.cli.pulling.pull_until_empty", empty)
    said = json.loads(knooppunt("pull", "--as", folder, "--json").stdout)
    assert said["next"] == f"signing.key: others can read or change it; run: chmod 600 {folder / 'signing.key'}"


@pytest.mark.parametrize(
    ("signer", "said"), [("s", "verified"), ("00000099000001009000", "verified, signed by 00000099000001009000")]
)
def test_the_name_of_who_signed_stands_beside_the_word_verified_where_it_is_not_the_sender(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: str, said: str
) -> None:
    async def keep() -> None:
        inbox = await Inbox.open(folder / "state" / "inbox")
        await inbox.accept(replace(arrival(), origin="verified", origin_party=signer, origin_message_id="1"))
        await inbox.aclose()

    async def empty(*_: object, **__: object) -> tuple[PullResult, ...]:
        return (PullResult(outcome=Outcome.EMPTY),)

    folder = without_state(lonely, tmp_path)
    asyncio.run(keep())
    monkeypatch.setattr("gateway.cli.pulling.pull_until_empty", empty)
    shown = knooppunt("pull", "--as", folder).stdout.splitlines()
    row = next(line for line in shown if "Saldoverzoek" in line)
    assert re.split(r" {2,}", row.strip())[3] == said


UNUSED = {
    # what: (options, words of the error)
    "attachments of what waits": (("--waiting", "--attach", "{file}"), "--attach cannot be given with --waiting"),
    "a type for what waits": (
        ("--waiting", "--type-of-attachment", "text/plain"),
        "--type-of-attachment cannot be given with --waiting",
    ),
    "no check of what waits": (("--waiting", "--unchecked"), "--unchecked cannot be given with --waiting"),
    "all of them": (
        ("--waiting", "--unchecked", "--attach", "{file}"),
        "--attach and --unchecked cannot be given with --waiting",
    ),
    "a type of no attachment": (("{file}", "--type-of-attachment", "text/plain"), "nothing is attached"),
    "an empty type": (
        ("{file}", "--attach", "{file}", "--type-of-attachment", ""),
        "'--type-of-attachment': '' is no MIME type; write one such as application/pdf",
    ),
    "a broken type": (
        ("{file}", "--attach", "{file}", "--type-of-attachment", "pdf"),
        "'--type-of-attachment': 'pdf' is no MIME type; write one such as application/pdf",
    ),
}


@pytest.mark.parametrize("case", UNUSED)
def test_an_option_that_can_have_no_effect_is_wrong_usage_and_named(lonely: Made, tmp_path: Path, case: str) -> None:
    options, words = UNUSED[case]
    file = tmp_path / "document.xml"
    file.write_bytes(b"<a/>")
    ended = knooppunt("push", "--as", lonely.folder, *(each.format(file=file) for each in options), "--json")
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["outcome"]) == (2, "usage")
    assert words in said["error"]
    assert "documents" in said["next"] if "no attachment" in case else True


def test_more_attachments_than_a_message_takes_are_counted_before_anything_is_read(
    lonely: Made, tmp_path: Path
) -> None:
    document = tmp_path / "document.pdf"
    document.write_bytes(b"%PDF")
    ended = push(lonely, tmp_path, *["--attach", str(document)] * 65, "--json")
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["outcome"]) == (2, "usage")
    assert said["error"] == "--attach was given 65 times, and a message takes 62 attachments at most"
    assert "with a message of their own" in said["next"]


ABOUT_ANOTHER = {
    # what: (the code, what the error is about, words that the advice says)
    "content of another message": ("EBMS:0004", "other@hub", "another message (other@hub)", "do not make it anew"),
    "content of no message": ("EBMS:0003", None, "about no message", "do not make it anew"),
    "an own setting": ("EBMS:0101", None, "about no message", "`signing` in participant.yaml"),
}


def test_a_full_mailbox_is_told_as_what_passes(lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answered(*_: object, **__: object) -> PushResult:
        errors = (ErrorEntry(code="EBMS:0301", severity="failure"), ErrorEntry(code="EBMS:0021", severity="failure"))
        return PushResult(message_id="1@bank", state=OutboxState.WAITING, attempts=2, receipt=None, errors=errors,
                          kind=AnswerKind.FULL, reference="1@bank")  # fmt: skip

    monkeypatch.setattr("gateway.cli.pushing.push_message", answered)
    said = json.loads((ended := push(lonely, tmp_path, "--json")).stdout)
    assert ended.exit_code == 3
    assert "the mailbox of the receiver is full, after 2 tries" in said["error"]
    assert "nothing is lost: the message waits in the outbox" in said["next"]
    assert "--waiting` sends the message again under the same MessageId" in said["next"]


@pytest.mark.parametrize("case", ABOUT_ANOTHER)
def test_an_error_that_is_not_about_the_message_never_makes_anybody_mend_it(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    code, reference, about, words = ABOUT_ANOTHER[case]

    async def answered(*_: object, **__: object) -> PushResult:
        errors = (ErrorEntry(code="EBMS:0301", severity="failure"), ErrorEntry(code=code, severity="failure"))
        return PushResult(message_id="1@bank", state=OutboxState.WAITING, attempts=2, receipt=None, errors=errors,
                          kind=AnswerKind.FAILURE, reference=reference)  # fmt: skip

    monkeypatch.setattr("gateway.cli.pushing.push_message", answered)
    said = json.loads((ended := push(lonely, tmp_path, "--json")).stdout)
    assert ended.exit_code == 3
    assert about in said["error"]
    assert words in said["next"]
    assert "--waiting` sends the message again under the same MessageId" in said["next"]
    assert "mend the message" not in said["next"]
