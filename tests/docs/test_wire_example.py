"""The recorded exchanges verify with the certificates beside them, and look as the program writes today."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from generator.wire_example import EXCHANGES, FOLDER, record
from lxml import etree
from support.messages.wire import split

from crypto.suites import AS4_1_15_RSA
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms.consistency import content_ids
from gateway.ebms.envelope import locate
from gateway.ebms.model import Messaging
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import part_references
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document

MESSAGES = {
    "push-request": "counsellor",
    "push-answer": "hub",
    "pull-request": "creditor",
    "pull-answer": "hub",
    "receipt-request": "creditor",
}


def envelope_of(octets: bytes) -> bytes:
    head, _, body = octets.partition(b"\r\n\r\n")
    values = dict(line.split(": ", 1) for line in head.decode("ascii").split("\r\n")[1:])
    content_type = values["Content-Type"]
    return split(content_type, body)[0] if content_type.startswith("multipart/") else body


def kept(name: str) -> bytes:
    return (FOLDER / f"{name}.http").read_bytes()


def judged(name: str) -> tuple[Messaging, Verified]:
    """What a recorded message says, its signature checked with the certificate that lies beside it."""
    positions = locate(parse_document(envelope_of(kept(name)), limits=ENVELOPE_LIMITS))
    messaging = read_messaging(positions.messaging)
    unit = messaging.user_message or messaging.receipt or messaging.pull_request
    assert unit is not None
    assert positions.security is not None
    certificate = x509.load_pem_x509_certificate((FOLDER / f"{MESSAGES[name]}-signing.pem").read_bytes())
    parts = content_ids(messaging.user_message) if messaging.user_message is not None else ()
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset(parts),
        policy=VerificationPolicy(suite=AS4_1_15_RSA, certificates=(certificate,), at=unit.timestamp),
    )
    return messaging, verified


def outline(envelope: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Elements and the names of their attributes, in order: what stays the same from message to message."""
    for element in etree.fromstring(envelope).iter():
        yield str(element.tag), tuple(sorted(map(str, element.attrib)))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_recorded_message_verifies_with_the_certificate_beside_it(name: str) -> None:
    judged(name)


@pytest.mark.parametrize(("message", "receipt"), [("push-request", "push-answer"), ("pull-answer", "receipt-request")])
def test_a_recorded_receipt_has_the_digests_of_its_message(message: str, receipt: str) -> None:
    sent, verified = judged(message)
    answered, _ = judged(receipt)
    assert sent.user_message is not None
    assert answered.receipt is not None
    assert answered.receipt.ref_to_message_id == sent.user_message.message_id
    assert set(answered.receipt.references) == set(part_references(verified.references))


async def test_what_is_recorded_looks_as_the_program_writes_today(tmp_path: Path) -> None:
    today = await record(tmp_path)
    assert len(today) == len(EXCHANGES)
    for name, (asked, answered) in zip(EXCHANGES, today, strict=True):
        for kind, octets in (("request", asked), ("answer", answered)):
            if f"{name}-{kind}" in MESSAGES:
                assert list(outline(envelope_of(octets))) == list(outline(envelope_of(kept(f"{name}-{kind}"))))
            else:
                assert octets.split(b"\r\n")[0] == kept(f"{name}-{kind}").split(b"\r\n")[0]
