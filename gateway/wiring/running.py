"""A hub of given parts: what a test or a program hands in, put together and made to listen."""

from __future__ import annotations

import asyncio
import os
import random
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

from gateway.clock import Clock
from gateway.directory.model import SignedBook
from gateway.directory.public import PublicPage
from gateway.edge.admission import Admission
from gateway.edge.quiet_log import QuietLog
from gateway.edge.server import EdgeServer
from gateway.events import EventLog
from gateway.jobs.address_book import AddressBookKeeper
from gateway.jobs.certificate_watch import CertificateWatch
from gateway.jobs.keeper import Keeper
from gateway.jobs.node_watch import NodeWatch
from gateway.jobs.public_list import PublicList
from gateway.jobs.revocation_known import RevocationKnown
from gateway.jobs.revocation_watch import RevocationWatch
from gateway.jobs.round import round_and_round
from gateway.jobs.time_guard import PULSE_SECONDS, TimeGuard
from gateway.limits import EdgeLimits, Limits
from gateway.msh.exchange import Answer, Request
from gateway.msh.fresh import Fresh
from gateway.msh.hub import Hub
from gateway.msh.in_force import InForce
from gateway.msh.later import Cause, RetryAfter
from gateway.msh.receive import receive
from gateway.msh.revocation import Revocation
from gateway.msh.signers import KnownSigners
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from gateway.store.nodes import TELL_SECONDS
from gateway.traced import Tracer
from gateway.web.endpoint import Endpoint
from gateway.wiring.ids import id_in_order
from gateway.wiring.portal import RunningPortal
from gateway.wiring.tracing import Traces

PATH = "/as4"
KEEPER_SECONDS = 60.0
MAIL_SECONDS = 20.0
LAST_LETTER_SECONDS = 5.0  # for what a mail server is taking when the hub ends: cut off, it would be sent again
WATCH_SECONDS = 3600.0  # the watch over certificates speaks once a day, and looks more often


def assemble(
    *,
    in_force: Callable[[], InForce],
    store: Store,
    clock: Clock,
    duplicate_secret: bytes,
    log: EventLog,
    limits: Limits | None = None,
    host: str = "knooppunt",
    time: Timekeeping | None = None,
    revocation: Revocation | None = None,
    address_book: Callable[[], SignedBook | None] = lambda: None,
    tracer: Tracer | None = None,
) -> Hub:
    """A hub of these parts, with ids that sort by time and random octets from the operating system. Without `time` its
    clock is held against monotonic time alone.
    """
    limits = limits or Limits()
    return Hub(
        in_force=in_force,
        limits=limits,
        store=store,
        time=time or TimeGuard(clock),
        fresh=Fresh(
            id=lambda: f"{id_in_order(clock.now(), os.urandom(10))}@{host}",
            reference=lambda: str(uuid.uuid4()),
            octets=os.urandom,
        ),
        known_signers=KnownSigners(),
        revocation=revocation or RevocationKnown(tuple, log),
        address_book=address_book,
        duplicate_secret=duplicate_secret,
        retry_after=RetryAfter(clock, first_seconds=limits.retry_after_seconds, chance=random.SystemRandom().random),
        log=log,
        tracer=tracer,
    )


