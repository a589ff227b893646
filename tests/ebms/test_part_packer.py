"""The packer of parts: what it packs is judged by other means, is the same however it was fed, and opens again."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from support.keys.pki import NOW, identity
from support.messages.part_vectors import DOCUMENT, HASHES, VECTORS, Kept, PartVector, cut
from support.messages.units import USER_MESSAGE

from crypto import names as security_names
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.encryption_plan import EncryptionPlan
from crypto.key_references import KeyReference
from crypto.key_transports import ContentKey
from crypto.suites import AS4_1_15_RSA as SUITE
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms import names
from gateway.ebms.envelope import locate
from gateway.ebms.gzip import DEFAULT_RATIO
from gateway.ebms.mime import MimeEvent, MultipartReader, PartBegin, PartData, parse_content_type
from gateway.ebms.model import PartInfo, UserMessage
from gateway.ebms.part_opener import Inflation, PartOpener
from gateway.ebms.part_packer import PackedMessage, PartPacker
from gateway.ebms.receipts import part_references
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document

HUB, CREDITOR = identity("hub"), identity("creditor")
SALT = bytes(range(16))
CUTS = pytest.mark.parametrize("size", [0, 1], ids=["whole", "octet by octet"])


def message_of(*vectors: PartVector) -> UserMessage:
    return replace(USER_MESSAGE, parts=tuple(each.info for each in vectors))


def add(packer: PartPacker, vector: PartVector, pieces: Iterator[bytes]) -> bytes:
    """What of that part goes over the wire."""
    part = packer.begin(vector.content_id, vector.wire_type, salt=SALT if vector.compressed else None)
    return b"".join([*[part.feed(each) for each in pieces], part.close()])


def close(packer: PartPacker, user_message: UserMessage) -> PackedMessage:
    return packer.close(
        user_message,
        key=HUB.signing_key,
        key_reference=KeyReference.TOKEN,
        root_id="root@tests.example",
        recipient=CREDITOR.encryption.certificate,
    )


def packed(*vectors: PartVector, size: int = 0, declared: Sequence[PartVector] = ()) -> tuple[PackedMessage, bytes]:
    """A message of these parts, which come in this order, and its body."""
    packer = PartPacker(SUITE, boundary="b")
    sent = b"".join([add(packer, each, cut(each.content, size)) for each in vectors])
    message = close(packer, message_of(*(declared or vectors)))
    return message, message.head + sent + message.tail


@dataclass(kw_only=True)
class Received:
    """A body taken apart up to its parts, as they are encrypted."""

    verified: Verified
    plan: EncryptionPlan
    keys: Mapping[str, ContentKey]
    events: list[MimeEvent]
    parts: dict[str, bytes] = field(default_factory=dict)


def receive(message: PackedMessage, body: bytes, vectors: Sequence[PartVector]) -> Received:
    """The receiver's steps up to the parts: its envelope verified, the content key unwrapped."""
    reader = MultipartReader(parse_content_type(message.content_type))
    events = reader.feed(body)
    reader.close()
    octets: dict[str, bytes] = {}
    name = ""
    for event in events:
        if isinstance(event, PartBegin):
            name = event.content_id or ""
            octets[name] = b""
        elif isinstance(event, PartData):
            octets[name] += event.octets
    positions = locate(parse_document(octets.pop("root@tests.example"), limits=ENVELOPE_LIMITS))
    assert positions.security is not None
    content_ids = frozenset(each.content_id for each in vectors)
    policy = VerificationPolicy(suite=SUITE, certificates=(HUB.signing.certificate,), at=NOW)
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=content_ids,
        policy=policy,
    )
    plan = read_encryption(positions.security, content_ids=content_ids, policy=DecryptionPolicy(suite=SUITE))
    keys = unwrap(plan, (CREDITOR.decryption_key,))
    root_end = next(at for at, event in enumerate(events) if isinstance(event, PartBegin) and not event.root)
    return Received(verified=verified, plan=plan, keys=keys, events=events[root_end:], parts=octets)


@CUTS
@pytest.mark.parametrize("vector", [each for each in VECTORS if each.encrypted], ids=lambda each: each.name)
def test_a_part_is_packed_as_it_should_be_however_it_is_fed(vector: PartVector, size: int) -> None:
    message, body = packed(vector, size=size)
    received = receive(message, body, [vector])
    sent, key = received.parts[vector.content_id], received.keys[vector.content_id].octets
    plain = AESGCM(key).decrypt(sent[:12], sent[12:], None)
    assert (gzip.decompress(plain) if vector.compressed else plain) == vector.content
    signed = received.verified.part_digests[vector.content_id]
    text = vector.wire_type.startswith("text/")
    assert signed.digest_value == hashlib.sha256(vector.signed_as or b"" if text else plain).digest()
    assert received.plan.mime_types[vector.content_id] == vector.wire_type
    begin = received.events[0]
    assert isinstance(begin, PartBegin)
    assert begin.media_type is not None
    assert begin.media_type.type == names.OCTET_STREAM
    assert message.references == part_references(received.verified.references)


