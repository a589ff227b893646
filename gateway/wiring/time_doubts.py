"""What speaks against the time of a hub, in the same words at its start, for a check before that, and for a look."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.clock import SystemClock
from gateway.settings import Settings
from gateway.wiring.opening import time_guard


def against_time(settings: Settings, *, asks_kernel: bool, used: bool) -> tuple[str, ...]:
    """Why a hub that started now, on a store that was used before or not, would doubt the clock of this machine, in
    words; whether it asks the kernel its P-Modes say. Changes nothing.
    """
    return time_guard(settings, SystemClock(), asks_kernel=asks_kernel, used=used).reasons


def said_of_time(reasons: Sequence[str]) -> str | None:
    """One line for a time that is suspect, with what ends that."""
    if not reasons:
        return None
    return (
        f"the time is suspect: {'; '.join(reasons)}. Look at the machine's clock, and when it is right say so to the"
        " hub while it runs: knooppunt store confirm-time --hub SETTINGS"
    )