@dataclass(slots=True)
class RunningHub:
    """A hub that answers: its use cases, its listening side, and its keeper."""

    hub: Hub
    edge: EdgeServer
    keeper: Keeper
    watch: CertificateWatch | None = None
    revocation: RevocationWatch | None = None
    address_book: AddressBookKeeper | None = None
    public_list: PublicList | None = None
    nodes: NodeWatch | None = None
    portal: RunningPortal | None = None
    monitoring: EdgeServer | None = None
    traces: Traces | None = None
    _time_suspect: bool = False  # at the start, or the last pulse
    draining: bool = False  # it was told to stop, and says so where health is told
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _jobs: list[asyncio.Task[None]] = field(default_factory=list)
    _calling: list[asyncio.Task[None]] = field(default_factory=list)
    _mailing: asyncio.Task[None] | None = None

    async def listen(self, host: str | None, port: int, tls: ssl.SSLContext | None) -> int:
        """Accept connections there; returns the port."""
        await self.hub.known_signers.renew(self.hub.store)
        if self.revocation is not None:
            await self.revocation.recall()
        self._time_suspect = self.hub.time.suspect
        if self.address_book is not None:  # the next is issued when nothing can refuse the start any more
            await self.address_book.recall()
        if self.public_list is not None:
            await self.public_list.look()
        return await self.edge.listen(host, port, tls)

    def renew_soon(self) -> None:
        """The files changed: what is made of them is made anew while the hub serves."""
        self._changed.set()
        if self.portal is not None:
            self.portal.renew_now()

    async def _renew_when_told(self) -> None:
        """Once the files changed, or an hour later: of what is made of them days change, too."""
        told = [asyncio.ensure_future(each.wait()) for each in (self._changed, self._stop)]
        await asyncio.wait(told, timeout=WATCH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for each in told:
            each.cancel()
        self._changed.clear()
        if not self._stop.is_set():
            await self.renew()

    async def renew(self) -> None:
        """Have what is made of the files say what these say now: the broker of logins, the address book, and the
        public list.
        """
        if self.portal is not None:
            await self.portal.look()
        if self.address_book is not None:
            await self.address_book.look()
        if self.public_list is not None:
            await self.public_list.look()

    def start_keeper(self, seconds: float = KEEPER_SECONDS) -> None:
        """Let the keeper go round, the watch over certificates, and what notices that the process stood still."""
        signs = round_and_round("pulse", self._pulse, seconds=PULSE_SECONDS, stop=self._stop, log=self.hub.log)
        self._jobs.append(asyncio.create_task(signs))
        work = round_and_round("keeper", self.keeper.keep, seconds=seconds, stop=self._stop, log=self.hub.log)
        self._jobs.append(asyncio.create_task(work))
        if self.nodes is not None:
            meet = round_and_round("nodes", self.nodes.look, seconds=TELL_SECONDS, stop=self._stop, log=self.hub.log)
            self._jobs.append(asyncio.create_task(meet))
        if self.watch is not None:
            look = round_and_round(
                "certificates", self.watch.look, seconds=WATCH_SECONDS, stop=self._stop, log=self.hub.log
            )
            self._jobs.append(asyncio.create_task(look))
        if self.portal is not None:
            forget = round_and_round("portal", self.portal.keep, seconds=seconds, stop=self._stop, log=self.hub.log)
            self._jobs.append(asyncio.create_task(forget))
        if self.portal is not None and self.portal.mail is not None:
            tell = self.portal.mail.look
            send = round_and_round("mail", tell, seconds=MAIL_SECONDS, stop=self._stop, log=self.hub.log)
            self._mailing = asyncio.create_task(send)
        issue = round_and_round("directory", self._renew_when_told, seconds=0.0, stop=self._stop, log=self.hub.log)
        self._jobs.append(asyncio.create_task(issue))
        if self.revocation is not None:
            ask, rest = self.revocation.look, self.revocation.rest_seconds
            fetch = round_and_round("revocation", ask, seconds=rest, stop=self._stop, log=self.hub.log)
            self._calling.append(asyncio.create_task(fetch))

    async def stop(self) -> None:
        """No new connections, end what runs, stop the keeper, tell nobody any more how it stands, close the store: in
        this order, whatever fails on the way.
        """
        self.draining = True
        async with AsyncExitStack() as ending:
            ending.push_async_callback(self.hub.store.aclose)
            ending.push_async_callback(self.hub.time.aclose)
            if self.nodes is not None:
                ending.push_async_callback(self.nodes.leave)
            if self.traces is not None:
                ending.push_async_callback(asyncio.to_thread, self.traces.close)
            if self.monitoring is not None:
                ending.push_async_callback(self.monitoring.stop)
            if self.portal is not None:
                ending.push_async_callback(self.portal.stop)
            ending.push_async_callback(self._end_jobs)
            await self.edge.stop()

    async def _pulse(self) -> None:
        self.hub.time.pulse()
        waited, self._time_suspect = self._time_suspect, self.hub.time.suspect
        if waited and not self._time_suspect:
            self._changed.set()  # the address book waited for that

    async def _end_jobs(self) -> None:
        self._stop.set()
        if self._mailing is not None and self.portal is not None and self.portal.mail is not None:
            self.portal.mail.finish()
            await asyncio.wait([self._mailing], timeout=LAST_LETTER_SECONDS)
            self._calling.append(self._mailing)
        for each in self._calling:
            each.cancel()  # somebody else's server is not waited for
        await asyncio.gather(*self._jobs, *self._calling, return_exceptions=True)  # what was cancelled has ended, too


def run(
    hub: Hub,
    *,
    edge_limits: EdgeLimits | None = None,
    path: str = PATH,
    pages: Callable[[], Mapping[str, PublicPage]] = dict,
) -> RunningHub:
    """Put a listening side and a keeper to a hub, with the pages that anybody may read; nothing is started yet."""
    limits = edge_limits or EdgeLimits()

    async def answer(request: Request) -> Answer:
        return await receive(request, hub)

    admission = Admission(limits, time.monotonic)
    quiet = QuietLog(hub.log, per_second=limits.log_lines_per_second, now=admission.now)
    endpoint = Endpoint(
        answer,
        path=path,
        limits=limits,
        log=hub.log,
        quiet=quiet,
        admission=admission,
        retry_after=hub.retry_after,
        clock=hub.time,
        time_suspect=hub.time.look,
        pages=pages,
    )
    edge = EdgeServer(endpoint, limits, quiet, admission=admission, later=partial(hub.retry_after.seconds, Cause.LOAD))
    return RunningHub(hub=hub, edge=edge, keeper=Keeper(hub))
