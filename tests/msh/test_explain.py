"""What a message would get is told as the hub decides it: the same answers, and each difference with both values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configuration.pmode_files import (
    COUNSELLOR,
    COUNSELLOR_YAML,
    CREDITOR,
    CREDITOR_YAML,
    DAY,
    WARD,
    agreement,
    configuration,
    message,
    party,
    ping,
    read,
)
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import NOW
from support.messages.wire import Draft, Part, post, saldoverzoek, with_attachment
from support.messages.wire import ping as wired_ping

from gateway.ebms.errors import EbmsError
from gateway.ebms.model import Party, PartyId, Property, Service, UserMessage
from gateway.ebms.names import INITIATOR
from gateway.limits import Limits
from gateway.msh.explain import Explanation, Header, explain
from gateway.msh.message_file import UnreadableFile, root_of, user_message_of
from pmodes.configuration import Configuration
from pmodes.match import match_user_message
from pmodes.model import Leg
from pmodes.term import local_day

STRANGER = "00000099000000009999"

# Messages that the hub takes or refuses, as they go over the wire.
ON_THE_WIRE: dict[str, Callable[[], Draft]] = {
    "a question": saldoverzoek,
    "a test": wired_ping,
    "of nobody": lambda: saldoverzoek().saying(from_party=party(STRANGER, INITIATOR)),
    "under an agreement": lambda: saldoverzoek().saying(agreement_ref=agreement("urn:example:none")),
    "on another MPC": lambda: saldoverzoek().saying(mpc="urn:example:mpc"),
    "an action of nothing": lambda: saldoverzoek().saying(action="Onbekend"),
    "an action of another module": lambda: saldoverzoek().saying(action="Betaalvoorstel", service=Service(value="x:y")),
    "to another": lambda: saldoverzoek().saying(to_party=party(STRANGER, INITIATOR)),
    "what the sender's role does not send": lambda: saldoverzoek("creditor", "counsellor"),
    "for nobody": lambda: saldoverzoek().with_property("finalRecipient", STRANGER),
    "for nobody at all": lambda: saldoverzoek().with_property("finalRecipient", None),
    "for another counsellor": lambda: saldoverzoek("counsellor", "counsellor"),
    "in the name of another": lambda: saldoverzoek().with_property("originalSender", STRANGER),
    "with a property of its own": lambda: saldoverzoek().with_property("colour", "red"),
    "with a part too many": lambda: saldoverzoek().with_parts(
        *(Part(octets=b"<x/>", mime_type="text/plain") for _ in range(2))
    ),
    "with a MessageId that is none": lambda: saldoverzoek().saying(message_id="<1@x>"),
}


async def answered(hub: TestedHub, draft: Draft) -> tuple[str, ...]:
    """What the hub says of a message that its sender signed; nobody's signature hides why it is not taken."""
    return (await post(hub, draft.wire())).codes


def of_file(octets: bytes, configuration: Configuration, content_type: str | None = None) -> Explanation:
    """What is told of a message in a file."""
    header = Header(message=user_message_of(root_of([octets], content_type, Limits())))
    return explain(configuration, header, local_day(NOW))


