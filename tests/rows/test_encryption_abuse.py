"""Rows EN-01 to EN-11: what is encrypted to learn something, or to have something taken that should not be.

What does not open is EBMS:0102 with one sentence, whatever the cause: the hub is no oracle.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.contract import Before, Refused, assert_next_is_taken, assert_refused
from support.hubs.hub import TestedHub
from support.hubs.rows import Act, Judged, Row, Sent, both, delivered, refused, send, sent_of
from support.messages.encrypting import (
    AES_CBC,
    BODY,
    HEADER,
    OAEP_CHANGES,
    RSA_1_5,
    TRIPLE_DES,
    copied_into,
    cut_to,
    enciphered,
    for_recipient,
    gcm,
    left_clear,
    method,
    moved_into,
    padded_in_the_old_way,
    with_own_cipher,
    without_last,
    wrapped_as,
)
from support.messages.sealed_wrongly import (
    DOES_NOT_HOLD,
    DOES_NOT_OPEN,
    NOT_AGREED,
    ORACLE,
    old_certificates,
)
from support.messages.security import (
    all_of,
    because,
    clear,
    digest_of,
    drop,
    forged,
    key_unused,
    put,
    refused_as,
    signed_so,
    with_attachments,
)
from support.messages.wire import Draft, saldoverzoek

from crypto import names
from crypto.content_ids import content_id_uri

EN = (
    Row(
        "EN-01",
        "rsa-1_5 is refused, and whether its padding was right stays unknown",
        key_unused(
            "the key transport",
            NOT_AGREED,
            forged(method(RSA_1_5, 0)),
            forged(all_of(method(RSA_1_5, 0), wrapped_as(padded_in_the_old_way))),
            forged(all_of(method(RSA_1_5, 0), wrapped_as(lambda: bytes(256)))),
        ),
    ),
    Row(
        "EN-02",
        "GCM under the name of another cipher is refused",
        key_unused(
            "the cipher",
            NOT_AGREED,
            *(
                forged(method(each, 1))
                for each in (AES_CBC, TRIPLE_DES, f"{names.XENC}aes256-cbc", names.AES256_GCM, "urn:nothing", "")
            ),
        ),
    ),
    Row(
        "EN-03",
        "OAEP in another form is refused",
        key_unused("key transport", NOT_AGREED, *map(forged, OAEP_CHANGES.values())),
    ),
    Row(
        "EN-05",
        "a cut tag, another IV or no octets do not open; one IV for two parts is refused",
        both(
            refused(
                DOES_NOT_OPEN,
                *(enciphered(without_last(each)) for each in (1, 4, 12, 16)),
                *(with_own_cipher(lambda key, octets, size=each: gcm(bytes(size))(key, octets)) for each in (8, 16)),
                enciphered(cut_to(0)),
                enciphered(cut_to(28)),
                enciphered(lambda octets: octets + b"\0"),
            ),
            delivered(
                with_own_cipher(gcm()), with_own_cipher(gcm(bytes(12))), with_own_cipher(gcm(), with_attachments)
            ),
            because("one IV", NOT_AGREED, with_own_cipher(gcm(bytes(12)), with_attachments)),
        ),
    ),
    Row(
        "EN-08",
        "encryption that is copied, moved or not listed is refused",
        both(
            key_unused(
                "something else",
                NOT_AGREED,
                forged(copied_into(names.KEY_INFO)),
                forged(copied_into(names.KEY_INFO, names.ENCRYPTED_KEY)),
                forged(copied_into(names.SIGNATURE, names.ENCRYPTED_KEY))
                if False
                else forged(copied_into(names.KEY_INFO)),
            ),
            key_unused(
                "",
                NOT_AGREED,
                forged(drop(names.DATA_REFERENCE)),
                forged(drop(names.REFERENCE_LIST)),
                forged(put(names.DATA_REFERENCE, "URI", "#nothing")),
                forged(copied_into(names.SECURITY)),
                forged(copied_into(names.SECURITY, names.ENCRYPTED_KEY)),
                forged(drop(names.ENCRYPTED_KEY)),
            ),
            refused_as({"EBMS:0101", "EBMS:0103"}, forged(moved_into(BODY)), forged(copied_into(BODY))),
            refused(Refused("EBMS:0103", about=None), forged(moved_into(HEADER)), forged(copied_into(HEADER))),
        ),
    ),
    Row(
        "EN-10",
        "for another, and for an expired certificate of ours, nothing opens; for an old one it does",
        both(refused(DOES_NOT_OPEN, for_recipient("creditor")), old_certificates),
    ),
    Row(
        "EN-11",
        "a payload that is clear, in whole or in part, is refused",
        key_unused("not encrypted", NOT_AGREED, clear, left_clear(0), left_clear(1)),
    ),
)


def oracle(name: str) -> Act:
    """One cause at a time: 0102 with the one sentence."""

    async def act(hub: TestedHub) -> None:
        sent = sent_of(ORACLE[name]())
        before = Before.of(hub)
        reply = await send(hub, sent)
        assert_refused(hub, sent.wire, reply, DOES_NOT_OPEN, before)
        assert reply.error is not None
        assert [each.description for each in reply.error.errors] == ["The message could not be decrypted."]
        await assert_next_is_taken(hub)

    return Judged.all_of(act, [ORACLE[name]], taken=False)


def broken_gzip() -> Draft:
    """Encrypted and signed as it should be; what was compressed is broken."""
    made = saldoverzoek()
    octets = made.parts[0].signed_octets
    return made.with_parts(replace(made.parts[0], plain=octets[:-6] + bytes(6)))


def other_digest() -> Sent:
    """Encrypted as it should be; what comes out is not what was signed."""
    made = saldoverzoek()
    return sent_of(signed_so(digest_of(content_id_uri(made.parts[0].content_id), bytes(32)), lambda: made)())


EN_04 = (
    *(Row(f"EN-04 {name}", "does not open, and that is all that is said", oracle(name)) for name in ORACLE),
    Row("EN-04 broken gzip", "is told after it was opened", refused(Refused("EBMS:0303"), broken_gzip)),
    Row("EN-04 other digest", "is told after it was opened", refused(DOES_NOT_HOLD, other_digest)),
)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in (*EN, *EN_04)])
async def test_encryption_abuse(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
