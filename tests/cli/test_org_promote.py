"""knooppunt org promote: the file of acceptance becomes that of production, and what is missing is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from crypto.pki import certificates_pem, self_issued
from gateway.cli.main import main
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned
from pmodes.effective import effective
from pmodes.folder import read_folder
from pmodes.model import Leg
from xsd.catalogue import load_catalogue

REAL, REAL_HUB = "00000003123456780000", "00000003876543210000"
TEST: Final = "00000099000001001000"
AGREED = "agreements: {connection: 2026-01-02, processing: 2026-01-03}  # signed by both\n"
NOW = datetime.now(UTC)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hub for acceptance with a creditor whose file an administrator wrote words into."""
    made = make_site(tmp_path / "acceptance", [planned("Energie", "schuldeiser")], at=NOW)
    file = made.settings.parent / "pmodes" / "energie.yaml"
    file.write_text(f"# Whom to call: {TEST}\n{file.read_text()}mailbox: {{extension_days: 7}}\n{AGREED}")
    return made


@pytest.fixture
def production(site: Site, tmp_path: Path) -> Path:
    """The folder of P-Modes of a hub in production, without an organisation."""
    folder, acceptance = tmp_path / "production", site.settings.parent / "pmodes"
    (folder / "certificates").mkdir(parents=True)
    hub = (acceptance / "hub.yaml").read_text()
    text = hub.replace("environment: test", "environment: production").replace(site.hub_party, REAL_HUB)
    (folder / "hub.yaml").write_text(text)
    for each in (acceptance / "certificates").glob("hub-*.pem"):
        (folder / "certificates" / each.name).write_bytes(each.read_bytes())
    return folder


@pytest.fixture
def certificates(tmp_path: Path) -> tuple[str, ...]:
    """Those for production, as options."""
    words = []
    for usage in ("signing", "encryption"):
        issued = self_issued(common_name="Energie", party_id=REAL, at=NOW - timedelta(days=1), days=300, usage=usage)
        (tmp_path / f"{usage}.pem").write_bytes(certificates_pem(issued.certificate))
        words += [f"--{usage}", str(tmp_path / f"{usage}.pem")]
    return tuple(words)


def promote(site: Site, to: Path, *arguments: str, party: str = "energie") -> Result:
    words = ["org", "promote", party, "--to", str(to), "--hub", str(site.settings), *arguments]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def missing(ended: Result) -> list[str]:
    assert ended.exit_code == 0, ended.output
    found: list[str] = json.loads(ended.stdout)["facts"]["missing"]
    return found


def test_what_an_organisation_still_needs_is_told_with_its_place(site: Site, production: Path) -> None:
    (site.settings.parent / "pmodes" / "energie.yaml").write_text(f"""\
name: Energie
party: "{TEST}"
roles: [schuldeiser]
modules:
  Schuldregeling: [{{version: "1.0", until: 2020-12-31}}, {{version: "1.1", from: 2099-01-01}}, "2.0"]
certificates:
  signing: [certificates/energie-signing.pem]
  encryption: [certificates/energie-encryption.pem]
agreements: {{connection: 2026-01-02}}
overrides: {{sending: {{'PMode[1].Security.X509.Encryption.Encrypt': false}}}}
suspended: true
""")
    told = missing(promote(site, production, "--json"))
    for said in (
        f"party: {TEST} is a test party",
        "verwerkersovereenkomst",
        "Schuldregeling 1.0 has ended",
        "Schuldregeling 1.1 is active from 2099-01-01 and not before",
        "need not come encrypted",
        "it is suspended",
        "certificates.signing[0]: certificates/energie-signing.pem: there is no such file",
        "certificates.encryption[0]: certificates/energie-encryption.pem: there is no such file",
    ):
        assert [said in each for each in told].count(True) == 1, (said, told)
    assert not any("aansluitovereenkomst" in each for each in told)


def test_with_party_id_certificates_and_agreements_nothing_is_missing_and_the_words_of_people_stay(
    site: Site, production: Path, certificates: tuple[str, ...]
) -> None:
    assert missing(promote(site, production, "--party", REAL, *certificates, "--json")) == []
    before = (site.settings.parent / "pmodes" / "energie.yaml").read_text()
    assert (production / "energie.yaml").read_text() == before.replace(TEST, REAL)


