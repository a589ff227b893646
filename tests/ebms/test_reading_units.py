"""Reading a header: what is made of odd but readable ones, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from gateway.ebms import names
from gateway.ebms.consistency import check_units
from gateway.ebms.errors import EbmsError, FeatureNotSupported, InvalidHeader, InvalidReceipt
from gateway.ebms.model import Messaging
from gateway.ebms.read import read_message_id, read_messaging
from gateway.ebms.values import read_timestamp, write_timestamp

INFO = (
    "<eb:MessageInfo><eb:Timestamp>2026-03-04T10:00:00Z</eb:Timestamp><eb:MessageId>{}</eb:MessageId></eb:MessageInfo>"
)
PARTIES = """<eb:PartyInfo><eb:From><eb:PartyId>urn:a</eb:PartyId><eb:Role>r</eb:Role></eb:From>\
<eb:To><eb:PartyId>urn:b</eb:PartyId><eb:Role>r</eb:Role></eb:To></eb:PartyInfo>"""
COLLABORATION = """<eb:CollaborationInfo><eb:Service>urn:s</eb:Service><eb:Action>A</eb:Action>\
<eb:ConversationId/></eb:CollaborationInfo>"""
USER = f"<eb:UserMessage>{INFO.format('one@a')}{PARTIES}{COLLABORATION}</eb:UserMessage>"
REFERENCE = """<ds:Reference URI="#a"><ds:Transforms><ds:Transform Algorithm="t"/></ds:Transforms>\
<ds:DigestMethod Algorithm="d"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"""
IDENTIFIER = "<ebbp:MessagePartIdentifier>a</ebbp:MessagePartIdentifier>"
PULL = "<eb:PullRequest/>"
RECEIPT = f"""<eb:Receipt><ebbp:NonRepudiationInformation><ebbp:MessagePartNRInformation>{REFERENCE}\
</ebbp:MessagePartNRInformation></ebbp:NonRepudiationInformation></eb:Receipt>"""
ERROR = '<eb:Error errorCode="EBMS:0004" severity="failure"/>'


def user(old: str, new: str) -> str:
    """The user message with something else in one place."""
    assert USER.count(old) == 1
    return USER.replace(old, new)


def receipt(old: str, new: str) -> str:
    """The content of a receipt with something else in its place."""
    assert old in RECEIPT
    return RECEIPT.replace(old, new)


def signal(content: str, message_id: str = "signal@a") -> str:
    return f"<eb:SignalMessage>{INFO.format(message_id)}{content}</eb:SignalMessage>"


def messaging(*units: str) -> etree._Element:
    return etree.fromstring(
        f'<eb:Messaging xmlns:eb="{names.EB}" xmlns:ebbp="{names.EBBP}" xmlns:x="urn:foreign"'
        f' xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{"".join(units)}</eb:Messaging>'
    )


def read(*units: str) -> Messaging:
    return read_messaging(messaging(*units))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-03-04T10:00:00Z", datetime(2026, 3, 4, 10, tzinfo=UTC), id="H12 Z"),
        pytest.param("2026-03-04T10:00:00", datetime(2026, 3, 4, 10, tzinfo=UTC), id="H12 no zone is UTC"),
        pytest.param("2026-03-04T12:00:00+02:00", datetime(2026, 3, 4, 10, tzinfo=UTC), id="H12 offset"),
        pytest.param("2026-03-04T04:30:00-05:30", datetime(2026, 3, 4, 10, tzinfo=UTC), id="H12 offset west"),
        pytest.param("2026-03-05T00:00:00+14:00", datetime(2026, 3, 4, 10, tzinfo=UTC), id="H12 widest offset"),
        pytest.param("2026-03-04T10:00:00.5Z", datetime(2026, 3, 4, 10, 0, 0, 500_000, UTC), id="H12 fraction"),
        pytest.param("2026-03-04T10:00:00.1234567891Z", datetime(2026, 3, 4, 10, 0, 0, 123_456, UTC), id="H12 digits"),
        pytest.param("2026-02-28T24:00:00Z", datetime(2026, 3, 1, tzinfo=UTC), id="H12 end of the day"),
        pytest.param(" \n2026-03-04T10:00:00Z\t", datetime(2026, 3, 4, 10, tzinfo=UTC), id="H12 blanks around"),
    ],
)
def test_a_timestamp_in_any_form_of_the_schema_becomes_utc(text: str, moment: datetime) -> None:
    assert read_timestamp(text) == moment
    assert read_timestamp(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-04T10:00:00Z", "2026-02-30T10:00:00Z", "2026-03-04T25:00:00Z", "2026-03-04T10:60:00Z",
     "2026-03-04T10:00:60Z", "2026-03-04T24:00:01Z", "2026-03-04T24:00:00.1Z", "2026-03-04 10:00:00Z", "2026-03-04",
     "-0001-03-04T10:00:00Z", "0000-03-04T10:00:00Z", "12026-03-04T10:00:00Z", "2026-03-04T10:00:00+15:00",
     "2026-03-04T10:00:00+02:60", "2026-03-04T10:00:00+14:01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00",
     "9999-12-31T24:00:00Z", "２026-03-04T10:00:00Z", "2026-03-04T10:00:00.Z", "2026-03-04T10:00:00z"],
)  # fmt: skip
def test_a_timestamp_that_is_no_moment_is_an_invalid_header(text: str) -> None:
    with pytest.raises(InvalidHeader):
        read_timestamp(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 4, 10, tzinfo=UTC), "2026-03-04T10:00:00.000Z"),
        (datetime(2026, 3, 4, 10, 0, 0, 123_000, UTC), "2026-03-04T10:00:00.123Z"),
        (datetime(2026, 3, 4, 10, 0, 0, 123_456, UTC), "2026-03-04T10:00:00.123Z"),
        (datetime(26, 3, 4, tzinfo=UTC), "0026-03-04T00:00:00.000Z"),
    ],
)
def test_a_timestamp_is_written_in_utc_with_a_z(moment: datetime, text: str) -> None:
    assert write_timestamp(moment) == text


def test_units_are_told_apart() -> None:
    found = read(signal(PULL), signal(RECEIPT, "r@a"), signal(ERROR, "e@a"), USER)

    assert (found.user_message and found.user_message.message_id) == "one@a"
    assert (found.pull_request and found.pull_request.message_id) == "signal@a"
    assert (found.receipt and found.receipt.message_id) == "r@a"
    assert (found.error and found.error.message_id) == "e@a"


def test_the_user_message_may_stand_before_the_signals_as_real_senders_do() -> None:
    found = read(USER, signal(RECEIPT))

    assert found.user_message is not None
    assert found.receipt is not None


@pytest.mark.parametrize(
    ("units", "error"),
    [
        pytest.param((USER, USER), FeatureNotSupported, id="H04 two user messages"),
        pytest.param((signal(PULL + RECEIPT),), InvalidReceipt, id="two kinds in one signal"),
        pytest.param((signal(PULL + ERROR),), InvalidHeader, id="pull request and error in one signal"),
        pytest.param((signal(RECEIPT * 2),), InvalidReceipt, id="two receipts in one signal"),
        pytest.param((signal(RECEIPT + ERROR),), InvalidReceipt, id="a receipt and an error in one signal"),
        pytest.param((signal(RECEIPT, "a<!-- -->@a"),), InvalidReceipt, id="a comment in the id of a receipt"),
        pytest.param((signal(""),), InvalidHeader, id="a signal without content"),
        pytest.param(("<eb:SignalMessage/>",), InvalidHeader, id="an empty signal"),
        pytest.param((f"<eb:SignalMessage>{PULL}</eb:SignalMessage>",), InvalidHeader, id="H07 signal"),
        pytest.param((signal("<eb:Foo/>"),), InvalidHeader, id="H59 unknown signal of ebMS"),
        pytest.param(("<eb:Foo/>",), InvalidHeader, id="unknown unit of ebMS"),
        pytest.param((user(INFO.format("one@a"), ""),), InvalidHeader, id="H07 a user message without MessageInfo"),
        pytest.param((user("<eb:MessageId>one@a</eb:MessageId>", ""),), InvalidHeader, id="H08 missing"),
        pytest.param((user("one@a", ""),), InvalidHeader, id="H08 empty"),
        pytest.param((user("2026-03-04", "2026-03-44"),), InvalidHeader, id="H11 a day that does not exist"),
        pytest.param((user("urn:a", ""),), InvalidHeader, id="H16 an empty PartyId"),
        pytest.param((user("<eb:PartyId>urn:a</eb:PartyId>", ""),), InvalidHeader, id="H16 none"),
        pytest.param(
            (USER[: USER.index("<eb:To>")] + USER[USER.index("</eb:PartyInfo>") :],), InvalidHeader, id="H18 no To"
        ),
        pytest.param((user("<eb:ConversationId/>", ""),), InvalidHeader, id="H31 no ConversationId"),
        pytest.param((user("<eb:Action>", "<eb:Action/><eb:Action>"),), InvalidHeader, id="twice"),
        pytest.param((user("one@a", "one<!-- -->@a"),), InvalidHeader, id="a comment inside a value"),
        pytest.param((user("one@a", "<eb:b/>one@a"),), InvalidHeader, id="an element inside a value"),
        pytest.param((signal('<eb:Error severity="failure"/>'),), InvalidHeader, id="an error without code"),
        pytest.param((signal('<eb:Error errorCode="EBMS:0004"/>'),), InvalidHeader, id="an error without severity"),
        pytest.param((signal(receipt("AAAA", "A")),), InvalidReceipt, id="R13 digest is not base64"),
        pytest.param((signal(receipt(' URI="#a"', "")),), InvalidReceipt, id="R13 reference without URI"),
        pytest.param((signal(receipt('<ds:DigestMethod Algorithm="d"/>', "")),), InvalidReceipt, id="R13 no method"),
        pytest.param((signal(receipt(REFERENCE, REFERENCE * 2)),), InvalidReceipt, id="R13 two in one part"),
        pytest.param((signal(receipt(REFERENCE, IDENTIFIER)),), InvalidReceipt, id="R02 MessagePartIdentifier"),
        pytest.param((signal(receipt("</eb:Receipt>", f"{USER}</eb:Receipt>")),), InvalidReceipt, id="both kinds"),
    ],
)  # fmt: skip
def test_what_cannot_be_represented_is_refused(units: tuple[str, ...], error: type[EbmsError]) -> None:
    with pytest.raises(error):
        read(*units)


def test_a_refusal_relates_to_the_message_as_far_as_its_id_can_be_read() -> None:
    with pytest.raises(InvalidHeader) as caught:
        read(user("<eb:ConversationId/>", ""))

    assert caught.value.ref_to_message_id == "one@a"


def test_a_refusal_of_a_bundled_receipt_relates_to_the_receipt() -> None:  # RC-07
    with pytest.raises(InvalidReceipt) as caught:
        read(signal(PULL), signal(receipt("AAAA", "A"), "receipt@a"))

    assert caught.value.ref_to_message_id == "receipt@a"


@pytest.mark.parametrize(
    ("units", "message_id"),
    [
        pytest.param((USER,), "one@a", id="user message"),
        pytest.param((signal(PULL),), "signal@a", id="signal"),
        pytest.param((signal(PULL), USER), "one@a", id="the user message of a bundle"),
        pytest.param((signal(ERROR), signal(PULL, "pull@a")), "pull@a", id="the PullRequest behind an error"),
        pytest.param((signal(RECEIPT), signal(PULL, "pull@a")), "pull@a", id="the PullRequest behind a receipt"),
        pytest.param((signal(ERROR), signal(RECEIPT, "receipt@a")), "receipt@a", id="the receipt behind an error"),
        pytest.param((signal(PULL + ERROR),), "signal@a", id="a PullRequest and an error in one signal"),
        pytest.param((signal(ERROR), signal(ERROR)), None, id="X05 no error about errors"),
        pytest.param((signal(ERROR),), None, id="X05 no error about an error"),
        pytest.param((), None, id="X02 no unit"),
        pytest.param((user("one@a", "&lt;one@a&gt;"),), None, id="X02 brackets"),
        pytest.param((user("one@a", "one @a"),), None, id="X02 blanks"),
        pytest.param((user("one@a", "x" * 256),), None, id="X02 too long"),
        pytest.param((user("one@a", "one<!-- -->@a"),), None, id="X02 comment"),
        pytest.param((user("<eb:MessageId>", "<eb:MessageId/><eb:MessageId>"),), None, id="X02 two ids"),
        pytest.param((user("one@a", "no-at-sign"),), "no-at-sign", id="a safe id that has not the form"),
    ],
)  # fmt: skip
def test_an_error_refers_only_to_an_id_that_was_read_safely(units: tuple[str, ...], message_id: str | None) -> None:
    assert read_message_id(messaging(*units)) == message_id


def test_extensions_in_other_namespaces_are_tolerated() -> None:  # H55
    extended = user("<eb:UserMessage>", '<eb:UserMessage x:a="1">').replace(
        "</eb:UserMessage>", "<x:E/></eb:UserMessage>"
    )

    assert read(extended, "<x:E/>").user_message == read(USER).user_message
    assert read(signal(RECEIPT + "<x:E/>")).receipt == read(signal(RECEIPT)).receipt
    assert read(signal(receipt("</eb:Receipt>", "<x:E/></eb:Receipt>"))).receipt == read(signal(RECEIPT)).receipt


def test_several_errors_are_all_read_for_no_error_may_tell_that_they_are_too_many() -> None:  # H05, X05
    found = read(signal(ERROR, "one@a"), signal(ERROR, "two@a"))

    assert [each.message_id for each in found.errors] == ["one@a", "two@a"]


def test_what_comes_after_the_first_pull_and_the_first_receipt_stands_apart_to_be_refused() -> None:  # H05
    signals = ((PULL, "one@a"), (RECEIPT, "two@a"), (RECEIPT, "three@a"), (PULL, "four@a"))
    found = read(*(signal(*each) for each in signals))

    assert found.pull_request is not None
    assert found.receipt is not None
    assert (found.pull_request.message_id, found.receipt.message_id) == ("one@a", "two@a")
    assert [each.message_id for each in found.surplus] == ["four@a", "three@a"]
    with pytest.raises(InvalidHeader):
        check_units(found)


def test_a_signal_in_another_namespace_is_named_and_no_unit() -> None:  # H59
    assert read(signal("<x:Foo/>")) == Messaging(unknown_signals=("Foo",))


def test_a_pull_request_tells_which_items_select_but_not_foreign_ones() -> None:  # L07
    found = read(
        signal('<eb:PullRequest mpc=" urn:m "><eb:RefToMessageId>a@b</eb:RefToMessageId><x:E/></eb:PullRequest>')
    )

    assert found.pull_request is not None
    assert (found.pull_request.mpc, found.pull_request.selection) == ("urn:m", ("RefToMessageId",))


def test_a_receipt_without_references_that_are_understood_has_none() -> None:  # R13
    other_namespace = receipt("ebbp:", "x:")
    found = read(signal(other_namespace)).receipt

    assert found is not None
    assert (found.references, found.user_message) == ((), None)


def test_a_reception_awareness_receipt_holds_the_user_message() -> None:  # R08
    found = read(signal(f"<eb:Receipt>{USER}</eb:Receipt>")).receipt

    assert found is not None
    assert found.user_message == read(USER).user_message


def test_parts_keep_their_order_and_properties_keep_their_type() -> None:  # H33, H39
    parts = "".join(
        f'<eb:PartInfo href="cid:{name}"><eb:PartProperties><eb:Property name="a" type="t">v</eb:Property>'
        f"</eb:PartProperties></eb:PartInfo>"
        for name in ("p1", "p3", "p2")
    )
    found = read(user("</eb:UserMessage>", f"<eb:PayloadInfo>{parts}</eb:PayloadInfo></eb:UserMessage>"))

    assert found.user_message is not None
    assert [part.href for part in found.user_message.parts] == ["cid:p1", "cid:p3", "cid:p2"]
    assert found.user_message.parts[0].properties[0].type == "t"
    assert found.user_message.parts[0].property("a") == "v"


def test_empty_part_properties_are_no_properties() -> None:
    found = read(
        user(
            "</eb:UserMessage>",
            "<eb:PayloadInfo><eb:PartInfo><eb:PartProperties/></eb:PartInfo></eb:PayloadInfo></eb:UserMessage>",
        )
    )

    assert found.user_message is not None
    assert found.user_message.parts[0].properties == ()


def test_tokens_are_collapsed_and_strings_are_kept() -> None:
    found = read(user(">A<", ">\n A  b \t<").replace("urn:s", " urn:s ")).user_message

    assert found is not None
    assert (found.action, found.service.value) == ("A b", " urn:s ")
