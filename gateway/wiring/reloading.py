"""Reading keys and P-Modes again while the hub serves, one reading after the other: by a signal, by a verb, or because
files changed that settings want watched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gateway.clock import Clock
from gateway.edge.server import EdgeServer
from gateway.events import EventLog, class_of, place_of
from gateway.refused import Refused
from gateway.wiring.beside_traffic import apart
from gateway.wiring.from_settings import ConfiguredSite, SiteRead
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.watched_files import FilesSeen
from gateway.wiring.watching import Watching
from pmodes.change import Change

MOST_LINES: Final = 100  # in the log about one reading


class Reloading:
    """All that was read is taken over, or nothing; `refused` is what kept the last reading from it. What is made of the
    files is told to `renew`, and not waited for.
    """

    def __init__(
        self,
        site: ConfiguredSite,
        edge: EdgeServer,
        clock: Clock,
        log: EventLog,
        *,
        renew: Callable[[], None] = lambda: None,
    ) -> None:
        self.refused: tuple[str, ...] = ()
        self._site = site
        self._edge = edge
        self._clock = clock
        self._log = log
        self._renew = renew
        self._one_at_a_time = asyncio.Lock()

    async def reload(self) -> tuple[str, ...]:
        """Read everything again; returns the complaints, after which what was in force stays so."""
        async with self._one_at_a_time:
            try:
                found = await apart(self._site.read_again, self._clock.now())
            except NotStartable as fault:
                self.refused = fault.complaints
            except Exception as defect:
                where = place_of(defect)
                self.refused = (f"a defect of the program, {type(defect).__name__} at {where}",)
                self._log("reload_refused", kind=class_of(defect), where=where)
                return self.refused
            else:
                self.refused = ()
                await apart(_let_go, [self._take_over(found)])
                try:
                    await self.warn()
                finally:
                    self._renew()  # last, for what comes of it stands in line before whatever reads files then
            for line in _bounded(self.refused, "knooppunt reload and knooppunt pmode check tell all of them"):
                self._log("reload_refused", detail=line)
            return self.refused

    async def changes(self) -> tuple[Change, ...]:
        """What a reload would change in the P-Modes; `Refused` where their files cannot be used."""
        try:
            async with self._one_at_a_time:
                return await apart(self._site.changes)
        except NotStartable as fault:
            said = "\n  ".join(("the P-Modes cannot be used:", *fault.complaints))
            raise Refused(said, "mend the files; what is in force stays so") from None

    async def whenever(self, told: asyncio.Event) -> None:
        """Reload each time that somebody asks; whatever comes of one, the next is heard."""
        while True:
            await told.wait()
            told.clear()
            try:
                await self.reload()
            except Exception as defect:
                self._log("job_failed", job="reload", kind=class_of(defect), where=place_of(defect))

    async def watch(self) -> None:
        """Reload when the files changed, until this is cancelled; ends at once where settings want no watch."""
        first = self._site.as_read
        if first is None:
            return

        def as_read() -> FilesSeen:
            return self._site.as_read or first

        await Watching(as_read, self.reload, self._log).watch()

    async def warn(self) -> list[str]:
        """What works now and will not for long: for the log, and for whoever looks."""
        found = [str(each) for each in await apart(self._site.concerns, self._clock.now())]
        for line in _bounded(found, "knooppunt status tells all of them"):
            self._log("configuration_warning", detail=line)
        return found

    def _take_over(self, found: SiteRead) -> SiteRead:
        """Keys and P-Modes are in force, and connections that begin now get the certificate that was read: in one go,
        for a stop may cancel a reload wherever it waits, and the thread that reads goes on. Answers what was in force.
        """
        before = self._site.take_over(found)
        if (tls := self._site.own.tls) is not None:
            self._edge.renew_tls(tls)
        self._log("reloaded")
        return before


def _bounded(found: Sequence[str], rest: str) -> Iterator[str]:
    """So many of them, and how many more: others wait meanwhile, and one mistake in hub.yaml may be thousands."""
    yield from found[:MOST_LINES]
    if (more := len(found) - MOST_LINES) > 0:
        yield f"and {more} more; {rest}"


def _let_go(before: list[SiteRead]) -> None:
    """Of what was in force one organisation after the other: all at once would take long, and no other thread runs
    meanwhile. What an exchange still works with goes with that.
    """
    organisations = list(before.pop().in_force.configuration.organisations)
    while organisations:
        organisations.pop()
