"""What we send: the request of a login and the question about an artifact; and what a browser brings back."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from lxml import etree
from support.identity.logins import AT, BROKER, CONSUMER, ENTITY, broker, mock, us

from gateway.identity.login import LoginKind, LoginRefused
from gateway.identity.saml import artifact_of, begin, resolve_request
from gateway.site.broker.sealing import signed_by
from gateway.site.broker.values import SAML, SAMLP, SOAP

SOURCE = hashlib.sha1(BROKER.encode(), usedforsecurity=False).digest()


def artifact(kind: bytes = b"\x00\x04", index: int = 0, source: bytes = SOURCE, handle: bytes = b"h" * 20) -> str:
    return b64encode(kind + index.to_bytes(2) + source + handle).decode()


def requested(kind: LoginKind = LoginKind.USER, **otherwise: object) -> etree._Element:
    begun = begin(
        replace(us(), **otherwise),
        broker(),
        kind,
        request_id="_r1",
        relay_state="handle",
        at=AT,  # type: ignore[arg-type]
    )
    return etree.fromstring(b64decode(begun.fields["SAMLRequest"]))


def test_a_request_says_what_the_scheme_wants_and_nothing_that_it_forbids() -> None:
    root = requested()
    assert root.tag == f"{{{SAMLP}}}AuthnRequest"
    assert dict(root.attrib) == {
        "ID": "_r1",
        "Version": "2.0",
        "IssueInstant": "2026-12-01T09:00:00Z",
        "Destination": mock().login_url,
        "ForceAuthn": "true",
        "AttributeConsumingServiceIndex": "1",
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
        "AssertionConsumerServiceURL": CONSUMER,
    }
    assert [etree.QName(each).localname for each in root] == ["Issuer", "Signature"]
    assert root[0].text == ENTITY


def test_the_service_is_asked_for_by_its_index() -> None:
    assert requested(LoginKind.ADMINISTRATOR).get("AttributeConsumingServiceIndex") == "2"


def test_our_address_may_be_told_by_its_index_where_a_broker_wants_that() -> None:
    root = requested(consumer_index=0)
    assert root.get("AssertionConsumerServiceIndex") == "0"
    assert root.get("AssertionConsumerServiceURL") is None
    assert root.get("ProtocolBinding") is None


@pytest.mark.parametrize("consumer_index", [None, 3])
def test_another_implementation_verifies_our_request(consumer_index: int | None) -> None:
    signed = signed_by(requested(consumer_index=consumer_index), us().signer.certificate)
    assert signed.get("ID") == "_r1"


def test_what_is_remembered_is_what_the_answer_will_be_held_against() -> None:
    begun = begin(us(), broker(), LoginKind.USER, request_id="_r1", relay_state="handle", at=AT)
    assert (begun.url, begun.fields["RelayState"]) == (mock().login_url, "handle")
    assert (begun.login.request_id, begun.login.kind, begun.login.begun_at) == ("_r1", LoginKind.USER, AT)


def test_a_relay_state_is_short_PO_16() -> None:
    with pytest.raises(ValueError, match="80 octets"):
        begin(us(), broker(), LoginKind.USER, request_id="_r1", relay_state="ë" * 41, at=AT)


def test_another_implementation_verifies_our_question_about_an_artifact() -> None:
    found = artifact_of([("SAMLart", artifact()), ("RelayState", "handle")], broker())
    asked = resolve_request(us(), broker(), found, request_id="_q1", at=AT)
    assert (asked.url, asked.request_id) == (mock().resolution_url, "_q1")
    (body,) = etree.fromstring(asked.octets).iterchildren(f"{{{SOAP}}}Body")
    signed = signed_by(body[0], us().signer.certificate)
    assert signed.tag == f"{{{SAMLP}}}ArtifactResolve"
    assert signed.findtext(f"{{{SAML}}}Issuer") == ENTITY
    assert signed.findtext(f"{{{SAMLP}}}Artifact") == artifact()
    assert signed.get("Destination") == mock().resolution_url


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("SAMLart", artifact())],
        [("RelayState", "handle")],
        [("SAMLart", artifact()), ("SAMLart", artifact()), ("RelayState", "handle")],
        [("SAMLart", artifact()), ("RelayState", "handle"), ("RelayState", "another")],
        [("SAMLart", artifact(source=b"s" * 20)), ("RelayState", "handle")],
        [("SAMLart", artifact(index=1)), ("RelayState", "handle")],
        [("SAMLart", artifact(kind=b"\x00\x01")), ("RelayState", "handle")],
        [("SAMLart", artifact(handle=b"h" * 21)), ("RelayState", "handle")],
        [("SAMLart", artifact(handle=b"")), ("RelayState", "handle")],
        [("SAMLart", f" {artifact()}"), ("RelayState", "handle")],
        [("SAMLart", artifact()[:-1] + "é"), ("RelayState", "handle")],
        [("SAMLart", ""), ("RelayState", "handle")],
    ],
)
def test_an_artifact_of_another_or_none_leads_nowhere_PO_10(query: list[tuple[str, str]]) -> None:
    with pytest.raises(LoginRefused) as caught:
        artifact_of(query, broker())
    assert caught.value.check == "source"


@drawn(index=st.integers(0, 65_535), handle=st.binary(min_size=20, max_size=20))
def test_an_artifact_of_the_broker_is_read_as_it_was_made(index: int, handle: bytes) -> None:
    known = replace(broker(), resolution_urls={index: "https://broker.example/of-that-index"})
    found = artifact_of([("RelayState", "handle"), ("SAMLart", artifact(index=index, handle=handle))], known)
    assert (found.index, found.relay_state, found.value) == (index, "handle", artifact(index=index, handle=handle))
    asked = resolve_request(us(), known, found, request_id="_q", at=AT + timedelta(seconds=1))
    assert asked.url == "https://broker.example/of-that-index"
