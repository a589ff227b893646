"""An organisation bound to TLS client certificates is refused at a hub that never sees one (SR-14)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.hubs.hub import LogLines, catalogue, configuration_texts, load_test_certificates
from support.keys.tls import tls_folder

from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable, open_hub
from gateway.wiring.bound_unseen import bound_unseen
from gateway.wiring.certificates import check_own
from pmodes.files import read_configuration
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC)
BINDING = f'tls_thumbprints: ["{"ab" * 32}"]\n'
UNSEEN = "tls_thumbprints: the hub never sees a TLS client certificate"
HEADER = 'trusted_proxies = ["127.0.0.1"]\nclient_certificate_header = "Client-Cert"\n'
ASKED = f'client_ca = "{tls_folder().client_authority}"\nclient_certificate = "optional"\n'


def bind(site: Site) -> tuple[Path, int]:
    """Have the creditor bound; its file, and the line that says so."""
    place = site.settings.parent / "pmodes" / "creditor.yaml"
    text = place.read_text()
    place.write_text(text + BINDING)
    return place, text.count("\n") + 1


def listening(site: Site, lines: str) -> None:
    """Add to how the hub listens."""
    site.settings.write_text(site.settings.read_text().replace("[listen]\n", f"[listen]\n{lines}"))


async def test_a_start_is_refused_with_file_line_key_and_what_to_write_SR_14(site: Site) -> None:
    place, line = bind(site)
    with pytest.raises(NotStartable) as refused:
        await open_hub(read_settings(site.settings), log=LogLines(), on_failure=lambda fault: None)
    (complaint,) = refused.value.complaints
    assert complaint.startswith(f"{place}:{line}: {UNSEEN}")
    for named in ("listen.client_certificate", "listen.client_ca", "listen.client_certificate_header", "take this key"):
        assert named in complaint


def test_a_reload_is_refused_and_what_is_in_force_stays_so_SR_14(site: Site) -> None:
    found = ConfiguredSite(read_settings(site.settings), load_catalogue(), settings_file=site.settings)
    before = found.in_force
    bind(site)
    with pytest.raises(NotStartable, match=UNSEEN):
        found.read_again(NOW)
    listening(site, HEADER)
    with pytest.raises(NotStartable, match=UNSEEN):  # how a hub listens waits for a start
        found.read_again(NOW)
    assert found.in_force is before


def test_a_check_before_that_says_the_same_SR_14(site: Site) -> None:
    place, line = bind(site)
    ended = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert ended.exit_code == 1
    assert f"{place.name}:{line}: {UNSEEN}" in ended.stderr


@pytest.mark.parametrize("lines", [HEADER, ASKED], ids=["a header is named", "it is asked for"])
def test_where_the_hub_sees_them_nothing_is_said_SR_14(lines: str, site: Site) -> None:
    bind(site)
    listening(site, lines)
    settings = read_settings(site.settings)
    configuration = ConfiguredSite(settings, load_catalogue()).configuration
    assert not [each for each in check_own(settings, configuration, at=NOW)[0] if "tls_thumbprints" in each]


def test_a_unit_is_named_by_its_place_in_the_file_SR_14(site: Site) -> None:
    texts = configuration_texts({"administrator": {"tls_thumbprints": ["ab" * 32]}})
    configuration = read_configuration(texts, catalogue=catalogue(), load=load_test_certificates)
    (complaint,) = bound_unseen(read_settings(site.settings), configuration)
    assert (complaint.file, complaint.path) == ("administrator.yaml", "units[0].tls_thumbprints")
    assert "tls_thumbprints" in texts["administrator.yaml"].splitlines()[complaint.line - 1]
