"""Rows E01 to E23: what is encrypted, for whom and how, over sockets against a running hub.

Decisions that a row left open: every P-Mode signs, so a message that is only encrypted is refused, and signed besides
it opens (E04). A part that came encrypted although it may come clear is opened (E10). An encrypted eb:Messaging is
EBMS:0103 like all encryption that is not agreed, without reference, as there is none to read (E11). What is encrypted
to a certificate of ours that has expired is EBMS:0102, to an old one that still holds is opened (E22, EN-10). A
receiver without a certificate to encrypt to is a 503, as a renewal makes it pass, and a participant encrypts nothing
to a hub's certificate that has expired (E23). Published messages are opened by `crypto` with the keys printed beside
them; no P-Mode of a hub fits them, so E03, E04 and E13 send messages of the same make.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest
from support.client.client_rows import office
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.hub_script import HubScript, receipt
from support.hubs.rows import Row, Stimulus, both, delivered, refuse_one, refused, sent_of, taken
from support.hubs.rows import ids as ids_of
from support.keys.pki import identity
from support.messages.encrypting import (
    AES_CBC,
    MESSAGING,
    RSA_1_5,
    TRIPLE_DES,
    copied_into,
    cut_to,
    enciphered,
    encrypted_before_signing,
    first_flipped,
    for_recipient,
    in_suite,
    last_flipped,
    left_clear,
    messaging_encrypted,
    method,
    more_keys,
    moved_into,
    named,
    of_party,
    refer_to,
    second_for_one_part,
    typed,
    wrapped_for,
)
from support.messages.sealed_wrongly import (
    DOES_NOT_HOLD,
    DOES_NOT_OPEN,
    NOT_AGREED,
    ORACLE,
    old_certificates,
    two_for_the_first,
)
from support.messages.security import (
    CLEAR,
    OLDER,
    all_of,
    clear,
    collected,
    drop,
    forged,
    hub_with,
    key_unused,
    nth,
    older_partner,
    signed_so,
    with_attachments,
)
from support.messages.signing import canonical
from support.messages.wire import Draft, Reply, post, pull_request, saldoverzoek

from crypto import names
from crypto.certificates import Certificate, subject_key_identifier
from crypto.content_ids import content_id_uri
from crypto.elements import Element, document_root
from crypto.key_references import KeyReference
from crypto.signature_algorithms import SIGNATURES
from gateway.client.advice import WrongSetting
from gateway.client.taking import Outcome
from gateway.ebms.envelope import locate

EXPIRED_CREDITOR = {
    "creditor": {
        "certificates": {"signing": ["creditor-signing"], "encryption": ["creditor-expired-encryption"]},
    }
}
OLDER_OAEP = ("rsa-oaep-sha256-mgf1sha1", "rsa-oaep-sha1-mgf1sha1")


# ---- what is sent


def older_message() -> Draft:
    """Two gzip parts as partners wrote them years ago: named by key identifier, RSA-SHA384, OAEP with MGF1-SHA-1."""
    suite = replace(OLDER, signature=SIGNATURES[names.RSA_SHA384])
    return replace(with_attachments(), suite=suite, key_reference=KeyReference.SKI)


def to_administrator() -> Draft:
    return saldoverzoek(receiver="administrator")


def absent_parameters(key_transport: str) -> Stimulus:
    """The parameters that mean SHA-1 when they are absent are absent."""
    changes = [drop(names.MGF)]
    if key_transport == "rsa-oaep-sha1-mgf1sha1":
        changes.append(drop(names.DIGEST_METHOD))
    return forged(all_of(*changes), in_suite(key_transport))


# ---- rows that do not fit a table


def sealed_as_agreed(envelope: Element, recipient: Certificate, parts: set[str]) -> None:
    """What is encrypted, how and to whom: exactly the parts."""
    positions = locate(envelope)
    assert positions.security is not None
    (key,) = positions.security.iterchildren(names.ENCRYPTED_KEY)
    key_method = nth(key, names.ENCRYPTION_METHOD)
    assert key_method.get("Algorithm") == names.RSA_OAEP
    assert nth(key_method, names.DIGEST_METHOD).get("Algorithm") == names.SHA256
    assert nth(key_method, names.MGF).get("Algorithm") == names.MGF1_SHA256
    assert base64.b64decode(nth(key, names.KEY_IDENTIFIER).text or "") == subject_key_identifier(recipient)
    data = list(positions.security.iterchildren(names.ENCRYPTED_DATA))
    assert list(envelope.iter(names.ENCRYPTED_DATA)) == data
    assert {nth(each, names.ENCRYPTION_METHOD).get("Algorithm") for each in data} == {names.AES128_GCM}
    assert {each.get("Type") for each in data} == {names.ATTACHMENT_CONTENT_ONLY}
    assert {each.get("MimeType") for each in data} == {"application/gzip"}
    uris = [nth(each, names.CIPHER_REFERENCE).get("URI") for each in data]
    assert sorted(map(str, uris)) == sorted(content_id_uri(each) for each in parts)
    listed = [each.get("URI") for each in nth(key, names.REFERENCE_LIST)]
    assert listed == [f"#{each.get('Id')}" for each in data]


async def one_pulled(hub: TestedHub) -> Reply:
    assert (await post(hub, with_attachments().wire())).receipt is not None
    pulled = await post(hub, pull_request())
    assert pulled.positions is not None
    return pulled


async def e01(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    assert pulled.positions is not None
    sealed_as_agreed(
        document_root(pulled.positions.messaging), identity("creditor").encryption.certificate, set(pulled.parts)
    )
    async with HubScript(receipt()) as script, office(script.url, hub.folder) as counsellor:
        await counsellor.push()
    (request,) = script.requests
    sealed_as_agreed(
        document_root(request.positions.messaging), identity("hub").encryption.certificate, set(request.parts)
    )


async def e02(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    assert pulled.positions is not None
    assert pulled.user_message is not None
    assert len(pulled.positions.body) == 0
    assert pulled.body.count(b"Content-Type: application/octet-stream\r\n") == len(pulled.parts) == 3
    plain = pulled.plain("creditor")
    assert plain.keys() == pulled.parts.keys()
    for content_id, octets in pulled.parts.items():
        assert not octets.startswith((b"\x1f\x8b\x08", b"<?xml", b"%PDF"))
        assert plain[content_id][:64] not in pulled.body


async def e15(hub: TestedHub) -> None:
    """Whatever keeps a part from opening, the answer is the same octet for octet, but for ids and the signature."""
    answers = set()
    for each in ORACLE.values():
        reply = await refuse_one(hub, sent_of(each()), DOES_NOT_OPEN)
        assert reply.error is not None
        told = tuple((entry.code, entry.severity, entry.description, entry.detail) for entry in reply.error.errors)
        headers = tuple(sorted(each for each in reply.headers.items() if each[0] not in ("Date", "Content-Length")))
        answers.add((reply.status, headers, told, shape_of(reply.body)))
    assert len(answers) == 1, answers
    details = dict(zip(ORACLE, (each["detail"] for each in hub.log.of("refused")), strict=True))
    del details["short ciphertext"]  # told by its length alone
    assert len(set(details.values())) == 1, "a key that does not come out fails where a wrong tag does"


def shape_of(body: bytes) -> bytes:
    """The answer without what is fresh in every answer: ids, digests, the signature."""
    body = re.sub(rb"[0-9a-f]{8}-[0-9a-f-]{27}", b"uuid", body)
    body = re.sub(rb"[a-zA-Z0-9]+-[0-9]+\"", b'id"', body)
    return re.sub(rb">[A-Za-z0-9+/=]{40,}<", b">base64<", body)


async def e23(hub: TestedHub) -> None:
    answer = await post(hub, saldoverzoek().wire())
    assert (answer.status, answer.body) == (503, b""), "a renewal makes it pass"
    assert hub.log.of("postponed")[0]["cause"] == "receiver-certificate"
    await taken(to_administrator)(hub)
    async with office(hub.url, hub.folder) as counsellor:
        counsellor.who = replace(counsellor.who, hub_encryption=identity("hub", "expired").encryption.certificate)
        with pytest.raises(WrongSetting, match=r"`hub\.encryption`.*has expired"):
            await counsellor.push(receiver="administrator")
        assert await counsellor.outbox.waiting() == ()


E = (
    Row("E01", "what is sent is encrypted as agreed, to its receiver", e01),
    Row("E02", "parts are encrypted, all of them and nothing else", e02),
    Row(
        "E03",
        "a message signed and encrypted by key identifiers, with two gzip parts, opens",
        hub_with(delivered(older_message), configuration=older_partner),
    ),
    Row(
        "E04",
        "a message that is only encrypted is refused, as every P-Mode signs; signed besides it opens",
        both(
            key_unused(
                "0 Signature", NOT_AGREED, forged(drop(names.SIGNATURE), older_message), configuration=older_partner
            ),
            hub_with(delivered(older_message), configuration=older_partner),
        ),
    ),
    Row(
        "E05",
        "a part whose tag is wrong is refused",
        refused(
            DOES_NOT_OPEN,
            enciphered(last_flipped),
            enciphered(first_flipped),
            enciphered(last_flipped, draft=with_attachments, index=1),
        ),
    ),
    Row(
        "E06",
        "a key wrapped for another is refused, though it says it is ours",
        refused(DOES_NOT_OPEN, *(enciphered(change=wrapped_for(each)) for each in ("stranger", "counsellor"))),
    ),
    Row(
        "E07",
        "a key for a certificate that is not ours is refused; ours is found however it is named",
        both(
            key_unused(
                "not ours",
                DOES_NOT_OPEN,
                for_recipient("stranger"),
                for_recipient("counsellor"),
                *(forged(named(of_party("stranger"), form)) for form in KeyReference),
            ),
            delivered(*(forged(named(of_party("hub"), form)) for form in KeyReference)),
        ),
    ),
    Row(
        "E08",
        "a clear message is refused where it has to be encrypted",
        key_unused("not encrypted", NOT_AGREED, clear, lambda: with_attachments(draft=clear)),
    ),
    Row(
        "E09",
        "a message with one clear part is refused",
        key_unused("1 declared parts are not encrypted", NOT_AGREED, left_clear(0), left_clear(1)),
    ),
    Row(
        "E10",
        "what is encrypted although it need not be is opened",
        both(delivered(saldoverzoek, with_attachments), taken(left_clear(0), left_clear(1), clear)),
        extra=CLEAR,
    ),
    Row(
        "E11",
        "an encrypted eb:Messaging is refused",
        key_unused(
            "Messaging is encrypted",
            Refused("EBMS:0103", about=None),
            forged(messaging_encrypted(whole=False)),
            forged(messaging_encrypted(whole=True)),
            signed_so(moved_into(MESSAGING)),
            signed_so(copied_into(MESSAGING)),
        ),
    ),
    Row(
        "E12",
        "ciphers without authentication and the old key transport are refused without decrypting",
        both(
            key_unused("the cipher", NOT_AGREED, forged(method(AES_CBC, 1)), forged(method(TRIPLE_DES, 1))),
            key_unused("the key transport", NOT_AGREED, forged(method(RSA_1_5, 0))),
        ),
    ),
    Row(
        "E13",
        "the older OAEP opens where the P-Mode asks for it, and nowhere else",
        both(
            hub_with(delivered(in_suite("rsa-oaep-mgf1p-sha1")), configuration=older_partner),
            key_unused("the key transport", NOT_AGREED, in_suite("rsa-oaep-mgf1p-sha1")),
        ),
    ),
    Row(
        "E14",
        "absent parameters mean SHA-1, which opens where the P-Mode asks for it, and nowhere else",
        both(
            hub_with(delivered(*map(absent_parameters, OLDER_OAEP)), configuration=older_partner),
            key_unused("the key transport", NOT_AGREED, *map(absent_parameters, OLDER_OAEP)),
        ),
    ),
    Row("E15", "the answer tells nobody why a part did not open", e15),
    Row(
        "E16",
        "encryption of a part that nobody declares is refused",
        key_unused("not declared", DOES_NOT_OPEN, forged(refer_to("cid:absent@tests.example"))),
    ),
    Row(
        "E17",
        "two encryptions of one part are refused",
        key_unused("encrypted twice", NOT_AGREED, forged(second_for_one_part), two_for_the_first),
    ),
    Row(
        "E18",
        "too many wrapped keys are refused before any is looked at",
        both(
            key_unused("wrapped keys", NOT_AGREED, forged(more_keys(2))),
            refused(Refused("EBMS:0009", 400, about=False), forged(more_keys(1_000))),
            refused(Refused("EBMS:0009", 413, about=False), forged(more_keys(10_000))),
        ),
    ),
    Row(
        "E19",
        "a part shorter than IV and tag is refused",
        refused(DOES_NOT_OPEN, *(enciphered(cut_to(each)) for each in (0, 1, 10, 27))),
    ),
    Row(
        "E20",
        "encrypting before signing is refused, the right order taken",
        both(refused(DOES_NOT_HOLD, encrypted_before_signing), delivered(saldoverzoek)),
    ),
    Row(
        "E21",
        "the type in EncryptedData says how a part is digested",
        both(
            taken(typed("text/xml", canonical), typed("application/xml", bytes)),
            refused(DOES_NOT_HOLD, typed("application/octet-stream", canonical)),
            collected(*[Outcome.STORED] * 3),
        ),
    ),
    Row("E22", "what is for an old certificate of ours opens while it holds", old_certificates),
    Row("E23", "nothing is encrypted to a certificate that has expired", e23, extra=EXPIRED_CREDITOR),
)

ROWS = ids_of(E)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in E])
async def test_encryption(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
