"""A hub as a process: it serves, answers administrators while it runs, hardens itself, and stops when told."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from support.keys.pki import key_pem
from support.keys.site_keys import copy_of, renew
from support.longer import longer

from gateway.cli.main import main
from gateway.site.documents import Drawn, make_document
from gateway.site.hub_process import HubDidNotStart, HubProcess
from gateway.site.making import Site, make_site
from gateway.site.organisations import CREDIT_BANK, CREDITOR, three
from xsd.catalogue import load_catalogue


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    return make_site(folder, three(), at=datetime.now(UTC), port=free_port())


def kernel_says(hub: HubProcess, what: str) -> str:
    return Path(f"/proc/{hub.pid}/{what}").read_bytes().decode()


async def command(*arguments: str) -> tuple[int, object]:
    return await asyncio.to_thread(run, *arguments)


def run(*arguments: str) -> tuple[int, object]:
    ended = CliRunner().invoke(main, [*arguments, "--json"])
    return ended.exit_code, json.loads(ended.output)["facts"]


async def test_a_message_goes_through_a_served_hub_by_the_commands_of_the_readme(site: Site, tmp_path: Path) -> None:
    kind = load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    bank, creditor = site.organisation(CREDIT_BANK), site.organisation(CREDITOR)
    document = make_document(kind, Drawn(), sender=bank.party, receiver=creditor.party, at=datetime.now(UTC))
    file = tmp_path / "vraag.xml"
    file.write_bytes(document.octets)
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    await hub.start()
    try:
        code, pushed = await command("push", "--as", str(bank.folder), str(file))
        assert code == 0
        assert pushed["messages"][0]["state"] == "acknowledged"  # type: ignore[index]
        code, listed = await command("message", "list", "--hub", str(site.settings))
        assert [each["state"] for each in listed] == ["stored"]  # type: ignore[attr-defined]
        code, boxes = await command("mailbox", "list", "--hub", str(site.settings))
        assert [each["waiting"] for each in boxes] == [1]  # type: ignore[attr-defined]
        code, pulled = await command("pull", "--as", str(creditor.folder), "--out", str(tmp_path / "in"))
        assert pulled["messages"][0]["origin"] == "verified"  # type: ignore[index]
        assert await asyncio.to_thread(Path(pulled["messages"][0]["files"][0]).read_bytes) == document.octets  # type: ignore[index]
        code, shown = await command("message", "show", listed[0]["message_id"], "--hub", str(site.settings))  # type: ignore[index]
        assert shown["state"] in ("receipted", "removed")  # type: ignore[index]
        assert [each["kind"] for each in shown["receipts"]] == ["receipt-given", "receipt-taken"]  # type: ignore[index]
        code, asked = await command("message", "open", "--hub", str(site.settings))
        assert [each["reference"] for each in asked] == [document.reference]  # type: ignore[attr-defined]
    finally:
        await hub.stop()
    code, listed = await command("message", "list", "--hub", str(site.settings))
    assert len(listed) == 1, "the log can be read when no hub runs, too"  # type: ignore[arg-type]


async def test_a_served_hub_writes_no_core_file_and_overwrites_freed_memory(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_PERTURB_")
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    await hub.start()
    try:
        assert re.search(r"Max core file size +0 +0 ", kernel_says(hub, "limits"))
        assert "MALLOC_PERTURB_=165" in kernel_says(hub, "environ")
    finally:
        await hub.stop()


async def test_a_served_hub_gives_large_memory_back_unless_its_operator_says_otherwise(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_PERTURB_")
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1048576")
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    await hub.start()
    try:
        environment = kernel_says(hub, "environ")
        assert "MALLOC_MMAP_THRESHOLD_=8388608" in environment
        assert "MALLOC_TRIM_THRESHOLD_=1048576" in environment
    finally:
        await hub.stop()


async def test_a_served_hub_may_open_as_many_files_as_the_system_allows(site: Site, tmp_path: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, usual[1]), usual[1]))
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    try:
        await hub.start()
        soft, hard = re.findall(r"Max open files +(\S+) +(\S+) ", kernel_says(hub, "limits"))[0]
        assert soft == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        await hub.stop()


async def test_a_second_hub_on_the_same_data_directory_is_refused_with_one_clear_line(
    site: Site, tmp_path: Path
) -> None:
    first = HubProcess(site.settings, tmp_path / "first.log")
    await first.start()
    try:
        second = HubProcess(site.settings, tmp_path / "second.log")
        with pytest.raises(HubDidNotStart, match="the hub cannot start"):
            await second.start()
    finally:
        await first.stop()


async def test_a_hub_does_not_serve_with_a_failpoint_set(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOOPPUNT_FAILPOINT", "A8.after:1:kill")
    monkeypatch.delenv("KNOOPPUNT_FAILPOINTS_ALLOWED", raising=False)
    with pytest.raises(HubDidNotStart, match="KNOOPPUNT_FAILPOINT is set"):
        await HubProcess(site.settings, tmp_path / "hub.log").start()


async def test_keys_that_are_not_those_of_the_pmodes_keep_a_hub_from_starting(site: Site, tmp_path: Path) -> None:
    other = tmp_path / "hub.toml"
    text = site.settings.read_text().replace('"pmodes', f'"{site.settings.parent / "pmodes"}')
    text = text.replace('"keys/', f'"{site.settings.parent / "keys"}/').replace('directory = "data"', 'directory = "d"')
    other.write_text(text.replace("signing.key", "encryption.key").replace("hub-signing.pem", "hub-encryption.pem"))
    with pytest.raises(HubDidNotStart, match=re.escape("hub.yaml:6 does not list it")):
        await HubProcess(other, tmp_path / "hub.log").start()


@pytest.mark.parametrize("seconds", ["soon", "", "nan", "1e300"])
def test_a_moved_clock_that_is_no_number_of_seconds_is_one_line(
    site: Site, seconds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOOPPUNT_MOVED_CLOCK_SECONDS", seconds)
    ended = CliRunner().invoke(main, ["serve", str(site.settings)])
    assert ended.exit_code == 2
    first, *_next = ended.stderr.splitlines()
    assert first == f"knooppunt: KNOOPPUNT_MOVED_CLOCK_SECONDS is no number of seconds: {seconds!r}"


@pytest.mark.parametrize("perturbed", [False, *longer(True)], ids=["not set", "MALLOC_PERTURB_ set before"])
async def test_a_password_is_not_in_the_environment_of_a_hub_that_serves(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, perturbed: bool
) -> None:
    settings = with_password(site, tmp_path, 'password_env = "SIGNING_PASSWORD"')
    monkeypatch.setenv("SIGNING_PASSWORD", "correct horse")
    if perturbed:
        monkeypatch.setenv("MALLOC_PERTURB_", "165")
    else:
        monkeypatch.delenv("MALLOC_PERTURB_")
    hub = HubProcess(settings, tmp_path / "hub.log")
    await hub.start()
    try:
        environment = kernel_says(hub, "environ")
        assert "MALLOC_PERTURB_=165" in environment
        assert "SIGNING_PASSWORD" not in environment
        assert "correct horse" not in environment  # LG-05
        assert "passwords" not in open_files(hub), "what handed it over is closed"
    finally:
        await hub.stop()


async def test_a_signing_certificate_that_ends_soon_is_said_at_the_start_and_told_in_the_log(
    site: Site, tmp_path: Path
) -> None:
    own = copy_of(site, tmp_path / "site")
    now = datetime.now(UTC)
    renew(own, "signing", begins_at=now - timedelta(days=5), ends_at=now + timedelta(days=1))
    log = tmp_path / "hub.log"
    hub = HubProcess(own.settings, log)
    await hub.start()
    await hub.stop()
    text = read(log)
    assert "knooppunt: warning: keys.signing[0].certificate: the hub's signing certificate ends on" in text
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert {(each["event"], each["level"]) for each in events} >= {
        ("configuration_warning", "warning"),
        ("certificate_ends", "warning"),
    }
    (ends,) = [each for each in events if each["event"] == "certificate_ends"]
    assert (ends["place"], ends["use"], ends["days_left"]) == ("keys.signing[0].certificate", "signing", 0)


def with_password(site: Site, folder: Path, reference: str) -> Path:
    """Settings of a copy of the site whose signing key is encrypted."""
    settings = copy_of(site, folder / "site").settings
    key = settings.parent / "keys" / "signing.key"
    private_key = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private_key, RSAPrivateKey)
    key.write_bytes(key_pem(private_key, b"correct horse"))
    settings.write_text(settings.read_text().replace("[[keys.signing]]\n", f"[[keys.signing]]\n{reference}\n"))
    return settings


def open_files(hub: HubProcess) -> str:
    return " ".join(os.readlink(each) for each in Path(f"/proc/{hub.pid}/fd").iterdir() if each.is_symlink())


def read(path: Path) -> str:
    return path.read_text("utf-8")


def test_a_hub_that_allows_more_connections_than_it_may_have_files_open_says_so(site: Site) -> None:
    limited = ["prlimit", "--nofile=600:600", sys.executable, "-P", "-m", "gateway.cli", "serve", str(site.settings)]
    with subprocess.Popen(limited, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        assert hub.stdout.readline(), "it did not start"
        hub.terminate()
        _, said = hub.communicate(timeout=60)
    assert "knooppunt: warning: this process may have 600 files open, and limits.connections = " in said
