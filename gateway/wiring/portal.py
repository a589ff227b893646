"""The portal of its settings: its facts, its road to log in, its store and its listener, given back as it runs."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from gateway.clock import Clock
from gateway.desk_files import FOLDER, read_desk_files
from gateway.edge.server import EdgeServer
from gateway.events import EventLog
from gateway.identity.login import Level, LoginKind
from gateway.identity.saml import LoginService, RelyingParty
from gateway.jobs.leaving_due import LeavingDue
from gateway.jobs.retired_keys import end_retired_keys
from gateway.limits import EdgeLimits
from gateway.msh.hub import Hub
from gateway.net.fetching import Outbound
from gateway.pages.rendering import Renderer
from gateway.pages.served import Served
from gateway.pages.texts import read_texts
from gateway.passwords import Passwords
from gateway.portal.listening import portal_server
from gateway.portal.portal import Portal, PortalFacts
from gateway.portal.road import LoginRoad
from gateway.portal.saml_road import SamlRoad
from gateway.portal.type_words import TypeWords
from gateway.settings import EHerkenningSection, PortalSection, Settings
from gateway.settings.portal_section import LoginServiceSection
from gateway.storage import DatabaseBroken, DatabaseRefused, DiskFull
from gateway.store.portal.interface import PortalStore
from gateway.wiring.broker_kept import BrokerKept
from gateway.wiring.from_settings import edge_limits
from gateway.wiring.listening import not_listening
from gateway.wiring.not_startable import NotStartable, StorageBroken, no_room
from gateway.wiring.outbound import outbound_of
from gateway.wiring.portal_keys import PortalKeys
from gateway.wiring.stores import engine_of
from xsd.forms.descriptions import Descriptions

if TYPE_CHECKING:
    from gateway.jobs.mail_round import MailRound

CONSUMER_PATH: Final = "/eherkenning/1.13/acs"


def _nothing(_edge: EdgeServer) -> None:
    """A portal of a test has no files that change."""


async def _nothing_read() -> None:
    """Nor a broker that publishes metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPortal:
    """A portal with its listener and its store, both of which it ends."""

    portal: Portal
    edge: EdgeServer
    port: int = 0
    renew: Callable[[EdgeServer], None] = _nothing
    look: Callable[[], Awaitable[None]] = _nothing_read
    concerns: tuple[str, ...] = ()  # what keeps everybody from logging in, as it was at the start
    mail: MailRound | None = None  # None where settings want none
    leaving: LeavingDue = field(default_factory=LeavingDue)

    def renew_now(self) -> None:
        """Keys were read, and are taken over."""
        self.renew(self.edge)

    async def keep(self) -> None:
        """Forget what is over, end the keys under which nothing waits, and tell who is to leave, unless the time cannot
        be trusted.
        """
        time, store = self.portal.hub.time, self.portal.store

        async def trusted() -> bool:
            suspect = time.look()
            await time.remembered()
            return not suspect

        try:
            await store.purge(trusted=trusted)
            if await trusted():
                await end_retired_keys(store, self.portal.hub)
                await self.leaving.tell(store, self.portal.hub)
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


