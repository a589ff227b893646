"""knooppunt cert explain and cert check: verdicts as a hub makes them, step by step (CE-01, CE-07, SR-10)."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from support.keys.issuing import AUTHORITY, SIGNER, Holder, holder, named, rsa_key
from support.keys.site_keys import curve

from crypto.pki import certificates_pem
from gateway.cli.main import main
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
SPAN: dict[str, Any] = {"begins": NOW - DAY, "ends": NOW + DAY}
BANK, ENERGIE = "bank", "energie"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub with a bank that asks and a creditor that answers."""
    wanted = [planned(name, *roles) for name, roles in (("Bank", ("shv-fase-2",)), ("Energie", ("schuldeiser",)))]
    return make_site(tmp_path_factory.mktemp("site"), wanted, at=NOW)


@pytest.fixture
def site(made: Site, tmp_path: Path) -> Path:
    """The settings of a copy of it."""
    shutil.copytree(made.settings.parent, tmp_path / "hub")
    return tmp_path / "hub" / made.settings.name


def folder(site: Path) -> Path:
    return site.parent / "pmodes"


def listed(site: Path, name: str) -> dict[str, str]:
    """File and party id of an organisation, by its name in lower case."""
    for path in folder(site).glob("*.yaml"):
        content = yaml.safe_load(path.read_text())
        if content["name"].lower() == name:
            return {"file": path.name, "party": content["party"]}
    raise LookupError(name)


def knooppunt(site: Path, *arguments: str) -> Result:
    first, *rest = arguments
    return CliRunner().invoke(main, ["cert", first, "--hub", str(site), *rest], catch_exceptions=False)


