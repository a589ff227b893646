"""What the use cases ask of the hub's own time: what it is, whether it is suspect, who vouches for it, which time
decides terms.

The answers come from `gateway.jobs.time_guard`; what follows from them for one message is
`gateway.msh.steps.freshness`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gateway.clock import Clock


class Timekeeping(Clock, Protocol):
    """One clock under watch. It tells its time whatever is thought of it; `look` compares, and everything else answers
    from what was seen last.
    """

    @property
    def suspect(self) -> bool:
        """Whether the time may be wrong; ends only when the operator confirms it."""

    @property
    def grounds(self) -> tuple[str, ...]:
        """Why it is suspect, by the names of the table of grounds."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The same in words."""

    def look(self) -> bool:
        """Hold the clock against everything that is known of it; returns `suspect` afterwards."""

    def confirm(self) -> None:
        """The operator says that the time is right as it is."""

    async def remembered(self) -> None:
        """Come back when what was seen and said until now will be known after a restart, too, or could not be kept."""

    async def aclose(self) -> None:
        """Let go of what the watch holds."""

    def vouched_for(self, *, against: str) -> bool:
        """Whether the time is held to be right against what one organisation's messages say of it: by the operator, or
        by two other organisations within the last hour.
        """

    def pulse(self) -> None:
        """The process runs; said about once a second, so that a gap tells that it stood still."""

    def waited_seconds(self) -> float:
        """How long what is read now may have lain here because the process stood still; 0 while it runs as ever."""

    def heard(self, organisation: str, seconds_ahead: float) -> None:
        """An organisation signed, in a message that is no repetition, that its clock runs so far ahead of ours."""

    def for_terms(self) -> datetime:
        """The time by which a message is past its term: now, or the last that was trusted."""

    def for_promises(self) -> datetime:
        """The time from which a term is counted: now, but never before the latest that was trusted."""
