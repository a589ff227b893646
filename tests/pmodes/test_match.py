"""Which P-Mode a message is under; ids are the rows of the AS4 test plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configuration.pmode_files import (
    COUNSELLOR,
    COUNSELLOR_YAML,
    CREDITOR,
    CREDITOR_YAML,
    DAY,
    HUB,
    HUB_YAML,
    UNIT,
    UNIT_YAML,
    WARD,
    agreement,
    catalogue,
    configuration,
    message,
    party,
    ping,
    read,
    type_of,
)

from gateway.ebms.errors import EbmsError
from gateway.ebms.evidence import ABSENT, ANOTHER
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.model import Party, PartyId, Service, UserMessage
from gateway.ebms.names import (
    DEFAULT_MPC,
    INITIATOR,
    OIN_TYPE,
    RESPONDER,
    TEST_ACTION,
    TEST_SERVICE,
    UNIT_TYPE,
)
from gateway.ebms.texts import PARTY_ID_TYPE_TWICE
from pmodes.configuration import Configuration, configure
from pmodes.match import check_sender, match_pull, match_user_message, receiver_of
from pmodes.model import Leg, PMode
from pmodes.texts import NO_PROCESSING_MODE

SERVICE = "urn:knooppunt:Schuldregeling:2.0"
STRANGER = "00000099000000009999"


def mismatch(sent: UserMessage, **changed: str) -> EbmsError:
    """What refuses a message before its signature is verified: rules that hold for all, then those of the P-Modes."""
    found = read(**changed) if changed else configuration()
    with pytest.raises(EbmsError) as caught:
        judged(found, sent)
    return caught.value


def judged(found: Configuration, sent: UserMessage) -> PMode:
    check_user_message(sent)
    return match_user_message(found, sent, DAY)


def parties(*ids: tuple[str, str | None], role: str = INITIATOR) -> Party:
    return Party(party_ids=tuple(PartyId(value=value, type=type_) for value, type_ in ids), role=role)


def test_a_message_of_an_organisation_is_under_its_own_pmode() -> None:
    pmode = match_user_message(configuration(), message(), DAY)
    assert pmode.id == f"urn:knooppunt:pmode:{COUNSELLOR}:Schuldregeling:2.0:Saldoverzoek:leg1"
    assert pmode.organisation.name == "Gemeente Testdrecht"
    assert pmode.leg is Leg.SENDING
    assert pmode.security.signature_certificates == pmode.organisation.signing_certificates
    assert pmode.security.encryption_certificates == configuration().hub.encryption_certificates


def test_a_business_unit_is_a_party_of_its_own() -> None:
    sent = message(UNIT, action="SaldoverzoekAntwoord", service=Service(value="urn:knooppunt:Schuldregeling:1.1"))
    assert sent.from_party.party_ids[0].type == UNIT_TYPE
    assert match_user_message(configuration(), sent, DAY).organisation.party_id == UNIT


def test_an_organisation_sends_in_the_name_of_a_party_that_it_acts_for() -> None:
    pmode = match_user_message(configuration(), message(WARD), DAY)
    assert pmode.organisation.party_id == COUNSELLOR
    assert [(each.value, each.type) for each in pmode.sender.party_ids] == [(WARD, OIN_TYPE)]
    assert pmode.security.signature_certificates == pmode.organisation.signing_certificates


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        "H13 more PartyIds than the organisation has",
        {"from_party": parties((COUNSELLOR, OIN_TYPE), ("x", "y"))},
        "EBMS:0003",
    ),
    ("H13 To", {"to_party": parties((HUB, OIN_TYPE), ("x", "y"), role=RESPONDER)}, "EBMS:0003"),
    (
        "H15 two PartyIds of one type",
        {"from_party": parties((COUNSELLOR, OIN_TYPE), (CREDITOR, OIN_TYPE))},
        "EBMS:0003",
    ),
    ("H15 no type", {"from_party": parties(("urn:a:b", None), ("urn:a:c", None))}, "EBMS:0003"),
    ("H17 a PartyId without type that is no URI", {"from_party": parties(("abc def", None))}, "EBMS:0003"),
    ("H17 colon", {"to_party": parties(("1:2", None), role=RESPONDER)}, "EBMS:0003"),
    ("H19 a receiver that is not the hub", {"to_party": party(CREDITOR, RESPONDER)}, "EBMS:0010"),
    ("H20 a sender whom nobody knows", {"from_party": party(STRANGER, INITIATOR)}, "EBMS:0010"),
    ("H20 type", {"from_party": parties((COUNSELLOR, "urn:other"))}, "EBMS:0010"),
    ("H20 hub as sender", {"from_party": party(HUB, INITIATOR)}, "EBMS:0010"),
    ("H21 From", {"from_party": party(COUNSELLOR, RESPONDER)}, "EBMS:0010"),
    ("H21 To", {"to_party": party(HUB, INITIATOR)}, "EBMS:0010"),
    ("H22 an AgreementRef without type that is no URI", {"agreement_ref": agreement("no uri")}, "EBMS:0003"),
    ("H22 empty", {"agreement_ref": agreement("")}, "EBMS:0003"),
    ("H23 an agreement that there is not", {"agreement_ref": agreement("urn:agreement:other")}, "EBMS:0001"),
    ("H27 a Service without type that is no URI", {"service": Service(value="word")}, "EBMS:0003"),
    ("H28 service", {"service": Service(value="urn:knooppunt:Schuldregeling:9.9")}, "EBMS:0001"),
    ("H28 case", {"service": Service(value="urn:knooppunt:schuldregeling:2.0")}, "EBMS:0001"),
    ("H28 action", {"action": "Vonnis"}, "EBMS:0001"),
    ("H28 service type", {"service": Service(value=SERVICE, type="urn:type")}, "EBMS:0010"),
    ("H29 the test action of another service", {"action": TEST_ACTION}, "EBMS:0003"),
    ("H29 test service", {"service": Service(value=TEST_SERVICE)}, "EBMS:0010"),
    ("H53 a channel on which nothing is pushed", {"mpc": "urn:knooppunt:mpc:other"}, "EBMS:0003"),
    ("H53 mailbox", {"mpc": f"urn:knooppunt:mpc:{COUNSELLOR}"}, "EBMS:0003"),
    ("H53 empty", {"mpc": ""}, "EBMS:0003"),
]


@pytest.mark.parametrize(("changed", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_header_that_fits_no_pmode_is_refused_with_its_code(changed: dict[str, Any], code: str) -> None:
    assert mismatch(message(**changed)).code == code


NOT_SENT: list[tuple[str, dict[str, Any], str]] = [
    (
        "H28 not active",
        {"service": Service(value="urn:knooppunt:Betalingsregeling:2.0")},
        "Betalingsregeling 2.0 is not active for this sender.",
    ),
    (
        "H28 role",
        {"action": "SaldoverzoekAntwoord"},
        "A sender in this role does not send SaldoverzoekAntwoord of Schuldregeling 2.0.",
    ),
]


@pytest.mark.parametrize(("changed", "public"), [row[1:] for row in NOT_SENT], ids=[row[0] for row in NOT_SENT])
def test_what_the_sender_takes_no_part_in_is_refused_by_name_once_it_is_known_who_sends(
    changed: dict[str, Any], public: str
) -> None:
    pmode = match_user_message(configuration(), message(**changed), DAY)
    with pytest.raises(EbmsError) as caught:
        check_sender(pmode, DAY)
    assert (caught.value.code, caught.value.public.en) == ("EBMS:0010", public)


def test_who_takes_part_goes_before_who_only_has_the_name() -> None:
    """Two organisations act for one party; one of them has the module version."""
    one = configuration().by_party[COUNSELLOR]
    other = replace(one, file="other.yaml", party_ids=parties((STRANGER, OIN_TYPE)).party_ids, modules={})
    found = configure(configuration().hub, (other, one), catalogue=catalogue())
    assert match_user_message(found, message(WARD), DAY).organisation.party_id == COUNSELLOR


def test_what_the_sender_takes_part_in_is_not_refused() -> None:
    check_sender(match_user_message(configuration(), message(), DAY), DAY)
    check_sender(match_user_message(configuration(), ping(), DAY), DAY)


def test_h15_two_ids_of_one_type_are_named_as_such() -> None:
    sent = message(from_party=parties((COUNSELLOR, OIN_TYPE), (CREDITOR, OIN_TYPE)))
    assert mismatch(sent).public == PARTY_ID_TYPE_TWICE


def test_an_ambiguity_that_nobody_noticed_is_a_mismatch_and_not_luck() -> None:
    one = configuration().by_party[COUNSELLOR]
    twice = configure(configuration().hub, (one, replace(one, file="copy.yaml")), catalogue=catalogue())
    with pytest.raises(EbmsError, match="several P-Modes fit") as caught:
        match_user_message(twice, message(), DAY)
    assert (caught.value.code, caught.value.public) == ("EBMS:0010", NO_PROCESSING_MODE)


def test_h14_several_party_ids_make_one_identity_which_a_message_carries_whole_in_any_order() -> None:
    both = CREDITOR_YAML.replace(f'party: "{CREDITOR}"', f'party: ["{CREDITOR}", "{CREDITOR}:000000000099"]')
    found = read(creditor=both)
    ids = ((f"{CREDITOR}:000000000099", UNIT_TYPE), (CREDITOR, OIN_TYPE))
    sent = message(CREDITOR, action="SaldoverzoekAntwoord", from_party=parties(*ids))
    assert match_user_message(found, sent, DAY).organisation.party_id == CREDITOR
    for fewer in (ids[:1], ids[1:]):
        assert mismatch(message(CREDITOR, from_party=parties(*fewer)), creditor=both).code == "EBMS:0010"


class TestAgreements:
    """Rows H23 to H26: AgreementRef and @pmode."""

    yaml = COUNSELLOR_YAML + "agreement: {value: 'urn:agreement:1'}\n"
    typed = COUNSELLOR_YAML + "agreement: {value: one, type: local}\n"

    def test_an_agreement_that_is_configured_has_to_be_named(self) -> None:
        pmode = match_user_message(read(counsellor=self.yaml), message(agreement_ref=agreement("urn:agreement:1")), DAY)
        assert pmode.organisation.party_id == COUNSELLOR

    def test_h23_an_agreement_that_nobody_has_is_not_recognized(self) -> None:
        fault = mismatch(message(agreement_ref=agreement("urn:agreement:2")), counsellor=self.yaml)
        assert fault.code == "EBMS:0001"

    def test_h24_a_message_without_the_configured_agreement_does_not_match(self) -> None:
        assert mismatch(message(), counsellor=self.yaml).code == "EBMS:0010"

    def test_an_agreement_of_somebody_else_is_a_mismatch_and_tells_no_more(self) -> None:
        other = CREDITOR_YAML + "agreement: {value: 'urn:agreement:2'}\n"
        fault = mismatch(message(agreement_ref=agreement("urn:agreement:2")), creditor=other)
        assert (fault.code, fault.public) == ("EBMS:0010", NO_PROCESSING_MODE)

    @pytest.mark.parametrize(("value", "type_", "fits"), [("one", "local", True), ("one", "other", False)])
    def test_the_type_of_an_agreement_counts(self, value: str, type_: str, fits: bool) -> None:
        found = read(counsellor=self.typed)
        if fits:
            assert match_user_message(found, message(agreement_ref=agreement(value, type_)), DAY)
        else:
            with pytest.raises(EbmsError) as caught:
                match_user_message(found, message(agreement_ref=agreement(value, type_)), DAY)
            assert caught.value.code == "EBMS:0001"

    def test_pmode_of_the_right_id_is_accepted(self) -> None:
        found = read(counsellor=self.yaml)
        pmode = match_user_message(found, message(agreement_ref=agreement("urn:agreement:1")), DAY)
        named = message(agreement_ref=agreement("urn:agreement:1", pmode=pmode.id))
        assert match_user_message(found, named, DAY) is pmode

    @pytest.mark.parametrize(
        "named",
        ["urn:none", f"urn:knooppunt:pmode:{COUNSELLOR}:Schuldregeling:1.1:Saldoverzoek:leg1"],
        ids=["H25", "H26"],
    )
    def test_pmode_of_another_id_is_a_mismatch(self, named: str) -> None:
        sent = message(agreement_ref=agreement("urn:agreement:1", pmode=named))
        assert mismatch(sent, counsellor=self.yaml).code == "EBMS:0010"

    def test_g03_a_test_of_an_unknown_agreement_is_a_mismatch(self) -> None:
        assert mismatch(ping(agreement_ref=agreement("urn:agreement:9"))).code == "EBMS:0010"


class TestMpcOfAPush:
    """Rows H53 and H54."""

    def test_h54_the_default_mpc_and_no_mpc_are_the_same(self) -> None:
        absent = match_user_message(configuration(), message(), DAY)
        assert match_user_message(configuration(), message(mpc=DEFAULT_MPC), DAY) is absent

    @pytest.mark.parametrize("mpc", [None, DEFAULT_MPC])
    def test_the_default_mpc_may_be_named_as_the_one_for_pushing(self, mpc: str | None) -> None:
        named = COUNSELLOR_YAML + f"overrides: {{sending: {{'PMode[1].BusinessInfo.MPC': '{DEFAULT_MPC}'}}}}\n"
        assert match_user_message(read(counsellor=named), message(mpc=mpc), DAY)

    def test_an_organisation_may_have_an_mpc_of_its_own_for_pushing(self) -> None:
        own = COUNSELLOR_YAML + "overrides: {sending: {'PMode[1].BusinessInfo.MPC': 'urn:mpc:in'}}\n"
        found = read(counsellor=own)
        assert match_user_message(found, message(mpc="urn:mpc:in"), DAY)
        with pytest.raises(EbmsError, match="EBMS:0010"):
            match_user_message(found, message(), DAY)
        with pytest.raises(EbmsError, match="EBMS:0010"):
            match_user_message(found, message(CREDITOR, action="SaldoverzoekAntwoord", mpc="urn:mpc:in"), DAY)


def test_h58_ref_to_message_id_is_ignored_unless_the_pmode_is_strict() -> None:
    sent = message(ref_to_message_id="0@example.org")
    assert match_user_message(configuration(), sent, DAY)
    strict = COUNSELLOR_YAML + "overrides: {Knooppunt.RefToMessageIdRefused: true}\n"
    assert mismatch(sent, counsellor=strict).code == "EBMS:0003"


def test_h60_a_test_party_is_unknown_to_a_hub_in_production() -> None:
    production = {
        "hub.yaml": HUB_YAML.replace(HUB, "00000004000000009000").replace("environment: test\n", ""),
        "creditor.yaml": CREDITOR_YAML.replace(CREDITOR, "00000003123456780000"),
    }
    sent = message(to_party=party("00000004000000009000", RESPONDER))
    with pytest.raises(EbmsError) as caught:
        match_user_message(read(production), sent, DAY)
    assert caught.value.code == "EBMS:0010"


def test_g01_the_test_service_has_a_pmode_that_takes_anything_and_delivers_nothing() -> None:
    pmode = match_user_message(configuration(), ping(), DAY)
    assert pmode.message_type is None
    assert pmode.business_info.payload_profile.open
    assert pmode.security.signature_certificates == pmode.organisation.signing_certificates


class TestWhatAStrangerLearns:
    """Before verification an answer depends on public values only."""

    probes = (
        message(STRANGER),
        message(from_party=party(COUNSELLOR, RESPONDER)),
        message(from_party=parties((COUNSELLOR, "urn:other"))),
    )

    def test_a_known_and_an_unknown_party_get_one_answer(self) -> None:
        answers = {(fault.code, fault.public) for fault in map(mismatch, self.probes)}
        assert answers == {("EBMS:0010", NO_PROCESSING_MODE)}

    @pytest.mark.parametrize("module", ["Schuldregeling:1.1", "Schuldregeling:2.0", "Betalingsregeling:2.0"])
    @pytest.mark.parametrize("action", ["Saldoverzoek", "SaldoverzoekAntwoord"])
    @pytest.mark.parametrize("sender", [COUNSELLOR, CREDITOR])
    def test_what_a_party_takes_part_in_does_not_show(self, sender: str, action: str, module: str) -> None:
        """The signature is asked for whatever the message type."""
        sent = message(sender, action=action, service=Service(value=f"urn:knooppunt:{module}"))
        assert match_user_message(configuration(), sent, DAY).organisation.party_id == sender

    @given(text=st.text(min_size=5, max_size=40))
    def test_no_public_sentence_repeats_a_value_of_the_message(self, text: str) -> None:
        value = f"urn:canary:{text}"
        for sent in (
            message(from_party=party(value, INITIATOR)),
            message(to_party=party(value, RESPONDER)),
            message(service=Service(value=value)),
            message(action=value),
            message(mpc=value),
            message(agreement_ref=agreement(value, pmode=value)),
        ):
            fault = mismatch(sent)
            assert "canary" not in fault.public.en + fault.public.nl
            assert "canary" not in fault.detail
            assert "canary" not in str(fault.compared)

    def test_the_operator_reads_which_parameter_differs(self) -> None:
        fault = mismatch(message(from_party=party(COUNSELLOR, "urn:role")))
        assert "PMode.Initiator.Role" in fault.detail
        (found,) = fault.compared
        assert found.pmode is not None
        assert COUNSELLOR in found.pmode
        assert (found.what, found.expected, found.found) == ("PMode.Initiator.Role", INITIATOR, ANOTHER)

    def test_the_operator_reads_every_parameter_that_differs(self) -> None:
        fault = mismatch(
            message(from_party=party(COUNSELLOR, "urn:role"), agreement_ref=agreement("urn:a:1"), mpc="urn:mpc"),
            unit=UNIT_YAML + "agreement: {value: 'urn:a:1'}\noverrides: {'PMode[1].BusinessInfo.MPC': 'urn:mpc'}\n",
        )
        assert [(each.what, each.expected, each.found) for each in fault.compared] == [
            ("PMode.Initiator.Role", INITIATOR, ANOTHER),
            ("PMode[1].BusinessInfo.MPC", DEFAULT_MPC, ANOTHER),
            ("PMode.Agreement", ABSENT, ANOTHER),
        ]

    def test_the_operator_reads_that_a_module_version_is_not_active(self) -> None:
        sent = message(service=Service(value="urn:knooppunt:Betalingsregeling:2.0"))
        with pytest.raises(EbmsError) as caught:
            check_sender(match_user_message(configuration(), sent, DAY), DAY)
        assert f"Betalingsregeling 2.0 active for {COUNSELLOR}" in caught.value.detail


@given(
    st.sampled_from(["from_party", "to_party", "service", "action"]),
    st.text(alphabet="aA0/.%: \u00e9", min_size=1, max_size=3),
)
def test_nothing_but_the_exact_value_matches(field: str, tail: str) -> None:
    changed: dict[str, Any] = {
        "from_party": party(COUNSELLOR + tail, INITIATOR),
        "to_party": party(HUB + tail, RESPONDER),
        "service": Service(value=SERVICE + tail),
        "action": "Saldoverzoek" + tail,
    }
    mismatch(message(**{field: changed[field]}))


class TestRouting:
    """receiver_of: whose mailbox, by finalRecipient and the activated version."""

    def test_f04_the_final_recipient_is_the_receiver(self) -> None:
        assert receiver_of(configuration(), message(), type_of(message()), DAY).party_id == CREDITOR

    def test_what_is_sent_to_a_party_without_a_mailbox_goes_to_who_acts_for_it(self) -> None:
        sent = message(CREDITOR, WARD, action="SaldoverzoekAntwoord")
        assert receiver_of(configuration(), sent, type_of(sent), DAY).party_id == COUNSELLOR

    @pytest.mark.parametrize(
        ("recipient", "why"),
        [
            (STRANGER, "no party"),
            ("", "no party"),
            (HUB, "no party"),
            (UNIT, "has 1.1 of Schuldregeling active"),
            (COUNSELLOR, "no role"),
        ],
    )
    def test_one_answer_that_names_the_version_serves_every_party_that_does_not_take_it(
        self, recipient: str, why: str
    ) -> None:
        with pytest.raises(EbmsError) as caught:
            receiver_of(configuration(), message(receiver=recipient), type_of(message()), DAY)
        assert caught.value.code == "EBMS:0010"
        assert caught.value.public.en == "The final recipient does not receive Saldoverzoek of Schuldregeling 2.0."
        assert why in caught.value.detail

    def test_the_second_leg_is_pulled_from_the_hub_by_the_receiver(self) -> None:
        receiver = receiver_of(configuration(), message(), type_of(message()), DAY)
        pmode = configuration().pmode(receiver, type_of(message()), Leg.RECEIVING)
        assert pmode.leg is Leg.RECEIVING
        assert pmode.business_info.mpc == receiver.mpc == f"urn:knooppunt:mpc:{CREDITOR}"
        assert pmode.sender.party_ids[0].value == HUB
        assert pmode.receiver.party_ids[0].value == CREDITOR
        assert pmode.security.signature_certificates == configuration().hub.signing_certificates
        assert pmode.security.encryption_certificates == receiver.encryption_certificates
        assert pmode.origin
        attachments = pmode.business_info.payload_profile.part(1)
        assert attachments is not None
        assert attachments.max_count == 63  # those of the sender and the proof of origin


class TestPull:
    """Rows P17 to P20: an MPC is one mailbox's or nobody's, octet for octet."""

    def test_p17_an_mpc_names_its_owner_who_need_not_be_the_one_that_asks(self) -> None:
        owner = match_pull(configuration(), f"urn:knooppunt:mpc:{CREDITOR}")
        assert owner is not None
        assert owner.party_id == CREDITOR

    @pytest.mark.parametrize(
        "mpc",
        [None, DEFAULT_MPC, "", "urn:knooppunt:mpc:none", "urn:knooppunt:mpc:"],
        ids=["P19 absent", "P19 default", "P18 empty", "P18", "P18 prefix"],
    )
    def test_other_mpcs_are_nobodys(self, mpc: str | None) -> None:
        assert match_pull(configuration(), mpc) is None

    def test_p19_nobody_may_pull_the_default_mpc_even_if_it_were_configured(self) -> None:
        owner = replace(configuration().by_party[CREDITOR], mpc=DEFAULT_MPC)
        found = configure(configuration().hub, (owner,), catalogue=catalogue())
        assert match_pull(found, DEFAULT_MPC) is None

    @pytest.mark.parametrize("tail", ["b", "/", "/..", "%", " ", "?", "#", ":1", "\u200b"])
    def test_p20_prefix_slash_and_escape_find_no_mailbox(self, tail: str) -> None:
        for owner in configuration().organisations:
            assert match_pull(configuration(), owner.mpc + tail) is None

    @pytest.mark.parametrize(
        "mpc",
        [f"urn:knooppunt:MPC:{CREDITOR}", f"urn:knooppunt:mpc:%30{CREDITOR[1:]}", f"urn:knooppunt:mpc:{CREDITOR[:-1]}"],
    )
    def test_p20_case_escapes_and_shorter_names_find_no_mailbox(self, mpc: str) -> None:
        assert match_pull(configuration(), mpc) is None
