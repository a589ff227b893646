"""What a reload takes over: keys, certificates and P-Modes of one moment, or nothing of them."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.hubs.hub import LogLines
from support.keys.pki import key_pem
from support.keys.site_keys import made, places, renew

from crypto.certificates import Certificate, der, load_certificates
from crypto.pki import Issued, certificates_pem, private_key_pem
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable, OpenedHub, open_hub, reloading
from gateway.wiring.beside_traffic import TURN_SECONDS
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=500)


@pytest.fixture
async def opened(site: Site) -> AsyncIterator[OpenedHub]:
    def failed(fault: BaseException) -> None:
        raise AssertionError(fault)

    found = await open_hub(read_settings(site.settings), log=LogLines(), on_failure=failed)
    try:
        yield found
    finally:
        await found.running.stop()


def configured(site: Site) -> ConfiguredSite:
    """Keys and P-Modes without a hub around them."""
    return ConfiguredSite(read_settings(site.settings), load_catalogue())


def reloaded(site: ConfiguredSite, at: datetime) -> tuple[str, ...]:
    """The complaints about what is read again; without one it is taken over."""
    try:
        found = site.read_again(at)
    except NotStartable as refused:
        return refused.complaints
    site.take_over(found)
    return ()


def signing(site: ConfiguredSite) -> Certificate:
    """What an exchange that begins now signs with."""
    (key,) = site.in_force.keys.signing
    return key.certificate


def broken_pmode(site: Site) -> Path:
    place = site.settings.parent / "pmodes" / "creditor.yaml"
    place.write_text(place.read_text() + "mailbok: {}\n")
    return place


def test_new_keys_and_the_p_modes_that_list_them_are_in_force_together(site: Site) -> None:
    found = configured(site)
    before = found.in_force
    for usage in ("signing", "encryption"):
        renew(site, usage, begins_at=NOW - timedelta(days=1), ends_at=LATER)
    assert reloaded(found, NOW) == ()
    after = found.in_force
    assert signing(found) in after.configuration.hub.signing_certificates
    assert after.keys.decryption[0].certificate in after.configuration.hub.encryption_certificates
    assert before.keys.signing[0].certificate in before.configuration.hub.signing_certificates, "an exchange keeps both"
    assert signing(found) not in before.configuration.hub.signing_certificates


@pytest.mark.parametrize("usage", ["signing", "encryption", "tls-server"])
def test_with_one_fault_in_any_key_nothing_is_taken_over(site: Site, usage: str) -> None:
    found = configured(site)
    before = found.in_force
    renew(site, "signing", begins_at=NOW - timedelta(days=1), ends_at=LATER)
    places(site, usage)[0].write_bytes(b"torn")  # type: ignore[arg-type]
    (said,) = reloaded(found, NOW)
    assert str(places(site, usage)[0]) in said  # type: ignore[arg-type]
    assert found.in_force is before


def test_with_a_fault_in_a_p_mode_the_old_key_signs(site: Site) -> None:
    found = configured(site)
    before = signing(found)
    renew(site, "signing", begins_at=NOW - timedelta(days=1), ends_at=LATER)
    broken_pmode(site)
    (said,) = reloaded(found, NOW)
    assert "creditor.yaml" in said
    assert signing(found) == before


def test_faults_of_settings_are_told_and_the_keys_that_were_read_stay(site: Site) -> None:
    settings = read_settings(site.settings)
    found = ConfiguredSite(settings, load_catalogue(), settings_file=site.settings)
    site.settings.write_text(site.settings.read_text().replace("[[keys.signing]]", "[[keys.sining]]"))
    before = found.in_force
    assert any("sining" in each for each in reloaded(found, NOW))
    assert found.in_force is before


def test_a_certificate_that_is_not_valid_is_not_taken_over_but_one_that_ended_in_use_keeps_no_p_mode_out(
    site: Site,
) -> None:
    renew(site, "signing", begins_at=NOW - timedelta(days=9), ends_at=NOW + timedelta(days=1))
    found = configured(site)
    day_after = NOW + timedelta(days=2)
    (site.settings.parent / "pmodes" / "creditor.yaml").unlink()
    assert reloaded(found, day_after) == ()
    assert len(found.configuration.organisations) == len(site.organisations) - 1
    renew(site, "signing", begins_at=NOW - timedelta(days=9), ends_at=NOW + timedelta(days=1))
    before = found.in_force
    (said,) = reloaded(found, day_after)
    assert said.startswith("keys.signing[0].certificate: the certificate has ended, on")
    assert found.in_force is before


def test_a_key_for_decryption_whose_certificate_begins_later_may_come_beside_the_one_in_use(site: Site) -> None:
    settings, hub = read_settings(site.settings), site.settings.parent
    found = ConfiguredSite(settings, load_catalogue(), settings_file=site.settings)
    coming = made("encryption", begins_at=NOW + timedelta(days=5), ends_at=LATER)
    (hub / "keys" / "next.key").write_bytes(private_key_pem(coming.private_key))
    (hub / "keys" / "next.key").chmod(0o600)
    (hub / "pmodes" / "next.pem").write_bytes(certificates_pem(coming.certificate))
    second = '[[keys.decryption]]\nkey = "keys/next.key"\ncertificate = "pmodes/next.pem"\n'
    site.settings.write_text(site.settings.read_text().replace("[pmodes]\n", f"{second}[pmodes]\n"))
    assert reloaded(found, NOW) == ()
    assert [each.certificate for each in found.in_force.keys.decryption][1:] == [coming.certificate]


@pytest.mark.parametrize("way", ["env", "fd", "file"])
def test_a_password_that_opened_a_key_at_the_start_opens_its_successor_at_a_reload(
    site: Site, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable is gone once it was read, and a descriptor closed."""

    def encrypted() -> Issued:
        issued = made("signing", begins_at=NOW - timedelta(days=1), ends_at=LATER)
        key, certificate = places(site, "signing")
        key.write_bytes(key_pem(issued.private_key, b"correct horse"))
        certificate.write_bytes(certificates_pem(issued.certificate))
        return issued

    reader, writer = os.pipe()
    os.set_inheritable(reader, True)  # as what a parent hands on
    os.write(writer, b"correct horse\n")
    os.close(writer)
    monkeypatch.setenv("SIGNING_PASSWORD", "correct horse")
    place = site.settings.parent / "password"
    place.write_text("correct horse")
    place.chmod(0o600)
    said = {"env": '"SIGNING_PASSWORD"', "fd": str(reader), "file": '"password"'}[way]
    text = site.settings.read_text()
    site.settings.write_text(text.replace("[[keys.signing]]\n", f"[[keys.signing]]\npassword_{way} = {said}\n"))
    encrypted()
    found = configured(site)
    successor = encrypted()
    assert reloaded(found, NOW) == ()
    assert signing(found) == successor.certificate
    if way != "fd":
        os.close(reader)


