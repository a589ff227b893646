"""The sender's own proof of a pulled message: whom it proves, what is reported, and what is refused without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.client.participants import knows, only, participant, pulled
from support.hubs.hub_script import Answer, leg_two, nothing, origin_in, origin_of, plain
from support.keys.pki import NOW, PARTIES, Identity, Variant, identity
from support.messages.signing_anew import holodeck, signed_anew
from support.messages.wire import Draft, saldoverzoek, split

from crypto.certificates import thumbprint_sha256
from gateway.client.advice import advise_not_taken
from gateway.client.inbox import Inbox
from gateway.client.proof import explain_unverified
from gateway.client.taking import Outcome
from gateway.ebms import names

HUB = PARTIES["hub"][0]


async def test_the_senders_own_signature_is_verified_against_the_address_book(inbox: Inbox) -> None:
    assert (await pulled(inbox, plain(leg_two().wire()), nothing, **knows("creditor"))).outcome is Outcome.STORED
    message = await only(inbox)
    assert message.origin == "verified"
    evidence = await inbox.evidence(message.number)
    assert evidence is not None
    assert evidence[0] is not None
    assert b"Origin" in evidence[0]


async def test_a_sender_who_is_not_in_the_address_book_is_reported_with_its_thumbprint(inbox: Inbox) -> None:
    await pulled(inbox, plain(leg_two().wire()), nothing)
    message = await only(inbox)
    assert message.origin == "unverified"
    assert message.origin_thumbprint is not None
    assert len(bytes.fromhex(message.origin_thumbprint)) == 32


async def test_a_message_without_proof_is_reported_as_such(inbox: Inbox) -> None:
    await pulled(inbox, plain(leg_two(origin=None).wire()), nothing)
    message = await only(inbox)
    assert (message.origin, message.origin_thumbprint) == ("absent", None)


async def test_the_proof_is_not_a_part_of_the_message(inbox: Inbox) -> None:
    await pulled(inbox, plain(leg_two().wire()), nothing)
    assert len((await only(inbox)).parts) == 1


async def test_a_notice_of_the_hub_itself_needs_no_proof(inbox: Inbox) -> None:
    draft = leg_two(origin=None).with_property(names.ORIGINAL_SENDER, HUB)
    assert (await pulled(inbox, plain(draft.wire()), nothing, origin_required=True)).outcome is Outcome.STORED


async def test_a_sender_whose_certificate_expired_while_the_message_waited_is_still_the_sender(inbox: Inbox) -> None:
    long_ago = NOW - timedelta(days=400)
    old = identity("creditor", "expired")
    leg_one = saldoverzoek("creditor", "counsellor", at=long_ago, signer=old.signing_key)
    draft = leg_two(leg_one, origin=origin_of(leg_one, old.signing.certificate)).saying(timestamp=long_ago)
    book = {"senders": {PARTIES["creditor"][0]: (old.signing.certificate,)}}
    assert (await pulled(inbox, plain(draft.wire()), nothing, **book)).outcome is Outcome.STORED
    assert (await only(inbox)).origin == "verified"


def signed_by(signer: Identity, *, wrote_at: datetime, accepted_at: datetime) -> Answer:
    """What the creditor wrote then, signed with this certificate, and the hub accepted at another time."""
    leg_one = saldoverzoek("creditor", "counsellor", at=wrote_at, signer=signer.signing_key)
    return plain(leg_two(leg_one).saying(timestamp=accepted_at).wire())


# Certificates of the sender that are not good at every time, or for this: (variant, accepted when, verified by whom has
# it in his book). The message was written sixty days ago, when some of them had not begun.
CERTIFICATES: dict[str, tuple[Variant, timedelta, str]] = {
    "begun since the message was written": ("next", timedelta(0), "verified"),
    "ended since the message was written": ("expired", timedelta(0), "unverified"),
    "ended since the hub accepted it": ("expired", -timedelta(days=30), "verified"),
    "not begun": ("not-yet-valid", timedelta(0), "unverified"),
    "not for signing": ("wrong-usage", timedelta(0), "unverified"),
    "of a short key": ("rsa-1024", timedelta(0), "unverified"),
}


@pytest.mark.parametrize("is_known", [True, False], ids=["in the book", "in no book"])
@pytest.mark.parametrize("case", CERTIFICATES)
async def test_a_senders_certificate_is_judged_when_the_hub_accepted_the_message_and_refuses_nothing(
    inbox: Inbox, case: str, is_known: bool
) -> None:
    """What was signed anew after a renewal says when it was first written: the hub and the receiver judge it alike."""
    variant, accepted, verdict = CERTIFICATES[case]
    signer = identity("creditor", variant)
    answer = signed_by(signer, wrote_at=NOW - timedelta(days=60), accepted_at=NOW + accepted)
    book = {PARTIES["creditor"][0]: (signer.signing.certificate,)} if is_known else {}
    result = await pulled(inbox, answer, nothing, senders=book)
    assert (result.outcome, result.note) == (Outcome.STORED, "")
    message = await only(inbox)
    assert message.origin == (verdict if is_known else "unverified")
    if is_known and verdict == "unverified":
        said = explain_unverified(message, book)
        creditor = PARTIES["creditor"][0]
        assert (
            f"a certificate that is under {creditor} in `senders` in participant.yaml ({message.origin_thumbprint})"
            in (said)
        )
        assert "), but when the hub accepted the message (" in said
        assert f"; ask {creditor} whether" in said


@pytest.mark.parametrize("case", CERTIFICATES)
async def test_where_proof_is_required_a_certificate_of_the_book_has_to_be_good_when_the_hub_accepted_the_message(
    inbox: Inbox, case: str
) -> None:
    variant, accepted, verdict = CERTIFICATES[case]
    signer = identity("creditor", variant)
    answer = signed_by(signer, wrote_at=NOW - timedelta(days=60), accepted_at=NOW + accepted)
    book = {PARTIES["creditor"][0]: (signer.signing.certificate,)}
    result = await pulled(inbox, answer, nothing, senders=book, origin_required=True)
    if verdict == "verified":
        assert result.outcome is Outcome.STORED
        return
    assert (result.outcome, [each.code for each in result.errors]) == (Outcome.NOT_TAKEN, ["EBMS:0103"])
    said = advise_not_taken(result.errors, result.note, participant("http://127.0.0.1/"))
    assert result.note.startswith("when the hub accepted the message (")
    assert "ask the hub's operator why" in said


@pytest.mark.parametrize(
    "signed_at",
    [NOW - timedelta(hours=2), NOW],
    ids=["ended while the message came in", "of a signature made long after the message"],
)
async def test_the_senders_wsu_timestamp_was_judged_when_the_message_arrived_and_is_not_judged_again(
    inbox: Inbox, signed_at: datetime
) -> None:
    written = saldoverzoek("creditor", "counsellor", at=NOW - timedelta(days=3))
    wire = signed_anew(written, holodeck(), identity("creditor"), at=signed_at)
    _, names_of_parts = split(wire.content_type, wire.body)
    parts = (replace(each, content_id=name) for each, name in zip(written.parts, names_of_parts, strict=True))
    origin = origin_in(wire, identity("creditor").signing.certificate)
    draft = leg_two(written.with_parts(*parts), origin=origin).saying(timestamp=NOW)
    result = await pulled(inbox, plain(draft.wire()), nothing, **knows("creditor"))
    assert (result.outcome, result.note) == (Outcome.STORED, "")
    assert (await only(inbox)).origin == "verified"


async def test_a_proof_that_does_not_hold_is_told_with_what_can_be_done_about_it(inbox: Inbox) -> None:
    """No setting mends it, and the same MessageId is taken at the hub."""
    result = await pulled(inbox, plain(swapped_part().wire()), nothing)
    said = advise_not_taken(result.errors, result.note, participant("http://127.0.0.1/"))
    assert "proof of origin" in (result.errors[0].description or "")
    assert "TLS" not in (result.errors[0].description or "")
    assert "as a new message, under another MessageId" in said


async def test_a_known_sender_whose_proof_its_certificates_do_not_verify_is_reported_like_an_unknown_one(
    inbox: Inbox,
) -> None:
    """After a rollover of which nobody told, for instance: the name, and what signed, are there to be asked about."""
    await pulled(inbox, plain(leg_two().wire()), nothing, **knows("creditor", "administrator"))
    message = await only(inbox)
    assert (message.origin, message.origin_party) == ("unverified", PARTIES["creditor"][0])
    assert message.origin_thumbprint == thumbprint_sha256(identity("creditor").signing.certificate).hex()


@pytest.mark.parametrize("book", [{}, knows("creditor", "administrator")], ids=["unknown", "other certificate"])
async def test_a_refusal_for_want_of_proof_names_the_sender_and_the_setting(
    inbox: Inbox, book: dict[str, object]
) -> None:
    result = await pulled(inbox, plain(leg_two().wire()), nothing, **book, origin_required=True)
    assert result.outcome is Outcome.NOT_TAKEN
    assert PARTIES["creditor"][0] in result.note
    assert "`senders` in participant.yaml" in result.note


# --- who signed in whose name -------------------------------------------------------------------------------------

OTHER = PARTIES["administrator"][0]


OWN_UNIT = f"{PARTIES['creditor'][0]}:000012345678"


def in_the_name_of(sender: str) -> Answer:
    """What the creditor signed, with another party as originalSender."""
    return plain(leg_two(saldoverzoek("creditor", "counsellor").with_property(names.ORIGINAL_SENDER, sender)).wire())


def signs_for(*parties: str) -> dict[str, object]:
    """An address book with the creditor's certificate under these names."""
    return {"senders": {each: (identity("creditor").signing.certificate,) for each in parties}}


