"""When a message is sent again: the schedule of reception awareness as values (AS4 3.2).

Pure: how many retries were made, how long ago the first attempt was and what the hub asked for come in, seconds come
out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Pauses grow by `factor` from the first to the longest; it ends after `retries`, or when `span_seconds` are over.

    The default is the advice of the hub: first after a minute, doubling to an hour, for a day.
    """

    first_seconds: float = 60.0
    factor: float = 2.0
    longest_seconds: float = 3600.0
    span_seconds: float = 86_400.0
    retries: int | None = None
    shortest_seconds: float = 1.0  # the least pause after a wish of the hub; it grows by `factor` like any other
    jitter: float = (
        0.1  # a pause is longer by at most this share, below the longest, so that senders do not come back all at once
    )

    def pause_seconds(
        self, *, retries_made: int, elapsed_seconds: float, retry_after_seconds: float | None, chance: float
    ) -> float | None:
        """How long to wait before the next retry, or None when there is to be none.

        `chance` lies in 0..1. What the hub asks for with Retry-After comes in the place of the schedule's own pause,
        within bounds, because nothing signed that header: up to the longest pause, and never so short or so often that
        a hub that says 0 each time is asked without end.
        """
        if self.retries is not None and retries_made >= self.retries:
            return None
        # The exponent is bounded because a float overflows where the longest pause was reached long before.
        growth = self.factor ** min(retries_made, 64)
        pause = self.first_seconds * growth
        if retry_after_seconds is not None:
            pause = max(retry_after_seconds, self.shortest_seconds * growth)
        pause = min(pause * (1 + self.jitter * chance), self.longest_seconds)
        return None if elapsed_seconds + pause > self.span_seconds else pause


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """How often an empty mailbox is asked again: pauses double from `shortest_seconds` to `longest_seconds` (P31)."""

    shortest_seconds: float = 10.0
    longest_seconds: float = 300.0
    jitter: float = 0.1

    def pause_seconds(self, *, empty_in_a_row: int, chance: float) -> float:
        """How long to wait after that many pulls without a message, one or more."""
        pause = min(self.shortest_seconds * 2.0 ** min(empty_in_a_row - 1, 64), self.longest_seconds)
        return pause * (1 + self.jitter * chance)
