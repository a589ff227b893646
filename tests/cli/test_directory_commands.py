"""knooppunt directory against a hub that runs: fetch, look, endorse, accept, and what a push foresees."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from support.directory.locks import locked_when
from support.documents.json_contract import facts_of
from support.hubs.processes import new_site
from support.keys.site_keys import made

from crypto.pki import certificates_pem
from gateway.cli.address_book import accept_party, if_untimely
from gateway.cli.main import main
from gateway.cli.output import Failure
from gateway.directory.chain import next_issue
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from xsd.samples import sample

NOW = datetime.now(UTC)
PEM = "certificates/creditor-signing.pem"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub that runs, with a counsellor and a creditor that knows the other's signing certificate."""
    folder = tmp_path_factory.mktemp("directory")
    found = new_site(folder / "site")
    hub = HubProcess(found.settings, folder / "hub.log")
    asyncio.run(hub.start())
    yield found
    asyncio.run(hub.stop())


def knooppunt(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in words], catch_exceptions=False)


def directory(site: Site, verb: str, *words: str | Path, who: str = "counsellor") -> Result:
    return knooppunt("directory", verb, *words, "--as", site.organisation(who).folder)


def next_certificate(site: Site, name: str) -> Path:
    """Another signing certificate of the creditor, where the hub can read it."""
    issued = made("signing", begins_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=900))
    pmodes = site.settings.parent / "pmodes"
    file = pmodes / "certificates" / f"{name}.pem"
    file.write_bytes(certificates_pem(issued.certificate))
    return file


def issued(site: Site) -> str:
    """The address book of now, by its hash."""
    return str(facts_of(knooppunt("org", "directory", "--hub", site.settings, "--json").stdout)["sha256"])


def listed(site: Site, file: Path, endorsement: str = "") -> None:
    """Name it in the creditor's file beside the first, and have the hub take that over."""
    organisation = site.settings.parent / "pmodes" / "creditor.yaml"
    text = organisation.read_text()
    more = f", endorsement: {endorsement}" if endorsement else ""
    entry = f"  - {{file: certificates/{file.name}{more}}}\n"
    line = next(each for each in text.splitlines(True) if PEM in each)
    written(site, organisation, text.replace(line, line + entry.replace("  -", line.partition("-")[0] + "-")))


def written(site: Site, file: Path, text: str) -> None:
    """Write a P-Mode file, and have the hub take that over into its address book."""
    before = issued(site)
    file.write_text(text)
    assert knooppunt("reload", "--hub", site.settings).exit_code == 0
    until = time.monotonic() + 20
    while issued(site) == before:  # it is made while the hub serves
        assert time.monotonic() < until
        time.sleep(0.05)


def test_nothing_can_be_listed_or_accepted_before_it_was_fetched(tmp_path: Path) -> None:
    lonely = new_site(tmp_path / "site")
    for verb, *words in (("list",), ("accept", "1")):
        ended = directory(lonely, verb, *words)
        assert ended.exit_code == 1
        assert "knooppunt directory fetch --as" in ended.stderr
    ended = directory(lonely, "fetch", "--retries", "0")
    assert (ended.exit_code, "took no question" in ended.stderr) == (3, True)


def test_what_is_fetched_is_what_the_hub_issued_and_can_be_looked_at(site: Site) -> None:
    facts = facts_of(directory(site, "fetch", "--json").stdout)
    issued = facts_of(knooppunt("org", "directory", "--hub", site.settings, "--json").stdout)
    assert (facts["serial"], facts["sha256"], facts["parties"]) == (issued["serial"], issued["sha256"], 2)
    assert facts["waiting"] == []
    ended = directory(site, "fetch")
    assert (ended.exit_code, str(facts["serial"]) in ended.stdout) == (0, True)
    told = directory(site, "list")
    assert [each.name in told.stdout for each in site.organisations] == [True, True]
    assert facts_of(directory(site, "list", "--module", "Nergens", "--json").stdout)["parties"] == []
    (found,) = [
        each
        for each in facts_of(directory(site, "list", "--module", "Schuldregeling", "--json").stdout)["parties"]
        if each["party"] == site.organisation("creditor").party
    ]
    assert (found["roles"], found["collectief"]) == (["schuldeiser"], False)


