"""knooppunt pki: sites that work at once, whatever kind of address the hub is reached by."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.addresses import read_url
from gateway.cli.main import main
from gateway.demo.hub_process import HubProcess
from gateway.settings import read_settings


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def pki_new(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["pki", "new", str(folder), "--organisation", "Bank:kredietbank", *arguments])


@pytest.mark.parametrize(
    ("host", "url", "listens"),
    [
        ("127.0.0.1", "https://127.0.0.1:8443/as4", "127.0.0.1"),
        ("::1", "https://[::1]:8443/as4", "::1"),
        ("[::1]", "https://[::1]:8443/as4", "::1"),
        ("2001:DB8:0::7", "https://[2001:db8::7]:8443/as4", "::"),
        ("192.0.2.7", "https://192.0.2.7:8443/as4", "0.0.0.0"),
        ("hub.example.org", "https://hub.example.org:8443/as4", "0.0.0.0"),
    ],
)
def test_a_site_is_made_for_every_kind_of_address(tmp_path: Path, host: str, url: str, listens: str) -> None:
    made = json.loads(pki_new(tmp_path / "site", "--host", host, "--json").stdout)["facts"]
    settings = read_settings(Path(made["settings"]))
    assert (made["url"], settings.hub.public_url, settings.listen.host) == (url, url, [listens])
    assert read_url(url).port == settings.listen.port


@pytest.mark.parametrize(
    "host", ["[::1]:8443", "127.0.0.1:8443", "127.1", "hub example", "", "hüb.example", "fe80::1%lo"]
)
def test_a_host_that_is_no_address_is_wrong_usage_and_makes_nothing(tmp_path: Path, host: str) -> None:
    ended = pki_new(tmp_path / "site", "--host", host)
    assert ended.exit_code == 2
    assert "--host" in ended.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("host", ["::1", "127.0.0.1"])
async def test_a_site_that_was_made_is_served_and_pulled_from_at_once(tmp_path: Path, host: str) -> None:
    made = json.loads(pki_new(tmp_path / "site", "--host", host, "--port", str(free_port()), "--json").stdout)["facts"]
    hub = HubProcess(Path(made["settings"]), tmp_path / "hub.log")
    await hub.start()
    try:
        command = ["pull", "--as", made["organisations"][0]["folder"]]
        pulled = await asyncio.to_thread(CliRunner().invoke, main, command)
        assert (pulled.exit_code, pulled.stderr) == (0, "")
    finally:
        await hub.stop()


def listening_on_both(settings: Path) -> Path:
    settings.write_text(settings.read_text().replace('host = "0.0.0.0"', 'host = ["0.0.0.0", "::"]'))
    return settings


async def test_a_hub_listens_on_ipv4_and_ipv6_at_once(tmp_path: Path) -> None:
    port = free_port()
    made = json.loads(pki_new(tmp_path / "site", "--host", "hub.example.org", "--port", str(port), "--json").stdout)[
        "facts"
    ]
    hub = HubProcess(listening_on_both(Path(made["settings"])), tmp_path / "hub.log")
    await hub.start()
    try:
        for address in ("127.0.0.1", "::1"):
            with socket.create_connection((address, port), timeout=10):
                pass
    finally:
        await hub.stop()
