"""knooppunt pmode match and diff: which P-Mode a message would get, and what a change of the files changes."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hubs.processes import CREDITOR, new_site

from gateway.cli.main import main
from gateway.ebms.model import Messaging, PartInfo, Party, Property, Service, UserMessage
from gateway.ebms.names import INITIATOR, MIME_TYPE, RESPONDER
from gateway.ebms.party_ids import party_id
from gateway.ebms.write import write_body, write_envelope, write_messaging
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned

QUESTION = ("Schuldregeling", "2.0", "Saldoverzoek")
STRANGER = "00000099000009999000"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub with a bank that asks and a creditor that answers."""
    wanted = [planned("Bank", "shv-fase-2"), planned("Energie", "schuldeiser")]
    return make_site(tmp_path_factory.mktemp("site"), wanted, at=datetime.now(UTC))


def knooppunt(site: Site, *arguments: str, text: str | None = None) -> Result:
    first, *rest = arguments
    return CliRunner().invoke(
        main, ["pmode", first, "--hub", str(site.settings), *rest], input=text, catch_exceptions=False
    )


def header(site: Site, *options: str) -> tuple[str, ...]:
    return ("match", "--from", site.organisations[0].party, "--message", *QUESTION, *options)


def document(site: Site) -> str:
    bank, energy = site.organisations
    arguments = ["schema", "sample", *QUESTION, "--from", bank.party, "--to", energy.party]
    return CliRunner().invoke(main, arguments, catch_exceptions=False).stdout


def envelope(site: Site, **properties: str) -> str:
    bank, energy = site.organisations
    said = {"originalSender": bank.party, "finalRecipient": energy.party, "trackingIdentifier": "t", **properties}
    message = UserMessage(
        message_id="1@example.org",
        timestamp=datetime(2026, 3, 4, tzinfo=UTC),
        from_party=Party(party_ids=(party_id(bank.party),), role=INITIATOR),
        to_party=Party(party_ids=(party_id(site.hub_party),), role=RESPONDER),
        service=Service(value="urn:knooppunt:Schuldregeling:2.0"),
        action="Saldoverzoek",
        conversation_id="c",
        properties=tuple(Property(name=name, value=value) for name, value in said.items()),
        parts=(PartInfo(href="cid:a@b", properties=(Property(name=MIME_TYPE, value="application/xml"),)),),
    )
    return write_envelope(write_messaging(Messaging(user_message=message), "m"), write_body("b")).decode()


@pytest.mark.parametrize("kind", ["document", "envelope", "values"])
def test_a_message_that_fits_gets_a_p_mode_on_each_leg(site: Site, kind: str, tmp_path: Path) -> None:
    bank, energy = site.organisations
    if kind == "values":
        asked = header(site, "--recipient", energy.party)
    else:
        file = tmp_path / "message.xml"
        file.write_text(document(site) if kind == "document" else envelope(site))
        asked = ("match", str(file))
    ended = knooppunt(site, *asked)
    assert ended.exit_code == 0, ended.output
    ids = [
        f"urn:knooppunt:pmode:{p}:Schuldregeling:2.0:Saldoverzoek:leg{n}"
        for n, p in ((1, bank.party), (2, energy.party))
    ]
    assert all(each in ended.stdout for each in ids)
    facts = json.loads(knooppunt(site, *asked, "--json").stdout)["facts"]
    assert [(each["leg"], each["pmode"], each["file"]) for each in facts["legs"]] == [
        (1, ids[0], "bank.yaml"),
        (2, ids[1], "energie.yaml"),
    ]
    assert (facts["refused"], facts["candidates"]) == ([], [])


def test_a_message_may_come_by_standard_input(site: Site) -> None:
    assert knooppunt(site, "match", "-", text=envelope(site)).exit_code == 0


def test_service_and_action_may_be_given_as_the_header_has_them(site: Site) -> None:
    names = ("--service", "urn:knooppunt:Schuldregeling:2.0", "--action", "Saldoverzoek")
    ended = knooppunt(site, "match", "--from", site.organisations[0].party, *names)
    assert ended.exit_code == 0
    assert "name it with --recipient" in ended.stdout


@pytest.mark.parametrize(
    ("options", "parameter", "expected", "found"),
    [
        (("--mpc", "urn:x"), "PMode[1].BusinessInfo.MPC", "defaultMPC", "urn:x"),
        (("--agreement", "urn:a"), "PMode.Agreement", "absent", "urn:a"),
        (("--to", STRANGER), "PMode.Responder.Party", "00000099000000001000", STRANGER),
        (("--role", "urn:r"), "PMode.Initiator.Role", INITIATOR, "urn:r"),
        (("--recipient", STRANGER), "eb:Property finalRecipient", "a party with a mailbox", STRANGER),
    ],
)
def test_a_difference_is_told_by_parameter_with_what_was_expected_and_what_was_found(
    site: Site, options: tuple[str, ...], parameter: str, expected: str, found: str
) -> None:
    ended = knooppunt(site, *header(site, *options))
    assert ended.exit_code == 1
    assert "the hub would refuse it" in ended.stderr
    (row,) = [each for each in ended.stdout.splitlines() if parameter in each]
    assert expected in row
    assert found in row
    facts = json.loads(knooppunt(site, *header(site, *options), "--json").stdout)["facts"]
    told = [one for each in (*facts["candidates"], *facts["refused"]) for one in each["differences"]]
    assert any(each["parameter"] == parameter and found in each["found"] for each in told)


