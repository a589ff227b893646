"""Rows H01 to H31: units, ids, parties, agreement, service and conversation of the ebMS header.

What the rows left open, as settled: several user messages are EBMS:0008 (H04); there is no switch that strips brackets
(H09); Service, Action and AgreementRef that no P-Mode has are EBMS:0001, any other combination EBMS:0010 (H19, H23,
H28) to a participant that signed it; to anybody else it is EBMS:0101, whoever From names (H20, SR-05).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Before, Refused, assert_next_is_taken, assert_refused
from support.hubs.hub import TestedHub
from support.hubs.rows import Row, Stimulus, both, delivered, refused, taken
from support.hubs.rows import ids as ids_of
from support.keys.pki import PARTIES, identity
from support.messages.bending import (
    added,
    attribute,
    eb,
    header_of,
    removed,
    resign,
    soap,
    text,
)
from support.messages.header_rows import CANARY, COUNSELLOR, OIN, bent, from_ids, saying, twice
from support.messages.units import RECEIPT
from support.messages.wire import Draft, Wire, party, ping, post, saldoverzoek, signal_wire
from support.published.reference import reference

from gateway.ebms import names
from gateway.ebms.model import AgreementRef, Messaging, PartyId, Service

AGREEMENT = "urn:agreement:of:the:tests"


def sample(name: str) -> Stimulus:
    """A published message with the id it has; SOAP 1.1 becomes SOAP 1.2."""

    def make() -> Wire:
        octets = reference("as4", "messages", "negative", name).read_bytes()
        found = re.search(rb"MessageId>([^<]*)<", octets)
        octets = octets.replace(names.SOAP11.encode(), names.SOAP12.encode())
        return soap(octets, message_id=found[1].decode() if found else "")

    return make


def agreed(value: str = AGREEMENT, **changes: str) -> Callable[[], Draft]:
    """A question under an agreement."""
    return saying(agreement_ref=AgreementRef(value=value, **changes))


def pmode_of(version: str) -> str:
    return f"urn:knooppunt:pmode:{COUNSELLOR}:Schuldregeling:{version}:Saldoverzoek:leg1"


def messaging_twice(root: etree._Element) -> None:
    messaging = eb(root, "Messaging")
    copy = etree.fromstring(etree.tostring(messaging))
    copy.attrib.clear()
    header_of(root).append(copy)


def two_receipts() -> Wire:
    wire = signal_wire(Messaging(receipt=RECEIPT), identity("creditor").signing_key)
    octets = resign(wire.envelope, twice("Messaging/SignalMessage"), identity("creditor").signing_key)
    return soap(octets, message_id=RECEIPT.message_id)


def wire_id(characters: int) -> str:
    """A MessageId of that length."""
    return "m" * (characters - len("@tests.example")) + "@tests.example"


async def h14(hub: TestedHub) -> None:
    both_ids = from_ids(("testdrecht", "urn:names:of:municipalities"), (COUNSELLOR, OIN))
    await delivered(saying(from_party=both_ids))(hub)
    await refused(Refused("EBMS:0101"), saldoverzoek, good=saying(from_party=both_ids))(hub)


async def h20(hub: TestedHub) -> None:
    wire = replace(saldoverzoek().saying(from_party=party("stranger")), signer=identity("stranger").signing_key).wire()
    before = Before.of(hub)
    reply = await post(hub, wire)
    assert_refused(hub, wire, reply, Refused("EBMS:0101"), before)
    known = [each.encode() for name in ("counsellor", "creditor", "administrator") for each in PARTIES[name]]
    assert not [each for each in known if each in reply.body]
    await assert_next_is_taken(hub)


UNDER_AGREEMENT = {"counsellor": {"agreement": {"value": AGREEMENT}}}
INFO = "UserMessage/MessageInfo"


TABLE = (
    Row(
        "H01",
        "a message without eb:Messaging is refused",
        refused(
            Refused("EBMS:0009", about=False),
            lambda: saldoverzoek().wire(alter=removed("Messaging")),
            sample("ebms-sed-messaging_missing.xml"),
        ),
    ),
    Row(
        "H02",
        "an empty eb:Messaging is refused",
        refused(
            Refused("EBMS:0009", about=False),
            bent(removed("Messaging/UserMessage")),
            sample("phase4-soap11-EmptyMessaging.xml"),
            sample("ebms-sed-messaging_empty.xml"),
        ),
    ),
    Row(
        "H03",
        "two eb:Messaging are refused",
        refused(Refused("EBMS:0009", about=False), bent(messaging_twice), sample("ebms-sed-messaging_multiple.xml")),
    ),
    Row(
        "H04",
        "two user messages in one message are refused",
        refused(
            Refused("EBMS:0008", beside="EBMS:0008"),
            bent(twice("Messaging/UserMessage")),
            sample("phase4-TwoUserMessages.xml"),
            sample("ebms-sed-messaging_two_usermessages.xml"),
        ),
    ),
    Row("H05", "two signals of one kind are refused", refused(Refused("EBMS:0009"), two_receipts)),
    Row(
        "H06",
        "a header against its schema is refused, about the message if its id can be read",
        both(
            refused(
                Refused("EBMS:0009"),
                bent(added("UserMessage", f"<eb:{CANARY}>{CANARY}</eb:{CANARY}>")),
                bent(attribute("UserMessage", CANARY, CANARY)),
            ),
            refused(Refused("EBMS:0009", about=False), sample("ebms-sed-messaging_xsd_invalid.xml")),
        ),
    ),
    Row(
        "H07",
        "a missing MessageInfo is refused",
        refused(Refused("EBMS:0009", about=False), bent(removed(INFO)), sample("phase4-soap11-MessageInfoMissing.xml")),
    ),
    Row(
        "H08",
        "a missing or empty MessageId is refused",
        refused(
            Refused("EBMS:0009", about=False),
            bent(removed(f"{INFO}/MessageId")),
            bent(text(f"{INFO}/MessageId", "")),
            bent(text(f"{INFO}/MessageId", " ")),
            sample("phase4-soap11-MessageInfoIDMissing.xml"),
        ),
    ),
    Row(
        "H09",
        "a MessageId with angle brackets or blanks is refused",
        refused(
            Refused("EBMS:0009", about=False),
            saying(message_id="<canary@tests.example>"),
            saying(message_id="can ary@tests.example"),
            saying(message_id="canary@tests.example\u00a0"),
        ),
    ),
    Row(
        "H10",
        "a MessageId of more than 255 characters is refused",
        both(
            delivered(saying(message_id=wire_id(255))),
            refused(
                Refused("EBMS:0009", about=False), saying(message_id=wire_id(256)), saying(message_id=wire_id(10_000))
            ),
        ),
    ),
    Row(
        "H11",
        "a Timestamp that does not exist is refused",
        refused(
            Refused("EBMS:0009"),
            *(
                bent(text(f"{INFO}/Timestamp", each))
                for each in ("2026-02-30T10:00:00Z", "2026-03-04T25:99:99Z", "2026-03-04", "gisteren", "")
            ),
            sample("phase4-soap11-MessageInfoImaginaryTimestamp.xml"),
        ),
    ),
    Row(
        "H12",
        "a Timestamp without zone, with an offset, with a fraction is read as UTC",
        both(
            delivered(
                *(
                    bent(text(f"{INFO}/Timestamp", each))
                    for each in ("2026-03-04T10:00:00", "2026-03-04T11:00:00+01:00", "2026-03-04T10:00:00.123456Z")
                )
            ),
            refused(
                Refused("EBMS:0003"), bent(text(f"{INFO}/Timestamp", "2026-03-04T10:00:00-01:00"))
            ),  # an hour ahead
        ),
    ),
    Row(
        "H13",
        "more PartyIds than agreed are refused",
        refused(
            Refused("EBMS:0003"),
            saying(from_party=from_ids((COUNSELLOR, OIN), (CANARY, "urn:other"))),
            saying(to_party=replace(party("hub"), party_ids=(*party("hub").party_ids, PartyId(value="urn:a:b")))),
        ),
    ),
    Row(
        "H14",
        "several PartyIds are taken where they are agreed",
        h14,
        extra={"counsellor": {"party": [COUNSELLOR, {"value": "testdrecht", "type": "urn:names:of:municipalities"}]}},
    ),
    Row(
        "H15",
        "two PartyIds of one type are refused",
        refused(
            Refused("EBMS:0003"),
            saying(from_party=from_ids((COUNSELLOR, OIN), (PARTIES["creditor"][0], OIN))),
            saying(from_party=from_ids(("urn:a:b", None), ("urn:a:c", None))),
        ),
    ),
    Row(
        "H16",
        "an empty or absent PartyId is refused",
        refused(
            Refused("EBMS:0009"),
            saying(from_party=from_ids(("", OIN))),
            saying(from_party=from_ids()),
            sample("phase4-UserMessageNoPartyID.xml"),
        ),
    ),
    Row(
        "H17",
        "a PartyId without type that is no URI is refused",
        refused(
            Refused("EBMS:0003"),
            saying(from_party=from_ids(("abc def", None))),
            saying(to_party=from_ids((PARTIES["hub"][0], None))),
        ),
    ),
    Row(
        "H18",
        "a missing To is refused",
        refused(
            Refused("EBMS:0009"),
            bent(removed("UserMessage/PartyInfo/To")),
            sample("ebms-sed-messaging_xsd_invalid_To.xml"),
        ),
    ),
    Row(
        "H19",
        "a message for another hub is refused",
        both(
            refused(
                Refused("EBMS:0010"),
                saying(to_party=replace(party("creditor"), role=names.RESPONDER)),
                saying(to_party=replace(party("stranger"), role=names.RESPONDER)),
            ),
            refused(Refused("EBMS:0001"), sample("ebms-sed-invalid_receiver.xml")),  # nor is its Service known
        ),
    ),
    Row("H20", "an unknown sender is refused and learns nothing of the others", h20),
    Row(
        "H21",
        "another role is refused",
        refused(
            Refused("EBMS:0010"),
            saying(from_party=replace(party("counsellor"), role="urn:role:canary")),
            saying(to_party=replace(party("hub"), role=names.INITIATOR)),
        ),
    ),
    Row(
        "H22",
        "an AgreementRef without type that is no URI is refused",
        refused(Refused("EBMS:0003"), agreed("no uri"), sample("ebms-sed-invalid_AgreementRef_URI.xml")),
    ),
    Row(
        "H23",
        "an AgreementRef that no P-Mode has is refused",
        refused(Refused("EBMS:0001"), agreed("urn:agreement:canary"), agreed(AGREEMENT, type="canary"), good=agreed()),
        extra=UNDER_AGREEMENT,
    ),
    Row(
        "H24",
        "an absent AgreementRef is refused where there is an agreement",
        refused(Refused("EBMS:0010"), saldoverzoek, good=agreed()),
        extra=UNDER_AGREEMENT,
    ),
    Row(
        "H25",
        "a @pmode that names no P-Mode is refused",
        refused(Refused("EBMS:0010"), agreed(pmode="urn:pmode:canary"), good=agreed(pmode=pmode_of("2.0"))),
        extra=UNDER_AGREEMENT,
    ),
    Row(
        "H26",
        "a @pmode that names another P-Mode than the message fits is refused",
        refused(Refused("EBMS:0010"), agreed(pmode=pmode_of("1.1")), good=agreed(pmode=pmode_of("2.0"))),
        extra=UNDER_AGREEMENT,
    ),
    Row(
        "H27",
        "a Service without type that is no URI is refused",
        refused(Refused("EBMS:0003"), saying(service=Service(value=CANARY)), saying(service=Service(value="Saldo"))),
    ),
    Row(
        "H28",
        "an unknown Service, Action or combination is refused",
        both(
            refused(
                Refused("EBMS:0001"),
                saying(service=Service(value="urn:knooppunt:Schuldregeling:9.9"), action="Canary"),
                saying(service=Service(value="urn:knooppunt:Schuldregeling:9.9")),
                saying(action="Canary"),
            ),
            refused(
                Refused("EBMS:0010"),
                saying(service=Service(value="urn:knooppunt:Waarborgfonds:2.0")),
                saying(service=Service(value="urn:knooppunt:Schuldregeling:2.0", type="urn:type:canary")),
            ),
        ),
    ),
    Row(
        "H29",
        "the test action with another service is refused",
        refused(Refused("EBMS:0003"), saying(action=names.TEST_ACTION)),
    ),
    Row("H30", "an empty ConversationId is allowed", taken(saying(ping, conversation_id=""))),
    Row(
        "H31",
        "a missing ConversationId is refused",
        refused(Refused("EBMS:0009"), bent(removed("UserMessage/CollaborationInfo/ConversationId"))),
    ),
)
ROWS = ids_of(TABLE)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE])
async def test_header(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
