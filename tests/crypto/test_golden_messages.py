"""Messages that other products wrote: each with the verdict that an independent check reached on the file.

Their private test keys are not kept with them; where parts are encrypted, the content key that is printed beside the
message is put in below the unwrapping. The clock stands inside the validity of each certificate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from cryptography import x509
from lxml import etree
from support.messages.signed_messages import Positions, positions
from support.messages.whole_parts import decrypt_part
from support.published.reference import reference

from crypto import names
from crypto.certificates import load_certificates
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.digest import PartDigest
from crypto.elements import Element
from crypto.faults import FailedAuthentication, PolicyNoncompliance, SecurityFault
from crypto.key_references import read_token
from crypto.key_transports import CONTENTS, KEY_TRANSPORTS, WrappedOctets
from crypto.signature_algorithms import SIGNATURES
from crypto.suites import AS4_1_15_RSA, Suite
from crypto.verify import VerificationPolicy, Verified, signer_candidates, verify

OLDER: Suite = replace(
    AS4_1_15_RSA,
    name="older",
    accepted_signatures=tuple(SIGNATURES.values()),
    accepted_key_transports=tuple(KEY_TRANSPORTS.values()),
    accepted_contents=tuple(CONTENTS.values()),
)


@dataclass(frozen=True)
class Message:
    """A message of the reference folder, cut into envelope and parts."""

    document: Element
    parts: dict[str, bytes]
    mime_types: dict[str, str]

    @property
    def positions(self) -> Positions:
        return positions(self.document)

    @property
    def declared(self) -> frozenset[str]:
        hrefs = (each.get("href", "") for each in self.document.iter("{*}PartInfo"))
        return frozenset(href.removeprefix("cid:") for href in hrefs if href.startswith("cid:"))

    def tokens(self) -> list[x509.Certificate]:
        return [load_certificates(read_token(each))[0] for each in self.document.iter(names.BINARY_SECURITY_TOKEN)]


def read(name: str) -> Message:
    octets = reference("as4", "messages", *name.split("/")).read_bytes()
    boundary = re.search(rb"^--([^\r\n]+)\r?\n(?=Content-)", octets, re.MULTILINE)
    if boundary is None:
        octets = octets.removeprefix(b"\xef\xbb\xbf").lstrip()
        return Message(etree.fromstring(octets), {}, {})
    pieces = octets[boundary.start() :].split(b"--" + boundary[1])[1:-1]
    heads, bodies = zip(*(re.split(rb"\r?\n\r?\n", piece, maxsplit=1) for piece in pieces), strict=True)
    parts, mime_types = {}, {}
    for head, body in list(zip(heads, bodies, strict=True))[1:]:
        content_id = re.search(rb"content-id:\s*<([^>]+)>", head, re.IGNORECASE)
        mime_type = re.search(rb"content-type:\s*([^\r\n]+)", head, re.IGNORECASE)
        assert content_id is not None
        assert mime_type is not None
        parts[content_id[1].decode()] = re.sub(rb"\r?\n\Z", b"", body)
        mime_types[content_id[1].decode()] = mime_type[1].decode()
    return Message(etree.fromstring(bodies[0].strip()), parts, mime_types)


def verified(
    message: Message,
    *certificates: x509.Certificate,
    suite: Suite = AS4_1_15_RSA,
    declared: frozenset[str] | None = None,
) -> Verified:
    """The verdict with these certificates pinned, the message's own tokens when none is given."""
    pinned = certificates or tuple(message.tokens())
    named = signer_candidates(message.positions.security).named_among(pinned)
    at = (named or pinned[0]).not_valid_after_utc - timedelta(days=1)
    policy = VerificationPolicy(suite=suite, certificates=tuple(pinned), at=at, minimum_rsa_bits=1024)
    where = message.positions
    return verify(
        where.security,
        messaging=where.messaging,
        body=where.body,
        content_ids=message.declared if declared is None else declared,
        policy=policy,
    )


@dataclass(frozen=True)
class PrintedKey:
    """Stands for the recipient's private key: answers the content key that is printed beside the message."""

    certificate: x509.Certificate
    content_key: bytes

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        assert len(wrapped.octets) in (128, 256)
        return self.content_key


def opened(message: Message, key: PrintedKey) -> tuple[dict[str, bytes], dict[str, str]]:
    plan = read_encryption(
        message.positions.security, content_ids=message.declared, policy=DecryptionPolicy(suite=OLDER)
    )
    keys = unwrap(plan, (key,))
    return {each: decrypt_part(keys[each], message.parts[each]) for each in plan.mime_types}, dict(plan.mime_types)