def test_what_is_refused_before_and_after_a_day_is_told_for_that_day(site: Site, tmp_path: Path) -> None:
    other = copied(site, tmp_path)
    file = other.settings.parent / "pmodes" / "bank.yaml"
    later = "  - {version: 2.0, from: 2031-01-01}\n"
    file.write_text(file.read_text().replace("  - '1.1'\n  - '2.0'\n", f"  - '1.1'\n{later}"))
    energy = site.organisations[1].party
    ended = knooppunt(other, *header(site, "--recipient", energy, "--on", "2030-12-31"))
    assert "Schuldregeling 2.0 is active for this sender from 2031-01-01" in ended.stderr
    assert knooppunt(other, *header(site, "--recipient", energy, "--on", "2031-01-01")).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a FILE, or give the values of a header"),
        (("FILE", "--mpc", "urn:x"), "FILE has a header of its own"),
        (("--from", STRANGER), "the header has neither Service nor Action yet"),
        (("--from", STRANGER, "--message", "Schuldregeling", "2.0", "Niets"), "there is no message Niets"),
        (("no-such-file",), "no-such-file"),
    ],
)
def test_wrong_usage_says_what_to_give(site: Site, arguments: tuple[str, ...], said: str) -> None:
    ended = knooppunt(site, "match", *arguments)
    assert ended.exit_code == 2
    assert said in ended.stderr


@pytest.mark.parametrize("octets", [b"", b"hello", b"<a/>", b"--b\r\n\r\nx", b'<x xmlns="urn:y"><Stuurgegevens/></x>'])
def test_a_file_that_is_no_message_is_refused_with_what_to_name(site: Site, octets: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(octets)
    ended = knooppunt(site, "match", str(file))
    assert ended.exit_code == 1
    assert "name a message as it came" in ended.stderr


def copied(site: Site, folder: Path) -> Site:
    """The same hub's settings and P-Modes elsewhere."""
    shutil.copytree(site.settings.parent, folder / "hub")
    return Site(
        folder=folder,
        url=site.url,
        hub_party=site.hub_party,
        settings=folder / "hub" / "hub.toml",
        organisations=site.organisations,
    )


def test_a_change_of_the_files_is_told_against_a_folder_as_it_was(site: Site, tmp_path: Path) -> None:
    now = copied(site, tmp_path)
    before = str(site.settings.parent / "pmodes")
    assert knooppunt(now, "diff", before).stdout == "nothing changes\n"
    pmodes = now.settings.parent / "pmodes"
    (pmodes / "bank.yaml").unlink()
    energy = pmodes / "energie.yaml"
    energy.write_text(energy.read_text() + "mailbox: {term_working_days: 6}\n")
    told = knooppunt(now, "diff", before).stdout.splitlines()
    assert told == [
        "Energie: its mailbox keeps messages 6 working days instead of 4; what waits keeps its term",
        "Bank: leaves: it can neither send nor pull; what waits for it ends with its term, and its senders are told",
    ]
    found = json.loads(knooppunt(now, "diff", before, "--json").stdout)["facts"]["changes"]
    assert [each["key"] for each in found] == ["mailbox", None]
    assert found[0]["who"] == [{"name": "Energie", "party": site.organisations[1].party}]


def test_files_that_cannot_be_used_are_complained_of(site: Site, tmp_path: Path) -> None:
    now = copied(site, tmp_path)
    (now.settings.parent / "pmodes" / "wrong.yaml").write_text("name: Wrong\n")
    ended = knooppunt(now, "diff", str(site.settings.parent / "pmodes"))
    assert ended.exit_code == 1
    assert "wrong.yaml:1" in ended.stderr


def test_without_a_hub_that_runs_a_folder_has_to_be_named(site: Site) -> None:
    ended = knooppunt(site, "diff")
    assert ended.exit_code == 1
    assert "no hub runs whose P-Modes are in force" in ended.stderr
    assert "name a folder with the files as they were" in ended.stderr


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Site]:
    """A hub that runs."""
    site = new_site(tmp_path / "site")
    process = HubProcess(site.settings, site.folder / "hub.log")
    await process.start()
    try:
        yield site
    finally:
        await process.kill()


async def test_a_hub_that_runs_tells_what_a_reload_would_change_and_takes_nothing_over(served: Site) -> None:
    file = served.settings.parent / "pmodes" / f"{CREDITOR.slug}.yaml"
    sound = file.read_text()
    file.write_text(sound + "suspended: true\n")
    for _ in range(2):
        told = (await asyncio.to_thread(knooppunt, served, "diff")).stdout
        assert told.endswith("is suspended: it may neither push nor pull; what waits for it runs to its term\n")
    file.write_text(sound + "suspnded: true\n")
    ended = await asyncio.to_thread(knooppunt, served, "diff")
    assert "did you mean suspended?" in ended.stderr
    assert ended.exit_code == 1
    file.write_text(sound)
    assert (await asyncio.to_thread(knooppunt, served, "diff")).stdout == "nothing changes\n"
