"""The machine that figures were measured on, and how busy others kept it meanwhile."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path

QUIET_CORES = 0.1  # more than that in other hands, and a figure is not for publishing
_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq of /proc/stat
_STOLEN = 7  # by other guests of the same host
_CPUCLOCK_SCHED = 2


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0],
    }


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far: all its threads, those that have ended too, as the scheduler counts it."""
    # The clock of another process, as clock_getcpuclockid(3) makes its number.
    return time.clock_gettime(~pid << 3 | _CPUCLOCK_SCHED)


class Load:
    """How many cores others took since it was made: all that ran, less this process and those given."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = tuple(pids)
        self._started = time.perf_counter()
        self._all, self._ours = _all_seconds(), self._our_seconds()

    def others_cores(self) -> float:
        """On average; what belongs to nobody here, as the host's other guests, counts as others."""
        wall = time.perf_counter() - self._started
        used = _all_seconds() - self._all - (self._our_seconds() - self._ours)
        return max(0.0, used / wall)

    def _our_seconds(self) -> float:
        return time.process_time() + sum(cpu_seconds(pid) for pid in self._pids)


def _all_seconds() -> float:
    return busy_seconds(Path("/proc/stat").read_text(), os.sysconf("SC_CLK_TCK"))


def busy_seconds(stat: str, ticks_per_second: int) -> float:
    """CPU time that was not idle, of all cores since the start of the machine; `stat` is the text of /proc/stat."""
    fields = [int(each) for each in stat.partition("\n")[0].split()[1:]]
    return sum(fields[place] for place in (*_BUSY, _STOLEN)) / ticks_per_second
