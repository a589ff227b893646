"""How long certificates last: what is warned of, and what is told every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from support.configuration.pmode_files import COUNSELLOR, CREDITOR, CREDITOR_YAML, HUB_YAML, configuration, read

from pmodes.participation import ActiveVersion
from pmodes.reminders import reminders
from pmodes.term import expires_at
from pmodes.validity import NOTICE, Listed, Use, concerns, ending, in_question, listed, listed_of, longest_term, reach

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
NEEDED = NOW + timedelta(days=40)
Days = tuple[float, float]


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(begins: float, ends: float) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=begins))
        .not_valid_after(NOW + timedelta(days=ends))
        .sign(_key(), hashes.SHA256())
    )


def group(*validity: Days, use: Use = "signing", party: str = "1") -> list[Listed]:
    """Certificates of one owner, by the days from now at which they begin and end."""
    return [
        Listed(owner="Energie", party=party, place=f"energie.yaml: {use}[{n}]", use=use, certificate=certificate(*each))
        for n, each in enumerate(validity)
    ]


@pytest.mark.parametrize(
    ("validity", "said"),
    [
        (((-10, 100),), {}),
        (((-10, 40),), {}),
        (((-10, 39.9),), {0: "ends on 2026-04-11, in 39 days, and a message may wait until 2026-04-11"}),
        (((-10, 5),), {0: "ends on 2026-03-07, in 5 days"}),
        (((-10, 0),), {0: "in less than a day"}),
        (((-10, -0.1),), {0: "has ended, on 2026-03-02; nothing that it signs is taken until a new one is there"}),
        (((-400, -30),), {0: "has ended, on 2026-01-31"}),
        (((1, 100),), {0: "is not valid before 2026-03-03 10:00:00Z; nothing that it signs is taken until then"}),
        (((-10, 5), (-1, 400)), {}),
        (((-10, 5), (3, 400)), {}),
        (((-10, 5), (5, 400)), {}),
        (((-10, 5), (6, 400)), {0: "ends on 2026-03-07", 1: "begins on 2026-03-08, when the one before it has ended"}),
        (((-10, 5), (4, 30)), {1: "ends on 2026-04-01, in 30 days"}),
        (((-400, -30), (-31, 400)), {0: "has ended, on 2026-01-31; take it out"}),
        (((-400, -30), (20, 400)), {0: "until a new one is there", 1: "is not valid before 2026-03-22"}),
    ],
)
def test_certificates_of_one_owner_and_use_are_judged_by_how_far_they_reach_together(
    validity: tuple[Days, ...], said: dict[int, str]
) -> None:
    found = {each.place: each.sentence for each in concerns(group(*validity), NOW, needed_until=NEEDED)}
    assert found.keys() == {f"energie.yaml: signing[{n}]" for n in said}
    for n, sentence in said.items():
        assert sentence in found[f"energie.yaml: signing[{n}]"]


@pytest.mark.parametrize(
    ("validity", "warned"),
    [
        (((-10, 400), (-1, 2)), {1: "ends on 2026-03-04, in 2 days, within the longest term of a message"}),
        (((-1, 2), (-10, 400)), {0: "afterwards to energie.yaml: encryption[1] again, which lasts longer"}),
        (((-10, 400), (5, 30)), {1: "everything is encrypted to it, for it began last"}),
        (((-10, 400), (-1, 40)), {}),  # it lasts as long as a message
        (((-10, 400), (-1, 2), (1, 500)), {}),  # a newer one takes over
        (((-10, 2), (-1, 400)), {}),  # it is not encrypted to any more
        (((-10, 400), (-5, 3), (-1, 500)), {}),  # nor is that one
        (((-10, 400), (-3, -1)), {1: "has ended, on 2026-03-01; take it out"}),
    ],
)
def test_an_encryption_certificate_that_ends_before_an_earlier_one_and_a_message_does_is_warned_of(
    validity: tuple[Days, ...], warned: dict[int, str]
) -> None:
    found = {
        each.place: each.sentence for each in concerns(group(*validity, use="encryption"), NOW, needed_until=NEEDED)
    }
    assert found.keys() == {f"energie.yaml: encryption[{n}]" for n in warned}
    assert [said for n, said in warned.items() if said not in found[f"energie.yaml: encryption[{n}]"]] == []
    assert concerns(group((-10, 400), (-1, 2)), NOW, needed_until=NEEDED) == ()  # what signs is held against all


def test_the_certificate_of_another_owner_or_use_is_no_successor() -> None:
    everything = [*group((-10, 5)), *group((-10, 400), use="encryption"), *group((-10, 400), party="2")]
    assert [each.place for each in concerns(everything, NOW, needed_until=NEEDED)] == ["energie.yaml: signing[0]"]


def test_the_certificate_of_another_listener_is_no_successor() -> None:
    everything = [
        Listed(owner="hub", party="1", place=place, use="tls", certificate=certificate(-10, days))
        for place, days in (("listen.tls_certificate", 5), ("portal.tls_certificate", 400))
    ]
    assert [each.place for each in concerns(everything, NOW, needed_until=NEEDED)] == ["listen.tls_certificate"]


@pytest.mark.parametrize(
    ("validity", "told"),
    [
        (((-10, 31),), []),
        (((-10, 30),), [30]),
        (((-10, 29.5),), [29]),
        (((-10, 0),), [0]),
        (((-10, -1),), [-1]),
        (((-10, -1), (-1, 100)), []),
        (((-10, 10), (-1, 100)), [10]),
        (((10, 20),), []),
    ],
)
def test_what_ends_within_a_month_is_told_every_day_and_what_ended_as_long_as_nothing_took_its_place(
    validity: tuple[Days, ...], told: list[int]
) -> None:
    assert [each.days_left(NOW) for each in ending(group(*validity), NOW)] == told


def test_both_ends_of_a_validity_count() -> None:
    (one,) = group((0, 1))
    assert [one.valid(NOW + timedelta(seconds=s)) for s in (-1, 0, 86_400, 86_401)] == [False, True, True, False]
    assert reach([one], NOW - timedelta(seconds=1)) is None


@pytest.mark.parametrize(("seconds_after", "days"), [(-1, 2), (0, 2), (1, 2), (2, 1)])
def test_certificates_follow_each_other_where_one_ends_in_the_second_before_the_next_begins(
    seconds_after: int, days: int
) -> None:
    """Both ends count, and a validity is told in whole seconds."""
    both = group((0, 1), (1 + seconds_after / 86_400, 2))
    assert both[1].begins_at - both[0].ends_at == timedelta(seconds=seconds_after)
    assert reach(both, NOW) == reach(both[::-1], NOW) == NOW + timedelta(days=days)


def test_every_certificate_of_the_files_is_listed_with_its_file_line_and_key() -> None:
    found = {each.place: each.party for each in listed(configuration())}
    assert found["creditor.yaml:7: certificates.signing[1]"] == CREDITOR
    assert found["counsellor.yaml:8: certificates.encryption[0]"] == COUNSELLOR
    assert found.keys() >= {"hub.yaml:5: certificates.signing[0]", "hub.yaml:6: certificates.encryption[0]"}
    assert len(found) == 2 + 2 + 3 + 2


def test_the_longest_term_is_that_of_the_mailbox_that_keeps_longest() -> None:
    assert longest_term(configuration(), NOW) == expires_at(NOW, working_days=5, extension_days=14)
    text = CREDITOR_YAML.replace("extension_days: 14", "extension_days: 28")
    assert longest_term(read(creditor=text), NOW) == expires_at(NOW, working_days=5, extension_days=28)
    closed = read(hub=f"{HUB_YAML}closing_days: [2026-03-03]\n")
    assert longest_term(closed, NOW) > longest_term(configuration(), NOW)


@pytest.mark.parametrize("year", [2019, 2026, 2027, 2039, 2041])
@pytest.mark.parametrize("days", [0, 40, 400, 6_000])
def test_of_organisations_that_are_not_in_question_there_is_nothing_to_say(year: int, days: int) -> None:
    read, at = configuration(), datetime(year, 12, 15, tzinfo=UTC)
    until = at + timedelta(days=days)
    in_all = listed_of(read.organisations)
    looked_until = max(until, at + NOTICE)
    assert concerns(listed_of(in_question(read, at, looked_until)), at, needed_until=until) == concerns(
        in_all, at, needed_until=until
    )
    assert ending(listed_of(in_question(read, at, at + NOTICE)), at) == ending(in_all, at)
    if (year, days) == (2027, 40):
        assert list(in_question(read, at, until)) == []


@pytest.mark.parametrize("use", ["signing", "encryption"])
@pytest.mark.parametrize("order", [1, -1])
def test_an_organisation_is_in_question_by_whichever_certificate_begins_last_or_ends_first(
    use: Use, order: Literal[1, -1]
) -> None:
    read = configuration()
    pair = (certificate(-10, 30), certificate(5, 300))[::order]
    certificates = {"signing_certificates": (), "encryption_certificates": (), f"{use}_certificates": pair}
    one = replace(read.by_party[CREDITOR], **certificates)
    assert (one.valid_since, one.valid_until) == (NOW + timedelta(days=5), NOW + timedelta(days=30))
    alone = replace(read, organisations=(one,))
    for at, until, is_in_question in ((5, 29, False), (5, 30, True), (4.9, 29, True)):
        found = list(in_question(alone, NOW + timedelta(days=at), NOW + timedelta(days=until)))
        assert found == ([one] if is_in_question else [])


def test_the_module_version_that_ends_first_is_reminded_of_beside_those_that_last() -> None:
    read = configuration()
    modules = {
        name: (ActiveVersion(version="1.0", ends=ends), ActiveVersion(version="2.0"))
        for name, ends in (("A", date(2026, 3, 9)), ("B", date(2031, 1, 1)), ("C", None))
    }
    one = replace(read.by_party[CREDITOR], modules=modules)
    assert one.modules_until == date(2026, 3, 9)
    (found,) = reminders(replace(read, organisations=(one,)), NOW)
    assert "A 1.0 ends on 2026-03-09" in found.sentence
