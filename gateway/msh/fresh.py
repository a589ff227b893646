"""What is drawn anew for everything that the hub writes: ids that nobody had before, and octets at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Where ids and random octets come from."""

    id: Callable[[], str]  # id@host, for messages and parts
    reference: Callable[[], str]  # a UUID, for what the hub writes of its own accord
    octets: Callable[[int], bytes]
