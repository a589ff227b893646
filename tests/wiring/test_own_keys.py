"""The hub's own keys: read once, told all at once, tried against their certificates and against the time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from support.configuration.pmode_files import configuration
from support.hubs.hub import LogLines
from support.hubs.unprivileged import unprivileged
from support.keys.pki import NOW as PKI_NOW
from support.keys.pki import identity
from support.keys.site_keys import curve, made, places, renew

from crypto.certificates import load_certificates
from crypto.pki import Issued, Usage, certificates_pem, new_authority, private_key_pem
from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable, open_hub
from gateway.wiring.certificates import ending_of
from gateway.wiring.own_certificates import OwnCertificate, untimely
from pmodes.validity import Use, longest_term
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)
KEYS: dict[Usage, str] = {
    "signing": "keys.signing[0].key",
    "encryption": "keys.decryption[0].key",
    "tls-server": "listen.tls_key",
}
CERTIFICATES: dict[Usage, str] = {
    "signing": "keys.signing[0].certificate",
    "encryption": "keys.decryption[0].certificate",
    "tls-server": "listen.tls_certificate",
}


def failed(fault: BaseException) -> None:
    raise AssertionError(fault)


async def complaints(site: Site) -> list[str]:
    """Why the hub does not start."""
    with pytest.raises(NotStartable) as refused:
        await open_hub(read_settings(site.settings), log=LogLines(), on_failure=failed)
    return list(refused.value.complaints)


async def warnings(site: Site) -> list[str]:
    """What a hub that starts warns of."""
    opened = await open_hub(read_settings(site.settings), log=LogLines(), on_failure=failed)
    await opened.running.stop()
    return [str(each) for each in opened.site.concerns(NOW)]


@pytest.mark.parametrize("usage", KEYS)
async def test_a_key_that_is_not_that_of_its_certificate_is_refused_with_both_files(site: Site, usage: Usage) -> None:
    key, certificate = places(site, usage)
    key.write_bytes(private_key_pem(made(usage, begins_at=NOW, ends_at=NOW + timedelta(days=9)).private_key))
    (said,) = await complaints(site)
    assert said.startswith(f"{KEYS[usage]}: the key {key} does not belong to the certificate {certificate}")


async def test_a_key_that_is_named_twice_is_complained_of(site: Site) -> None:
    text = site.settings.read_text()
    begins = text.index("[[keys.decryption]]")
    section = text[begins:].partition("\n\n")[0].partition("\n[")[0]
    site.settings.write_text(text[:begins] + section + "\n" + text[begins:])
    assert await complaints(site) == [
        "keys.decryption[1]: its certificate is that of keys.decryption[0]; leave one out, or name another"
    ]


@pytest.mark.parametrize("usage", ["signing", "encryption"])
async def test_a_key_of_a_kind_that_no_suite_works_with_is_refused_with_the_kind_to_give(
    site: Site, usage: Usage
) -> None:
    private, issued = curve()
    key, certificate = places(site, usage)
    key.write_bytes(private)
    certificate.write_bytes(issued)
    said = [each for each in await complaints(site) if each.startswith(f"{CERTIFICATES[usage]}: {certificate}: ")]
    assert [each.endswith("give one of: RSA") for each in said] == [True]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.unlink, "there is no such file; correct the name, or put the file there"),
        (lambda path: path.write_bytes(b"no key"), "can"),
        (lambda path: path.write_bytes(bytes(100_000)), "longer than"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "it is a pipe"),
        (lambda path: (path.unlink(), path.mkdir()), "it is a folder"),
        (lambda path: (path.unlink(), path.symlink_to("/dev/zero")), "it is a device"),
    ],
    ids=["missing", "nonsense", "long", "pipe", "folder", "device"],
)
async def test_every_file_that_cannot_be_used_is_told_at_once_by_the_key_of_the_settings(
    site: Site, make: Callable[[Path], object], said: str
) -> None:
    expected = []
    for usage in KEYS:
        key, certificate = places(site, usage)
        make(key)
        expected.append(f"{KEYS[usage]}: {key}: ")
        if usage == "tls-server":  # the other two are those of the P-Modes, too
            make(certificate)
            expected.append(f"{CERTIFICATES[usage]}: {certificate}: ")
    found = await complaints(site)
    assert sorted(found) == sorted(each for each in found if each.startswith(tuple(expected)) and said in each)
    assert len(found) == len(expected)


@pytest.mark.parametrize("usage", KEYS)
async def test_a_key_that_others_can_read_is_refused_with_what_to_do(site: Site, usage: Usage) -> None:
    key, _ = places(site, usage)
    key.chmod(0o644)
    assert await complaints(site) == [
        f"{KEYS[usage]}: {key}: others can read or change it; run: chmod 600 {key}"
    ]  # OP-04


@pytest.mark.parametrize("usage", KEYS)
@pytest.mark.parametrize("mode", [0o600, 0o644])
async def test_a_certificate_named_as_key_is_called_one_whoever_can_read_it(
    site: Site, usage: Usage, mode: int
) -> None:
    key, certificate = places(site, usage)
    key.write_bytes(certificate.read_bytes())
    key.chmod(mode)
    assert await complaints(site) == [
        f"{KEYS[usage]}: {key}: it holds a certificate and no private key; name the file with its private key"
    ]


@pytest.mark.parametrize("usage", KEYS)
async def test_a_key_named_as_certificate_is_called_one(site: Site, usage: Usage) -> None:
    key, certificate = places(site, usage)
    certificate.write_bytes(key.read_bytes())
    said = f"{CERTIFICATES[usage]}: {certificate}: it holds a private key and no certificate; name a certificate in"
    assert [each for each in await complaints(site) if said in each]


def test_a_certificate_that_may_not_be_read_or_reached_is_no_wrong_name(site: Site) -> None:
    _, certificate = places(site, "signing")
    permission = "Permission denied; have it and its folder given to you, or run this as their owner"
    for closed in (certificate, certificate.parent):
        mode = closed.stat().st_mode
        closed.chmod(0)
        checked = unprivileged("pmode", "check", "--hub", str(site.settings))
        closed.chmod(mode)
        assert permission in checked.stderr
        assert (checked.returncode, "correct the name" in checked.stderr) == (1, False)


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [(-20, -1, "the certificate has ended, on"), (1, 20, "the certificate is not valid before")],
    ids=["ended", "not begun"],
)
@pytest.mark.parametrize("usage", KEYS)
async def test_a_hub_does_not_start_with_a_certificate_of_its_own_that_is_not_valid_now(
    site: Site, usage: Usage, begins: int, ends: int, said: str
) -> None:
    renew(site, usage, begins_at=NOW + timedelta(days=begins), ends_at=NOW + timedelta(days=ends))
    (complaint,) = await complaints(site)  # CE-12
    assert complaint.startswith(f"{CERTIFICATES[usage]}: {said}")
    checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert (checked.exit_code, complaint in checked.stderr) == (1, True)


def test_certificates_for_decryption_take_turns_and_keep_no_hub_from_starting_while_one_is_valid() -> None:
    """What waits under an older one is opened by nobody any more, and what comes now by the other (CE-12)."""
    ended, valid = identity("creditor", "expired").encryption, identity("creditor").encryption
    at = PKI_NOW

    def told(*pairs: tuple[str, Use, Issued]) -> list[str]:
        own = [OwnCertificate(key=key, use=use, certificate=each.certificate) for key, use, each in pairs]
        return [each.partition(": ")[0] for each in untimely(own, at)]

    assert told(("first", "encryption", ended), ("second", "encryption", valid)) == []
    assert told(("first", "encryption", valid), ("second", "encryption", ended)) == []
    assert told(("first", "encryption", ended), ("second", "encryption", ended)) == ["first", "second"]
    assert told(("signs", "signing", ended), ("opens", "encryption", valid)) == ["signs"]
    assert told(("speaks", "tls", ended), ("opens", "encryption", ended)) == ["speaks", "opens"]


async def test_a_signing_certificate_that_ends_within_the_longest_term_is_warned_of_and_the_hub_starts(
    site: Site,
) -> None:
    renew(site, "signing", begins_at=NOW - timedelta(days=5), ends_at=NOW + timedelta(days=1))
    first, *others = await warnings(site)
    assert first.startswith("keys.signing[0].certificate: the hub's signing certificate ends on")
    assert "for 2 of 2 organisations is answered 503" in first
    assert [each.partition(": the")[0] for each in others] == ["hub.yaml:7: certificates.signing[0]"]
    checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert checked.exit_code == 0
    assert f"warning: {first}" in checked.stderr


@pytest.mark.parametrize(("days", "is_told"), [(29, True), (31, False)])
def test_the_signing_certificate_is_told_of_a_month_before_it_no_longer_does_for_the_longest_term(
    days: int, is_told: bool
) -> None:
    under, place = configuration(), "keys.signing[1].certificate"
    signing = made("signing", begins_at=NOW, ends_at=longest_term(under, NOW) + timedelta(days=days))
    own = [OwnCertificate(key=place, use="signing", certificate=signing.certificate)]
    assert [each.place for each in ending_of(own, under, NOW) if each.place == place] == [place] * is_told


@pytest.mark.parametrize(("usage", "place"), [("encryption", "hub.yaml"), ("tls-server", "listen.tls_certificate")])
async def test_the_other_certificates_of_the_hub_are_warned_of_too(site: Site, usage: Usage, place: str) -> None:
    renew(site, usage, begins_at=NOW - timedelta(days=5), ends_at=NOW + timedelta(days=2))
    (said,) = await warnings(site)
    assert said.startswith(place)
    assert "within" not in said
    assert ("and a message may wait until" in said) == (usage == "encryption")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=5), "in less than a day"),
        (timedelta(days=1, hours=2), "in 1 day"),
        (timedelta(days=2, hours=2), "in 2 days"),
    ],
    ids=["hours", "one day", "two days"],
)
async def test_a_tls_certificate_that_ends_soon_is_to_be_replaced_and_no_message_waits_for_it(
    site: Site, left: timedelta, said: str
) -> None:
    renew(site, "tls-server", begins_at=NOW - timedelta(days=5), ends_at=NOW + left)
    (found,) = await warnings(site)
    day = f"{NOW + left:%Y-%m-%d}"
    assert found == (
        f"listen.tls_certificate: the certificate ends on {day}, {said}; put the next one in its place and reload in"
        " time"
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tls-server", "put the next one in its place and reload in time"),
        (
            "directory",
            "have participants list the next one in hub.directory too, then put it in its place and reload in time",
        ),
        ("signing", "list its successor beside it in time"),
        ("encryption", "list its successor beside it in time"),
    ],
)
async def test_every_certificate_that_the_hub_needs_is_warned_of_from_a_month_before_its_end(
    site: Site, name: str, sentence: str
) -> None:
    for days, warned in ((29, True), (31, False)):
        begins_at, ends_at = NOW - timedelta(days=5), NOW + timedelta(days=days, hours=2)
        if name == "directory":
            issued = made("signing", begins_at=begins_at, ends_at=ends_at)
            (site.settings.parent / "keys" / "directory.key").write_bytes(private_key_pem(issued.private_key))
            (site.settings.parent / "keys" / "directory.pem").write_bytes(certificates_pem(issued.certificate))
        else:
            renew(site, cast(Usage, name), begins_at=begins_at, ends_at=ends_at)
        found = await warnings(site)
        assert any(f"in {days} days" in each and each.endswith(sentence) for each in found) == warned, found


class TestAuthoritiesOfClients:
    """listen.client_ca: one file, its own key in every sentence."""

    def asked(self, site: Site, content: bytes) -> Path:
        place = site.settings.parent / "clients.pem"
        place.write_bytes(content)
        text = site.settings.read_text()
        addition = 'client_ca = "clients.pem"\nclient_certificate = "required"\n'
        site.settings.write_text(text.replace("[listen]\n", f"[listen]\n{addition}"))
        return place

    def authority(self, begins: int, days: int) -> bytes:
        made = new_authority("Clients", at=NOW + timedelta(days=begins), days=days)
        return certificates_pem(made.certificate)

    @pytest.mark.parametrize(
        "content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    )
    async def test_what_holds_none_is_told_by_its_key(self, site: Site, content: bytes) -> None:
        place = self.asked(site, content)
        (said,) = await complaints(site)
        assert said.startswith(f"listen.client_ca: {place}: no certificate")
        checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
        assert (checked.exit_code, said in checked.stderr) == (1, True)

    async def test_what_is_no_pem_is_told_before_openssl_meets_it(self, site: Site) -> None:
        pem = self.authority(-1, 900)
        self.asked(site, load_certificates(pem)[0].public_bytes(Encoding.DER))
        (said,) = await complaints(site)
        assert said.startswith("listen.client_ca: ")
        assert "PEM" in said

    async def test_each_that_ends_soon_or_has_ended_is_warned_of_and_the_hub_starts(self, site: Site) -> None:
        self.asked(site, self.authority(-9, 8) + self.authority(-1, 900) + self.authority(-1, 3))
        found = await warnings(site)
        assert [each.partition(": ")[0] for each in found] == ["listen.client_ca[0]", "listen.client_ca[2]"]
        assert "has ended" in found[0]
        assert "no client whose certificate it issued connects" in found[0]
        assert "put the next one beside it in that file" in found[1]
        checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
        assert (checked.exit_code, "warning: listen.client_ca[0]: " in checked.stderr) == (0, True)
        looked = await asyncio.to_thread(CliRunner().invoke, main, ["status", "--hub", str(site.settings)])
        assert "worry: listen.client_ca[0]: the certificate has ended" in looked.stdout


async def test_an_authority_of_servers_that_ended_is_warned_of_too(site: Site) -> None:
    """outbound.ca: without it no CRL is fetched."""
    ended = new_authority("Servers", at=NOW - timedelta(days=9), days=8)
    (site.settings.parent / "servers.pem").write_bytes(certificates_pem(ended.certificate))
    site.settings.write_text(site.settings.read_text() + '\n[outbound]\nca = "servers.pem"\n')
    looked = await asyncio.to_thread(CliRunner().invoke, main, ["status", "--hub", str(site.settings)])
    assert "worry: outbound.ca: the certificate has ended" in looked.stdout, looked.stderr
    assert "nothing connects to a server whose certificate it issued" in looked.stdout
    assert any(each.startswith("outbound.ca: ") for each in await warnings(site))


async def test_an_organisation_whose_certificate_has_ended_keeps_nobody_else_from_being_served(site: Site) -> None:
    place = site.settings.parent / "pmodes" / "certificates" / "creditor-encryption.pem"
    ended = made("encryption", begins_at=NOW - timedelta(days=50), ends_at=NOW - timedelta(days=5))
    place.write_bytes(certificates_pem(ended.certificate))
    (said,) = await warnings(site)
    assert said.startswith("creditor.yaml:21: certificates.encryption[0]: the certificate has ended, on")
    assert "nothing can be encrypted to it until a new one is there" in said


async def test_a_sound_site_is_warned_of_nothing(site: Site) -> None:
    assert await warnings(site) == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "it is no plain file; without log.file"),
        (Path.mkdir, "it is no plain file; without log.file"),
        (lambda path: path.symlink_to("/dev/full"), "it is no plain file; without log.file"),
        (lambda path: path.symlink_to("nowhere/hub.log"), "No such file or directory"),
    ],
    ids=["pipe", "folder", "device", "link into nowhere"],
)
def test_a_check_says_of_the_log_file_what_the_start_says(
    site: Site, make: Callable[[Path], object], said: str
) -> None:
    place = site.settings.parent / "hub.log"
    make(place)
    text = site.settings.read_text()
    site.settings.write_text(text + ("" if "[log]" in text else "\n[log]\n") + 'file = "hub.log"\n')
    words = f"log.file: {place}: {said}"
    checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert (checked.exit_code, words in checked.stderr) == (1, True), checked.stderr
    command = [sys.executable, "-m", "gateway.cli", "serve", str(site.settings)]
    served = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (served.returncode, words in served.stderr) == (2, True), served.stderr


def test_a_certificate_of_hub_yaml_whose_key_is_not_there_is_told_with_its_line(site: Site) -> None:
    pmodes = site.settings.parent / "pmodes"
    second = made("encryption", begins_at=NOW, ends_at=NOW + timedelta(days=50))
    (pmodes / "certificates" / "second.pem").write_bytes(certificates_pem(second.certificate))
    before, listed, after = (pmodes / "hub.yaml").read_text("utf-8").partition("- certificates/hub-encryption.pem\n")
    indent = before.rpartition("\n")[2]
    text = f"{before}{listed}{indent}- certificates/second.pem\n{after}"
    (pmodes / "hub.yaml").write_text(text, "utf-8")
    with pytest.raises(NotStartable) as refused:
        ConfiguredSite(read_settings(site.settings), load_catalogue())
    (said,) = refused.value.complaints
    line = 1 + text.splitlines().index(f"{indent}- certificates/second.pem")
    assert said.startswith(f"keys.decryption: lacks the key of the certificate that hub.yaml:{line} lists")
