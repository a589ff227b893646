"""Commands that change P-Mode files: two at once, one that is killed, an editor beside them, a full disk, root."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hubs.held_command import HELD, WAITS, Command
from support.hubs.processes import CREDITOR, new_site
from support.hubs.unprivileged import unprivileged
from support.keys.site_keys import copy_of
from support.longer import longer

from crypto.pki import Usage, certificates_pem, issue, new_authority
from gateway import whole_file
from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, pmode_changes
from pmodes.folder import read_folder
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC)
WATER = "00000099000009000000"
HUBS, FOLDERS = (12345, 12346), (12347, 12348)  # owners and groups that nobody here is
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs chown")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub, and beside it the certificates that somebody hands over."""
    site = new_site(tmp_path_factory.mktemp("at-once") / "site")
    authority = new_authority("Anybody", at=NOW - timedelta(days=1), days=400)
    usages: tuple[Usage, Usage] = ("signing", "encryption")
    for usage in usages:
        issued = issue(authority, common_name="Water", party_id=WATER, at=NOW - timedelta(hours=1), days=90,
                       usage=usage)  # fmt: skip
        (site.folder / f"{usage}.pem").write_bytes(certificates_pem(issued.certificate))
    return site


@pytest.fixture
def site(pristine: Site, tmp_path: Path) -> Site:
    return copy_of(pristine, tmp_path / "site")


def pmodes(site: Site) -> Path:
    return site.settings.parent / "pmodes"


def suspend(site: Site) -> list[object]:
    return ["org", "suspend", CREDITOR.slug, "--hub", site.settings]


def add_certificate(site: Site) -> list[object]:
    return ["cert", "add", CREDITOR.slug, site.folder / "encryption.pem", "--hub", site.settings]


def add(site: Site, name: str = "Water") -> list[object]:
    return [
        "org", "add", "--name", name, "--party", WATER, "--role", "schuldeiser", "--module", "Schuldregeling:2.0",
        "--signing", site.folder / "signing.pem", "--encryption", site.folder / "encryption.pem",
        "--hub", site.settings,
    ]  # fmt: skip


def promote(site: Site) -> list[object]:
    return ["org", "promote", CREDITOR.slug, "--to", site.folder / "production", "--hub", site.settings]


def knooppunt(words: list[object]) -> Result:
    return CliRunner().invoke(main, [str(each) for each in words], catch_exceptions=False)


