"""A whole hub by its settings: it fetches from whom it may, remembers over a restart and an outage, and is told of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from support.hubs.hub import LogLines
from support.keys import revoking
from support.keys.issuing import Holder
from support.net.answering import Answering, answering

from crypto.certificates import Certificate, load_certificates
from crypto.suites import AS4_1_15_RSA
from gateway.cli.main import main
from gateway.jobs.revocation_kept import FOLDER, LEDGER
from gateway.limits import OutboundLimits
from gateway.msh.later import Postponed
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import NotStartable, OpenedHub, open_hub

DAY = timedelta(days=1)
ALLOWED = '\n[outbound]\nhosts = ["127.0.0.1"]\nnetworks = ["127.0.0.1/32"]\n'


def the_authority(site: Site) -> Holder:
    (certificate,) = load_certificates((site.folder / "ca.pem").read_bytes())
    key = load_pem_private_key((site.folder / "ca.key").read_bytes(), None)
    return Holder(certificate=certificate, private_key=key)


def creditors(site: Site, use: str = "signing") -> Certificate:
    (certificate,) = load_certificates(
        (site.settings.parent / "pmodes" / "certificates" / f"creditor-{use}.pem").read_bytes()
    )
    return certificate


def crl(site: Site, *revoked: Certificate, **said: Any) -> bytes:
    return revoking.crl(*revoked, at=datetime.now(UTC) - timedelta(minutes=1), by=the_authority(site), **said)


def name_authority(site: Site, url: str, settings: str = ALLOWED) -> None:
    """In hub.yaml and the settings."""
    pmodes = site.settings.parent / "pmodes"
    (pmodes / "certificates" / "ca.pem").write_bytes((site.folder / "ca.pem").read_bytes())
    hub = yaml.safe_load((pmodes / "hub.yaml").read_text("utf-8"))
    hub["revocation"] = [{"issuer": "certificates/ca.pem", "crl": url}]
    (pmodes / "hub.yaml").write_text(yaml.safe_dump(hub), "utf-8")
    text = site.settings.read_text("utf-8")
    site.settings.write_text(text.replace("port = 8443", "port = 0") + settings, "utf-8")


@asynccontextmanager
async def opened(site: Site, log: LogLines) -> AsyncIterator[OpenedHub]:
    def failed(fault: BaseException) -> None:
        raise AssertionError(fault)

    hub = await open_hub(read_settings(site.settings), log=log, on_failure=failed)
    try:
        hub.running.start_keeper()
        yield hub
    finally:
        await hub.running.stop()


async def status(site: Site) -> dict[str, Any]:
    words = ["status", "--hub", str(site.settings), "--json"]
    found = await asyncio.to_thread(CliRunner().invoke, main, words, catch_exceptions=False)
    whole = json.loads(found.stdout)
    facts: dict[str, Any] = whole.get("facts", whole)
    return facts


async def told(site: Site) -> dict[str, str | None]:
    """What status says of each certificate of the creditor."""
    return {
        each["use"]: each["revocation"]
        for each in (await status(site))["certificates"]
        if each["place"].startswith("creditor")
    }


async def worries(site: Site) -> list[str]:
    return [
        each for each in (await status(site))["worries"] if "revoked" in each or "held" in each or "outbound" in each
    ]


def doubted(hub: OpenedHub, certificate: Certificate) -> bool:
    at = datetime.now(UTC)
    return hub.running.hub.revocation.doubt(certificate, at, wanted="off", party="1") is not None


async def test_a_hub_that_starts_fetches_remembers_and_is_told_of(site: Site) -> None:
    async with answering(b"") as server:
        name_authority(site, server.url)
        assert await told(site) == {"signing": "missing", "encryption": "missing"}
        server.says(crl(site, creditors(site)))
        log = LogLines()
        async with opened(site, log) as hub:
            assert (await log.came("certificate_revoked"))["place"] == "creditor.yaml:19: certificates.signing[0]"
            assert doubted(hub, creditors(site))
            assert not doubted(hub, creditors(site, "encryption"))
        assert await told(site) == {"signing": "revoked", "encryption": "good"}
        (worry,) = await worries(site)
        assert worry.startswith("creditor.yaml:19: certificates.signing[0]: the certificate was revoked")
        assert worry.endswith("take it out of that file, and list the next one")


async def test_a_revoked_certificate_is_so_from_the_first_message_after_a_restart_without_the_authority_SR_12(
    site: Site,
) -> None:
    async with answering(b"") as server:
        name_authority(site, server.url)
        server.says(crl(site, creditors(site)))
        log = LogLines()
        async with opened(site, log):
            await log.came("certificate_revoked")
    log = LogLines()
    hub = await open_hub(read_settings(site.settings), log=log, on_failure=lambda _fault: None)
    try:
        assert doubted(hub, creditors(site))  # no job has run
    finally:
        await hub.running.stop()


@pytest.mark.parametrize("own", [False, True], ids=["a participant's", "the hub's own"])
async def test_the_hub_signs_nothing_with_a_certificate_of_its_own_that_was_revoked(site: Site, *, own: bool) -> None:
    """What nobody who asks would take is no answer: the fault is the hub's, so it is for later (503)."""
    (certificate,) = load_certificates(read_settings(site.settings).keys.signing[0].certificate.read_bytes())
    async with answering(b"") as server:
        name_authority(site, server.url)
        server.says(crl(site, certificate if own else creditors(site)))
        log = LogLines()
        async with opened(site, log) as hub:
            await log.came("certificate_revoked")
            keys, at = hub.running.hub.in_force().keys, datetime.now(UTC)
            with pytest.raises(Postponed, match="the certificate was revoked") if own else nullcontext():
                keys.signer_for(AS4_1_15_RSA, at)


