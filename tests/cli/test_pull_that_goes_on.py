"""knooppunt pull --keep: what fails meanwhile is told then, and how matters stand at the end is its exit code."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.client.arrivals import arrival

from gateway.cli.main import main
from gateway.cli.pulled import MOST_FAILURES, Pulled
from gateway.client.advice import FROM_ANOTHER, WrongSetting
from gateway.client.answers import AnswerKind, HubAnswer
from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.participant_file import load_participant
from gateway.client.taking import Outcome, PullResult
from gateway.ebms.errors import FailedDecryption, InvalidReceipt, ProcessingModeMismatch, ValueInconsistent
from gateway.site.making import Made, make_site
from gateway.site.organisations import planned

ROLES = ("shv-fase-2",)
AWAY = PullResult(outcome=Outcome.NO_ANSWER, kind=AnswerKind.UNREACHABLE, note="connection refused")
REFUSED = PullResult(outcome=Outcome.REFUSED, errors=ProcessingModeMismatch().entries())
BAD = PullResult(outcome=Outcome.NOT_TAKEN, message_id="1@hub", note="bent", errors=FailedDecryption().entries())
RECEIPT = PullResult(outcome=Outcome.REFUSED, message_id="2@hub", errors=InvalidReceipt().entries())
UNKNOWN = PullResult(outcome=Outcome.UNKNOWN, message_id="4@hub", number=4, note="changed")
DAMAGED = PullResult(outcome=Outcome.DAMAGED, message_id="3@hub", number=3, note="changed")
EMPTY = PullResult(outcome=Outcome.EMPTY)
WAITS = HubAnswer(kind=AnswerKind.OVERLOAD, status=503, note="HTTP 503 with an empty body")

Event = PullResult | HubAnswer | Exception
Runs = Callable[..., Result]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A participant of a hub that nobody asks here."""
    site = make_site(tmp_path_factory.mktemp("site"), [planned("Bank", *ROLES)], at=datetime.now(UTC))
    return site.organisations[0]


@pytest.fixture
def desk(bank: Made, tmp_path: Path) -> Path:
    """The folder of that participant, without state."""
    return Path(shutil.copytree(bank.folder, tmp_path / "participant", ignore=shutil.ignore_patterns("state")))


@pytest.fixture
def keep(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """The command with --keep, in which these things happen one after another before it is ended."""

    def run(*events: Event, as_json: bool = True) -> Result:
        async def happens(
            _participant: object,
            *,
            inbox: Inbox,
            means: Means,
            on_result: Callable[[PullResult], None],
            **_others: object,
        ) -> None:
            for each in events:
                if isinstance(each, Exception):
                    raise each
                if isinstance(each, HubAnswer):
                    means.tell_wait(each, 90.0)
                    continue
                if each.outcome is Outcome.NOT_TAKEN and each.message_id is not None:
                    await inbox.note_not_taken("hub", each.message_id, "EBMS:0102", at=means.clock.now())
                on_result(each)
            raise asyncio.CancelledError

        monkeypatch.setattr("gateway.cli.pulling.keep_pulling", happens)
        arguments = ["pull", "--as", str(desk), "--keep", *(["--json"] if as_json else [])]
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return run


ENDS: dict[str, tuple[tuple[Event, ...], int, str | None]] = {
    # what: (what happens, the exit code, words of the error)
    "nothing failed": ((EMPTY, EMPTY), 0, None),
    "the hub was away and came back": ((AWAY, EMPTY), 0, None),
    "the hub is away": ((EMPTY, AWAY), 3, "connection refused"),
    "the hub refuses": ((EMPTY, REFUSED), 1, "the hub refused the pull"),
    "the hub is asked again when it ends": ((EMPTY, WAITS), 3, "HTTP 503"),
    "a message did not hold": ((BAD, EMPTY), 3, "1@hub does not hold"),
    "the disk changed a receipt": ((DAMAGED, EMPTY), 74, "the disk changed a receipt"),
    "and then the hub is away": ((EMPTY, DAMAGED, AWAY), 74, "connection refused"),
    "the disk changed a receipt while the hub is away": ((EMPTY, AWAY, DAMAGED), 74, "connection refused"),
    "of many failures the one on the disk is the oldest": (
        (DAMAGED, *[AWAY] * MOST_FAILURES, EMPTY),
        74,
        "the disk changed a receipt",
    ),
    "it ends before the first answer": ((), 1, "before the hub had answered"),
    "the own certificate ends": ((EMPTY, WrongSetting("`signing` is over", "renew it")), 2, "`signing` is over"),
}


@pytest.mark.parametrize("case", ENDS)
def test_how_matters_stand_at_the_end_is_the_exit_code(keep: Runs, case: str) -> None:
    events, code, words = ENDS[case]
    ended = keep(*events)
    said = json.loads(ended.stdout)
    assert ended.exit_code == code
    assert said["error"] is None if words is None else words in said["error"]
    assert said["facts"]["failed"] == len([each for each in events if each in (AWAY, REFUSED, BAD, DAMAGED)])


def test_what_failed_in_between_is_told_at_the_end_all_the_same(keep: Runs) -> None:
    said = json.loads(keep(AWAY, AWAY, EMPTY).stdout)
    assert "2 pulls failed in between" in said["next"]
    assert "connection refused" in said["next"]
    assert [each["outcome"] for each in said["facts"]["errors"]] == ["no answer", "no answer"]


def test_a_failure_is_told_when_it_happens_and_once_while_it_stays_the_same(keep: Runs) -> None:
    told = keep(AWAY, AWAY, REFUSED, EMPTY, AWAY, EMPTY).stderr
    assert told.count("the pull ended without a message (no answer): connection refused") == 2
    assert told.count("the hub refused the pull") == 1
    assert told.count("the hub answers again") == 2


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (DAMAGED, "the disk changed a receipt"),
        (BAD, "1@hub does not hold"),
        (RECEIPT, "refused the receipt for 2@hub"),
        (UNKNOWN, "4@hub came again and gets no receipt"),
    ],
    ids=["receipt damaged", "not taken", "receipt refused", "not recognised"],
)
def test_what_failed_with_a_message_is_told_once_and_the_hub_is_not_said_to_be_back(
    keep: Runs, failed: PullResult, words: str
) -> None:
    told = keep(failed, EMPTY, failed, EMPTY).stderr
    assert "the hub answers again" not in told
    assert told.count(words) == 1


