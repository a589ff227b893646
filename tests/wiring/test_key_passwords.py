"""The passwords of the hub's own keys: where they come from, once, and what a start and a check say of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from support.keys.pki import key_pem
from support.keys.site_keys import made, places

from crypto.pki import certificates_pem
from gateway.cli.main import main
from gateway.passwords import NoPassword, Passwords, hand_over
from gateway.settings import PasswordReference, read_settings
from gateway.site.making import Site
from gateway.wiring import NotStartable
from gateway.wiring.own_keys import read_own_keys

NOW = datetime.now(UTC).replace(microsecond=0)


def handed_on() -> tuple[int, int]:
    """The ends of a pipe of which whoever started this process could have handed on the first."""
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    return reader, writer


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
        reader, writer = handed_on()
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

    def test_a_descriptor_that_nobody_handed_to_this_process_is_not_read(self, site: Site) -> None:
        """It may be a socket or pipe of its own, which says nothing and never ends."""
        reader, writer = os.pipe()
        self.encrypted(site, f"password_fd = {reader}")
        assert "start the hub with the password on it" in self.refusal(site)
        os.close(reader)
        os.close(writer)

    def test_a_password_that_two_keys_have_is_read_once(self, site: Site) -> None:
        reader, writer = handed_on()
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


def test_a_key_is_checked_again_only_where_its_octets_or_its_password_changed(site: Site) -> None:
    settings = read_settings(site.settings)
    first = read_own_keys(settings, Passwords())
    (key,) = first.keys.signing
    again = read_own_keys(settings, Passwords(), before=first.as_read)
    assert again.keys.signing[0].private_key is key.private_key
    place = settings.keys.signing[0].key
    place.write_bytes(place.read_bytes() + b"\n")
    assert read_own_keys(settings, Passwords(), before=first.as_read).keys.signing[0].private_key is not key.private_key
    assert "PRIVATE" not in repr(first)


def test_a_key_that_was_read_before_is_not_taken_without_its_password(site: Site) -> None:
    settings = read_settings(site.settings)
    place = settings.keys.signing[0].key
    key = read_own_keys(settings, Passwords()).keys.signing[0].private_key
    place.write_bytes(key_pem(key, b"right"))
    (place.parent / "password").write_text("right")
    (place.parent / "password").chmod(0o600)
    text = site.settings.read_text()
    site.settings.write_text(text.replace("[[keys.signing]]\n", '[[keys.signing]]\npassword_file = "keys/password"\n'))
    settings = read_settings(site.settings)
    first = read_own_keys(settings, Passwords())
    (place.parent / "password").write_text("wrong")
    with pytest.raises(NotStartable) as refused:
        read_own_keys(settings, Passwords(), before=first.as_read)
    assert "its password is wrong" in str(refused.value)
