"""A signature kept outside its message: eb:Messaging, Body, ds:Signature and token side by side in one document."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree
from support.keys.pki import identity
from support.messages.signed_messages import BODY, ENVELOPE, MESSAGING, Wire, make, policy_for, positions

from crypto import names
from crypto.elements import Element
from crypto.faults import FailedAuthentication, PolicyNoncompliance, SecurityFault
from crypto.key_references import KeyReference
from crypto.verify import Verified, verify_signature

PARTS = {"one@knooppunt.example": b"octets"}


def evidence_of(wire: Wire) -> Element:
    """A document with the signed elements of a message and what belongs to its signature."""
    where = positions(wire.document())
    kept = [where.messaging, where.body]
    kept += where.security.iterchildren(names.BINARY_SECURITY_TOKEN, names.SIGNATURE)
    # Each element is written with the namespaces it sees, and read again in its new place.
    inside = b"".join(etree.tostring(each, with_tail=False) for each in kept)
    return etree.fromstring(b'<k:origin xmlns:k="urn:k">' + inside + b"</k:origin>")


def check_evidence(document: Element) -> Verified:
    signature, messaging, body = (document.find(tag) for tag in (names.SIGNATURE, MESSAGING, BODY))
    assert signature is not None
    assert messaging is not None
    assert body is not None
    return verify_signature(
        signature,
        beside=list(document),
        messaging=messaging,
        body=body,
        content_ids=frozenset(PARTS),
        policy=policy_for(),
    )


@pytest.mark.parametrize("form", KeyReference)
def test_a_signature_verifies_in_the_document_that_keeps_it(form: KeyReference) -> None:
    verified = check_evidence(evidence_of(make(parts=PARTS, key_reference=form)))
    assert verified.certificate == identity("creditor").signing.certificate
    assert verified.part_digests.keys() == PARTS.keys()


def test_namespaces_that_the_envelope_declared_come_along() -> None:
    envelope = ENVELOPE.replace("<S12:Body/>", "<S12:Body><x/></S12:Body>").replace(
        "<S12:Header>", '<S12:Header xmlns:more="urn:more">'
    )
    check_evidence(evidence_of(make(parts=PARTS, envelope=envelope)))


def move_token_into_body(document: Element) -> None:
    token, body = document.find(names.BINARY_SECURITY_TOKEN), document.find(BODY)
    assert token is not None
    assert body is not None
    body.append(token)


def duplicate_messaging(document: Element) -> None:
    document.append(etree.fromstring(etree.tostring(document[0])))


def alter_messaging(document: Element) -> None:
    document[0].text = "x"


def drop_part(document: Element) -> None:
    reference = list(document.iter(names.REFERENCE))[2]
    parent = reference.getparent()
    assert parent is not None
    parent.remove(reference)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (move_token_into_body, FailedAuthentication),
        (duplicate_messaging, FailedAuthentication),
        (alter_messaging, FailedAuthentication),
        (drop_part, PolicyNoncompliance),
    ],
)
def test_altered_evidence_is_refused(change: Callable[[Element], None], fault: type[SecurityFault]) -> None:
    document = evidence_of(make(parts=PARTS))
    change(document)
    with pytest.raises(fault):
        check_evidence(document)
