"""A folder that is read again: only what changed is opened, and what comes of it is what a first reading says."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.configuration.pmode_files import COUNSELLOR, CREDITOR, FILES, UNIT, WARD, catalogue, certificate

import pmodes.folder
from crypto.certificates import thumbprint_sha256
from crypto.pki import certificates_pem, new_authority
from gateway.named_file import FilesBelow
from gateway.written.complaints import Complaint, ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.folder import FolderRead, read_folder, read_folder_again
from pmodes.folder_look import marks_below

OTHER = "00000099000000008000"
OTHER_YAML = (
    FILES["creditor.yaml"]
    .replace(CREDITOR, OTHER)
    .replace("certificates/creditor", "certificates/other")
    .replace("Incasso Proef", "Een ander")
)
MADE_ANEW = frozenset({"templates", "derived", "vouched"})  # kept as long as there is room


def put(place: Path, text: str | bytes) -> None:
    """Rename it into place: another file under the same name."""
    new = place.with_name(f".{place.name}.new")
    new.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    new.replace(place)


def put_certificates(folder: Path, text: str) -> None:
    """Whatever certificates a text names, where they are not there."""
    for word in text.replace("[", " ").replace("]", " ").replace(",", " ").split():
        if word.endswith(".pem") and not (folder / word).exists():
            put(folder / word, certificate(word).public_bytes(Encoding.PEM))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub, two organisations and a unit in a file of its own."""
    found = tmp_path / "pmodes"
    (found / "certificates").mkdir(parents=True)
    for name, text in FILES.items():
        put(found / name, text)
        put_certificates(found, text)
    put(
        found / "root.pem",
        certificates_pem(new_authority("Root", at=datetime(2026, 1, 1, tzinfo=UTC), days=900).certificate),
    )
    return found


def again(folder: Path, before: FolderRead | None) -> FolderRead:
    """Read it as long after it was written as makes every mark count."""
    return read_folder_again(folder, before, time.time_ns() + 10**11, catalogue=catalogue())


