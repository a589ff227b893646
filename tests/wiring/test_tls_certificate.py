"""What is told of the TLS certificate of a hub before a participant meets it: its chain, and the host it is for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from support.hubs.processes import new_site
from support.keys.site_keys import copy_of, places

from crypto.pki import Issued, certificates_pem, issue, new_authority, private_key_pem
from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import NotStartable
from gateway.wiring.from_settings import ConfiguredSite
from gateway.wiring.tls_names import covers
from xsd.catalogue import Catalogue, load_catalogue

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub of which nothing is to be said."""
    return new_site(tmp_path_factory.mktemp("sound") / "site")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped modules."""
    return load_catalogue()


@pytest.fixture
def site(sound: Site, tmp_path: Path) -> Site:
    """A copy in which one thing can be made wrong."""
    return copy_of(sound, tmp_path / "site")


@pytest.mark.parametrize(
    ("begins", "days", "said"),
    [
        (-20, 19, "has ended, on"),
        (2, 900, "is not valid before"),
        (-1, 3, "put the next one in its place in that file and reload in time"),
        (-1, 900, None),
    ],
    ids=["ended", "not begun", "ends within the term", "sound"],
)
def test_every_certificate_of_the_chain_is_held_against_time(
    site: Site, catalogue: Catalogue, begins: int, days: int, said: str | None
) -> None:
    _, certificate = places(site, "tls-server")
    above = new_authority("Intermediate", at=NOW + begins * DAY, days=days).certificate
    certificate.write_bytes(certificate.read_bytes() + certificates_pem(above))
    concerns = [str(each) for each in ConfiguredSite(read_settings(site.settings), catalogue).concerns(NOW)]
    if said is None:
        assert concerns == []
        return
    (concern,) = concerns
    assert concern.startswith("listen.tls_certificate[1]: the certificate ")
    assert said in concern
    checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert (checked.exit_code, f"warning: {concern}" in checked.stderr) == (0, True)
    looked = CliRunner().invoke(main, ["status", "--hub", str(site.settings)])
    assert f"worry: {concern}" in looked.stdout


def test_a_certificate_that_is_for_another_host_than_the_url_is_warned_of(site: Site, catalogue: Catalogue) -> None:
    text = site.settings.read_text("utf-8")
    site.settings.write_text(text.replace("https://127.0.0.1:", "https://hub.example:"), "utf-8")
    (concern,) = ConfiguredSite(read_settings(site.settings), catalogue).concerns(NOW)
    assert str(concern).startswith("listen.tls_certificate: the certificate is for ")
    assert "and hub.public_url has the host hub.example: participants do not connect" in str(concern)
    checked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert (checked.exit_code, f"warning: {concern}" in checked.stderr) == (0, True)
    looked = CliRunner().invoke(main, ["status", "--hub", str(site.settings)])
    assert f"worry: {concern}" in looked.stdout


def test_a_url_without_tls_of_a_hub_that_listens_with_it_is_warned_of(site: Site, catalogue: Catalogue) -> None:
    text = site.settings.read_text("utf-8")
    site.settings.write_text(text.replace("https://127.0.0.1:", "http://127.0.0.1:"), "utf-8")
    (concern,) = ConfiguredSite(read_settings(site.settings), catalogue).concerns(NOW)
    assert str(concern).startswith("hub.public_url: begins with http, and the hub listens with TLS")


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (("hub.example",), "hub.example", True),
        (("Hub.Example",), "HUB.example.", True),
        (("other.example", "hub.example"), "hub.example", True),
        (("*.example.org",), "hub.example.org", True),
        (("*.example.org",), "a.hub.example.org", False),
        (("*.example.org",), "example.org", False),
        (("192.0.2.1",), "192.0.2.1", True),
        (("192.0.2.1",), "192.0.2.2", False),
        (("2001:db8::1",), "2001:db8::1", True),
        ((), "hub.example", False),
    ],
)
def test_a_host_is_covered_by_its_name_or_address_and_by_one_asterisk(
    names: tuple[str, ...], host: str, covered: bool
) -> None:
    authority = new_authority("Names", at=NOW, days=9)
    made: Issued = issue(
        authority, common_name="hub.example", party_id="1", at=NOW, days=9, usage="tls-server", san=names
    )
    assert covers(made.certificate, host) is covered


def test_a_certificate_that_is_no_pem_or_too_short_is_told_in_our_words(site: Site, catalogue: Catalogue) -> None:
    key, certificate = places(site, "tls-server")
    whole = certificate.read_bytes()
    certificate.write_bytes(x509.load_pem_x509_certificate(whole).public_bytes(Encoding.DER))
    with pytest.raises(NotStartable, match=r"tls-server\.pem: is not PEM text, which TLS needs"):
        ConfiguredSite(read_settings(site.settings), catalogue)
    authority = new_authority("Test", at=NOW - DAY, days=30)
    short = issue(
        authority, common_name="Hub", party_id="1", at=NOW - DAY, days=20, usage="tls-server", key_bits=1024,
        san=["127.0.0.1"],
    )  # fmt: skip
    certificate.write_bytes(certificates_pem(short.certificate))
    key.write_bytes(private_key_pem(short.private_key))
    with pytest.raises(NotStartable, match="the key of the certificate is too short; RSA needs 2048 bits at least"):
        ConfiguredSite(read_settings(site.settings), catalogue)
