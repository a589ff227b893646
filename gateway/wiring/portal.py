"""The portal of its settings: its facts, its road to log in, its store, and its listener, which it gives back running.

The broker's metadata is read again at each reload, and never an older one than was relied on.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.clock import Clock
from gateway.desk_files import FOLDER, read_desk_files
from gateway.edge.server import EdgeServer
from gateway.events import EventLog
from gateway.identity.login import Level, LoginKind
from gateway.identity.saml import (
    Broker,
    BrokerMetadataFault,
    LoginService,
    RelyingParty,
    read_broker,
)
from gateway.limits import EdgeLimits
from gateway.msh.hub import Hub
from gateway.named_file import TEXT_OCTETS, FileRefused, read_named
from gateway.net.fetching import Outbound
from gateway.pages.rendering import Renderer
from gateway.pages.served import Served
from gateway.pages.texts import read_texts
from gateway.portal.listening import portal_server
from gateway.portal.portal import Portal, PortalFacts
from gateway.portal.road import LoginRoad
from gateway.portal.saml_road import SamlRoad
from gateway.portal.type_words import TypeWords
from gateway.settings import EHerkenningSection, PortalSection, Settings
from gateway.settings.portal_section import LoginServiceSection
from gateway.storage import DatabaseBroken, DatabaseRefused, DiskFull
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.wiring.from_settings import edge_limits
from gateway.wiring.not_startable import NotStartable, StorageBroken, no_room, not_startable
from gateway.wiring.outbound import outbound_of
from gateway.wiring.portal_keys import PortalKeys
from xsd.forms.descriptions import Descriptions

CONSUMER_PATH: Final = "/eherkenning/1.13/acs"


def _nothing(_edge: EdgeServer) -> None:
    """A portal of a test has no files that change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPortal:
    """A portal with its listener and its store, both of which it ends."""

    portal: Portal
    edge: EdgeServer
    port: int = 0
    renew: Callable[[EdgeServer], None] = _nothing

    def renew_now(self) -> None:
        """The files changed, and are read again."""
        self.renew(self.edge)

    async def keep(self) -> None:
        """Forget what is over, unless the time cannot be trusted."""
        time, store = self.portal.hub.time, self.portal.store

        async def trusted() -> bool:
            suspect = time.look()
            await time.remembered()
            return not suspect

        try:
            await store.purge(trusted=trusted)
        finally:
            await store.cut_log()

    async def stop(self) -> None:
        """No new connections, end what runs, close the store."""
        try:
            await self.edge.stop()
        finally:
            await self.portal.store.aclose()


def assemble_portal(
    facts: PortalFacts,
    *,
    hub: Hub,
    store: PortalStore,
    road: LoginRoad,
    log: EventLog,
    limits: EdgeLimits,
    random: Callable[[int], bytes] = os.urandom,
) -> RunningPortal:
    """A portal of these parts; nothing listens yet."""
    served, catalogue = Served.of(read_desk_files()), hub.configuration().catalogue
    portal = Portal(
        facts=facts,
        hub=hub,
        store=store,
        road=road,
        served=served,
        renderer=Renderer(served),
        texts=read_texts(FOLDER / "texts", facts.languages),
        type_words=TypeWords(catalogue),
        forms=Descriptions(catalogue),
        random=random,
        log=log,
    )
    return RunningPortal(portal=portal, edge=portal_server(portal, limits))


def facts_of(section: PortalSection) -> PortalFacts:
    """What the settings say of the portal."""
    return PortalFacts(
        origin=section.url,
        languages=tuple(section.languages),
        helpdesk=section.helpdesk,
        notice=section.notice,
    )


def relying_party(url: str, login: EHerkenningSection, keys: PortalKeys) -> RelyingParty:
    """The portal at that address as a broker sees it."""
    services = ((LoginKind.USER, login.user), (LoginKind.ADMINISTRATOR, login.administrator))
    return RelyingParty(
        entity_id=login.entity_id,
        consumer_url=f"{url}{CONSUMER_PATH}",
        services={kind: _service(kind, each) for kind, each in services},
        signer=keys.signer,
        unwrappers=keys.unwrappers,
        required=Level(login.level),
        consumer_index=login.consumer_index,
    )