async def test_a_host_that_the_settings_do_not_list_is_not_called_and_told_of(site: Site) -> None:
    async with answering(b"") as server:
        name_authority(site, server.url, settings="")
        log = LogLines()
        async with opened(site, log):
            assert "outbound.hosts" in str((await log.came("revocation_not_had"))["detail"])
        assert server.connections == 0
        assert any("127.0.0.1 is not in outbound.hosts of the settings" in each for each in await worries(site))


async def test_an_address_inside_is_not_called_unless_the_settings_list_its_network(site: Site) -> None:
    async with answering(b"") as server:
        name_authority(site, server.url, settings='\n[outbound]\nhosts = ["127.0.0.1"]\n')
        log = LogLines()
        async with opened(site, log):
            assert "outbound.networks" in str((await log.came("revocation_not_had"))["detail"])
        assert server.connections == 0


async def test_a_stop_does_not_wait_for_an_authority_that_does_not_answer(site: Site) -> None:
    async with _silent() as (server, asked):
        name_authority(site, server.url)
        async with opened(site, LogLines()) as hub:
            await asked.wait()
            async with asyncio.timeout(OutboundLimits().seconds / 3):
                await hub.running._end_jobs()


@asynccontextmanager
async def _silent() -> AsyncIterator[tuple[Answering, asyncio.Event]]:
    asked = asyncio.Event()

    async def nothing(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with answering(nothing) as server:
        yield server, asked


@pytest.mark.parametrize("octets", [b"", b"{}"])
async def test_a_hub_that_cannot_read_who_was_revoked_does_not_start(site: Site, octets: bytes) -> None:
    data = read_settings(site.settings).data.directory
    (data / FOLDER).mkdir()
    (data / FOLDER / LEDGER).write_bytes(octets)
    async with answering(b"") as server:
        name_authority(site, server.url)
        with pytest.raises(NotStartable, match=r"ledger\.json.*put it back from a backup"):
            await open_hub(read_settings(site.settings), log=LogLines(), on_failure=lambda _fault: None)
        assert any("ledger.json" in each for each in (await status(site))["worries"])


async def test_authorities_for_https_that_cannot_be_read_are_one_line(site: Site, tmp_path: Path) -> None:
    empty = tmp_path / "none.pem"
    empty.write_bytes(b"")
    for named, said in ((empty, "no certificate can be read"), (tmp_path / "absent.pem", "no such file")):
        text = site.settings.read_text("utf-8").partition("\n[outbound]")[0]
        site.settings.write_text(f'{text}\n[outbound]\nca = "{named}"\n', "utf-8")
        with pytest.raises(NotStartable) as refused:
            await open_hub(read_settings(site.settings), log=LogLines(), on_failure=lambda _fault: None)
        (complaint,) = refused.value.complaints
        assert complaint.startswith("outbound.ca: ")
        assert said in complaint


async def test_a_reload_that_names_an_authority_has_it_asked(site: Site) -> None:
    async with answering(b"") as server:
        name_authority(site, server.url)
        hub_yaml = site.settings.parent / "pmodes" / "hub.yaml"
        named = hub_yaml.read_text("utf-8")
        hub_yaml.write_text(yaml.safe_dump({**yaml.safe_load(named), "revocation": []}), "utf-8")
        server.says(crl(site, creditors(site)))
        log = LogLines()
        async with opened(site, log) as hub:
            assert hub.running.revocation is not None
            await hub.running.revocation.look()
            assert server.connections == 0
            hub_yaml.write_text(named, "utf-8")
            assert await hub.reloading.reload() == ()
            await hub.running.revocation.look()
            assert doubted(hub, creditors(site))
