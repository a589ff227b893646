"""The rules of the header beyond its schema: each row is a clause, a header that breaks it, and the code it gets."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.messages.units import CONTENT_ID, ERROR, PART, PULL_REQUEST, RECEIPT, USER_MESSAGE, part, user_message

from gateway.ebms import names
from gateway.ebms.consistency import (
    MOST_PARTS,
    check_bundle,
    check_parts_present,
    check_units,
    content_ids,
    is_readable_id,
    mpc_of,
    refusal_beside,
)
from gateway.ebms.errors import EbmsError
from gateway.ebms.header_rules import MOST_VALUE_CHARACTERS, check_user_message
from gateway.ebms.model import (
    AgreementRef,
    ErrorSignal,
    Messaging,
    PartInfo,
    Party,
    PartyId,
    Property,
    PullRequest,
    Service,
    UserMessage,
)
from gateway.ebms.values import is_uri

SENDER = USER_MESSAGE.from_party.party_ids[0]
BODY = part(None)


def sender(*party_ids: PartyId) -> UserMessage:
    return user_message(from_party=Party(party_ids=party_ids, role=names.INITIATOR))


def receiver(*party_ids: PartyId) -> UserMessage:
    return user_message(to_party=Party(party_ids=party_ids, role=names.RESPONDER))


def properties(*pairs: tuple[str, str]) -> tuple[Property, ...]:
    return tuple(Property(name=name, value=value) for name, value in pairs)


def code_of(check: Any, *arguments: Any, **options: Any) -> str | None:
    """The code of the error, or None; a refusal never repeats a value of the message in public."""
    try:
        check(*arguments, **options)
    except EbmsError as error:
        return error.code
    return None


ACCEPTED = [
    pytest.param(user_message(), {}, id="the ordinary message"),
    pytest.param(user_message(conversation_id=""), {}, id="H30 an empty ConversationId"),
    pytest.param(user_message(parts=()), {}, id="H49 no parts at all"),
    pytest.param(sender(SENDER, PartyId(value="urn:other")), {}, id="H14 two PartyIds of different types"),
    pytest.param(sender(PartyId(value="urn:oin:1")), {}, id="H17 a URI needs no type"),
    pytest.param(sender(PartyId(value="abc def", type="urn:names")), {}, id="H17 a type allows any value"),
    pytest.param(user_message(agreement_ref=AgreementRef(value="plain", type="urn:t")), {}, id="H22 with type"),
    pytest.param(user_message(agreement_ref=AgreementRef(value="https://example.org/a")), {}, id="H22 with URI"),
    pytest.param(user_message(service=Service(value="plain", type="urn:t")), {}, id="H27 with type"),
    pytest.param(
        user_message(service=Service(value=names.TEST_SERVICE), action=names.TEST_ACTION),
        {},
        id="H29 the test action of the test service",
    ),
    pytest.param(user_message(service=Service(value=names.TEST_SERVICE)), {}, id="H29 another action of the service"),
    pytest.param(user_message(properties=properties(("a", "x"), ("b", "x"))), {}, id="H37 equal values"),
    pytest.param(user_message(properties=properties(("a", "é" * 1024))), {}, id="H38 longest value"),
    pytest.param(user_message(mpc="urn:knooppunt:mpc:1"), {"mpc": "urn:knooppunt:mpc:1"}, id="H53 the agreed channel"),
    pytest.param(user_message(mpc="urn:anything"), {}, id="H53 no channel agreed"),
    pytest.param(user_message(mpc=names.DEFAULT_MPC), {"mpc": names.DEFAULT_MPC}, id="H54 named"),
    pytest.param(user_message(mpc=None), {"mpc": names.DEFAULT_MPC}, id="H54 absent"),
    pytest.param(user_message(ref_to_message_id="a@b"), {}, id="H58 a RefToMessageId, which only a P-Mode may forbid"),
    pytest.param(user_message(parts=tuple(part(f"cid:{n}") for n in range(64))), {}, id="64 parts"),
    pytest.param(user_message(parts=(part("cid:a", CharacterSet="UTF-16"),)), {}, id="C14 a CharacterSet that exists"),
]

REFUSED = [
    pytest.param(user_message(message_id="<a@b>"), {}, "EBMS:0009", id="H09 brackets"),
    pytest.param(user_message(message_id="a @b"), {}, "EBMS:0009", id="H09 blanks"),
    pytest.param(user_message(message_id="a@b\n"), {}, "EBMS:0009", id="H09 line end"),
    pytest.param(user_message(message_id="ä@b"), {}, "EBMS:0009", id="H09 not ASCII"),
    pytest.param(
        user_message(message_id="a@" + "b" * 254), {}, "EBMS:0009", id="H10 a MessageId longer than 255 characters"
    ),
    pytest.param(user_message(message_id="a@" + "b" * 9_998), {}, "EBMS:0009", id="H10 far beyond"),
    pytest.param(user_message(ref_to_message_id="<a@b>"), {}, "EBMS:0009", id="H09 RefToMessageId"),
    pytest.param(
        sender(SENDER, PartyId(value="2", type=SENDER.type)), {}, "EBMS:0003", id="H15 two PartyIds of one type"
    ),
    pytest.param(
        sender(PartyId(value="urn:a"), PartyId(value="urn:b")),
        {},
        "EBMS:0003",
        id="H15 twice without type",
    ),
    pytest.param(sender(PartyId(value="abc def")), {}, "EBMS:0003", id="H17 a PartyId without type that is no URI"),
    pytest.param(receiver(PartyId(value="0190:1")), {}, "EBMS:0003", id="H17 a scheme begins with a letter"),
    pytest.param(
        user_message(agreement_ref=AgreementRef(value="plain")),
        {},
        "EBMS:0003",
        id="H22 an AgreementRef without type that is no URI",
    ),
    pytest.param(
        user_message(service=Service(value="plain")), {}, "EBMS:0003", id="H27 a Service without type that is no URI"
    ),
    pytest.param(user_message(action=names.TEST_ACTION), {}, "EBMS:0003", id="H29 the test action of another service"),
    pytest.param(
        user_message(properties=properties(("a", "x"), ("a", "y"))), {}, "EBMS:0010", id="H37 one property twice"
    ),
    pytest.param(
        user_message(parts=(PartInfo(href="cid:a", properties=properties(("a", "x"), ("a", "x"))),)),
        {},
        "EBMS:0010",
        id="H37 of a part",
    ),
    pytest.param(user_message(properties=properties(("a", "x" * 100_000))), {}, "EBMS:0003", id="H38 length"),
    pytest.param(user_message(properties=properties(("a", "x\ny"))), {}, "EBMS:0003", id="H38 line end"),
    pytest.param(user_message(properties=properties(("a", "x\x85y"))), {}, "EBMS:0003", id="H38 control character"),
    pytest.param(user_message(properties=properties(("x" * 1025, "a"))), {}, "EBMS:0003", id="H38 name"),
    pytest.param(user_message(conversation_id="x" * 1025), {}, "EBMS:0003", id="H38 ConversationId"),
    pytest.param(
        user_message(parts=(part("http://example.org/a"),)), {}, "EBMS:0011", id="H43 a part that lies behind a URL"
    ),
    pytest.param(user_message(parts=(part("https://example.org/a"),)), {}, "EBMS:0011", id="H43 https"),
    pytest.param(user_message(parts=(part("file:///etc/passwd"),)), {}, "EBMS:0011", id="H44 file"),
    pytest.param(user_message(parts=(part("ftp://example.org/a"),)), {}, "EBMS:0011", id="H44 ftp"),
    pytest.param(user_message(parts=(part("data:text/plain,a"),)), {}, "EBMS:0011", id="H44 data"),
    pytest.param(user_message(parts=(part("a.xml"),)), {}, "EBMS:0011", id="MI-13 relative"),
    pytest.param(user_message(parts=(part(""),)), {}, "EBMS:0011", id="MI-13 empty"),
    pytest.param(user_message(parts=(part("cid:"),)), {}, "EBMS:0011", id="cid without a name"),
    pytest.param(user_message(parts=(part("cid:%ff"),)), {}, "EBMS:0011", id="cid that is not UTF-8"),
    pytest.param(user_message(parts=(part("cid:%00"),)), {}, "EBMS:0011", id="cid with a control character"),
    pytest.param(
        user_message(parts=(part("#id"),)), {"body_has_content": True}, "EBMS:0008", id="H45 a part inside the envelope"
    ),
    pytest.param(user_message(parts=(BODY,)), {}, "EBMS:0003", id="H46 the Body is declared and empty"),
    pytest.param(
        user_message(), {"body_has_content": True}, "EBMS:0003", id="H47 the Body has content that nobody declared"
    ),
    pytest.param(user_message(parts=()), {"body_has_content": True}, "EBMS:0003", id="H47 no part at all"),
    pytest.param(user_message(parts=(BODY,)), {"body_has_content": True}, "EBMS:0008", id="body payload not allowed"),
    pytest.param(user_message(parts=(PART, PART)), {}, "EBMS:0003", id="H48 one part twice"),
    pytest.param(user_message(parts=(part("cid:a"), part("cid:A"))), {}, "EBMS:0003", id="H48 in another case"),
    pytest.param(user_message(parts=(part("cid:a@b"), part("cid:a%40b"))), {}, "EBMS:0003", id="H48 percent-encoded"),
    pytest.param(user_message(parts=(part("cid:a%25b@x"),)), {}, "EBMS:0011", id="a percent sign in a name"),
    pytest.param(user_message(parts=(part("cid:a%zz@x"),)), {}, "EBMS:0011", id="a percent sign that escapes nothing"),
    pytest.param(user_message(parts=(part("cid:%C3%A9@x"),)), {}, "EBMS:0011", id="a name that is not ASCII"),
    pytest.param(user_message(parts=(part("cid:a%22b@x"),)), {}, "EBMS:0011", id="a quote in a name"),
    pytest.param(user_message(parts=(BODY, BODY)), {"body_has_content": True}, "EBMS:0003", id="two bodies"),
    pytest.param(
        user_message(mpc="urn:other"),
        {"mpc": names.DEFAULT_MPC},
        "EBMS:0003",
        id="H53 another channel than the agreed one",
    ),
    pytest.param(user_message(mpc=None), {"mpc": "urn:other"}, "EBMS:0003", id="H53 absent is the default"),
    pytest.param(user_message(parts=tuple(part(f"cid:{n}") for n in range(65))), {}, "EBMS:0007", id="MI-11 65 parts"),
    pytest.param(
        user_message(parts=(part("cid:a", CompressionType=names.GZIP),)),
        {},
        "EBMS:0303",
        id="C08 a compressed part without MimeType",
    ),
    pytest.param(
        user_message(parts=(part("cid:a", MimeType="a/b", CompressionType="application/zip"),)),
        {},
        "EBMS:0003",
        id="C13 an unknown CompressionType",
    ),
    pytest.param(
        user_message(parts=(part("cid:a", CharacterSet="!!"),)),
        {},
        "EBMS:0003",
        id="C14 a CharacterSet that cannot be one",
    ),
]


WORDS_OF_OURS = re.compile(r"absent|another value|one twice|some|neither|\d+( characters)?")


@pytest.mark.parametrize(("message", "options"), ACCEPTED)
def test_a_consistent_user_message_is_accepted(message: UserMessage, options: dict[str, Any]) -> None:
    check_user_message(message, **options)


@pytest.mark.parametrize(("message", "options", "code"), REFUSED)
def test_an_inconsistent_user_message_gets_the_code_of_its_rule(
    message: UserMessage, options: dict[str, Any], code: str
) -> None:
    assert code_of(check_user_message, message, **options) == code


@pytest.mark.parametrize(("message", "options", "code"), REFUSED)
def test_a_refusal_says_what_was_compared_and_repeats_no_value(
    message: UserMessage, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(EbmsError) as caught:
        check_user_message(message, **options)
    (compared,) = caught.value.compared
    assert compared.what
    assert compared.expected
    assert WORDS_OF_OURS.fullmatch(compared.found), compared


def test_a_refusal_relates_to_the_message_unless_its_id_is_the_fault() -> None:
    with pytest.raises(EbmsError) as about_message:
        check_user_message(user_message(action=names.TEST_ACTION))
    with pytest.raises(EbmsError) as about_nothing:
        check_user_message(user_message(message_id="<a@b>"))

    assert about_message.value.ref_to_message_id == USER_MESSAGE.message_id
    assert about_nothing.value.ref_to_message_id is None


UNITS_ACCEPTED = [
    pytest.param(Messaging(user_message=USER_MESSAGE), {}, id="user message"),
    pytest.param(Messaging(pull_request=PULL_REQUEST), {}, id="pull request"),
    pytest.param(Messaging(receipt=RECEIPT), {}, id="receipt"),
    pytest.param(Messaging(error=ERROR), {}, id="error"),
    pytest.param(Messaging(receipt=RECEIPT, pull_request=PULL_REQUEST), {}, id="P10 a receipt with a pull request"),
    pytest.param(Messaging(receipt=RECEIPT, user_message=USER_MESSAGE), {}, id="P11 a receipt with a user message"),
    pytest.param(
        Messaging(receipt=RECEIPT, error=ERROR), {"answer": True}, id="X06 a receipt with an error, in an answer"
    ),
    pytest.param(Messaging(receipt=RECEIPT, unknown_signals=("Foo",)), {}, id="H59 beside a receipt"),
    pytest.param(
        Messaging(
            error=ErrorSignal(message_id="no-at-sign", timestamp=ERROR.timestamp, ref_to_message_id=None, errors=())
        ),
        {},
        id="an error with an id that is not of the form",
    ),
]
UNITS_REFUSED = [
    pytest.param(Messaging(), {}, "EBMS:0009", id="H02 an eb:Messaging without any unit"),
    pytest.param(Messaging(unknown_signals=("Foo",)), {}, "EBMS:0002", id="H59 an unknown signal alone"),
    pytest.param(Messaging(pull_request=PULL_REQUEST, surplus=(PULL_REQUEST,)), {}, "EBMS:0009", id="two pulls"),
    pytest.param(Messaging(receipt=RECEIPT, surplus=(RECEIPT,)), {"answer": True}, "EBMS:0009", id="two receipts"),
    pytest.param(
        Messaging(pull_request=PULL_REQUEST), {"answer": True}, "EBMS:0009", id="P27 a pull request in an answer"
    ),
    pytest.param(
        Messaging(
            pull_request=PullRequest(message_id="a@b", timestamp=RECEIPT.timestamp, mpc=None, selection=("Action",))
        ),
        {},
        "EBMS:0008",
        id="L07 a pull that selects by something else than its channel",
    ),
    pytest.param(
        Messaging(pull_request=replace(PULL_REQUEST, message_id="<a@b>")),
        {},
        "EBMS:0009",
        id="H09 pull request",
    ),
    pytest.param(
        Messaging(receipt=replace(RECEIPT, ref_to_message_id=None)), {}, "EBMS:0302", id="a receipt for no message"
    ),
    pytest.param(
        Messaging(receipt=replace(RECEIPT, ref_to_message_id="a b")),
        {},
        "EBMS:0302",
        id="H09 RefToMessageId of a receipt",
    ),
]


@pytest.mark.parametrize(("messaging", "options"), UNITS_ACCEPTED)
def test_the_supported_bundles_are_accepted(messaging: Messaging, options: dict[str, bool]) -> None:
    check_units(messaging, **options)


@pytest.mark.parametrize(("messaging", "options", "code"), UNITS_REFUSED)
def test_other_bundles_get_the_code_of_their_rule(messaging: Messaging, options: dict[str, bool], code: str) -> None:
    assert code_of(check_units, messaging, **options) == code


@pytest.mark.parametrize(
    ("beside", "codes"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({"receipt": RECEIPT, "error": ERROR}, (), id="what may be beside it"),
        pytest.param({"pull_request": PULL_REQUEST}, ("EBMS:0008",), id="P28 a pull request"),
        pytest.param(
            {"pull_request": PULL_REQUEST, "receipt": RECEIPT, "surplus": (PULL_REQUEST, RECEIPT)},
            ("EBMS:0008", "EBMS:0008", "EBMS:0302"),
            id="two of each",
        ),
    ],
)
def test_a_user_message_and_each_signal_that_cannot_be_beside_it_are_refused(
    beside: dict[str, Any], codes: tuple[str, ...]
) -> None:
    messaging = Messaging(user_message=USER_MESSAGE, **beside)
    check_units(messaging)
    found = refusal_beside(messaging)
    assert tuple(each.code for each in (found.entries() if found is not None else ())) == codes
    assert code_of(check_bundle, messaging) == ("EBMS:0008" if codes else None)


@pytest.mark.parametrize(
    ("href", "present", "code"),
    [
        pytest.param("cid:a@b", {"a@b"}, None, id="all there"),
        pytest.param("cid:a%40b", {"a@b"}, None, id="T18 a percent-encoded reference is decoded"),
        pytest.param("cid:a%2540b", {"a@b"}, "EBMS:0011", id="T18 decoded once only"),
        pytest.param("cid:a@b", {"A@B"}, "EBMS:0011", id="case counts"),
        pytest.param("cid:a@b", set(), "EBMS:0011", id="H41 a declared part that did not come"),
        pytest.param("cid:a@b", {"a@b", "c"}, "EBMS:0007", id="H42 a part that came and nobody declared"),
        pytest.param(None, {"c"}, "EBMS:0007", id="H42 nothing declared"),
    ],
)
def test_declared_and_present_parts_must_agree(href: str | None, present: set[str], code: str | None) -> None:
    assert code_of(check_parts_present, user_message(parts=(part(href),)), present) == code


def test_content_ids_are_decoded_and_keep_the_order_of_the_header() -> None:
    message = user_message(parts=(part("cid:b%40x"), BODY, part("cid:a")))

    assert content_ids(message) == ("b@x", "a")
    assert content_ids(USER_MESSAGE) == (CONTENT_ID,)


def test_an_absent_channel_is_the_default_channel() -> None:
    assert (mpc_of(None), mpc_of("urn:x")) == (names.DEFAULT_MPC, "urn:x")


@pytest.mark.parametrize(
    ("value", "uri"),
    [("urn:a", True), ("https://a.example/b?c#d", True), ("tag:%20", True), ("a", False), ("urn:", False),
     ("urn:a b", False), ("1a:b", False), ("urn:%zz", False), ("urn:é", False), ("urn:a\n", False), ("", False)],
)  # fmt: skip
def test_a_uri_has_a_scheme_and_no_blanks(value: str, uri: bool) -> None:
    assert is_uri(value) is uri


# Ids of real senders, and what RFC 2822 says besides, or does not say: they are compared and never taken apart.
IDS = [
    "one@a", "d36e26c0-5d4d@phase4", "a.b@[10.0.0.1]", "b7346c9d@UK:APUK01", "a@" + "b" * 253, "no-at-sign", "a@b@c",
    '"a.b"@x.y', ".a@x", "a..b@x", "a@x.", "a@[x", "a",
]  # fmt: skip


@pytest.mark.parametrize("value", IDS)
def test_an_id_of_visible_characters_is_taken_of_every_unit(value: str) -> None:
    check_user_message(user_message(message_id=value, ref_to_message_id=value))
    for signals in (
        Messaging(pull_request=replace(PULL_REQUEST, message_id=value)),
        Messaging(receipt=replace(RECEIPT, message_id=value, ref_to_message_id=value)),
        Messaging(error=replace(ERROR, message_id=value, ref_to_message_id=value)),
    ):
        check_units(signals)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=20))
def test_an_id_that_is_safe_to_repeat_holds_nothing_that_needs_care(value: str) -> None:
    safe = len(value) > 0 and all("!" <= each <= "~" and each not in "<>" for each in value)

    assert is_readable_id(value) is safe


def test_the_limits_are_those_of_the_manual() -> None:
    assert (MOST_PARTS, MOST_VALUE_CHARACTERS) == (64, 1024)