def test_a_changed_certificate_waits_until_a_person_says_yes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    directory(site, "fetch")
    party, file = site.organisation("creditor").party, next_certificate(site, "unknown")
    listed(site, file)
    ended = directory(site, "fetch")
    assert ended.exit_code == 0
    assert f"knooppunt directory accept {party} --as" in ended.stderr
    (waits,) = facts_of(directory(site, "fetch", "--json").stdout)["waiting"]
    ended = directory(site, "accept", party)
    assert ended.exit_code == 2
    shown = [bytes.fromhex(each).hex(":").upper() for each in (waits["certificate"], *waits["known"])]
    assert [each in ended.stderr for each in shown] == [True] * len(shown)
    seen = locked_when(monkeypatch, "gateway.cli.address_book.keep")
    taken = facts_of(directory(site, "accept", party, "--yes", "--json").stdout)["taken"]
    assert [(each["certificate"], each["why"]) for each in taken] == [(waits["certificate"], "accepted")]
    assert seen == [True]  # nobody else changes what is kept meanwhile
    assert facts_of(directory(site, "fetch", "--json").stdout)["waiting"] == []
    assert directory(site, "accept", party, "--yes").exit_code == 1


def test_a_yes_to_one_issue_is_none_to_another_that_came_during_the_call(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it bring the issue back that was shown."""
    party, counsellor = site.organisation("creditor").party, site.settings.parent / "pmodes" / "counsellor.yaml"
    before, text = issued(site), counsellor.read_text()
    listed(site, next_certificate(site, "shown"))
    directory(site, "fetch")

    def meanwhile(_question: str, **_options: object) -> bool:
        written(site, counsellor, f"{text}collectief: true\n")
        assert directory(site, "fetch").exit_code == 0
        return True

    monkeypatch.setattr("gateway.cli.address_book.click.confirm", meanwhile)
    monkeypatch.setattr("gateway.cli.address_book.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    with pytest.raises(Failure, match="another address book was fetched meanwhile"):
        accept_party(site.organisation("counsellor").folder, party, yes=False, as_json=False)
    facts = facts_of(directory(site, "fetch", "--json").stdout)
    assert (facts["sha256"] == issued(site) != before, len(facts["waiting"])) == (True, 1)
    assert directory(site, "accept", party, "--yes").exit_code == 0
    written(site, counsellor, text)


def test_one_that_its_owner_endorsed_is_taken_unasked(site: Site) -> None:
    directory(site, "fetch")
    file = next_certificate(site, "endorsed")
    said = facts_of(directory(site, "endorse", file, "--json", who="creditor").stdout)
    assert directory(site, "endorse", file, who="creditor").stdout == f"{said['endorsement']}\n"
    listed(site, file, said["endorsement"])
    facts = facts_of(directory(site, "fetch", "--json").stdout)
    assert [(each["certificate"], each["why"]) for each in facts["taken"]] == [(said["certificate"], "endorsed")]
    assert facts["waiting"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gone.pem",), "gone.pem"),
        (("signing.key",), "private key"),
        (("encryption.pem",), "does not allow signing"),
        (("signing.pem", "--party", "00000099000000007000"), "neither you nor a business unit"),
    ],
)
def test_what_cannot_be_endorsed_is_said(site: Site, words: tuple[str, ...], said: str) -> None:
    folder = site.organisation("creditor").folder
    ended = directory(site, "endorse", folder / words[0], *words[1:], who="creditor")
    assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr


def test_a_push_to_nobody_is_not_sent_and_says_how_to_send_it_all_the_same(site: Site, tmp_path: Path) -> None:
    directory(site, "fetch")
    sender, nobody = site.organisation("counsellor"), "00000099000000007000"
    file = tmp_path / "question.xml"
    file.write_bytes(sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=sender.party, ontvanger=nobody))
    ended = knooppunt("push", "--as", sender.folder, file)
    assert ended.exit_code == 1
    assert f"is not sent: {nobody} is not in the address book of the hub" in ended.stderr
    assert "--unchecked" in ended.stderr
    ended = knooppunt("push", "--as", sender.folder, file, "--unchecked")
    assert (ended.exit_code, "EBMS:0010" in ended.stderr) == (1, True)


def test_a_pre_agreement_to_a_counsellor_outside_collectief_is_warned_of(site: Site, tmp_path: Path) -> None:
    directory(site, "fetch", who="creditor")
    sender, receiver = site.organisation("creditor"), site.organisation("counsellor")
    directory(site, "fetch")
    asked = tmp_path / "question.xml"
    asked.write_bytes(sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=receiver.party, ontvanger=sender.party))
    assert knooppunt("push", "--as", receiver.folder, asked).exit_code == 0
    answer = tmp_path / "answer.xml"
    name = "SaldoverzoekAntwoordVoorafAkkoord"
    answer.write_bytes(sample("Schuldregeling", "2.0", name, afzender=sender.party, ontvanger=receiver.party))
    ended = knooppunt("push", "--as", sender.folder, answer)
    assert ended.exit_code == 0, ended.stderr
    assert "does not take part in Collectief Schuldregelen" in ended.stderr


def test_a_folder_that_names_no_directory_certificate_says_what_to_ask_for(tmp_path: Path) -> None:
    lonely = new_site(tmp_path / "site")
    file = lonely.organisation("creditor").folder / "participant.yaml"
    file.write_text("".join(each for each in file.read_text().splitlines(True) if "directory:" not in each))
    ended = directory(lonely, "fetch", who="creditor")
    assert (ended.exit_code, "`hub.directory`" in ended.stderr) == (2, True)


def test_nothing_is_pulled_without_the_book_where_a_proof_of_origin_is_required(tmp_path: Path) -> None:
    lonely = new_site(tmp_path / "site")
    folder = lonely.organisation("creditor").folder
    kept = folder / "state" / "address-book" / "adresboek.xml"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"<a/>")
    pull = ("pull", "--as", folder, "--retries", "0")
    ended = knooppunt(*pull)
    assert (ended.exit_code, "origin: required" in ended.stderr) == (3, False)  # no hub there, but it was asked
    with (folder / "participant.yaml").open("a") as file:
        file.write("origin: required\n")
    ended = knooppunt(*pull)
    assert (ended.exit_code, "nothing is pulled" in ended.stderr) == (1, True)


def test_a_certificate_that_is_not_of_the_directory_key_is_named_with_its_setting(site: Site, tmp_path: Path) -> None:
    """Whoever names another certificate of the hub looks for the fault there, and not at the hub."""
    folder = shutil.copytree(site.organisation("creditor").folder, tmp_path / "creditor")
    shutil.rmtree(folder / "state", ignore_errors=True)
    shutil.copy(folder / "hub-signing.pem", folder / "hub-directory.pem")
    ended = knooppunt("directory", "fetch", "--as", folder)
    assert ended.exit_code == 3
    assert "`hub.directory` in participant.yaml (SHA-256 " in ended.stderr
    directory(site, "fetch", who="creditor")
    kept = Path("state", "address-book")
    shutil.copytree(site.organisation("creditor").folder / kept, folder / kept, dirs_exist_ok=True)
    ended = knooppunt("directory", "list", "--as", folder)
    assert (ended.exit_code, "look at `hub.directory` in participant.yaml" in ended.stderr) == (1, True)


@pytest.mark.parametrize("file", ["adresboek.xml", "known.json"])
def test_the_one_command_that_is_named_mends_a_damaged_copy(site: Site, tmp_path: Path, file: str) -> None:
    directory(site, "fetch", who="creditor")
    folder = shutil.copytree(site.organisation("creditor").folder, tmp_path / "of a creditor")
    kept = folder / "state" / "address-book" / file
    kept.write_bytes(kept.read_bytes()[:-200])
    ended = knooppunt("directory", "list", "--as", folder)
    assert ended.exit_code == 1
    named = re.search("`(knooppunt directory fetch [^`]*)`", ended.stderr)
    assert named is not None, ended.stderr
    assert knooppunt("directory", "fetch", "--as", folder).stderr == ended.stderr, "no other step on the way"
    words = shlex.split(named[1])[1:]
    mended = knooppunt(*words)
    assert mended.exit_code == 0, mended.stderr
    assert knooppunt("directory", "list", "--as", folder).exit_code == 0


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (timedelta(minutes=-6), "this was issued at 2026-03-02 10:00:00Z, which is still to come; "),
        (timedelta(minutes=-4), ""),
        (timedelta(days=6), ""),
        (timedelta(days=7), "this was valid until 2026-03-09 10:00:00Z; "),
    ],
    ids=["to come", "clocks that differ", "in time", "over"],
)
def test_a_kept_book_that_is_over_or_of_a_moment_to_come_is_told_with_what_gets_the_one_of_now(
    since: timedelta, said: str
) -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    told = if_untimely(next_issue(None, "1", (), at), Path("me"), at + since)
    assert told == (f"{said}`knooppunt directory fetch --as me` gets the one of now" if said else "")
