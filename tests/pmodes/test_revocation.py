"""What hub.yaml says of who knows about revoked certificates, and what may be asked of an organisation's P-Mode."""

from __future__ import annotations

from typing import Any

import pytest
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates
from support.keys.pki import PARTIES, authority, identity

from gateway.written.complaints import ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from pmodes.model import Leg
from pmodes.revocation import source_of

CRL, OCSP = "http://crl.example.org/ca.crl", "https://ocsp.example.org:8080/"
NAMED = [{"issuer": "authority", "crl": CRL}]


def read(revocation: Any = None, **counsellor: Any) -> Configuration:
    hub = {} if revocation is None else {"revocation": revocation}
    texts = configuration_texts({"hub": hub, "counsellor": counsellor})
    return read_configuration(texts, catalogue=catalogue(), load=load_test_certificates)


def complaints(revocation: Any = None, **counsellor: Any) -> list[str]:
    with pytest.raises(ConfigurationFault) as caught:
        read(revocation, **counsellor)
    return [str(each) for each in caught.value.complaints]


def wanted(configuration: Configuration, leg: Leg) -> str:
    counsellor = configuration.by_party[PARTIES["counsellor"][0]]
    return configuration.template(counsellor, leg).security.revocation


def test_an_authority_is_named_with_where_it_tells_what_it_revoked() -> None:
    (found,) = read([{"issuer": "authority", "crl": CRL, "ocsp": OCSP}]).hub.revocation
    assert (found.issuer, found.crl, found.ocsp) == (authority().certificate, CRL, OCSP)
    assert found.place.file == "hub.yaml"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"issuer": "authority"}, "names no place; write crl, ocsp or both"),
        ({"issuer": "authority", "crl": "ldap://x/"}, "must be an http or https URL"),
        ({"issuer": "authority", "crl": "http://user@x.example/"}, "names a user"),
        ({"issuer": "authority", "ocsp": "crl.example.org"}, "must be an http or https URL"),
        ({"issuer": "creditor-signing", "crl": CRL}, "is no authority's certificate"),
        ({"crl": CRL}, "issuer"),
        ({"issuer": "authority", "clr": CRL}, "crl"),
    ],
)
def test_an_entry_that_leads_to_nothing_is_complained_of_once(entry: dict[str, str], said: str) -> None:
    found = complaints([entry])
    assert len(found) <= 2
    assert all(each.startswith("hub.yaml:") for each in found)
    assert any(said in each for each in found)


def test_an_authority_stands_once() -> None:
    assert any("stands twice" in each for each in complaints([dict(each) for each in (*NAMED, *NAMED)]))


def test_soft_is_what_is_meant_where_an_authority_is_named_and_off_where_none_is() -> None:
    for leg in Leg:
        assert wanted(read(), leg) == "off"
        assert wanted(read(NAMED), leg) == "soft"
        assert wanted(read(NAMED, overrides={"Knooppunt.Revocation": "hard"}), leg) == "hard"
    sending = read(NAMED, overrides={"sending": {"Knooppunt.Revocation": "hard"}})
    assert (wanted(sending, Leg.SENDING), wanted(sending, Leg.RECEIVING)) == ("hard", "soft")


def test_an_answer_that_nobody_can_give_is_not_waited_for() -> None:
    (one, other) = complaints(overrides={"Knooppunt.Revocation": "hard"})
    for each, use in ((one, "signing"), (other, "encryption")):
        assert each.startswith("counsellor.yaml:")
        assert (
            f"certificates.{use}[0]" in each
            or f"certificates.{'encryption' if use == 'signing' else 'signing'}[0]" in each
        )
        assert "lists under revocation no issuer of this certificate" in each


def test_a_word_that_is_none_of_the_three_is_complained_of() -> None:
    assert any("off, soft, hard" in each for each in complaints(NAMED, overrides={"Knooppunt.Revocation": "yes"}))


def test_an_authority_is_known_by_its_signature_and_not_by_its_name() -> None:
    sources = read(NAMED).hub.revocation
    certificate = identity("creditor").signing.certificate
    assert source_of(certificate, sources) is sources[0]
    assert source_of(certificate, ()) is None
    assert source_of(authority().certificate, sources) is sources[0]
