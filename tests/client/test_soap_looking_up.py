"""A system asks who takes part, of the address book that its participant keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.directory.books import GOOD, entry
from support.keys.pki import PARTIES

from gateway.client.soap.looking_up import look_up
from gateway.client.soap.values import MOST_AT_ONCE, LookUp

BUREAU = "00000099000000009000"
BOOK = replace(GOOD.book, entries=(entry("counsellor"), entry("creditor", acts_for=(BUREAU,))))
BOTH = ["counsellor", "creditor"]
NAME = PARTIES["creditor"][1]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (LookUp(), BOTH),
        (LookUp(party=PARTIES["creditor"][0]), ["creditor"]),
        (LookUp(party=BUREAU), ["creditor"]),
        (LookUp(party="00000099000000009999"), []),
        (LookUp(name=NAME[1:4].upper()), ["creditor"]),
        (LookUp(name="nobody of that name"), []),
        (LookUp(role="shv-fase-2"), ["counsellor"]),
        (LookUp(role="shv-fase-2", name=NAME), []),
    ],
    ids=str,
)
def test_parties_are_found_by_all_that_is_asked(asked: LookUp, found: list[str]) -> None:
    assert [each.party for each in look_up(asked, BOOK)] == [PARTIES[name][0] for name in found]


def test_a_large_book_is_not_given_whole() -> None:
    assert len(look_up(LookUp(), replace(BOOK, entries=BOOK.entries * MOST_AT_ONCE))) == MOST_AT_ONCE
