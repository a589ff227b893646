"""Hostile messages through the browser's reader, by the very cases that the hub and a participant are tried with.

The rows of abuse are messages to a hub. The reader plays that hub here: from the counsellor, sealed to the hub's key.
What is wrong with a message that has no parts cannot be told from its having none, so it is put into MIME and, where it
holds, refused for holding no document.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from rows import test_encryption_abuse, test_http_abuse, test_signature_abuse, test_xml_abuse
from support.browser.asking import Refused
from support.browser.desk import desk_opens
from support.hubs.hub_script import leg_two
from support.hubs.rows import Row, Stimulus, cases_of, sent_of
from support.keys.pki import PARTIES, identity
from support.messages.bending import MimePart, packed
from support.messages.form_faults import ENCRYPTION, SIGNATURE
from support.messages.signed_messages import BODY, MESSAGING
from support.messages.wire import ROOT_ID, Wire
from support.messages.wrapping import LABELS, PLACES, moved, swapped_ids

from crypto.elements import Element
from gateway.ebms.names import MULTIPART_RELATED

TABLES: dict[str, tuple[Row, ...]] = {
    "XP": test_xml_abuse.TABLE,
    "DS": (
        *test_signature_abuse.DS_03,
        *test_signature_abuse.FORMS,
        *test_signature_abuse.KEYS_ROWS,
        *test_signature_abuse.DS_19,
    ),
    "EN": (*test_encryption_abuse.EN, *test_encryption_abuse.EN_04),
    "MI": tuple(each for each in test_http_abuse.TABLE if each.id.startswith("MI-")),
}
# What refuses each kind of case; another check would mean that the case came further than it should.
CHECKS = {
    "XP": {"xml", "envelope"},
    "DS": {"envelope", "form", "signer", "signature", "digest", "header", "parts"},
    "EN": {"encryption", "sealed-to", "decryption", "compression", "part-digest", "form", "digest", "envelope"},
    "MI": {"mime", "xml"},
}
# Their parts are clear, and that alone refuses them here: the hub seals whatever it sends.
CLEAR = {"DS-19 document", "DS-19 attachment"}
# Nobody has signed yet what a hub is sent, so it takes fewer nodes than an envelope may have.
OF_A_REQUEST = "XP-08 of a request"
# Cases that need a listener or another hub, and so are no stimulus alone; the XML of the first is tried below.
WITHOUT_CASES = {"XP-03", "XP-04", "XP-05", "DS-10 bomb", "MI-16", "MI-17"}


def as_the_hub(wire: Wire) -> dict[str, object]:
    """Open what was sent to the hub."""
    if not wire.content_type.startswith("multipart/"):
        root = MimePart(lines=(f"Content-Type: {wire.content_type}", f"Content-ID: <{ROOT_ID}>"), octets=wire.body)
        wire = packed(wire, (root,))
    parties = [PARTIES["hub"][0], PARTIES["creditor"][0]]
    return desk_opens(
        wire,
        self={"partyIds": parties, "mpc": None, "hub": PARTIES["counsellor"][0]},
        keys=[identity("hub")],
        hub=[identity("counsellor")],
    )


def cases() -> list[object]:
    """Every stimulus of every row, what may refuse it, and whether it is taken."""
    return [
        pytest.param({"encryption"} if row.id in CLEAR else CHECKS[table], stimulus, taken, id=f"{row.id} ({number})")
        for table, rows in TABLES.items()
        for row in rows
        for number, (stimulus, taken) in enumerate(cases_of(row.act))
        if row.id != OF_A_REQUEST
    ]


def test_every_row_of_abuse_that_is_no_case_here_is_known() -> None:
    assert {row.id for rows in TABLES.values() for row in rows if not cases_of(row.act)} == WITHOUT_CASES


@pytest.mark.parametrize(("checks", "stimulus", "taken"), cases())
def test_the_rows_of_abuse_through_the_browsers_reader_PO_88(checks: set[str], stimulus: Stimulus, taken: bool) -> None:
    sent = sent_of(stimulus())
    if not taken:
        with pytest.raises(Refused) as refused:
            as_the_hub(sent.wire)
        assert refused.value.check in checks, refused.value
    elif sent.wire.content_type.startswith(MULTIPART_RELATED):
        opened = as_the_hub(sent.wire)
        assert sent.draft is None or opened["document"]["octets"] == sent.draft.parts[0].octets  # type: ignore[index]
    else:
        with pytest.raises(Refused, match="it holds no document"):
            as_the_hub(sent.wire)


@pytest.mark.parametrize("row", [*SIGNATURE, *ENCRYPTION])
def test_each_form_fault_of_the_security_header_is_refused_PO_88(row: str) -> None:
    wire = leg_two().wire(alter=(SIGNATURE | ENCRYPTION)[row])
    with pytest.raises(Refused) as refused:
        desk_opens(wire)
    # What changes something signed besides is refused for that; who an issuer is only chooses a certificate here.
    beside = {"something else than the parts is encrypted": "digest"}
    usual = {"form", "signer", "header"} if row in SIGNATURE else {"encryption", "form", "sealed-to"}
    assert refused.value.check in (usual | {beside.get(row, "form")}), refused.value


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("tag", [MESSAGING, BODY])
def test_a_signed_element_that_was_moved_vouches_for_nothing_PO_88(tag: str, place: object, label: str) -> None:
    with pytest.raises(Refused):
        desk_opens(leg_two().wire(alter=moved(tag, place, label)))  # type: ignore[arg-type]


def test_messaging_and_body_may_not_stand_in_for_each_other_PO_88() -> None:
    with pytest.raises(Refused):
        desk_opens(leg_two().wire(alter=swapped_ids))


FETCHING = {
    "an external entity": b'<!DOCTYPE x [<!ENTITY c SYSTEM "http://127.0.0.1:9/">]>',
    "a parameter entity": b'<!DOCTYPE x [<!ENTITY % c SYSTEM "file:///etc/hostname"> %c;]>',
    "an external subset": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/">',
    "a stylesheet": b'<?xml-stylesheet href="http://127.0.0.1:9/"?>',
}
INSIDE = {
    "an undeclared entity": b"&undeclared;",
    "an XInclude": b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:9/"/>',
    "a processing instruction": b'<?xml-model href="http://127.0.0.1:9/"?>',
}


@pytest.mark.parametrize("case", [*FETCHING, *INSIDE])
def test_nothing_that_would_be_fetched_gets_past_the_reader_PO_88(case: str) -> None:
    wire = leg_two().wire()
    if case in FETCHING:
        envelope = wire.envelope.replace(b"<S12:Envelope", FETCHING[case] + b"<S12:Envelope", 1)
    else:
        envelope = wire.envelope.replace(b"<S12:Header>", b"<S12:Header>" + INSIDE[case], 1)
    with pytest.raises(Refused) as refused:
        desk_opens(replace(wire, body=wire.body.replace(wire.envelope, envelope)))
    assert refused.value.check == "xml"


def test_a_comment_in_a_value_makes_it_no_value() -> None:
    """Canonicalization drops it, so the signature holds; readers would disagree on what is signed."""

    def split(root: Element) -> None:
        action = next(root.iter("{*}Action"))
        text = str(action.text)
        action.text = text[:3]
        comment = etree.Comment("cut")
        comment.tail = text[3:]
        action.append(comment)

    with pytest.raises(Refused) as refused:
        desk_opens(leg_two().wire(alter=split))
    assert refused.value.check == "header"
