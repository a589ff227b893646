"""The one clock of a process: wall time as aware UTC, and a monotonic count of seconds. Passed in, never looked up.

Beside it what the machine knows of that clock: which start of the machine this is, and whether the kernel holds the
clock to be synchronised.
"""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Where a shell gets its time."""

    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return _since_boot()


@dataclass(slots=True)
class MovedClock:
    """The machine's clock with its wall time moved by an offset, which may be changed while it runs; monotonic time is
    that of the machine.
    """

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return _since_boot()


def _since_boot() -> float:
    """Seconds since the machine was started, those in which it was suspended too where the system counts them."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def boot_id() -> str | None:
    """What tells this start of the machine from every other, as long as monotonic time means something; None where the
    system does not say.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip() or None
    except (OSError, ValueError):
        return None


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2); only its room matters, for the answer is the value that the call returns."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_long * 63))


_UNSYNCHRONISED = 5  # TIME_ERROR


def kernel_synchronised() -> bool | None:
    """Whether the kernel holds the machine's clock to be synchronised; None where it does not say."""
    try:
        state: int = _system().adjtimex(ctypes.byref(_Timex()))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _UNSYNCHRONISED


@cache
def _system() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
