"""The kinds of the hub's own keys: one that signs for each kind that the suites in use ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
import yaml
from click.testing import CliRunner
from support.keys.made_up import ED25519, MADE_UP, made_up
from support.keys.site_keys import made

from crypto.pki import Issued, certificates_pem, issue, new_authority, private_key_pem
from crypto.suites import AS4_1_15_RSA, SUITES
from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)


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
            " take one of them out, or say `from` when the next one signs",
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
            "keys.signing: has no key of the kind Ed25519, with which the suite made-up of creditor.yaml:21 signs; add"
            " one, and its certificate to hub.yaml, or name another suite there",
        )

    def test_the_end_of_a_certificate_is_told_for_those_who_are_sealed_to_in_its_suite(self, site: Site) -> None:
        self.with_another(site, self.ed25519(timedelta(days=-9), timedelta(days=1)))
        assert not any(each.place == "keys.signing[1].certificate" for each in self.site_of(site).concerns(NOW))
