"""The broker's metadata: read into what a login needs, or not relied on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree
from support.identity.logins import AT, BROKER, answer, broker_key, given, logged_in, mock

from gateway.identity.saml import Broker, BrokerMetadataFault, read_broker
from gateway.site.broker.metadata import metadata
from gateway.site.broker.sealing import placeholder, sign
from gateway.site.broker.values import MD, MockBroker

UNTIL = AT + timedelta(days=7)
PINNED = [broker_key("metadata").certificate]


def made(broker: MockBroker, valid_until: datetime = UNTIL) -> bytes:
    return metadata(broker, number="1", valid_until=valid_until, signer=broker_key("metadata"))


OCTETS = made(mock())


def read(octets: bytes = OCTETS, **otherwise: object) -> Broker:
    expected: dict[str, object] = {"entity_id": BROKER, "signers": PINNED, "now": AT, **otherwise}
    return read_broker(octets, **expected)  # type: ignore[arg-type]


def changed(name: str, attribute: str, value: str | None) -> bytes:
    """Metadata with one attribute otherwise, signed anew."""
    root = etree.fromstring(OCTETS)
    root.replace(root[0], placeholder())
    element = root if name == "EntityDescriptor" else next(root.iter(f"{{{MD}}}{name}"))
    if value is None:
        del element.attrib[attribute]
    else:
        element.set(attribute, value)
    return etree.tostring(sign(root, broker_key("metadata")))


def test_metadata_says_where_to_log_in_where_to_resolve_and_whose_signature_counts() -> None:
    found = read()
    assert (found.entity_id, found.login_url, found.valid_until) == (BROKER, mock().login_url, UNTIL)
    assert found.resolution_urls == {0: mock().resolution_url}
    assert found.certificates == {broker_key().name: [broker_key().certificate]}
    assert logged_in(given(answer()), broker=found).login.issuer == BROKER


def test_around_a_rollover_it_names_two_keys_PO_09() -> None:
    keys = [broker_key(), broker_key("broker next")]
    found = read(metadata(mock(), number="1", valid_until=UNTIL, signer=broker_key("metadata"), keys=keys))
    for each in keys:
        assert logged_in(given(answer(key=each)), broker=found).login.issuer == BROKER


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (metadata(mock(), number="1", valid_until=UNTIL), "signature"),
        (made(replace(mock(), entity_id="urn:x")), "another"),
        (made(mock(), AT), "over"),
        (changed("EntityDescriptor", "validUntil", None), "over"),
        (changed("EntityDescriptor", "validUntil", "tomorrow"), "over"),
        (changed("ArtifactResolutionService", "Location", "http://broker.example/artifact"), "https"),
        (changed("ArtifactResolutionService", "Location", "https://[broker"), "https"),
        (changed("ArtifactResolutionService", "index", "-1"), "number"),
        (changed("ArtifactResolutionService", "Binding", "urn:x"), "no place"),
        (changed("SingleSignOnService", "Location", "javascript:alert(1)"), "https"),
        (changed("SingleSignOnService", "Binding", "urn:x"), "0 places"),
        (changed("KeyDescriptor", "use", "encryption"), "no key"),
        (OCTETS.replace(b"broker.example", b"another.example"), "signature"),
        (OCTETS.replace(b"<md:EntityDescriptor", b"<!-- --><md:EntityDescriptor", 1), "comment"),
        (b"<md/>", "signature"),
        (b"", "cannot be read"),
    ],
)  # fmt: skip
def test_metadata_that_does_not_count_is_not_relied_on(octets: bytes, says: str) -> None:
    with pytest.raises(BrokerMetadataFault, match=says):
        read(octets)


def test_who_signed_it_has_a_certificate_that_is_valid() -> None:
    signed = made(mock(), AT + timedelta(days=999))
    with pytest.raises(BrokerMetadataFault, match="expired"):
        read(signed, now=AT + timedelta(days=360))


@settings(max_examples=200)
@drawn(at=st.integers(0, len(OCTETS) - 1), by=st.binary(max_size=1))
def test_no_change_of_an_octet_is_relied_on_with_other_values(at: int, by: bytes) -> None:
    try:
        found = read(OCTETS[:at] + by + OCTETS[at + 1 :])
    except BrokerMetadataFault:
        return
    assert found == read()
