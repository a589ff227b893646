"""The foreign programs against each other: what they say about the product counts only if this holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from interop.alterations import ALTERATIONS, NotApplicable, written_anew
from interop.foreign import As4Peer, octets, text
from interop.identities import Identities
from interop.judges import JdkJudge
from interop.oracles import Opinion, WireMessage, bergshamra_verdict, signxml_verdict
from lxml import etree
from support.published.reference_messages import certificates_in, http_message

HUB, MEMBER = "00000001234567890000", "00000009876543210000"
PAYLOADS = {
    "document@interop.test": b"<document>\n  <amount>12.50</amount>\n</document>\n",
    "scan@interop.test": bytes(range(256)) * 40,
}
USER_MESSAGE = {
    "service": "urn:interop:test:1",
    "action": "Question",
    "conversation_id": "conversation-1",
    "properties": [["trackingIdentifier", "reference-1"]],
    "payloads": [
        {"content_id": name, "media_type": "application/octet-stream", "octets": text(content)}
        for name, content in PAYLOADS.items()
    ],
}


@pytest.fixture
def judges(jdk: JdkJudge) -> dict[str, Callable[[WireMessage], Opinion]]:
    return {"JDK": jdk, "signxml": signxml_verdict, "pybergshamra": bergshamra_verdict}


@pytest.fixture(scope="module")
def sent(as4_peer: As4Peer, identities: Identities) -> WireMessage:
    """A user message of the foreign partner."""
    hub, member = identities[HUB], identities[MEMBER]
    built = as4_peer.ask("build", own=member.own(), other=hub.other(), **USER_MESSAGE)
    return WireMessage(
        content_type=built["content_type"], body=octets(built["body"]), certificate=member.certificate, key=hub.key
    )


def test_the_foreign_partner_pushes_to_itself_and_the_receipt_matches_what_it_sent(
    as4_peer: As4Peer, another_as4_peer: As4Peer, identities: Identities
) -> None:
    hub, member = identities[HUB], identities[MEMBER]
    url = another_as4_peer.ask("serve", own=hub.own(), other=member.other())["url"]
    pushed = as4_peer.ask("push", url=url, own=member.own(), other=hub.other(), **USER_MESSAGE)
    assert (pushed["status"], pushed["outcome"]) == (200, "receipt")


def test_the_foreign_partner_pulls_from_itself_and_its_receipt_satisfies_the_sender(
    as4_peer: As4Peer, another_as4_peer: As4Peer, identities: Identities
) -> None:
    hub, member = identities[HUB], identities[MEMBER]
    queued = another_as4_peer.ask("build", own=hub.own(), other=member.other(), **USER_MESSAGE)
    url = another_as4_peer.ask("serve", own=hub.own(), other=member.other(), queue=[queued])["url"]
    ask = {"url": url, "own": member.own(), "other": hub.other()}
    pulled = as4_peer.ask("pull", mpc="urn:interop:mpc", **ask)
    assert {name: octets(content) for name, content in pulled["payloads"].items()} == PAYLOADS
    receipt = as4_peer.ask("receipt", message_id=pulled["message_id"], **ask)
    judged = another_as4_peer.ask(
        "check-receipt", message_id=queued["message_id"], body=receipt["request"]["body"], other=member.other()
    )
    assert (receipt["status"], judged["outcome"]) == (204, "receipt")
    assert as4_peer.ask("pull", mpc="urn:interop:mpc", **ask)["codes"] == ["EBMS:0006"]


def test_every_judge_opens_a_message_of_the_foreign_partner(
    judges: dict[str, Callable[[WireMessage], Opinion]], sent: WireMessage
) -> None:
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in PAYLOADS.items()}
    for name, judge in judges.items():
        opinion = judge(written_anew(sent))
        assert opinion.valid, (name, opinion.reason)
        assert opinion.payloads == digests, name


@pytest.mark.parametrize("alteration", ALTERATIONS.values(), ids=ALTERATIONS)
def test_every_judge_refuses_an_altered_message_of_the_foreign_partner(
    judges: dict[str, Callable[[WireMessage], Opinion]],
    sent: WireMessage,
    alteration: Callable[[WireMessage], WireMessage],
) -> None:
    altered = alteration(sent)
    assert [name for name, judge in judges.items() if judge(altered).valid] == []


def test_every_judge_accepts_a_signed_signal_and_knows_that_it_has_no_parts(
    judges: dict[str, Callable[[WireMessage], Opinion]], as4_peer: As4Peer, identities: Identities
) -> None:
    member = identities[MEMBER]
    built = as4_peer.ask("build-pull", own=member.own(), mpc="urn:interop:mpc")
    signal = WireMessage(content_type=built["content_type"], body=octets(built["body"]), certificate=member.certificate)
    assert {name: judge(signal).reason for name, judge in judges.items() if not judge(signal).valid} == {}
    with pytest.raises(NotApplicable):
        ALTERATIONS["altered-part"](signal)


@pytest.mark.parametrize(
    ("file", "at", "valid"),
    [
        ("golden/pullrequest-signed-bst.xml", "2026-11-22", True),
        ("golden/receipt-signed-nrr-phase4.xml", "2026-11-22", True),
        ("golden/usermessage-signed-soap-only.txt", "2017-06-01", True),
        ("negative/pullrequest-bad-signaturevalue.xml", "2026-11-22", False),
        ("negative/error-0006-signed-reformatted.xml", "2017-06-01", False),
    ],
)
def test_every_judge_knows_the_published_messages_of_other_products(
    judges: dict[str, Callable[[WireMessage], Opinion]], file: str, at: str, valid: bool
) -> None:
    published = http_message(file)
    (certificate,) = certificates_in(etree.fromstring(published.body))
    message = WireMessage(
        content_type=published.content_type,
        body=published.body,
        certificate=certificate,
        at=datetime.fromisoformat(at).replace(tzinfo=UTC),
    )
    assert {name: judge(message).valid for name, judge in judges.items()} == dict.fromkeys(judges, valid)
