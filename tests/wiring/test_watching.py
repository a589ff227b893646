"""A hub whose settings want its files watched: what makes it reload, when it waits, and what is never read half."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.hubs.hub import LogLines
from support.keys.site_keys import made, renew

from crypto.certificates import Certificate
from crypto.pki import certificates_pem, private_key_pem
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable
from gateway.wiring.watched_files import look_at
from gateway.wiring.watching import Watching
from pmodes.folder_look import LEFTOVERS
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=500)


class Watched:
    """A site that is watched without a hub around it; looks are taken one by one."""

    def __init__(self, site: Site) -> None:
        text = site.settings.read_text()
        site.settings.write_text(text.replace("[pmodes]\n", "[pmodes]\nwatch = true\n"))
        self.files = site
        self.folder = site.settings.parent / "pmodes"
        self.site = ConfiguredSite(read_settings(site.settings), load_catalogue(), settings_file=site.settings)
        self.outcomes: list[tuple[str, ...]] = []
        self.log = LogLines()
        first = self.site.as_read
        assert first is not None
        self._watching = Watching(lambda: self.site.as_read or first, self.reload, self.log)

    async def reload(self) -> None:
        """What a hub does, with its complaints kept."""
        try:
            self.site.take_over(self.site.read_again(NOW))
        except NotStartable as refused:
            self.outcomes.append(refused.complaints)
        else:
            self.outcomes.append(())

    async def looks(self, number: int) -> list[tuple[str, ...]]:
        """The complaints of each reload after so many looks more; none where it was taken over."""
        before = len(self.outcomes)
        for _ in range(number):
            await self._watching.look()
        return self.outcomes[before:]

    @property
    def signing(self) -> Certificate:
        """What an exchange that begins now signs with."""
        (key,) = self.site.in_force.keys.signing
        return key.certificate


@pytest.fixture
def watched(site: Site) -> Watched:
    return Watched(site)


def edited(watched: Watched) -> None:
    place = watched.folder / "creditor.yaml"
    place.write_text(place.read_text().replace("name: Creditor", "name: Debtor's creditor"))


def edited_with_its_time_set_back(watched: Watched) -> None:
    place = watched.folder / "creditor.yaml"
    was = place.stat()
    place.write_text(place.read_text().replace("name: Creditor", "name: Cretidor"))
    os.utime(place, ns=(was.st_atime_ns, was.st_mtime_ns))


def renamed_into_place(watched: Watched) -> None:
    place = watched.folder / "creditor.yaml"
    (watched.folder / ".new").write_text(place.read_text())
    (watched.folder / ".new").replace(place)


def taken_out(watched: Watched) -> None:
    (watched.folder / "creditor.yaml").unlink()


def certificate_renewed(watched: Watched) -> None:
    place = watched.folder / "certificates" / "creditor-signing.pem"
    place.write_bytes(certificates_pem(made("signing", begins_at=NOW - timedelta(days=1), ends_at=LATER).certificate))


def made_a_link(watched: Watched) -> None:
    place = watched.folder / "creditor.yaml"
    place.rename(watched.folder / ".kept")
    place.symlink_to(".kept")


def keys_renewed(watched: Watched) -> None:
    renew(watched.files, "signing", begins_at=NOW - timedelta(days=1), ends_at=LATER)


def tls_renewed(watched: Watched) -> None:
    renew(watched.files, "tls-server", begins_at=NOW - timedelta(days=1), ends_at=LATER)


def settings_changed(watched: Watched) -> None:
    place = watched.files.settings
    place.write_text(place.read_text() + '\n[log]\nlevel = "warning"\n')


@pytest.mark.parametrize(
    "change",
    [
        edited, edited_with_its_time_set_back, renamed_into_place, taken_out, certificate_renewed, made_a_link,
        keys_renewed, tls_renewed, settings_changed,
    ],
)  # fmt: skip
async def test_a_change_is_one_reload_once_two_looks_saw_the_same(
    watched: Watched, change: Callable[[Watched], None]
) -> None:
    assert await watched.looks(3) == []
    change(watched)
    assert await watched.looks(1) == [], "somebody may be writing"
    assert await watched.looks(1) == [()]
    assert await watched.looks(3) == []


async def test_keys_and_p_modes_that_were_written_together_are_in_force_together(watched: Watched) -> None:
    before = watched.signing
    for usage in ("signing", "encryption"):
        renew(watched.files, usage, begins_at=NOW - timedelta(days=1), ends_at=LATER)
    edited(watched)
    assert await watched.looks(5) == [()]
    assert watched.signing != before
    assert watched.signing in watched.site.configuration.hub.signing_certificates


async def test_nothing_is_read_as_long_as_somebody_writes(watched: Watched) -> None:
    place = watched.folder / "creditor.yaml"
    whole = place.read_text()
    for cut in range(1, 60, 20):
        place.write_text(whole[:cut])
        assert await watched.looks(1) == []
    place.write_text(whole.replace("name: Creditor", "name: Another"))
    assert await watched.looks(3) == [()]
    assert "Another" in {each.name for each in watched.site.configuration.organisations}


async def test_a_broken_file_is_told_once_and_the_mended_one_is_taken_over(watched: Watched) -> None:
    place, before = watched.folder / "creditor.yaml", watched.site.in_force
    whole = place.read_text()
    place.write_text(whole + "mailbok: {}\n")
    ((said,),) = await watched.looks(5)
    assert "creditor.yaml" in said
    assert watched.site.in_force is before
    place.write_text(whole)
    assert await watched.looks(5) == [()]


async def test_what_is_written_while_it_is_read_is_refused_and_read_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The half of a change may be whole files: an organisation's certificate is new, and its own file is not yet."""
    before = watched.site.in_force
    monkeypatch.setattr("gateway.wiring.from_settings.apart", lambda *_: edited(watched) or ())
    certificate_renewed(watched)
    ((said,),) = await watched.looks(2)
    assert "changed while they were read" in said
    assert watched.site.in_force is before
    monkeypatch.undo()
    assert await watched.looks(5) == [()]


