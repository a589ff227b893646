"""One wrong setting at a time, a hub that really answers, and what the client then says: which setting it was.

The hub is a process with TLS, the commands are those of a participant, and nothing but the one setting is wrong. The
message itself is sound in every row, so whoever reads that he has to mend it was misled.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from support.hubs.processes import CREDITOR, new_site
from support.keys.site_keys import made

from crypto.certificates import load_certificates, thumbprint_sha256
from crypto.pki import Issued, Usage, certificates_pem, private_key_pem
from gateway.cli.main import main
from gateway.client.advice import advise
from gateway.client.answers import AnswerKind
from gateway.client.participant_file import load_participant
from gateway.ebms import texts
from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.text import Text
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from pmodes.texts import OTHER_VERSION
from xsd.samples import sample

COUNSELLOR = "counsellor"
DAY = timedelta(days=1)
BLAMES_THE_MESSAGE = "mend the message"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub and two participants in whose folders everything is right."""
    return new_site(tmp_path_factory.mktemp("site") / "right")


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[Site]:
    """The same with the hub running."""
    hub = HubProcess(site.settings, site.folder / "hub.log")
    asyncio.run(hub.start())
    yield site
    asyncio.run(hub.kill())


@dataclass(frozen=True)
class Desk:
    """A copy of a participant's folder in which one thing can be made wrong."""

    folder: Path
    site: Site

    def said(self, command: str) -> dict[str, Any]:
        """Push a sound message, or pull, once; returns the document that is printed, with the exit code in it."""
        arguments = {"pull": ["--out", str(self.folder / "in")], "push": [str(self.message())]}[command]
        ended = CliRunner().invoke(
            main, [command, "--as", str(self.folder), *arguments, "--retries", "0", "--json"], catch_exceptions=False
        )
        said: dict[str, Any] = json.loads(ended.stdout)
        return {**said, "code": ended.exit_code, "all": f"{said['error']} {said['next'] or ''}"}

    def message(self) -> Path:
        """A sound question, as a file."""
        ours, theirs = self.site.organisation(COUNSELLOR).party, self.site.organisation(CREDITOR.slug).party
        file = self.folder / "vraag.xml"
        file.write_bytes(sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=ours, ontvanger=theirs))
        return file

    def replace(self, usage: Usage, issued: Issued) -> None:
        """Another key and certificate of its own."""
        (self.folder / f"{usage}.key").write_bytes(private_key_pem(issued.private_key))
        (self.folder / f"{usage}.pem").write_bytes(certificates_pem(issued.certificate))

    def rename(self, name: str, to: str) -> None:
        """One of its files under the name of another."""
        shutil.copy(self.folder / name, self.folder / to)

    def borrow(self, name: str) -> None:
        """A file of the other participant in the place of its own."""
        shutil.copy(self.site.organisation(CREDITOR.slug).folder / name, self.folder / name)

    def show(self, name: str, issued: Issued) -> None:
        """Another certificate where one of the hub's is expected."""
        (self.folder / name).write_bytes(certificates_pem(issued.certificate))

    def settle(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Another value in participant.yaml."""
        file = self.folder / "participant.yaml"
        content = yaml.safe_load(file.read_text("utf-8"))
        change(content)
        file.write_text(yaml.safe_dump(content), "utf-8")

    def thumbprint(self, name: str) -> str:
        """Of the certificate that lies there now."""
        (certificate,) = load_certificates((self.folder / name).read_bytes())
        return thumbprint_sha256(certificate).hex()


def desk_of(site: Site, folder: Path) -> Desk:
    shutil.copytree(site.organisation(COUNSELLOR).folder, folder, ignore=shutil.ignore_patterns("state"))
    return Desk(folder, site)


@pytest.fixture
def desk(site: Site, tmp_path: Path) -> Desk:
    """The counsellor's folder, to be spoiled."""
    return desk_of(site, tmp_path / "counsellor")


def today(usage: Usage) -> Issued:
    """A key and a certificate that are valid, and that nobody has heard of."""
    return made(usage, begins_at=datetime.now(UTC) - DAY, ends_at=datetime.now(UTC) + 300 * DAY)


def ended(usage: Usage) -> Issued:
    """A key and a certificate that was over yesterday."""
    return made(usage, begins_at=datetime.now(UTC) - 300 * DAY, ends_at=datetime.now(UTC) - DAY)


def to_come(usage: Usage) -> Issued:
    """A key and a certificate that is valid from tomorrow."""
    return made(usage, begins_at=datetime.now(UTC) + DAY, ends_at=datetime.now(UTC) + 300 * DAY)


def borrow_the_key(desk: Desk) -> None:
    desk.borrow("signing.key")
    desk.borrow("signing.pem")


REFUSED, USAGE, PEER = 1, 2, 3

# what is made wrong -> exit code, the setting, and what else has to be said; a file stands for its thumbprint
Row = tuple[Callable[[Desk], object], int, str, tuple[str, ...]]
EITHER: Mapping[str, Row] = {
    "own key not registered": (
        lambda desk: desk.replace("signing", today("signing")),
        REFUSED, "`signing`", ("has the hub registered this certificate for `party`", "signing.pem"),
    ),
    "key of another organisation": (
        borrow_the_key, REFUSED, "`signing`", ("is it not another organisation's?", "signing.pem"),
    ),
    "own certificate over": (
        lambda desk: desk.replace("signing", ended("signing")),
        USAGE, "`signing`", ("has expired", "put a valid one there", "signing.pem"),
    ),
    "own certificate not begun": (
        lambda desk: desk.replace("signing", to_come("signing")),
        USAGE, "`signing`", ("put a valid one there", "signing.pem"),
    ),
    "signing certificate of another hub": (
        lambda desk: desk.show("hub-signing.pem", today("signing")),
        PEER, "`hub.signing`", ("ask the hub for its certificate of today", "hub-signing.pem"),
    ),
    "signing certificate of the hub is old": (
        lambda desk: desk.show("hub-signing.pem", ended("signing")),
        PEER, "`hub.signing`", ("has expired", "ask the hub for its certificate of today", "hub-signing.pem"),
    ),
    "signing certificate of the hub is its other one": (
        lambda desk: desk.rename("hub-encryption.pem", "hub-signing.pem"),
        PEER, "`hub.signing`", ("key usage does not allow signing", "hub-signing.pem"),
    ),
    "own certificate is for encryption": (
        lambda desk: [desk.rename(f"encryption.{each}", f"signing.{each}") for each in ("key", "pem")],
        USAGE, "`signing`", ("key usage does not allow signing", "signing.pem"),
    ),
    "own party is another's": (
        lambda desk: desk.settle(lambda content: content.update(party=desk.site.organisation(CREDITOR.slug).party)),
        REFUSED, "`party`", (),
    ),
    "base of another hub": (
        lambda desk: desk.settle(lambda content: content.update(base="urn:other")), REFUSED, "`base`", ("urn:other",),
    ),
    "http instead of https": (
        lambda desk: desk.settle(lambda c: c["hub"].update(url=c["hub"]["url"].replace("https", "http"))),
        PEER, "`hub.url`", ("should it begin with https?",),
    ),
    "somebody else's ca": (
        lambda desk: desk.show("ca.pem", today("tls-server")),
        PEER, "`hub.ca`", ("certificate verify failed", "does not vouch for the TLS certificate"),
    ),
    "no ca": (
        lambda desk: desk.settle(lambda content: content["hub"].pop("ca")),
        PEER, "`hub.ca`", ("certificate verify failed", "is not there"),
    ),
    "wrong path": (
        lambda desk: desk.settle(lambda content: content["hub"].update(url=content["hub"]["url"] + "/other")),
        PEER, "`hub.url`", ("is the path right",),
    ),
}  # fmt: skip
PUSH: Mapping[str, Row] = {
    "encryption certificate of another hub": (
        lambda desk: desk.show("hub-encryption.pem", today("encryption")),
        REFUSED, "`hub.encryption`", ("ask the hub for its certificate of today", "hub-encryption.pem"),
    ),
    "encryption certificate of the hub is old": (
        lambda desk: desk.show("hub-encryption.pem", ended("encryption")),
        USAGE, "`hub.encryption`", ("has expired", "ask the hub for its certificate of today", "hub-encryption.pem"),
    ),
    "party of another hub": (
        lambda desk: desk.settle(lambda content: content["hub"].update(party="00000099000009999000")),
        REFUSED, "`hub.party`", ("00000099000009999000",),
    ),
    "agreement of nobody": (
        lambda desk: desk.settle(lambda content: content.update(agreement="urn:example:other")),
        REFUSED, "`agreement`", ("urn:example:other",),
    ),
}  # fmt: skip
PULL: Mapping[str, Row] = {
    "mailbox of another organisation": (
        lambda desk: desk.settle(
            lambda content: content.update(mpc=f"urn:knooppunt:mpc:{desk.site.organisation(CREDITOR.slug).party}")
        ),
        REFUSED, "`mpc`", ("has the hub registered",),
    ),
}  # fmt: skip
ROWS = [
    pytest.param(command, *row, id=f"{command}: {name}")
    for commands, rows in ((("push", "pull"), EITHER), (("push",), PUSH), (("pull",), PULL))
    for name, row in rows.items()
    for command in commands
]


@pytest.mark.parametrize(("command", "spoil", "code", "setting", "more"), ROWS)
def test_the_wrong_setting_is_named_and_not_the_message(
    served: Site, desk: Desk, command: str, spoil: Callable[[Desk], object], code: int, setting: str,
    more: tuple[str, ...],
) -> None:  # fmt: skip
    assert served is desk.site
    spoil(desk)
    said = desk.said(command)
    assert said["code"] == code, said
    assert setting in said["all"]
    assert "participant.yaml" in said["all"]
    for each in more:
        wanted = desk.thumbprint(each) if each.endswith(".pem") else each
        assert wanted in said["all"], said["all"]
    assert BLAMES_THE_MESSAGE not in said["all"]
    assert said["next"], "what to do stands where a program looks for it"


def test_with_every_setting_right_both_commands_do_what_they_say(served: Site, desk: Desk) -> None:
    assert served is desk.site
    assert [(desk.said(command)["code"], desk.said(command)["next"]) for command in ("push", "pull")] == [
        (0, None), (0, None),
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["push", "pull"])
def test_an_own_certificate_that_is_over_is_seen_before_anything_is_sent(
    site: Site, tmp_path: Path, command: str
) -> None:
    """No hub runs at that address, and that is not what is complained of."""
    alone = desk_of(site, tmp_path / "alone")
    alone.settle(lambda content: content["hub"].update(url="https://127.0.0.1:9/as4"))
    alone.replace("signing", ended("signing"))
    said = alone.said(command)
    assert (said["code"], said["error"].startswith("`signing` in participant.yaml: ")) == (USAGE, True)


@pytest.mark.parametrize("command", ["push", "pull"])
def test_what_the_tls_library_says_of_a_wrong_ca_is_said_uncut(served: Site, desk: Desk, command: str) -> None:
    assert served is desk.site
    desk.show("ca.pem", today("tls-server"))
    said = desk.said(command)["error"]
    assert re.search(r"ClientConnectorCertificateError: Cannot connect to host 127\.0\.0\.1:\d+ ", said)
    assert re.search(r"certificate verify failed: [^\n]+ \(_ssl\.c:\d+\)", said)


@pytest.fixture
async def hours_behind(tmp_path: Path) -> AsyncIterator[Desk]:
    """A participant of a hub whose clock shows two hours less, and for whose clock nobody vouches."""
    other = new_site(tmp_path / "behind")
    hub = HubProcess(other.settings, tmp_path / "hub.log")
    await hub.start(moved=-timedelta(hours=2))
    yield desk_of(other, tmp_path / "counsellor")
    await hub.kill()


async def test_two_clocks_that_differ_are_named_and_neither_the_message_nor_a_mailbox(hours_behind: Desk) -> None:
    """First 503, because either clock may be wrong; once the operator vouched for the hub's, a refusal."""
    for command in ("push", "pull"):
        said = await asyncio.to_thread(hours_behind.said, command)
        assert said["code"] == PEER
        assert re.search(r"come back later in \d+ seconds \(Retry-After\)", said["next"])
        assert said["next"].count("nothing is lost") == 1
        assert "clock of this machine" in said["next"]
        assert "participant.yaml" not in said["all"]
    confirm = ["store", "confirm-time", "--hub", str(hours_behind.site.settings)]
    assert (await asyncio.to_thread(CliRunner().invoke, main, confirm)).exit_code == 0
    for command, again in (("push", "push it again"), ("pull", "pull again")):
        said = await asyncio.to_thread(hours_behind.said, command)
        assert (said["code"], "EBMS:0003" in said["error"]) == (REFUSED, True), said
        assert said["next"].startswith("the clock of this machine says 20")
        assert again in said["next"]
        assert "participant.yaml" not in said["all"]
        assert BLAMES_THE_MESSAGE not in said["all"]


def options(desk: Desk, *more: str) -> list[str]:
    """A push of a sound question that goes unchecked, with something that the hub has to refuse."""
    return [str(desk.message()), "--unchecked", *more]


def of_another_role(desk: Desk) -> list[str]:
    """An answer from who only asks."""
    ours, theirs = desk.site.organisation(COUNSELLOR).party, desk.site.organisation(CREDITOR.slug).party
    file = desk.folder / "antwoord.xml"
    file.write_bytes(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord", afzender=ours, ontvanger=theirs))
    return [str(file), "--unchecked"]


def with_a_type(desk: Desk) -> list[str]:
    """A document of a type that no P-Mode knows."""
    (desk.folder / "bijlage").write_bytes(b"a document")
    return options(desk, "--attach", str(desk.folder / "bijlage"), "--type-of-attachment", "text/foo")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(with_a_type, "`--type-of-attachment`"), (of_another_role, "`roles`")],
    ids=["a type of attachment", "a role that does not send it"],
)
def test_what_the_hub_refuses_by_name_is_advised_by_that_name_and_not_by_the_settings(
    served: Site, desk: Desk, arguments: Callable[[Desk], list[str]], named: str
) -> None:
    assert served is desk.site
    ended = CliRunner().invoke(main, ["push", "--as", str(desk.folder), *arguments(desk), "--json", "--retries", "0"])
    said = json.loads(ended.stdout)
    assert (ended.exit_code, "EBMS:0010" in said["error"]) == (REFUSED, True), said
    assert named in said["next"]
    assert "`agreement`" not in said["next"]


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize(
    ("text", "named"),
    [(OTHER_VERSION(version="Schuldregeling 2.0"), "module version of its question"),
     (texts.NO_QUESTION, "crossReference")],
    ids=["another version", "no such question"],
)  # fmt: skip
def test_an_answer_that_does_not_fit_its_question_is_told_so_in_either_language(
    desk: Desk, text: Text, named: str, language: str
) -> None:
    error = ProcessingModeMismatch(text, "private").entries(language)
    who = load_participant(desk.folder)
    assert named in advise(AnswerKind.FAILURE, error, "", who, at=datetime.now(UTC), pulling=False)


