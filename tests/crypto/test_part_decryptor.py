"""Streams of encrypted parts: whole or one octet at a time, and nothing altered gets through (EN-05, E05, E19)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from support.messages.whole_parts import decrypt_part

from crypto import names
from crypto.decrypt import PartDecryptor
from crypto.encrypt import ContentCipher
from crypto.faults import FailedDecryption, PolicyNoncompliance
from crypto.key_transports import CONTENTS, ContentKey, new_content_key

KEY = ContentKey(algorithm=CONTENTS[names.AES128_GCM], octets=bytes(range(16)))


def encrypted(chunks: list[bytes]) -> bytes:
    cipher = ContentCipher(KEY)
    return b"".join(map(cipher.update, chunks)) + cipher.finish()


def chopped(octets: bytes, steps: list[int]) -> list[bytes]:
    chunks = []
    while octets:
        step = steps[len(chunks) % len(steps)]
        chunks.append(octets[:step])
        octets = octets[step:]
    return chunks


@given(st.lists(st.binary(max_size=70), max_size=8), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_what_was_encrypted_opens_however_it_is_cut(chunks: list[bytes], steps: list[int]) -> None:
    part = encrypted(chunks)
    plain = b"".join(chunks)
    assert len(part) == len(plain) + 28
    for pieces in (chopped(part, steps), chopped(part, [1]), [b"", part, b""]):
        decryptor = PartDecryptor(KEY)
        opened = b"".join(map(decryptor.update, pieces))
        decryptor.finish()
        assert opened == plain


@given(st.binary(max_size=100))
def test_the_part_is_iv_ciphertext_and_tag_as_another_implementation_reads_it(plain: bytes) -> None:
    part = encrypted([plain])
    assert AESGCM(KEY.octets).decrypt(part[:12], part[12:], None) == plain
    iv = bytes(12)
    assert decrypt_part(KEY, iv + AESGCM(KEY.octets).encrypt(iv, plain, None)) == plain


@given(st.binary(max_size=40), st.data())
def test_any_flipped_bit_is_refused(plain: bytes, data: st.DataObject) -> None:
    part = bytearray(encrypted([plain]))
    part[data.draw(st.integers(0, len(part) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(FailedDecryption):
        decrypt_part(KEY, bytes(part))


@given(st.binary(min_size=28, max_size=80), st.data())
def test_any_shortened_part_is_refused(plain: bytes, data: st.DataObject) -> None:
    part = encrypted([plain])
    with pytest.raises(FailedDecryption):
        decrypt_part(KEY, part[: data.draw(st.integers(0, len(part) - 1))])


def test_at_most_the_tag_is_held_back() -> None:
    part = encrypted([bytes(1000)])
    decryptor = PartDecryptor(KEY)
    assert len(decryptor.update(part[:500])) == 500 - 12 - 16
    assert len(decryptor.update(part[500:])) == 528


def test_a_part_ends_once() -> None:
    decryptor = PartDecryptor(KEY)
    decryptor.update(encrypted([b"x"]))
    decryptor.finish()
    with pytest.raises(FailedDecryption):
        decryptor.finish()


def test_EN_05_an_iv_that_returns_under_one_key_is_refused() -> None:
    part = encrypted([b"one"])
    used: set[bytes] = set()
    PartDecryptor(KEY, used).update(part)
    PartDecryptor(KEY, used).update(encrypted([b"two"]))
    with pytest.raises(PolicyNoncompliance):
        PartDecryptor(KEY, used).update(part)


def test_every_part_has_its_own_iv_and_every_message_its_own_key() -> None:
    assert len({encrypted([b""])[:12] for _ in range(50)}) == 50
    assert len({new_content_key(KEY.algorithm).octets for _ in range(50)}) == 50
    assert KEY.octets.hex() not in repr(KEY)
    assert repr(KEY.octets) not in repr(KEY)
