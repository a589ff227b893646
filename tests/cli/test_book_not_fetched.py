"""What `knooppunt directory fetch` says when the answer of the hub was there and could not be had, beside a pull in the
same state; and what every command says of a book that nobody can judge.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from support.hubs.processes import new_site
from support.keys.site_keys import made
from support.longer import longer

from crypto.pki import certificates_pem, private_key_pem
from gateway.cli.book_not_fetched import failed_pulls, not_fetched
from gateway.cli.main import main
from gateway.cli.pulled import failure_of_all
from gateway.client.answers import AnswerKind
from gateway.client.fetching_book import BookNotFetched
from gateway.client.inbox import NotTaken
from gateway.client.participant_file import load_participant
from gateway.client.taking import Outcome, PullResult
from gateway.ebms.errors import EmptyMessagePartitionChannel, FailedAuthentication, FailedDecryption
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from xsd.samples import sample

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub that runs, with a counsellor and a creditor."""
    folder = tmp_path_factory.mktemp("not fetched")
    found = new_site(folder / "site")
    hub = HubProcess(found.settings, folder / "hub.log")
    asyncio.run(hub.start())
    yield found
    asyncio.run(hub.stop())


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    """A copy of the counsellor's folder, to be spoiled."""
    return shutil.copytree(
        site.organisation("counsellor").folder, tmp_path / "counsellor", ignore=shutil.ignore_patterns("state")
    )


def knooppunt(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in words], catch_exceptions=False)


def fetch(folder: Path, *more: str) -> Result:
    return knooppunt("directory", "fetch", "--as", folder, "--retries", "0", *more)


def lose_the_key(folder: Path) -> None:
    """Another pair for decryption than the hub has registered."""
    other = made("encryption", begins_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=300))
    (folder / "encryption.key").write_bytes(private_key_pem(other.private_key))
    (folder / "encryption.pem").write_bytes(certificates_pem(other.certificate))


def name_a_signing_pair_too(folder: Path) -> None:
    """For decryption, beside the right one."""
    file = folder / "participant.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["decryption"].append({"key": "signing.key", "certificate": "signing.pem"})
    file.write_text(yaml.safe_dump(content), "utf-8")


def test_an_answer_that_this_client_refused_is_told_with_the_advice_of_a_pull(folder: Path) -> None:
    lose_the_key(folder)
    ended = fetch(folder)
    assert (ended.exit_code, "lease" in ended.stderr) == (3, False), ended.stderr
    assert ended.stderr.startswith("knooppunt: the answer of the hub is not in the mailbox\n")
    assert "does not hold and was not taken" in ended.stderr
    assert "EBMS:0102" in ended.stderr
    assert "`decryption` in participant.yaml: the message is sealed to a certificate whose key" in ended.stderr
    said = json.loads(fetch(folder, "--json").stdout)
    pulled = json.loads(knooppunt("pull", "--as", folder, "--retries", "0", "--json").stdout)
    assert ("`decryption`" in said["next"], "`decryption`" in pulled["next"]) == (True, True)


def test_a_pair_that_nothing_is_sealed_to_is_warned_of_by_a_fetch_that_succeeds_and_by_one_that_fails(
    folder: Path,
) -> None:
    name_a_signing_pair_too(folder)
    warning = "decryption[1]: the key usage of the certificate in signing.pem allows no encryption"
    ended = fetch(folder)
    assert (ended.exit_code, f"knooppunt: {warning}" in ended.stderr) == (0, True), ended.stderr
    assert warning in json.loads(fetch(folder, "--json").stdout)["next"]
    lose_the_key(folder)
    ended = fetch(folder)
    assert (ended.exit_code, warning in ended.stderr) == (3, True), ended.stderr