def test_acceptance_and_production_differ_by_settings_only(
    site: Site, production: Path, certificates: tuple[str, ...]
) -> None:
    """Every parameter of every P-Mode is the same, but for party ids and certificates."""
    promote(site, production, "--party", REAL, *certificates)
    catalogue = load_catalogue()
    found = [read_folder(each, catalogue=catalogue) for each in (site.settings.parent / "pmodes", production)]
    rows: list[list[tuple[str, str]]] = [[], []]
    for configuration, into in zip(found, rows, strict=True):
        (organisation,) = configuration.organisations
        for kind in (None, *(each for each in catalogue if organisation.takes_part_in(each, None))):
            for leg in Leg:
                pmode = configuration.pmode(organisation, kind, leg)
                into += [(each.name, each.value) for each in effective(configuration, pmode)]
    assert len(rows[0]) > 1000
    theirs = [(name, value.replace(TEST, REAL).replace(site.hub_party, REAL_HUB)) for name, value in rows[0]]
    differing = {one[0] for one, other in zip(theirs, rows[1], strict=True) if one != other}
    assert all("Certificate" in each for each in differing), differing


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--party", TEST), "test OIN"),
        (("--party", "123"), "20 digits"),
        (("--signing", "KEY"), "private key"),
        (("--encryption", "nowhere.pem"), "nowhere.pem"),
    ],
)
def test_what_does_not_belong_in_production_is_refused_with_nothing_written(
    site: Site, production: Path, arguments: tuple[str, ...], said: str
) -> None:
    key = str(site.organisation("energie").folder / "signing.key")
    ended = promote(site, production, *(key if each == "KEY" else each for each in arguments))
    assert (ended.exit_code, said in ended.stderr) == (1, True), ended.stderr
    assert sorted(each.name for each in production.iterdir()) == ["certificates", "hub.yaml"]


def test_nothing_is_written_over_a_file_nor_into_the_folder_it_comes_from(site: Site, production: Path) -> None:
    assert promote(site, production).exit_code == 0
    with (production / "energie.yaml").open("a") as file:
        file.write("# somebody's words\n")
    for to, said in ((production, "is there already"), (site.settings.parent / "pmodes", "is promoted from")):
        ended = promote(site, to)
        assert (ended.exit_code, said in ended.stderr) == (1, True)
    for party, said in (("hub", "not promoted"), ("nobody", "org list")):
        ended = promote(site, production, party=party)
        assert (ended.exit_code, said in ended.stderr) == (1, True)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """What the shipped suite says today."""
    ended = CliRunner().invoke(main, ["schema", "suite", "--json"], catch_exceptions=False)
    assert ended.exit_code == 0
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def aged(report: dict[str, Any], days: int) -> dict[str, Any]:
    at = (NOW - timedelta(days=days)).isoformat()
    return {**report, "facts": {**report["facts"], "at": at}}


def failed(report: dict[str, Any]) -> dict[str, Any]:
    return {**report, "outcome": "refused", "facts": {**report["facts"], "failed": 1}}


def without(report: dict[str, Any], version: str) -> dict[str, Any]:
    kept = [each for each in report["facts"]["coverage"] if not each["message"].startswith(version)]
    return {**report, "facts": {**report["facts"], "coverage": kept}}


def test_a_report_of_the_suite_that_passed_lets_an_organisation_through(
    site: Site, production: Path, tmp_path: Path, report: dict[str, Any]
) -> None:
    given = tmp_path / "report.json"
    for bad, said in (
        (failed(report), "did not pass"),
        (aged(report, 91), "90 days is the most"),
        (aged(report, -2), "does not say when"),
        (without(report, "Schuldregeling/2.0/"), "no case of Schuldregeling 2.0"),
    ):
        given.write_text(json.dumps(bad))
        ended = promote(site, production, "--suite-report", str(given))
        assert (ended.exit_code, said in ended.stderr) == (1, True), ended.stderr
    for none in ("", "[]", "{}", json.dumps({**report, "command": "schema check"}), "[" * 100_000):
        given.write_text(none)
        assert promote(site, production, "--suite-report", str(given)).exit_code == 2
    assert not (production / "energie.yaml").exists()
    for good in (report, aged(report, 89)):
        given.write_text(json.dumps(good))
        assert promote(site, production, "--suite-report", str(given)).exit_code == 0
        (production / "energie.yaml").unlink()


def test_two_certificates_for_a_file_with_one_name_for_both_uses_are_refused(
    site: Site, production: Path, certificates: tuple[str, ...]
) -> None:
    file = site.settings.parent / "pmodes" / "energie.yaml"
    file.write_text(file.read_text().replace("energie-encryption.pem", "own.pem").replace("energie-signing", "own"))
    both = site.settings.parent / "pmodes" / "certificates" / "own.pem"
    usable = self_issued(common_name="E", party_id=TEST, at=NOW - timedelta(days=1), days=300, usage="tls-server")
    both.write_bytes(certificates_pem(usable.certificate))
    ended = promote(site, production, "--party", REAL, *certificates)
    assert (ended.exit_code, "two certificates are given" in ended.output) == (1, True), ended.output
    assert not (production / "energie.yaml").exists()
    assert not list(production.rglob("own.pem"))


