"""What the address book foretells of a message: a table of what a hub would refuse, and what it says to do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from support.directory.books import book, entry
from support.hubs.hub import catalogue
from support.keys.pki import NOW, PARTIES

from gateway.directory.counterparts import PRE_AGREEMENT, foreseen, warnings
from gateway.directory.model import Entry, ListedVersion

SENDER, RECEIVER = PARTIES["counsellor"][0], PARTIES["creditor"][0]
DAY = date(2026, 3, 4)
COUNSELLOR, CREDITOR = entry("counsellor"), entry("creditor")


def version(begins: date | None = None, ends: date | None = None, number: str = "2.0") -> tuple[ListedVersion, ...]:
    return (ListedVersion(module="Schuldregeling", version=number, begins=begins, ends=ends),)


def said(*entries: Entry, name: str = "Saldoverzoek", receiver: str = RECEIVER, later: timedelta = timedelta()) -> str:
    kind = catalogue().message("Schuldregeling", "2.0", name)
    assert kind is not None
    found = foreseen(book(*entries).book, kind, sender=SENDER, receiver=receiver, day=DAY, at=NOW + later)
    return "" if found is None else found.sentence


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((COUNSELLOR, CREDITOR), ""),
        ((CREDITOR,), ""),
        ((COUNSELLOR,), f"{RECEIVER} is not in the address book of the hub"),
        ((COUNSELLOR, entry("creditor", versions=version(number="1.1"))),
         f"Schuldregeling 2.0 is not active for Incassobureau Proef B.V. ({RECEIVER}) on 2026-03-04: it has"
         " Schuldregeling 1.1"),
        ((COUNSELLOR, entry("creditor", versions=version(date(2026, 3, 5)))),
         f"Schuldregeling 2.0 is not active for Incassobureau Proef B.V. ({RECEIVER}) on 2026-03-04: it has"
         " Schuldregeling 2.0 from 2026-03-05"),
        ((COUNSELLOR, entry("creditor", versions=version(date(2026, 3, 4), date(2026, 3, 4)))), ""),
        ((COUNSELLOR, entry("creditor", versions=())),
         f"Schuldregeling 2.0 is not active for Incassobureau Proef B.V. ({RECEIVER}) on 2026-03-04: it has no version"
         " of Schuldregeling"),
        ((COUNSELLOR, entry("creditor", roles=("shv-fase-2",))),
         f"Incassobureau Proef B.V. ({RECEIVER}) is shv-fase-2, and receives no Saldoverzoek"),
        ((entry("counsellor", versions=()), CREDITOR),
         f"Schuldregeling 2.0 is not active for you ({SENDER}) on 2026-03-04"),
        ((entry("counsellor", versions=version(ends=date(2026, 3, 3))), CREDITOR),
         f"Schuldregeling 2.0 is not active for you ({SENDER}) on 2026-03-04, but Schuldregeling 2.0 until 2026-03-03"),
        ((entry("counsellor", roles=("schuldeiser",)), CREDITOR),
         f"you ({SENDER}) are schuldeiser, and send no Saldoverzoek"),
    ],
)  # fmt: skip
def test_what_the_hub_would_refuse_is_said_in_a_sentence(entries: tuple[Entry, ...], expected: str) -> None:
    assert said(*entries) == expected


def test_a_party_for_whom_another_acts_is_found_by_that_other() -> None:
    ward = "00000099000000007000"
    assert said(COUNSELLOR, entry("creditor", acts_for=(ward,)), receiver=ward) == ""


def test_a_book_past_its_date_foretells_nothing() -> None:
    assert said(COUNSELLOR, later=timedelta(days=7) - timedelta(seconds=1)) != ""
    assert said(COUNSELLOR, later=timedelta(days=7)) == ""


def test_the_question_for_the_book_itself_is_never_held_back() -> None:
    kind = catalogue().message("Knooppunt", "1.1", "AdresboekVerzoek")
    assert kind is not None
    assert foreseen(book().book, kind, sender=SENDER, receiver=PARTIES["hub"][0], day=DAY, at=NOW) is None


@pytest.mark.parametrize(
    ("name", "collectief", "later", "warned"),
    [
        (PRE_AGREEMENT, False, timedelta(), True),
        (PRE_AGREEMENT, True, timedelta(), False),
        ("SaldoverzoekAntwoord", False, timedelta(), False),
        (PRE_AGREEMENT, False, timedelta(days=7), False),
    ],
)
def test_a_pre_agreement_to_a_counsellor_outside_collectief_is_warned_of(
    name: str, collectief: bool, later: timedelta, warned: bool
) -> None:
    kind = catalogue().message("Schuldregeling", "2.0", name)
    assert kind is not None
    made = book(entry("counsellor", collectief=collectief), CREDITOR).book
    assert bool(warnings(made, kind, receiver=SENDER, at=NOW + later)) is warned
