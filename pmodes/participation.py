"""In what an organisation takes part, since when and until when, and what it signed for that: values of its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Access: TypeAlias = Literal["system", "desk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveVersion:
    """One version of a module that is active for an organisation, from its first to its last day (days of
    `pmodes.term`; both count, None is without end). `of_itself` is one that no file names: it follows from an earlier
    version. `answer_working_days` is the organisation's own term for answering, None for the module's.
    """

    version: str
    begins: date | None = None
    ends: date | None = None
    answer_working_days: int | None = None
    of_itself: bool = False

    def is_active(self, day: date) -> bool:
        """Whether it is active on that day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)

    @property
    def told(self) -> str:
        """The version with its days, for people."""
        begins = "" if self.begins is None else f" from {self.begins.isoformat()}"
        ends = "" if self.ends is None else f" until {self.ends.isoformat()}"
        return f"{self.version}{begins}{ends}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOf:
    """The organisation to which a business unit belongs."""

    name: str
    party_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreements:
    """When an organisation signed to be connected (aansluitovereenkomst) and the terms of processing personal data
    (verwerkersovereenkomst); None while it did not.
    """

    connection: date | None = None
    processing: date | None = None
