"""Properties and parts of a verified message against its P-Mode; ids are the rows of the AS4 test plan."""

from __future__ import annotations

from dataclasses import replace
from encodings.aliases import aliases
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configuration.pmode_files import (
    COUNSELLOR,
    COUNSELLOR_YAML,
    CREDITOR,
    DAY,
    UNIT,
    WARD,
    configuration,
    message,
    ping,
    read,
)

from gateway.ebms import texts
from gateway.ebms.errors import EbmsError
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.model import PartInfo, Property, UserMessage
from gateway.ebms.names import OIN_TYPE, UNIT_TYPE
from gateway.ebms.values import is_encoding
from pmodes.configuration import Configuration
from pmodes.match import match_user_message
from pmodes.profiles import check_payload_profile, check_properties, part_limit, too_large
from pmodes.texts import PROPERTY_TYPE_NOT_LISTED
from xsd.message_type import RequiredAttachment


def properties(**changed: str | None) -> tuple[Property, ...]:
    """The properties of an ordinary message; None takes one away."""
    values: dict[str, str | None] = {
        "trackingIdentifier": "t",
        "originalSender": COUNSELLOR,
        "finalRecipient": CREDITOR,
        **changed,
    }
    return tuple(Property(name=name, value=value) for name, value in values.items() if value is not None)


def parts(*mime_types: str | None) -> tuple[PartInfo, ...]:
    """Declared parts, by their property MimeType; None: without the property."""
    return tuple(
        PartInfo(
            href=f"cid:{index}",
            properties=() if mime_type is None else (Property(name="MimeType", value=mime_type),),
        )
        for index, mime_type in enumerate(mime_types)
    )


def check(sent: UserMessage, found: Configuration | None = None) -> None:
    """As the hub does: rules that hold for every message before those of its P-Mode."""
    check_user_message(sent)
    pmode = match_user_message(found or configuration(), sent, DAY)
    check_properties(pmode, sent)
    if pmode.message_type is not None:
        check_payload_profile(pmode, sent)


def refusal(sent: UserMessage, found: Configuration | None = None) -> tuple[str, str]:
    with pytest.raises(EbmsError) as caught:
        check(sent, found)
    return caught.value.code, caught.value.public.en


PROPERTIES = [
    ("H34 originalSender", {"originalSender": None}, "EBMS:0010", "originalSender is missing"),
    ("H34 finalRecipient", {"finalRecipient": None}, "EBMS:0010", "finalRecipient is missing"),
    ("H34 trackingIdentifier", {"trackingIdentifier": None}, "EBMS:0010", "trackingIdentifier is missing"),
    ("H35", {"bsn": "1"}, "EBMS:0010", "does not list"),
    ("H35 answer's", {"crossReference": "q"}, "EBMS:0010", "does not list"),
    ("H38 long", {"trackingIdentifier": "t" * 256}, "EBMS:0003", "longer than"),
    ("H38 far too long", {"trackingIdentifier": "t" * 100_000}, "EBMS:0003", "is too long"),
    ("H38 control", {"trackingIdentifier": "t\n"}, "EBMS:0003", "control characters"),
    ("spoofed", {"originalSender": CREDITOR}, "EBMS:0003", "for which this sender does not act"),
    ("empty sender", {"originalSender": ""}, "EBMS:0003", "for which this sender does not act"),
]


@pytest.mark.parametrize(
    ("changed", "code", "sentence"), [row[1:] for row in PROPERTIES], ids=[r[0] for r in PROPERTIES]
)
def test_properties_are_those_of_the_profile(changed: dict[str, Any], code: str, sentence: str) -> None:
    found = refusal(message(properties=properties(**changed)))
    assert found[0] == code
    assert sentence in found[1]


def test_h37_a_property_that_stands_twice_is_refused() -> None:
    twice = (*properties(), Property(name="finalRecipient", value=UNIT))
    assert refusal(message(properties=twice)) == ("EBMS:0010", texts.PROPERTY_TWICE.en)


def test_an_ordinary_message_and_its_answer_pass() -> None:
    check(message())
    answer = properties(originalSender=CREDITOR, finalRecipient=COUNSELLOR, crossReference="q")
    check(message(CREDITOR, COUNSELLOR, action="SaldoverzoekAntwoord", properties=answer))


@pytest.mark.parametrize("sender", [COUNSELLOR, WARD])
@pytest.mark.parametrize("original", [COUNSELLOR, WARD])
def test_the_original_sender_is_the_organisation_or_a_party_that_it_acts_for(sender: str, original: str) -> None:
    check(message(sender, properties=properties(originalSender=original)))


