"""Whether the time can be trusted: an error of the clock must not empty mailboxes.

Wall time is held against the monotonic clock while the hub runs, and against a mark on the disk when it starts. While
the time is suspect nothing expires and nothing is purged; messages are taken and given as ever. It ends after a quarter
of an hour of agreement, or when an operator says that the time is right (`knooppunt store confirm-time`). After a stop
only the operator can say that a gap of more than a week is real.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.clock import Clock

DRIFT = timedelta(seconds=30)
BACKWARD = timedelta(seconds=5)
LONGEST_STOP = timedelta(days=7)
AGREEMENT_SECONDS = 15 * 60.0


class TimeGuard:
    """Watches one clock; `mark` is the file that remembers the latest time seen, None for a hub that remembers
    nothing.
    """

    def __init__(self, clock: Clock, mark: Path | None = None) -> None:
        self._clock = clock
        self._mark = mark
        self._wall: datetime = clock.now()
        self._monotonic = clock.monotonic()
        self._suspect_since: float | None = None
        self._after_stop = False
        remembered = self._remembered()
        if remembered is not None and not remembered - BACKWARD <= self._wall <= remembered + LONGEST_STOP:
            self._suspect_since, self._after_stop = self._monotonic, True

    @property
    def suspect(self) -> bool:
        """Whether the time went where it should not."""
        return self._suspect_since is not None

    def look(self) -> bool:
        """Compare the clocks once, and remember the time if it can be trusted; returns `suspect` afterwards."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        drift = (wall - self._wall) - timedelta(seconds=monotonic - self._monotonic)
        if drift > DRIFT or drift < -BACKWARD:
            self._suspect_since = monotonic
        elif (
            self._suspect_since is not None
            and not self._after_stop
            and monotonic - self._suspect_since >= AGREEMENT_SECONDS
        ):
            self._suspect_since = None
        self._wall, self._monotonic = wall, monotonic
        if not self.suspect:
            self._remember(wall)
        return self.suspect

    def confirm(self) -> None:
        """An operator says that the time is right as it is."""
        self._suspect_since, self._after_stop = None, False
        self._wall, self._monotonic = self._clock.now(), self._clock.monotonic()
        self._remember(self._wall)

    def _remembered(self) -> datetime | None:
        if self._mark is None:
            return None
        try:
            return datetime.fromisoformat(self._mark.read_text("ascii").strip()).astimezone(UTC)
        except (OSError, ValueError):
            return None

    def _remember(self, wall: datetime) -> None:
        """A mark that is lost costs only the comparison at the next start, so a full disk is no reason to stop."""
        if self._mark is None:
            return
        new = self._mark.with_suffix(".new")
        with suppress(OSError):
            new.write_text(wall.isoformat(), "ascii")
            os.replace(new, self._mark)
