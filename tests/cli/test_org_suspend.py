"""knooppunt org suspend and resume: one key of one file, and a hub that follows it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.hubs.processes import new_site, running_site

from gateway.cli.main import main
from gateway.client.outbox import OutboxState
from gateway.site.making import Site

WITH_UNIT = """\
# Whom to call: the help desk.
name: "Creditor"   # as it calls itself
party: "00000099000001002000"

# what it is
roles: [schuldeiser]
modules: {Schuldregeling: ["2.0"]}
certificates:
    signing: [certificates/creditor-signing.pem]
    encryption: [certificates/creditor-encryption.pem]
units:
  - name: North
    party: "00000099000001002000:000012345678"
    certificates:
      signing: [certificates/counsellor-signing.pem]
      encryption: [certificates/counsellor-encryption.pem]
"""


def org(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["org", *arguments, "--hub", str(site.settings)], catch_exceptions=False)


def facts(site: Site, *arguments: str) -> Any:
    ended = org(site, *arguments, "--json")
    assert ended.exit_code == 0, ended.stdout
    return json.loads(ended.stdout)["facts"]


def creditors_file(site: Site) -> Path:
    return site.settings.parent / "pmodes" / "creditor.yaml"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hub whose one organisation has a file with words of its administrator's, and a unit."""
    made = new_site(tmp_path / "site")
    creditors_file(made).write_text(WITH_UNIT)
    creditors_file(made).with_name("counsellor.yaml").unlink()
    return made


def test_only_the_one_key_is_changed_and_its_units_go_with_an_organisation(site: Site) -> None:
    suspended = facts(site, "suspend", "creditor")
    assert (suspended["changed"], suspended["units"]) == (True, ["00000099000001002000:000012345678"])
    party = 'party: "00000099000001002000"\n'
    assert creditors_file(site).read_text() == WITH_UNIT.replace(party, f"{party}suspended: true\n", 1)
    assert [each["suspended"] for each in facts(site, "list")["organisations"]] == [True, True]
    resumed = facts(site, "resume", "00000099000001002000")
    assert (resumed["changed"], resumed["suspended"]) == (True, False)
    assert creditors_file(site).read_text() == WITH_UNIT.replace(party, f"{party}suspended: false\n", 1)


def test_a_unit_is_suspended_alone(site: Site) -> None:
    unit = "00000099000001002000:000012345678"
    facts(site, "suspend", unit)
    assert {each["party"]: each["suspended"] for each in facts(site, "list")["organisations"]} == {
        unit[:20]: False,
        unit: True,
    }
    facts(site, "suspend", "creditor")
    ended = org(site, "resume", unit)
    assert (ended.exit_code, "Creditor, whose unit it is," in ended.stderr) == (1, True)


def test_what_is_so_already_is_said_and_not_written_again(site: Site) -> None:
    before = creditors_file(site).stat().st_ino
    assert facts(site, "resume", "creditor")["changed"] is False
    assert "already; nothing was changed" in org(site, "resume", "creditor").stdout
    assert creditors_file(site).stat().st_ino == before, "it is the file that was there"


@pytest.mark.parametrize(
    ("party", "said"), [("hub", "the hub itself"), ("nobody", "org list"), ("00000099000001009000", "org list")]
)
def test_nobody_else_is_suspended(site: Site, party: str, said: str) -> None:
    ended = org(site, "suspend", party)
    assert (ended.exit_code, said in ended.stderr) == (1, True), ended.stderr


async def test_who_is_suspended_sends_nothing_until_resumed(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running, running.desk("counsellor", tmp_path) as sender:
        await running.start()
        found = {}
        for verb in (None, "suspend", "resume"):
            if verb is not None:
                assert (await asyncio.to_thread(org, running.site, verb, "counsellor")).exit_code == 0
                hub = ["reload", "--hub", str(running.site.settings)]
                assert (await asyncio.to_thread(CliRunner().invoke, main, hub)).exit_code == 0
            found[verb] = (await sender.push(running.party("creditor"))).state
        assert found[None] is found["resume"] is OutboxState.ACKNOWLEDGED
        assert found["suspend"] is not OutboxState.ACKNOWLEDGED
