"""What files of P-Modes say together: contradictions, overrides with their bounds, URIs, and suites with their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.configuration.pmode_files import (
    COUNSELLOR,
    CREDITOR,
    CREDITOR_YAML,
    FILES,
    HUB,
    HUB_YAML,
    UNIT,
    WARD,
    catalogue,
    complaints,
    load,
    organisation,
    read,
    the_complaint,
)

from crypto.faults import UnusableCredential
from crypto.key_transports import WrappedOctets
from crypto.suites import SUITES, Suite
from gateway.ebms.model import PartyId
from gateway.ebms.names import OIN_TYPE
from gateway.written.complaints import ConfigurationFault
from pmodes.files import read_configuration

ONE_THAT_DOES = "list one that does"
OTHER_KEY = "list a certificate that does, or name another suite"


class TestContradictions:
    """What no single file can show."""

    def test_a_party_id_belongs_to_one_organisation(self) -> None:
        sentence = (
            f"unit.yaml:2: party: this party id {CREDITOR} also stands in creditor.yaml:2"
            "; a party is in one place: take it out of the other"
        )
        found = complaints(unit=FILES["unit.yaml"].replace(UNIT, CREDITOR))
        assert sentence in [str(each) for each in found]

    def test_the_hub_is_not_a_participant(self) -> None:
        found = complaints(unit=FILES["unit.yaml"].replace(UNIT, HUB))
        assert any(f"this party id {HUB} also stands in hub.yaml:2;" in str(each) for each in found)

    def test_a_certificate_belongs_to_one_organisation_whatever_its_use(self) -> None:
        text = FILES["unit.yaml"].replace("unit-signing", "creditor-signing")
        assert the_complaint(unit=text) == (
            "unit.yaml:7: certificates.signing: this certificate also stands in creditor.yaml:7;"
            " each party has certificates of its own: have one of them make others"
        )

    def test_the_hubs_certificate_is_nobody_elses(self) -> None:
        text = FILES["unit.yaml"].replace("unit-encryption", "hub-encryption")
        assert "certificates.encryption: this certificate also stands in hub.yaml:6;" in the_complaint(unit=text)

    def test_two_ids_of_one_identity_have_different_types(self) -> None:
        text = CREDITOR_YAML.replace(f'party: "{CREDITOR}"', f'party: ["{CREDITOR}", "00000099000000002001"]')
        assert "two party ids of one identity have the same type" in the_complaint(creditor=text)

    def test_two_organisations_acting_for_one_party_name_both_pmodes(self) -> None:
        found = complaints(creditor=CREDITOR_YAML + f'acts_for: ["{WARD}"]\n')
        ambiguous = [each.sentence for each in found if "two P-Modes" in each.sentence]
        assert ambiguous == [
            "a message could be under two P-Modes (ebMS3 Core 4.1): "
            f"urn:knooppunt:pmode:{COUNSELLOR}:for:{WARD}:test:leg1 and "
            f"urn:knooppunt:pmode:{CREDITOR}:for:{WARD}:test:leg1; "
            "name the party in one of the files alone, or give each an agreement of its own"
        ]

    def test_acting_for_an_organisation_that_sends_for_itself_is_ambiguous(self) -> None:
        found = complaints(counsellor=organisation(f'acts_for: ["{CREDITOR}"]'))
        assert [each.path for each in found if "two P-Modes" in each.sentence] == ["party"]

    def test_an_agreement_tells_two_senders_for_one_party_apart(self) -> None:
        text = organisation(f"acts_for: ['{CREDITOR}']\nagreement: {{value: 'urn:agreement:1'}}")
        found = read(counsellor=text)
        assert len(found.senders[frozenset({PartyId(value=CREDITOR, type=OIN_TYPE)})]) == 2
        assert found.mailboxes[CREDITOR].party_id == CREDITOR

    @pytest.mark.parametrize(
        "override", ["PMode.Initiator.Role: 'urn:role'", "'PMode[1].BusinessInfo.MPC': 'urn:mpc:in'"]
    )
    def test_a_role_or_mpc_of_its_own_tells_two_senders_apart_as_well(self, override: str) -> None:
        text = organisation(f"acts_for: ['{CREDITOR}']\noverrides: {{sending: {{{override}}}}}")
        assert len(read(counsellor=text).senders[frozenset({PartyId(value=CREDITOR, type=OIN_TYPE)})]) == 2

    @pytest.mark.parametrize("name", ["hub", "creditor"])
    def test_test_parties_are_for_test_environments(self, name: str) -> None:
        texts = dict(FILES)
        texts["hub.yaml"] = HUB_YAML.replace("environment: test\n", "")
        with pytest.raises(ConfigurationFault) as caught:
            read_configuration(texts, catalogue=catalogue(), load=load)
        assert any(
            each.file == f"{name}.yaml" and "is a test party" in each.sentence for each in caught.value.complaints
        )

    def test_the_default_mpc_cannot_be_a_mailbox(self) -> None:
        default = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/defaultMPC"
        line = f"overrides: {{receiving: {{'PMode[1].BusinessInfo.MPC': '{default}'}}}}"
        path = "overrides.receiving.PMode[1].BusinessInfo.MPC"
        assert f"{path}: the default MPC cannot be a mailbox" in the_complaint(counsellor=organisation(line))

    def test_a_fault_of_an_override_in_a_unit_has_the_path_of_that_unit(self) -> None:
        unit = (
            f"units:\n  - name: Afdeling\n    party: '{CREDITOR}:000000000077'\n"
            "    overrides: {sending: {Knooppunt.Suite: rot13}}\n"
            "    certificates: {signing: [u-signing.pem], encryption: [u-encryption.pem]}\n"
        )
        told = the_complaint(creditor=FILES["creditor.yaml"] + unit)
        assert "units[0].overrides.sending.Knooppunt.Suite: there is no suite rot13; there are as4-1.15-rsa" in told


NUMBERS = [
    ("Knooppunt.MinimumRsaBits", 2047, "must be at least 2048"),
    ("Knooppunt.MinimumRsaBits", 999999, "must be at most 8192"),
    ("'PMode[1].Security.X509.Encryption.MinimumStrength'", 127, "must be at least 128"),
    ("'PMode[1].Security.X509.Encryption.MinimumStrength'", 257, "must be at most 256"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), NUMBERS)
def test_a_number_that_is_overridden_has_bounds(name: str, value: int, sentence: str) -> None:
    assert the_complaint(counsellor=organisation(f"overrides: {{{name}: {value}}}")).endswith(sentence)


@pytest.mark.parametrize("leg", ["sending", "receiving", None])
@pytest.mark.parametrize("file", ["counsellor", "hub"])
def test_keys_shorter_than_an_override_asks_for_are_complained_of(file: str, leg: str | None) -> None:
    line = "Knooppunt.MinimumRsaBits: 2049"
    line = f"overrides: {{{line if leg is None else f'{leg}: {{{line}}}'}}}"
    text = organisation(line) if file == "counsellor" else HUB_YAML + line + "\n"
    found = [str(each) for each in complaints(**{file: text})]
    owners = ["counsellor"] if file == "counsellor" else ["counsellor", "creditor", "unit"]
    assert sorted({each.partition(".yaml")[0] for each in found}) == owners  # every certificate is told
    usages = {usage for each in found for usage in ("signing", "encryption") if f": certificates.{usage}[" in each}
    assert usages == ({"signing"} if leg == "sending" else {"signing", "encryption"})  # leg 2 is encrypted to it
    assert all(
        "]: its RSA key has 2048 bits, and Knooppunt.MinimumRsaBits" in each
        and f"({file}.yaml:" in each
        and "asks for 2049" in each
        for each in found
    )


def test_an_override_of_the_organisation_goes_before_the_hubs_also_for_its_keys() -> None:
    assert read(
        hub=HUB_YAML + "overrides: {Knooppunt.MinimumRsaBits: 2048}\n",
        counsellor=organisation("overrides: {Knooppunt.MinimumRsaBits: 2048}"),
    )


@pytest.mark.parametrize(
    ("where", "changed"),
    [
        ("counsellor.yaml:10", lambda line: {"counsellor": organisation(line)}),
        ("hub.yaml:7", lambda line: {"hub": HUB_YAML + line + "\n"}),
    ],
)
def test_a_content_key_shorter_than_an_override_asks_for_is_complained_of_once(
    where: str, changed: Callable[[str], dict[str, str]]
) -> None:
    line = "overrides: {'PMode[1].Security.X509.Encryption.MinimumStrength': 129}"
    assert the_complaint(**changed(line)) == (
        f"{where}: overrides.PMode[1].Security.X509.Encryption.MinimumStrength: asks for 129 bits, and the suite"
        " as4-1.15-rsa encrypts with 128; lower that number, or name a stronger suite"
    )


NO_URIS = ["not a uri", "word", "urn:", "urn:a b", ":a", "1a:b", "urn:caf\u00e9", "urn:<a>", "urn:%zz"]


@pytest.mark.parametrize("value", NO_URIS)
@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("agreement: {{value: '{}'}}", "agreement.value"),
        (
            "overrides: {{sending: {{'PMode[1].BusinessInfo.MPC': '{}'}}}}",
            "overrides.sending.PMode[1].BusinessInfo.MPC",
        ),
        (
            "overrides: {{receiving: {{'PMode[1].BusinessInfo.MPC': '{}'}}}}",
            "overrides.receiving.PMode[1].BusinessInfo.MPC",
        ),
    ],
    ids=["agreement", "MPC to the hub", "mailbox"],
)
def test_what_has_to_be_a_uri_is_one_before_a_message_carries_it(line: str, path: str, value: str) -> None:
    found = the_complaint(counsellor=organisation(line.format(value)))
    assert f": {path}: " in found
    assert "URI" in found


@pytest.mark.parametrize("value", NO_URIS)
def test_an_agreement_or_party_with_a_type_need_not_be_a_uri(value: str) -> None:
    assert read(counsellor=organisation(f"agreement: {{value: '{value}', type: 'urn:type'}}"))
    assert "is not a URI" in str(complaints(counsellor=organisation(f"acts_for: ['{value}']"))[0])


class TestSuites:
    """Keys and suites that go together."""

    rsa = SUITES["as4-1.15-rsa"]

    @staticmethod
    def _refuse(key: bytes, public_key: object) -> WrappedOctets:
        raise UnusableCredential("another kind of key")

    def suites(self) -> dict[str, Suite]:
        """The RSA suite, and one that no RSA key fits."""
        signature = replace(self.rsa.signature, fits=lambda key: False)
        other = replace(
            self.rsa,
            name="other",
            accepted_signatures=(signature,),
            key_transport=replace(self.rsa.key_transport, wrap=self._refuse),
        )
        return {self.rsa.name: self.rsa, "other": other}

    def sentences(self, **changed: str) -> list[str]:
        texts = {**FILES, **{f"{name}.yaml": text for name, text in changed.items()}}
        with pytest.raises(ConfigurationFault) as caught:
            read_configuration(texts, catalogue=catalogue(), load=load, suites=self.suites())
        return [str(each) for each in caught.value.complaints]

    def test_keys_that_do_not_fit_the_suite_are_refused_for_the_organisation_and_the_hub(self) -> None:
        assert self.sentences(counsellor=organisation("suite: other")) == [
            f"counsellor.yaml:7: certificates.signing: none fits the suite other; {OTHER_KEY}",
            f"counsellor.yaml:7: certificates.signing[0]: its key does not fit the suite other; {OTHER_KEY}",
            f"counsellor.yaml:8: certificates.encryption[0]: its key does not fit the suite other; {OTHER_KEY}",
            f"hub.yaml:5: certificates.signing: none fits the suite other, which an organisation uses; {ONE_THAT_DOES}",
            "hub.yaml:6: certificates.encryption: none fits the suite other, which an organisation uses;"
            f" {ONE_THAT_DOES}",
        ]

    def test_the_two_legs_may_have_different_suites_and_each_needs_its_keys(self) -> None:
        found = self.sentences(counsellor=organisation("overrides: {receiving: {Knooppunt.Suite: other}}"))
        assert f"counsellor.yaml:7: certificates.signing: none fits the suite other; {OTHER_KEY}" in found
        assert (
            f"counsellor.yaml:8: certificates.encryption[0]: its key does not fit the suite other; {OTHER_KEY}" in found
        )
        assert not any("certificates.signing[0]" in each for each in found)

    def test_the_hub_has_a_certificate_in_its_default_suite_for_strangers_though_no_organisation_has_that(self) -> None:
        others = {
            name.removesuffix(".yaml"): f"{text}suite: {self.rsa.name}\n"
            for name, text in FILES.items()
            if name != "hub.yaml"
        }
        assert self.sentences(hub=HUB_YAML + "suite: other\n", **others) == [
            "hub.yaml:5: certificates.signing: none fits the suite other, in which strangers are answered;"
            f" {ONE_THAT_DOES}"
        ]

    def test_the_hubs_default_suite_has_to_exist(self) -> None:
        assert self.sentences(hub=HUB_YAML + "suite: rot13\n") == [
            "hub.yaml:7: suite: there is no suite rot13; there are as4-1.15-rsa, other"
        ]


@pytest.mark.parametrize("wrong", ["~", "7", "&x y"], ids=["empty", "number", "unread"])
def test_a_complaint_behind_an_item_that_is_left_out_keeps_its_line_and_index(wrong: str) -> None:
    text = CREDITOR_YAML.replace("[schuldeiser]", f"\n  - {wrong}\n  - schuldheer\n  - {wrong}\n  - schuldvrouw")
    text = text.replace('["2.0"]', f"\n  - 2.0\n  - {wrong}\n  - 7.7")
    found = [(each.line, each.path) for each in complaints(creditor=text) if "there is no" in each.sentence]
    roles = [(each.line, each.path) for each in complaints(creditor=text) if "is no role" in each.sentence]
    assert (roles, found) == ([(5, "roles[1]"), (7, "roles[3]")], [(12, "modules.Schuldregeling[2]")])