async def shown(opened: OpenedHub) -> bytes:
    """The certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", opened.port, ssl=context)
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return found


async def test_connections_that_begin_after_a_reload_are_shown_the_new_certificate(
    site: Site, opened: OpenedHub
) -> None:
    _, place = places(site, "tls-server")
    old = load_certificates(place.read_bytes())[0]
    assert await shown(opened) == der(old)
    renew(site, "tls-server", begins_at=NOW - timedelta(days=1), ends_at=LATER)
    new = load_certificates(place.read_bytes())[0]
    assert await shown(opened) == der(old), "it is in force when it was read"
    assert await opened.reloading.reload() == ()
    assert await shown(opened) == der(new)


async def test_a_refused_reload_is_remembered_until_one_is_taken_over(site: Site, opened: OpenedHub) -> None:
    place = site.settings.parent / "pmodes" / "creditor.yaml"
    whole = place.read_text()
    broken_pmode(site)
    assert opened.reloading.refused == ()
    refused = await opened.reloading.reload()
    assert (len(refused), opened.reloading.refused) == (1, refused)
    place.write_text(whole)
    assert (await opened.reloading.reload(), opened.reloading.refused) == ((), ())


async def test_a_reload_that_a_stop_cancels_while_it_reads_puts_nothing_in_force(
    site: Site, opened: OpenedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that reads cannot be cancelled and reads to its end; keys, P-Modes and TLS stay those of before."""
    before, tls = opened.site.in_force, await shown(opened)
    for usage in ("signing", "encryption", "tls-server"):
        renew(site, usage, begins_at=NOW - timedelta(days=1), ends_at=LATER)
    reads, goes_on, has_read = threading.Event(), threading.Event(), threading.Event()
    read_again = opened.site.read_again

    def slowly(at: datetime) -> object:
        reads.set()
        goes_on.wait(20)
        try:
            return read_again(at)
        finally:
            has_read.set()

    monkeypatch.setattr(opened.site, "read_again", slowly)
    reloading = asyncio.create_task(opened.reloading.reload())
    assert await asyncio.to_thread(reads.wait, 20)
    reloading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reloading
    goes_on.set()
    assert await asyncio.to_thread(has_read.wait, 20)
    assert (opened.site.in_force, await shown(opened)) == (before, tls)
    monkeypatch.undo()
    assert await opened.reloading.reload() == ()
    assert opened.site.in_force is not before
    assert await shown(opened) != tls


async def test_whatever_a_reload_does_in_a_thread_it_does_in_short_turns(
    opened: OpenedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: dict[str, float] = {}

    def noting(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            turns[name] = sys.getswitchinterval()
            return work(*arguments)

        return noted

    for name in ("read_again", "concerns"):
        monkeypatch.setattr(opened.site, name, noting(name, getattr(opened.site, name)))
    monkeypatch.setattr(reloading, "_let_go", noting("let go", reloading._let_go))
    assert await opened.reloading.reload() == ()
    assert turns == {name: pytest.approx(TURN_SECONDS) for name in ("read_again", "concerns", "let go")}


async def test_a_mistake_that_is_made_a_thousand_times_is_not_as_many_lines_in_the_log(
    opened: OpenedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_at: datetime) -> None:
        raise NotStartable(tuple(f"{number}.yaml:1: wrong" for number in range(1000)))

    log = LogLines()
    monkeypatch.setattr(opened.reloading, "_log", log)
    monkeypatch.setattr(opened.site, "read_again", refused)
    assert len(await opened.reloading.reload()) == 1000
    told = [str(fields["detail"]) for fields in log.of("reload_refused")]
    assert (len(told), told[99]) == (101, "99.yaml:1: wrong")
    assert told[100].startswith("and 900 more; knooppunt reload and knooppunt pmode check tell all")


async def test_what_is_made_of_the_files_is_made_anew_whatever_comes_of_looking_for_warnings(
    opened: OpenedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_at: datetime) -> None:
        raise ValueError("a defect")

    renewed: list[bool] = []
    monkeypatch.setattr(opened.site, "concerns", fails)
    monkeypatch.setattr(opened.reloading, "_renew", lambda: renewed.append(True))
    with pytest.raises(ValueError, match="a defect"):
        await opened.reloading.reload()
    assert renewed == [True]