SIGNED_FOR = {
    # what: (the sender that is named, names of the creditor's certificate in the book, what the message is called)
    "another party": (OTHER, (PARTIES["creditor"][0],), "unverified"),
    "another party that the book lets it sign for": (OTHER, (OTHER,), "verified"),
    "a unit of its own": (OWN_UNIT, (PARTIES["creditor"][0],), "verified"),
    "a unit of another": (f"{OTHER}:000012345678", (PARTIES["creditor"][0],), "unverified"),
    "itself": (PARTIES["creditor"][0], (PARTIES["creditor"][0],), "verified"),
    "itself, known as a unit": (PARTIES["creditor"][0], (OWN_UNIT,), "unverified"),
}


@pytest.mark.parametrize("case", SIGNED_FOR)
async def test_a_message_is_verified_only_where_the_book_has_the_signer_under_the_name_of_the_sender(
    inbox: Inbox, case: str
) -> None:
    sender, names_in_book, origin = SIGNED_FOR[case]
    result = await pulled(inbox, in_the_name_of(sender), nothing, **signs_for(*names_in_book))
    assert result.outcome is Outcome.STORED
    message = await only(inbox)
    assert (message.original_sender, message.origin) == (sender, origin)
    assert message.origin_party == PARTIES["creditor"][0]


