"""A reload takes other roots over whole, or keeps those that are in force (CE-10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.keys.issuing import AUTHORITY, SIGNER, Holder, holder, named, rsa_key

from crypto.certificates import Certificate, der
from crypto.key_references import KeyIdentification, KeyReference
from crypto.pki import certificates_pem
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import ConfiguredSite, NotStartable
from pmodes.configuration import Configuration
from pmodes.vouching import owner_by_root
from xsd.catalogue import load_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def root(number: int) -> Holder:
    return holder(
        named(f"Root {number}"), extensions=AUTHORITY, key=rsa_key(number=20 + number), begins=NOW - DAY, ends=NOW + DAY
    )


def put(site: Site, content: bytes) -> None:
    (site.settings.parent / "pmodes" / "root.pem").write_bytes(content)


@pytest.fixture
def trusting(site: Site) -> ConfiguredSite:
    """A hub whose creditor relies on the first root."""
    folder = site.settings.parent / "pmodes"
    put(site, certificates_pem(root(1).certificate))
    with (folder / "hub.yaml").open("a") as file:
        file.write("trust:\n  roots: [root.pem]\n")
    creditor = folder / "creditor.yaml"
    creditor.write_text(creditor.read_text().replace("certificates:\n", "certificates:\n  trust: roots\n"))
    return ConfiguredSite(read_settings(site.settings), load_catalogue())


def certificate_below(issuer: Holder, configuration: Configuration) -> Certificate:
    (oin,) = configuration.by_own_oin
    return holder(
        named("Somebody", oin), issuer, extensions=SIGNER, key=rsa_key(number=9), begins=NOW - DAY, ends=NOW + DAY
    ).certificate


def counts(certificate: Certificate, configuration: Configuration) -> bool:
    named_so = KeyIdentification(form=KeyReference.TOKEN, identifier=der(certificate))
    return owner_by_root(configuration, named_so, NOW) is not None


def test_another_root_counts_after_a_reload_and_an_exchange_keeps_the_one_it_began_with(
    site: Site, trusting: ConfiguredSite
) -> None:
    before = trusting.in_force.configuration
    old, new = (certificate_below(root(number), before) for number in (1, 2))
    assert (counts(old, before), counts(new, before)) == (True, False)
    put(site, certificates_pem(root(2).certificate))
    trusting.take_over(trusting.read_again(NOW))
    after = trusting.in_force.configuration
    assert (counts(old, after), counts(new, after)) == (False, True)
    assert (counts(old, before), counts(new, before)) == (True, False)


@pytest.mark.parametrize("content", [b"torn", b"", certificates_pem(*(root(number).certificate for number in (1, 2)))])
def test_a_bad_file_of_roots_keeps_the_old_ones_in_force_and_is_told(
    site: Site, trusting: ConfiguredSite, content: bytes
) -> None:
    before = trusting.in_force.configuration
    put(site, content)
    with pytest.raises(NotStartable) as refused:
        trusting.read_again(NOW)
    (said,) = refused.value.complaints
    assert "hub.yaml" in said
    assert "trust.roots[0]" in said
    assert trusting.in_force.configuration is before
    assert counts(certificate_below(root(1), before), before)
