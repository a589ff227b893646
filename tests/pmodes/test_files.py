"""Configuration files: what they mean, and every complaint about them at once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError
from support.configuration.pmode_files import (
    COUNSELLOR,
    COUNSELLOR_YAML,
    CREDITOR,
    CREDITOR_YAML,
    FILES,
    HUB,
    HUB_YAML,
    UNIT,
    WARD,
    catalogue,
    complaints,
    configuration,
    load,
    organisation,
    read,
    the_complaint,
)
from support.keys.pki import NOW, identity

from crypto.certificates import Certificate
from crypto.key_references import KeyReference
from gateway.ebms.model import AgreementRef, PartyId
from gateway.ebms.names import OIN_TYPE, UNIT_TYPE
from gateway.written.complaints import ConfigurationFault
from pmodes.files import read_configuration
from pmodes.model import Mailbox, PropertyProfile, newest_active
from pmodes.shapes import PartyShape


class TestMeaning:
    """What the files of a sound configuration become."""

    def test_an_organisation_says_little_and_the_rest_follows(self) -> None:
        found = configuration().by_party[COUNSELLOR]
        assert found.party_ids == (PartyId(value=COUNSELLOR, type=OIN_TYPE),)
        assert found.mpc == f"urn:knooppunt:mpc:{COUNSELLOR}"
        assert (found.language, found.suite.name, found.key_reference) == ("nl", "as4-1.15-rsa", KeyReference.TOKEN)
        assert found.mailbox == Mailbox()
        assert found.acts_for == (PartyId(value=WARD, type=OIN_TYPE),)

    def test_a_unit_without_an_oin_of_its_own_gets_the_type_of_units(self) -> None:
        assert configuration().by_party[UNIT].party_ids == (PartyId(value=UNIT, type=UNIT_TYPE),)

    def test_what_a_file_says_goes_before_the_hubs_file_and_that_before_the_defaults(self) -> None:
        hub = HUB_YAML + "mailbox: {lease_seconds: 600, term_working_days: 3}\nlanguage: en\n"
        found = read(hub=hub)
        assert found.by_party[CREDITOR].mailbox == Mailbox(lease_seconds=600, term_working_days=5, extension_days=14)
        assert found.by_party[COUNSELLOR].mailbox == Mailbox(lease_seconds=600, term_working_days=3)
        assert found.by_party[COUNSELLOR].language == "en"

    def test_every_key_is_read(self) -> None:
        text = organisation(
            "language: en\nkey_reference: issuer-serial\nagreement: {value: one, type: local}\n"
            "properties: [{name: dossier, required: true, data_type: int, max_length: 9}]\n"
            f"tls_thumbprints: ['{'AB:' * 31}AB']\n"
            "attachments: {mime_types: [image/png], max_count: 2, max_octets: 1000}\n"
            "mailbox: {open_leases: 7, quota_messages: 9}"
        )
        found = read(counsellor=text).by_party[COUNSELLOR]
        assert found.language == "en"
        assert found.key_reference is KeyReference.ISSUER_SERIAL
        assert found.agreement == AgreementRef(value="one", type="local")
        assert found.properties == (PropertyProfile(name="dossier", required=True, data_type="int", max_length=9),)
        assert found.tls_thumbprints == {"ab" * 32}
        assert found.attachments.mime_types == {"image/png"}
        assert (found.attachments.max_count, found.attachments.max_octets) == (2, 1000)
        assert (found.mailbox.open_leases, found.mailbox.quota_messages) == (7, 9)

    def test_closing_days_are_dates_of_the_hub(self) -> None:
        assert read(hub=HUB_YAML + "closing_days: [2026-05-15]\n").hub.closing_days == {date(2026, 5, 15)}

    def test_another_base_changes_every_name(self) -> None:
        found = read_configuration(FILES, catalogue=catalogue(), load=load, base="urn:example:hub")
        assert found.by_party[CREDITOR].mpc == f"urn:example:hub:mpc:{CREDITOR}"
        assert found.hub.base == "urn:example:hub"

    def test_an_oin_keeps_its_zeros_and_a_version_its_last_digit_without_quotes(self) -> None:
        text = CREDITOR_YAML.replace(f'"{CREDITOR}"', CREDITOR).replace('["2.0"]', "[2.0, 1.1]")
        found = read(creditor=text).by_party[CREDITOR]
        assert [each.version for each in found.modules["Schuldregeling"]] == ["2.0", "1.1"]

    def test_certificates_stand_beside_the_file_that_names_them(self) -> None:
        asked: list[str] = []

        def spy(path: str) -> tuple[Certificate, ...]:
            asked.append(path)
            return load(path)

        texts = {"hub.yaml": HUB_YAML, "north/counsellor.yaml": COUNSELLOR_YAML}
        read_configuration(texts, catalogue=catalogue(), load=spy)
        assert "north/certificates/counsellor-signing.pem" in asked
        assert "certificates/hub-signing.pem" in asked


class TestCertificates:
    """Current and next, and finding whose one is."""

    def test_the_newest_of_the_certificates_that_are_valid_is_sealed_to(self) -> None:
        current, following = configuration().by_party[CREDITOR].signing_certificates
        both = (following, current)
        assert newest_active(both, datetime(2026, 6, 1, tzinfo=UTC)) == current
        assert newest_active(both, datetime(2028, 6, 1, tzinfo=UTC)) == following
        assert newest_active(both, datetime(2019, 6, 1, tzinfo=UTC)) is None
        assert newest_active(both, datetime(2050, 6, 1, tzinfo=UTC)) is None

    def test_one_certificate_may_serve_an_organisation_for_both_uses(self) -> None:
        text = CREDITOR_YAML.replace("creditor-signing.pem, ", "both.pem, ").replace("creditor-encryption", "both")
        creditor = read(creditor=text).by_party[CREDITOR]
        assert creditor.signing_certificates[0] == creditor.encryption_certificates[0]

    @pytest.mark.parametrize(
        ("name", "variant", "sentence"),
        [
            ("creditor", "rsa-1024", "RSA key has fewer than 2048 bits"),
            ("creditor", "wrong-usage", "key usage does not allow signing"),
        ],
    )
    def test_a_certificate_that_can_never_serve_is_refused(self, name: str, variant: str, sentence: str) -> None:
        weak = identity(name, variant).signing.certificate  # type: ignore[arg-type]

        def loader(path: str) -> tuple[Certificate, ...]:
            return (weak,) if "counsellor-signing" in path else load(path)

        with pytest.raises(ConfigurationFault, match=sentence):
            read_configuration(FILES, catalogue=catalogue(), load=loader)

    def test_an_expired_certificate_is_read_for_a_file_does_not_know_the_time(self) -> None:
        expired = identity("creditor", "expired").signing.certificate
        assert expired.not_valid_after_utc < NOW

        def loader(path: str) -> tuple[Certificate, ...]:
            return (expired,) if "counsellor-signing" in path else load(path)

        assert read_configuration(FILES, catalogue=catalogue(), load=loader)

    @pytest.mark.parametrize("count", [0, 2])
    def test_a_file_holds_one_certificate(self, count: int) -> None:
        def loader(path: str) -> tuple[Certificate, ...]:
            return load(path) * (count if "counsellor-signing" in path else 1)

        with pytest.raises(ConfigurationFault, match=rf"holds {count} certificates and should hold one"):
            read_configuration(FILES, catalogue=catalogue(), load=loader)


ONE_COMPLAINT = [
    ("roels: [x]", "roels: there is no such key; did you mean roles?"),
    ("roles: []", "roles: must not be empty"),
    ("roles: [gemeente]", "roles[0]: gemeente is no role of an organisation; roles are schuldeiser"),
    ("roles: [knooppunt]", "roles[0]: knooppunt is no role of an organisation"),
    ("language: no", "language: must be 'nl' or 'en'"),
    ("suite: rot13", "suite: there is no suite rot13; there are "),
    ("key_reference: name", "key_reference: must be 'token', 'ski', 'issuer-serial' or 'thumbprint'"),
    ("name:", "name: is empty; write its value, or leave the key out"),
    ("name: 12", "name: must be text; put it in quotes"),
    ("mailbox: {lease_seconds: 59}", "mailbox.lease_seconds: must be at least 60"),
    ("mailbox: {lease_seconds: 43201}", "mailbox.lease_seconds: must be at most 43200"),
    ("mailbox: {extension_days: 8}", "mailbox.extension_days: must be 0, 7, 14 or 28"),
    ("mailbox: {term_working_days: true}", "mailbox.term_working_days: must be a whole number"),
    ("mailbox: {lease: 900}", "mailbox.lease: there is no such key; did you mean "),
    ("mailbox: 3", "mailbox: must be keys with values"),
    ("party: []", "party: must not be empty"),
    ('party: "0000009900000001000"', "party[0]: 0000009900000001000 is not an OIN of 20 digits"),
    ('party: "00000099000000001000x"', "party[0]: 00000099000000001000x has no type and is not a URI"),
    ('party: "00000055000000001000"', "party[0]: 00000055000000001000 does not start with a prefix that OINs have"),
    ('party: "00000001123456789000"', "party[0]: 00000001123456789000 does not pass the 11-test"),
    ('party: "00000003123456780001"', "party[0]: 00000003123456780001 does not end in 0000"),
    (f'party: {{value: "{COUNSELLOR}", typ: x}}', "party.typ: there is no such key; did you mean type?"),
    (f'party: {{value: "{COUNSELLOR}:1", type: "{UNIT_TYPE}"}}', "is not an OIN, a colon and an establishment number"),
    (f'acts_for: ["{COUNSELLOR}"]', f"acts_for: {COUNSELLOR} is itself"),
    (f'acts_for: ["{HUB}"]', f"acts_for: {HUB} is the hub"),
    (f'acts_for: ["{WARD}", "{WARD}"]', f"acts_for: this party id {WARD} also stands in counsellor.yaml"),
    ("tls_thumbprints: [abc]", "tls_thumbprints[0]: must be the SHA-256 thumbprint of a certificate"),
    ("attachments: {mime_types: [PDF]}", "attachments.mime_types[0]: must be a MIME type in small letters"),
    ("properties: [{name: originalSender}]", "properties: the property originalSender is listed twice or belongs to"),
    ("properties: [{name: a}, {name: a}]", "properties: the property a is listed twice"),
    ("part_properties: [{name: MimeType}]", "part_properties: the property MimeType is listed twice or belongs to"),
    ("part_properties: [{name: Purpose}]", "part_properties: the property Purpose is listed twice or belongs to"),
    (f"properties: [{', '.join(f'{{name: p{n}}}' for n in range(77))}]", "properties: must have at most 76 items"),
    ("properties: [{name: a, data_type: float}]", "properties[0].data_type: must be 'string'"),
    ("overrides: {PMode.Nonsense: 1}", "overrides.PMode.Nonsense: there is no P-Mode parameter of this name"),
    ("overrides: {PMode.MEP: x}", "overrides.PMode.MEP: follows from profile and cannot be overridden"),
    ("overrides: {PMode.Initiator.Role: 3}", "overrides.PMode.Initiator.Role: must be text"),
    ("overrides: {PMode.Initiator.Role: ' '}", "overrides.PMode.Initiator.Role: must not be empty"),
    ("overrides: {PMode.Initiator.Role: [a]}", "overrides.PMode.Initiator.Role: must be one value"),
    ("overrides: {Knooppunt.Origin: maybe}", "overrides.Knooppunt.Origin: must be true or false"),
    ("overrides: {Knooppunt.Suite: rot13}", "overrides.Knooppunt.Suite: there is no suite rot13"),
    ("overrides: {Knooppunt.KeyReference: name}", "overrides.Knooppunt.KeyReference: must be one of: token, ski"),
    ("overrides: {Knooppunt.MinimumRsaBits: 1024}", "overrides.Knooppunt.MinimumRsaBits: must be at least 2048"),
    ("overrides: {sending: {Knooppunt.Origin: true}}", "overrides.sending.Knooppunt.Origin: cannot be overridden"),
    (
        "overrides: {receiving: {'PMode[1].Security.X509.Encryption.Encrypt': false}}",
        "overrides.receiving.PMode[1].Security.X509.Encryption.Encrypt: cannot be overridden on this leg",
    ),
    ("overrides: {'PMode[1].Security.SendReceipt': false}", "SendReceipt: follows from profile and cannot be"),
    (
        "overrides: {'PMode[1].ReceptionAwareness.DuplicateDetection': false}",
        "DuplicateDetection: is always on: without it a sender that repeats a message because its receipt was lost",
    ),
    ("overrides: {'PMode[1].ReceptionAwareness.DuplicateDetection': true}", "is always on; take it out"),
    ("overrides: {sending: 3}", "overrides.sending: must be keys with values"),
    ("overrides: {receiving: {'PMode[1].BusinessInfo.MPC': 'urn:knooppunt:mpc:" + CREDITOR + "'}}", "is also that of"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "sentence"), ONE_COMPLAINT, ids=[row[0][:60] for row in ONE_COMPLAINT])
def test_a_mistake_gets_one_complaint_that_names_the_key(line: str, sentence: str) -> None:
    found = the_complaint(counsellor=organisation(line))
    assert sentence in found, found


IN_THE_WRONG_FILE = [
    ("roles: [schuldeiser]", "hub.yaml", "roles: there is no such key in this file; it stands in the file of an organ"),
    (
        "acts_for: []",
        "hub.yaml",
        "acts_for: there is no such key in this file; it stands in the file of",
    ),
    ("environment: test", "counsellor.yaml", "environment: there is no such key in this file; it stands in hub.yaml"),
    ("closing_days: []", "counsellor.yaml", "closing_days: there is no such key in this file; it stands in hub.yaml"),
]


@pytest.mark.parametrize(("line", "file", "sentence"), IN_THE_WRONG_FILE, ids=[row[0] for row in IN_THE_WRONG_FILE])
def test_a_key_in_the_wrong_file_is_told_where_it_belongs(line: str, file: str, sentence: str) -> None:
    found = the_complaint(**{file.removesuffix(".yaml"): f"{FILES[file]}{line}\n"})
    assert found.startswith(file)
    assert sentence in found


def test_a_key_is_compared_with_those_that_may_stand_beside_it() -> None:
    assert "did you mean lease_seconds?" in the_complaint(counsellor=organisation("mailbox: {lease: 900}"))


@pytest.mark.parametrize(
    ("line", "key"), [("party: 99", "party"), ("acts_for: [99]", "acts_for[0]"), ("name: 3", "name"), ("party: no", "")]
)
def test_a_number_where_text_is_meant_is_to_be_quoted(line: str, key: str) -> None:
    found = the_complaint(counsellor=organisation(line))
    assert f"{key}: must be text; put it in quotes" in found if key else "no has no type and is not a URI" in found


def test_all_that_is_not_read_is_told_beside_all_that_is_read_and_wrong() -> None:
    text = COUNSELLOR_YAML.replace("[shv-fase-2]", "&r [shv-fase-2]") + "name: B\ncolour: blue\nsuite: *r\n"
    assert [(each.line, each.path) for each in complaints(counsellor=text)] == [
        (3, ""),
        (10, ""),
        (11, "colour"),
        (12, ""),
    ]


def test_what_a_file_says_stays_on_the_line_of_its_complaint_and_is_cut_where_it_is_long() -> None:
    """A forged line would be read as a complaint of our own; U+2028 ends a line for some, U+202E turns it round."""
    said = "x\\nhub.yaml:1: all is well\\u2028\\u202e" + "y" * 900
    text = COUNSELLOR_YAML.replace("  Schuldregeling", f'  "{said}"').replace("shv-fase-2", f'"{said[3:]}"')
    found = [str(each) for each in complaints(counsellor=text)]
    assert len(found) >= 2
    assert all(each.isprintable() and len(each) < 300 for each in found), found


MODULES = [
    ('  Schuldregeling: ["3.0"]', "modules.Schuldregeling[0]: there is no version 3.0; there are 1.1, 2.0"),
    ('  Vermogen: ["1.0"]', "modules.Vermogen: there is no module Vermogen; modules are "),
    ("  Schuldregeling: [2]", "modules.Schuldregeling[0]: must be text; put it in quotes"),
]


@pytest.mark.parametrize(("line", "sentence"), MODULES, ids=[row[0] for row in MODULES])
def test_modules_and_versions_are_those_of_the_catalogue(line: str, sentence: str) -> None:
    text = COUNSELLOR_YAML.replace('  Schuldregeling: ["1.1", "2.0"]', line)
    assert any(sentence in str(each) for each in complaints(counsellor=text))


def test_a_module_in_which_no_role_of_the_organisation_does_anything_is_a_mistake() -> None:
    found = the_complaint(counsellor=organisation("roles: [waarborgfonds]").replace('"1.1", ', ""))
    assert found.endswith(
        "modules.Schuldregeling: none of its roles sends or receives anything in Schuldregeling 2.0; leave it out,"
        " or give it a role that does: schuldeiser, shv-fase-2"
    )


def test_every_complaint_comes_at_once_with_file_and_line() -> None:
    found = complaints(
        hub=HUB_YAML.replace("environment: test", "environment: acceptance"),
        counsellor=COUNSELLOR_YAML.replace("roles: [shv-fase-2]", "roles: [mayor]") + "colour: blue\n",
        creditor=CREDITOR_YAML.replace("creditor-encryption", "missing").replace('["2.0"]', '["7.0"]'),
    )
    assert [str(each) for each in found] == [
        "counsellor.yaml:3: roles[0]: mayor is no role of an organisation; roles are schuldeiser, shv-fase-1, "
        "shv-fase-2, shv-overig, bewindvoerder, kredietbank, waarborgfonds",
        "counsellor.yaml:10: colour: there is no such key; take it out",
        "creditor.yaml:5: modules.Schuldregeling[0]: there is no version 7.0; there are 1.1, 2.0",
        "creditor.yaml:8: certificates.encryption[0]: certificates/missing.pem: the file cannot be read;"
        " correct the name, or put the file there",
        "hub.yaml:3: environment: must be 'production' or 'test'",
    ]


def test_text_that_is_not_yaml_is_complained_of_beside_the_mistakes_of_other_files() -> None:
    found = complaints(counsellor="name: [", creditor=CREDITOR_YAML + "colour: blue\n")
    assert [(each.file, each.path) for each in found] == [("counsellor.yaml", ""), ("creditor.yaml", "colour")]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "word\n"], ids=["empty", "comment", "list", "word"])
def test_a_file_without_keys_is_complained_of(text: str) -> None:
    assert the_complaint(unit=text).startswith("unit.yaml:1: ")


def test_a_folder_without_the_hub_is_complained_of_with_all_else() -> None:
    texts = {name: text for name, text in FILES.items() if name != "hub.yaml"} | {"odd.yaml": "x: 1"}
    with pytest.raises(ConfigurationFault) as caught:
        read_configuration(texts, catalogue=catalogue(), load=load)
    files = {each.file for each in caught.value.complaints}
    assert files == {"hub.yaml", "odd.yaml"}
    assert "hub.yaml:1: the file is missing" in str(caught.value)


@pytest.mark.parametrize("value", ["urn:" + "x" * 252, "urn:a\x85b", "urn:a\ufffeb"])
def test_a_party_id_that_no_header_could_carry_in_a_name_of_its_own_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        PartyShape.model_validate({"value": value})
    assert PartyShape.model_validate({"value": value[:255].replace("\x85", "").replace("\ufffe", "")})