UNSIGNED = PullResult(outcome=Outcome.NO_ANSWER, kind=AnswerKind.UNTRUSTED, note="signed by nobody that is known")
FAILURES = {
    # how a pull fails -> what the advice names
    "signed by another": (UNSIGNED, 3, "`hub.signing` in participant.yaml"),
    "changed on the way": (
        PullResult(outcome=Outcome.NO_ANSWER, kind=AnswerKind.UNTRUSTED, note="the digest of Messaging does not match"),
        3, "find that proxy",
    ),
    "damaged": (
        PullResult(
            outcome=Outcome.NOT_TAKEN, message_id="1@hub", note="a part does not inflate",
            errors=FailedDecryption(detail="x").entries(),
        ),
        3, "`decryption` in participant.yaml",
    ),
    "refused": (
        PullResult(
            outcome=Outcome.REFUSED, kind=AnswerKind.FAILURE, errors=FailedAuthentication(detail="x").entries()
        ),
        1, "`signing` in participant.yaml",
    ),
    "cut off": (
        PullResult(outcome=Outcome.NO_ANSWER, kind=AnswerKind.BROKEN_OFF, note="closed"), 3, "nothing is lost: fetch",
    ),
    "a receipt on a disk that changed it": (
        PullResult(outcome=Outcome.DAMAGED, message_id="1@hub", number=1, note="changed"), 74, "look at the disk",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_every_way_in_which_a_pull_fails_is_told_by_a_fetch_as_a_pull_tells_it(folder: Path, case: str) -> None:
    result, code, named = FAILURES[case]
    who, empty = load_participant(folder), PullResult(outcome=Outcome.EMPTY, kind=AnswerKind.EMPTY)
    told = not_fetched(BookNotFetched("it is not there", pulled=(result, empty)), who, ())
    as_pulled = failure_of_all([result], who, None)
    assert told.sentence == f"it is not there\n{as_pulled.sentence}"
    assert told.next_step == as_pulled.next_step.replace("pull again", "fetch again")
    assert (told.code, named in told.next_step, "another pull of yours" in told.next_step) == (code, True, False)


def test_only_a_mailbox_that_is_really_empty_blames_the_lease_of_another_pull(folder: Path) -> None:
    who = load_participant(folder)
    empty = PullResult(outcome=Outcome.EMPTY, kind=AnswerKind.EMPTY, errors=EmptyMessagePartitionChannel().entries())
    fault = BookNotFetched("it is not there", pulled=(empty,))
    told = not_fetched(fault, who, ())
    assert (told.code, told.next_step) == (
        3, "another pull of yours may have it under a lease: fetch again in a quarter of an hour",
    )  # fmt: skip
    told = not_fetched(fault, who, (NotTaken("1@hub", "EBMS:0102", NOW),))
    assert "`decryption`" in told.next_step
    assert failed_pulls((empty,), who) is None


def test_what_did_not_hold_beside_the_address_book_is_told_when_the_book_was_fetched(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.client import fetching_book

    pull = fetching_book.pull_until_empty

    async def with_another(*given: object, **named: object) -> tuple[PullResult, ...]:
        return (FAILURES["damaged"][0], *await pull(*given, **named))  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(fetching_book, "pull_until_empty", with_another)
    ended = fetch(folder)
    assert (ended.exit_code, "knooppunt: beside the address book: the message 1@hub does not hold" in ended.stderr) == (
        0, True,
    )  # fmt: skip
    assert "serial" in ended.stdout


@pytest.mark.parametrize("command", ["list", "push", *longer("accept", "pull")])
def test_a_book_that_no_certificate_is_named_for_is_told_by_the_setting_and_not_as_damage(
    site: Site, folder: Path, command: str
) -> None:
    assert fetch(folder).exit_code == 0
    file = folder / "participant.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    del content["hub"]["directory"]
    content["origin"] = "required"
    file.write_text(yaml.safe_dump(content), "utf-8")
    party = site.organisation("creditor").party
    question = folder / "question.xml"
    question.write_bytes(
        sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=site.organisation("counsellor").party, ontvanger=party)
    )
    words, code = {
        "list": (("directory", "list"), 2),
        "accept": (("directory", "accept", party), 2),
        "push": (("push", question), 0),
        "pull": (("pull",), 2),
    }[command]
    ended = knooppunt(*words, "--as", folder)
    assert ended.exit_code == code, ended.stderr
    assert "participant.yaml names no certificate of the address book" in ended.stderr
    assert "name it as `hub.directory`" in ended.stderr
    assert "signature" not in ended.stderr
    assert str(folder / "state") not in ended.stderr
