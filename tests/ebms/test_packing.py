"""Every outgoing kind through the one signing function, and what a receiver makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from support.keys.pki import NOW, identity
from support.messages.units import (
    CONTENT_ID,
    ERROR,
    PART,
    PULL_REQUEST,
    RECEIPT,
    USER_MESSAGE,
    part,
    user_message,
)

from crypto import names as security_names
from crypto.canonical import canonical_octets
from crypto.content_ids import content_id_uri
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.encrypt import ContentKey, new_content_key, wrap
from crypto.faults import SecurityFault
from crypto.key_references import KeyReference
from crypto.suites import AS4_1_15_RSA as SUITE
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms import names
from gateway.ebms.consistency import check_units, content_ids
from gateway.ebms.envelope import Positions, locate
from gateway.ebms.model import Messaging
from gateway.ebms.pack import Packed, PackedPart, signed_envelope
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import check_receipt, part_references, receipt_for
from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import parse_document

HUB = identity("hub")
PACKED_PART = PackedPart(content_id=CONTENT_ID, mime_type=names.GZIP, digest=SUITE.digest.digest(b"gzip octets"))
KINDS = [
    pytest.param(Messaging(user_message=USER_MESSAGE), (PACKED_PART,), id="user message"),
    pytest.param(Messaging(user_message=user_message(parts=())), (), id="user message without parts"),
    pytest.param(Messaging(receipt=RECEIPT), (), id="receipt"),
    pytest.param(Messaging(error=ERROR), (), id="error"),
    pytest.param(Messaging(pull_request=PULL_REQUEST), (), id="pull request"),
    pytest.param(Messaging(receipt=RECEIPT, pull_request=PULL_REQUEST), (), id="P10"),
    pytest.param(Messaging(receipt=RECEIPT, user_message=USER_MESSAGE), (PACKED_PART,), id="P11"),
]


def pack(
    messaging: Messaging,
    parts: tuple[PackedPart, ...] = (),
    *,
    key_reference: KeyReference = KeyReference.TOKEN,
    content_key: ContentKey | None = None,
) -> Packed:
    recipient = identity("creditor").encryption.certificate
    return signed_envelope(
        messaging,
        key=HUB.signing_key,
        suite=SUITE,
        key_reference=key_reference,
        parts=parts,
        wrapped_key=None if content_key is None else wrap(content_key, recipient, SUITE),
    )


def receive(packed: Packed) -> tuple[Positions, Messaging, Verified]:
    """The receiver's steps, up to the digests of the parts."""
    positions = locate(parse_document(packed.envelope, limits=ENVELOPE_LIMITS))
    assert header_violations(positions.messaging) == ()
    messaging = read_messaging(positions.messaging)
    check_units(messaging)
    assert positions.security is not None
    declared = () if messaging.user_message is None else content_ids(messaging.user_message)
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset(declared),
        policy=VerificationPolicy(suite=SUITE, certificates=(HUB.signing.certificate,), at=NOW),
    )
    return positions, messaging, verified


@pytest.mark.parametrize(("messaging", "parts"), KINDS)
def test_every_kind_arrives_signed_as_it_was_packed(messaging: Messaging, parts: tuple[PackedPart, ...]) -> None:  # S48
    packed = pack(messaging, parts)
    _, received, verified = receive(packed)

    assert received == messaging
    assert part_references(verified.references) == packed.references
    assert [each.uri for each in packed.references] == [
        "#messaging-1",
        "#body-2",
        *(f"cid:{p.content_id}" for p in parts),
    ]


@pytest.mark.parametrize("content_id", ["a&b@sender.example", "it's@sender.example", "a+b,c;d=e@sender.example"])
def test_a_part_may_have_any_name_that_a_uri_can_carry(content_id: str) -> None:
    named = user_message(parts=(replace(PART, href=content_id_uri(content_id)),))
    packed = pack(
        Messaging(user_message=named),
        (replace(PACKED_PART, content_id=content_id),),
        content_key=new_content_key(SUITE.content),
    )
    positions, received, verified = receive(packed)

    assert received.user_message == named
    assert verified.part_digests.keys() == {content_id}
    plan = read_encryption(
        positions.security, content_ids=frozenset({content_id}), policy=DecryptionPolicy(suite=SUITE)
    )
    assert plan.mime_types == {content_id: PACKED_PART.mime_type}


@pytest.mark.parametrize(("messaging", "parts"), KINDS)
def test_what_is_signed_stands_in_the_envelope_in_its_canonical_form(
    messaging: Messaging, parts: tuple[PackedPart, ...]
) -> None:
    packed = pack(messaging, parts)
    positions, _, verified = receive(packed)

    for element in (positions.messaging, positions.body, next(verified.signature.iter(security_names.SIGNED_INFO))):
        assert canonical_octets(element) in packed.envelope