async def test_a_key_that_the_settings_name_anew_is_watched_from_then_on(watched: Watched) -> None:
    settings, hub = watched.files.settings, watched.files.settings.parent
    key, certificate = hub / "keys" / "next.key", watched.folder / "next.pem"

    def lay() -> Certificate:
        issued = made("signing", begins_at=NOW - timedelta(days=1), ends_at=LATER)
        key.write_bytes(private_key_pem(issued.private_key))
        key.chmod(0o600)
        certificate.write_bytes(certificates_pem(issued.certificate))
        return issued.certificate

    place = watched.folder / "hub.yaml"
    place.write_text(place.read_text().replace("  signing:\n", "  signing:\n  - next.pem\n"))
    text = settings.read_text().replace('key = "keys/signing.key"', 'key = "keys/next.key"')
    settings.write_text(text.replace("pmodes/certificates/hub-signing.pem", "pmodes/next.pem"))
    first = lay()
    assert await watched.looks(5) == [()]
    assert watched.signing == first
    second = lay()
    assert await watched.looks(5) == [()]
    assert watched.signing == second


async def test_settings_with_a_fault_are_told_once(watched: Watched) -> None:
    settings = watched.files.settings
    settings.write_text(settings.read_text().replace("[[keys.signing]]", "[[keys.sining]]"))
    (complaints,) = await watched.looks(6)
    assert any("sining" in each for each in complaints)


async def test_a_reload_for_another_reason_is_not_done_again(watched: Watched) -> None:
    edited(watched)
    await watched.reload()
    assert await watched.looks(4) == []


@pytest.mark.parametrize(
    "name", [*(f"creditor.yaml{each}" for each in LEFTOVERS), ".creditor.yaml.swp", "#x#", ".git/x"]
)
async def test_what_an_editor_leaves_behind_is_no_change(watched: Watched, name: str) -> None:
    (watched.folder / name).parent.mkdir(exist_ok=True)
    (watched.folder / name).write_text("half")
    assert await watched.looks(4) == []


async def test_without_the_setting_nothing_is_looked_at(site: Site) -> None:
    assert ConfiguredSite(read_settings(site.settings), load_catalogue()).as_read is None


async def test_whatever_comes_of_one_look_the_next_follows(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched.site.as_read
    assert seen is not None
    log, told = LogLines(), asyncio.Event()

    async def reload() -> None:
        told.set()
        raise ValueError("a value")

    monkeypatch.setattr("gateway.wiring.watching.LOOK_SECONDS", 0.0)
    edited(watched)
    watching = asyncio.create_task(Watching(lambda: seen, reload, log).watch())
    async with asyncio.timeout(20):
        for _ in range(2):
            await told.wait()
            told.clear()
    watching.cancel()
    assert {(each["job"], each["kind"]) for each in log.of("job_failed")} == {("watch", "ValueError")}
    assert "a value" not in str(log.lines)


def test_a_folder_that_is_gone_and_links_into_nothing_are_looked_at_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.yaml").symlink_to("nowhere")
    seen = look_at(tmp_path / "folder", [tmp_path / "none.key"])
    assert seen.again() == seen
    (tmp_path / "folder" / "a.yaml").unlink()
    assert seen.again() != seen
    assert look_at(tmp_path / "gone", []).again() == look_at(tmp_path / "gone", [])
