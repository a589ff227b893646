"""knooppunt participant new: the folder of one participant more, which works once the hub is told what is printed."""

from __future__ import annotations

import asyncio
import json
import shlex
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from support.hubs.processes import new_site, running_site
from support.longer import longer

from crypto.pki import certificates_pem, new_authority
from gateway.cli.main import main
from gateway.client.participant_file import load_participant
from gateway.client.taking import Outcome
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned

GAS: Final = "00000099000009000000"
UNIT: Final = f"{GAS}:000012345678"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hub with a counsellor, a creditor and somebody who has nothing to do with debts of the Wgs."""
    wanted = [
        planned(name, *roles)
        for name, roles in (("Bank", ("shv-fase-2",)), ("Energie", ("schuldeiser",)), ("Bewind", ("bewindvoerder",)))
    ]
    return make_site(tmp_path / "site", wanted, at=datetime.now(UTC))


def new(site: Site, *arguments: str) -> Result:
    words = ["participant", "new", "--hub", str(site.settings), *arguments]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def document(ended: Result) -> Any:
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def creditor(folder: Path, *more: str) -> tuple[str, ...]:
    of_it = ("--party", GAS, "--role", "schuldeiser", "--module", "Schuldregeling:2.0")
    return ("Gas Voorbeeld", *of_it, "--folder", str(folder), *more)


def test_the_folder_holds_what_a_participant_runs_on_and_its_keys_are_its_owners_alone(
    site: Site, tmp_path: Path
) -> None:
    folder = tmp_path / "gas"
    made = document(new(site, *creditor(folder), "--json"))["facts"]
    found = load_participant(folder)
    assert (found.party, found.url, found.concerns) == (GAS, site.url, ())
    assert found.ca, "the authority of the site vouches for the hub's TLS certificate"
    assert found.hub_directory == load_participant(site.organisation("bank").folder).hub_directory != ()
    who = [site.organisation(each).party for each in ("bank", "energie")]
    assert list(found.senders) == made["senders"] == who, "whoever may send to it, and nobody else"
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.glob("*.key")}
    assert modes == {"signing.key": 0o600, "encryption.key": 0o600}


def test_a_hub_without_an_address_book_has_no_certificate_of_one_to_give(site: Site, tmp_path: Path) -> None:
    before, _, _ = site.settings.read_text().partition("[directory]")
    _, _, after = site.settings.read_text().partition("[directory]")
    site.settings.write_text(before + after[after.index("\n[") :])
    assert new(site, *creditor(tmp_path / "gas")).exit_code == 0
    assert load_participant(tmp_path / "gas").hub_directory == ()


@pytest.mark.parametrize("octets", [None, b"no certificate"])
def test_a_certificate_of_the_address_book_that_cannot_be_read_is_named(
    site: Site, tmp_path: Path, octets: bytes | None
) -> None:
    place = site.settings.parent / "keys" / "directory.pem"
    place.unlink() if octets is None else place.write_bytes(octets)
    ended = new(site, *creditor(tmp_path / "gas"))
    assert (ended.exit_code, f"directory.certificate in the settings: {place}" in ended.stderr) == (1, True)
    assert not (tmp_path / "gas").exists()


def test_one_key_signs_and_opens(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "gas"
    made = document(new(site, *creditor(folder, "--one-key"), "--json"))
    assert made["facts"]["signing"] == made["facts"]["encryption"]
    found = load_participant(folder)
    assert found.signing_key.certificate == found.decryption_keys[0].certificate
    assert [each.name for each in folder.glob("*.key")] == ["own.key"]
    assert "--certificate" in made["next"]


@pytest.mark.parametrize("party", [GAS, UNIT])
def test_a_request_has_the_shape_of_a_private_server_certificate(site: Site, tmp_path: Path, party: str) -> None:
    given = list(creditor(tmp_path / "gas", "--request", "--one-key", "--json"))
    given[given.index(GAS)] = party
    (name,) = document(new(site, *given))["facts"]["requests"]
    request = x509.load_pem_x509_csr(Path(name).read_bytes())
    assert request.is_signature_valid
    (number,) = request.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert number.value == GAS, "a unit has the OIN of its organisation there"
    usage = request.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_encipherment) == (True, True)
    extended = request.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert request.public_key().key_size == 3072  # type: ignore[union-attr] # an RSA key
    assert not (tmp_path / "gas" / "own.pem").exists()


def test_an_organisation_that_has_a_file_gets_its_party_id_roles_and_counterparts_from_there(
    site: Site, tmp_path: Path
) -> None:
    made = document(new(site, "energie", "--folder", str(tmp_path / "again"), "--json"))
    assert made["facts"]["party"] == site.organisation("energie").party
    assert load_participant(tmp_path / "again").roles == ("schuldeiser",)
    assert "knooppunt cert add" in made["next"]


def test_without_a_folder_it_is_made_under_the_name_of_the_organisation(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert new(site, *creditor(Path("x"))[:-2]).exit_code == 0
    assert (tmp_path / "gas-voorbeeld" / "participant.yaml").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Gas",), "--party and --role"),
        (("Gas", "--party", "123", "--role", "schuldeiser"), "--party 123"),
        (("Gas", "--party", "00000099000001001000", "--role", "schuldeiser"), "that of Bank"),
        (("Gas", "--party", GAS, "--role", "koning"), "koning"),
        (("Gas", "--party", GAS, "--role", "schuldeiser", "--module", "Schuldregeling:9"), "Schuldregeling:9"),
        (("energie", "--party", GAS), "energie.yaml"),
        (("G" * 65, "--party", GAS, "--role", "schuldeiser"), "characters"),
        (("Gas", "--party", GAS, "--role", "schuldeiser", "--ca", "nowhere.pem"), "no such file"),
    ],
)
def test_what_cannot_be_made_is_wrong_usage_and_makes_nothing(
    site: Site, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = new(site, *arguments, "--folder", str(tmp_path / "made"))
    assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr
    assert not (tmp_path / "made").exists()


def test_a_folder_that_is_a_participants_is_left_alone(site: Site) -> None:
    folder = site.organisation("energie").folder
    before = {each: each.read_bytes() for each in folder.iterdir()}
    ended = new(site, *creditor(folder))
    assert (ended.exit_code, "exists already" in ended.stderr) == (2, True)
    assert {each: each.read_bytes() for each in folder.iterdir()} == before


def test_a_hub_for_production_has_no_certificates_made_for_tests(site: Site, tmp_path: Path) -> None:
    file = site.settings.parent / "pmodes" / "hub.yaml"
    text = file.read_text().replace("environment: test", "environment: production")
    file.write_text(text.replace("00000099", "00000003"))
    for each in file.parent.glob("*.yaml"):
        if each != file:
            each.unlink()
    file.write_text(file.read_text().replace("00000003000000001000", "00000003123456780000"))
    party = ("Gas", "--party", "00000003876543210000", "--role", "schuldeiser", "--folder", str(tmp_path / "gas"))
    refused = new(site, *party)
    assert (refused.exit_code, "--request" in refused.stderr) == (2, True), refused.stderr
    assert new(site, *party, "--request").exit_code == 0


def answer_to(name: str, authority: Path) -> None:
    """What an authority makes of a request: an empty common name, no other names, the usages as they were asked."""
    made = new_authority("Private root", at=datetime.now(UTC) - timedelta(days=2), days=90)
    request = x509.load_pem_x509_csr(Path(name).read_bytes())
    kept = [each for each in request.subject if each.oid != NameOID.COMMON_NAME]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(kept))
        .issuer_name(made.certificate.subject)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=60))
    )
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    authority.write_bytes(certificates_pem(builder.sign(made.private_key, hashes.SHA256())))


@pytest.mark.parametrize("by_authority", [True, *longer(False)], ids=["signed by an authority", "made here"])
async def test_whoever_does_what_is_printed_exchanges_messages(tmp_path: Path, by_authority: bool) -> None:
    async with running_site(new_site(tmp_path / "site")) as running:
        await running.start()
        folder = tmp_path / "gas"
        more = ("--request", "--one-key", "--bits", "2048") if by_authority else ()
        made = document(await asyncio.to_thread(new, running.site, *creditor(folder, *more), "--json"))
        for request in made["facts"]["requests"]:
            answer_to(request, Path(made["facts"]["signing"]))
        steps = [each for each in made["next"].split("; ") if each.startswith("knooppunt ")]
        assert [each.split()[1] for each in steps] == ["org", "reload", "pull"]
        for step in steps:
            ended = await asyncio.to_thread(CliRunner().invoke, main, shlex.split(step)[1:])
            assert ended.exit_code == 0, ended.output
        async with running.desk("counsellor", tmp_path) as counsellor:
            assert (await counsellor.push(GAS)).errors == ()
            pulled = await asyncio.to_thread(CliRunner().invoke, main, ["pull", "--as", str(folder), "--json"])
            (message,) = json.loads(pulled.stdout)["facts"]["messages"]
            assert (message["type"], message["origin"]) == ("Saldoverzoek", "verified")
            asked = message["files"][0]
            words = ["schema", "sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering", asked]
            answer = await asyncio.to_thread(CliRunner().invoke, main, words)
            (folder / "antwoord.xml").write_bytes(answer.stdout_bytes)
            sent = await asyncio.to_thread(
                CliRunner().invoke, main, ["push", "--as", str(folder), str(folder / "antwoord.xml")]
            )
            assert sent.exit_code == 0, sent.output
            assert (await counsellor.pull()).outcome is Outcome.STORED


@pytest.mark.parametrize("more", [("--one-key",), *longer(((),), (("--request",),))], ids=["one", "two", "request"])
def test_a_file_that_has_a_name_of_the_folder_stays_and_nothing_is_written_beside_it(
    site: Site, tmp_path: Path, more: tuple[str, ...]
) -> None:
    new(site, *creditor(tmp_path / "other", *more))
    names = [each.name for each in (tmp_path / "other").iterdir() if "schema" not in each.name]
    assert any(name.endswith(".key") for name in names)
    for name in names:
        folder = tmp_path / f"with {name}"
        folder.mkdir()
        (folder / name).write_bytes(b"the only one")
        ended = new(site, *creditor(folder, *more))
        assert (ended.exit_code, name in ended.stderr) == (2, True), ended.output
        assert {each.name: each.read_bytes() for each in folder.iterdir()} == {name: b"the only one"}
