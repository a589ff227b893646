"""A hub and a participant whose keys lie in PKCS #12 files work as those with PEM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from support.hubs.processes import new_site, running_site

from crypto.certificates import load_certificates
from gateway.client.outbox import OutboxState
from gateway.client.participant_file import FILE_NAME, ParticipantFault, load_participant
from gateway.client.taking import Outcome
from gateway.passwords import Passwords
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import NotStartable
from gateway.wiring.own_keys import read_own_keys

SECRET = "correct horse"


def as_pkcs12(key: Path, certificate: Path) -> None:
    """Put the key into a PKCS #12 file under the same name, with its password beside it."""
    private: Any = load_pem_private_key(key.read_bytes(), None)
    (public,) = load_certificates(certificate.read_bytes())
    encryption = BestAvailableEncryption(SECRET.encode())
    key.write_bytes(serialize_key_and_certificates(b"key", private, public, None, encryption))
    (key.parent / "password").write_text(f"{SECRET}\n")
    (key.parent / "password").chmod(0o600)


def hub_in_pkcs12(site: Site) -> None:
    hub = site.settings.parent
    public = hub / "pmodes" / "certificates"
    for use, certificate in (
        ("signing", public / "hub-signing.pem"),
        ("encryption", public / "hub-encryption.pem"),
        ("tls-server", hub / "keys" / "tls-server.pem"),
    ):
        as_pkcs12(hub / "keys" / f"{use}.key", certificate)
    text = site.settings.read_text()
    for use in ("signing", "decryption"):
        text = text.replace(f"[[keys.{use}]]\n", f'[[keys.{use}]]\npassword_file = "keys/password"\n')
    site.settings.write_text(text.replace("[listen]\n", '[listen]\ntls_key_password_file = "keys/password"\n'))


def participant_in_pkcs12(folder: Path) -> None:
    for use in ("signing", "encryption"):
        as_pkcs12(folder / f"{use}.key", folder / f"{use}.pem")
    content = yaml.safe_load((folder / FILE_NAME).read_text())
    content["signing"]["password_file"] = "password"
    content["decryption"][0]["password_file"] = "password"
    (folder / FILE_NAME).write_text(yaml.safe_dump(content))


async def test_with_keys_in_pkcs12_files_on_every_side_a_message_goes_its_whole_way(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    hub_in_pkcs12(site)
    for each in site.organisations:
        participant_in_pkcs12(each.folder)
    async with (
        running_site(site) as running,
        running.desk("counsellor", tmp_path) as sender,
        running.desk("creditor", tmp_path) as receiver,
    ):
        await running.start()
        assert (await sender.push(running.party("creditor"))).state is OutboxState.ACKNOWLEDGED
        assert (await receiver.pull()).outcome is Outcome.STORED


def refusal(site: Site) -> str:
    with pytest.raises(NotStartable) as refused:
        read_own_keys(read_settings(site.settings), Passwords())
    return "\n".join(refused.value.complaints)


def test_what_is_wrong_with_a_file_is_told_with_what_to_do(site: Site) -> None:
    hub_in_pkcs12(site)
    read_own_keys(read_settings(site.settings), Passwords())
    text = site.settings.read_text()
    site.settings.write_text(text.replace('[[keys.signing]]\npassword_file = "keys/password"\n', "[[keys.signing]]\n"))
    assert "has a password, and none was given; say where it is with keys.signing[0].password_file" in refusal(site)
    site.settings.write_text(text)
    (site.settings.parent / "keys" / "password").write_text("another\n")
    assert refusal(site).count("the PKCS #12 file cannot be read, or its password is wrong") == 3
    (site.settings.parent / "keys" / "password").write_text(f"{SECRET}\n")
    place = site.settings.parent / "pmodes" / "certificates" / "hub-signing.pem"
    place.write_bytes((site.settings.parent / "keys" / "signing.key").read_bytes())
    assert "write it out with: openssl pkcs12 -in FILE -clcerts -nokeys" in refusal(site)


def test_a_participants_is_told_as_well(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    folder = site.organisation("creditor").folder
    participant_in_pkcs12(folder)
    load_participant(folder)
    (folder / "password").write_text("another\n")
    with pytest.raises(ParticipantFault, match="the PKCS #12 file cannot be read, or its password is wrong"):
        load_participant(folder)
    content = yaml.safe_load((folder / FILE_NAME).read_text())
    content["signing"]["certificate"] = "signing.key"
    (folder / FILE_NAME).write_text(yaml.safe_dump(content))
    with pytest.raises(ParticipantFault, match="write it out with: openssl pkcs12"):
        load_participant(folder)
