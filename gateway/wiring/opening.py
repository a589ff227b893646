"""Opening a hub from its settings: the one place where everything concrete meets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext
from urllib.parse import urlsplit

from crypto.faults import UnusableCredential
from crypto.suites import SUITES, Suite
from gateway.clock import Clock, MovedClock, SystemClock, boot_id, kernel_synchronised
from gateway.events import EventLog
from gateway.jobs.address_book import AddressBookKeeper
from gateway.jobs.certificate_watch import CertificateWatch
from gateway.jobs.public_list import PublicList
from gateway.jobs.time_guard import TimeGuard
from gateway.metrics import Counted
from gateway.settings import Settings
from gateway.storage import DatabaseBarred, DatabaseBroken, DatabaseHeld, DatabaseRefused, DiskFull
from gateway.store.data_directory import DataDirectoryInUse, DataDirectoryRefused
from gateway.store.engine import HeldStore
from gateway.store.interface import StoreUnavailable
from gateway.wiring.beside_traffic import beside_traffic
from gateway.wiring.from_settings import (
    ConfiguredSite,
    duplicate_secret,
    edge_limits,
    key_fingerprint,
    message_limits,
)
from gateway.wiring.listening import not_listening
from gateway.wiring.monitoring import Measuring, watched_on
from gateway.wiring.nodes import node_watch_of
from gateway.wiring.not_startable import NotNow, NotStartable, StorageBroken, no_room, not_startable
from gateway.wiring.portal import open_portal
from gateway.wiring.portal_keys import PortalKeys
from gateway.wiring.reloading import Reloading
from gateway.wiring.revocation import known_of, watch_of
from gateway.wiring.running import RunningHub, assemble, run
from gateway.wiring.stores import complaint_of, open_store, said_of_doubt
from gateway.wiring.tracing import traces_of
from pmodes.configuration import Configuration
from pmodes.term import NoTimeZoneData, time_zone
from xsd.catalogue import CatalogueFault, load_catalogue
from xsd.schema_files import SchemaFault

_SAID_IN_ONE_LINE = (
    CatalogueFault,
    DatabaseRefused,
    DataDirectoryRefused,
    NoTimeZoneData,
    SchemaFault,
    UnusableCredential,
)
TIME_MARK = "clock.mark"  # in the data directory, like the next
CERTIFICATES_TOLD = "certificates.told"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedHub:
    """A hub that listens."""

    running: RunningHub
    store: HeldStore
    site: ConfiguredSite
    reloading: Reloading
    measuring: Measuring
    log: Counted
    port: int
    tls: bool
    monitoring_port: int | None  # None where settings want no such listener


async def open_hub(
    settings: Settings,
    *,
    log: EventLog,
    on_failure: Callable[[BaseException], None],
    moved_seconds: float = 0.0,
    settings_file: Path | None = None,
    suites: Mapping[str, Suite] = SUITES,
) -> OpenedHub:
    """Read what the settings name, open the store, listen. Raises `NotStartable` with every reason; the store is
    closed then.

    `moved_seconds` moves the clock of a hub whose P-Modes call it a test environment, and of no other;
    `settings_file` is what a reload reads the settings from again.
    """
    try:
        time_zone()  # asked now, for a hub without it could take nothing
        catalogue = load_catalogue(settings.modules.folders, base=settings.hub.base_urn)
        with beside_traffic():
            site = ConfiguredSite(settings, catalogue, settings_file=settings_file, suites=suites)
        tls = site.own.tls
        clock = _clock(site, moved_seconds)
        counted = Counted(log, clock.now)
        site.refuse_untimely(clock.now())
        store = await _open_store(settings, clock, on_failure, counted)
    except DataDirectoryInUse as fault:
        raise NotNow((str(fault),)) from None
    except DatabaseHeld as fault:
        raise NotNow((str(fault),)) from None
    except DatabaseBarred as fault:
        raise not_startable(OSError(fault.errno, ""), str(fault)) from None
    except _SAID_IN_ONE_LINE as fault:
        raise NotStartable((str(fault),)) from None
    except OSError as fault:
        raise not_startable(fault, complaint_of(fault)) from None
    monitoring_port = None
    async with AsyncExitStack() as begun:
        begun.push_async_callback(store.aclose)
        try:
            running, port = await _listen(settings, site, store, clock, tls, counted, on_failure, begun)
            reloading = Reloading(site, running.edge, clock, counted, renew=running.renew_soon)
            measuring = Measuring(
                settings=settings, site=site, store=store, running=running, reloading=reloading, events=counted
            )
            if settings.monitoring is not None:
                monitoring_port = await watched_on(measuring, settings.monitoring)
            if running.address_book is not None:
                await running.address_book.look()  # nothing refuses the start any more
        except OSError as fault:
            raise not_startable(fault, complaint_of(fault)) from None
        except StoreUnavailable as fault:
            refused = NotNow if store.failed is None else StorageBroken
            raise refused((f"data.directory: {fault}",)) from None
        begun.pop_all()
    return OpenedHub(
        running=running,
        store=store,
        site=site,
        reloading=reloading,
        measuring=measuring,
        log=counted,
        port=port,
        tls=tls is not None,
        monitoring_port=monitoring_port,
    )


async def _open_store(
    settings: Settings, clock: Clock, on_failure: Callable[[BaseException], None], log: EventLog
) -> HeldStore:
    def stuck(blobs: Mapping[str, OSError]) -> None:
        blob, why = next(iter(blobs.items()))
        log("blobs_not_removed", count=len(blobs), blob=blob, detail=str(why.strerror))

    try:
        store = await open_store(settings, clock=clock, on_failure=on_failure, on_stuck=stuck)
    except DatabaseBroken as fault:
        raise StorageBroken((str(fault),)) from None
    except DiskFull as fault:
        raise no_room(fault) from None
    if store.doubt is not None:
        await store.aclose()
        raise NotNow((said_of_doubt(settings, store.doubt),))
    store.tell_recounted(lambda count: log("counters_mended", count=count))
    try:
        await store.count_anew(waiting=True)
    except StoreUnavailable as fault:
        await store.aclose()
        refused = NotNow if store.failed is None else StorageBroken
        raise refused((f"data.directory: {fault}",)) from None
    return store


async def _duplicate_secret(settings: Settings, store: HeldStore) -> bytes:
    """The key under which duplicates are known, where it is the one that the store was begun with: under another every
    message that comes again would be new.
    """
    secret = duplicate_secret(settings)
    if not await store.keyed_by(key_fingerprint(secret)):
        raise NotStartable(
            (
                "store.duplicate_key_file: it holds another key than the one under which the messages of this database"
                " are known, and so none of them would be known again; give this hub the file of the others",
            )
        )
    return secret


async def _listen(
    settings: Settings,
    site: ConfiguredSite,
    store: HeldStore,
    clock: Clock,
    tls: SSLContext | None,
    log: EventLog,
    on_failure: Callable[[BaseException], None],
    begun: AsyncExitStack,
) -> tuple[RunningHub, int]:
    """Put the hub together and listen; what was begun when this raises is the caller's to end, the last first."""
    guard = time_guard(
        settings,
        clock,
        asks_kernel=asks_kernel(site.configuration),
        used=(await store.counts()).any_message,
        on_failure=_on_loop(on_failure),
        thread=ThreadPoolExecutor(max_workers=1, thread_name_prefix="time-mark"),
    )
    begun.push_async_callback(guard.aclose)  # a mark is written while the data directory is held, and not later
    known = site.revocation = known_of(settings, lambda: site.configuration, log)
    book = AddressBookKeeper(
        settings.data.directory, site.address_book_ground, clock, log, beside_traffic, time_suspect=guard.look
    )
    traces = traces_of(settings)
    hub = assemble(
        in_force=lambda: site.in_force,
        store=store,
        clock=clock,
        duplicate_secret=await _duplicate_secret(settings, store),
        log=log,
        limits=message_limits(settings),
        host=settings.hub.message_id_host,
        time=guard,
        revocation=known,
        address_book=lambda: book.current,
        tracer=traces,
    )
    public = PublicList(site.publicly_listed, clock, beside_traffic)
    running = run(
        hub,
        edge_limits=edge_limits(settings),
        path=urlsplit(settings.hub.public_url).path or "/",
        pages=lambda: public.pages,
    )
    begun.push_async_callback(running.edge.stop)
    running.watch = CertificateWatch(site.ending, clock, log, settings.data.directory / CERTIFICATES_TOLD)
    running.address_book, running.public_list, running.traces = book, public, traces
    running.nodes = node_watch_of(settings, site, store, clock)
    running.revocation = watch_of(
        settings,
        known,
        lambda: site.configuration,
        hub.known_signers,
        clock,
        log,
        time_suspect=lambda: guard.suspect,
    )
    port = settings.listen.port
    for host in settings.listen.host:
        try:
            port = await running.listen(host, settings.listen.port, tls)
        except OSError as fault:
            raise not_listening(fault, "listen.host", settings.listen.host, host, settings.listen.port) from None
    if settings.portal is not None and site.own.portal is not None:
        running.portal = await open_portal(
            settings, settings.portal, lambda: _portal_keys(site), site.passwords, hub, clock, log, on_failure
        )
    return running, port


