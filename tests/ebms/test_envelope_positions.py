"""Where things stand in an envelope, and what SOAP itself refuses."""

from __future__ import annotations

import pytest
from lxml import etree
from support.messages.units import USER_MESSAGE
from support.messages.units import envelope as written

from crypto.names import SECURITY, WSSE
from gateway.ebms import names, texts
from gateway.ebms.envelope import MOST_HEADER_BLOCKS, Positions, locate, must_understand
from gateway.ebms.errors import FeatureNotSupported, InvalidHeader, PolicyNoncompliance
from gateway.ebms.faults import (
    MustUnderstand,
    SoapFault,
    VersionMismatch,
    fault_envelope,
    read_fault,
)
from gateway.ebms.model import Messaging

S12 = names.SOAP12
MESSAGING = f'<eb:Messaging xmlns:eb="{names.EB}"/>'
SECURITY_FOR = f'<wsse:Security xmlns:wsse="{WSSE}" S12:role="{{}}"/>'
FOREIGN = '<x:Foreign xmlns:x="urn:foreign" S12:mustUnderstand="{}" {}/>'


def envelope(*blocks: str, body: str = "<S12:Body/>") -> etree._Element:
    return etree.fromstring(
        f'<S12:Envelope xmlns:S12="{S12}"><S12:Header>{"".join(blocks)}</S12:Header>{body}</S12:Envelope>'
    )


def test_an_envelope_that_we_wrote_has_every_element_in_its_place() -> None:
    root = etree.fromstring(written(Messaging(user_message=USER_MESSAGE)))
    positions = locate(root)

    assert positions.body is root[1]
    assert positions.messaging is root[0][0]
    assert positions.security is None


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        pytest.param(f'<S11:Envelope xmlns:S11="{names.SOAP11}"/>', VersionMismatch, id="T24"),
        pytest.param('<Envelope xmlns="urn:other"/>', VersionMismatch, id="T25 namespace"),
        pytest.param("<html/>", VersionMismatch, id="T25 root"),
        pytest.param(f'<S12:Body xmlns:S12="{S12}"/>', VersionMismatch, id="T25 Body alone"),
    ],
)
def test_another_envelope_than_that_of_soap_1_2_is_a_version_mismatch(octets: str, fault: type[SoapFault]) -> None:
    with pytest.raises(fault):
        locate(etree.fromstring(octets))


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(FOREIGN.format("true", ""), id="T26 no role"),
        pytest.param(FOREIGN.format("1", ""), id="T26 written as 1"),
        pytest.param(FOREIGN.format(" true ", ""), id="T26 with blanks"),
        pytest.param(FOREIGN.format("true", f'S12:role="{S12}/role/next"'), id="T26 next"),
        pytest.param(FOREIGN.format("true", f'S12:role="{S12}/role/ultimateReceiver"'), id="T26 ultimate receiver"),
    ],
)
def test_an_unknown_block_for_us_that_must_be_understood_is_a_fault(block: str) -> None:
    with pytest.raises(MustUnderstand):
        locate(envelope(block, MESSAGING))


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(FOREIGN.format("true", 'S12:role="urn:somebody-else"'), id="T27 other role"),
        pytest.param(FOREIGN.format("true", f'S12:role="{S12}/role/none"'), id="T27 role none"),
        pytest.param(FOREIGN.format("false", ""), id="T27 need not be understood"),
        pytest.param(FOREIGN.format("0", ""), id="T27 written as 0"),
        pytest.param('<x:Foreign xmlns:x="urn:foreign"/>', id="T27 attribute absent"),
        pytest.param(f'<x:RoutingInput xmlns:x="urn:x" S12:mustUnderstand="true" S12:role="{names.ROLE_NEXT_MSH}"/>',
                     id="T27 next MSH"),
    ],
)  # fmt: skip
def test_other_blocks_are_ignored(block: str) -> None:
    assert locate(envelope(block, MESSAGING)).messaging.tag == f"{{{names.EB}}}Messaging"


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(envelope(), id="H01"),
        pytest.param(envelope(MESSAGING, MESSAGING), id="H03"),
        pytest.param(envelope(f'<x:Wrap xmlns:x="urn:x">{MESSAGING}</x:Wrap>'), id="S19 only inside another block"),
        pytest.param(envelope(MESSAGING, body=""), id="XP-15 no Body"),
        pytest.param(envelope(MESSAGING, body="<S12:Body/><S12:Body/>"), id="XP-15 two Bodies"),
        pytest.param(envelope(MESSAGING, body="<S12:Body/><S12:Header/>"), id="XP-15 two Headers"),
        pytest.param(envelope(MESSAGING, body="<S12:Body/><x/>"), id="XP-15 something after the Body"),
        pytest.param(envelope(MESSAGING, body="text<S12:Body/>"), id="XP-15 text beside the Body"),
        pytest.param(
            etree.fromstring(f'<S:Envelope xmlns:S="{S12}"><S:Body/><S:Header>{MESSAGING}</S:Header></S:Envelope>'),
            id="XP-15 Body before Header",
        ),
        pytest.param(etree.fromstring(f'<S:Envelope xmlns:S="{S12}"><S:Body/></S:Envelope>'), id="XP-15 no Header"),
        pytest.param(
            envelope(f'<eb:Messaging xmlns:eb="{names.EB}" S12:role="urn:somebody-else"/>'), id="for another node"
        ),
        pytest.param(
            envelope(MESSAGING, f'<eb:Messaging xmlns:eb="{names.EB}" S12:role="urn:somebody-else"/>'),
            id="a second for another node",
        ),
        pytest.param(envelope(MESSAGING, FOREIGN.format("yes", "")), id="mustUnderstand is no boolean"),
    ],
)
def test_a_wrong_structure_is_an_invalid_header(root: etree._Element) -> None:
    with pytest.raises(InvalidHeader) as caught:
        locate(root)

    assert caught.value.ref_to_message_id is None


