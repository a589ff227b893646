"""Organisations as the domain has them: business units, legal basis, days of a module, what was signed."""

from __future__ import annotations

from datetime import date

import pytest
from support.configuration.pmode_files import (
    COUNSELLOR_YAML,
    CREDITOR,
    CREDITOR_YAML,
    FILES,
    UNIT,
    catalogue,
    complaints,
    load,
    message,
    organisation,
    read,
    the_complaint,
    type_of,
)

from gateway.written.complaints import ConfigurationFault
from pmodes.files import read_configuration
from pmodes.legal_basis import BASES, required_documents
from pmodes.model import Leg, Organisation
from pmodes.organisation_file import ITS_OWN
from pmodes.participation import UnitOf
from pmodes.shapes import UnitShape
from xsd.catalogue import load_catalogue

SECOND = f"{CREDITOR}:000000000012"
WITH_UNIT = f"""\
{CREDITOR_YAML}kvk: "12345678"
legal_basis: mandate
collectief: true
listed: false
agreements: {{connection: 2025-01-02, processing: 2025-01-03}}
addresses: [192.0.2.0/24]
roles: [schuldeiser, shv-fase-2]
attachments: {{max_count: 3, max_octets: 1000}}
tls_thumbprints: ["{"ab" * 32}"]
acts_for: ["00000099000000008000"]
overrides:
  Knooppunt.LayerTwo: true
  receiving:
    "PMode[1].BusinessInfo.MPC": urn:mpc:of:its:own
units:
  - name: Incasso Proef Noord
    party: "{SECOND}"
    certificates:
      signing: [certificates/north-signing.pem]
      encryption: [certificates/north-encryption.pem]
    mailbox: {{term_working_days: 7}}
    attachments: {{max_count: 2}}
    modules:
      Schuldregeling: ["1.1"]
""".replace("roles: [schuldeiser]\n", "", 1)
ITS_MAILBOX, ITS_ATTACHMENTS = (7, 14), (2, 1000)  # what it says, and what its organisation says besides


def north() -> Organisation:
    return read(creditor=WITH_UNIT).by_party[SECOND]


def test_a_unit_is_a_party_of_its_own_and_has_the_rest_from_its_organisation() -> None:
    unit = north()
    assert unit.unit_of == UnitOf(name="Incasso Proef", party_id=CREDITOR)
    assert unit.mpc == f"urn:knooppunt:mpc:{SECOND}"
    assert (unit.kvk, unit.establishment, unit.legal_basis) == ("12345678", "000000000012", "mandate")
    assert (unit.collectief, unit.is_listed, unit.language) == (True, False, "en")
    assert unit.agreements.connection == date(2025, 1, 2)
    assert [str(each) for each in unit.addresses] == ["192.0.2.0/24"]
    assert unit.roles == {"schuldeiser", "shv-fase-2"}
    assert [each.version for each in unit.modules["Schuldregeling"]] == ["1.1"]
    assert (unit.mailbox.term_working_days, unit.mailbox.extension_days) == ITS_MAILBOX
    assert (unit.attachments.max_count, unit.attachments.max_octets) == ITS_ATTACHMENTS
    assert "Knooppunt.LayerTwo" in unit.overrides[Leg.SENDING]
    assert (unit.acts_for, unit.tls_thumbprints, unit.compromised) == ((), frozenset(), frozenset())


def test_every_key_of_an_organisation_is_inherited_or_each_ones_own() -> None:
    """A key that is added is one of the two on purpose."""
    inherited = {
        "roles", "modules", "kvk", "legal_basis", "access", "desk", "collectief", "agreements", "listed", "addresses",
        "language", "suite", "key_reference", "agreement", "properties", "part_properties", "property_types",
    }  # fmt: skip
    assert inherited.isdisjoint(ITS_OWN)
    assert UnitShape.model_fields.keys() == inherited | ITS_OWN


def test_who_suspends_an_organisation_suspends_its_units() -> None:
    found = read(creditor=f"{WITH_UNIT.replace('3072', '2048')}    suspended: false\nsuspended: true\n")
    assert found.by_party[SECOND].suspended
    assert not read(creditor=WITH_UNIT).by_party[SECOND].suspended


