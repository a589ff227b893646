"""What is written is read back, and follows the public schemas."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.keys.pki import NOW
from support.messages.units import (
    AWARENESS_RECEIPTS,
    ERROR,
    ERROR_SIGNALS,
    MESSAGINGS,
    MOMENTS,
    PULL_REQUEST,
    PULL_REQUESTS,
    RECEIPT,
    RECEIPTS,
    USER_MESSAGE,
    USER_MESSAGES,
    envelope,
)
from support.published.reference import reference

from crypto.canonical import canonical_octets
from crypto.names import MUST_UNDERSTAND, WSU_ID
from gateway.ebms.envelope import locate
from gateway.ebms.model import Messaging, PullRequest
from gateway.ebms.read import read_messaging
from gateway.ebms.values import read_timestamp, write_timestamp
from gateway.ebms.write import write_messaging
from xsd.checking.header_schema import header_violations

ALL_UNITS = Messaging(user_message=USER_MESSAGE, pull_request=PULL_REQUEST, receipt=RECEIPT, error=ERROR)


def read_again(messaging: Messaging) -> Messaging:
    return read_messaging(locate(etree.fromstring(envelope(messaging))).messaging)


def test_of_several_errors_each_is_written_in_its_place() -> None:
    further = tuple(replace(ERROR, message_id=f"error-{number}@receiver.example") for number in (2, 3))
    several = replace(ALL_UNITS, further_errors=further)
    assert read_again(several) == several


@settings(max_examples=60)
@given(MESSAGINGS)
def test_every_combination_of_units_is_read_as_it_was_written(messaging: Messaging) -> None:
    assert read_again(messaging) == messaging


@pytest.mark.parametrize(
    "units",
    [
        pytest.param(st.builds(Messaging, user_message=USER_MESSAGES), id="user message"),
        pytest.param(st.builds(Messaging, pull_request=PULL_REQUESTS), id="pull request"),
        pytest.param(st.builds(Messaging, receipt=RECEIPTS), id="receipt"),
        pytest.param(st.builds(Messaging, receipt=AWARENESS_RECEIPTS), id="reception-awareness receipt"),
        pytest.param(st.builds(Messaging, error=ERROR_SIGNALS), id="error"),
    ],
)
def test_each_kind_of_unit_alone_is_read_as_it_was_written(units: st.SearchStrategy[Messaging]) -> None:
    @settings(max_examples=30)
    @given(units)
    def check(messaging: Messaging) -> None:
        assert read_again(messaging) == messaging

    check()


@settings(max_examples=60)
@given(MESSAGINGS)
def test_messaging_and_body_are_written_in_their_canonical_form(messaging: Messaging) -> None:
    octets = envelope(messaging)
    positions = locate(etree.fromstring(octets))

    for element in (positions.messaging, positions.body):
        assert canonical_octets(element) in octets


def test_what_is_written_follows_our_header_schema() -> None:
    assert header_violations(locate(etree.fromstring(envelope(ALL_UNITS))).messaging) == ()


def test_signals_are_written_before_the_user_message_as_the_schema_orders_them() -> None:
    messaging = locate(etree.fromstring(envelope(ALL_UNITS))).messaging

    assert [etree.QName(unit).localname for unit in messaging] == ["SignalMessage"] * 3 + ["UserMessage"]


def test_messaging_and_body_carry_the_given_ids_and_the_header_must_be_understood() -> None:
    positions = locate(etree.fromstring(envelope(ALL_UNITS)))

    assert (positions.messaging.get(WSU_ID), positions.body.get(WSU_ID)) == ("messaging-1", "body-2")
    assert positions.messaging.get(MUST_UNDERSTAND) == "true"


def test_a_signal_and_a_user_message_without_a_body_payload_leave_the_body_empty() -> None:
    assert not locate(etree.fromstring(envelope(ALL_UNITS))).body_has_content


@pytest.mark.parametrize(
    "messaging",
    [
        pytest.param(Messaging(unknown_signals=("Foo",)), id="unknown signal"),
        pytest.param(
            Messaging(pull_request=PullRequest(message_id="a@b", timestamp=NOW, mpc=None, selection=("Action",))),
            id="selective pull",
        ),
        pytest.param(Messaging(receipt=RECEIPT, surplus=(RECEIPT,)), id="a signal twice"),
        pytest.param(Messaging(error=ERROR, unreadable_errors=(None,)), id="an error that cannot be read"),
    ],
)
def test_what_could_only_be_written_in_part_is_not_written(messaging: Messaging) -> None:
    with pytest.raises(ValueError, match="not written"):
        write_messaging(messaging, "messaging-1")


@given(MOMENTS)
def test_a_timestamp_is_read_as_it_was_written(moment: object) -> None:
    assert read_timestamp(write_timestamp(moment)) == moment  # type: ignore[arg-type]


def test_a_receipt_follows_the_public_schema_of_its_non_repudiation_information() -> None:
    receipt = locate(etree.fromstring(envelope(Messaging(receipt=RECEIPT)))).messaging
    information = receipt.find(".//{http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0}NonRepudiationInformation")
    folder = reference("as4", "xsd")
    driver = etree.XML(
        f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
        <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="{folder}/w3c/xml.xsd"/>
        <xs:import namespace="http://www.w3.org/1999/xlink" schemaLocation="{folder}/w3c/xlink.xsd"/>
        <xs:import namespace="http://www.w3.org/2000/09/xmldsig#"
          schemaLocation="{folder}/w3c/xmldsig-core-schema.xsd"/>
        <xs:import namespace="http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"
          schemaLocation="{folder}/oasis/ebbp-signals-2.0.4.xsd"/>
        </xs:schema>"""
    )
    schema = etree.XMLSchema(driver)

    schema.assertValid(etree.fromstring(etree.tostring(information)))

    information[0].clear()
    assert not schema.validate(etree.fromstring(etree.tostring(information)))


def test_the_whole_header_follows_the_public_schema() -> None:
    folder = reference("as4", "xsd")
    text = (folder / "oasis" / "ebms-header-3_0-200704_with_property_type_attribute.xsd").read_text("utf-8")
    for url, path in (
        ('"http://schemas.xmlsoap.org/soap/envelope/"/>', "soap/soap11.xsd"),
        ('"http://www.w3.org/2003/05/soap-envelope"/>', "soap/soap12.xsd"),
        ('"http://www.w3.org/2001/03/xml.xsd"/>', "w3c/xml.xsd"),
    ):
        assert f"schemaLocation={url}" in text
        text = text.replace(f"schemaLocation={url}", f'schemaLocation="{folder / path}"/>')
    parser = etree.XMLParser()
    parser.resolvers.add(_Local({"http://www.w3.org/2001/xml.xsd": folder / "w3c" / "xml.xsd"}))
    schema = etree.XMLSchema(etree.fromstring(text.encode("utf-8"), parser))
    messaging = locate(etree.fromstring(envelope(ALL_UNITS))).messaging

    schema.assertValid(etree.fromstring(etree.tostring(messaging)))


class _Local(etree.Resolver):
    """Answers the addresses that public schemas import from with local files, and no others."""

    def __init__(self, files: dict[str, object]) -> None:
        super().__init__()
        self._files = files

    def resolve(self, url: str, public_id: str, context: object) -> object:
        if url in self._files:
            return self.resolve_filename(str(self._files[url]), context)
        return None