async def test_the_first_reason_is_the_answer_of_the_hub(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        for name, make in ON_THE_WIRE.items():
            wire = make().wire()
            answer = (await post(hub, wire)).codes
            found = of_file(wire.body, hub.configuration)
            told = tuple(each.code for each in found.refused[:1])
            if "EBMS:0101" in answer:  # it is not told to a stranger why not
                assert told == ("EBMS:0010",), name
            else:
                assert told == answer, name
            assert (found.sending is not None) or found.refused, name


@given(data=st.data())
def test_whatever_a_header_says_a_p_mode_is_told_where_the_hub_has_that_one(data: st.DataObject) -> None:
    values = st.sampled_from([COUNSELLOR, CREDITOR, WARD, STRANGER])
    sent = message(
        sender=data.draw(values),
        receiver=data.draw(values),
        service=Service(value=data.draw(st.sampled_from(["urn:knooppunt:Schuldregeling:2.0", "urn:x"]))),
        action=data.draw(st.sampled_from(["Saldoverzoek", "SaldoverzoekAntwoord", "x"])),
        mpc=data.draw(st.sampled_from([None, "urn:x"])),
        agreement_ref=data.draw(st.sampled_from([None, agreement("urn:x")])),
    )
    found = explain(configuration(), Header(message=sent), DAY)
    assert found.sending == matched(sent)
    assert (found.sending is None) <= bool(found.refused)
    if found.receiving is not None:
        assert found.receiving.leg is Leg.RECEIVING
        assert found.receiving.organisation.speaks_for >= {sent.property("finalRecipient")}


def matched(sent: UserMessage) -> object:
    try:
        return match_user_message(configuration(), sent, DAY)
    except EbmsError:
        return None


def test_both_legs_are_told() -> None:
    found = explain(configuration(), Header(message=message()), DAY)
    assert found.sending is not None
    assert found.receiving is not None
    assert (found.sending.organisation.party_id, found.receiving.organisation.party_id) == (COUNSELLOR, CREDITOR)
    assert (found.refused, found.candidates) == ((), ())


def test_a_test_message_has_one_leg() -> None:
    found = explain(configuration(), Header(message=ping()), DAY)
    assert found.sending is not None
    assert found.receiving is None
    assert found.refused == ()


def test_each_difference_of_each_candidate_has_what_was_found() -> None:
    sent = message(mpc="urn:other", agreement_ref=agreement("urn:a"), from_party=party(COUNSELLOR, "urn:role"))
    found = explain(read(creditor=CREDITOR_YAML + "agreement: {value: urn:a}\n"), Header(message=sent), DAY)
    assert found.sending is None
    sent = replace(sent, mpc=None)
    (candidate,) = explain(
        read(creditor=CREDITOR_YAML + "agreement: {value: urn:a}\n"), Header(message=sent), DAY
    ).candidates
    assert [(each.what, each.expected, each.found) for each in candidate.compared] == [
        ("PMode.Initiator.Role", INITIATOR, "urn:role"),
        ("PMode.Agreement", "absent", "urn:a"),
    ]


def test_who_has_one_of_the_party_ids_is_a_candidate_though_he_sends_under_others() -> None:
    two = f'["{COUNSELLOR}", {{value: x, type: urn:y}}]'
    found = read(counsellor=COUNSELLOR_YAML.replace(f'party: "{COUNSELLOR}"', f"party: {two}"))
    (candidate,) = explain(found, Header(message=message()), DAY).candidates
    (compared,) = candidate.compared
    assert compared.what == "PMode.Initiator.Party"
    assert "x (urn:y)" in compared.expected
    assert compared.found.startswith(COUNSELLOR)


def test_of_a_stranger_there_is_no_candidate_and_the_refusal_says_whom_it_named() -> None:
    found = explain(configuration(), Header(message=message(sender=STRANGER)), DAY)
    assert found.candidates == ()
    assert STRANGER in found.refused[0].compared[0].found


def test_a_desk_and_who_is_suspended_are_told_as_that() -> None:
    desk = explain(read(counsellor=COUNSELLOR_YAML + "access: desk\n"), Header(message=message()), DAY)
    assert [(each.expected, each.found) for each in desk.candidates[0].compared] == [("system", "desk")]
    found = explain(read(counsellor=COUNSELLOR_YAML + "suspended: true\n"), Header(message=message()), DAY)
    assert found.refused[0].compared[0].what == f"suspended of {COUNSELLOR}"


def test_all_reasons_are_told_and_not_only_the_first() -> None:
    properties = (
        Property(name="trackingIdentifier", value="t"),
        Property(name="originalSender", value=COUNSELLOR),
        Property(name="finalRecipient", value=STRANGER),
    )
    sent = message(action="SaldoverzoekAntwoord", properties=properties, parts=())
    told = [each.sentence for each in explain(configuration(), Header(message=sent), DAY).refused]
    assert told == [
        "A sender in this role does not send SaldoverzoekAntwoord of Schuldregeling 2.0.",
        "A part that the processing mode requires is missing.",
        "The final recipient does not receive SaldoverzoekAntwoord of Schuldregeling 2.0.",
    ]


def test_what_was_not_given_is_not_judged() -> None:
    bare = message(properties=(), parts=())
    found = explain(configuration(), Header(message=bare, has_properties=False, has_parts=False), DAY)
    assert found.sending is not None
    assert (found.receiving, found.refused) == (None, ())


def test_a_header_value_stays_on_one_line_and_is_cut() -> None:
    odd = Party(party_ids=(PartyId(value="a\nb" + "c" * 900, type="urn:x"),), role=INITIATOR)
    header = Header(message=message(from_party=odd), has_parts=False)
    (compared,) = explain(configuration(), header, DAY).refused[0].compared
    assert "\n" not in compared.found
    assert len(compared.found) < 310


class TestFiles:
    """A message as it lies in a file."""

    @pytest.mark.parametrize("cut", ["whole", "bare", "headers", "request", "typed"])
    def test_a_message_is_read_in_every_form_in_which_it_is_kept(self, cut: str) -> None:
        wire = saldoverzoek().wire()
        octets, content_type = {
            "whole": (wire.body, None),
            "bare": (wire.envelope, None),
            "headers": (f"Content-Type: {wire.content_type}\r\n\r\n".encode() + wire.body, None),
            "request": (
                b"POST /as4 HTTP/1.1\r\nHost: hub\r\ncontent-type: "
                + wire.content_type.encode()
                + b"\r\n\r\n"
                + wire.body,
                None,
            ),
            "typed": (wire.body, wire.content_type),
        }[cut]
        for size in (1, 999, len(octets)):
            chunks = [octets[at : at + size] for at in range(0, len(octets), size)]
            found = user_message_of(root_of(chunks, content_type, Limits()))
            assert found.message_id == wire.message_id
            assert found.action == "Saldoverzoek"

    def test_what_follows_the_envelope_is_not_read(self) -> None:
        wire = with_attachment(200_000).wire()
        assert len(wire.body) > 150_000

        def chunks() -> Iterator[bytes]:
            yield wire.body[:100_000]
            raise AssertionError("it was read on")

        assert user_message_of(root_of(chunks(), None, Limits())).message_id == wire.message_id

    @pytest.mark.parametrize(
        ("octets", "said"),
        [
            (b"", "XML cannot be read"),
            (b"hello", "XML cannot be read"),
            (b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", "MIME packaging cannot be read"),
            (b"--b\r\nContent-Type: application/soap+xml\r\n\r\n<x/>", "ends before the envelope does"),
            (b"--b\r\nContent-Type: application/soap+xml\r\n\r\n" + b"x" * 300_000, "envelope has more than"),
            (b"<x>" + b"y" * 5_000_000, "has more than"),
            (b"Content-Type: text/xml\r\n" * 4_000, "HTTP headers do not end"),
            (b"<!DOCTYPE x [<!ENTITY e 'f'>]><x>&e;</x>", "XML cannot be read"),
        ],
    )
    def test_what_is_no_message_is_refused_with_a_reason(self, octets: bytes, said: str) -> None:
        chunks = [octets[at : at + 1000] for at in range(0, len(octets), 1000)]
        with pytest.raises(UnreadableFile, match=said):
            root_of(chunks, None, Limits())

    @pytest.mark.parametrize(
        ("envelope", "said"),
        [
            (b"<x/>", "envelope is refused"),
            (
                b'<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Header/><S:Body/></S:Envelope>',
                "refused",
            ),
        ],
    )
    def test_an_envelope_without_a_user_message_is_refused(self, envelope: bytes, said: str) -> None:
        with pytest.raises(UnreadableFile, match=said):
            user_message_of(root_of([envelope], None, Limits()))

    @given(octets=st.binary(max_size=200) | st.binary(max_size=100).map(lambda each: b"--b\r\n" + each))
    def test_any_octets_are_read_or_refused(self, octets: bytes) -> None:
        with suppress(UnreadableFile):
            user_message_of(root_of([octets], None, Limits()))
