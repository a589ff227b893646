"""Opening identifiers of a login: every octet comes out as it went in, and every failure is one failure."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.identity.logins import issued, unwrapper

from crypto.faults import FailedDecryption
from crypto.login_decryption import NOT_OPENED, key_name_of, opened
from gateway.site.broker.sealing import CIPHERS, DS, OAEP_SHA1, OAEP_SHA256, XENC, Element, Recipient, encrypted_id

US = "urn:us"
PLAIN = b"<NameID>12345678</NameID>"


def recipient(name: str = "login decryption") -> Recipient:
    certificate = issued(name, "encryption").certificate
    return Recipient(entity_id=US, key_name=key_name_of(unwrapper().certificate), certificate=certificate)


def encrypted(octets: bytes = PLAIN, cipher: str = f"{XENC}aes256-cbc", transport: str = OAEP_SHA1) -> Element:
    return encrypted_id(octets, [recipient()], cipher=cipher, transport=transport, number="1")


def read(element: Element) -> bytes:
    return opened(element, recipient=US, keys=[unwrapper()])


@settings(max_examples=60)
@given(
    octets=st.binary(max_size=100),
    cipher=st.sampled_from(sorted(CIPHERS)),
    transport=st.sampled_from([OAEP_SHA1, OAEP_SHA256]),
)
def test_what_was_encrypted_comes_out_octet_for_octet(octets: bytes, cipher: str, transport: str) -> None:
    assert read(encrypted(octets, cipher, transport)) == octets


def value_of(element: Element, parent: str) -> Element:
    return next(next(element.iter(f"{{{XENC}}}{parent}")).iter(f"{{{XENC}}}CipherValue"))


def ciphertext(change: Callable[[bytearray], object], parent: str = "EncryptedData") -> Callable[[Element], None]:
    def changed(element: Element) -> None:
        value = value_of(element, parent)
        octets = bytearray(b64decode(value.text or ""))
        change(octets)
        value.text = b64encode(octets).decode()

    return changed


def algorithm(parent: str, uri: str) -> Callable[[Element], None]:
    def changed(element: Element) -> None:
        next(next(element.iter(f"{{{XENC}}}{parent}")).iter(f"{{{XENC}}}EncryptionMethod")).set("Algorithm", uri)

    return changed


def without(tag: str) -> Callable[[Element], None]:
    def changed(element: Element) -> None:
        for each in list(element.iter(tag)):
            each.getparent().remove(each)  # type: ignore[union-attr]

    return changed


def twice(element: Element) -> None:
    element.append(etree.fromstring(etree.tostring(element[0])))


def another_recipient(element: Element) -> None:
    element[1].set("Recipient", "urn:another")


def seventeen_keys(element: Element) -> None:
    for _ in range(16):
        element.insert(0, etree.fromstring(etree.tostring(element[-1])))


def flipped_last(octets: bytearray) -> None:
    octets[-1] ^= 1


GCM, CBC = "http://www.w3.org/2009/xmlenc11#aes256-gcm", f"{XENC}aes256-cbc"


@pytest.mark.parametrize(
    ("cipher", "damage"),
    [
        (GCM, ciphertext(flipped_last)),
        (GCM, ciphertext(lambda octets: octets.clear())),
        (GCM, ciphertext(lambda octets: octets.__delitem__(slice(13, None)))),
        (CBC, ciphertext(lambda octets: octets.clear())),
        (CBC, ciphertext(lambda octets: octets.__delitem__(slice(16, None)))),
        (CBC, ciphertext(lambda octets: octets.pop())),
        (CBC, algorithm("EncryptedData", f"{XENC}tripledes-cbc")),
        (CBC, algorithm("EncryptedKey", f"{XENC}rsa-1_5")),
        (GCM, ciphertext(flipped_last, "EncryptedKey")),
        (CBC, without(f"{{{XENC}}}EncryptedData")),
        (CBC, without(f"{{{XENC}}}EncryptedKey")),
        (CBC, without(f"{{{DS}}}KeyName")),
        (CBC, without(f"{{{XENC}}}CipherValue")),
        (CBC, another_recipient),
        (CBC, twice),
        (CBC, seventeen_keys),
    ],
)
def test_every_failure_is_one_and_the_same_PO_12(cipher: str, damage: Callable[[Element], None]) -> None:
    element = encrypted(cipher=cipher)
    damage(element)
    with pytest.raises(FailedDecryption) as caught:
        read(element)
    assert (caught.value.detail, caught.value.finding, caught.value.form) == (NOT_OPENED, None, None)


@pytest.mark.parametrize("last", [0, 17, 255])
def test_padding_of_another_length_than_a_block_has_is_that_failure_too_PO_12(last: int) -> None:
    """The octet in front of the last block that the last one is made of by exclusive or."""
    element = encrypted(b"x" * 16)  # so the last block is padding alone, and says 16

    def padded(octets: bytearray) -> None:
        octets[-17] ^= 16 ^ last

    ciphertext(padded)(element)
    with pytest.raises(FailedDecryption, match=NOT_OPENED):
        read(element)


def test_a_key_that_does_not_unwrap_is_replaced_by_chance_and_opens_nothing_PO_12() -> None:
    """With CBC, chance may come to some padding; then what comes out is not what went in."""
    assert PLAIN not in {opened_by_chance() for _ in range(20)}


def opened_by_chance() -> bytes | None:
    element = encrypted()
    ciphertext(flipped_last, "EncryptedKey")(element)
    try:
        return read(element)
    except FailedDecryption:
        return None


def test_a_key_of_another_under_our_name_opens_nothing() -> None:
    element = encrypted_id(PLAIN, [recipient("foreign")], cipher=GCM, transport=OAEP_SHA1, number="1")
    with pytest.raises(FailedDecryption, match=NOT_OPENED):
        read(element)
