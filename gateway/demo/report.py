"""What the demo found: one line per fact, each with what was expected, so that a reader can disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the run."""

    what: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether what was found is what was expected."""
        return self.expected == self.found


@dataclass(slots=True)
class Report:
    """All facts of one run, told as they come."""

    tell: Callable[[str], None]
    facts: list[Fact] = field(default_factory=list)

    def fact(self, what: str, *, expected: object, found: object) -> None:
        """Note a fact."""
        fact = Fact(what=what, expected=str(expected), found=str(found))
        self.facts.append(fact)
        if not fact.holds:
            self.tell(f"NOT as expected: {what}: {found} instead of {expected}")

    @property
    def holds(self) -> bool:
        """Whether everything was as expected, and there was something to expect."""
        return bool(self.facts) and all(fact.holds for fact in self.facts)
