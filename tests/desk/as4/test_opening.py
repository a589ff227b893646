"""The browser's reader of leg 2: what it opens, and that it names what is wrong with what it does not open."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from support.browser.asking import Refused
from support.browser.desk import desk_opens, knows
from support.client.not_taken import NOT_TAKEN, Canonical
from support.client.participants import participant
from support.hubs.hub_script import Answer, Request, leg_two
from support.keys.pki import NOW, PARTIES, Variant, identity
from support.messages.wire import Part, Wire, saldoverzoek

from crypto import names as security
from crypto.certificates import der, thumbprint_sha256
from crypto.elements import Element
from crypto.key_references import KeyReference
from gateway.client.participant import Participant
from gateway.ebms import names


def wire_of(answer: Answer) -> Wire:
    """What a scripted hub would answer to anybody."""
    reply = answer(cast("Request", None))
    assert reply is not None
    return Wire(content_type=reply.content_type, body=reply.body)


def test_the_browser_gets_the_octets_that_the_sender_sent_PO_37() -> None:
    pdf = Part(octets=b"%PDF-1.7 " + os.urandom(200_000), mime_type="application/pdf")
    clear = Part(octets=b"\x89PNG" + os.urandom(5_000), mime_type="image/png", compressed=False)
    leg_one = saldoverzoek("creditor", "counsellor")
    leg_one = leg_one.with_parts(*leg_one.parts, pdf, clear)
    draft = leg_two(leg_one)
    opened = desk_opens(draft.wire(), senders=knows("creditor"))
    found = [opened["document"], *opened["attachments"]]
    assert [each["octets"] for each in found] == [each.octets for each in leg_one.parts]
    assert [each["mimeType"] for each in found] == ["application/xml", "application/pdf", "image/png"]
    message = draft.user_message
    assert opened["facts"] == {
        "messageId": message.message_id,
        "acceptedAt": "2026-03-04T10:00:00.000Z",
        "service": "urn:knooppunt:Schuldregeling:2.0",
        "action": "Saldoverzoek",
        "conversationId": message.conversation_id,
        "trackingIdentifier": message.property(names.TRACKING_IDENTIFIER),
        "crossReference": None,
        "originalSender": PARTIES["creditor"][0],
        "finalRecipient": PARTIES["counsellor"][0],
    }
    proof = opened["proof"]
    assert (proof["verdict"], proof["party"], proof["messageId"]) == (
        "verified",
        PARTIES["creditor"][0],
        leg_one.user_message.message_id,
    )
    assert proof["thumbprint"] == thumbprint_sha256(identity("creditor").signing.certificate).hex()


def test_a_sender_whom_the_address_book_does_not_have_is_told_as_unverified() -> None:
    assert desk_opens(leg_two().wire())["proof"]["verdict"] == "unverified"


def test_a_notice_of_the_hub_itself_needs_no_proof() -> None:
    draft = leg_two(saldoverzoek("hub", "counsellor"), origin=None)
    opened = desk_opens(draft.with_property(names.ORIGINAL_SENDER, PARTIES["hub"][0]).wire(), origin_required=True)
    assert opened["proof"] is None


def test_a_message_under_an_earlier_key_of_ours_still_opens() -> None:
    old, new = identity("counsellor"), identity("counsellor", "next")
    assert desk_opens(leg_two().wire(), keys=[new, old])["facts"]["action"] == "Saldoverzoek"


@pytest.mark.parametrize("form", KeyReference)
def test_the_hub_may_name_its_certificate_in_each_form(form: KeyReference) -> None:
    assert desk_opens(replace(leg_two(), key_reference=form).wire())["document"]["octets"]


def test_a_certificate_of_the_book_is_judged_at_the_moment_of_acceptance() -> None:
    """One that ended while the message waited is still the sender's; one that had ended before vouches for nobody."""
    old = identity("creditor", "expired")
    book = {PARTIES["creditor"][0]: [der(old.signing.certificate)]}

    def accepted(at: datetime) -> tuple[str, str]:
        leg_one = saldoverzoek("creditor", "counsellor", signer=old.signing_key, at=at)
        proof = desk_opens(leg_two(leg_one).saying(timestamp=at).wire(), senders=book)["proof"]
        return proof["verdict"], proof["objection"]

    assert accepted(NOW) == ("unverified", "the certificate has expired")
    assert accepted(NOW - timedelta(days=30)) == ("verified", None)


# --- what does not hold, by name ----------------------------------------------------------------------------------

