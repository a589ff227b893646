"""knooppunt org add: one organisation more, by one file that the hub takes, or by nothing at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from crypto.certificates import thumbprint_sha256
from crypto.pki import Authority, Issued, Usage, certificates_pem, issue, new_authority, private_key_pem
from gateway.cli.main import main
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned
from gateway.written.yaml_text import read_yaml

GAS: Final = "00000099000009000000"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who vouches for whoever comes."""
    return new_authority("Anybody", at=datetime.now(UTC) - timedelta(days=1), days=400)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hub with a bank and a creditor."""
    wanted = [planned(name, *roles) for name, roles in (("Bank", ("shv-fase-2",)), ("Energie", ("schuldeiser",)))]
    return make_site(tmp_path / "site", wanted, at=datetime.now(UTC))


@pytest.fixture
def handed(tmp_path: Path, authority: Authority) -> Path:
    """What a new organisation hands over, and what it should have kept."""
    folder = tmp_path / "handed"
    folder.mkdir()
    for usage in ("signing", "encryption"):
        issued = made(authority, usage)
        (folder / f"{usage}.pem").write_bytes(certificates_pem(issued.certificate))
        (folder / f"{usage}.key").write_bytes(private_key_pem(issued.private_key))
        (folder / f"{usage}-both.pem").write_bytes(
            certificates_pem(issued.certificate) + private_key_pem(issued.private_key)
        )
        store = pkcs12.serialize_key_and_certificates(
            b"gas", issued.private_key, issued.certificate, None, BestAvailableEncryption(b"secret")
        )
        (folder / f"{usage}.p12").write_bytes(store)
    return folder


def made(authority: Authority, usage: Usage) -> Issued:
    now = datetime.now(UTC)
    return issue(authority, common_name="Gas", party_id=GAS, at=now - timedelta(hours=1), days=90, usage=usage)


def add(site: Site, *arguments: str) -> Result:
    words = ["org", "add", "--hub", str(site.settings), *arguments]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def usual(handed: Path, **instead: str) -> list[str]:
    given = {
        "name": "Gas Voorbeeld",
        "party": GAS,
        "role": "schuldeiser",
        "module": "Schuldregeling:2.0",
        "signing": str(handed / "signing.pem"),
        "encryption": str(handed / "encryption.pem"),
        **instead,
    }
    return [word for name, value in given.items() if value for word in (f"--{name}", value)]


def facts(site: Site, *words: str) -> Any:
    ended = CliRunner().invoke(main, [*words, "--hub", str(site.settings), "--json"], catch_exceptions=False)
    assert ended.exit_code == 0, ended.stdout
    return json.loads(ended.stdout)["facts"]


def everything(site: Site) -> dict[str, bytes]:
    folder = site.settings.parent
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_what_was_said_of_an_organisation_is_what_its_file_comes_to(site: Site, handed: Path) -> None:
    ended = add(
        site, *usual(handed), "--module", "Schuldregeling:1.1:2099-12-31", "--kvk", "12345678", "--collectief",
        "--unlisted", "--address", "192.0.2.0/24", "--connection-agreed", "2026-01-02", "--processing-agreed",
        "2026-01-03", "--extension-days", "14", "--access", "desk", "--json",
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stdout
    written = json.loads(ended.stdout)
    assert written["next"].endswith(f"knooppunt reload --hub {site.settings}")
    assert all(Path(each).is_file() for each in written["facts"]["paths"])
    shown = facts(site, "org", "show", GAS)
    expected = {
        "name": "Gas Voorbeeld", "party": GAS, "file": "gas-voorbeeld.yaml", "roles": ["schuldeiser"],
        "kvk": "12345678", "collectief": True, "listed": False, "addresses": ["192.0.2.0/24"], "extension_days": 14,
        "connection_agreed": "2026-01-02", "processing_agreed": "2026-01-03", "access": "desk",
    }  # fmt: skip
    assert {key: shown[key] for key in expected} == expected
    assert [(each["version"], each["from"], each["active"]) for each in shown["modules"]] == [
        ("2.0", None, True),
        ("1.1", "2099-12-31", False),
    ]
    assert facts(site, "pmode", "check")["complaints"] == []


def test_the_certificates_to_be_held_against_their_owners_word_are_those_that_were_written(
    site: Site, handed: Path
) -> None:
    ended = add(site, *usual(handed))
    (organisation,) = [each for each in facts(site, "cert", "list", GAS)["certificates"] if each["use"] == "signing"]
    assert f"its signing certificate, sha256:{organisation['thumbprint']}" in ended.stdout


def test_one_certificate_for_both_uses_is_written_once(site: Site, handed: Path, authority: Authority) -> None:
    issued = made(authority, "tls-server")
    (handed / "one.pem").write_bytes(certificates_pem(issued.certificate))
    ended = add(site, *usual(handed, signing="", encryption=""), "--certificate", str(handed / "one.pem"), "--json")
    assert ended.exit_code == 0, ended.stdout
    written = json.loads(ended.stdout)["facts"]
    thumbprint = thumbprint_sha256(issued.certificate).hex()
    assert [each["thumbprint"] for each in written["certificates"]] == [thumbprint, thumbprint]
    assert [Path(each).name for each in written["paths"]] == ["gas-voorbeeld-signing.pem", "gas-voorbeeld.yaml"]


@pytest.mark.parametrize("name", ["   ", "\u00a0\t"])
def test_a_name_of_nothing_is_wrong_usage_and_writes_nothing(site: Site, handed: Path, name: str) -> None:
    before = sorted((site.settings.parent / "pmodes").iterdir())
    found = add(site, *usual(handed, name=name))
    assert (found.exit_code, "it is empty" in found.stderr) == (2, True)
    assert sorted((site.settings.parent / "pmodes").iterdir()) == before


def test_a_unit_does_what_its_organisation_does_unless_it_says_otherwise(
    site: Site, handed: Path, authority: Authority
) -> None:
    assert add(site, *usual(handed, module="Schuldregeling:2.0:2026-01-01")).exit_code == 0
    for usage in ("signing", "encryption"):
        (handed / f"{usage}.pem").write_bytes(certificates_pem(made(authority, usage).certificate))
    north = usual(handed, name="Gas Noord", party="000012345678", role="", module="")
    ended = add(site, *north, "--unit-of", "gas-voorbeeld")
    assert ended.exit_code == 0, ended.stderr
    shown = facts(site, "org", "show", "gas-noord")
    assert (shown["unit_of"], shown["party"]) == (GAS, f"{GAS}:000012345678")
    whose = facts(site, "org", "show", GAS)
    assert [shown[key] == whose[key] for key in ("roles", "modules")] == [True, True]


def keyed(name: str) -> dict[str, str]:
    return {"encryption": name}


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        *((keyed(name), "holds a private key") for name in ("encryption.key", "encryption-both.pem", "encryption.p12")),
        ({"signing": "encryption.pem"}, "certificates.signing"),
        ({"signing": "nowhere.pem"}, "nowhere.pem"),
        ({"party": "00000099000001002000"}, "also stands in"),
        ({"party": "12345"}, "gas-voorbeeld.yaml:3: party"),
        ({"name": "Energie"}, "is there already"),
        ({"file": "../elsewhere"}, "cannot be the name of its file"),
        ({"file": ".hidden"}, "cannot be the name of its file"),
        ({"role": "schuldijzer"}, "is no role of an organisation"),
        ({"module": "Schuldregeling:9.9"}, "there is no version"),
        ({"module": "MeldingenBewindvoering:1.0", "role": "shv-fase-2"}, "none of its roles sends or receives"),
        ({"unit-of": "nobody"}, "org list"),
        ({"unit-of": "energie", "party": GAS + ":000012345678"}, "org"),
        ({"kvk": "1"}, "KvK number of 8 digits"),
    ],
    ids=lambda each: each if isinstance(each, str) else "-".join(map("=".join, each.items())),
)
def test_what_the_hub_would_not_take_is_refused_with_nothing_written(
    site: Site, handed: Path, instead: dict[str, str], said: str
) -> None:
    before = everything(site)
    named = {key: str(handed / value) if key in ("signing", "encryption") else value for key, value in instead.items()}
    ended = add(site, *usual(handed, **named))
    assert (ended.exit_code, said in ended.stderr) == (1, True), ended.stderr
    assert everything(site) == before


@pytest.mark.parametrize("left_out", [("role",), ("module",), ("signing",), ("encryption",), ("name",), ("party",)])
def test_what_an_organisation_cannot_be_without_is_asked_for(site: Site, handed: Path, left_out: tuple[str]) -> None:
    before = everything(site)
    ended = add(site, *usual(handed, **dict.fromkeys(left_out, "")))
    assert (ended.exit_code, f"--{left_out[0]}" in ended.stderr) == (2, True), ended.stderr
    assert everything(site) == before


@pytest.mark.parametrize("module", ["Schuldregeling", ":2.0", "Schuldregeling:2.0:soon"])
def test_a_module_that_names_no_version_or_no_day_is_wrong_usage(site: Site, handed: Path, module: str) -> None:
    ended = add(site, *usual(handed, module=module))
    assert (ended.exit_code, "--module Schuldregeling:2.0" in ended.stderr) == (2, True)


def test_a_file_says_nothing_twice_and_nothing_that_was_not_said(site: Site, handed: Path) -> None:
    assert add(site, *usual(handed)).exit_code == 0
    text = (site.settings.parent / "pmodes" / "gas-voorbeeld.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=organisation.schema.json\n")
    written = read_yaml(text).value
    assert isinstance(written, dict)
    assert list(written) == ["name", "party", "roles", "modules", "certificates"]