@pytest.mark.parametrize(("messaging", "parts"), KINDS)
def test_no_kind_survives_a_change_of_its_header(messaging: Messaging, parts: tuple[PackedPart, ...]) -> None:  # S10
    packed = pack(messaging, parts)
    altered = packed.envelope.replace(b"T10:00:00.000Z", b"T10:00:01.000Z")

    assert altered != packed.envelope
    with pytest.raises(SecurityFault):
        receive(replace(packed, envelope=altered))


@pytest.mark.parametrize("key_reference", list(KeyReference))
def test_the_signing_certificate_is_named_in_the_configured_form(key_reference: KeyReference) -> None:  # R05
    packed = pack(Messaging(receipt=RECEIPT), key_reference=key_reference)
    positions, _, _ = receive(packed)

    assert positions.security is not None
    has_token = positions.security.find(security_names.BINARY_SECURITY_TOKEN) is not None
    assert has_token is (key_reference is KeyReference.TOKEN)


def test_a_signal_signs_messaging_and_body_alone() -> None:  # R04
    assert [each.uri for each in pack(Messaging(receipt=RECEIPT)).references] == ["#messaging-1", "#body-2"]


def test_the_receipt_made_from_what_was_verified_answers_what_was_packed() -> None:
    packed = pack(Messaging(user_message=USER_MESSAGE), (PACKED_PART,))
    _, messaging, verified = receive(packed)
    assert messaging.user_message is not None
    receipt = receipt_for(
        messaging.user_message, part_references(verified.references), message_id="receipt@a", timestamp=NOW
    )
    _, answer, _ = receive(pack(Messaging(receipt=receipt)))

    assert answer.receipt is not None
    check_receipt(answer.receipt, packed.references)


def test_parts_are_announced_as_encrypted_in_front_of_token_and_signature() -> None:  # E01, E02
    content_key = new_content_key(SUITE.content)
    message = user_message(parts=(PART, part("cid:second@sender.example")))
    second = PackedPart(content_id="second@sender.example", mime_type="text/csv", digest=SUITE.digest.digest(b"csv"))
    positions, _, verified = receive(
        pack(Messaging(user_message=message), (PACKED_PART, second), content_key=content_key)
    )
    assert positions.security is not None
    plan = read_encryption(
        positions.security, content_ids=frozenset(content_ids(message)), policy=DecryptionPolicy(suite=SUITE)
    )
    keys = unwrap(plan, (identity("creditor").decryption_key,))

    assert [etree.QName(each).localname for each in positions.security] == [
        "EncryptedKey", "EncryptedData", "EncryptedData", "BinarySecurityToken", "Signature",
    ]  # fmt: skip
    assert {each: key.octets for each, key in keys.items()} == dict.fromkeys(content_ids(message), content_key.octets)
    assert plan.mime_types == {CONTENT_ID: names.GZIP, "second@sender.example": "text/csv"}
    assert verified.part_digests[CONTENT_ID].matches(PACKED_PART.digest)


def test_a_message_without_parts_has_nothing_to_encrypt() -> None:
    packed = pack(Messaging(receipt=RECEIPT), content_key=new_content_key(SUITE.content))

    assert b"EncryptedKey" not in packed.envelope


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        pytest.param(USER_MESSAGE, (), id="one missing"),
        pytest.param(USER_MESSAGE, (PACKED_PART, PACKED_PART), id="one twice"),
        pytest.param(user_message(parts=()), (PACKED_PART,), id="one not declared"),
        pytest.param(user_message(parts=(part("cid:a"), PART)), (PACKED_PART, replace(PACKED_PART, content_id="a")),
                     id="another order"),
    ],
)  # fmt: skip
def test_parts_other_than_the_declared_ones_are_not_packed(message: object, parts: tuple[PackedPart, ...]) -> None:
    with pytest.raises(ValueError, match="declares"):
        pack(Messaging(user_message=message), parts)  # type: ignore[arg-type]


def test_a_signal_has_no_parts() -> None:
    with pytest.raises(ValueError, match="declares"):
        pack(Messaging(receipt=RECEIPT), (PACKED_PART,))


def test_the_octets_are_an_envelope_in_utf_8_without_a_declaration() -> None:
    packed = pack(Messaging(user_message=user_message(conversation_id="één dossier", parts=())))

    assert packed.envelope.startswith(b"<S12:Envelope ")
    assert "één dossier".encode() in packed.envelope