def facts_of(section: PortalSection, *, sends_mail: bool = False) -> PortalFacts:
    """What the settings say of the portal."""
    return PortalFacts(
        origin=section.url,
        languages=tuple(section.languages),
        helpdesk=section.helpdesk,
        notice=section.notice,
        sends_mail=sends_mail,
        joining=section.joining,
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


async def open_portal(
    settings: Settings,
    section: PortalSection,
    keys: Callable[[], PortalKeys],
    passwords: Passwords,
    hub: Hub,
    clock: Clock,
    log: EventLog,
    on_failure: Callable[[BaseException], None],
) -> RunningPortal:
    """The portal of those settings, which listens; `NotStartable` with why it cannot."""
    async with AsyncExitStack() as begun:
        try:
            engine = engine_of(settings)
            store = await engine.open_portal(settings.data.directory, clock=clock, on_failure=on_failure)
        except DatabaseBroken as fault:
            raise StorageBroken((str(fault),)) from None
        except DiskFull as fault:
            raise no_room(fault) from None
        except DatabaseRefused as fault:
            raise NotStartable((str(fault),)) from None
        begun.push_async_callback(store.aclose)
        opened = await road_of(section, keys, outbound_of(settings), store, clock, log)
        running = replace(
            assemble_portal(
                facts_of(section, sends_mail=settings.mail is not None),
                hub=hub,
                store=store,
                road=opened.road,
                log=log,
                limits=edge_limits(settings),
            ),
            renew=lambda edge: _renew(edge, opened, keys()),
            look=opened.look,
            concerns=opened.concerns,
        )
        running = replace(running, mail=_mail_of(settings, running.portal, passwords))
        for each in opened.concerns:
            log("configuration_warning", detail=each)
        begun.push_async_callback(running.stop)
        for host in section.host:
            try:
                port = await running.edge.listen(host, section.port, keys().tls)
            except OSError as fault:
                raise not_listening(fault, "portal.host", section.host, host, section.port) from None
        begun.pop_all()
    return replace(running, port=port)


def _mail_of(settings: Settings, portal: Portal, passwords: Passwords) -> MailRound | None:
    if settings.mail is None:
        return None
    try:
        from gateway.wiring.mail import mail_round  # late: what it needs is an extra
    except ModuleNotFoundError as missing:
        complaint = f"mail: {missing.name} is not installed; install it with: pip install 'knooppunt[mail]'"
        raise NotStartable((complaint,)) from None
    return mail_round(settings.mail, portal, passwords)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRoad:
    """The way to log in, what takes over the keys that were read last, and what reads the broker's file again."""

    road: LoginRoad
    renew: Callable[[], None]
    look: Callable[[], Awaitable[None]]
    concerns: tuple[str, ...]


async def road_of(
    section: PortalSection,
    keys: Callable[[], PortalKeys],
    outbound: Outbound,
    store: PortalStore,
    clock: Clock,
    log: EventLog,
) -> OpenedRoad:
    """The one way to log in that the settings name; `NotStartable` with why it leads nowhere."""
    if (login := section.eherkenning) is not None:
        broker = await BrokerKept.read(login, keys, store, clock, log)
        road = SamlRoad(
            lambda: relying_party(section.url, login, keys()),
            broker,
            outbound,
            content_type=login.artifact_content_type,
            random=os.urandom,
        )
        _show_broker(outbound, keys())
        places = [("portal.eherkenning.broker_metadata", each) for each in broker().resolution_urls.values()]
        return OpenedRoad(
            road=road,
            renew=lambda: _show_broker(outbound, keys()),
            look=broker.look,
            concerns=_uncalled(outbound, places),
        )
    if section.oidc is None:
        raise NotStartable(("portal: has no way to log in",))
    try:
        from gateway.wiring.oidc_login import oidc_road  # late: what it needs is an extra
    except ModuleNotFoundError as missing:
        complaint = f"portal.oidc: {missing.name} is not installed; install it with: pip install 'knooppunt[oidc]'"
        raise NotStartable((complaint,)) from None
    oidc = section.oidc
    places = [("portal.oidc.token_url", oidc.token_url), ("portal.oidc.keys_url", oidc.keys_url)]
    return OpenedRoad(
        road=oidc_road(section.url, oidc, keys, outbound),
        renew=_nothing_to_renew,
        look=_nothing_to_look_at,
        concerns=_uncalled(outbound, places),
    )


def _uncalled(outbound: Outbound, places: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Which addresses of a login the settings do not let the hub call, each told once."""
    told = ((place, url, outbound.objection(url)) for place, url in places)
    said = (f"{place}: {url} is never called, and without it nobody logs in: {why}" for place, url, why in told if why)
    return tuple(dict.fromkeys(said))


def _show_broker(outbound: Outbound, keys: PortalKeys) -> None:
    """Logins are resolved under the certificate that was read last, where there is one."""
    if keys.to_broker is not None:
        outbound.renew_tls(keys.to_broker)


def _nothing_to_renew() -> None:
    """The key that asks for tokens is looked up each time."""


async def _nothing_to_look_at() -> None:
    """A provider has no file here."""


def _renew(edge: EdgeServer, opened: OpenedRoad, keys: PortalKeys) -> None:
    if keys.tls is not None:
        edge.renew_tls(keys.tls)
    opened.renew()


def _service(kind: LoginKind, section: LoginServiceSection) -> LoginService:
    return LoginService(kind=kind, index=section.index, service_id=section.id, service_uuid=section.uuid)