EXTRA = COUNSELLOR_YAML + "properties: [{name: extra, required: true, data_type: %s, max_length: 40}]\n"
DATA_TYPES = [
    ("int", "12", True), ("int", "-3", True), ("int", "abc", False), ("int", "1.5", False), ("int", "", False),
    ("int", "\u0663", False), ("boolean", "true", True), ("boolean", "0", True), ("boolean", "yes", False),
    ("date", "2026-02-28", True), ("date", "2026-02-30", False), ("date", "20260228", False),
    ("uri", "urn:a:b", True), ("uri", "https://h/x", True), ("uri", "a b", False), ("uri", "word", False),
    ("string", "anything", True),
]  # fmt: skip


@pytest.mark.parametrize(("data_type", "value", "fits"), DATA_TYPES)
def test_h36_a_listed_property_holds_its_data_type(data_type: str, value: str, fits: bool) -> None:
    found = read(counsellor=EXTRA % data_type)
    sent = message(properties=properties(extra=value))
    if fits:
        check(sent, found)
    else:
        assert refusal(sent, found) == ("EBMS:0010", "The message property extra is not of its data type.")


def test_h34_a_listed_property_may_be_required() -> None:
    assert "extra is missing" in refusal(message(), read(counsellor=EXTRA % "string"))[1]


PARTS = [
    ("H49 none", (), "requires is missing"),
    ("H50", ("application/pdf",), "Part 1 is not of a MIME type"),
    ("H51", ("text/html",), "Part 1 is not of a MIME type"),
    ("H51 attachment", ("application/xml", "text/html"), "Part 2 is not of a MIME type"),
    ("H51 unknown", (None,), "Part 1 is not of a MIME type"),
    ("too many", ("application/xml", *(["application/pdf"] * 63)), "more parts"),
]


@pytest.mark.parametrize(("declared", "sentence"), [row[1:] for row in PARTS], ids=[row[0] for row in PARTS])
def test_parts_are_those_of_the_payload_profile(declared: tuple[str | None, ...], sentence: str) -> None:
    code, public = refusal(message(parts=parts(*declared)))
    assert code == "EBMS:0010"
    assert sentence in public


@pytest.mark.parametrize(
    "declared",
    [
        ("application/xml",),
        ("text/xml; charset=UTF-8",),
        ("Application/XML",),
        ("application/xml", *(["application/pdf"] * 62)),
    ],
    ids=["alone", "parameters", "case", "all"],
)
def test_a_document_with_attachments_passes(declared: tuple[str, ...]) -> None:
    check(message(parts=parts(*declared)))


def with_part(**said: str) -> UserMessage:
    """A message whose document has these properties."""
    found = {"MimeType": "application/xml", **said}
    own = tuple(Property(name=name, value=value) for name, value in found.items())
    return message(parts=(PartInfo(href="cid:document", properties=own),))


LISTED = COUNSELLOR_YAML + "part_properties: [{name: PartNumber, data_type: int, max_length: 3}]\n"
NOT_AGREED = [
    ("another property", {"bsn": "1"}, "EBMS:0010", "Part 1 has a property"),
    ("in another case", {"characterset": "utf-8"}, "EBMS:0010", "Part 1 has a property"),
    ("one of the hub's own", {"Purpose": "proof-of-origin"}, "EBMS:0010", "Part 1 has a property"),
    ("its name alone", {"Purpose": "another"}, "EBMS:0010", "Part 1 has a property"),
    ("listed, too long", {"PartNumber": "1234"}, "EBMS:0010", "A property of part 1"),
    ("listed, no number", {"PartNumber": "one"}, "EBMS:0010", "A property of part 1"),
    ("no encoding", {"CharacterSet": "de-Vries"}, "EBMS:0003", "The CharacterSet is not"),
    *(
        (f"no encoding of text: {each}", {"CharacterSet": each}, "EBMS:0003", "The CharacterSet is not")
        for each in ("rot13", "base64", "hex", "zlib", "bz2", "uu", "quopri", "mbcs", "ansi")
    ),
    ("a parameter", {"MimeType": "application/xml; name=de-Vries.xml"}, "EBMS:0010", "has another parameter"),
    ("beside charset", {"MimeType": "application/xml; charset=utf-8; a=b"}, "EBMS:0010", "has another parameter"),
    ("charset, no encoding", {"MimeType": "application/xml;charset=de-Vries"}, "EBMS:0010", "has another parameter"),
    ("no parameter", {"MimeType": "application/xml; de Vries"}, "EBMS:0010", "has another parameter"),
]


