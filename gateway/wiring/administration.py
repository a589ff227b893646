"""The administrative side of a hub: its verbs on `admin.sock` while it runs, and its store itself where none runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from crypto.certificates import load_der
from gateway.administration.administered import Administered, Desks, FileChange, NowInForce, Running
from gateway.administration.asking import Administration, Directly
from gateway.administration.opening import open_for_administration
from gateway.administration.server import AdministrationServer
from gateway.clock import Clock, SystemClock
from gateway.settings import Settings
from gateway.store.portal.interface import PortalStore
from gateway.wiring.from_settings import read_configuration
from gateway.wiring.granting import foretold, grant
from gateway.wiring.new_certificate import change_certificates_of_desk
from gateway.wiring.opening import OpenedHub, asks_kernel
from gateway.wiring.portal import RunningPortal
from gateway.wiring.stores import engine_of
from gateway.wiring.time_doubts import against_time


@asynccontextmanager
async def serve_administration(opened: OpenedHub, settings: Settings) -> AsyncIterator[None]:
    """Answer administrative commands while the hub runs, those about desks where it has a portal."""
    hub, portal = opened.running.hub, opened.running.portal

    def grounds() -> tuple[str, ...]:
        hub.time.look()
        return hub.time.reasons

    running = Running(
        hub=hub,
        confirm_time=opened.running.keeper.confirm_time,
        time_grounds=grounds,
        reload=opened.reloading.reload,
        changes=opened.reloading.changes,
        in_force=lambda: NowInForce(
            organisations=len(opened.site.configuration.organisations),
            signing_keys=len(opened.site.own.keys.signing),
            decryption_keys=len(opened.site.own.keys.decryption),
            tls=opened.tls,
        ),
        reload_refused=lambda: opened.reloading.refused,
        events=opened.log.counts,
        vitals=opened.measuring.vitals,
        desks=None if portal is None else _desks_with_mail(portal, settings, hub.time),
    )
    administered = Administered(store=opened.store, clock=hub.time, running=running, time_suspect=hub.time.look)
    server = await AdministrationServer.start(Directly(administered), settings.data.directory)
    try:
        yield
    finally:
        await server.aclose()


def _desks_with_mail(portal: RunningPortal, settings: Settings, clock: Clock) -> Desks:
    desks, mail = desks_of(portal.portal.store, settings, clock), portal.mail
    return desks if mail is None else replace(desks, test_mail=mail.test)


def desks_of(store: PortalStore, settings: Settings, clock: Clock) -> Desks:
    """What the operator decides about desks; P-Mode files are read and written in a thread, beside the traffic."""

    async def put(change: FileChange) -> None:
        there = None if change.there is None else (load_der(change.there[0]), load_der(change.there[1]))
        gone = [load_der(each) for each in change.gone]
        await asyncio.to_thread(
            change_certificates_of_desk,
            settings,
            change.unit,
            there=there,
            gone=gone,
            alone=change.alone,
            at=clock.now(),
        )

    return Desks(
        store=store,
        put_certificates=put,
        foretold=lambda unit, wish: foretold(settings, unit, wish, at=clock.now()),
        grant=lambda unit, wish: grant(settings, unit, wish, at=clock.now()),
    )


@asynccontextmanager
async def administration_of(settings: Settings) -> AsyncIterator[Administration]:
    """The store of a hub for an administrative command: through the running hub, or itself when none runs."""
    administration = await open_for_administration(
        engine_of(settings),
        settings.data.directory,
        SystemClock(),
        time_suspect=lambda used: bool(
            against_time(settings, asks_kernel=asks_kernel(read_configuration(settings)[0]), used=used)
        ),
        log_days=settings.data.log_days,
    )
    try:
        yield administration
    finally:
        await administration.aclose()
