"""Whether the time can be trusted: an error of the clock must not empty mailboxes, nor refuse good messages for good.

Wall time is held against the monotonic clock; against a mark on the disk when the hub starts; against the kernel, where
it says whether the clock is synchronised; and against what participants sign. One bound holds for a hub that runs and
for one that was stopped while the machine ran: what the wall clock went away from the monotonic one, beyond the 500 ppm
that an oscillator may be off, is summed up. A machine that was started anew cannot tell how long it stood still: there
a gap of up to a week counts as a stop.

While the time is suspect nothing expires, nothing is purged or forgotten, and nobody is refused for good because of his
time; messages are taken and given as ever. Neither agreement nor a restart ends it: only an operator who looked at the
clock (`knooppunt store confirm-time`). One ground alone ends by itself: that the kernel did not say yet, since a start,
that its clock is synchronised. It is over when the kernel says so; nothing was trusted before.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.clock import Clock
from gateway.jobs.time_mark import TimeMark, TimeMarkUnreadable, read_mark, write_mark

OSCILLATOR = 500e-6  # how far off a crystal may run, and how fast a clock is slewed; more is no drift but a fault
AHEAD_SECONDS = 30.0  # what may be left of it before it is suspect: a leap second, a small correction
BEHIND_SECONDS = 5.0
LONGEST_STOP = timedelta(days=7)
APART_SECONDS = 5 * 60.0  # a participant's clock that differs by less agrees with ours
VOICES_AGAINST = 3
VOICES_FOR = 2
HEARD_SECONDS = 3600.0  # how long a participant's word counts
PULSE_SECONDS = 1.0  # between two signs that the process runs
STILL_SECONDS = 10.0  # without one it stood still: it was stopped, or its machine was
BACKLOG_SECONDS = 60.0  # how long after that what came meanwhile may still be read: handshake, envelope, some load
MARK_SECONDS = 60.0  # between two marks

PENDING = "not-yet-synchronised"
# Why the time is suspect, as the log says it.
GROUNDS = {
    "ahead": "the clock went ahead of the time that passed",
    "behind": "the clock went back, or behind the time that passed",
    "before-mark": "the clock shows an earlier time than before the stop",
    "long-stop": "the clock shows more than a week since the stop",
    "unreadable-mark": "the file that remembers the time is lost or cannot be read",
    "unsynchronised": "the kernel says that the clock is not synchronised any more",
    PENDING: "the kernel does not say yet that the clock is synchronised",
    "participants": "the clocks of three organisations agree on another time",
}


def said_of(grounds: Iterable[str]) -> str:
    """These grounds in words; one that another version of the hub found has only its name here."""
    return "; ".join(GROUNDS.get(each, f"another version of the hub found: {each}") for each in grounds)


@dataclass(frozen=True, slots=True)
class Excess:
    """By how many seconds the wall clock ran away from the monotonic one, beyond what an oscillator may do."""

    ahead: float = 0.0
    behind: float = 0.0

    def after(self, *, wall_seconds: float, passed_seconds: float) -> Excess:
        """The sum once that much more was seen."""
        drift, allowed = wall_seconds - passed_seconds, OSCILLATOR * max(passed_seconds, 0.0)
        return Excess(
            ahead=max(0.0, self.ahead + drift - allowed),
            behind=max(0.0, self.behind - drift - allowed),
        )

    @property
    def grounds(self) -> frozenset[str]:
        """What it is grounds for."""
        found = {"ahead"} if self.ahead > AHEAD_SECONDS else set()
        return frozenset(found | ({"behind"} if self.behind > BEHIND_SECONDS else set()))


class TimeGuard:
    """Watches one clock.

    `mark` is the file that remembers, None for a hub that remembers nothing, and `expected` tells that there has to be
    one; `boot` tells one start of the machine from another, None where nothing does; `synchronised` asks the kernel.
    `on_failure` is called when the mark could not be flushed, and the process has to end. With a `thread` the mark is
    written there, in the order of what was seen, and `on_failure` called there; without one, at once.
    """

    def __init__(
        self,
        clock: Clock,
        mark: Path | None = None,
        *,
        boot: str | None = None,
        expected: bool = False,
        synchronised: Callable[[], bool | None] = lambda: None,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        thread: Executor | None = None,
    ) -> None:
        self._thread = thread
        self._clock = clock
        self._path = mark
        self._boot = boot
        self._synchronised = synchronised
        self._on_failure = on_failure
        self._wall, self._seconds = clock.now(), clock.monotonic()
        self._trusted_at: datetime | None = self._wall
        self._excess = Excess()
        self._grounds: set[str] = set()
        self._unreadable = ""  # what is wrong with the mark
        self._confirmed = False
        self._was_synchronised = False
        self._unsynchronised_confirmed = False
        self._voices: dict[str, tuple[float, float]] = {}  # by organisation: seconds ahead of us, when we heard it
        self._overruled: set[str] = set()  # organisations against whom the operator spoke
        self._alive_at: float | None = None  # the last sign of it, once somebody gives such signs
        self._still: tuple[float, float] | None = None  # from when to when the process stood still last
        self._marked: TimeMark | None = None  # what was written
        self._wanted: TimeMark | None = None  # what is or will be; None where that failed
        self._recall(expected)
        self._ask_kernel()

    def now(self) -> datetime:
        """What the clock shows, right or wrong."""
        return self._clock.now()

    def monotonic(self) -> float:
        """As the clock counts."""
        return self._clock.monotonic()

    @property
    def suspect(self) -> bool:
        """Whether the time may be wrong."""
        return bool(self._grounds)

    @property
    def grounds(self) -> tuple[str, ...]:
        """Why."""
        return tuple(sorted(self._grounds))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words."""
        said = {"unreadable-mark": f" ({self._unreadable})"} if self._unreadable else {}
        return tuple(f"{said_of((each,))}{said.get(each, '')}" for each in self.grounds)

    def look(self) -> bool:
        """Compare once, and remember what was seen."""
        wall, seconds = self._clock.now(), self._clock.monotonic()
        self._compare(wall, seconds, self._wall, self._seconds)
        self._ask_kernel()
        self._see(wall, seconds)
        return self.suspect

    def confirm(self) -> None:
        """The operator says that the time is right: everything that spoke against it is over."""
        self._grounds.clear()
        self._unreadable = ""
        self._excess = Excess()
        self._overruled |= {each for each in self._voices if self._speaks_against(each)}
        self._confirmed = True
        self._unsynchronised_confirmed = self._synchronised() is False
        self._see(self._clock.now(), self._clock.monotonic())

    async def remembered(self) -> None:
        """Come back when what was seen until now has been written, or could not be."""
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, int)

    async def aclose(self) -> None:
        """Finish what is being written; harmless when repeated."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

    def vouched_for(self, *, against: str) -> bool:
        """By the operator, or by two organisations other than that one within the last hour."""
        if self.suspect:
            return False
        agreeing = [
            each
            for each, (ahead, _) in self._recent().items()
            if each != _organisation(against) and abs(ahead) <= APART_SECONDS
        ]
        return self._confirmed or len(agreeing) >= VOICES_FOR

    def pulse(self) -> None:
        """The process runs: said every `PULSE_SECONDS`, so that it is noticed when it did not."""
        now = self._clock.monotonic()
        if self._alive_at is not None and now - self._alive_at > STILL_SECONDS:
            goes_on = self._still is not None and self._alive_at - self._still[1] <= BACKLOG_SECONDS
            began = self._still[0] if self._still is not None and goes_on else self._alive_at
            self._still = (began, now)
        self._alive_at = now

    def waited_seconds(self) -> float:
        """Since the process stood still, as long as what came meanwhile may still be read."""
        if self._alive_at is None:
            return 0.0
        self.pulse()  # who asks may be what came meanwhile, and be read before anything else
        if self._still is None or self._alive_at - self._still[1] > BACKLOG_SECONDS:
            return 0.0
        return self._alive_at - self._still[0]

    def heard(self, organisation: str, seconds_ahead: float) -> None:
        """Three organisations whose clocks agree with each other and not with ours raise suspicion; nobody's agreement
        lowers it.
        """
        name = _organisation(organisation)
        self._voices[name] = (seconds_ahead, self._clock.monotonic())
        if not self._speaks_against(name):
            self._overruled.discard(name)
            return
        alike = [
            each
            for each, (ahead, _) in self._recent().items()
            if each not in self._overruled
            and self._speaks_against(each)
            and abs(ahead - seconds_ahead) <= APART_SECONDS
        ]
        if name not in self._overruled and len(alike) >= VOICES_AGAINST:
            self._suspect("participants")
            self._see(self._clock.now(), self._clock.monotonic())

    def for_terms(self) -> datetime:
        """Now, or the last time that was trusted; before all time when none is known."""
        if not self.suspect:
            return self._clock.now()
        return self._trusted_at or datetime.min.replace(tzinfo=UTC)

    def for_promises(self) -> datetime:
        """Now, but never before the latest time that was trusted."""
        now = self._clock.now()
        return now if self._trusted_at is None else max(now, self._trusted_at)

    def _suspect(self, ground: str) -> None:
        self._grounds.add(ground)
        self._confirmed = False

    def _compare(self, wall: datetime, seconds: float, earlier: datetime, earlier_seconds: float) -> None:
        self._excess = self._excess.after(
            wall_seconds=(wall - earlier).total_seconds(), passed_seconds=seconds - earlier_seconds
        )
        for ground in self._excess.grounds:
            self._suspect(ground)

    def _ask_kernel(self) -> None:
        """A kernel that was synchronised and is no more is grounds that stay. One that has not been so since this hub
        started, as after a start of the machine, is grounds until it is: nothing was trusted before.
        """
        state = self._synchronised()
        if state is True:
            self._grounds.discard(PENDING)
            self._was_synchronised, self._unsynchronised_confirmed = True, False
        elif state is False and not self._unsynchronised_confirmed and "unsynchronised" not in self._grounds:
            self._suspect("unsynchronised" if self._was_synchronised else PENDING)

    def _speaks_against(self, organisation: str) -> bool:
        return abs(self._voices[organisation][0]) > APART_SECONDS

    def _recent(self) -> dict[str, tuple[float, float]]:
        now = self._clock.monotonic()
        self._voices = {each: said for each, said in self._voices.items() if now - said[1] <= HEARD_SECONDS}
        return self._voices

    def _recall(self, expected: bool) -> None:
        """Take up what was remembered, and hold the time of this start against it."""
        if self._path is None or (not expected and not os.path.lexists(self._path)):
            return
        try:
            mark, at, seen_at = read_mark(self._path)
        except TimeMarkUnreadable as fault:
            self._trusted_at = None
            self._unreadable = str(fault)
            self._suspect("unreadable-mark")
            return
        self._grounds = set(mark.grounds)
        self._unsynchronised_confirmed = mark.unsynchronised_confirmed
        self._trusted_at = at
        if mark.boot is not None and mark.boot == self._boot:
            self._confirmed, self._excess = mark.confirmed, Excess(*mark.excess)
            self._compare(self._wall, self._seconds, seen_at, mark.seen_seconds)
        elif self._wall < seen_at - timedelta(seconds=BEHIND_SECONDS):
            self._suspect("before-mark")
        elif self._wall > seen_at + LONGEST_STOP:
            self._suspect("long-stop")

    def _see(self, wall: datetime, seconds: float) -> None:
        self._wall, self._seconds = wall, seconds
        if not self.suspect:
            self._trusted_at = wall
        mark = TimeMark(
            at="" if self._trusted_at is None else self._trusted_at.isoformat(),
            seen_at=wall.isoformat(),
            seen_seconds=seconds,
            boot=self._boot,
            excess=(self._excess.ahead, self._excess.behind),
            grounds=tuple(each for each in self.grounds if each != PENDING),
            confirmed=self._confirmed,
            unsynchronised_confirmed=self._unsynchronised_confirmed,
        )
        if self._path is None or not self._worth_writing(mark):
            return
        self._wanted = mark
        if self._thread is None:
            self._write_wanted(self._path)
        else:
            self._thread.submit(self._write_wanted, self._path)

    def _write_wanted(self, path: Path) -> None:
        """The newest alone. A full disk is asked again at the next look, a failed flush is not repaired by another."""
        mark = self._wanted
        if mark is None or mark is self._marked:
            return
        try:
            write_mark(path, mark)
        except OSError as error:
            if self._wanted is mark:
                self._wanted = None
            if error.errno == errno.EIO:
                self._on_failure(error)
        else:
            self._marked = mark

    def _worth_writing(self, mark: TimeMark) -> bool:
        """Once a minute, and at once when something else than the time is new."""
        last = self._wanted or self._marked
        if last is None or not 0 <= mark.seen_seconds - last.seen_seconds < MARK_SECONDS:
            return True
        moving = {"at": mark.at, "seen_at": mark.seen_at, "seen_seconds": mark.seen_seconds, "excess": mark.excess}
        return replace(last, **moving) != mark  # type: ignore[arg-type]  # each by the name of its field


def _organisation(party: str) -> str:
    """Units of one organisation have one clock: their party ids begin with its number."""
    return party.partition(":")[0]
