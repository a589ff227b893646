"""The administrative side of a running hub: its verbs on `admin.sock`, with those that need the hub's own keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.clock import SystemClock
from gateway.jobs.time_guard import said_of
from gateway.msh.expire import expire_sealed_to
from gateway.msh.later import Postponed
from gateway.msh.submit import NotSubmitted, submit_test
from gateway.settings import Settings
from gateway.store.admin import AdminServer, open_for_administration
from gateway.store.administration import Administration, AdminRefused, StoreAdministration
from gateway.store.model import KeyLost
from gateway.wiring.from_settings import read_configuration
from gateway.wiring.opening import OpenedHub, time_guard
from gateway.wiring.stores import engine_of
from pmodes.configuration import Configuration


@asynccontextmanager
async def serve_administration(opened: OpenedHub, settings: Settings) -> AsyncIterator[None]:
    """Answer administrative commands while the hub runs."""
    hub = opened.running.hub

    async def expire(thumbprint: str) -> KeyLost:
        return await expire_sealed_to(thumbprint, hub)

    async def test(party: str) -> str:
        try:
            return await submit_test(party, hub)
        except NotSubmitted as reason:
            raise AdminRefused(str(reason), "see the organisations' files and the list of mailboxes") from None
        except Postponed as reason:
            raise AdminRefused(reason.detail, "renew that certificate, then try again") from None

    def grounds() -> tuple[str, ...]:
        hub.time.look()
        return tuple(said_of((each,)) for each in hub.time.grounds)

    administration = StoreAdministration(
        opened.store,
        hub.clock,
        expire_sealed_to=expire,
        test_mailbox=test,
        confirm_time=opened.running.keeper.confirm_time,
        time_suspect=hub.time.look,
        time_grounds=grounds,
    )
    server = await AdminServer.start(administration, settings.data.directory)
    try:
        yield
    finally:
        await server.aclose()


@asynccontextmanager
async def administration_of(settings: Settings) -> AsyncIterator[Administration]:
    """The store of a hub for an administrative command: through the running hub, or itself when none runs."""
    administration = await open_for_administration(
        engine_of(settings),
        settings.data.directory,
        SystemClock(),
        time_suspect=lambda used: time_is_suspect(settings, read_configuration(settings)[0], used=used),
        log_days=settings.data.log_days,
    )
    try:
        yield administration
    finally:
        await administration.aclose()


def time_is_suspect(settings: Settings, configuration: Configuration | None, *, used: bool) -> bool:
    """Whether a hub that started now, on a store that was used before or not, would doubt the clock of this machine."""
    return time_guard(settings, configuration, SystemClock(), used=used).suspect
