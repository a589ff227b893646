"""The hub's own keys: read once, told all at once, tried against their certificates and against the time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from support.configuration.pmode_files import configuration
from support.hubs.hub import LogLines
from support.hubs.processes import new_site
from support.hubs.unprivileged import unprivileged
from support.keys.made_up import ED25519, MADE_UP, made_up
from support.keys.pki import NOW as PKI_NOW
from support.keys.pki import identity, key_pem
from support.keys.site_keys import copy_of, curve, made, places, renew

from crypto.certificates import load_certificates
from crypto.pki import Issued, Usage, certificates_pem, issue, new_authority, private_key_pem
from crypto.suites import AS4_1_15_RSA, SUITES
from gateway.cli.main import main
from gateway.settings import PasswordReference, read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable, open_hub
from gateway.wiring.certificates import ending_of
from gateway.wiring.own_keys import OwnCertificate, read_own_keys, untimely
from gateway.wiring.passwords import NoPassword, Passwords, hand_over
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


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("own") / "site")


@pytest.fixture
def site(pristine: Site, tmp_path: Path) -> Site:
    """A hub of its own for each test."""
    return copy_of(pristine, tmp_path / "site")


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
    assert [each.partition(": the")[0] for each in others] == ["hub.yaml: certificates.signing[0]"]
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


async def test_an_organisation_whose_certificate_has_ended_keeps_nobody_else_from_being_served(site: Site) -> None:
    place = site.settings.parent / "pmodes" / "certificates" / "creditor-encryption.pem"
    ended = made("encryption", begins_at=NOW - timedelta(days=50), ends_at=NOW - timedelta(days=5))
    place.write_bytes(certificates_pem(ended.certificate))
    (said,) = await warnings(site)
    assert said.startswith("creditor.yaml: certificates.encryption[0]: the certificate has ended, on")
    assert "nothing can be encrypted to it until a new one is there" in said


async def test_a_sound_site_is_warned_of_nothing(site: Site) -> None:
    assert await warnings(site) == []


class TestPasswords:
    """Where they come from, once, and what they leave behind."""

    def encrypted(self, site: Site, addition: str) -> Site:
        issued = made("signing", begins_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=99))
        key, certificate = places(site, "signing")
        key.write_bytes(key_pem(issued.private_key, b"correct horse"))
        certificate.write_bytes(certificates_pem(issued.certificate))
        text = site.settings.read_text().replace("[[keys.signing]]\n", f"[[keys.signing]]\n{addition}\n")
        site.settings.write_text(text)
        return site

    def refusal(self, site: Site) -> str:
        with pytest.raises(NotStartable) as refused:
            read_own_keys(read_settings(site.settings), Passwords())
        (said,) = refused.value.complaints
        return said

    def test_a_variable_is_gone_once_it_was_read(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SIGNING_PASSWORD", "correct horse")
        self.encrypted(site, 'password_env = "SIGNING_PASSWORD"')
        read_own_keys(read_settings(site.settings), Passwords())
        assert "SIGNING_PASSWORD" not in os.environ
        assert "SIGNING_PASSWORD is not set" in self.refusal(site)

    def test_an_empty_variable_is_told_as_empty_also_where_it_was_handed_over(self) -> None:
        reference = PasswordReference(file=None, fd=None, env="PW", prefix="password")
        environment = {"PW": ""}
        hand_over(["PW"], environment)
        handed = Passwords(environment)
        for passwords in (Passwords({"PW": ""}), handed, handed):
            with pytest.raises(NoPassword, match="the password is empty"):
                passwords.password(reference)

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "mark"])
    @pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\nsecond line\n"])
    def test_a_file_holds_it_in_its_first_line(self, site: Site, ending: bytes, mark: bytes) -> None:
        self.encrypted(site, 'password_file = "password"')
        place = site.settings.parent / "password"
        place.write_bytes(mark + b"correct horse" + ending)
        place.chmod(0o600)
        read_own_keys(read_settings(site.settings), Passwords())

    def test_a_file_that_others_can_read_is_refused(self, site: Site) -> None:
        self.encrypted(site, 'password_file = "password"')
        place = site.settings.parent / "password"
        place.write_text("correct horse")
        place.chmod(0o644)
        assert self.refusal(site).startswith(f"keys.signing[0].password_file: {place}: others can read or change it")

    def test_a_descriptor_is_read_to_the_end_of_its_line_and_closed(self, site: Site) -> None:
        reader, writer = os.pipe()
        os.write(writer, b"correct horse\n")  # the writer stays open: the line is enough
        self.encrypted(site, f"password_fd = {reader}")
        read_own_keys(read_settings(site.settings), Passwords())
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(reader)
        os.close(writer)
        assert self.refusal(site) == (
            f"keys.signing[0].password_fd: descriptor {reader}: Bad file descriptor; start the hub with the password"
            " on it, or name a file"
        )

    def test_a_password_that_two_keys_have_is_read_once(self, site: Site) -> None:
        reader, writer = os.pipe()
        os.write(writer, b"correct horse\n")
        os.close(writer)
        self.encrypted(site, f"password_fd = {reader}")
        text = site.settings.read_text().replace(
            "[[keys.decryption]]\n", f"[[keys.decryption]]\npassword_fd = {reader}\n"
        )
        site.settings.write_text(text)
        said = self.refusal(site)
        assert said.startswith("keys.decryption[0].key: "), "an open key is given no password; the signing key is read"

    def test_an_encrypted_key_without_a_password_names_the_settings_that_can_say_it(self, site: Site) -> None:
        self.encrypted(site, "")
        said = self.refusal(site)
        assert said.startswith("keys.signing[0].key: ")
        assert "is encrypted" in said
        names = "keys.signing[0].password_file (or password_fd or password_env)"
        assert said.endswith(f"say where it is with {names}")

    @pytest.mark.parametrize(
        ("section", "key", "setting"),
        [
            ("[[keys.signing]]\n", "keys.signing[0].key", "password"),
            ("[[keys.decryption]]\n", "keys.decryption[0].key", "password"),
            ("[listen]\n", "listen.tls_key", "tls_key_password"),
        ],
    )
    def test_a_password_for_a_key_that_is_not_encrypted_is_told_with_its_setting(
        self, site: Site, section: str, key: str, setting: str
    ) -> None:
        place = site.settings.parent / "password"
        place.write_bytes(b"correct horse")
        place.chmod(0o600)
        text = site.settings.read_text().replace(section, f'{section}{setting}_file = "password"\n')
        site.settings.write_text(text)
        said = self.refusal(site)
        assert said.startswith(f"{key}: ")
        assert said.endswith(f"take out {key.rpartition('.')[0]}.{setting}_file, or encrypt the key")

    @pytest.mark.parametrize("content", ["", "\n", "wrong horse\n"])
    def test_a_password_that_opens_nothing_is_refused_and_not_repeated(self, site: Site, content: str) -> None:
        self.encrypted(site, 'password_file = "password"')
        place = site.settings.parent / "password"
        place.write_text(content)
        place.chmod(0o600)
        said = self.refusal(site)
        assert said.startswith("keys.signing[0].")
        assert "horse" not in said

    def test_a_check_without_the_password_says_what_it_did_not_try(self, site: Site) -> None:
        self.encrypted(site, 'password_env = "SIGNING_PASSWORD"')
        checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
        assert checked.exit_code == 0
        assert "warning: keys.signing[0].password_env: " in checked.stderr
        assert "the key was not tried" in checked.stderr

    @pytest.mark.parametrize(
        ("content", "mode", "said"),
        [(b"correct horse", 0o644, "others can read or change it"), (b"\n", 0o600, "empty"), (b"no", 0o600, "wrong")],
        ids=["open to others", "empty", "wrong"],
    )
    def test_a_check_says_of_a_password_file_what_the_start_says(
        self, site: Site, content: bytes, mode: int, said: str
    ) -> None:
        self.encrypted(site, 'password_file = "password"')
        place = site.settings.parent / "password"
        place.write_bytes(content)
        place.chmod(mode)
        refused = self.refusal(site)
        checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
        assert said in refused
        assert (checked.exit_code, refused in checked.stderr) == (1, True)

    def test_a_password_file_that_only_the_service_sees_is_told_and_the_key_not_tried(self, site: Site) -> None:
        self.encrypted(site, 'password_file = "password"')
        checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
        assert checked.exit_code == 0
        assert f"warning: {self.refusal(site)}; the key was not tried" in checked.stderr


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


class TestKindsOfKeys:
    """One key that signs for each kind; what kinds there are, a made-up suite says too."""

    SUITES = MappingProxyType({**SUITES, MADE_UP.name: MADE_UP})

    def with_another(self, site: Site, issued: Issued) -> Site:
        """A second key that signs, listed in hub.yaml beside the first."""
        hub = site.settings.parent
        (hub / "keys" / "second.key").write_bytes(private_key_pem(issued.private_key))
        (hub / "keys" / "second.key").chmod(0o600)
        (hub / "pmodes" / "second.pem").write_bytes(certificates_pem(issued.certificate))
        second = '[[keys.signing]]\nkey = "keys/second.key"\ncertificate = "pmodes/second.pem"\n'
        site.settings.write_text(
            site.settings.read_text().replace("[[keys.decryption]]\n", f"{second}[[keys.decryption]]\n")
        )
        place = hub / "pmodes" / "hub.yaml"
        place.write_text(place.read_text().replace("  signing:\n", "  signing:\n  - second.pem\n"))
        return site

    def ed25519(self, begins: timedelta, ends: timedelta) -> Issued:
        authority = new_authority("Another authority", at=NOW - timedelta(days=100), days=4000)
        days = (ends - begins) // timedelta(days=1)
        return issue(
            authority, common_name="hub", party_id="1", at=NOW + begins, days=days, usage="signing", kind=ED25519
        )

    def creditor_in_made_up(self, site: Site) -> None:
        """Give the creditor the made-up suite, and the hub all that it takes but a key that signs in it."""
        hub = site.settings.parent
        for name in ("creditor-signing", "creditor-encryption", "hub-signing", "hub-encryption"):
            who, _, usage = name.partition("-")
            issued = made_up(who, "signing" if usage == "signing" else "encryption")
            (hub / "pmodes" / f"{name}.pem").write_bytes(certificates_pem(issued.certificate))
        opener = hub / "keys" / "opener.key"
        opener.write_bytes(private_key_pem(made_up("hub", "encryption").private_key))
        opener.chmod(0o600)
        third = '[[keys.decryption]]\nkey = "keys/opener.key"\ncertificate = "pmodes/hub-encryption.pem"\n'
        site.settings.write_text(site.settings.read_text().replace("[pmodes]\n", f"{third}[pmodes]\n"))
        for name in ("creditor", "hub"):
            place = hub / "pmodes" / f"{name}.yaml"
            content = yaml.safe_load(place.read_text())
            if name == "creditor":
                content |= {"suite": MADE_UP.name, "certificates": {"signing": [], "encryption": []}}
            for usage, listed in content["certificates"].items():
                listed.append(f"{name}-{usage}.pem")
            place.write_text(yaml.safe_dump(content))

    def site_of(self, site: Site) -> ConfiguredSite:
        return ConfiguredSite(read_settings(site.settings), load_catalogue(), suites=self.SUITES)

    def test_two_of_one_kind_are_refused_with_both_places(self, site: Site) -> None:
        self.with_another(site, made("signing", begins_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=99)))
        with pytest.raises(NotStartable) as refused:
            self.site_of(site)
        assert refused.value.complaints == (
            "keys.signing[1]: is of the kind RSA, as keys.signing[0] is, and the hub signs with one of each kind;"
            " take one of them out",
        )
        checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
        assert (checked.exit_code, refused.value.complaints[0] in checked.stderr) == (1, True)

    def test_one_of_each_kind_is_taken_and_each_is_held_against_the_time(self, site: Site) -> None:
        self.with_another(site, self.ed25519(timedelta(days=-9), timedelta(days=3)))
        found = self.site_of(site)
        found.refuse_untimely(NOW)
        assert found.in_force.keys.signer_for(AS4_1_15_RSA, NOW) is found.in_force.keys.signing[0]
        assert found.in_force.keys.signer_for(MADE_UP, NOW) is found.in_force.keys.signing[1]
        assert "keys.signing[1].certificate" in [each.place for each in found.ending(NOW)]
        with pytest.raises(NotStartable, match=r"keys.signing\[1\].certificate: the certificate has ended"):
            found.refuse_untimely(NOW + timedelta(days=9))

    def test_a_suite_in_use_without_a_key_of_its_kind_is_refused_with_who_has_it(self, site: Site) -> None:
        self.creditor_in_made_up(site)
        with pytest.raises(NotStartable) as refused:
            self.site_of(site)
        assert refused.value.complaints == (
            "keys.signing: has no key of the kind Ed25519, with which the suite made-up of creditor.yaml signs; add"
            " one, and its certificate to hub.yaml, or name another suite there",
        )

    def test_the_end_of_a_certificate_is_told_for_those_who_are_sealed_to_in_its_suite(self, site: Site) -> None:
        self.with_another(site, self.ed25519(timedelta(days=-9), timedelta(days=1)))
        assert not any(each.place == "keys.signing[1].certificate" for each in self.site_of(site).concerns(NOW))
