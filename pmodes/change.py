"""One thing that a change of the files changes, as a value; `pmodes.changes` finds them.

This module imports nothing of ours, for whoever only says what there is to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_NAMED: Final = 3  # of those whom one change is for


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A party, by what people call it from now on."""

    name: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that becomes different: for whom, by which key of a file, and a sentence that has them as its subject;
    `key` is empty for whoever comes or leaves.
    """

    who: tuple[Who, ...]
    key: str
    sentence: str

    def __str__(self) -> str:
        names = [each.name for each in self.who[:_NAMED]]
        if len(self.who) == 1:
            return f"{names[0]}: {self.sentence}"
        more = len(self.who) - len(names)
        told = f"{', '.join(names)} and {more} more" if more else f"{', '.join(names[:-1])} and {names[-1]}"
        return f"{told}, each: {self.sentence}"