class BrokerKept:
    """The broker as its metadata says now; `look` reads that again."""

    def __init__(self, login: EHerkenningSection, keys: Callable[[], PortalKeys], clock: Clock, log: EventLog) -> None:
        self._login = login
        self._keys = keys
        self._clock = clock
        self._log = log
        self._broker = broker_of(login, keys(), clock.now())

    def __call__(self) -> Broker:
        return self._broker

    def look(self) -> None:
        """Take over what the file says now; where that will not do, what was read before stays."""
        try:
            self._broker = broker_of(self._login, self._keys(), self._clock.now(), after=self._broker.valid_until)
        except NotStartable as fault:
            self._log("broker_metadata_refused", detail=str(fault))


async def open_portal(
    settings: Settings,
    section: PortalSection,
    keys: Callable[[], PortalKeys],
    hub: Hub,
    clock: Clock,
    log: EventLog,
    on_failure: Callable[[BaseException], None],
) -> RunningPortal:
    """The portal of those settings, which listens; `NotStartable` with why it cannot."""
    road, look = road_of(section, keys, outbound_of(settings), clock, log)
    try:
        data = settings.data
        store = await SqlitePortalStore.open(data.directory, mark=data.mark, clock=clock, on_failure=on_failure)
    except DatabaseBroken as fault:
        raise StorageBroken((str(fault),)) from None
    except DiskFull as fault:
        raise no_room(fault) from None
    except DatabaseRefused as fault:
        raise NotStartable((str(fault),)) from None
    running = assemble_portal(facts_of(section), hub=hub, store=store, road=road, log=log, limits=edge_limits(settings))
    running = replace(running, renew=lambda edge: _renew(edge, look, keys()))
    async with AsyncExitStack() as begun:
        begun.push_async_callback(running.stop)
        for host in section.host:
            try:
                port = await running.edge.listen(host, section.port, keys().tls)
            except OSError as fault:
                why = "another program uses it" if fault.errno == errno.EADDRINUSE else fault.strerror
                complaint = f"portal.host: cannot listen on {host} port {section.port}: {why}"
                raise not_startable(fault, complaint) from None
        begun.pop_all()
    return replace(running, port=port)


def road_of(
    section: PortalSection, keys: Callable[[], PortalKeys], outbound: Outbound, clock: Clock, log: EventLog
) -> tuple[LoginRoad, Callable[[], None]]:
    """The one way to log in that the settings name, and what looks again at its files."""
    if (login := section.eherkenning) is not None:
        broker = BrokerKept(login, keys, clock, log)
        road = SamlRoad(
            lambda: relying_party(section.url, login, keys()),
            broker,
            outbound,
            content_type=login.artifact_content_type,
            random=os.urandom,
        )
        _show_broker(outbound, keys())
        return road, lambda: _look_again(broker, outbound, keys())
    if section.oidc is None:
        raise NotStartable(("portal: has no way to log in",))
    try:
        from gateway.wiring.oidc_login import oidc_road  # late: what it needs is an extra
    except ModuleNotFoundError as missing:
        complaint = f"portal.oidc: {missing.name} is not installed; install it with: pip install 'knooppunt[oidc]'"
        raise NotStartable((complaint,)) from None
    return oidc_road(section.url, section.oidc, keys(), outbound), _nothing_to_look_at


def _look_again(broker: BrokerKept, outbound: Outbound, keys: PortalKeys) -> None:
    _show_broker(outbound, keys)
    broker.look()


def _show_broker(outbound: Outbound, keys: PortalKeys) -> None:
    """Logins are resolved under the certificate that was read last, where there is one."""
    if keys.to_broker is not None:
        outbound.renew_tls(keys.to_broker)


def _nothing_to_look_at() -> None:
    """A provider has no file here."""


def _renew(edge: EdgeServer, look: Callable[[], None], keys: PortalKeys) -> None:
    if keys.tls is not None:
        edge.renew_tls(keys.tls)
    look()


def broker_of(login: EHerkenningSection, keys: PortalKeys, now: datetime, *, after: datetime | None = None) -> Broker:
    """The broker, by its metadata; `NotStartable` where that is not to be relied on."""
    place = f"portal.eherkenning.broker_metadata: {login.broker_metadata}"
    try:
        octets = read_named(login.broker_metadata, most_octets=TEXT_OCTETS)
        return read_broker(octets, entity_id=login.broker, signers=keys.broker_signers, now=now, after=after)
    except FileRefused as fault:
        raise NotStartable((f"{place}: {fault.told}",)) from None
    except BrokerMetadataFault as fault:
        raise NotStartable((f"{place}: {fault}; fetch it anew from the broker",)) from None


def _service(kind: LoginKind, section: LoginServiceSection) -> LoginService:
    return LoginService(kind=kind, index=section.index, service_id=section.id, service_uuid=section.uuid)
