"""What is measured of a hub that runs, and the listener on which whoever watches it reads that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from gateway.administration.administered import Vitals
from gateway.edge.admission import Admission
from gateway.edge.quiet_log import QuietLog
from gateway.edge.server import EdgeServer
from gateway.jobs.node_watch import is_off
from gateway.limits import EdgeLimits
from gateway.metrics import PARTS, Counted, Sample, of_each
from gateway.settings import Settings
from gateway.settings.monitoring_section import MonitoringSection
from gateway.store.data_directory import ballast_octets, measure_space
from gateway.store.engine import HeldStore
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.nodes import prevailing
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import RequestState
from gateway.web.monitoring import Health, MonitoringEndpoint
from gateway.wiring.beside_traffic import apart
from gateway.wiring.certificates import all_certificates
from gateway.wiring.from_settings import ConfiguredSite
from gateway.wiring.listening import not_listening
from gateway.wiring.nodes import program_version
from gateway.wiring.reloading import Reloading
from gateway.wiring.running import RunningHub
from gateway.wiring.stores import marks_of

FRESH_SECONDS: Final = 10.0  # what the store was asked serves that long, however often the page is read
CERTIFICATE_SECONDS: Final = 3600.0  # days change no faster; what is in force does, and is looked at at once
_LIMITS: Final = EdgeLimits(connections=32, connections_per_address=16, stop_seconds=1.0)
_NOT_NOW: Final = (StoreUnavailable, OutcomeUnknown, OSError)
_OF_PARTICIPANTS: Final = ("signing", "encryption")


@dataclass(slots=True, kw_only=True)
class Measuring:
    """What there is to measure of one hub; `samples` gives all lines of now but those of durations."""

    settings: Settings
    site: ConfiguredSite
    store: HeldStore
    running: RunningHub
    reloading: Reloading
    events: Counted
    fresh_seconds: float = FRESH_SECONDS
    started_at: datetime = field(init=False)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: tuple[float, tuple[Sample, ...]] = (float("-inf"), ())
    _certificates: tuple[float, object, tuple[Sample, ...]] = (float("-inf"), None, ())

    def __post_init__(self) -> None:
        self.started_at = self.running.hub.time.now()

    async def samples(self) -> Sequence[Sample]:
        """Every line of the table that there is something to tell for."""
        async with self._one_at_a_time:
            at, asked = self._asked
            if time.monotonic() - at >= self.fresh_seconds:
                asked = tuple(await self._ask())
                self._asked = time.monotonic(), asked
        return (*self._at_hand(), *self.events.samples(), *asked)

    def unready(self) -> tuple[str, ...]:
        """Why no more should be sent here."""
        refused = self.settings.monitoring is None or self.settings.monitoring.unready_after_refused_reload
        nodes = self.running.nodes
        found = (
            ("draining", self.running.draining),
            ("the store failed", self.store.failed is not None),
            ("the store is in doubt", self.store.doubt is not None),
            ("the database of the store does not answer", self.store.away is not None),
            ("the last reload was refused", refused and bool(self.reloading.refused)),
            ("other nodes work with other files", nodes is not None and nodes.differs),
            ("the clock is not that of the database", nodes is not None and nodes.clock_is_off),
        )
        return tuple(said for said, holds in found if holds)

    def vitals(self) -> Vitals:
        """What somebody on call wants to know besides."""
        admission, flushes = self.running.edge.admission, self.running.hub.flushes
        return Vitals(
            started_at=self.started_at,
            is_draining=self.running.draining,
            connections=int(admission.connections.weight),
            requests_in_progress=int(admission.working.weight),
            flushes=flushes.count,
            flush_p99_seconds=flushes.within(0.99),
            slowest_flush_seconds=flushes.slowest_seconds if flushes.count else None,
        )

    def _at_hand(self) -> Iterator[Sample]:
        hub, admission, portal = self.running.hub, self.running.edge.admission, self.running.portal
        yield Sample("knooppunt_info", 1, program_version())
        yield Sample("knooppunt_ready", not self.unready())
        yield Sample("knooppunt_started_seconds", self.started_at.timestamp())
        yield Sample("knooppunt_store_doubtful", self.store.doubt is not None or self.store.failed is not None)
        open_now = {"hub": admission.connections.weight}
        if portal is not None:
            open_now["portal"] = portal.edge.admission.connections.weight
        yield from (Sample("knooppunt_connections", count, listener) for listener, count in open_now.items())
        yield Sample("knooppunt_connections_limit", self.running.edge.limits.connections)
        yield Sample("knooppunt_requests_in_progress", admission.working.weight)
        yield Sample("knooppunt_organisations", len(self.site.configuration.organisations))
        yield Sample("knooppunt_configuration_refused", bool(self.reloading.refused))
        if (nodes := self.running.nodes) is not None:
            yield Sample("knooppunt_nodes", len(nodes.seen))
            most = prevailing(nodes.seen)
            yield Sample("knooppunt_nodes_differing", sum(each.node.configuration != most for each in nodes.seen))
            yield Sample("knooppunt_nodes_clock_off", sum(map(is_off, nodes.seen)))
        yield from of_each("knooppunt_time_suspect", dict.fromkeys(hub.time.grounds, 1.0))

    async def _ask(self) -> Iterable[Sample]:
        """What takes a look at database, disk or many certificates; what could not be looked at is told as unread."""
        found: list[Sample] = []
        unread: dict[str, float] = dict.fromkeys(PARTS, 0.0)
        portal, now = self.running.portal, self.running.hub.time.now()
        looks: dict[str, Callable[[], Awaitable[tuple[Sample, ...]]]] = {
            "store": lambda: _of_store(self.store, now),
            "disk": partial(asyncio.to_thread, _of_disk, self.settings),
            "certificates": lambda: self._of_certificates(now),
        }
        if portal is not None:
            looks["requests"] = lambda: _of_requests(portal.portal.store, now)
            if portal.mail is not None:
                looks["mail"] = lambda: _of_mail(portal.portal.store, now)
        for part, look in looks.items():
            try:
                found += await look()
            except _NOT_NOW:
                unread[part] = 1.0
        return (*found, *of_each("knooppunt_unread", unread))

    async def _of_certificates(self, now: datetime) -> tuple[Sample, ...]:
        at, of, samples = self._certificates
        in_force = self.site.in_force
        if of is not in_force or time.monotonic() - at >= CERTIFICATE_SECONDS:
            samples = await apart(_days_left, self.site, now)
            self._certificates = time.monotonic(), in_force, samples
        return samples


async def _of_store(store: HeldStore, now: datetime) -> tuple[Sample, ...]:
    counts, mailboxes = await store.counts(), await store.mailboxes()
    waiting = [each for each in mailboxes if each.waiting]
    oldest = min((each.oldest_accepted_at for each in waiting if each.oldest_accepted_at is not None), default=now)
    ends = min((each.next_expires_at for each in waiting if each.next_expires_at is not None), default=None)
    beside = await store.objects_standing()
    objects = (
        ()
        if beside is None
        else (
            Sample("knooppunt_objects_away", beside.away is not None),
            Sample("knooppunt_objects_held", beside.held),
            Sample("knooppunt_objects_leaving", beside.leaving),
        )
    )
    ending = () if ends is None else (Sample("knooppunt_next_expiry_seconds", (ends - now).total_seconds()),)
    return (
        *of_each("knooppunt_messages", {state.value: float(count) for state, count in counts.states}),
        Sample("knooppunt_messages_damaged", counts.damaged),
        Sample("knooppunt_notices_waiting", counts.notices),
        Sample("knooppunt_open_questions", counts.open_questions),
        Sample("knooppunt_waiting_bytes", counts.waiting_octets),
        Sample("knooppunt_store_log_bytes", counts.log_octets),
        Sample("knooppunt_oldest_waiting_seconds", max(0.0, (now - oldest).total_seconds())),
        Sample("knooppunt_mailboxes_waiting", len(waiting)),
        Sample("knooppunt_open_leases", sum(each.leased for each in mailboxes)),
        *ending,
        *objects,
    )


def _of_disk(settings: Settings) -> tuple[Sample, ...]:
    directory, marks = settings.data.directory, marks_of(settings)
    space = measure_space(directory)
    kept = {"alarm": settings.data.alarm_free_fraction, "large": marks.large, "any": marks.any}
    return (
        Sample("knooppunt_disk_free_bytes", space.free_octets),
        Sample("knooppunt_disk_bytes", space.total_octets),
        *of_each("knooppunt_disk_mark_bytes", {mark: part * space.total_octets for mark, part in kept.items()}),
        Sample("knooppunt_ballast_bytes", ballast_octets(directory)),
    )


async def _of_mail(store: PortalStore, now: datetime) -> tuple[Sample, ...]:
    found = await store.mail_standing()
    return (
        Sample("knooppunt_mail_waiting", found.waiting),
        Sample("knooppunt_mail_failing", found.failing),
        Sample("knooppunt_mail_oldest_seconds", (now - (found.oldest_at or now)).total_seconds()),
    )


async def _of_requests(store: PortalStore, now: datetime) -> tuple[Sample, ...]:
    waiting = await store.requests(states=(RequestState.SUBMITTED,))
    oldest = min((each.asked_at for each in waiting), default=now)
    return (
        *of_each("knooppunt_requests_waiting", ((each.kind.value, 1.0) for each in waiting)),
        Sample("knooppunt_requests_oldest_seconds", (now - oldest).total_seconds()),
    )


def _days_left(site: ConfiguredSite, now: datetime) -> tuple[Sample, ...]:
    """Of the hub's side the certificate of each use that ends first; of the parties the one that is left without
    first, for a next certificate that is there already takes the place of one that ends.
    """
    configuration = site.configuration
    suspended = {each.party_id for each in configuration.organisations if each.suspended}
    hub: dict[str, int] = {}
    last: dict[tuple[str, str], int] = {}
    for each in all_certificates(site.own.certificates, configuration):
        days = each.days_left(now)
        if each.party == configuration.hub.party_id:
            hub[each.use] = min(days, hub.get(each.use, days))
        elif each.use in _OF_PARTICIPANTS and each.party not in suspended:
            last[each.use, each.party] = max(days, last.get((each.use, each.party), days))
    parties: dict[str, int] = {}
    for (use, _), days in last.items():
        parties[use] = min(days, parties.get(use, days))
    return (
        *(Sample("knooppunt_certificate_days_left", days, use) for use, days in hub.items()),
        *(Sample("knooppunt_participant_certificate_days_left", days, use) for use, days in parties.items()),
    )


async def watched_on(measuring: Measuring, section: MonitoringSection) -> int:
    """Serve the pages on a listener of their own, which the hub ends after all others; returns the port. NotStartable
    where one cannot listen.
    """
    running = measuring.running
    admission = Admission(_LIMITS, time.monotonic)
    quiet = QuietLog(running.hub.log, per_second=_LIMITS.log_lines_per_second, now=admission.now)
    health = Health(
        samples=measuring.samples,
        durations={"knooppunt_flush_seconds": running.hub.flushes, "knooppunt_pull_seconds": running.hub.pulls},
        alive=lambda: measuring.store.failed is None,
        unready=measuring.unready,
    )
    endpoint = MonitoringEndpoint(health, running.hub.log)
    edge = running.monitoring = EdgeServer(endpoint, _LIMITS, quiet, admission=admission, later=lambda: 1)
    port = section.port
    for host in section.host:
        try:
            port = await edge.listen(host, section.port, None)
        except OSError as fault:
            raise not_listening(fault, "monitoring.host", section.host, host, section.port) from None
    return port