def access_point(letter: str) -> x509.Certificate:
    return load_certificates(reference("as4", "certs", f"AccessPoint{letter}.cer").read_bytes())[0]


@pytest.mark.parametrize(
    ("name", "references"),
    [
        ("golden/pullrequest-signed-bst.xml", 2),
        ("golden/receipt-signed-nrr-phase4.xml", 2),
        ("golden/usermessage-signed-soap-only.txt", 2),
        ("golden/usermessage-phase4-full-http.as4in", 3),
    ],
)
def test_S02_a_signature_that_another_product_wrote_verifies(name: str, references: int) -> None:
    message = read(name)
    assert len(verified(message).references) == references
    with pytest.raises(FailedAuthentication):
        verified(message, access_point("B"))


def test_S15_a_message_whose_declared_part_is_not_signed_is_refused_although_its_signature_holds() -> None:
    message = read("golden/usermessage-multihop-signed.as4")
    assert len(verified(message, declared=frozenset()).references) == 2
    with pytest.raises(PolicyNoncompliance):
        verified(message)


@pytest.mark.parametrize(
    ("name", "references"),
    [("golden/pullrequest-signed-bst.xml", 2), ("golden/usermessage-phase4-full-http.as4in", 3)],
)
def test_S10_one_character_more_in_a_golden_message_is_refused(name: str, references: int) -> None:
    message = read(name)
    for element in (message.positions.messaging, message.positions.body):
        element.tail, element.text = element.tail, (element.text or "") + " "
        with pytest.raises(FailedAuthentication):
            verified(message)
        element.text = None
        assert len(verified(message).references) == references


def test_S03_E03_signed_and_encrypted_with_two_gzip_parts_opens_and_every_digest_matches() -> None:
    message = read("golden/usermessage-signed-encrypted-ski.as4")
    verdict = verified(message, access_point("A"), suite=OLDER)
    assert verdict.certificate == access_point("A")
    key = PrintedKey(access_point("B"), bytes.fromhex("408aab8bcbf80d367c30d516528b97f8"))
    parts, mime_types = opened(message, key)
    assert parts.keys() == verdict.part_digests.keys() == message.declared
    for content_id, octets in parts.items():
        reference = verdict.part_digests[content_id]
        digest = PartDigest(reference.digest_method, mime_types[content_id])
        digest.update(octets)
        assert octets.startswith(b"\x1f\x8b")
        assert reference.matches(digest.finish())
    with pytest.raises(PolicyNoncompliance):
        verified(message, access_point("A"), suite=AS4_1_15_RSA)


def test_E04_encrypted_only_opens() -> None:
    message = read("golden/usermessage-encrypted-compressed-oaep.as4")
    (recipient,) = message.tokens()
    parts, _ = opened(message, PrintedKey(recipient, bytes.fromhex("86b9ba79809702539b870e7fd0f6d276")))
    assert len(parts) == 2
    assert all(octets.startswith(b"\x1f\x8b") for octets in parts.values())
    with pytest.raises(PolicyNoncompliance):
        verified(message)


def test_E01_an_encryption_header_of_another_product_is_read_by_the_current_suite() -> None:
    message = read("golden/usermessage-phase4-full-http.as4in")
    plan = read_encryption(
        message.positions.security,
        content_ids=message.declared,
        policy=DecryptionPolicy(suite=AS4_1_15_RSA),
    )
    assert plan.mime_types.keys() == message.declared == message.parts.keys()


@pytest.mark.parametrize(
    ("clause", "name", "fault"),
    [
        ("S09", "negative/pullrequest-bad-signaturevalue.xml", FailedAuthentication),
        ("S43", "negative/error-0006-signed-reformatted.xml", FailedAuthentication),
        ("S27", "negative/usermessage-untrusted-signer.txt", FailedAuthentication),
        ("S23", "negative/phase4-WrongSigningAlgorithm.xml", PolicyNoncompliance),
        ("S24", "negative/phase4-WrongSigningDigestAlgorithm.xml", PolicyNoncompliance),
        ("S14", "negative/ebms-sed-signed_invalid.xml", SecurityFault),
        ("receipt", "negative/receipt-invalid-signature.as4", SecurityFault),
    ],
)
def test_a_message_that_another_product_gets_wrong_is_refused(
    clause: str, name: str, fault: type[SecurityFault]
) -> None:
    message = read(name)
    with pytest.raises(fault):
        verified(message, *(message.tokens() or [access_point("A")]), suite=OLDER)
