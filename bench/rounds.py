"""Rounds that alternate, and what may be said of them: of every figure the median, and how far the rounds lie apart.

A machine that others use too grows slower and faster while it is measured. So whatever is compared is measured in
turns, and a ratio is made of the two halves of one round before anything is taken over all of them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure of several rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one; of an even number the mean of the two in the middle."""
        return statistics.median(self.rounds)

    @property
    def least(self) -> float:
        """The lowest."""
        return min(self.rounds)

    @property
    def most(self) -> float:
        """The highest."""
        return max(self.rounds)

    def facts(self) -> dict[str, object]:
        """For a document of results."""
        return {"median": self.median, "least": self.least, "most": self.most, "rounds": list(self.rounds)}

    def text(self, decimals: int) -> str:
        """Median and spread, for people."""
        return f"{self.median:.{decimals}f} ({self.least:.{decimals}f} to {self.most:.{decimals}f})"


def ratio(of: Sequence[float], to: Sequence[float]) -> Spread:
    """How many times the second the first is, round by round."""
    return Spread(tuple(one / other for one, other in zip(of, to, strict=True)))


def in_turns(ones: Sequence[T], slices: Sequence[int], round_number: int) -> Iterator[tuple[T, int]]:
    """Each of them with each slice: there and back again, so that nobody is always first and a steady drift of the
    machine weighs on all alike; every other round begins from the other end.
    """
    for number, size in enumerate(slices):
        for each in ones if (number + round_number) % 2 == 0 else reversed(ones):
            yield each, size