def same(one: Configuration, other: Configuration) -> bool:
    """Whether all that is looked up in them is the same."""
    return all(
        getattr(one, each.name) == getattr(other, each.name) for each in fields(one) if each.name not in MADE_ANEW
    ) and [each.lines for each in one.organisations] == [each.lines for each in other.organisations]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened from now on."""
    found: list[str] = []

    class Told(FilesBelow):
        def read(self, name: str, *, most_octets: int) -> bytes:
            found.append(name)
            return super().read(name, most_octets=most_octets)

    monkeypatch.setattr(pmodes.folder, "FilesBelow", Told)
    return found


def renamed(folder: Path, name: str = "creditor.yaml") -> None:
    put(folder / name, (folder / name).read_text().replace("name: ", "name: Nieuwe "))


def test_where_nothing_changed_nothing_is_opened_and_every_organisation_is_the_one_of_before(
    folder: Path, opened: list[str]
) -> None:
    before = again(folder, None)
    opened.clear()
    found = again(folder, before)
    assert opened == []
    kept = found.files.configuration.organisations
    assert all(one is other for one, other in zip(kept, before.files.configuration.organisations, strict=True))
    assert same(found.files.configuration, before.files.configuration)


def test_of_a_changed_file_that_file_and_its_certificates_are_opened(folder: Path, opened: list[str]) -> None:
    before = again(folder, None)
    opened.clear()
    renamed(folder, "counsellor.yaml")
    found = again(folder, before)
    pair = [f"certificates/counsellor-{use}.pem" for use in ("signing", "encryption")]
    assert opened == ["counsellor.yaml", *pair]
    assert same(found.files.configuration, read_folder(folder, catalogue=catalogue()))


def test_of_a_changed_certificate_the_file_that_names_it_is_read(folder: Path, opened: list[str]) -> None:
    before = again(folder, None)
    opened.clear()
    put(
        folder / "certificates" / "unit-signing.pem",
        certificate("certificates/another-signing.pem").public_bytes(Encoding.PEM),
    )
    found = again(folder, before)
    assert opened[0] == "unit.yaml"
    (unit,) = (each for each in found.files.configuration.organisations if each.party_id == UNIT)
    assert unit.signing_certificates == (certificate("certificates/another-signing.pem"),)


def test_a_changed_hub_file_has_everything_read(folder: Path, opened: list[str]) -> None:
    before = again(folder, None)
    opened.clear()
    put(folder / "hub.yaml", FILES["hub.yaml"] + "language: en\n")
    found = again(folder, before)
    assert set(FILES) <= set(opened)
    assert {each.language for each in found.files.configuration.organisations} == {"en"}


def test_a_file_that_was_written_close_before_it_was_read_is_read_again(folder: Path, opened: list[str]) -> None:
    """A second change so soon afterwards leaves its times as they are."""
    before = read_folder_again(folder, None, time.time_ns(), catalogue=catalogue())
    opened.clear()
    read_folder_again(folder, before, time.time_ns(), catalogue=catalogue())
    assert set(FILES) <= set(opened)


def test_a_certificate_by_another_name_of_its_path_is_read_each_time(folder: Path, opened: list[str]) -> None:
    put(folder / "unit.yaml", FILES["unit.yaml"].replace("certificates/unit-signing", "certificates//unit-signing"))
    before = again(folder, None)
    opened.clear()
    again(folder, before)
    assert opened[0] == "unit.yaml"


def test_a_file_that_became_a_link_to_the_same_octets_elsewhere_is_refused_as_at_a_start(folder: Path) -> None:
    before = again(folder, None)
    (folder / "certificates").rename(folder.parent / "certificates")
    (folder / "certificates").symlink_to("../certificates")
    with pytest.raises(ConfigurationFault) as first:
        again(folder, None)
    with pytest.raises(ConfigurationFault) as second:
        again(folder, before)
    assert [str(each) for each in second.value.complaints] == [str(each) for each in first.value.complaints]
    assert "lies outside" in str(first.value)


def changes(yaml: str, **of: tuple[str, str]) -> Callable[[Path], None]:
    """Put one text for another in a file; the next change of it begins with the file as it came."""

    def change(folder: Path) -> None:
        text = FILES.get(yaml, OTHER_YAML)
        for was, becomes in of.values():
            assert was in text
            text = text.replace(was, becomes)
        put_certificates(folder, text)
        put(folder / yaml, text)

    return change


COMPROMISED = thumbprint_sha256(certificate("certificates/unit-signing.pem")).hex()
OF_NOBODY = thumbprint_sha256(certificate("certificates/nobody-signing.pem")).hex()
EDITS: Mapping[str, Callable[[Path], None]] = {
    "renamed": changes("creditor.yaml", a=("Incasso Proef", "Nieuwe naam")),
    "as it came": changes("creditor.yaml"),
    "counsellor as it came": changes("counsellor.yaml"),
    "unit as it came": changes("unit.yaml"),
    "another comes": changes("other.yaml"),
    "another goes": lambda folder: (folder / "other.yaml").unlink(missing_ok=True),
    "unit goes": lambda folder: (folder / "unit.yaml").unlink(missing_ok=True),
    "the unit's organisation goes": lambda folder: (folder / "creditor.yaml").unlink(missing_ok=True),
    "lines move": changes("creditor.yaml", a=("name:", "# a note\nname:")),
    "other modules": changes("creditor.yaml", a=('["2.0"]', '["1.1", "2.0"]')),
    "a module without a part in it": changes("creditor.yaml", a=("[schuldeiser]", "[kredietbank]")),
    "typed wrong": changes("creditor.yaml", a=("mailbox:", "mailbok:")),
    "cut off": changes("unit.yaml", a=("certificates:", "certific")),
    "next certificate": changes("creditor.yaml", a=("creditor-encryption.pem", "creditor-encryption-b.pem")),
    "a certificate of another": changes("other.yaml", a=("other-encryption.pem", "creditor-encryption.pem")),
    "a certificate of the hub": changes("other.yaml", a=("other-encryption.pem", "hub-encryption.pem")),
    "the party of another": changes("other.yaml", a=(OTHER, COUNSELLOR)),
    "acts for another": changes("counsellor.yaml", a=(WARD, OTHER)),
    "acts for the creditor": changes("counsellor.yaml", a=(WARD, CREDITOR)),
    "another is the ward": changes("other.yaml", a=(OTHER, WARD)),
    "an agreement": changes("other.yaml", a=("language: en", "agreement: {value: 'urn:x:1'}")),
    "another MPC": changes("other.yaml", a=("language: en", "overrides: {'PMode[1].BusinessInfo.MPC': 'urn:x:mpc'}")),
    "the mailbox of another": changes(
        "other.yaml",
        a=(
            "language: en",
            f"overrides: {{receiving: {{'PMode[1].BusinessInfo.MPC': 'urn:knooppunt:mpc:{CREDITOR}'}}}}",
        ),
    ),
    "withdrawn": changes("other.yaml", a=("language: en", f'compromised: ["{COMPROMISED}"]')),
    "withdrawn in advance": changes("other.yaml", a=("language: en", f'compromised: ["{OF_NOBODY}"]')),
    "what was withdrawn comes": changes("unit.yaml", a=("unit-signing.pem", "nobody-signing.pem")),
    "lines of the unit move": changes("unit.yaml", a=("name:", "# a note\nname:")),
    "no suite": changes("other.yaml", a=("language: en", "suite: none")),
    "at a desk": changes("other.yaml", a=("language: en", "access: desk")),
    "suspended": changes("creditor.yaml", a=("language: en", "suspended: true")),
    "hub in English": changes("hub.yaml", a=("environment: test", "environment: test\nlanguage: en")),
    "hub in production": changes("hub.yaml", a=("environment: test", "environment: production")),
    "hub as it came": changes("hub.yaml"),
    "a root for all": changes("hub.yaml", a=("environment: test", "environment: test\ntrust: {roots: [root.pem]}")),
    "by roots": changes("creditor.yaml", a=("certificates:", "certificates:\n  trust: roots")),
    "a file in the wrong place": lambda folder: put(folder / "certificates" / "x.yaml", "name: x"),
    "nothing in the wrong place": lambda folder: (folder / "certificates" / "x.yaml").unlink(missing_ok=True),
}


def outcome(folder: Path, before: FolderRead | None) -> FolderRead | tuple[Complaint, ...]:
    """What was read, or every complaint."""
    try:
        return again(folder, before)
    except ConfigurationFault as fault:
        return fault.complaints


def read_both_ways(folder: Path, before: FolderRead) -> FolderRead:
    """Read as the first time and after that; the same must come of it. Answers what is in force then."""
    first, found = outcome(folder, None), outcome(folder, before)
    if isinstance(first, FolderRead) and isinstance(found, FolderRead):
        assert same(found.files.configuration, first.files.configuration)
        assert found.digest == first.digest
        return found
    assert found == first
    return before


@pytest.mark.parametrize("seed", range(12))
def test_whatever_changes_in_turn_it_is_read_as_the_first_time_with_the_same_complaints(
    folder: Path, seed: int
) -> None:
    chance = random.Random(seed)
    before = again(folder, None)
    for _ in range(12):
        if chance.random() < 0.6:  # else what is wrong is never mended
            for name in FILES:
                changes(name)(folder)
        for name in chance.sample(sorted(EDITS), chance.choice([1, 1, 2, 3])):
            EDITS[name](folder)
        before = read_both_ways(folder, before)


@pytest.mark.parametrize("name", EDITS)
def test_each_change_alone_is_read_as_the_first_time_with_the_same_complaints(folder: Path, name: str) -> None:
    EDITS["another comes"](folder)
    before = again(folder, None)
    EDITS[name](folder)
    read_both_ways(folder, before)


def test_a_unit_that_comes_is_held_against_the_organisation_for_which_a_root_vouches(folder: Path) -> None:
    for name in ("unit goes", "a root for all", "by roots"):
        EDITS[name](folder)
    before = again(folder, None)
    EDITS["unit as it came"](folder)
    assert read_both_ways(folder, before) is before


@pytest.mark.parametrize("name", ["creditor.yaml", "unit.yaml"])
def test_one_for_whom_a_root_comes_to_vouch_is_held_against_those_with_its_oin(folder: Path, name: str) -> None:
    EDITS["a root for all"](folder)
    before = again(folder, None)
    put(folder / name, FILES[name].replace("certificates:", "certificates:\n  trust: roots"))
    assert read_both_ways(folder, before) is before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("an agreement", "another comes"),
        ("an agreement", "another goes"),
        ("another MPC", "another comes"),
        ("another MPC", "another goes"),
        ("withdrawn in advance", "what was withdrawn comes"),
        ("what was withdrawn comes", "withdrawn in advance"),
        ("withdrawn in advance", "another goes"),
        ("unit goes", "unit as it came"),
        ("acts for another", "counsellor as it came"),
        ("at a desk", "another comes"),
        ("a root for all", "by roots"),  # of whom the unit has the OIN
        ("by roots", "a root for all"),
    ],
)
def test_one_change_after_another_is_read_as_the_first_time(folder: Path, first: str, second: str) -> None:
    EDITS["another comes"](folder)
    before = again(folder, None)
    for name in (first, second):
        EDITS[name](folder)
        before = read_both_ways(folder, before)


def test_a_folder_with_links_devices_and_closed_folders_is_looked_at_without_a_word(folder: Path) -> None:
    (folder / "a-link").symlink_to("nowhere")
    (folder / "north.yml").symlink_to("certificates")
    os.mkfifo(folder / "a-pipe")
    before = again(folder, None)
    assert same(again(folder, before).files.configuration, before.files.configuration)


def test_the_mark_of_a_file_that_stayed_is_the_one_of_before(folder: Path) -> None:
    """So that of thousands none has to be kept twice, nor compared."""
    before = marks_below(folder)
    renamed(folder)
    found = marks_below(folder, before)
    assert found == marks_below(folder)
    assert {name for name, mark in found.items() if mark is not before[name]} == {"creditor.yaml"}