def test_too_many_header_blocks_are_told_as_that() -> None:
    others = ['<o:x xmlns:o="urn:other"/>'] * MOST_HEADER_BLOCKS
    locate(envelope(MESSAGING, *others[1:]))
    with pytest.raises(InvalidHeader) as caught:
        locate(envelope(MESSAGING, *others))
    assert caught.value.public == texts.TOO_MANY_BLOCKS
    assert str(MOST_HEADER_BLOCKS) in texts.TOO_MANY_BLOCKS.en
    assert str(MOST_HEADER_BLOCKS) in texts.TOO_MANY_BLOCKS.nl


@pytest.mark.parametrize("role", [names.ROLE_NEXT, names.ROLE_ULTIMATE_RECEIVER, names.ROLE_NEXT_MSH])
def test_messaging_may_name_a_role_that_this_node_plays(role: str) -> None:
    block = f'<eb:Messaging xmlns:eb="{names.EB}" S12:role="{role}"/>'

    assert locate(envelope(block)).messaging is not None


@pytest.mark.parametrize(
    "value", [pytest.param("", id="H56 absent"), pytest.param('S12:mustUnderstand="false"', id="H56 false")]
)
def test_messaging_that_does_not_say_that_it_must_be_understood_is_found(value: str) -> None:
    assert not must_understand(locate(envelope(f'<eb:Messaging xmlns:eb="{names.EB}" {value}/>')).messaging)


def test_messaging_says_that_it_must_be_understood() -> None:
    assert must_understand(locate(envelope(f'<eb:Messaging xmlns:eb="{names.EB}" S12:mustUnderstand="1"/>')).messaging)


def test_a_second_security_header_for_authorization_stands_beside_ours() -> None:
    ours = f'<wsse:Security xmlns:wsse="{WSSE}"/>'
    positions = locate(envelope(SECURITY_FOR.format("ebms"), ours, MESSAGING))

    assert positions.security is not None
    assert positions.security.get(f"{{{S12}}}role") is None


def test_security_for_another_role_is_not_ours() -> None:
    positions = locate(envelope(SECURITY_FOR.format("urn:somebody-else"), MESSAGING))

    assert positions.security is None


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param((SECURITY_FOR.format(names.ROLE_NEXT), f'<w:Security xmlns:w="{WSSE}"/>'), id="two for us"),
        pytest.param((SECURITY_FOR.format("ebms"),) * 2, id="two for authorization"),
    ],
)
def test_two_security_headers_for_one_role_are_against_policy(blocks: tuple[str, ...]) -> None:
    with pytest.raises(PolicyNoncompliance):
        locate(envelope(*blocks, MESSAGING))


def test_security_that_is_not_a_header_block_is_not_found() -> None:
    assert locate(envelope(f'<x:W xmlns:x="urn:x">{SECURITY_FOR.format("")}</x:W>', MESSAGING)).security is None


def test_a_fragment_of_a_split_message_is_not_supported() -> None:
    block = f'<mf:MessageFragment xmlns:mf="{names.MESSAGE_FRAGMENT}" S12:mustUnderstand="true"/>'

    with pytest.raises(FeatureNotSupported):
        locate(envelope(block, MESSAGING))


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("<S12:Body/>", False),
        ("<S12:Body> \n </S12:Body>", False),
        ("<S12:Body><!-- nothing --></S12:Body>", False),
        ("<S12:Body>x</S12:Body>", True),
        ("<S12:Body><!-- nothing -->x</S12:Body>", True),
        ("<S12:Body><x/></S12:Body>", True),
    ],
)
def test_a_body_has_content_when_it_holds_more_than_blanks_and_comments(body: str, content: bool) -> None:
    assert locate(envelope(MESSAGING, body=body)).body_has_content is content


@pytest.mark.parametrize("fault", [VersionMismatch("x < y"), MustUnderstand("x < y")])
def test_a_fault_is_read_as_it_was_written_without_its_private_detail(fault: SoapFault) -> None:
    octets = fault_envelope(fault)
    received = read_fault(etree.fromstring(octets))

    assert received is not None
    assert (received.code, received.reason) == (fault.code, fault.reason)
    assert fault.status == 500
    assert b"x &lt; y" not in octets


def test_a_version_mismatch_says_which_envelope_is_supported() -> None:
    root = etree.fromstring(fault_envelope(VersionMismatch()))
    supported = root.find(f"{{{S12}}}Header/{{{S12}}}Upgrade/{{{S12}}}SupportedEnvelope")

    assert supported is not None
    prefix, _, local = supported.get("qname", "").partition(":")
    assert (supported.nsmap[prefix], local) == (S12, "Envelope")


def test_an_envelope_without_a_fault_has_none() -> None:
    assert read_fault(envelope(MESSAGING)) is None


def test_a_fault_with_an_endless_reason_is_cut_short() -> None:
    body = f"<S12:Body><S12:Fault><S12:Reason><S12:Text>{'x' * 10_000}</S12:Text></S12:Reason></S12:Fault></S12:Body>"
    received = read_fault(envelope(body=body))

    assert received is not None
    assert (received.code, len(received.reason)) == ("", 500)


def test_positions_are_of_the_very_document_that_was_given() -> None:
    root = envelope(MESSAGING, SECURITY_FOR.format(names.ROLE_NEXT))
    positions: Positions = locate(root)

    assert positions.messaging.getparent() is root[0]
    assert positions.security is root.find(f".//{SECURITY}")
