"""What a broker is given of the portal, as commands: signed with the key of logins, valid, from the settings alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from support.identity.logins import AT, SERVICES, issued

from crypto.pki import certificates_pem, private_key_pem
from gateway.cli.main import main
from gateway.identity.login import LoginKind
from gateway.site.broker.sealing import DS, signed_by
from gateway.site.broker.values import MD
from gateway.site.making import make_site

PORTAL = """
[portal]
url = "https://portaal.example"
helpdesk = "010 123 45 67"

[portal.eherkenning]
key = "login.key"
certificate = "login.pem"
entity_id = "{entity_id}"
broker = "urn:etoegang:HM:00000099000000007000:entities:0001"
broker_metadata = "broker.xml"
broker_signers = ["broker.pem"]

[portal.eherkenning.user]
index = 1
id = "urn:etoegang:DV:00000099000000009000:services:1"
uuid = "6f4b0e0a-0000-4000-8000-000000000001"

[portal.eherkenning.administrator]
index = 2
id = "urn:etoegang:DV:00000099000000009000:services:2"
uuid = "6f4b0e0a-0000-4000-8000-000000000002"
"""
ENTITY = "urn:etoegang:DV:00000099000000009000:entities:0001"
ESC = "urn:etoegang:1.13:service-catalog"
CATALOGUE = ["--organisation", "Stichting Voorbeeld"]


@pytest.fixture
def hub(tmp_path: Path) -> Callable[..., Path]:
    """Settings of a hub with a portal that is to the broker who is said."""

    def made(entity_id: str = ENTITY, *, portal: str = PORTAL) -> Path:
        site = make_site(tmp_path / "site", [], at=AT, settings_text=portal.format(entity_id=entity_id))
        folder = site.settings.parent
        login = issued("login of a portal")
        (folder / "login.key").write_bytes(private_key_pem(login.private_key))
        (folder / "login.key").chmod(0o600)
        (folder / "login.pem").write_bytes(certificates_pem(login.certificate))
        (folder / "broker.pem").write_bytes(certificates_pem(issued("broker").certificate))
        return site.settings

    return made


def run(settings: Path, verb: str, out: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["eherkenning", verb, "--hub", str(settings), "--out", str(out), *more])


@pytest.mark.parametrize(("verb", "more"), [("metadata", []), ("catalogue", CATALOGUE)])
def test_what_is_written_is_signed_by_the_key_of_logins_PO_18(
    hub: Callable[..., Path], tmp_path: Path, verb: str, more: list[str]
) -> None:
    out = tmp_path / "for the broker.xml"
    done = run(hub(), verb, out, *more, "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)["facts"]
    root = etree.fromstring(out.read_bytes())
    assert signed_by(root, issued("login of a portal").certificate).tag == root.tag
    assert (facts["entity_id"], facts["file"]) == (ENTITY, str(out))
    assert root.findtext(f"{{{DS}}}Signature/{{{DS}}}KeyInfo/{{{DS}}}KeyName") == facts["key_name"]


def test_metadata_say_where_a_login_returns_PO_18(hub: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "metadata.xml"
    done = run(hub(), "metadata", out)
    assert done.exit_code == 0, done.output
    assert "give it to the broker" in done.stdout
    (consumer,) = etree.fromstring(out.read_bytes()).iter(f"{{{MD}}}AssertionConsumerService")
    assert consumer.get("Location") == "https://portaal.example/eherkenning/1.13/acs"


def test_the_catalogue_names_both_services_and_says_the_same_the_next_time_PO_18(
    hub: Callable[..., Path], tmp_path: Path
) -> None:
    settings = hub()
    found = []
    for out in (tmp_path / "one.xml", tmp_path / "two.xml"):
        assert run(settings, "catalogue", out, *CATALOGUE, "--service", "Berichten").exit_code == 0
        root = etree.fromstring(out.read_bytes())
        names = [each.text for each in root.iter(f"{{{ESC}}}ServiceName") if each.get(XML_LANG) == "nl"]
        assert names == ["Berichten", "Berichten Beheer"]
        found.append([each.text for each in root.iter(f"{{{ESC}}}InstanceOfService")])
        assert {each.text for each in root.iter(f"{{{ESC}}}PrivacyPolicyURL")} == {"https://portaal.example/uitleg"}
    assert found[0] == found[1]
    assert len(set(found[0])) == len(LoginKind) == len(SERVICES)


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.mark.parametrize(
    ("entity_id", "more", "says"),
    [
        ("urn:ours", CATALOGUE, "entity_id"),
        (ENTITY, [*CATALOGUE, "--service", "K" * 60], "64 characters"),
        (ENTITY, ["--organisation", "K" * 65], "OrganizationDisplayName"),
    ],
)
def test_what_the_scheme_would_not_take_is_not_written(
    hub: Callable[..., Path], tmp_path: Path, entity_id: str, more: list[str], says: str
) -> None:
    out = tmp_path / "catalogue.xml"
    done = run(hub(entity_id), "catalogue", out, *more)
    assert done.exit_code in {1, 2}
    assert says in done.output
    assert not out.exists()


def test_a_hub_without_a_portal_has_nothing_to_give(hub: Callable[..., Path], tmp_path: Path) -> None:
    done = run(hub(portal=""), "metadata", tmp_path / "metadata.xml")
    assert (done.exit_code, "[portal]" in done.output) == (1, True)


def test_a_key_that_cannot_be_read_is_told_with_its_place(hub: Callable[..., Path], tmp_path: Path) -> None:
    settings = hub()
    (settings.parent / "login.key").unlink()
    done = run(settings, "metadata", tmp_path / "metadata.xml")
    assert (done.exit_code, "portal.eherkenning" in done.output) == (1, True)