def test_an_organisation_that_only_its_units_act_for_is_no_party() -> None:
    whole = WITH_UNIT
    begin, end = whole.index("certificates:"), whole.index("language:")
    found = read(creditor=whole[:begin] + whole[end:])
    assert CREDITOR not in found.by_party
    assert found.by_party[SECOND].unit_of == UnitOf(name="Incasso Proef", party_id=CREDITOR)


def test_a_unit_in_a_file_of_its_own_belongs_to_the_organisation_whose_oin_it_has() -> None:
    assert read().by_party[UNIT].unit_of == UnitOf(name="Incasso Proef", party_id=CREDITOR)
    assert read().by_party[UNIT].establishment == "000000000011"


MISTAKES = {
    "a unit without its organisation": (
        {name: text for name, text in FILES.items() if name != "creditor.yaml"},
        f"unit.yaml:2: party: {UNIT} is a business unit, and no file has its organisation, {CREDITOR}; add that",
    ),
    "a unit of another": (
        {**FILES, "creditor.yaml": WITH_UNIT.replace(SECOND, "00000099000000006000:000000000012")},
        "creditor.yaml:28: units[0].party: 00000099000000006000:000000000012 is a unit of another organisation; here it"
        f" begins with {CREDITOR}, or list it",
    ),
    "a unit without certificates": (
        {
            **FILES,
            "creditor.yaml": WITH_UNIT.replace(
                "    certificates:\n      signing: [certificates/north-signing.pem]\n"
                "      encryption: [certificates/north-encryption.pem]\n",
                "",
            ),
        },
        "creditor.yaml:27: units[0]: its key certificates is needed: a unit has certificates of its own",
    ),
    "an establishment that contradicts the party id": (
        {**FILES, "creditor.yaml": f'{WITH_UNIT}    establishment: "000000000099"\n'},
        "units[0].establishment: the party id names the establishment 000000000012; write that, or leave the key out",
    ),
    "a kvk number that contradicts the party id": (
        {**FILES, "counsellor.yaml": organisation('party: "00000003876543210000"\nkvk: "12345678"\nacts_for: []')},
        "kvk: the party id 00000003876543210000 holds the KvK number 87654321; correct one of the two",
    ),
    "a kvk number that is none": (
        {**FILES, "counsellor.yaml": organisation('kvk: "1234567"')},
        "kvk: must be a KvK number of 8 digits",
    ),
    "addresses of which the last was taken out": (
        {**FILES, "counsellor.yaml": organisation("addresses: []")},
        "addresses: must name at least one; leave the key out where there is to be no limit",
    ),
    "certificates of which the last was taken out": (
        {**FILES, "counsellor.yaml": organisation("tls_thumbprints: []")},
        "tls_thumbprints: must name at least one",
    ),
    "an address with a zone": (
        {**FILES, "counsellor.yaml": organisation('addresses: ["fe80::1%eth0"]')},
        "without a zone",
    ),
    "an address that is none": (
        {**FILES, "counsellor.yaml": organisation("addresses: [192.0.2.300]")},
        "addresses[0]",
    ),
    "a legal basis of another trade": (
        {**FILES, "counsellor.yaml": organisation("legal_basis: court")},
        "legal_basis: shv-fase-2 does not work on the ground court; write wgs or mandate",
    ),
    "a legal basis of nobody": (
        {**FILES, "creditor.yaml": f"{CREDITOR_YAML}legal_basis: wgs\n"},
        "legal_basis: schuldeiser does not work on the ground wgs; leave the key out",
    ),
    "days the wrong way round": (
        {
            **FILES,
            "counsellor.yaml": COUNSELLOR_YAML.replace(
                '["1.1", "2.0"]', '["1.1", {version: "2.0", from: 2026-07-02, until: 2026-07-01}]'
            ),
        },
        "modules.Schuldregeling[1].until: is before its first day, 2026-07-02; correct one of the two",
    ),
    "a version listed twice": (
        {**FILES, "counsellor.yaml": COUNSELLOR_YAML.replace('["1.1", "2.0"]', '["2.0", "2.0"]')},
        "modules.Schuldregeling[1]: the version 2.0 is listed twice; leave one out",
    ),
    "a day that is none": (
        {
            **FILES,
            "counsellor.yaml": COUNSELLOR_YAML.replace('["1.1", "2.0"]', '[{version: "2.0", from: 2026-02-30}]'),
        },
        "modules.Schuldregeling[0].from: must be a date such as 2026-05-15",
    ),
    "a slip in the name of a key that is needed": (
        {**FILES, "counsellor.yaml": COUNSELLOR_YAML.replace("roles:", "rolls:")},
        "rolls: there is no such key; did you mean roles?",
    ),
    "no certificates and no units": (
        {
            **FILES,
            "counsellor.yaml": COUNSELLOR_YAML[: COUNSELLOR_YAML.index("certificates:")]
            + COUNSELLOR_YAML[COUNSELLOR_YAML.index("acts_for") :],
        },
        "certificates: this key is needed",
    ),
}