def opened(received: Received, vectors: Sequence[PartVector], size: int) -> list[bytes]:
    """What the parts hold, by the opener."""
    kept: dict[int, Kept] = {}

    def content(_info: PartInfo, place: int) -> Kept:
        return kept.setdefault(place, Kept())

    opener = PartOpener(
        message_of(*vectors),
        received.verified.part_digests,
        keys=received.keys,
        mime_types=received.plan.mime_types,
        content=content,
        inflation=Inflation(octets=1 << 20, ratio=DEFAULT_RATIO),
    )
    part = None
    for event in received.events:
        if isinstance(event, PartBegin):
            part = opener.begin(event)
        elif isinstance(event, PartData):
            assert part is not None
            for piece in cut(event.octets, size):
                part.feed(piece)
        elif part is not None:
            part.close()
    opener.close()
    return [kept[place].octets for place in range(len(vectors))]


@CUTS
def test_what_was_packed_opens_again(size: int) -> None:
    vectors = [each for each in VECTORS if each.encrypted]
    message, body = packed(*vectors, size=size)
    assert opened(receive(message, body, vectors), vectors, size) == [each.content for each in vectors]


@given(st.lists(st.tuples(st.binary(max_size=400), st.booleans()), min_size=1, max_size=3), st.integers(0, 90))
def test_any_parts_in_any_pieces_open_again(contents: list[tuple[bytes, bool]], size: int) -> None:
    vectors = [
        DOCUMENT.changed(f"part {number}", content=content, compressed=compressed, mime_type="a/b")
        for number, (content, compressed) in enumerate(contents)
    ]
    message, body = packed(*vectors, size=size)
    assert opened(receive(message, body, vectors), vectors, size) == [content for content, _ in contents]


def test_the_same_part_and_salt_give_the_same_digest_however_they_are_fed_and_no_ciphertext_returns() -> None:
    large = DOCUMENT.changed("large", content=bytes(range(250)) * 1000)
    bodies = [packed(large, size=size) for size in (0, 1000, 65_537)]
    digests = {receive(*each, [large]).verified.part_digests[large.content_id].digest_value for each in bodies}
    assert len(digests) == 1
    assert len({body for _, body in bodies}) == 3
    sent = [receive(*each, [large]).parts[large.content_id] for each in bodies]
    assert len({each[:12] for each in sent}) == 3
    assert len({len(each) for each in sent}) == 1


def test_H39_parts_are_signed_in_the_order_of_the_header_whatever_the_order_they_came_in() -> None:
    one, other = DOCUMENT.changed("one"), DOCUMENT.changed("other")
    message, body = packed(other, one, declared=[one, other])
    received = receive(message, body, [one, other])
    assert list(received.parts) == [other.content_id, one.content_id]
    assert [each.uri for each in message.references[2:]] == [one.reference.uri, other.reference.uri]
    assert opened(received, [one, other], 0) == [one.content, other.content]


@pytest.mark.parametrize("method", HASHES)
def test_a_digest_that_was_signed_before_is_taken_over_where_it_is_by_the_method_of_the_suite(method: str) -> None:
    packer = PartPacker(SUITE, boundary="b")
    signed = replace(DOCUMENT.changed("signed", method=method, signed_as=b"as it was").reference)
    part = packer.begin(DOCUMENT.content_id, signed=signed)
    sent = part.feed(DOCUMENT.octets) + part.close()
    message = close(packer, message_of(DOCUMENT))
    received = receive(message, message.head + sent + message.tail, [DOCUMENT])
    wanted = b"as it was" if method == security_names.SHA256 else DOCUMENT.octets
    digest = received.verified.part_digests[DOCUMENT.content_id].digest_value
    assert digest == hashlib.sha256(wanted).digest()


@pytest.mark.parametrize("declared", [[], ["one"], ["one", "other", "third"]])
def test_a_message_is_closed_only_over_the_parts_that_it_declares(declared: list[str]) -> None:
    with pytest.raises(ValueError, match="not those that the user message declares"):
        packed(
            DOCUMENT.changed("one"),
            DOCUMENT.changed("other"),
            declared=[DOCUMENT.changed(each) for each in declared] or [DOCUMENT.changed("else")],
        )


def test_a_part_that_was_not_closed_is_in_no_message() -> None:
    packer = PartPacker(SUITE, boundary="b")
    packer.begin(DOCUMENT.content_id, salt=SALT).feed(DOCUMENT.content)
    with pytest.raises(ValueError, match="not those"):
        close(packer, message_of(DOCUMENT))