# the check by which the browser refuses each message of the table that a participant does not take
CHECKS = {
    "a ciphertext changed": "decryption",
    "an IV changed": "decryption",
    "a tag changed": "decryption",
    "a ciphertext cut": "decryption",
    "a part of nothing": "decryption",
    "another part than was signed": "part-digest",
    "a part that is missing": "parts",
    "no part at all": "parts",
    "a part too many": "parts",
    "a body without its end": "mime",
    "another key": "sealed-to",
    "not encrypted": "encryption",
    "not gzip": "compression",
    "torn gzip": "compression",
    "two parts under one IV": "encryption",
    "larger than taken": "compression",
    "to somebody else": "addressed",
    "from somebody else": "addressed",
    "of another mailbox": "addressed",
    "of no mailbox": "addressed",
    "no proof, where one is required": "origin",
    "an unknown sender, where proof is required": "origin",
    "proof by another certificate than those of the book, where proof is required": "origin",
    "proof that nobody signed, of a sender of the book": "origin",
    "another final recipient, with its own proof (SR-22)": "addressed",
    "no final recipient, in the proof neither": "origin-recipient",
    "proof of another message": "origin",
    "proof of more parts": "origin",
    "proof of another part": "origin",
    "proof that is younger than the message": "origin",
    "proof that is no proof": "origin",
    "a reference that the sender did not sign": "origin",
    "a sender that the sender is not": "origin",
    "a recipient that the sender did not name": "addressed",
    "an action that the sender did not sign": "origin",
}
# How long a proof may have been taken before is what an inbox remembers; the desk keeps none.
NOT_THE_BROWSERS = {"a proof older than the memory of an inbox (SR-22)"}


def test_every_message_that_a_participant_does_not_take_is_tried() -> None:
    assert CHECKS.keys() | NOT_THE_BROWSERS == NOT_TAKEN.keys()


@pytest.mark.parametrize("case", CHECKS)
def test_what_does_not_hold_is_refused_by_name_PO_37_PO_38_PO_88(case: str) -> None:
    make, changes, _code = NOT_TAKEN[case]
    as_changed: Participant = participant("http://127.0.0.1/", **changes)
    keys = [identity("creditor")] if "decryption_keys" in changes else []
    limits = {"inflatedOctets": as_changed.limits.inflated_octets} if "limits" in changes else {}
    senders = {party: [der(each) for each in found] for party, found in as_changed.senders.items()}
    with pytest.raises(Refused) as refused:
        desk_opens(
            wire_of(make()),
            keys=keys,
            limits=limits,
            senders=senders,
            origin_required=as_changed.origin_required,
        )
    assert refused.value.check == CHECKS[case], refused.value


def by_another() -> Wire:
    return replace(leg_two(), signer=identity("creditor").signing_key).wire()


def header_changed() -> Wire:
    return leg_two().wire(alter=lambda root: setattr(root.find(f".//{{{names.EB}}}Action"), "text", "Other"))


def signature_changed() -> Wire:
    def change(root: Element) -> None:
        value = root.find(f".//{{{security.DS}}}SignatureValue")
        assert value is not None
        assert value.text is not None
        value.text = ("A" if value.text[0] != "A" else "B") + value.text[1:]

    return leg_two().wire(alter=change)


@pytest.mark.parametrize(
    ("make", "check"), [(by_another, "signer"), (header_changed, "digest"), (signature_changed, "signature")]
)
def test_what_the_hub_did_not_sign_is_refused_by_name_PO_37(make: Callable[[], Wire], check: str) -> None:
    with pytest.raises(Refused) as refused:
        desk_opens(make())
    assert refused.value.check == check


@pytest.mark.parametrize("variant", ["expired", "not-yet-valid", "wrong-usage", "rsa-1024"])
def test_a_certificate_of_the_hub_has_to_be_good_now(variant: Variant) -> None:
    hub = identity("hub", variant)
    with pytest.raises(Refused) as refused:
        desk_opens(replace(leg_two(), signer=hub.signing_key).wire(), hub=[hub])
    assert refused.value.check == ("time" if variant in ("expired", "not-yet-valid") else "signer")


@pytest.mark.parametrize(
    "part", [Canonical(octets=b"", compressed=False), Part(octets=b"<a><!-- stays --></a>", compressed=False)]
)
def test_S39_an_xml_part_in_clear_counts_by_both_digests(part: Part) -> None:
    draft = leg_two(saldoverzoek("creditor", "counsellor").with_parts(part))
    assert desk_opens(draft.wire(), senders=knows("creditor"))["proof"]["verdict"] == "verified"


def test_a_message_larger_than_the_browser_takes_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused) as refused:
        desk_opens(leg_two().wire(), limits={"octets": 1_000})
    assert refused.value.check == "size"


def test_a_proof_for_the_organisation_counts_for_its_unit() -> None:
    """Its certificate stands in the book under the organisation alone."""
    unit = PARTIES["administrator"][0]
    leg_one = saldoverzoek("administrator", "counsellor")
    book = {unit.partition(":")[0]: [der(identity("administrator").signing.certificate)]}
    assert desk_opens(leg_two(leg_one).wire(), senders=book)["proof"]["verdict"] == "verified"
