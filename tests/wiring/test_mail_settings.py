"""The section of mail: off unless it is there, refused where it contradicts itself, and read whole at the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.configuration.portal_settings import HUB, PORTAL
from support.keys.tls import tls_folder

from gateway.net.mail_server import NotDelivered
from gateway.passwords import Passwords
from gateway.settings import MailSection, SettingsFault, parse_settings, passwords
from gateway.wiring.mail import server_of
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.own_keys import own_certificates

MAIL = """
[mail]
server = "mail.example"
from = "meldingen@hub.example"
user = "hub"
password_file = "password"
"""


def mail(text: str = MAIL, folder: Path = Path()) -> MailSection:
    found = parse_settings(HUB + PORTAL + text, folder=folder).mail
    assert found is not None
    return found


def test_without_its_section_no_mail_is_sent() -> None:
    assert parse_settings(HUB + PORTAL).mail is None


@pytest.mark.parametrize(
    ("more", "port"), [("", 465), ('tls = "starttls"', 587), ('tls = "starttls"\nport = 25', 25), ("port = 2465", 2465)]
)
def test_the_port_is_that_of_how_tls_begins(more: str, port: int) -> None:
    assert mail(MAIL + more).port_used == port


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("meldingen@hub.example", "Hub <meldingen@hub.example>", "mail.from: must be a mail address"),
        ("meldingen@hub.example", "meldingen", "mail.from: must be a mail address"),
        ("mail.example", "https://mail.example", "mail.server: is a URL or a network"),
        ("[mail]", '[mail]\ntls = "none"', "mail.tls"),
        ("[mail]", "[mail]\nport = 0", "mail.port"),
        ("[mail]", '[mail]\npassword_env = "P"', "mail.password_file: the password is in one place"),
        ('user = "hub"\n', "", "mail.password_file: there is no user to log in with"),
        ('password_file = "password"\n', "", "mail.user: has no password"),
        ("[mail]", "[mail]\npassword = 'secret'", "mail.password"),
    ],
)
def test_what_contradicts_itself_is_refused(was: str, becomes: str, said: str) -> None:
    assert was in MAIL
    with pytest.raises(SettingsFault) as refused:
        mail(MAIL.replace(was, becomes))
    assert said in str(refused.value)


def test_mail_without_a_portal_tells_nobody_anything() -> None:
    with pytest.raises(SettingsFault, match=r"mail: tells organisations at the portal"):
        parse_settings(HUB + MAIL)


def test_its_password_is_known_to_whoever_hides_passwords() -> None:
    settings = parse_settings(HUB + PORTAL + MAIL.replace("password_file", "password_env"))
    assert "password" in {each.env for each in passwords(settings)}


def test_a_server_is_made_of_it_and_reads_its_password_each_time(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("first\n")
    file.chmod(0o600)
    server = server_of(mail(f'{MAIL}ca = "{tls_folder().client_authority}"', tmp_path), Passwords({}))
    assert (server.host, server.port, server.begins, server.user) == ("mail.example", 465, "implicit", "hub")
    assert server.password() == b"first"
    file.write_text("next\n")
    assert server.password() == b"next"
    file.unlink()
    with pytest.raises(NotDelivered, match="password") as refused:
        server.password()
    assert refused.value.of_server


@pytest.mark.parametrize(("lacks", "said"), [("password", "mail.password_file: "), ("ca.pem", "mail.ca: ")])
def test_a_file_that_is_not_there_keeps_the_hub_from_starting(tmp_path: Path, lacks: str, said: str) -> None:
    (tmp_path / "password").write_text("x\n")
    (tmp_path / "password").chmod(0o600)
    (tmp_path / "ca.pem").write_bytes(Path(tls_folder().client_authority).read_bytes())
    (tmp_path / lacks).unlink()
    with pytest.raises(NotStartable) as refused:
        server_of(mail(f'{MAIL}ca = "ca.pem"', tmp_path), Passwords({}))
    assert said in "\n".join(refused.value.complaints)


def test_a_file_of_authorities_without_one_keeps_the_hub_from_starting(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x\n")
    (tmp_path / "password").chmod(0o600)
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(NotStartable, match=r"mail\.ca: .*it holds no certificate"):
        server_of(mail(f'{MAIL}ca = "ca.pem"', tmp_path), Passwords({}))


def test_the_authorities_of_the_mail_server_are_among_the_certificates_that_are_warned_of(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(Path(tls_folder().client_authority).read_bytes())
    settings = parse_settings(f'{HUB}{PORTAL}{MAIL}ca = "ca.pem"', folder=tmp_path)
    found, _unread = own_certificates(settings)
    assert [(each.key, each.use) for each in found if each.use == "server"] == [("mail.ca", "server")]
