"""The folder of P-Modes: what is read, what is passed over, and what is complained of."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.configuration.pmode_files import COUNSELLOR, COUNSELLOR_YAML, HUB_YAML, catalogue, certificate
from support.keys.pki import NOW

from crypto.pki import certificates_pem, private_key_pem, self_issued
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS
from gateway.written.complaints import ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.folder import read_folder
from pmodes.folder_look import LEFTOVERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound folder: a hub, one organisation, their certificates."""
    found = tmp_path / "pmodes"
    (found / "certificates").mkdir(parents=True)
    for name, text in (("hub.yaml", HUB_YAML), ("counsellor.yaml", COUNSELLOR_YAML)):
        (found / name).write_text(text, "utf-8")
        for use in ("signing", "encryption"):
            path = f"certificates/{name.removesuffix('.yaml')}-{use}.pem"
            (found / path).write_bytes(certificate(path).public_bytes(Encoding.PEM))
    return found


def read(folder: Path) -> Configuration:
    return read_folder(folder, catalogue=catalogue())


def complaints(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationFault) as caught:
        read(folder)
    return [str(each) for each in caught.value.complaints]


def test_a_folder_is_read_with_its_certificates(folder: Path) -> None:
    found = read(folder)
    assert [each.party_id for each in found.organisations] == [COUNSELLOR]
    assert found.organisations[0].signing_certificates == (certificate("certificates/counsellor-signing.pem"),)


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt", "README.md", ".hidden.yaml", ".counsellor.yaml.swp", ".#counsellor.yaml", "#counsellor.yaml#",
        "..data/counsellor.yaml", ".git/energie.yml", "x.yaml.rej/deeper.yaml",
        *(f"counsellor.yaml{each}" for each in LEFTOVERS),
    ],
)  # fmt: skip
def test_other_files_hidden_ones_and_what_editors_leave_are_passed_over(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("this: is\n no: configuration", "utf-8")
    assert len(read(folder).organisations) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("energie.yml", "call it energie.yaml"),
        ("energie.YAML", "call it energie.yaml"),
        ("energie.Yml", "call it energie.yaml"),
        ("energie.yaml.txt", "call it energie.yaml"),
        ("energie.yaml.disabled", "take it out of the folder"),
        ("energie.yaml ", "call it energie.yaml"),
        ("energie.yaml\t", "call it energie.yaml"),
        ("energie.yaml\n", "call it energie.yaml"),
        ("energie .YML ", "call it energie.yaml"),
        ("energie. yaml", "call it energie.yaml"),
        ("energie.yaml-1", "call it energie.yaml"),
        ("energie.yaml (copy)", "call it energie.yaml"),
        ("energie.yaml_off", "call it energie.yaml"),
        ("energie.yaml2", "call it energie.yaml"),
        ("hub.yml", "call it hub.yaml"),
        ("north/energie.yaml", "put it into the folder itself"),
        ("north/east/energie.yml", "put it into the folder itself"),
    ],
)
def test_what_was_meant_to_be_read_and_is_not_is_complained_of(folder: Path, name: str, said: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(COUNSELLOR_YAML, "utf-8")
    (complaint,) = complaints(folder)
    shown = name if name.strip() == name else repr(name)  # a blank at the end is to be seen
    assert complaint.startswith(f"{shown}:1: is not read ")
    assert said in complaint


def test_a_hub_file_under_another_name_is_told_beside_the_one_that_is_missing(folder: Path) -> None:
    (folder / "hub.yaml").rename(folder / "hub.yml")
    found = complaints(folder)
    assert found == [
        "hub.yaml:1: the file is missing; write it",
        "hub.yml:1: is not read under this name; call it hub.yaml, or take it out of the folder",
    ]


@pytest.mark.parametrize("file", ["hub.yaml", "counsellor.yaml"])
def test_a_name_of_blanks_alone_is_none(folder: Path, file: str) -> None:
    text = (folder / file).read_text()
    (folder / file).write_text(re.sub("^name: .*$", 'name: "  "', text, count=1, flags=re.MULTILINE))
    (complaint,) = complaints(folder)
    assert complaint.startswith(f"{file}:")
    assert "says nothing: it has blanks alone" in complaint


@pytest.mark.parametrize(("is_file", "what"), [(False, "is not there"), (True, "is no folder")])
def test_a_folder_that_is_none_is_said_so_with_its_name(tmp_path: Path, is_file: bool, what: str) -> None:
    folder = tmp_path / "pmods"
    if is_file:
        folder.touch()
    assert complaints(folder) == [
        f"hub.yaml:1: pmodes.folder in the settings names {folder}, which {what}; name the folder that hub.yaml lies in"
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "it is a pipe"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "lies outside"),
        (lambda path: path.symlink_to("/etc/hostname"), "lies outside"),
        (lambda path: path.symlink_to("gone.yaml"), "there is no such file"),
        (lambda path: path.write_bytes(b"#" * (TEXT_OCTETS + 1)), "longer than 1048576 octets"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "the file is UTF-16 text; save it as UTF-8"),
    ],
    ids=["pipe", "folder", "device", "link out", "dangling link", "long", "no text"],
)
@pytest.mark.parametrize("name", ["hub.yaml", "energie.yaml"])
def test_a_file_of_the_folder_is_a_plain_text_inside_it(
    folder: Path, name: str, make: Callable[[Path], None], said: str
) -> None:
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    (complaint,) = complaints(folder)
    assert complaint.startswith(f"{name}:1: the file ")
    assert said in complaint


