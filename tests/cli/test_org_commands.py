"""knooppunt org: what an administrator sees of the organisations."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned

FAR = "2099-01-01"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hub with a bank that asks, and a creditor that answers and has a unit."""
    wanted = [planned(name, *roles) for name, roles in (("Bank", ("shv-fase-2",)), ("Energie", ("schuldeiser",)))]
    made = make_site(tmp_path / "site", [*wanted, planned("Noord", "schuldeiser")], at=datetime.now(UTC))
    pmodes = made.settings.parent / "pmodes"
    (pmodes / "noord.yaml").unlink()
    energie = made.organisation("energie").party
    pmodes.joinpath("energie.yaml").write_text(
        f"""\
name: Energie
party: "{energie}"
roles: [schuldeiser]
modules:
  Betalingsregeling: ["2.0"]
  Schuldregeling:
    - {{version: "1.1", until: 2020-12-31}}
    - {{version: "2.0", answer_working_days: 15}}
  Schuldinventarisatie: [{{version: "2.0", from: {FAR}}}]
certificates:
  signing: [certificates/energie-signing.pem]
  encryption: [certificates/energie-encryption.pem]
mailbox: {{extension_days: 7}}
units:
  - name: Noord
    party: "{energie}:000012345678"
    suspended: true
    certificates:
      signing: [certificates/noord-signing.pem]
      encryption: [certificates/noord-encryption.pem]
"""
    )
    return made


def org(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["org", *arguments, "--hub", str(site.settings)], catch_exceptions=False)


def facts(site: Site, *arguments: str) -> Any:
    ended = org(site, *arguments, "--json")
    assert ended.exit_code == 0, ended.stdout
    return json.loads(ended.stdout)["facts"]


def test_every_organisation_and_unit_is_listed_with_what_its_file_says(site: Site) -> None:
    listed = {each["name"]: each for each in facts(site, "list")["organisations"]}
    assert list(listed) == ["Bank", "Energie", "Noord"]
    assert [listed[each]["unit_of"] for each in listed] == [None, None, listed["Energie"]["party"]]
    assert [listed[each]["suspended"] for each in listed] == [False, False, True]
    versions = {(each["module"], each["version"]): each for each in listed["Energie"]["modules"]}
    assert [versions["Schuldregeling", each]["active"] for each in ("1.1", "2.0")] == [False, True]
    later = versions["Schuldinventarisatie", "2.0"]
    assert (later["active"], later["from"]) == (False, FAR)
    assert all(each["signing_until"] and each["encryption_until"] for each in listed.values())


def test_the_table_tells_of_what_is_active_or_will_be_and_of_nothing_that_has_ended(site: Site) -> None:
    text = org(site, "list").stdout
    assert f"Schuldinventarisatie 2.0 from {FAR}" in text
    assert "system, suspended" in text
    assert "1.1 until 2020" not in text


def test_a_certificate_that_is_not_valid_yet_is_none(site: Site) -> None:
    file = site.settings.parent / "pmodes" / "energie.yaml"
    entry = "encryption: [certificates/energie-encryption.pem]"
    assert entry in file.read_text()
    within_its_validity = (datetime.now(UTC) + timedelta(days=365)).date()
    file.write_text(
        file.read_text().replace(
            entry, f"encryption: [{{file: certificates/energie-encryption.pem, from: {within_its_validity}}}]"
        )
    )
    listed = {each["name"]: each for each in facts(site, "list")["organisations"]}
    assert (listed["Energie"]["encryption_until"], listed["Bank"]["encryption_until"] is None) == (None, False)
    assert "none valid for encryption" in org(site, "list").stdout


def test_what_an_organisation_sends_is_what_others_are_sent_by_it(site: Site) -> None:
    parties = {each["name"]: each["party"] for each in facts(site, "list")["organisations"]}
    shown = {party: facts(site, "show", party)["exchanges"] for party in parties.values()}
    sent, received = (
        {
            (each["module"], each["version"], each["message"], *((one, other) if sends else (other, one)))
            for one, exchanges in shown.items()
            for each in exchanges
            if each["sends"] is sends
            for other in each["others"]
        }
        for sends in (True, False)
    )
    assert sent == received
    bank, energie, noord = parties.values()
    assert ("Schuldregeling", "2.0", "Saldoverzoek", bank, energie) in sent
    assert ("Schuldregeling", "2.0", "SaldoverzoekAntwoord", noord, bank) in sent
    assert not any(each[:2] in (("Schuldregeling", "1.1"), ("Schuldinventarisatie", "2.0")) for each in sent)


def test_an_organisation_is_shown_in_words_with_its_terms_its_counterparts_and_its_units(site: Site) -> None:
    text = org(site, "show", "energie").stdout
    for said in (
        "4 working days and 7 days more; what comes now ends at ",
        "has ended",
        "not yet",
        "15 working days",
        "its units",
        "000012345678",
        "energie.yaml:11: certificates.signing[0]",
    ):
        assert said in text
    assert facts(site, "show", "energie.yaml") == facts(site, "show", site.organisation("energie").party)
    unit = facts(site, "show", f"{site.organisation('energie').party}:000012345678")
    assert (unit["at"], unit["unit_of"]) == ("units[0]", site.organisation("energie").party)
    assert "it is suspended: it neither pushes nor pulls" in org(site, "show", unit["party"]).stdout


def test_who_is_nobody_here_is_told_where_all_are(site: Site) -> None:
    ended = org(site, "show", "00000099000000000000")
    assert (ended.exit_code, "org list" in ended.stderr) == (1, True)


def test_a_file_of_units_alone_is_no_one_party(site: Site) -> None:
    file = site.settings.parent / "pmodes" / "energie.yaml"
    kept = [
        each for each in file.read_text().splitlines() if not each.startswith(("certificates", "  signing", "  enc"))
    ]
    file.write_text("\n".join(kept))
    assert facts(site, "show", "energie")["name"] == "Noord", "its one unit is whom the file can mean"


def test_files_with_a_fault_are_told_of_and_not_listed(site: Site) -> None:
    (site.settings.parent / "pmodes" / "wrong.yaml").write_text("name: Wrong\n")
    for command in (("list",), ("show", "bank")):
        ended = org(site, *command)
        assert (ended.exit_code, "wrong.yaml" in ended.stderr) == (1, True)
