"""The hub's next signing key, in the settings beside the one that it takes over from by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from support.keys.site_keys import made, renew

from crypto.certificates import Certificate
from crypto.pki import certificates_pem, private_key_pem
from crypto.suites import AS4_1_15_RSA
from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def with_next(site: Site, said: str, *, begins: int = -1, ends: int = 900, listed: str = "") -> Certificate:
    """A second signing key in the settings and in hub.yaml, its certificate valid from so many days to so many."""
    issued = made("signing", begins_at=NOW + begins * DAY, ends_at=NOW + ends * DAY)
    hub = site.settings.parent
    (hub / "keys" / "signing-2.key").write_bytes(private_key_pem(issued.private_key))
    (hub / "keys" / "signing-2.key").chmod(0o600)
    (hub / "pmodes" / "certificates" / "hub-signing-2.pem").write_bytes(certificates_pem(issued.certificate))
    section = f"""[[keys.signing]]
key = "keys/signing-2.key"
certificate = "pmodes/certificates/hub-signing-2.pem"
{said}

[[keys.decryption]]"""
    site.settings.write_text(site.settings.read_text().replace("[[keys.decryption]]", section, 1))
    file, entry = hub / "pmodes" / "hub.yaml", "certificates/hub-signing-2.pem"
    text = file.read_text()
    first = "  - certificates/hub-signing.pem\n"
    assert text.count(first) == 1
    second = f"{{file: {entry}, {listed}}}" if listed else entry
    file.write_text(text.replace(first, f"{first}  - {second}\n"))
    return issued.certificate


def opened(site: Site, at: datetime) -> ConfiguredSite:
    found = ConfiguredSite(read_settings(site.settings), load_catalogue())
    found.refuse_untimely(at)
    return found


def complaints(site: Site, at: datetime = NOW) -> str:
    with pytest.raises(NotStartable) as refused:
        opened(site, at)
    (said,) = refused.value.complaints
    return said


@pytest.mark.parametrize("written", ["{day:%Y-%m-%d}", "{day:%Y-%m-%d}T10:00:00Z", '"{day:%Y-%m-%d}T10:00:00+01:00"'])
def test_it_signs_from_its_moment_on_and_not_before(site: Site, written: str) -> None:
    following = with_next(site, f"from = {written.format(day=NOW + 5 * DAY)}")
    keys = opened(site, NOW).in_force.keys
    first = keys.signer_for(AS4_1_15_RSA, NOW).certificate
    assert first != following
    assert keys.signer_for(AS4_1_15_RSA, NOW + 3 * DAY).certificate == first
    assert keys.signer_for(AS4_1_15_RSA, NOW + 7 * DAY).certificate == following


def test_two_that_sign_from_the_same_moment_are_refused_with_what_tells_them_apart(site: Site) -> None:
    with_next(site, "")
    assert complaints(site).endswith("take one of them out, or say `from` when the next one signs")


def test_a_moment_without_an_offset_is_refused(site: Site) -> None:
    with_next(site, "from = 2026-05-15T09:00:00")
    looked = CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings)])
    assert looked.exit_code != 0
    assert "keys.signing[1].from: must be a day such as 2026-05-15, or a moment with its offset" in looked.stderr


def test_the_next_may_begin_when_it_takes_over_and_the_old_one_end_after(site: Site) -> None:
    """One certificate follows the other in time; the hub starts before, between and after."""
    renew(site, "signing", begins_at=NOW - DAY, ends_at=NOW + 10 * DAY)
    following = with_next(site, f"from = {NOW + 5 * DAY:%Y-%m-%dT%H:%M:%SZ}", begins=4)
    for days in (0, 6, 12):
        opened(site, NOW + days * DAY)
    assert opened(site, NOW).in_force.keys.signer_for(AS4_1_15_RSA, NOW + 12 * DAY).certificate == following


def test_one_that_begins_after_its_moment_is_refused(site: Site) -> None:
    with_next(site, f"from = {NOW + 5 * DAY:%Y-%m-%dT%H:%M:%SZ}", begins=6)
    assert complaints(site).startswith("keys.signing[1].certificate: the certificate is not valid before")


def test_what_hub_yaml_says_of_the_certificate_has_to_let_it_sign(site: Site) -> None:
    moment = f"{NOW + 5 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    with_next(site, f"from = {moment}", listed=f"from: {NOW + 8 * DAY:%Y-%m-%d}")
    assert "hub.yaml lets the certificate count from" in complaints(site)


def test_a_key_that_waits_for_its_moment_with_none_before_it_is_refused(site: Site) -> None:
    text = site.settings.read_text()
    site.settings.write_text(text.replace("[[keys.signing]]\n", f"[[keys.signing]]\nfrom = {NOW + 5 * DAY:%Y-%m-%d}\n"))
    assert complaints(site).endswith("and no other of its kind does until then")


def test_one_that_takes_over_too_late_for_what_comes_before_is_warned_of(site: Site) -> None:
    """What comes the day before would outlast the signature of the old one."""
    own = opened(site, NOW).own.certificates
    ends_at = next(each.certificate.not_valid_after_utc for each in own if each.use == "signing")
    with_next(site, f"from = {ends_at - DAY:%Y-%m-%dT%H:%M:%SZ}", ends=4000)
    said = [str(each) for each in opened(site, NOW).concerns(NOW)]
    assert [each.startswith("keys.signing[1].certificate: it signs from") for each in said] == [True]
    assert "have it sign earlier" in said[0]
