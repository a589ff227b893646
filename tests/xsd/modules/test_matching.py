"""Matchen and niet-matchen at the asking side: a line per asked claim, automatic zeros kept apart from true ones."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from xsd.generated.schuldregeling_2_0 import Saldoverzoek, SaldoverzoekAntwoord
from xsd.matching import ClaimOutcome, claim_lines, total
from xsd.samples import sample

QUESTION = Saldoverzoek.from_xml(sample("Schuldregeling", "2.0", "Saldoverzoek"))


def answer(variant: str | None = None) -> SaldoverzoekAntwoord:
    return SaldoverzoekAntwoord.from_xml(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord", variant=variant))


def test_matching_gives_each_asked_claim_its_own_outcome_and_adds_the_extra_ones() -> None:
    lines = claim_lines(QUESTION, answer())
    assert [(x.asked, x.outcome) for x in lines] == [
        ("F-2025-0001", ClaimOutcome.OPENSTAAND),
        ("F-2025-0002", ClaimOutcome.OVERGEDRAGEN),
        ("F-2025-0003", ClaimOutcome.ONBEKEND),
        (None, ClaimOutcome.OPENSTAAND),
    ]
    assert [x.amount for x in lines] == [Decimal("300.50"), None, None, Decimal("300.50")]
    assert not any(x.automatic for x in lines)


def test_the_lines_come_in_the_order_of_the_question_whatever_that_of_the_answer_is() -> None:
    given = answer()
    turned = dataclasses.replace(given, gematcht=given.gematcht[::-1])
    assert claim_lines(QUESTION, turned) == claim_lines(QUESTION, given)


def test_not_matching_makes_automatic_zeros_for_the_asked_claims_and_keeps_the_overview() -> None:
    lines = claim_lines(QUESTION, answer("niet-matchen"))
    assert [(x.asked, x.outcome, x.amount) for x in lines if x.automatic] == [
        (claim.factuurnummer_se_volgens_shv, ClaimOutcome.ONGEMATCHT, Decimal("0.00")) for claim in QUESTION.vorderingen
    ]
    assert [(x.reference, x.amount) for x in lines if not x.automatic] == [
        ("D-1", Decimal("300.50")), ("D-2", Decimal("12.00")),
    ]  # fmt: skip
    assert total(lines) == Decimal("312.50")


def test_not_matching_with_a_total_has_one_line_of_the_creditor() -> None:
    lines = claim_lines(QUESTION, answer("niet-matchen-totaal"))
    assert [x.amount for x in lines if not x.automatic] == [Decimal("300.50")]


def test_a_true_zero_is_not_automatic() -> None:
    given = answer()
    first = given.gematcht[0]
    assert first.openstaand is not None
    zero = dataclasses.replace(first, openstaand=dataclasses.replace(first.openstaand, actueel_bedrag=Decimal("0.00")))
    lines = claim_lines(QUESTION, dataclasses.replace(given, gematcht=(zero, *given.gematcht[1:])))
    assert (lines[0].amount, lines[0].automatic, lines[0].outcome) == (Decimal("0.00"), False, ClaimOutcome.OPENSTAAND)
