"""Matchen and niet-matchen: what an answer says about each claim that was asked for.

Since version 2.0 a creditor that does not match gives its own overview or one total, and no zero amounts. The asking
side still wants a line for each claim it asked about: those lines are made here, marked as automatic, so that a true
zero keeps its meaning. Runs at the participant's edge; the hub reads no content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from xsd.generated.common_2_0 import GematchteVordering, OngematchteSchulden, OpenstaandeVordering, Schuldtype


class ClaimOutcome(StrEnum):
    """What became of one claim."""

    OPENSTAAND = "OPENSTAAND"
    OVERGEDRAGEN = "OVERGEDRAGEN"
    ONBEKEND = "ONBEKEND"
    ONGEMATCHT = "ONGEMATCHT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One claim after reading. `asked` is the invoice number that was asked for, None for a claim the creditor added.
    `amount` is None where the creditor gives none; `automatic` marks a zero that nobody wrote."""

    asked: str | None
    outcome: ClaimOutcome
    reference: str | None
    amount: Decimal | None
    automatic: bool


class AskedClaim(Protocol):
    """A claim in a question."""

    @property
    def factuurnummer_se_volgens_shv(self) -> str:
        """The invoice number as the asking side knows it."""
        ...


class AskedClaims(Protocol):
    """A Saldoverzoek of any module."""

    @property
    def vorderingen(self) -> Sequence[AskedClaim]:
        """The claims asked for."""
        ...


class AnsweredClaims(Protocol):
    """A SaldoverzoekAntwoord or SaldoverzoekAntwoordVoorafAkkoord of generation 2.0, of any module."""

    @property
    def matchen(self) -> bool:
        """Whether the creditor matches."""
        ...

    @property
    def gematcht(self) -> Sequence[GematchteVordering]:
        """The answers to the claims asked for."""
        ...

    @property
    def extra_vorderingen(self) -> Sequence[OpenstaandeVordering]:
        """Claims not asked for."""
        ...

    @property
    def ongematchte_schulden(self) -> OngematchteSchulden | None:
        """The overview or the total."""
        ...


def claim_lines(question: AskedClaims, answer: AnsweredClaims) -> tuple[ClaimLine, ...]:
    """A line for every claim asked for, in the order of the question, then the creditor's own lines."""
    if answer.matchen:
        answered = {line.factuurnummer_se_volgens_shv: line for line in answer.gematcht}
        asked = [_matched(answered[claim.factuurnummer_se_volgens_shv]) for claim in question.vorderingen
                 if claim.factuurnummer_se_volgens_shv in answered]  # fmt: skip
        return (*asked, *(_open(None, claim) for claim in answer.extra_vorderingen))
    automatic = [
        ClaimLine(
            asked=claim.factuurnummer_se_volgens_shv, outcome=ClaimOutcome.ONGEMATCHT, reference=None,
            amount=Decimal("0.00"), automatic=True,
        )
        for claim in question.vorderingen
    ]  # fmt: skip
    return (*automatic, *_unmatched(answer.ongematchte_schulden))


def total(lines: Sequence[ClaimLine]) -> Decimal:
    """The sum of the amounts that the creditor gave."""
    return sum((line.amount for line in lines if line.amount is not None), Decimal("0.00"))


def _matched(line: GematchteVordering) -> ClaimLine:
    asked = line.factuurnummer_se_volgens_shv
    if line.schuldtype is Schuldtype.OPENSTAAND and line.openstaand is not None:
        return _open(asked, line.openstaand)
    reference = None if line.overgedragen is None else line.overgedragen.referentie
    outcome = ClaimOutcome(line.schuldtype)
    return ClaimLine(asked=asked, outcome=outcome, reference=reference, amount=None, automatic=False)


def _open(asked: str | None, claim: OpenstaandeVordering) -> ClaimLine:
    return ClaimLine(
        asked=asked, outcome=ClaimOutcome.OPENSTAAND, reference=claim.factuurnummer_se, amount=claim.actueel_bedrag,
        automatic=False,
    )  # fmt: skip


def _unmatched(debts: OngematchteSchulden | None) -> list[ClaimLine]:
    if debts is None:
        return []
    own = [(debt.kenmerk, debt.bedrag) for debt in debts.openstaande_schulden]
    if debts.totaalvordering is not None:
        own.append((debts.totaalvordering.kenmerk, debts.totaalvordering.bedrag))
    return [
        ClaimLine(asked=None, outcome=ClaimOutcome.OPENSTAAND, reference=reference, amount=amount, automatic=False)
        for reference, amount in own
    ]
