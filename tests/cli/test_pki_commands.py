"""knooppunt pki: sites that work at once, whatever kind of address the hub is reached by."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from support.longer import longer

from crypto.pki import Authority, Usage, certificates_pem, issue, new_authority
from gateway.addresses import read_url
from gateway.cli.main import main
from gateway.settings import DataSection, read_settings
from gateway.site.hub_process import HubProcess
from gateway.site.production import USES, make_production
from gateway.wiring import ConfiguredSite
from xsd.catalogue import load_catalogue


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def pki_new(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["pki", "new", str(folder), "--organisation", "Bank:kredietbank", *arguments])


@pytest.mark.parametrize(
    ("host", "url", "listens"),
    [
        ("127.0.0.1", "https://127.0.0.1:8443/as4", "127.0.0.1"),
        ("::1", "https://[::1]:8443/as4", "::1"),
        ("[::1]", "https://[::1]:8443/as4", "::1"),
        ("2001:DB8:0::7", "https://[2001:db8::7]:8443/as4", "::"),
        ("192.0.2.7", "https://192.0.2.7:8443/as4", "0.0.0.0"),
        ("hub.example.org", "https://hub.example.org:8443/as4", "0.0.0.0"),
    ],
)
def test_a_site_is_made_for_every_kind_of_address(tmp_path: Path, host: str, url: str, listens: str) -> None:
    made = json.loads(pki_new(tmp_path / "site", "--host", host, "--json").stdout)["facts"]
    settings = read_settings(Path(made["settings"]))
    assert (made["url"], settings.hub.public_url, settings.listen.host) == (url, url, [listens])
    assert read_url(url).port == settings.listen.port


@pytest.mark.parametrize(
    "host", ["[::1]:8443", "127.0.0.1:8443", "127.1", "hub example", "", "hüb.example", "fe80::1%lo"]
)
def test_a_host_that_is_no_address_is_wrong_usage_and_makes_nothing(tmp_path: Path, host: str) -> None:
    ended = pki_new(tmp_path / "site", "--host", host)
    assert ended.exit_code == 2
    assert "--host" in ended.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("host", ["::1", *longer("127.0.0.1")])
async def test_a_site_that_was_made_is_served_and_pulled_from_at_once(tmp_path: Path, host: str) -> None:
    made = json.loads(pki_new(tmp_path / "site", "--host", host, "--port", str(free_port()), "--json").stdout)["facts"]
    hub = HubProcess(Path(made["settings"]), tmp_path / "hub.log")
    await hub.start()
    try:
        command = ["pull", "--as", made["organisations"][0]["folder"]]
        pulled = await asyncio.to_thread(CliRunner().invoke, main, command)
        assert (pulled.exit_code, pulled.stderr) == (0, "")
    finally:
        await hub.stop()


def listening_on_both(settings: Path) -> Path:
    settings.write_text(settings.read_text().replace('host = "0.0.0.0"', 'host = ["0.0.0.0", "::"]'))
    return settings


async def test_a_hub_listens_on_ipv4_and_ipv6_at_once(tmp_path: Path) -> None:
    port = free_port()
    made = json.loads(pki_new(tmp_path / "site", "--host", "hub.example.org", "--port", str(port), "--json").stdout)[
        "facts"
    ]
    hub = HubProcess(listening_on_both(Path(made["settings"])), tmp_path / "hub.log")
    await hub.start()
    try:
        for address in ("127.0.0.1", "::1"):
            with socket.create_connection((address, port), timeout=10):
                pass
    finally:
        await hub.stop()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Foo", "Foo"), "'Foo' and 'Foo' would have the same files, by the name foo"),
        (("Foo B.V.", "Foo B V"), "'Foo B V' and 'Foo B.V.' would have the same files, by the name foo-b-v"),
        (("A", "a"), "'a' and 'A' would have the same files, by the name a"),
        (("Café", "Cafe"), "'Cafe' and 'Café' would have the same files, by the name cafe"),
        (("日本", "中国"), "would have the same files, by the name organisation"),
        (("Hub",), "'Hub' and the hub would have the same files, by the name hub"),
        (("  ",), "is not NAME:ROLE[,ROLE]"),
    ],
)
def test_two_organisations_that_would_have_the_same_files_are_wrong_usage_and_nothing_is_made(
    tmp_path: Path, names: tuple[str, ...], said: str
) -> None:
    wanted = [word for each in names for word in ("--organisation", f"{each}:schuldeiser")]
    ended = pki_new(tmp_path / "site", *wanted)
    assert (ended.exit_code, said in ended.stderr) == (2, True)
    assert not (tmp_path / "site").exists()


OIN = "00000003123456780000"
HUB = ("--party", OIN, "--host", "hub.example.org")


def production(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["pki", "new", str(folder), "--production", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "hub.example.org"), "--party has to be"),
        (("--host", "hub.example.org", "--party", "00000099000000001000"), "is a test OIN"),
        (("--host", "hub.example.org", "--party", "123"), "--party 123"),
        (("--party", OIN), "is this machine alone; give the name or address"),
        (("--party", OIN, "--host", "::1"), "is this machine alone; give the name or address"),
        (("--party", OIN, "--host", "hub.example.org", "--organisation", "A:schuldeiser"), "make their own"),
        ((*HUB, "--bits", "2048"), "--bits 2048 is less than the 3072 that keys for production have"),
        ((*HUB, "--name", ""), "--name must not be empty"),
        ((*HUB, "--name", "  "), "--name must not be empty"),
        ((*HUB, "--name", "A\nB"), "--name has signs that break a line"),
        ((*HUB, "--name", "A\x85B"), "--name has signs that break a line"),
        ((*HUB, "--name", "A" * 65), "--name has 65 characters, and a certificate has room for 64"),
    ],
)
def test_a_hub_for_production_is_not_made_of_test_values(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = production(tmp_path / "site", *arguments)
    assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr
    assert not (tmp_path / "site").exists()


def test_a_hub_for_production_starts_once_its_requests_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.wiring.opening.kernel_synchronised", lambda: True)  # whatever this machine's says
    ended = production(tmp_path / "site", "--party", OIN, "--host", "hub.example.org", "--name", "Hub van Nederland")
    assert ended.exit_code == 0, ended.stderr
    hub = tmp_path / "site" / "hub"
    files = sorted(
        str(each.relative_to(tmp_path / "site")) for each in (tmp_path / "site").rglob("*") if each.is_file()
    )
    uses: tuple[Usage, ...] = ("encryption", "signing", "tls-server")
    schemas = ["hub/settings.schema.json", *(f"hub/pmodes/{each}.schema.json" for each in ("hub", "organisation"))]
    keys = [f"hub/keys/{u}.{s}" for u in uses for s in ("key", "csr")]
    keys += ["hub/keys/directory.key", "hub/keys/directory.pem"]
    assert files == sorted(["hub/hub.toml", "hub/pmodes/hub.yaml", *schemas, *keys]), (
        "no authority, participants, store"
    )
    assert {each.stat().st_mode & 0o777 for each in (hub / "keys").glob("*.key")} == {0o600}
    assert f"hand {hub / 'keys' / 'directory.pem'} to participants" in ended.stdout
    settings = read_settings(hub / "hub.toml")
    defaults = DataSection(directory=settings.data.directory)
    assert (settings.data, settings.hub.message_id_host) == (defaults, "hub.example.org")
    assert settings.hub.public_url == "https://hub.example.org:8443/as4"
    at = datetime.now(UTC)
    authority = new_authority("A recognised authority", at=at - timedelta(days=1), days=900)
    for use in uses:
        answer(hub, use, authority, at)
    for command in (("store", "new"), ("pmode", "check")):
        done = CliRunner().invoke(main, [*command, "--hub", str(hub / "hub.toml")])
        assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    assert "environment: production" in (hub / "pmodes" / "hub.yaml").read_text()
    assert ConfiguredSite(settings, load_catalogue()).address_book_ground() is not None


def test_a_request_asks_for_the_usage_that_its_certificate_needs(tmp_path: Path) -> None:
    made = make_production(
        tmp_path, party=OIN, name="Hub", host="hub.example.org", port=8443, key_bits=2048, at=datetime.now(UTC)
    )
    named = ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement", "content_commitment")
    asked = {}
    for file in made.requests:
        request = x509.load_pem_x509_csr(file.read_bytes())
        usage = request.extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        asked[file.stem] = {each for each in named if getattr(usage.value, each)}
    assert (asked["signing"], asked["encryption"]) == ({"digital_signature"}, {"key_encipherment"})


@pytest.mark.parametrize("host", [".".join(["a" * 49] * 5), "hub_1.example.org", "hub.example.org."])
def test_a_host_that_is_no_part_of_an_id_makes_settings_that_are_taken(tmp_path: Path, host: str) -> None:
    made = make_production(
        tmp_path, party=OIN, name="N" * 64, host=host, port=8443, key_bits=2048, at=datetime.now(UTC)
    )
    assert read_settings(made.settings).hub.message_id_host == "knooppunt.invalid"


@pytest.mark.parametrize("place", ["link", "link/site"])
@pytest.mark.parametrize("arguments", [("--organisation", "A:schuldeiser"), ("--production", *HUB)])
def test_a_folder_behind_a_link_to_nothing_is_told_as_that(
    tmp_path: Path, place: str, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    ended = CliRunner().invoke(main, ["pki", "new", str(tmp_path / place), *arguments])
    assert ended.exit_code == 2
    assert f"link is a link to {tmp_path / 'nothing'}, which is not there" in ended.stderr


@pytest.mark.parametrize("name", ["A" * 65, "A\nB"])
def test_an_organisation_with_a_name_that_no_certificate_holds_is_not_made(tmp_path: Path, name: str) -> None:
    ended = CliRunner().invoke(main, ["pki", "new", str(tmp_path / "site"), "--organisation", f"{name}:schuldeiser"])
    assert (ended.exit_code, (tmp_path / "site").exists()) == (2, False)


def test_a_url_in_the_place_of_a_host_is_told_as_one(tmp_path: Path) -> None:
    ended = pki_new(tmp_path / "site", "--host", "https://hub.example.org")
    assert "is a URL or a network, and not a host alone" in " ".join(ended.stderr.split())


def answer(hub: Path, use: Usage, authority: Authority, at: datetime) -> None:
    """What an authority makes of a request: a certificate over its key."""
    request = x509.load_pem_x509_csr((hub / "keys" / f"{use}.csr").read_bytes())
    assert request.is_signature_valid
    assert request.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)[0].value == OIN
    made = issue(authority, common_name="x", party_id=OIN, at=at - timedelta(days=1), days=800, usage=use)
    builder = x509.CertificateBuilder().subject_name(request.subject).issuer_name(authority.certificate.subject)
    builder = builder.public_key(request.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(made.certificate.not_valid_before_utc)
    builder = builder.not_valid_after(made.certificate.not_valid_after_utc)
    usage = made.certificate.extensions.get_extension_for_class(x509.KeyUsage)
    for each in request.extensions:
        if each.oid == x509.ExtensionOID.SUBJECT_ALTERNATIVE_NAME:
            builder = builder.add_extension(each.value, critical=each.critical)
    signed = builder.add_extension(usage.value, critical=True).sign(authority.private_key, hashes.SHA256())
    (hub / USES[use]).write_bytes(certificates_pem(signed))