async def test_what_one_party_signed_for_another_is_told_with_both_names_and_what_to_ask(inbox: Inbox) -> None:
    book = signs_for(PARTIES["creditor"][0])["senders"]
    assert isinstance(book, dict)
    await pulled(inbox, in_the_name_of(OTHER), nothing, senders=book)
    said = explain_unverified(await only(inbox), book)
    assert f"{PARTIES['creditor'][0]} signed it in the name of {OTHER}, by a certificate" in said
    assert "that you know" in said
    assert f"add the certificate under {OTHER}" in said
    assert "that you do not know" in explain_unverified(await only(inbox), {})


async def test_where_proof_is_required_nobody_signs_for_another_on_the_word_of_the_hub(inbox: Inbox) -> None:
    book = signs_for(PARTIES["creditor"][0])
    result = await pulled(inbox, in_the_name_of(OTHER), nothing, **book, origin_required=True)
    assert result.outcome is Outcome.NOT_TAKEN
    said = result.note + advise_not_taken(result.errors, result.note, participant("http://127.0.0.1/"))
    assert f"{PARTIES['creditor'][0]} signed the proof of origin in the name of {OTHER}" in said
    assert "acts for it" in said


async def test_a_proof_is_taken_once_whatever_the_hub_wraps_it_in_SR_22(inbox: Inbox) -> None:
    """The same origin under a new MessageId of the hub is refused, and the first stays."""
    leg_one = saldoverzoek("creditor", "counsellor")
    first, second = leg_two(leg_one), leg_two(leg_one)
    assert first.user_message.message_id != second.user_message.message_id
    assert (await pulled(inbox, plain(first.wire()), nothing)).outcome is Outcome.STORED
    again = await pulled(inbox, plain(second.wire()), nothing)
    assert (again.outcome, [each.code for each in again.errors]) == (Outcome.NOT_TAKEN, ["EBMS:0003"])
    assert (await only(inbox)).message_id == first.user_message.message_id
    same = await pulled(inbox, plain(first.wire()), nothing)
    assert same.outcome is Outcome.DUPLICATE


def swapped_part() -> Draft:
    """The proof is right, the part is another one under its name."""
    leg_one = saldoverzoek("creditor", "counsellor")
    draft = leg_two(leg_one)
    other = replace(draft.parts[0], octets=b"<other/>")
    return replace(draft, parts=(other, *draft.parts[1:]))