def files(folder: Path) -> dict[str, bytes]:
    """Everything in the folder and below it, also what a listing passes over."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


COMMANDS = {"suspend": suspend, "cert add": add_certificate, "org add": add}


@pytest.mark.parametrize(("one", "other"), [("suspend", "cert add"), *longer(("cert add", "suspend"))])
def test_what_two_commands_write_into_one_file_at_once_is_both_there(site: Site, one: str, other: str) -> None:
    with Command(COMMANDS[one](site), at_flush=1) as first:
        assert first.said() == HELD
        with Command(COMMANDS[other](site)) as second:
            waited = second.said()
            assert first.end()[0] == 0
            assert (second.end()[0], waited) == (0, WAITS)
    text = (pmodes(site) / f"{CREDITOR.slug}.yaml").read_text()
    assert ("suspended: true" in text, "creditor-encryption-2.pem" in text) == (True, True)
    read_folder(pmodes(site), catalogue=load_catalogue())


def test_of_two_organisations_that_get_one_party_id_at_once_the_second_is_refused(site: Site) -> None:
    with Command(add(site), at_flush=1) as first:
        assert first.said() == HELD
        with Command(add(site, "Water Two")) as second:
            waited = second.said()
            assert first.end()[0] == 0
            code, said = second.end()
    assert (code, waited, "water.yaml" in said) == (1, WAITS, True), said
    found = read_folder(pmodes(site), catalogue=load_catalogue())
    assert [each.file for each in found.organisations if each.party_id == WATER] == ["water.yaml"]


@pytest.mark.parametrize("at_flush", [3, 6], ids=["with one certificate named", "with its file named"])
def test_a_command_that_was_killed_is_given_again_and_leaves_nothing_behind(site: Site, at_flush: int) -> None:
    with Command(add(site), at_flush=at_flush) as killed:
        assert killed.said() == HELD
        killed.kill()
    left = files(pmodes(site))
    assert "certificates/water-signing.pem" in left
    again = knooppunt(add(site))
    assert again.exit_code == 0, again.stderr
    known = {"water.yaml", "certificates/water-signing.pem", "certificates/water-encryption.pem"}
    after = files(pmodes(site))
    assert known <= after.keys()
    assert [each for each in after if ".new-" in each] == []


def test_another_certificate_under_the_name_is_nobodys_leftover(site: Site) -> None:
    place = pmodes(site) / "certificates" / "water-signing.pem"
    place.write_bytes((site.folder / "encryption.pem").read_bytes())
    before = files(pmodes(site))
    ended = knooppunt(add(site))
    assert (ended.exit_code, f"{place} is there already" in ended.stderr) == (1, True)
    assert files(pmodes(site)) == before


@pytest.mark.parametrize("name", COMMANDS)
def test_who_waits_too_long_for_another_command_is_told_so_and_a_hub_reads_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(pmode_changes, "WAIT_SECONDS", 0.0)
    hub = ConfiguredSite(read_settings(site.settings), load_catalogue(), settings_file=site.settings)
    before = files(pmodes(site))
    with pmode_changes.alone_in(pmodes(site)):
        ended = knooppunt(COMMANDS[name](site))
        assert (ended.exit_code, "another command has been changing" in ended.stderr) == (1, True), ended.stderr
        hub.take_over(hub.read_again(NOW))
        assert knooppunt(["pmode", "check", "--hub", site.settings]).exit_code == 0
    assert files(pmodes(site)) == before
    assert knooppunt(COMMANDS[name](site)).exit_code == 0


def test_two_who_promote_into_one_folder_come_one_after_the_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pmode_changes, "WAIT_SECONDS", 0.0)
    to = site.folder / "production"
    to.mkdir()
    with pmode_changes.alone_in(to):
        assert knooppunt(promote(site)).exit_code == 1
        assert files(to) == {}
    assert knooppunt(promote(site)).exit_code == 0


@pytest.mark.parametrize("name", ["suspend", "cert add"])
def test_what_an_editor_saves_while_the_disk_is_slow_is_not_written_over(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file, fsync = pmodes(site) / f"{CREDITOR.slug}.yaml", os.fsync
    saved = file.read_bytes() + b"# saved meanwhile\n"
    before = files(pmodes(site))

    def slow(descriptor: int) -> None:
        file.write_bytes(saved)
        fsync(descriptor)

    monkeypatch.setattr(whole_file.os, "fsync", slow)
    ended = knooppunt(COMMANDS[name](site))
    assert (ended.exit_code, "meanwhile; nothing was written" in ended.stderr) == (1, True), ended.stderr
    assert files(pmodes(site)) == {**before, file.name: saved}


def test_a_file_that_an_editor_makes_meanwhile_stays(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, before = os.fsync, files(pmodes(site))

    def slow(descriptor: int) -> None:
        (pmodes(site) / "water.yaml").write_bytes(b"# mine\n")
        fsync(descriptor)

    monkeypatch.setattr(whole_file.os, "fsync", slow)
    assert knooppunt(add(site)).exit_code == 1
    assert files(pmodes(site)) == {**before, "water.yaml": b"# mine\n"}


@pytest.mark.parametrize(("name", "file"), [
    ("suspend", "creditor.yaml"),
    ("cert add", "certificates/creditor-encryption-2.pem"),
    ("org add", "certificates/water-signing.pem"),
])  # fmt: skip
def test_a_full_disk_is_told_with_the_file_that_found_no_room(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, file: str
) -> None:
    before = files(pmodes(site))

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_file.os, "fsync", full)
    ended = knooppunt(COMMANDS[name](site))
    assert (ended.exit_code, f"{pmodes(site) / file}: No space left" in ended.stderr) == (74, True), ended.stderr
    assert files(pmodes(site)) == before


def test_where_the_folder_can_only_be_read_the_file_is_named_that_was_to_be_written(site: Site) -> None:
    pmodes(site).chmod(0o555)
    try:
        ended = unprivileged(*map(str, suspend(site)))
    finally:
        pmodes(site).chmod(0o755)
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (
        2,
        f"knooppunt: {pmodes(site) / 'creditor.yaml'}: Permission denied",
    )


def owned(folder: Path) -> Iterator[tuple[str, tuple[int, int], int]]:
    for each in sorted((folder, *folder.rglob("*"))):
        found = each.stat()
        yield str(each.relative_to(folder)), (found.st_uid, found.st_gid), found.st_mode & 0o777


@needs_root
@pytest.mark.parametrize("name", COMMANDS)
def test_what_root_writes_belongs_to_whom_the_file_or_else_the_folder_belongs(site: Site, name: str) -> None:
    for each in (pmodes(site), *pmodes(site).rglob("*")):
        os.chown(each, *(FOLDERS if each.is_dir() else HUBS))
    (pmodes(site) / "creditor.yaml").chmod(0o600)
    before = {(path, mode) for path, _, mode in owned(pmodes(site))}
    assert knooppunt(COMMANDS[name](site)).exit_code == 0
    after = list(owned(pmodes(site)))
    assert before <= {(path, mode) for path, _, mode in after}
    known = {path for path, _ in before}
    assert {whose for path, whose, _ in after if path in known} == {FOLDERS, HUBS}
    assert {path: whose for path, whose, _ in after if path == "creditor.yaml"} == {"creditor.yaml": HUBS}
    new = {whose for path, whose, _ in after if path not in known}
    assert new == (set() if name == "suspend" else {FOLDERS})


@needs_root
def test_also_the_folder_that_root_makes_for_certificates_is_that_of_the_hub(site: Site) -> None:
    to = site.folder / "production"
    to.mkdir()
    os.chown(to, *FOLDERS)
    words = [*promote(site), "--encryption", site.folder / "encryption.pem"]
    assert knooppunt(words).exit_code == 0
    assert {path: whose for path, whose, _ in owned(to)}["certificates"] == FOLDERS
    assert {whose for _, whose, _ in owned(to)} == {FOLDERS}
