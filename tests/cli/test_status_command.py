"""knooppunt status: all that can be known of a hub at one look; what cannot be is no reason to say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest
from click.testing import CliRunner, Result
from support.hubs.hub import LogLines
from support.hubs.processes import new_site
from support.hubs.unprivileged import unprivileged
from support.identity.logins import BROKER, broker_key, mock
from support.keys.site_keys import copy_of, renew
from support.longer import longer
from support.store.engines import open_sqlite
from support.store.store_samples import START, accept, sealed_message

import gateway.cli.standing as telling
from crypto.pki import certificates_pem
from gateway.administration.administered import Vitals
from gateway.administration.client import AnsweringHub
from gateway.administration.server import SOCKET_NAME
from gateway.cli.main import main
from gateway.metrics import EventCount
from gateway.settings import read_settings
from gateway.site.broker.metadata import metadata
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from gateway.storage import DatabaseBroken
from gateway.store.data_directory import BALLAST_NAME, Space
from gateway.store.model import State
from gateway.store.portal.mail import MailStanding
from gateway.store.sqlite.look import look_at_store
from gateway.store.sqlite.mark import PLACE_NAME
from gateway.store.sqlite.mark_file import MARK_NAME, MarkFile
from gateway.store.sqlite.store import DATABASE_NAME
from gateway.wiring import NotStartable, open_hub, standing


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("status") / "site")


@pytest.fixture
def site(pristine: Site, tmp_path: Path) -> Site:
    """A hub of its own for each test."""
    return copy_of(pristine, tmp_path / "site")


def status(site: Site, *more: str) -> Result:
    return CliRunner().invoke(main, ["status", "--hub", str(site.settings), *more], catch_exceptions=False)


def facts(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(status(site, "--json").stdout)
    inner: dict[str, Any] = found.get("facts", found)
    return inner


def test_a_sound_hub_that_does_not_run_is_told_whole(site: Site) -> None:
    found = facts(site)
    assert (found["running"], found["time_suspect"], found["worries"]) == (False, False, [])
    assert (found["party"], found["environment"], found["organisations"]) == (site.hub_party, "test", 2)
    assert found["store"]["states"] == {state.value: 0 for state in State}
    assert [each["place"] for each in found["certificates"]] == [
        "keys.signing[0].certificate",
        "keys.decryption[0].certificate",
        "directory.certificate",
        "listen.tls_certificate",
        "counsellor.yaml:18: certificates.signing[0]",
        "counsellor.yaml:20: certificates.encryption[0]",
        "creditor.yaml:19: certificates.signing[0]",
        "creditor.yaml:21: certificates.encryption[0]",
    ]
    assert {each["days_left"] for each in found["certificates"]} == {727}
    assert all(each["valid"] and each["ends_at"].endswith("Z") for each in found["certificates"])
    text = status(site).stdout
    assert "not running" in text
    assert text.endswith("\nthe hub does not run; else nothing to worry about\n")


BROKER_SECTION = f"""
[portal]
url = "https://portaal.example"
helpdesk = "010 123 45 67"
[portal.eherkenning]
key = "keys/login.key"
certificate = "signer.pem"
entity_id = "urn:etoegang:DV:00000099000000009000:entities:0001"
broker = "{BROKER}"
broker_metadata = "broker.xml"
broker_signers = ["signer.pem"]
user = {{ index = 1, id = "urn:etoegang:1", uuid = "6f4b0e0a-0000-4000-8000-000000000001" }}
administrator = {{ index = 2, id = "urn:etoegang:2", uuid = "6f4b0e0a-0000-4000-8000-000000000002" }}
"""


def test_metadata_of_the_broker_that_end_soon_or_cannot_be_relied_on_are_a_worry(site: Site) -> None:
    folder, now, signer = site.settings.parent, datetime.now(UTC), broker_key("metadata")
    with site.settings.open("a") as file:
        file.write(BROKER_SECTION)
    (folder / "signer.pem").write_bytes(certificates_pem(signer.certificate))

    def worries(days: float) -> list[str]:
        ends_at = now + timedelta(days=days)
        (folder / "broker.xml").write_bytes(metadata(mock(), number="1", valid_until=ends_at, signer=signer))
        found = facts(site)["worries"]
        return [each for each in found if each.startswith("portal.eherkenning.broker_metadata: ")]

    assert worries(6) == []
    (soon,) = worries(4)
    assert f"ends at {now + timedelta(days=4):%Y-%m-%dT%H:%M}" in soon
    assert "nobody logs in at the portal, and the hub does not start again: fetch it anew from the broker" in soon
    assert f"worry: {soon}" in status(site).stdout
    (over,) = worries(-1)
    assert "is over" in over
    (folder / "broker.xml").unlink()
    assert any("broker.xml" in each for each in facts(site)["worries"])


def seen(folder: Path) -> dict[str, tuple[object, ...]]:
    """Every name under a folder, with what would show that it was touched."""
    found = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        about = path.lstat()
        octets = path.read_bytes() if path.is_file() and path.name != "ballast" else b""
        changed = 0 if path.name.endswith("-wal") else about.st_ctime_ns  # as root, SQLite gives a log its owner again
        found[str(path)] = (about.st_ino, about.st_mode, about.st_size, about.st_mtime_ns, changed, octets)
    return found


@pytest.mark.parametrize("ended", ["never begun", "killed", *longer("stopped")])
async def test_a_look_at_a_hub_that_does_not_run_leaves_its_directory_as_it_was(
    site: Site, tmp_path: Path, ended: str
) -> None:
    data = site.settings.parent / "data"
    if ended != "never begun":
        hub = HubProcess(site.settings, tmp_path / "hub.log")
        await hub.start()
        party = site.organisations[0].party
        tested = CliRunner().invoke
        told = await asyncio.to_thread(tested, main, ["mailbox", "test", "--hub", str(site.settings), party])
        assert told.exit_code == 0, told.output
        await (hub.kill() if ended == "killed" else hub.stop())
        assert (data / f"{DATABASE_NAME}-wal").exists() == (ended == "killed")
        (data / f"{DATABASE_NAME}-shm").unlink(missing_ok=True)
    before = seen(data)
    found = await asyncio.to_thread(facts, site)
    assert seen(data) == before
    assert (found["running"], found["worries"]) == (False, [])
    assert found["store"]["states"]["stored"] == (ended != "never begun")


def test_a_store_that_another_process_holds_is_told_as_such(site: Site) -> None:
    with open(site.settings.parent / "data" / "lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = facts(site)
        (worry,) = found["worries"]
        told = status(site).stdout
    assert "and does not listen" in worry
    assert found["running"] is None, "nobody knows"
    assert f"{found['url']}, does not answer" in told


def test_a_process_that_has_the_socket_and_does_not_answer_is_a_worry(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = site.settings.parent / "data"
    monkeypatch.setattr(AnsweringHub, "connect", partial(AnsweringHub.connect, idle_seconds=0.05))
    with socket.socket(socket.AF_UNIX) as dumb, contextlib.chdir(data):
        dumb.bind(SOCKET_NAME)
        dumb.listen()
        found = facts(site)
    assert (found["running"], found["store"]) == (None, None)
    assert f"a process holds {data} and does not answer; look at that process" in found["worries"][0]


def test_a_directory_that_may_not_be_read_is_a_worry_with_its_path_beside_the_facts(site: Site) -> None:
    data = site.settings.parent / "data"
    data.chmod(0)
    try:
        ended = unprivileged("status", "--hub", str(site.settings), "--json")
    finally:
        data.chmod(0o700)
    found = json.loads(ended.stdout)["facts"]
    assert (ended.returncode, found["party"], found["store"]) == (0, site.hub_party, None)
    (worry,) = found["worries"]
    assert str(data) in worry
    assert "Permission denied; have it and its folder given to you" in worry


def test_without_pmodes_nobody_knows_whether_the_kernel_has_to_vouch_for_the_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.wiring.opening.kernel_synchronised", lambda: False)
    (site.settings.parent / "pmodes" / "hub.yaml").write_text("name: [\n")
    found = facts(site)
    assert found["time_suspect"] is None
    assert not [each for each in found["worries"] if "confirm-time" in each]


@pytest.mark.parametrize(
    ("free", "worry"),
    [
        (4096, "4096 octets free of 104857600 where the store lies, no new message is taken: make room on that disk"),
        (8 << 20, "no new message over 1 MiB is taken: make room on that disk"),
        (15 << 20, "less than the 20% of data.alarm_free_fraction: make room on that disk"),
        (20 << 20, None),
    ],
)
@pytest.mark.parametrize("ballast", [True, False], ids=["ballast", "none"])
def test_a_disk_with_little_room_is_a_worry_and_the_ballast_its_next_step(
    site: Site, monkeypatch: pytest.MonkeyPatch, free: int, worry: str | None, ballast: bool
) -> None:
    text = re.sub(r"\n(alarm|large_message|any_message)_free_fraction.*", "", site.settings.read_text())
    site.settings.write_text(text)
    monkeypatch.setattr(standing, "measure_space", lambda _directory: Space(free, 100 << 20))
    if ballast:
        (site.settings.parent / "data" / BALLAST_NAME).write_bytes(bytes(4096))
    worries = facts(site)["worries"]
    if worry is None:
        assert worries == []
    else:
        assert worry in worries[0]
        assert ("knooppunt store release-ballast --hub SETTINGS" in worries[0]) == ballast


def test_a_page_that_is_none_is_told_wherever_a_table_or_an_index_begins(site: Site) -> None:
    database = site.settings.parent / "data" / DATABASE_NAME
    with contextlib.closing(apsw.Connection(str(database))) as connection:
        roots = connection.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall()
    whole = database.read_bytes()
    at = datetime.now(UTC)
    for (page,) in roots:
        database.write_bytes(whole[: (page - 1) * 4096] + bytes(4096) + whole[page * 4096 :])
        with pytest.raises(DatabaseBroken):
            look_at_store(database.parent, at, mark=None)
    assert len(roots) > 30
    ended = status(site, "--json")
    assert ended.exit_code == 74
    assert "store.db cannot be opened" in json.loads(ended.stdout)["facts"]["worries"][0]


def test_a_ballast_that_the_disk_has_no_room_for_is_told_and_not_just_left_out(site: Site) -> None:
    data = site.settings.parent / "data"
    text = site.settings.read_text()
    site.settings.write_text(text.replace("ballast_bytes = 0", f"ballast_bytes = {2**60}"))
    (worry,) = facts(site)["worries"]
    assert worry.startswith(
        f"data.ballast_bytes: there is no ballast, for one of {2**60} octets would leave too little"
    )
    checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert (checked.exit_code, f"warning: {worry.partition(' of ')[0]}" in checked.stderr) == (0, True)
    assert not (data / BALLAST_NAME).exists()


def test_a_store_of_an_older_version_is_told_and_not_brought_up_to_date(site: Site) -> None:
    data = site.settings.parent / "data"
    with contextlib.closing(apsw.Connection(str(data / DATABASE_NAME))) as connection:
        connection.pragma("user_version", 3)
    before = seen(data)
    found = facts(site)
    assert seen(data) == before
    (worry,) = found["worries"]
    assert "was written by an older version of this program" in worry
    assert found["store"] is None


async def test_the_time_of_a_used_store_that_lost_its_mark_is_suspect_as_it_would_be_to_a_hub(site: Site) -> None:
    data = site.settings.parent / "data"
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1))
    await store.aclose()
    assert (await asyncio.to_thread(facts, site))["time_suspect"] is True


@pytest.mark.parametrize(("environment", "suspect"), [("test", False), ("production", True)])
def test_in_production_the_kernel_is_asked_for_the_time_of_a_hub_that_does_not_run(
    site: Site, monkeypatch: pytest.MonkeyPatch, environment: str, suspect: bool
) -> None:
    for file in (site.settings.parent / "pmodes").glob("*.yaml"):
        real = file.read_text().replace("00000099", "00000004")  # no test parties
        file.write_text(real.replace("environment: test", f"environment: {environment}"))
    monkeypatch.setattr("gateway.wiring.opening.kernel_synchronised", lambda: False)
    assert facts(site)["time_suspect"] is suspect


async def test_a_hub_that_runs_is_asked_itself(site: Site, tmp_path: Path) -> None:
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    await hub.start()
    party = site.organisations[0].party
    try:
        tested = await asyncio.to_thread(
            CliRunner().invoke, main, ["mailbox", "test", "--hub", str(site.settings), party]
        )
        assert tested.exit_code == 0, tested.output
        found = await asyncio.to_thread(facts, site)
        shown = (await asyncio.to_thread(status, site)).stdout
    finally:
        await hub.stop()
    assert (found["running"], found["time_suspect"]) == (True, False)
    assert found["store"]["free_octets"] > 0
    assert (found["mailboxes"]["with_messages"], found["mailboxes"]["leased"]) == (1, 0)
    assert found["mailboxes"]["oldest_accepted_at"] < found["mailboxes"]["next_expires_at"]
    assert found["disk"]["any_message_fraction"] == 0.01
    assert (found["vitals"]["connections"], found["vitals"]["is_draining"], found["warnings"]) == (0, False, [])
    assert f"0 under lease, the oldest since {found['mailboxes']['oldest_accepted_at']}" in shown
    assert f"\nsince           {found['vitals']['started_at']}\n" in shown


def test_days_left_and_the_worry_about_them_are_told(site: Site) -> None:
    now = datetime.now(UTC)
    renew(site, "signing", begins_at=now - timedelta(days=5), ends_at=now + timedelta(days=1, hours=1))
    found = facts(site)
    assert found["certificates"][0]["days_left"] == 1
    assert found["worries"][0].startswith("keys.signing[0].certificate: the hub's signing certificate ends on")
    lines = status(site).stdout.splitlines()
    rows = [line for line in lines if line.rstrip().endswith(" 1")]
    assert any("keys.signing[0].certificate" in line for line in rows), "what ends first stands first"


def test_of_many_certificates_those_that_end_first_stand_on_the_screen(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_CERTIFICATES", 3)
    told = status(site).stdout
    assert told.count(" 727") == 3
    assert "\nand 5 more that end later; --json has all of them\n" in told


def test_what_has_ended_is_told_though_the_hub_would_not_start(site: Site) -> None:
    now = datetime.now(UTC)
    renew(site, "tls-server", begins_at=now - timedelta(days=9), ends_at=now - timedelta(days=1, hours=12))
    found = facts(site)
    (tls,) = [each for each in found["certificates"] if each["use"] == "tls"]
    assert (tls["valid"], tls["days_left"]) == (False, -2)
    assert any(each.startswith("listen.tls_certificate: the certificate has ended") for each in found["worries"])


def test_a_part_that_cannot_be_read_hides_no_other(site: Site) -> None:
    hub = site.settings.parent
    (hub / "keys" / "tls-server.pem").unlink()
    (hub / "pmodes" / "creditor.yaml").write_text("name: [\n")
    shutil.rmtree(hub / "data")
    ended = status(site, "--json")
    assert ended.exit_code == 0
    found = facts(site)
    assert (found["party"], found["store"], found["time_suspect"]) == (None, None, None)
    assert [each["place"] for each in found["certificates"]] == [
        "keys.signing[0].certificate",
        "keys.decryption[0].certificate",
        "directory.certificate",
    ]
    tls, pmodes, store = found["worries"]
    assert tls.startswith("listen.tls_certificate: ")
    assert pmodes.startswith("creditor.yaml:2: ")
    assert store.startswith("the store: ")


def copied(data: Path) -> None:
    data.rename(data.with_name("before"))
    shutil.copytree(data.with_name("before"), data)


def log_lost(data: Path) -> None:
    mark = MarkFile(data / MARK_NAME)
    found = mark.read()
    assert found is not None
    mark.write(replace(found, running=True))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: (data / PLACE_NAME).unlink(), "the directory is a copy of the one that the hub used"),
        (copied, "the directory is a copy of the one that the hub used"),
        (log_lost, "its log (store.db-wal) is gone"),
        (lambda data: (data / MARK_NAME).unlink(), "store.mark is missing"),
        (lambda data: (data / MARK_NAME).write_text("nothing"), "its mark cannot be read"),
    ],
    ids=["place missing", "copied folder", "log lost", "mark missing", "mark spoilt"],
)
async def test_a_store_that_a_start_would_refuse_is_a_worry_in_the_words_of_the_start(
    site: Site, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(site.settings.parent / "data")
    before = seen(site.settings.parent / "data")
    for _ in range(2):  # a look settles nothing
        (worry,) = (await asyncio.to_thread(facts, site))["worries"]
        assert said in worry
    assert seen(site.settings.parent / "data") == before
    with pytest.raises(NotStartable) as refused:
        await open_hub(read_settings(site.settings), log=LogLines(), on_failure=lambda _fault: None)
    assert refused.value.complaints == (worry,)


async def test_a_hub_that_did_much_is_told_of_on_one_screen(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it waited for the disk, whether it goes, what it mails, and what it warned of within a day."""
    found = await standing.standing_of(read_settings(site.settings), datetime.now(UTC))
    vitals = Vitals(
        started_at=found.at - timedelta(days=3),
        is_draining=True,
        connections=7,
        requests_in_progress=2,
        flushes=1000,
        flush_p99_seconds=0.005,
        slowest_flush_seconds=0.0314,
    )
    warnings = (
        EventCount(event="mail_given_up", count=2, last_at=found.at - timedelta(days=2)),
        EventCount(event="postponed", count=41, last_at=found.at - timedelta(minutes=1)),
    )
    mail = MailStanding(waiting=3, oldest_at=found.at, next_at=None, failing=1, failure="busy")
    told = replace(found, running=True, vitals=vitals, warnings=warnings, mail=mail)

    async def standing_there(*_: object) -> standing.Standing:
        return told

    monkeypatch.setattr(telling, "standing_of", standing_there)
    await asyncio.to_thread(telling.tell_standing, site.settings, False)
    shown = capsys.readouterr().out
    assert re.search(r"^since +\S+Z, and about to stop$", shown, re.MULTILINE)
    assert "2 requests, 7 connections\n" in shown
    assert "1000, 99 of 100 within 5 ms, the slowest 31 ms\n" in shown
    assert re.search(r"3 waiting since \S+Z, 1 tried in vain, 2 refused since the start\n", shown)
    assert re.search(r"^in the log: postponed, 41 since the start, last at \S+Z$", shown, re.MULTILINE)
    assert "in the log: mail_given_up" not in shown, "that was before"
    assert len(shown.splitlines()) <= 40
