"""What is refused of encryption, by clause: first what the header says, without any key; then what does not open."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lxml import etree
from support.keys.pki import NOW, identity
from support.messages.signed_messages import EB, Wire, check, make, open_parts, policy_for, positions

from crypto import names
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.elements import Element, base64_text
from crypto.encrypt import new_content_key, wrap
from crypto.faults import FailedAuthentication, FailedDecryption, PolicyNoncompliance, SecurityFault, UnusableCredential
from crypto.key_references import KeyReference
from crypto.key_transports import CONTENTS, KEY_TRANSPORTS, WrappedOctets
from crypto.keys import DecryptionKey
from crypto.suites import AS4_1_15_RSA, Suite, narrow_suite

PARTS = {"one@knooppunt.example": b"octets of one", "two@knooppunt.example": b"octets of two" * 100}
DS = f"{{{names.DS}}}"
XENC = f"{{{names.XENC}}}"

Change = Callable[[Element], object]


@dataclass(frozen=True)
class UnusedKey:
    """Stands in for our private key and remembers that it was asked."""

    certificate: x509.Certificate
    asked: list[WrappedOctets] = field(default_factory=list)

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        self.asked.append(wrapped)
        return bytes(16)


@dataclass
class CountedKey:
    """Our private key, which counts how often it is used."""

    key: DecryptionKey
    used: int = 0

    @property
    def certificate(self) -> x509.Certificate:
        return self.key.certificate

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        self.used += 1
        return self.key.unwrap(wrapped)


@pytest.fixture(scope="module")
def wire() -> Wire:
    return make(recipient=identity("hub"), parts=PARTS)


def nth(document: Element, tag: str, index: int = 0) -> Element:
    return list(document.iter(tag))[index]


def remove(tag: str, index: int = 0) -> Change:
    def change(document: Element) -> None:
        element = nth(document, tag, index)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def put(tag: str, attribute: str, value: str, index: int = 0) -> Change:
    return lambda document: nth(document, tag, index).set(attribute, value)


def key_method(algorithm: str) -> Change:
    return put(names.ENCRYPTION_METHOD, "Algorithm", algorithm)


def data_method(algorithm: str) -> Change:
    return put(names.ENCRYPTION_METHOD, "Algorithm", algorithm, 1)


def add(tag: str, child: str, index: int = 0) -> Change:
    return lambda document: etree.SubElement(nth(document, tag, index), child, Algorithm="urn:x")


def encrypt_messaging(document: Element) -> None:
    where = positions(document)
    message = where.messaging[0]
    where.messaging.replace(message, deepcopy(nth(document, names.ENCRYPTED_DATA)))


def copy_to(tag: str, to: str, new_id: str) -> Change:
    def change(document: Element) -> None:
        copy = deepcopy(nth(document, tag))
        copy.set("Id", new_id)
        nth(document, to).append(copy)

    return change


def second_data_for_one_part(document: Element) -> None:
    copy_to(names.ENCRYPTED_DATA, names.SECURITY, "ED-other")(document)
    etree.SubElement(nth(document, names.REFERENCE_LIST), names.DATA_REFERENCE, URI="#ED-other")


def add_as_it_is(document: Element, tag: str) -> None:
    element = nth(document, tag)
    parent = element.getparent()
    assert parent is not None
    parent.append(deepcopy(element))


def add_data_reference(document: Element) -> None:
    etree.SubElement(nth(document, names.REFERENCE_LIST), names.DATA_REFERENCE, URI="#nowhere")


def many_data(count: int) -> Change:
    def change(document: Element) -> None:
        for number in range(count):
            etree.SubElement(positions(document).security, names.ENCRYPTED_DATA, Id=f"ED-{number}x")

    return change


def many_keys(count: int) -> Change:
    def change(document: Element) -> None:
        security = positions(document).security
        for number in range(count):
            etree.SubElement(security, names.ENCRYPTED_KEY, Id=f"EK-{number}x")

    return change


def key_without_data(document: Element) -> None:
    copy_to(names.ENCRYPTED_KEY, names.SECURITY, "EK-other")(document)
    for reference in list(nth(document, names.REFERENCE_LIST, 1)):
        reference.getparent().remove(reference)


def refer_to(index: int, uri: str) -> Change:
    return put(names.CIPHER_REFERENCE, "URI", uri, index)


REFUSED: list[tuple[str, Change, type[SecurityFault]]] = [
    ("E12-rsa-1.5", key_method(f"{names.XENC}rsa-1_5"), PolicyNoncompliance),
    ("E12-cbc", data_method(f"{names.XENC}aes128-cbc"), PolicyNoncompliance),
    ("E12-3des", data_method(f"{names.XENC}tripledes-cbc"), PolicyNoncompliance),
    ("EN-02-aes256", data_method(names.AES256_GCM), PolicyNoncompliance),
    ("EN-02-parameter", add(names.ENCRYPTION_METHOD, f"{XENC}KeySize", 1), PolicyNoncompliance),
    ("E13 the older OAEP", key_method(names.RSA_OAEP_MGF1P), PolicyNoncompliance),
    ("E14-no-mgf", remove(names.MGF), PolicyNoncompliance),
    ("E14-no-digest", remove(names.DIGEST_METHOD), PolicyNoncompliance),
    ("EN-03-sha1", put(names.DIGEST_METHOD, "Algorithm", names.SHA1), PolicyNoncompliance),
    ("EN-03-unknown", put(names.DIGEST_METHOD, "Algorithm", "urn:x"), PolicyNoncompliance),
    ("EN-03-mgf", put(names.MGF, "Algorithm", names.MGF1_SHA1), PolicyNoncompliance),
    ("EN-03-params", add(names.ENCRYPTION_METHOD, f"{{{names.XENC}}}OAEPparams"), PolicyNoncompliance),
    ("EN-03-twice", add(names.ENCRYPTION_METHOD, names.MGF), PolicyNoncompliance),
    ("EN-03-twice-same", lambda document: add_as_it_is(document, names.MGF), PolicyNoncompliance),
    ("EN-03-nested", add(names.DIGEST_METHOD, f"{DS}X"), PolicyNoncompliance),
    ("E11 Messaging is encrypted", encrypt_messaging, PolicyNoncompliance),
    ("EN-08-in-body", copy_to(names.ENCRYPTED_DATA, f"{{{names.S12}}}Body", "x"), PolicyNoncompliance),
    ("EN-08-key-in-messaging", copy_to(names.ENCRYPTED_KEY, f"{{{EB}}}Messaging", "x"), PolicyNoncompliance),
    ("EN-08-key-in-key-info", copy_to(names.ENCRYPTED_KEY, names.KEY_INFO, "x"), PolicyNoncompliance),
    ("EN-08-not-listed", remove(names.DATA_REFERENCE), PolicyNoncompliance),
    ("EN-08-no-list", remove(names.REFERENCE_LIST), PolicyNoncompliance),
    ("EN-08-listed-nothing", add(names.REFERENCE_LIST, names.DATA_REFERENCE), PolicyNoncompliance),
    ("EN-08-listed-key", add(names.REFERENCE_LIST, f"{XENC}KeyReference"), PolicyNoncompliance),
    ("EN-08-listed-nowhere", put(names.DATA_REFERENCE, "URI", "#nowhere"), PolicyNoncompliance),
    ("EN-08-listed-twice", lambda document: add_as_it_is(document, names.DATA_REFERENCE), PolicyNoncompliance),
    ("EN-08-listed-more", add_data_reference, PolicyNoncompliance),
    ("EN-08-same-ids", put(names.ENCRYPTED_DATA, "Id", "EK-5"), PolicyNoncompliance),
    ("E17 two ciphertexts of one part", second_data_for_one_part, PolicyNoncompliance),
    ("E17-by-uri", refer_to(1, "cid:one@knooppunt.example"), PolicyNoncompliance),
    ("E16 a part that is not there", refer_to(0, "cid:three@knooppunt.example"), FailedDecryption),
    ("E16-no-cid", refer_to(0, "#id-3"), PolicyNoncompliance),
    ("E16-http", refer_to(0, "http://127.0.0.1:9/"), PolicyNoncompliance),
    ("E09 keys whose ciphertexts are gone", remove(names.ENCRYPTED_DATA), PolicyNoncompliance),
    ("E18 keys beyond the parts", many_keys(2), PolicyNoncompliance),
    ("E18-10000", many_keys(10_000), PolicyNoncompliance),
    ("E18-for-nothing", copy_to(names.ENCRYPTED_KEY, names.SECURITY, "EK-other"), PolicyNoncompliance),
    ("E18-key-without-data", key_without_data, PolicyNoncompliance),
    ("type-complete", put(names.ENCRYPTED_DATA, "Type", names.ATTACHMENT_CONTENT_ONLY[:-4]), PolicyNoncompliance),
    ("type-element", put(names.ENCRYPTED_DATA, "Type", f"{names.XENC}Element"), PolicyNoncompliance),
    ("no-type", lambda document: nth(document, names.ENCRYPTED_DATA).attrib.pop("Type"), PolicyNoncompliance),
    ("no-key", remove(names.ENCRYPTED_KEY), PolicyNoncompliance),
    ("other-key-named", put(names.TOKEN_REFERENCE, "URI", "#X509-1"), PolicyNoncompliance),
    ("key-named-by-url", put(names.TOKEN_REFERENCE, "URI", "http://127.0.0.1:9/"), PolicyNoncompliance),
    ("transform", put(names.TRANSFORM, "Algorithm", f"{DS}base64"), PolicyNoncompliance),
    ("transform-parameter", add(names.TRANSFORM, f"{DS}XPath"), PolicyNoncompliance),
    ("two-transforms", add(names.CIPHER_TRANSFORMS, names.TRANSFORM), PolicyNoncompliance),
    ("no-transforms", remove(names.CIPHER_TRANSFORMS), PolicyNoncompliance),
    ("value-and-reference", add(names.CIPHER_DATA, names.CIPHER_VALUE, 1), PolicyNoncompliance),
    ("no-method", remove(names.ENCRYPTION_METHOD, 1), PolicyNoncompliance),
    (
        "value-not-base64",
        lambda document: setattr(nth(document, names.CIPHER_VALUE), "text", "?"),
        FailedDecryption,
    ),
    (
        "value-too-long",
        lambda document: setattr(nth(document, names.CIPHER_VALUE), "text", "A" * 5000),
        PolicyNoncompliance,
    ),
    ("recipient-by-url", add(names.SECURITY_TOKEN_REFERENCE, names.TOKEN_REFERENCE), PolicyNoncompliance),
    ("DS-20 a key to be fetched", add(names.KEY_INFO, names.RETRIEVAL_METHOD), PolicyNoncompliance),
    ("recipient-by-value", add(names.KEY_INFO, f"{DS}KeyValue"), FailedDecryption),
]


@pytest.mark.parametrize(("change", "fault"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_the_header_says_is_judged_before_any_key_is_used(
    wire: Wire, change: Change, fault: type[SecurityFault]
) -> None:
    key = UnusedKey(identity("hub").encryption.certificate)
    with pytest.raises(fault):
        open_parts(wire.altered(change), key)
    assert not key.asked
    assert open_parts(wire) == PARTS


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (many_keys(2), "3 wrapped keys"),
        (many_data(2), "4 encrypted parts"),
        (put(names.ENCRYPTED_DATA, "Id", "EK-5"), "one id"),
        (lambda document: nth(document, names.ENCRYPTED_DATA).attrib.pop("Id"), "no ReferenceList"),
    ],
)
def test_E18_counts_and_ids_are_judged_before_anything_is_read(wire: Wire, change: Change, detail: str) -> None:
    with pytest.raises(PolicyNoncompliance, match=detail):
        open_parts(wire.altered(change))


def test_E08_a_message_in_clear_is_refused_where_encryption_is_required_and_read_where_it_is_not() -> None:
    clear = make(parts=PARTS)
    with pytest.raises(PolicyNoncompliance):
        open_parts(clear)
    assert open_parts(clear, policy=DecryptionPolicy(suite=AS4_1_15_RSA, required=False)) == {}


def test_E08_a_message_without_parts_needs_no_encryption() -> None:
    assert open_parts(make()) == {}


def test_E10_an_encrypted_part_opens_although_it_need_not_be_encrypted(wire: Wire) -> None:
    assert open_parts(wire, policy=DecryptionPolicy(suite=AS4_1_15_RSA, required=False)) == PARTS


def test_E21_the_plan_tells_the_type_before_encryption() -> None:
    wire = make(recipient=identity("hub"), parts=PARTS, mime_type="text/xml")
    plan = read_encryption(
        positions(wire.document()).security,
        content_ids=frozenset(PARTS),
        policy=DecryptionPolicy(suite=AS4_1_15_RSA),
    )
    assert plan.mime_types == dict.fromkeys(PARTS, "text/xml")


@pytest.mark.parametrize("form", KeyReference)
def test_E07_a_message_for_another_recipient_is_refused_without_using_our_key(form: KeyReference) -> None:
    wire = make(recipient=identity("stranger"), parts=PARTS, encrypted_reference=form)
    key = UnusedKey(identity("hub").encryption.certificate)
    with pytest.raises(FailedDecryption):
        open_parts(wire, key)
    assert not key.asked


def for_another_key(document: Element) -> None:
    """The wrapped key is for the stranger, but the header says it is ours."""
    wrapped = wrap(new_content_key(AS4_1_15_RSA.content), identity("stranger").encryption.certificate, AS4_1_15_RSA)
    set_cipher_value(wrapped.sealed.octets)(document)


def set_cipher_value(octets: bytes) -> Change:
    return lambda document: setattr(nth(document, names.CIPHER_VALUE), "text", base64_text(octets))


def key_of(size: int) -> Change:
    def change(document: Element) -> None:
        wrapped = AS4_1_15_RSA.key_transport.wrap(bytes(size), identity("hub").encryption.certificate.public_key())
        set_cipher_value(wrapped.octets)(document)

    return change


def same(_document: Element) -> None:
    """Nothing is altered in the header."""


def flip_last(octets: bytes) -> bytes:
    return octets[:-1] + bytes([octets[-1] ^ 1])


FAILING: list[tuple[str, Change, Callable[[bytes], bytes]]] = [
    ("E05-tag", same, flip_last),
    ("E05-first", same, lambda octets: bytes([octets[0] ^ 1]) + octets[1:]),
    ("E06 wrapped for somebody else", for_another_key, bytes),
    ("E19-10", same, lambda octets: octets[:10]),
    ("E19-27", same, lambda octets: octets[:27]),
    ("EN-05-empty", same, lambda octets: b""),
    ("EN-05-cut-tag", same, lambda octets: octets[:-1]),
    ("EN-05-no-tag", same, lambda octets: octets[:-16]),
    ("EN-05-iv-8", same, lambda octets: octets[4:]),
    ("EN-05-longer", same, lambda octets: octets + b"\0"),
    ("EN-04-padding", set_cipher_value(bytes(256)), bytes),
    ("EN-04-short", set_cipher_value(bytes(10)), bytes),
    ("EN-04-empty", set_cipher_value(b""), bytes),
    ("EN-06-15", key_of(15), bytes),
    ("EN-06-17", key_of(17), bytes),
    ("EN-06-32", key_of(32), bytes),
    ("EN-06-0", key_of(0), bytes),
]


@pytest.mark.parametrize(("change", "cut"), [row[1:] for row in FAILING], ids=[row[0] for row in FAILING])
def test_E15_whatever_does_not_open_fails_in_the_same_place_in_the_same_way(
    wire: Wire, change: Change, cut: Callable[[bytes], bytes]
) -> None:
    altered = wire.altered(change)
    altered = altered.with_parts({each: cut(octets) for each, octets in wire.parts.items()})
    plan = read_encryption(
        positions(altered.document()).security,
        content_ids=frozenset(PARTS),
        policy=DecryptionPolicy(suite=AS4_1_15_RSA),
    )
    key = CountedKey(identity("hub").decryption_key)
    content_keys = unwrap(plan, (key,))
    assert key.used == 1
    assert {len(each.octets) for each in content_keys.values()} == {16}
    with pytest.raises(FailedDecryption):
        open_parts(altered)


def test_E15_a_key_that_does_not_come_out_is_replaced_by_a_different_one_every_time(wire: Wire) -> None:
    plan = read_encryption(
        positions(wire.altered(for_another_key).document()).security,
        content_ids=frozenset(PARTS),
        policy=DecryptionPolicy(suite=AS4_1_15_RSA),
    )
    seen = {unwrap(plan, (identity("hub").decryption_key,))["one@knooppunt.example"].octets for _ in range(3)}
    assert len(seen) == 3


def test_EN_10_an_expired_certificate_of_ours_opens_nothing_unless_the_policy_is_to_open_what_waited() -> None:
    old, new = identity("hub", "expired"), identity("hub")
    wire = make(recipient=old, parts=PARTS)
    keys = (new.decryption_key, old.decryption_key)
    policy = DecryptionPolicy(suite=AS4_1_15_RSA)
    assert open_parts(wire, *keys, policy=policy) == PARTS
    with pytest.raises(FailedDecryption):
        open_parts(wire, *keys, policy=replace(policy, at=NOW))
    assert open_parts(make(recipient=new, parts=PARTS), *keys, policy=replace(policy, at=NOW)) == PARTS


def test_two_wrapped_keys_open_each_their_own_parts(wire: Wire) -> None:
    other = make(recipient=identity("hub", "next"), parts=PARTS)

    def merge(document: Element) -> None:
        """The second part, with its key, is taken from the other message."""
        security, theirs = positions(document).security, positions(other.document()).security
        for element, tag, index in [
            (security, names.DATA_REFERENCE, 1),
            (theirs, names.DATA_REFERENCE, 0),
            (security, names.ENCRYPTED_DATA, 1),
        ]:
            remove(tag, index)(element)
        key, data = nth(theirs, names.ENCRYPTED_KEY), nth(theirs, names.ENCRYPTED_DATA, 1)
        for element, attribute in [
            (key, "Id"),
            (data, "Id"),
            (nth(key, names.DATA_REFERENCE), "URI"),
            (nth(data, names.TOKEN_REFERENCE), "URI"),
        ]:
            element.set(attribute, f"{element.get(attribute)}-other")
        security.insert(0, data)
        security.insert(0, key)

    merged = wire.altered(merge).with_parts(
        {each: (wire if each.startswith("one") else other).parts[each] for each in PARTS}
    )
    keys = identity("hub").decryption_key, identity("hub", "next").decryption_key
    assert open_parts(merged, *keys) == PARTS
    check(merged)


def test_EncryptedData_without_KeyInfo_is_opened_with_the_key_that_lists_it(wire: Wire) -> None:
    def drop(document: Element) -> None:
        for data in document.iter(names.ENCRYPTED_DATA):
            data.remove(data[1])

    assert open_parts(wire.altered(drop)) == PARTS


OLDER = [name for name in KEY_TRANSPORTS if name != AS4_1_15_RSA.key_transport.name]


@pytest.mark.parametrize("name", OLDER)
def test_E13_E14_older_key_transports_open_only_where_a_suite_asks_for_them(name: str) -> None:
    older = replace(AS4_1_15_RSA, key_transport=KEY_TRANSPORTS[name], accepted_key_transports=(KEY_TRANSPORTS[name],))
    wire = make(recipient=identity("hub"), parts=PARTS, suite=older)
    assert open_parts(wire, policy=DecryptionPolicy(suite=older)) == PARTS
    with pytest.raises(PolicyNoncompliance):
        open_parts(wire)


@pytest.mark.parametrize(("name", "tag"), [("rsa-oaep-sha256-mgf1sha1", names.MGF), ("rsa-oaep-mgf1p-sha1", "digest")])
def test_E14_an_absent_parameter_means_sha1(name: str, tag: str) -> None:
    older = replace(AS4_1_15_RSA, key_transport=KEY_TRANSPORTS[name], accepted_key_transports=(KEY_TRANSPORTS[name],))
    wire = make(recipient=identity("hub"), parts=PARTS, suite=older)
    short = wire.altered(remove(names.DIGEST_METHOD if tag == "digest" else tag))
    assert open_parts(short, policy=DecryptionPolicy(suite=older)) == PARTS


@pytest.mark.parametrize("uri", CONTENTS)
def test_every_content_cipher_of_the_table_opens_what_it_closed(uri: str) -> None:
    suite = narrow_suite(
        "test",
        signature=names.RSA_SHA512,
        digest=names.SHA384,
        key_transport="rsa-oaep-sha256-mgf1sha256",
        content=uri,
    )
    wire = make(recipient=identity("hub"), parts=PARTS, suite=suite)
    assert open_parts(wire, policy=DecryptionPolicy(suite=suite)) == PARTS
    check(wire, policy_for(suite=suite))
    with pytest.raises(PolicyNoncompliance):
        check(wire)


def test_E20_encrypting_before_signing_is_noticed_by_the_digest() -> None:
    wire = make(recipient=identity("hub"), parts=PARTS)
    signed_over_ciphertext = make(parts=wire.parts)
    references = check(signed_over_ciphertext).part_digests
    assert references != check(wire).part_digests


def test_a_recipient_whose_key_is_too_small_for_the_transport_is_our_own_fault() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    transport = KEY_TRANSPORTS["rsa-oaep-sha256-mgf1sha256"]
    with pytest.raises(UnusableCredential):
        transport.wrap(bytes(100), small.public_key())


def test_a_suite_of_another_kind_of_key_is_our_own_fault() -> None:
    key = Ed25519PrivateKey.generate()
    with pytest.raises(UnusableCredential):
        AS4_1_15_RSA.key_transport.wrap(bytes(16), key.public_key())
    with pytest.raises(UnusableCredential):
        AS4_1_15_RSA.signature.sign_octets(key, b"")
    with pytest.raises(FailedAuthentication):
        AS4_1_15_RSA.signature.verify(key.public_key(), b"", b"")
    with pytest.raises(FailedDecryption):
        AS4_1_15_RSA.key_transport.unwrap(key, WrappedOctets(transport=AS4_1_15_RSA.key_transport, octets=b""))


def test_a_suite_accepts_what_it_writes() -> None:
    suite: Suite = AS4_1_15_RSA
    assert suite.accepted_signature(suite.signature.uri) is suite.signature
    assert suite.accepted_digest(suite.digest.uri) is suite.digest
    assert suite.accepted_content(suite.content.uri) is suite.content
    assert suite.key_transport in suite.accepted_key_transports
