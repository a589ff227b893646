"""What is told of two issues of the address book, by party."""

from __future__ import annotations

from datetime import date

import pytest
from support.directory.books import book, entry, listed

from gateway.directory.changes import changes
from gateway.directory.model import Entry, ListedVersion

BEFORE = entry("counsellor")
AFTER_2027 = ListedVersion(module="Schuldregeling", version="2.1", begins=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("now", "sentences"),
    [
        (BEFORE, []),
        (None, ["takes part no more"]),
        (entry("counsellor", name="Anders"), ["was called Gemeente Testdrecht Schuldhulp"]),
        (entry("counsellor", collectief=True), ["takes part in Collectief Schuldregelen"]),
        (entry("counsellor", access="desk"), ["works with the hub by desk, and did by system"]),
        (entry("counsellor", roles=("bewindvoerder",)), ["has the roles bewindvoerder, and had shv-fase-2"]),
        (entry("counsellor", acts_for=("1",)), ["has other party ids or numbers, is a unit of another organisation, or"
                                                " acts for others"]),
        (
            entry("counsellor", versions=(AFTER_2027,)),
            ["has Schuldregeling 2.0 no more", "has Schuldregeling 2.1 from 2027-01-01"],
        ),
    ],
)  # fmt: skip
def test_each_difference_is_a_sentence(now: Entry | None, sentences: list[str]) -> None:
    found = changes(book(BEFORE).book, book(*([] if now is None else [now])).book)
    assert [each.sentence for each in found] == sentences
    assert {each.party for each in found} <= {BEFORE.party}


def test_a_certificate_in_the_place_of_another_is_told_by_its_fingerprint() -> None:
    now = entry("counsellor", listed("counsellor", "next"), listed("counsellor", usage="encryption"))
    found = [each.sentence for each in changes(book(BEFORE).book, book(now).book)]
    assert [each.partition(" for ")[0] for each in found] == [
        "has another certificate",
        "has no more the certificate",
    ]


def test_without_an_issue_before_everybody_is_new() -> None:
    found = changes(None, book(BEFORE, entry("creditor")).book)
    assert [each.sentence for each in found] == ["is new", "is new"]