def _portal_keys(site: ConfiguredSite) -> PortalKeys:
    """Those that were read last."""
    if site.own.portal is None:
        raise NotStartable(("portal: its keys are gone",))
    return site.own.portal


def _on_loop(on_failure: Callable[[BaseException], None]) -> Callable[[BaseException], None]:
    """The same, for another thread to call."""
    loop = asyncio.get_running_loop()

    def told(error: BaseException) -> None:
        with suppress(RuntimeError):  # the loop has been closed; nobody waits any more
            loop.call_soon_threadsafe(on_failure, error)

    return told


def time_guard(
    settings: Settings,
    clock: Clock,
    *,
    asks_kernel: bool,
    used: bool = False,
    on_failure: Callable[[BaseException], None] = lambda _error: None,
    thread: Executor | None = None,
) -> TimeGuard:
    """The watch over that clock, with the mark in the data directory, which has to be there if that was `used` before.
    The kernel is asked too if it `asks_kernel`.
    """
    return TimeGuard(
        clock,
        settings.data.directory / TIME_MARK,
        boot=boot_id(),
        expected=used,
        synchronised=kernel_synchronised if asks_kernel else lambda: None,
        on_failure=on_failure,
        thread=thread,
    )


def asks_kernel(configuration: Configuration | None) -> bool:
    """Whether the machine's clock has to be synchronised, as that of a test environment has not."""
    return configuration is None or configuration.hub.environment != "test"


def _clock(site: ConfiguredSite, moved_seconds: float) -> Clock:
    if not moved_seconds:
        return SystemClock()
    if site.configuration.hub.environment != "test":
        raise NotStartable(("the clock can be moved in a test environment only: see environment in hub.yaml",))
    return MovedClock(offset=timedelta(seconds=moved_seconds))