@pytest.mark.parametrize(("files", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_complaint_with_its_line(files: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        read_configuration(files, catalogue=catalogue(), load=load)
    (complaint,) = caught.value.complaints
    assert said in str(complaint)


def test_a_misspelt_key_of_a_unit_is_named_with_the_one_that_was_meant() -> None:
    text = WITH_UNIT.replace("    mailbox:", "    mailbx:")
    found = the_complaint(creditor=text)
    assert "units[0].mailbx" in found
    assert "mailbox" in found


def test_a_contradiction_of_a_unit_is_told_where_it_stands() -> None:
    text = WITH_UNIT.replace(SECOND, UNIT)
    (found,) = complaints(creditor=text)
    assert str(found).startswith("unit.yaml:2: party: this party id") or "units[0].party" in str(found)


SHIPPED = load_catalogue()
SALDOVERZOEK = SHIPPED.message("Schuldinventarisatie", "2.0", "Saldoverzoek")


@pytest.mark.parametrize(
    ("roles", "basis", "documents"),
    [
        (("shv-fase-2",), None, ()),
        (("shv-fase-2",), "wgs", ()),
        (("shv-fase-2",), "mandate", ("Toestemmingsverklaring",)),
        (("shv-overig",), None, ("Toestemmingsverklaring",)),
        (("shv-overig",), "court", ("Beschikking",)),
        (("bewindvoerder",), "court", ("Beschikking",)),
    ],
)
def test_the_legal_basis_goes_before_the_roles(
    roles: tuple[str, ...], basis: str | None, documents: tuple[str, ...]
) -> None:
    assert SALDOVERZOEK is not None
    assert required_documents(SALDOVERZOEK, roles, basis) == documents  # type: ignore[arg-type]


def test_a_message_type_that_knows_no_document_needs_none() -> None:
    assert required_documents(type_of(message()), ("shv-fase-2",), "mandate") == ()
    assert {"wgs", "mandate", "court"} == BASES.keys()


@pytest.mark.parametrize(
    ("roles", "listed", "active"),
    [
        ("schuldeiser", '["1.1"]', ["1.1", "2.0"]),
        ("schuldeiser", '["1.1", {version: "2.0", from: 2027-01-01}]', ["1.1", "2.0 from 2027-01-01"]),
        ("shv-fase-2", '["1.1"]', ["1.1"]),
    ],
)
def test_a_creditor_has_the_next_version_of_itself_and_a_counsellor_when_it_says_so(
    roles: str, listed: str, active: list[str]
) -> None:
    text = COUNSELLOR_YAML.replace('["1.1", "2.0"]', listed).replace("shv-fase-2", roles)
    found = read_configuration({**FILES, "counsellor.yaml": text}, catalogue=SHIPPED, load=load)
    (who,) = (each for each in found.organisations if each.file == "counsellor.yaml")
    assert [each.told for each in who.modules["Schuldregeling"]] == active
