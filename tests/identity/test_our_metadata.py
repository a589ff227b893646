"""Our metadata and catalogue: valid, signed, and nothing in them that the scheme forbids."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import etree
from support.identity.logins import AT, CONSUMER, ENTITY, SERVICES, unwrapper, us
from support.identity.offers import offer

from crypto.certificates import load_der
from crypto.login_decryption import key_names_of
from gateway.identity.saml import NotAsWritten, ServiceOffer, write_catalogue, write_metadata
from gateway.site.broker.sealing import DS, signed_by
from gateway.site.broker.values import MD

ESC = "urn:etoegang:1.13:service-catalog"


def metadata(offered: ServiceOffer | None = None) -> bytes:
    return write_metadata(offered or offer(), metadata_id="_m1")


def catalogue(offered: ServiceOffer | None = None) -> bytes:
    return write_catalogue(offered or offer(), catalogue_id="_c1", at=AT)


WRITTEN: list[Callable[[], bytes]] = [metadata, catalogue]


@pytest.mark.parametrize("write", WRITTEN)
def test_another_implementation_verifies_what_we_write_for_the_broker_PO_18(write: Callable[[], bytes]) -> None:
    root = etree.fromstring(write())
    assert signed_by(root, us().signer.certificate).tag == root.tag


def test_metadata_tell_who_we_are_with_which_keys_and_where_a_login_returns_PO_18() -> None:
    root = etree.fromstring(metadata())
    assert root.get("entityID") == ENTITY
    keys = {
        each.get("use"): (each.findtext(f".//{{{DS}}}KeyName"), each.findtext(f".//{{{DS}}}X509Certificate"))
        for each in root.iter(f"{{{MD}}}KeyDescriptor")
    }
    assert keys.keys() == {"signing", "encryption"}
    for use, certificate in (("signing", us().signer.certificate), ("encryption", unwrapper().certificate)):
        name, octets = keys[use]
        assert name in key_names_of(certificate)
        assert octets is not None
        assert load_der(b64decode(octets)) == certificate
    (consumer,) = root.iter(f"{{{MD}}}AssertionConsumerService")
    assert (consumer.get("Location"), consumer.get("index")) == (CONSUMER, "0")
    assert list(root.iter(f"{{{MD}}}NameIDFormat")) == []


def test_each_service_is_asked_for_by_its_id_and_no_attribute_of_a_person_is_PO_18() -> None:
    root = etree.fromstring(metadata())
    found = [
        (each.get("index"), [attribute.get("Name") for attribute in each.iter(f"{{{MD}}}RequestedAttribute")])
        for each in root.iter(f"{{{MD}}}AttributeConsumingService")
    ]
    assert found == [(str(each.index), [each.service_id]) for each in SERVICES.values()]


def test_the_catalogue_has_two_services_of_the_third_level_for_organisations_PO_18() -> None:
    root = etree.fromstring(catalogue())
    definitions = list(root.iter(f"{{{ESC}}}ServiceDefinition"))
    assert [each.findtext(f"{{{ESC}}}ServiceName") for each in definitions] == ["Knooppunt", "Knooppunt Beheer"]
    for each in definitions:
        assert [value.text for value in each if value.tag.endswith("AuthnContextClassRef")] == [
            "urn:etoegang:core:assurance-class:loa3"
        ]
        assert {value.get("setNumber"): value.text for value in each.iter(f"{{{ESC}}}EntityConcernedTypesAllowed")} == {
            "1": "urn:etoegang:1.9:EntityConcernedID:KvKnr",
            "2": "urn:etoegang:1.9:EntityConcernedID:RSIN",
        }
    instances = list(root.iter(f"{{{ESC}}}ServiceInstance"))
    for instance, definition, service in zip(instances, definitions, SERVICES.values(), strict=True):
        assert instance.findtext(f"{{{ESC}}}ServiceID") == service.service_id
        assert instance.findtext(f"{{{ESC}}}ServiceUUID") == service.service_uuid
        assert instance.findtext(f"{{{ESC}}}InstanceOfService") == definition.findtext(f"{{{ESC}}}ServiceUUID")
        assert instance.find(f".//{{{DS}}}KeyName") is not None


def test_a_name_that_the_scheme_has_no_room_for_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ValueError, match="64 characters"):
        offer("K" * 65)
    with pytest.raises(ValueError, match="Dutch"):
        offer("")


def test_what_would_not_be_valid_is_not_written_and_the_element_is_named() -> None:
    with pytest.raises(NotAsWritten, match="ServiceProviderID"):
        catalogue(replace(offer(), oin="123"))
    odd = replace(offer().services[0], definition_uuid="no uuid")
    with pytest.raises(NotAsWritten, match="ServiceUUID"):
        catalogue(replace(offer(), services=[odd]))


def test_markup_in_a_name_stays_text() -> None:
    root = etree.fromstring(catalogue(offer("K & <b>")))
    assert root.findtext(f".//{{{ESC}}}ServiceName") == "K & <b>"