def with_its_key() -> bytes:
    """A certificate that somebody handed over with what should have stayed with its owner."""
    made = self_issued(common_name="Een", party_id="00000003123456780000", at=NOW, days=30, usage="signing")
    return certificates_pem(made.certificate) + private_key_pem(made.private_key)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "it is a pipe"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "lies outside"),
        (lambda path: path.symlink_to("../../outside.pem"), "lies outside"),
        (lambda path: None, "there is no such file"),
        (lambda path: path.write_bytes(bytes(KEY_OCTETS + 1)), "longer than"),
        (lambda path: path.write_bytes(b"not one"), "no certificate can be read"),
        (lambda path: path.write_bytes(with_its_key()), "it holds a private key; its owner makes a new one"),
    ],
    ids=["pipe", "folder", "device", "link out", "nothing", "long", "nonsense", "with a key"],
)
@pytest.mark.parametrize("whose", ["hub", "counsellor"])
def test_a_certificate_that_is_named_is_a_plain_file_below_the_folder(
    folder: Path, whose: str, make: Callable[[Path], None], said: str
) -> None:
    place = folder / "certificates" / f"{whose}-signing.pem"
    place.rename(folder.parent / "outside.pem")
    make(place)
    (complaint,) = complaints(folder)
    assert complaint.startswith(f"{whose}.yaml:")
    assert f"certificates.signing[0]: certificates/{whose}-signing.pem: " in complaint
    assert said in complaint


@pytest.mark.parametrize("name", ["../outside.pem", "/etc/hostname", "certificates/../../outside.pem"])
def test_no_name_of_a_certificate_leads_out_of_the_folder(folder: Path, name: str) -> None:
    (folder / "certificates" / "counsellor-signing.pem").rename(folder.parent / "outside.pem")
    text = COUNSELLOR_YAML.replace("certificates/counsellor-signing.pem", name)
    (folder / "counsellor.yaml").write_text(text, "utf-8")
    (complaint,) = complaints(folder)
    assert "put the file itself into that folder" in complaint


def test_links_inside_the_folder_are_followed(folder: Path) -> None:
    (folder / "..2026").mkdir()
    (folder / "counsellor.yaml").rename(folder / "..2026" / "counsellor.yaml")
    (folder / "counsellor.yaml").symlink_to("..2026/counsellor.yaml")
    assert len(read(folder).organisations) == 1


def test_a_mark_at_the_start_of_a_file_is_no_part_of_it(folder: Path) -> None:
    (folder / "counsellor.yaml").write_text(COUNSELLOR_YAML, "utf-8-sig")
    assert read(folder).organisations[0].name == "Gemeente Testdrecht"


def test_two_files_with_one_party_id_are_told_so_and_no_riddle_before_it(folder: Path) -> None:
    for use in ("signing", "encryption"):
        path = f"certificates/other-{use}.pem"
        (folder / path).write_bytes(certificate(path).public_bytes(Encoding.PEM))
    text = COUNSELLOR_YAML.replace("counsellor-", "other-").replace("acts_for", "#")
    (folder / "double.yaml").write_text(text, "utf-8")
    assert complaints(folder) == [
        f"double.yaml:2: party: this party id {COUNSELLOR} also stands in counsellor.yaml:2"
        "; a party is in one place: take it out of the other"
    ]
