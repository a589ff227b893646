"""The key of the address book: its own, serving nothing else, and the book that a hub makes with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.clocks import StandingClock
from support.documents.json_contract import facts_of
from support.hubs.hub import LogLines

from crypto.certificates import load_certificates
from gateway.cli.main import main
from gateway.directory.document import read_signed
from gateway.directory.model import SignedBook
from gateway.jobs.address_book import FILE_NAME, AddressBookKeeper
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable, OpenedHub, open_hub
from gateway.wiring.book_handed_out import book_worries
from gateway.wiring.opening import TIME_MARK
from gateway.wiring.standing import standing_of
from xsd.catalogue import load_catalogue

SECTION = """[directory]
key = "keys/directory.key"
certificate = "keys/directory.pem"
"""
OTHERS = {
    "signing": ("keys.signing[0].certificate", "pmodes/certificates/hub-signing.pem"),
    "encryption": ("keys.decryption[0].certificate", "pmodes/certificates/hub-encryption.pem"),
    "tls-server": ("listen.tls_certificate", "keys/tls-server.pem"),
}


def failed(fault: BaseException) -> None:
    raise AssertionError(fault)


def written(site: Site, section: str) -> None:
    """Another section in the place of that of the address book."""
    text = site.settings.read_text()
    assert SECTION in text
    site.settings.write_text(text.replace(SECTION, section))


async def opened(site: Site) -> OpenedHub:
    settings = read_settings(site.settings)
    return await open_hub(settings, log=LogLines(), on_failure=failed, settings_file=site.settings)


def issued(site: Site) -> SignedBook:
    hub = site.settings.parent
    certificates = load_certificates((hub / "keys" / "directory.pem").read_bytes())
    return read_signed((hub / "data" / FILE_NAME).read_bytes(), certificates)


def org_directory(site: Site, *arguments: str) -> tuple[int, str, str]:
    ended = CliRunner().invoke(main, ["org", "directory", "--hub", str(site.settings), *arguments])
    return ended.exit_code, ended.stdout, ended.stderr


@pytest.mark.parametrize("use", sorted(OTHERS))
def test_a_key_that_serves_something_else_too_is_refused(site: Site, use: str) -> None:
    named, certificate = OTHERS[use]
    written(site, f'[directory]\nkey = "keys/{use}.key"\ncertificate = "{certificate}"\n')
    with pytest.raises(NotStartable) as refused:
        ConfiguredSite(read_settings(site.settings), load_catalogue())
    assert any(each.startswith(f"directory.key: is the key of {named} too") for each in refused.value.complaints)


def test_a_certificate_that_has_ended_keeps_the_hub_from_starting(site: Site) -> None:
    found = ConfiguredSite(read_settings(site.settings), load_catalogue())
    with pytest.raises(NotStartable) as refused:
        found.refuse_untimely(datetime(2099, 1, 1, tzinfo=UTC))
    assert any(each.startswith("directory.certificate: ") for each in refused.value.complaints)


async def test_a_hub_that_starts_has_a_book_and_a_reload_makes_the_next_one(site: Site) -> None:
    hub = await opened(site)
    try:
        first = issued(site)
        assert first.book.issue.serial // 100 == int(f"{datetime.now(UTC):%Y%m%d}")
        assert {each.name for each in first.book.entries} == {each.name for each in site.organisations}
        assert hub.running.hub.address_book() == first
        file = site.settings.parent / "pmodes" / f"{site.organisations[0].slug}.yaml"
        file.write_text(f"{file.read_text()}collectief: true\n")
        assert await hub.reloading.reload() == ()
        await hub.running.renew()
        assert issued(site).book.issue.before == (first.book.issue.serial, first.sha256)
        assert hub.running.hub.address_book() == issued(site)
    finally:
        await hub.running.stop()


async def test_without_the_section_there_is_none(site: Site) -> None:
    written(site, "")
    hub = await opened(site)
    try:
        assert hub.running.hub.address_book() is None
        assert not (site.settings.parent / "data" / FILE_NAME).exists()
    finally:
        await hub.running.stop()
    code, _, told = org_directory(site)
    assert (code, "no section [directory]" in told) == (1, True)


async def test_the_command_tells_the_serial_and_what_changed_and_writes_the_signed_file(
    site: Site, tmp_path: Path
) -> None:
    code, _, told = org_directory(site)
    assert (code, "has made no address book yet" in told) == (1, True)
    hub = await opened(site)
    try:
        first = site.organisations[0]
        facts = facts_of(org_directory(site, "--json")[1])
        assert (facts["before"], facts["parties"]) == (None, len(site.organisations))
        file = site.settings.parent / "pmodes" / f"{first.slug}.yaml"
        file.write_text(f"{file.read_text()}collectief: true\n")
        await hub.reloading.reload()
        await hub.running.renew()
        out = tmp_path / "book.xml"
        facts = facts_of(org_directory(site, "--json", "--out", str(out))[1])
        assert out.read_bytes() == issued(site).octets
        assert facts["changes"] == [
            {"party": first.party, "name": first.name, "sentence": "takes part in Collectief Schuldregelen"}
        ]
        code, told, _ = org_directory(site)
        assert code == 0
        assert f"{first.name} ({first.party}) takes part in Collectief Schuldregelen" in told
        assert str(facts["serial"]) in told
    finally:
        await hub.running.stop()


async def test_a_book_that_somebody_changed_on_the_disk_is_told(site: Site) -> None:
    hub = await opened(site)
    await hub.running.stop()
    path = site.settings.parent / "data" / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"<Collectief>false", b"<Collectief>true", 1))
    code, _, told = org_directory(site)
    assert (code, "not what was signed" in told) == (1, True)


async def test_the_public_list_is_there_where_settings_say_so_without_those_who_are_left_out(site: Site) -> None:
    written(site, f"{SECTION}public = true\n")
    hub = await opened(site)
    try:
        public = hub.running.public_list
        assert public is not None
        names = [each.name for each in site.organisations]
        assert [name in public.pages["/deelnemers"].octets.decode() for name in names] == [True, True]
        file = site.settings.parent / "pmodes" / f"{site.organisations[0].slug}.yaml"
        file.write_text(f"{file.read_text()}listed: false\n")
        assert await hub.reloading.reload() == ()
        await hub.running.renew()
        assert [name in public.pages["/deelnemers"].octets.decode() for name in names] == [False, True]
        site.settings.write_text(site.settings.read_text().replace("public = true\n", ""))
        assert await hub.reloading.reload() == ()
        await hub.running.renew()
        assert public.pages == {}
    finally:
        await hub.running.stop()


async def test_an_issue_of_a_clock_that_was_ahead_is_told_of_and_replaced_at_the_next_start(site: Site) -> None:
    settings = read_settings(site.settings)
    ground = ConfiguredSite(settings, load_catalogue()).address_book_ground
    ahead = StandingClock(datetime.now(UTC) + timedelta(days=40))
    await AddressBookKeeper(settings.data.directory, ground, ahead, LogLines()).look()
    poisoned = issued(site)
    (worry,) = book_worries(settings, datetime.now(UTC))
    assert f"serial {poisoned.book.issue.serial}, was issued at " in worry
    assert "still to come" in (await asyncio.to_thread(org_directory, site))[1]
    assert worry in (await standing_of(settings, datetime.now(UTC))).worries
    hub = await opened(site)
    try:
        assert issued(site).book.issue.before == (poisoned.book.issue.serial, poisoned.sha256)
        assert book_worries(settings, datetime.now(UTC)) == []
    finally:
        await hub.running.stop()


async def test_what_is_due_while_the_time_is_suspect_is_issued_once_the_operator_confirmed_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.wiring.running.PULSE_SECONDS", 0.01)
    (site.settings.parent / "data" / TIME_MARK).write_text("nothing that could be read")
    lines, is_issued = LogLines(), asyncio.Event()

    def log(event: str, /, **fields: object) -> None:
        lines(event, **fields)
        if event == "address_book_issued":
            is_issued.set()

    hub = await open_hub(read_settings(site.settings), log=log, on_failure=failed)
    hub.running.start_keeper()
    try:
        assert lines.of("address_book_not_made") == [{"detail": "the time is suspect"}]
        assert hub.running.hub.address_book() is None
        hub.running.hub.time.confirm()
        await asyncio.wait_for(is_issued.wait(), 5)
        assert hub.running.hub.address_book() == issued(site)
    finally:
        await hub.running.stop()