def explained(site: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(knooppunt(site, "explain", *arguments, "--json").stdout)
    return found


def of_bank(site: Path) -> Path:
    text = (folder(site) / listed(site, BANK)["file"]).read_text()
    return folder(site) / str(yaml.safe_load(text)["certificates"]["signing"][0])


@pytest.fixture
def root(site: Path) -> Holder:
    """A root that the hub trusts, and the bank relies on."""
    made = holder(named("Root"), extensions=AUTHORITY, key=rsa_key(number=7), **SPAN)
    (folder(site) / "root.pem").write_bytes(certificates_pem(made.certificate))
    hub = folder(site) / "hub.yaml"
    hub.write_text(hub.read_text() + "trust:\n  roots: [root.pem]\n")
    bank = folder(site) / listed(site, BANK)["file"]
    bank.write_text(bank.read_text().replace("certificates:\n", "certificates:\n  trust: roots\n"))
    return made


def unlisted(site: Path, root: Holder, oin: str, tmp_path: Path, **other: Any) -> Path:
    made = holder(named("Somebody", oin), root, **{"key": rsa_key(number=9), "extensions": SIGNER, **SPAN, **other})
    path = tmp_path / "unlisted.pem"
    path.write_bytes(certificates_pem(made.certificate))
    return path


def test_a_listed_certificate_is_told_step_by_step(site: Path) -> None:
    ended = knooppunt(site, "explain", str(of_bank(site)))
    assert ended.exit_code == 0, ended.output
    assert "for signing by Bank" in ended.stdout
    assert "it may be used" in ended.stdout
    found = explained(site, str(of_bank(site)))
    assert [each["what"] for each in found["facts"]["steps"]] == ["suite", "pin", "validity", "key", "keyUsage"]
    assert all(each["holds"] for each in found["facts"]["steps"])
    assert found["facts"]["decides"] is None


def test_what_decides_is_told_with_the_exit_code_and_a_next_step(site: Path) -> None:
    for arguments, decides in (
        (("--at", "2001-01-01"), {"what": "validity", "of": "the certificate"}),
        (("--use", "encryption"), {"what": "path", "of": "the certificate"}),
        (("--org", listed(site, ENERGIE)["party"]), {"what": "path", "of": "the certificate"}),
        (("--org", "hub"), {"what": "path", "of": "the certificate"}),
    ):
        ended = knooppunt(site, "explain", str(of_bank(site)), *arguments)
        assert ended.exit_code == 1, arguments
        assert "may not be used" in ended.stderr
        found = explained(site, str(of_bank(site)), *arguments)
        assert (found["facts"]["decides"], found["outcome"]) == (decides, "refused")
        assert found["next"]


def test_one_that_is_listed_for_another_use_is_its_owners_and_that_use_is_told(site: Path) -> None:
    ended = knooppunt(site, "explain", str(of_bank(site)), "--use", "encryption")
    assert ended.exit_code == 1
    assert "for encryption by Bank" in ended.stdout
    assert f"{listed(site, BANK)['file']} lists it for signing; judge it with --use signing" in ended.stderr
    hubs = folder(site) / "certificates" / "hub-signing.pem"
    assert explained(site, str(hubs))["facts"]["owner"]["file"] == "hub.yaml"


@pytest.mark.parametrize("use", ["signing", "encryption"])
def test_a_key_that_the_suite_of_its_owner_does_not_work_with_decides(site: Path, use: str, tmp_path: Path) -> None:
    path = tmp_path / "curve.pem"
    path.write_bytes(curve()[1])
    arguments = ("explain", str(path), "--org", listed(site, BANK)["party"], "--use", use)
    ended = knooppunt(site, *arguments)
    assert ended.exit_code == 1
    assert "expected: a key for as4-1.15-rsa" in ended.stderr
    assert "list it in" not in ended.stderr
    assert explained(site, *arguments[1:])["facts"]["decides"]["what"] == "suite"


def test_a_root_vouches_for_the_organisation_whose_oin_it_is_and_for_no_other(
    site: Path, root: Holder, tmp_path: Path
) -> None:
    bank, energie = listed(site, BANK)["party"], listed(site, ENERGIE)["party"]
    mine = unlisted(site, root, bank, tmp_path)
    found = explained(site, str(mine))
    assert found["outcome"] == "done", found
    assert found["facts"]["owner"]["party"] == bank
    assert [each["subject"] for each in found["facts"]["path"]][1] == "CN=Root"
    assert explained(site, str(mine), "--org", energie)["facts"]["decides"]["what"] == "path"
    other = unlisted(site, root, energie, tmp_path)
    assert explained(site, str(other), "--org", bank)["facts"]["decides"]["what"] == "serialNumber in the subject"


def test_authorities_may_stand_in_the_same_file(site: Path, root: Holder, tmp_path: Path) -> None:
    between = holder(named("Between"), root, extensions=AUTHORITY, key=rsa_key(number=8), **SPAN)
    path = unlisted(site, between, listed(site, BANK)["party"], tmp_path)
    assert explained(site, str(path))["facts"]["decides"]["what"] == "path"
    path.write_bytes(path.read_bytes() + certificates_pem(between.certificate))
    assert explained(site, str(path))["facts"]["decides"] is None


def test_a_certificate_for_tls_is_held_against_what_the_file_says_of_connections(site: Path, tmp_path: Path) -> None:
    made = holder(named("Client"), key=rsa_key(number=9), **SPAN)
    path = tmp_path / "client.pem"
    path.write_bytes(certificates_pem(made.certificate))
    bank = listed(site, BANK)
    arguments = (str(path), "--use", "tls", "--org", bank["party"])
    assert explained(site, *arguments)["facts"]["decides"]["what"] == "path"
    thumbprint = explained(site, *arguments)["facts"]["thumbprint"]
    file = folder(site) / bank["file"]
    file.write_text(file.read_text() + f"tls_thumbprints: [{thumbprint}]\n")
    assert explained(site, *arguments)["facts"]["decides"] is None


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN PRIVATE KEY-----\n"])
def test_what_is_no_certificate_is_wrong_usage(site: Path, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.pem"
    path.write_bytes(content)
    ended = knooppunt(site, "explain", str(path))
    assert ended.exit_code == 2
    assert "certificate" in ended.stderr


def test_a_moment_that_is_none_and_a_party_that_is_nobody_are_told(site: Path) -> None:
    assert knooppunt(site, "explain", str(of_bank(site)), "--at", "tomorrow").exit_code == 2
    ended = knooppunt(site, "explain", str(of_bank(site)), "--org", "nobody")
    assert (ended.exit_code, "no organisation has the party id or file nobody" in ended.stderr) == (1, True)


def test_all_certificates_of_a_hub_are_judged_and_each_that_may_not_be_used_is_named(site: Path, root: Holder) -> None:
    ended = knooppunt(site, "check")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == "7 certificates may be used: 3 as signing, 3 as encryption, 1 as root\n"
    warned = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site)]).stderr
    assert (
        f"hub.yaml:11: trust.roots[0]: the certificate ends on {root.certificate.not_valid_after_utc:%Y-%m-%d}"
        in warned
    )
    status = json.loads(CliRunner().invoke(main, ["status", "--hub", str(site), "--json"]).stdout)
    assert "root" in [each["use"] for each in status["facts"]["certificates"]]
    past = holder(named("Past"), extensions=AUTHORITY, key=rsa_key(number=8), begins=NOW - 9 * DAY, ends=NOW - DAY)
    (folder(site) / "root.pem").write_bytes(certificates_pem(past.certificate))
    ended = knooppunt(site, "check")
    assert ended.exit_code == 1
    assert "1 certificate may not be used:\n  hub.yaml:11: trust.roots[0]: may not be used: validity of" in ended.stderr
    facts = json.loads(knooppunt(site, "check", "--json").stdout)["facts"]["certificates"]
    assert [each["use"] for each in facts if not each["holds"]] == ["root"]