@pytest.mark.parametrize(
    ("said", "code", "sentence"), [row[1:] for row in NOT_AGREED], ids=[row[0] for row in NOT_AGREED]
)
def test_what_nobody_agreed_to_stands_in_no_property_of_a_part(said: dict[str, str], code: str, sentence: str) -> None:
    found = refusal(with_part(**said), read(counsellor=LISTED))
    assert found[0] == code
    assert sentence in found[1]


@pytest.mark.parametrize(
    "said",
    [
        {"PartNumber": "12"},
        *(
            {"CharacterSet": each}
            for each in ("utf-8", "UTF-16", "ISO-8859-15", "windows-1252", "US-ASCII", "utf-16LE")
        ),
        {"MimeType": 'application/xml; charset="UTF-8"'},
        {"MimeType": "application/xml;"},
    ],
    ids=str,
)
def test_what_is_known_or_listed_may_stand_in_a_property_of_a_part(said: dict[str, str]) -> None:
    check(with_part(**said), read(counsellor=LISTED))


@pytest.mark.parametrize("of_a_part", [True, False], ids=["of a part", "of the message"])
def test_the_type_of_a_property_is_a_known_one_or_one_that_is_listed(of_a_part: bool) -> None:
    def typed(kind: str) -> UserMessage:
        if of_a_part:
            own = (Property(name="MimeType", value="application/xml", type=kind),)
            return message(parts=(PartInfo(href="cid:document", properties=own),))
        first, *rest = properties()
        return message(properties=(replace(first, type=kind), *rest))

    for kind in ("string", OIN_TYPE, UNIT_TYPE):
        check(typed(kind))
    assert refusal(typed("de Vries")) == ("EBMS:0010", PROPERTY_TYPE_NOT_LISTED.en)
    check(typed("de Vries"), read(counsellor=COUNSELLOR_YAML + "property_types: [de Vries]\n"))


def test_a_test_message_may_have_what_any_message_may_have_and_needs_none_of_it() -> None:
    found = read(counsellor=EXTRA % "int")
    check(ping(), found)
    check(ping(properties=properties(extra="12", crossReference="q"), parts=with_part().parts), found)
    for wrong in (
        ping(properties=properties(bsn="1")),
        ping(properties=properties(extra="one")),
        ping(properties=properties(originalSender=CREDITOR)),
        ping(parts=with_part(bsn="1").parts),
    ):
        assert refusal(wrong, found)[0] in ("EBMS:0003", "EBMS:0010")


def test_h52_a_part_has_a_limit_after_decompression() -> None:
    text = COUNSELLOR_YAML + "attachments: {max_octets: 1000, max_count: 2}\n"
    pmode = match_user_message(read(counsellor=text), message(), DAY)
    assert [part_limit(pmode, index) for index in range(3)] == [4 * 1024 * 1024, 1000, 1000]
    assert (too_large(pmode, 1).code, too_large(pmode, 1).public.en) == (
        "EBMS:0010",
        "Part 2 is larger than the processing mode allows.",
    )


def test_h50_a_document_that_a_role_must_send_along_is_counted() -> None:
    pmode = match_user_message(configuration(), message(), DAY)
    assert pmode.message_type is not None
    consent = RequiredAttachment(kind="toestemmingsverklaring", roles=("shv-fase-2",))
    demanding = replace(pmode, message_type=replace(pmode.message_type, attachments=(consent,)))
    with pytest.raises(EbmsError, match="requires is missing"):
        check_payload_profile(demanding, message())
    check_payload_profile(demanding, message(parts=parts("application/xml", "application/pdf")))


@given(name=st.text(min_size=1, max_size=20), value=st.text(max_size=300))
def test_no_public_sentence_repeats_a_name_or_value_of_the_message(name: str, value: str) -> None:
    for sent in (
        message(properties=(*properties(), Property(name=f"canary{name}", value=value))),
        message(properties=properties(originalSender=f"canary{value}")),
        message(parts=parts(f"canary{value}")),
    ):
        code, public = refusal(sent)
        assert code in ("EBMS:0003", "EBMS:0010")
        assert "canary" not in public


def test_every_encoding_that_is_known_is_one_of_text() -> None:
    for name in filter(is_encoding, {*aliases.values()}):
        assert "a".encode(name), name
