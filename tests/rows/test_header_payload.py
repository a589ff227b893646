"""Rows H33 to H60: properties and parts that the ebMS header declares, and what may stand around them.

What the rows left open, as settled: a value beyond what an envelope may hold at all is unreadable and 400 (H38);
RefToMessageId is ignored unless the P-Mode refuses it (H58). H32 needs Two-Way and is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Refused, unreadable
from support.hubs.hub import TestedHub
from support.hubs.raw import listener
from support.hubs.rows import Row, Sent, Stimulus, assert_delivered, assert_receipted, both, delivered, refused, taken
from support.hubs.rows import ids as ids_of
from support.keys.pki import PARTIES, identity
from support.messages.bending import (
    MimePart,
    added,
    attribute,
    body_content,
    lines_of,
    rearranged,
    removed,
    resign,
    soap,
)
from support.messages.header_rows import CANARY, COUNSELLOR, OIN, bent, from_ids, saying, twice
from support.messages.wire import Draft, Part, Wire, party, ping, post, pull_request, saldoverzoek
from support.published.reference_messages import http_message

from gateway.ebms import names
from gateway.ebms.model import PartInfo, PartyId, Property
from gateway.store.model import MessageFilter, State


def whole_sample(name: str) -> Wire:
    """A published message in MIME."""
    found = http_message(f"negative/{name}")
    return Wire(content_type=found.content_type, body=found.body)


def with_value(name: str, value: str | None) -> Callable[[], Draft]:
    """A question with one message property changed, added or left out."""
    return lambda: saldoverzoek().with_property(name, value)


def with_part_property(added: Property) -> Callable[[], Draft]:
    """A question whose document has one property more, or that one instead of its own of that name."""

    def make() -> Draft:
        draft = saldoverzoek()
        (part,) = draft.parts
        own = {each.name: each for each in part.info().properties} | {added.name: added}
        return draft.with_parts(replace(part, properties=tuple(own.values())))

    return make


def with_attachments(*attachments: Part, first: bool = False) -> Callable[[], Draft]:
    """A question with attachments after its document, or before it."""

    def make() -> Draft:
        draft = saldoverzoek()
        parts = (*attachments, *draft.parts) if first else (*draft.parts, *attachments)
        return draft.with_parts(*(replace(each, content_id=f"{index}.{each.content_id}") for index, each in
                                  enumerate(parts)))  # fmt: skip

    return make


def pdf(octets: bytes = b"%PDF-1.7 of the tests", **changes: object) -> Part:
    return Part(octets=octets, mime_type="application/pdf", **changes)  # type: ignore[arg-type]


def elsewhere(href: str) -> Stimulus:
    """A question whose one part is somewhere else."""
    return bent(attribute("UserMessage/PayloadInfo/PartInfo", "href", href))


def in_body(href: str | None) -> Callable[[], Draft]:
    """A question whose one part is the Body, or a fragment of it."""
    return lambda: replace(saldoverzoek().saying(parts=(PartInfo(href=href),)), parts=())


def without_last_part() -> Wire:
    return rearranged(with_attachments(pdf())(), lambda parts: parts[:-1])


def with_undeclared_part() -> Sent:
    draft = saldoverzoek()
    extra = MimePart(lines=lines_of("undeclared@tests.example", "text/plain"), octets=CANARY.encode())
    return Sent(wire=rearranged(draft, lambda parts: (*parts, extra)), draft=draft)


def signal_of(fragment: str) -> Stimulus:
    """A SignalMessage that holds something else than a signal we know."""

    def make() -> Wire:
        def alter(root: etree._Element) -> None:
            removed("SignalMessage/PullRequest")(root)
            added("Messaging/SignalMessage", fragment)(root)

        return replace(pull_request(message_id="signal@tests.example", alter=alter), message_id="signal@tests.example")

    return make


async def h33(hub: TestedHub) -> None:
    draft = saldoverzoek()
    message = draft.user_message
    properties = (replace(message.properties[0], type=names.OIN_TYPE), *message.properties[1:])
    (info,) = message.parts
    parts = (replace(info, properties=(replace(info.properties[0], type="string"), *info.properties[1:])),)
    sent = Sent(wire=(draft := draft.saying(properties=properties, parts=parts)).wire(), draft=draft)
    assert_receipted(sent, await post(hub, sent.wire))
    pulled = (await assert_delivered(hub, sent)).user_message
    assert pulled is not None
    assert set(properties) <= set(pulled.properties)
    assert pulled.parts[0].properties == parts[0].properties


async def h39(hub: TestedHub) -> None:
    draft = with_attachments(pdf(b"one"), pdf(b"two"), pdf(b"three"))()
    shuffled = rearranged(draft, lambda parts: (parts[0], *reversed(parts[1:])))
    sent = Sent(wire=shuffled, draft=draft)
    assert_receipted(sent, await post(hub, sent.wire))
    pulled = (await assert_delivered(hub, sent)).user_message
    assert pulled is not None
    assert [each.href for each in pulled.parts[:4]] == [each.href for each in draft.user_message.parts]


async def h42_lenient(hub: TestedHub) -> None:
    sent = with_undeclared_part()
    assert_receipted(sent, await post(hub, sent.wire))
    assert hub.log.of("message_accepted")[0]["dropped_parts"] == 1
    pulled = await assert_delivered(hub, sent)
    assert CANARY.encode() not in b"".join(pulled.plain("creditor").values())
    assert len(pulled.parts) == 2  # the document and the proof of origin


async def h43(hub: TestedHub) -> None:
    async with listener() as nobody:
        await refused(Refused("EBMS:0011"), elsewhere(nobody.url), elsewhere(nobody.url.upper()))(hub)


async def h44(hub: TestedHub) -> None:
    pipe = hub.folder / "pipe"
    os.mkfifo(pipe)  # whoever opened it would wait for ever
    hrefs = (pipe.as_uri(), str(pipe), "ftp://127.0.0.1/secret", "data:text/xml,%3Ca/%3E", "urn:uuid:1")
    await refused(Refused("EBMS:0011"), *(elsewhere(each) for each in hrefs))(hub)


async def h57(hub: TestedHub) -> None:
    await post(hub, saldoverzoek().wire())
    receipt = (await post(hub, pull_request())).receipt_wire("creditor")
    octets = resign(receipt.envelope, body_content("<x><y>ignored</y></x>"), identity("creditor").signing_key)
    assert (await post(hub, soap(octets))).status == 204
    (record,) = await hub.store.messages(MessageFilter())
    assert record.state is State.RECEIPTED


PRODUCTION = {
    "hub": "00000004000000009000",
    "counsellor": "00000004000000001000",
    "creditor": "00000004000000002000",
    "administrator": "00000004000000003000",
}


def production_ping() -> Draft:
    """A message of a party in production to a hub in production."""
    hub = replace(party("hub"), party_ids=(PartyId(value=PRODUCTION["hub"], type=OIN),))
    return ping().saying(from_party=from_ids((PRODUCTION["counsellor"], OIN)), to_party=hub)


def ping_of_a_test_party() -> Draft:
    return production_ping().saying(from_party=party("counsellor"))


COUNTED = {"counsellor": {"properties": [{"name": "volgnummer", "data_type": "int"}]}}
SMALL = {"counsellor": {"attachments": {"max_octets": 1_000}}}


TABLE = (
    Row("H33", "properties may have a type, which is delivered", h33),
    Row(
        "H34",
        "a missing required message property is refused",
        refused(
            Refused("EBMS:0010"),
            with_value(names.ORIGINAL_SENDER, None),
            with_value(names.FINAL_RECIPIENT, None),
            with_value(names.TRACKING_IDENTIFIER, None),
            saying(properties=()),
        ),
    ),
    Row(
        "H35",
        "what is not listed is refused in properties of a message and its parts, in a test message too",
        refused(
            Refused("EBMS:0010"),
            with_value("canaryName", "canaryValue"),
            *(
                with_part_property(each)
                for each in (
                    Property(name="canaryName", value="canaryValue"),
                    Property(name=names.PURPOSE, value="proof-of-origin"),
                    Property(name=names.MIME_TYPE, value="application/xml; name=canaryName"),
                    Property(name=names.CHARACTER_SET, value="utf-8", type="canaryType"),
                )
            ),
            lambda: ping().with_property("canaryName", "canaryValue"),
            lambda: ping().with_parts(with_part_property(Property(name="canaryName", value="canaryValue"))().parts[0]),
        ),
    ),
    Row(
        "H36",
        "a message property against its data type is refused",
        both(
            refused(Refused("EBMS:0010"), *(with_value("volgnummer", each) for each in ("abc", "1.5", "1 2", "¹²"))),
            delivered(with_value("volgnummer", "12")),
        ),
        extra=COUNTED,
    ),
    Row(
        "H37",
        "a message property that stands twice is refused",
        refused(
            Refused("EBMS:0010"),
            bent(twice("UserMessage/MessageProperties/Property")),
            lambda: (draft := saldoverzoek()).saying(
                properties=(
                    *draft.user_message.properties,
                    Property(name=names.FINAL_RECIPIENT, value=PARTIES["administrator"][0]),
                )
            ),
        ),
    ),
    Row(
        "H38",
        "a value that is too long or has control characters is refused",
        both(
            refused(
                Refused("EBMS:0003"),
                with_value(names.TRACKING_IDENTIFIER, "x" * 256),
                with_value(names.TRACKING_IDENTIFIER, "x" * 60_000),
                with_value(names.TRACKING_IDENTIFIER, "canary\u0085value"),
                with_value(names.TRACKING_IDENTIFIER, "canary\nvalue"),
            ),
            refused(unreadable("EBMS:0009"), with_value(names.TRACKING_IDENTIFIER, "x" * 100_000)),
        ),
    ),
    Row("H39", "the order of the parts is delivered, however they came", h39),
    Row(
        "H40",
        "the leading part is the XML document",
        both(
            delivered(with_attachments(pdf())),
            refused(Refused("EBMS:0010"), with_attachments(pdf(), first=True)),
        ),
    ),
    Row(
        "H41",
        "a declared part that did not come is refused",
        both(
            refused(Refused("EBMS:0011"), without_last_part),
            # The sample breaks the schema besides: its PartProperties are empty.
            refused(Refused("EBMS:0009", about=None), lambda: whole_sample("usermessage-missing-attachment.as4")),
        ),
    ),
    Row(
        "H42",
        "a part that is not declared is refused",
        refused(Refused("EBMS:0007"), with_undeclared_part),
    ),
    Row("H43", "a part elsewhere is refused and not fetched", h43),
    Row("H44", "a part in a file or anywhere else is refused and not opened", h44),
    Row(
        "H45",
        "a part in the Body is not supported",
        refused(
            Refused("EBMS:0008"),
            bent(body_content('<x:canary xmlns:x="urn:x" id="canary-1"/>'), draft=in_body("#canary-1")),
            bent(body_content('<x:canary xmlns:x="urn:x"/>'), draft=in_body(None)),
        ),
    ),
    Row("H46", "a part without href needs content in the Body", refused(Refused("EBMS:0003"), in_body(None))),
    Row(
        "H47",
        "content of the Body that no part declares is refused",
        refused(
            Refused("EBMS:0003"),
            bent(body_content("<canary/>")),
            bent(body_content("<canary/>"), draft=ping),
            bent(lambda root: setattr(root[1], "text", CANARY)),
        ),
    ),
    Row(
        "H48",
        "a part that is declared twice is refused",
        refused(Refused("EBMS:0003"), bent(twice("UserMessage/PayloadInfo/PartInfo"))),
    ),
    Row("H49", "a message without payload is taken where its P-Mode has none", taken(ping)),
    Row(
        "H50",
        "a missing part of the payload profile is refused",
        refused(Refused("EBMS:0010"), lambda: saldoverzoek().with_parts()),
    ),
    Row(
        "H51",
        "a part of another MIME type than agreed is refused",
        refused(
            Refused("EBMS:0010"),
            lambda: (draft := saldoverzoek()).with_parts(replace(draft.parts[0], mime_type="text/html")),
            with_attachments(replace(pdf(), mime_type="application/canary")),
        ),
    ),
    Row(
        "H52",
        "a part that is larger than agreed is refused, by its size after decompression",
        both(
            delivered(with_attachments(pdf(os.urandom(1_000)), pdf(bytes(1_000), compressed=False))),
            refused(
                Refused("EBMS:0010"),
                with_attachments(pdf(bytes(1_001), compressed=False)),
                with_attachments(pdf(bytes(1_001))),
                with_attachments(pdf(bytes(10 << 20))),
                lambda: (draft := saldoverzoek()).with_parts(
                    replace(draft.parts[0], octets=draft.parts[0].octets + b" " * (4 << 20))
                ),
            ),
        ),
        extra=SMALL,
    ),
    Row(
        "H53",
        "another MPC than that of a push is refused",
        refused(Refused("EBMS:0003"), saying(mpc="urn:mpc:canary"), saying(mpc=f"urn:knooppunt:mpc:{COUNSELLOR}")),
    ),
    Row("H54", "the default MPC is the same as none", delivered(saying(mpc=names.DEFAULT_MPC), saying(mpc=None))),
    Row(
        "H55",
        "foreign attributes and elements are tolerated",
        delivered(
            bent(
                attribute("Messaging", "{urn:x}extension", "x"),
                attribute("Messaging", "id", "x"),
                added("Messaging", '<x:extension xmlns:x="urn:x"><x:more/></x:extension>'),
            )
        ),
    ),
    Row(
        "H56",
        "mustUnderstand may be absent or false",
        delivered(
            bent(attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", None)),
            bent(attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", "false")),
            bent(attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", "1")),
        ),
    ),
    Row("H57", "the Body of a signal is ignored", h57),
    Row("H58", "a RefToMessageId in a One-Way message is ignored", delivered(saying(ref_to_message_id="a@b.example"))),
    Row(
        "H59",
        "an unknown signal is refused, and one of another namespace warned about",
        both(
            refused(Refused("EBMS:0009"), signal_of(f"<eb:{CANARY}/>")),
            refused(Refused("EBMS:0002"), signal_of(f'<x:{CANARY} xmlns:x="urn:x"/>')),
        ),
    ),
    Row(
        "H60",
        "a test party is unknown to a hub in production",
        refused(Refused("EBMS:0101"), ping_of_a_test_party, good=production_ping),
        extra={
            name: {"party": value, **({"environment": "production"} if name == "hub" else {})}
            for name, value in PRODUCTION.items()
        },
    ),
)
# Second cases of a row, under other settings of the P-Mode.
VARIANTS = (
    Row(
        "H42 lenient",
        "a part that is not declared is dropped, logged and never delivered where the P-Mode says so",
        h42_lenient,
        extra={"counsellor": {"overrides": {"Knooppunt.UndeclaredPartsRefused": False}}},
    ),
    Row(
        "H56 strict",
        "mustUnderstand absent or false is refused where the P-Mode demands it",
        refused(
            Refused("EBMS:0009"),
            bent(attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", None)),
            bent(attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", "0")),
        ),
        extra={"counsellor": {"overrides": {"Knooppunt.MustUnderstandRequired": True}}},
    ),
    Row(
        "H58 strict",
        "a RefToMessageId in a One-Way message is refused where the P-Mode says so",
        refused(Refused("EBMS:0003"), saying(ref_to_message_id="a@b.example")),
        extra={"counsellor": {"overrides": {"Knooppunt.RefToMessageIdRefused": True}}},
    ),
)
ROWS = ids_of(TABLE)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *VARIANTS)])
async def test_header_payload(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