UNIT: Final = f"{TEST}:000012345678"


@pytest.fixture
def with_unit(site: Site, tmp_path: Path) -> Path:
    """A folder with certificates for production, for an organisation whose file has a unit now."""
    pmodes, handed = site.settings.parent / "pmodes", tmp_path / "handed over"
    handed.mkdir()
    with (pmodes / "energie.yaml").open("a") as file:
        file.write(
            f"units:\n- name: Energie Noord\n  party: {UNIT}\n  certificates:\n"
            "    signing: [certificates/noord-signing.pem]\n"
            "    encryption: [{file: certificates/noord-encryption.pem}]\n"
        )
    for name in ("energie-signing", "energie-encryption", "noord-signing", "noord-encryption"):
        usage = name.partition("-")[2]
        for party, folder in ((TEST, pmodes / "certificates"), (REAL, handed)):
            issued = self_issued(common_name=name, party_id=party, at=NOW - timedelta(days=1), days=300, usage=usage)
            if party == REAL or name.startswith("noord"):
                (folder / f"{name}.pem").write_bytes(certificates_pem(issued.certificate))
    return handed


def test_the_certificates_of_units_come_out_of_a_folder_by_the_names_that_the_file_has(
    site: Site, production: Path, with_unit: Path
) -> None:
    told = promote(site, production, "--party", REAL, "--certificates", str(with_unit), "--json")
    assert missing(told) == []
    for name in json.loads(told.stdout)["facts"]["certificates"]:
        assert Path(name).read_bytes() == (with_unit / Path(name).name).read_bytes()
    unit = read_folder(production, catalogue=load_catalogue()).organisations[1]
    assert (unit.party_id, unit.unit_of and unit.unit_of.party_id) == (UNIT.replace(TEST, REAL), REAL)


def test_a_certificate_of_a_unit_that_lies_nowhere_is_missing_and_one_on_the_command_line_goes_first(
    site: Site, production: Path, with_unit: Path, certificates: tuple[str, ...]
) -> None:
    (with_unit / "noord-signing.pem").unlink()
    told = missing(
        promote(site, production, "--party", REAL, *certificates, "--certificates", str(with_unit), "--json")
    )
    (one,) = told
    assert "units[0].certificates.signing[0]: certificates/noord-signing.pem: there is no such file" in one
    taken = production / "certificates" / "energie-signing.pem"
    assert taken.read_bytes() == Path(certificates[1]).read_bytes()


def test_one_file_of_the_folder_is_not_two_certificates(site: Site, production: Path, with_unit: Path) -> None:
    pmodes = site.settings.parent / "pmodes"
    file = pmodes / "energie.yaml"
    file.write_text(file.read_text().replace("certificates/noord-signing.pem", "noord/energie-signing.pem"))
    (pmodes / "noord").mkdir()
    (pmodes / "certificates" / "noord-signing.pem").rename(pmodes / "noord" / "energie-signing.pem")
    ended = promote(site, production, "--certificates", str(with_unit))
    assert (ended.exit_code, "can be only one of them" in ended.stderr) == (1, True), ended.output
    assert not (production / "energie.yaml").exists()


def test_settings_that_ask_for_a_report_promote_nobody_without_one(
    site: Site, production: Path, tmp_path: Path, report: dict[str, Any]
) -> None:
    """The same command ends differently with the setting and without it."""
    text = site.settings.read_text()
    site.settings.write_text(text.replace("[pmodes]\n", "[pmodes]\npromotes_by_report = true\n"))
    ended = promote(site, production)
    assert (ended.exit_code, "promotes_by_report" in ended.stderr) == (1, True), ended.stderr
    assert all(said in ended.stderr for said in ("Schuldregeling 1.1", "Schuldregeling 2.0", "nothing was written"))
    assert "--suite-report" in ended.stderr.splitlines()[-1]
    given = tmp_path / "report.json"
    given.write_text(json.dumps(failed(report)))
    assert promote(site, production, "--suite-report", str(given)).exit_code == 1
    assert not (production / "energie.yaml").exists()
    given.write_text(json.dumps(report))
    assert promote(site, production, "--suite-report", str(given)).exit_code == 0
    site.settings.write_text(text)
    (production / "energie.yaml").unlink()
    assert promote(site, production).exit_code == 0
