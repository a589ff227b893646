"""What the address book says of the P-Mode files, and what it keeps to itself."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime, timedelta

import pytest
from support.configuration.pmode_files import COUNSELLOR, COUNSELLOR_YAML, CREDITOR_YAML, UNIT, read, the_complaint

from gateway.directory.model import Entry, ListedVersion
from pmodes.configuration import Configuration
from pmodes.directory import entries_of, told_of

AT = datetime(2026, 7, 30, 10, tzinfo=UTC)


def entry_of(configuration: Configuration, party: str, at: datetime = AT) -> Entry:
    (found,) = [each for each in entries_of(configuration, at) if each.party == party]
    return found


def test_everybody_stands_in_it_by_party_id_with_what_the_files_say() -> None:
    found = entries_of(read(), AT)
    assert [each.party for each in found] == sorted(each.party for each in found)
    one = entry_of(read(), COUNSELLOR)
    assert (one.name, one.roles, one.acts_for) == ("Gemeente Testdrecht", ("shv-fase-2",), ("00000099000000007000",))
    assert [(each.module, each.version) for each in one.versions] == [
        ("Schuldregeling", "1.1"),
        ("Schuldregeling", "2.0"),
    ]
    unit = entry_of(read(), UNIT)
    assert (unit.unit_of, unit.establishment) == (("Incasso Proef", UNIT.partition(":")[0]), "000000000011")


def test_a_module_version_stands_in_it_with_its_days_until_its_last_day_is_over() -> None:
    text = CREDITOR_YAML.replace('["2.0"]', '[{version: "2.0", from: 2026-01-01, until: 2026-07-30}]')
    configuration = read(creditor=text)
    party = text.split('party: "')[1][:20]
    days = ListedVersion(module="Schuldregeling", version="2.0", begins=date(2026, 1, 1), ends=date(2026, 7, 30))
    assert entry_of(configuration, party).versions == (days,)
    assert entry_of(configuration, party, datetime(2026, 7, 30, 22, tzinfo=UTC)).versions == ()  # midnight is over


def test_certificates_stand_in_it_now_and_next_with_their_terms_and_not_when_they_ended() -> None:
    text = CREDITOR_YAML.replace(
        "certificates/creditor-signing.pem", "{file: certificates/creditor-signing.pem, until: 2027-03-01}"
    )
    configuration = read(creditor=text)
    party = text.split('party: "')[1][:20]
    now, later = entry_of(configuration, party).certificates_for("signing")
    assert (now.ends_at, later.begins_at) == (
        datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    (only,) = entry_of(configuration, party, datetime(2027, 6, 1, tzinfo=UTC)).certificates_for("signing")
    assert only == later


def test_nobody_learns_from_it_who_is_suspended_or_what_concerns_the_hub_alone() -> None:
    plain = entry_of(read(), COUNSELLOR)
    more = f"{COUNSELLOR_YAML}suspended: true\naddresses: [10.0.0.0/8]\nlisted: false\nlanguage: en\n"
    assert entry_of(read(counsellor=more), COUNSELLOR) == plain


@pytest.mark.parametrize(("key", "found"), [("collectief: true", True), ("collectief: false", False)])
def test_collectief_stands_in_it(key: str, found: bool) -> None:
    assert entry_of(read(counsellor=f"{COUNSELLOR_YAML}{key}\n"), COUNSELLOR).collectief is found


def test_an_endorsement_goes_with_its_certificate() -> None:
    said = b64encode(b"octets of a signature").decode()
    text = COUNSELLOR_YAML.replace(
        "certificates/counsellor-signing.pem", f'{{file: certificates/counsellor-signing.pem, endorsement: "{said}"}}'
    )
    (found,) = entry_of(read(counsellor=text), COUNSELLOR).certificates_for("signing")
    assert found.endorsement == b"octets of a signature"


@pytest.mark.parametrize("written", ["%", '""', f'"{b64encode(bytes(1025)).decode()}"'])
def test_an_endorsement_that_cannot_be_one_is_complained_of(written: str) -> None:
    text = COUNSELLOR_YAML.replace(
        "certificates/counsellor-signing.pem",
        f"{{file: certificates/counsellor-signing.pem, endorsement: {written if written != '%' else 'abc'}}}",
    )
    assert "signature in base64" in the_complaint(counsellor=text)


def test_the_public_hears_of_nobody_who_is_left_out_not_even_as_the_organisation_of_a_unit() -> None:
    configuration = read(creditor=f"{CREDITOR_YAML}listed: false\n")
    found = entries_of(configuration, AT, public=True)
    assert [each.party for each in found] == [COUNSELLOR, UNIT]
    assert found[1].unit_of is None
    assert not any(each.certificates for each in found)
    assert len(entries_of(configuration, AT)) == 3


def test_of_an_organisation_that_stayed_the_entry_is_the_one_of_before() -> None:
    configuration = read()
    before = told_of(configuration, AT)
    again = told_of(configuration, AT + timedelta(days=3), before)
    assert [each.entry for each in again.values()] == list(entries_of(configuration, AT + timedelta(days=3)))
    assert all(one.entry is other.entry for one, other in zip(before.values(), again.values(), strict=True))


def test_of_an_organisation_that_changed_the_entry_is_a_new_one() -> None:
    before, now = told_of(read(), AT), read(counsellor=f"{COUNSELLOR_YAML}collectief: true\n")
    again = told_of(now, AT, before)
    assert [each.entry for each in again.values()] == list(entries_of(now, AT))
    assert again[COUNSELLOR].entry.collectief


@pytest.mark.parametrize("days", [-1, 0, 1, 215, 400, 4000])
def test_what_has_ended_or_begun_to_be_told_since_is_not_taken_from_before(days: int) -> None:
    text = CREDITOR_YAML.replace('["2.0"]', '[{version: "2.0", from: 2026-01-01, until: 2026-07-30}]')
    configuration = read(
        creditor=text.replace(
            "certificates/creditor-signing.pem", "{file: certificates/creditor-signing.pem, until: 2027-03-01}"
        )
    )
    at = AT + timedelta(days=days)
    found = told_of(configuration, at, told_of(configuration, AT))
    assert tuple(each.entry for each in found.values()) == entries_of(configuration, at)
