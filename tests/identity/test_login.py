"""The values of a login."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from gateway.identity.login import Level, Login, LoginKind, OrganisationNumber, OrganisationNumberKind

ORDER = (Level.LOA1, Level.LOA2, Level.LOA2PLUS, Level.LOA3, Level.LOA4)


def test_levels_have_the_order_of_their_table_and_none_as_texts() -> None:
    assert set(ORDER) == set(Level)
    for lower, higher in pairwise(ORDER):
        assert higher.reaches(lower)
        assert not lower.reaches(higher)
        with pytest.raises(TypeError):
            assert lower < higher  # type: ignore[operator]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("KVK", "1234567"), ("KVK", "123456789"), ("KVK", "1234567\u0664"), ("KVK", " 2345678"), ("RSIN", "12345678")],
)
def test_a_number_of_another_form_is_no_organisations(kind: OrganisationNumberKind, value: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        OrganisationNumber(kind=kind, value=value)


def test_a_person_is_another_one_for_another_organisation_or_issuer() -> None:
    def login(issuer: str, number: str) -> Login:
        return Login(
            kind=LoginKind.USER,
            issuer=issuer,
            organisation=OrganisationNumber(kind="KVK", value=number),
            pseudonym="p",
            level=Level.LOA3,
            at=datetime(2026, 12, 1, tzinfo=UTC),
        )

    persons = {login(issuer, number).person for issuer in "ab" for number in ("12345678", "87654321")}
    assert len(persons) == 4
    assert login("a", "12345678").person in persons