def creditor_desk(site: Site, folder: Path) -> Desk:
    """The folder of who is asked, to be spoiled."""
    shutil.copytree(site.organisation(CREDITOR.slug).folder, folder, ignore=shutil.ignore_patterns("state"))
    return Desk(folder, site)


def test_a_message_that_a_wrong_setting_refuses_names_it_now_and_in_every_later_pull(
    served: Site, desk: Desk, tmp_path: Path
) -> None:
    assert served is desk.site
    assert desk.said("push")["code"] == 0
    creditor = creditor_desk(served, tmp_path / "creditor")
    creditor.settle(lambda content: content["hub"].update(party="00000099000009999000"))
    first = creditor.said("pull")
    assert (first["code"], "`hub.party` in participant.yaml (00000099000009999000)" in first["next"]) == (PEER, True)
    assert "sender" not in first["next"]
    assert (refused := {each["message_id"] for each in first["facts"]["errors"]})
    for _ in range(2):
        later = creditor.said("pull")
        held_back = {each["message_id"] for each in later["facts"]["held_back"]}
        assert (later["code"], refused <= held_back) == (0, True)
        assert "`hub.party`" in later["next"]


def test_a_sender_that_the_address_book_lacks_is_reported_with_the_setting(
    served: Site, desk: Desk, tmp_path: Path
) -> None:
    assert served is desk.site
    assert desk.said("push")["code"] == 0
    creditor = creditor_desk(served, tmp_path / "creditor")
    creditor.settle(lambda content: content.update(senders={}, origin="reported"))
    said = creditor.said("pull")
    assert (said["code"], {each["origin"] for each in said["facts"]["messages"]}) == (0, {"unverified"})
    assert f"{desk.site.organisation(COUNSELLOR).party} is not under `senders` in participant.yaml" in said["next"]