def test_of_several_failures_the_one_on_the_own_disk_is_the_exit_code_of_a_run_that_ends_by_itself(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def comes(_participant: object, **_others: object) -> list[PullResult]:
        return [BAD, DAMAGED, AWAY]

    monkeypatch.setattr("gateway.cli.pulling.pull_until_empty", comes)
    assert CliRunner().invoke(main, ["pull", "--as", str(desk)]).exit_code == 74


def test_what_is_not_recognised_is_told_as_the_disks_and_the_hub_has_answered(desk: Path) -> None:
    pulled = Pulled(participant=load_participant(desk), keeps=True)
    pulled.note(UNKNOWN)
    assert (pulled.answered, pulled.standing, list(pulled.damaged)) == (True, None, [UNKNOWN])


def test_a_receipt_that_the_disk_changed_is_no_answer_of_the_hub(desk: Path) -> None:
    """Nobody had asked it then."""
    pulled = Pulled(participant=load_participant(desk), keeps=True)
    pulled.note(DAMAGED)
    assert not pulled.answered
    pulled.note(BAD)
    assert pulled.answered, "it gave that message"


def test_a_receipt_that_is_refused_is_told_with_its_message_and_not_as_a_pull(keep: Runs) -> None:
    told = keep(RECEIPT, EMPTY).stderr
    assert "the hub refused the receipt for 2@hub:\n  EBMS:0302" in told
    assert "refused the pull" not in told


def test_what_goes_on_by_itself_asks_nobody_to_pull_again(keep: Runs) -> None:
    told = keep(AWAY, EMPTY, DAMAGED, EMPTY).stderr
    assert ("it is asked again by itself" in told, "pull again" in told) == (True, False)


def test_messages_that_do_not_hold_are_told_by_their_causes_each_with_what_to_do(keep: Runs) -> None:
    again = replace(BAD, message_id="2@hub")
    other = replace(BAD, message_id="3@hub", note=FROM_ANOTHER, errors=ValueInconsistent().entries())
    said = json.loads(keep(BAD, again, other, EMPTY).stdout)
    assert "2 messages do not hold and were not taken (1@hub, 2@hub): bent" in said["error"]
    assert f"the message 3@hub does not hold and was not taken: {FROM_ANOTHER}" in said["error"]
    assert ("`decryption` in" in said["next"], "`hub.party` in" in said["next"]) == (True, True)


@pytest.mark.parametrize(
    ("kind", "leased"),
    [
        (AnswerKind.UNREACHABLE, False),
        (AnswerKind.OVERLOAD, False),
        (AnswerKind.BROKEN_OFF, True),
        (AnswerKind.UNTRUSTED, True),
    ],
)
def test_a_message_that_may_have_been_offered_is_said_to_come_again_after_its_lease(
    keep: Runs, kind: AnswerKind, leased: bool
) -> None:
    said = json.loads(keep(EMPTY, replace(AWAY, kind=kind)).stdout)["next"]
    assert ("nothing is lost: pull again" in said, "when its lease is over" in said) == (True, leased)


def test_a_long_run_keeps_the_newest_failures_and_counts_all(keep: Runs) -> None:
    facts = json.loads(keep(REFUSED, *[AWAY] * (MOST_FAILURES + 1)).stdout)["facts"]
    assert facts["failed"] == MOST_FAILURES + 2
    assert {each["outcome"] for each in facts["errors"]} == {"no answer"}
    assert len(facts["errors"]) == MOST_FAILURES


@pytest.mark.parametrize("keeps", [True, False], ids=["goes on", "ends by itself"])
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_a_run_that_goes_on_keeps_the_newest_messages_and_counts_all(
    desk: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool, keeps: bool
) -> None:
    monkeypatch.setattr("gateway.cli.pulled.MOST_DELIVERED", 3)
    count = 3 + 2

    async def come(
        _participant: object, *, inbox: Inbox, when_empty: Callable[[], object] | None = None, **_others: object
    ) -> list[PullResult]:
        for number in range(count):
            await inbox.accept(arrival(number, origin="unverified"))
        if when_empty is None:
            return []
        await when_empty()  # type: ignore[misc]  # it is awaited where it is called
        raise asyncio.CancelledError

    monkeypatch.setattr("gateway.cli.pulling.keep_pulling" if keeps else "gateway.cli.pulling.pull_until_empty", come)
    options = [*(["--keep"] if keeps else []), *(["--json"] if as_json else [])]
    ended = CliRunner().invoke(main, ["pull", "--as", str(desk), *options], catch_exceptions=False)
    listed = [f"{number}@hub.example" for number in range(2 if keeps else 0, count)]
    if as_json:
        facts = json.loads(ended.stdout)["facts"]
        assert ([each["message_id"] for each in facts["messages"]], facts["delivered"]) == (listed, count)
        assert ended.stderr.count("signed it in the name of s") == count - len(listed), (
            "told when they are no longer kept"
        )
    else:
        assert len(re.findall("^ Saldoverzoek ", ended.stdout, re.MULTILINE)) == len(listed)
        assert ("messages before these: 2" in ended.stdout) is keeps
        assert ended.stderr.count("signed it in the name of s") == count, "each of them once"


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_whatever_ends_a_run_what_came_before_is_told(
    desk: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    async def comes_and_fails(
        _participant: object, *, inbox: Inbox, when_empty: Callable[[], object], **_others: object
    ) -> None:
        await inbox.accept(arrival())
        await when_empty()  # type: ignore[misc]  # it is awaited where it is called
        raise WrongSetting("`signing` is over", "renew it")

    monkeypatch.setattr("gateway.cli.pulling.keep_pulling", comes_and_fails)
    arguments = ["pull", "--as", str(desk), "--keep", *(["--json"] if as_json else [])]
    ended = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert ended.exit_code == 2
    if as_json:
        assert [each["message_id"] for each in json.loads(ended.stdout)["facts"]["messages"]] == ["1@hub.example"]
    else:
        assert "Saldoverzoek" in ended.stdout
        assert "`signing` is over" in ended.stderr


def test_each_thing_that_is_to_be_known_has_a_line_of_its_own_in_the_document(keep: Runs, desk: Path) -> None:
    async def earlier() -> None:
        inbox = await Inbox.open(desk / "state" / "inbox")
        await inbox.note_not_taken("hub", "9@hub", "EBMS:0102", at=datetime.now(UTC))
        await inbox.aclose()

    asyncio.run(earlier())
    said = json.loads(keep(AWAY, EMPTY).stdout)
    first, second = said["next"].splitlines()
    assert first.startswith("messages that did not hold lie in the mailbox still")
    assert second.startswith("  1 pull failed in between")
