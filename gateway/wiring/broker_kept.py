"""The broker of logins as its metadata say now, which are read again when files changed and never go back.

What was relied on is kept in the portal's store, so that a start, too, takes no metadata that end earlier: whoever can
put an old file in the place of the new one would bring back keys that the broker withdrew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from gateway.clock import Clock
from gateway.events import EventLog
from gateway.identity.saml import Broker, BrokerMetadataFault, read_broker
from gateway.named_file import TEXT_OCTETS, FileRefused, read_named
from gateway.settings import EHerkenningSection
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.portal.interface import Brokers
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.portal_keys import PortalKeys
from pmodes.term import day_begins


class BrokerKept:
    """The broker as its metadata says now; `look` reads that again."""

    def __init__(
        self,
        login: EHerkenningSection,
        keys: Callable[[], PortalKeys],
        store: Brokers,
        clock: Clock,
        log: EventLog,
        *,
        broker: Broker,
    ) -> None:
        self._login = login
        self._keys = keys
        self._store = store
        self._clock = clock
        self._log = log
        self._broker = broker

    @classmethod
    async def read(
        cls, login: EHerkenningSection, keys: Callable[[], PortalKeys], store: Brokers, clock: Clock, log: EventLog
    ) -> Self:
        """Read for the first time; `NotStartable` with why there is nothing to rely on."""
        return cls(login, keys, store, clock, log, broker=await broker_of(login, keys(), store, clock))

    def __call__(self) -> Broker:
        return self._broker

    async def look(self) -> None:
        """Take over what the file says now; where that will not do, what was read before stays."""
        try:
            self._broker = await broker_of(self._login, self._keys(), self._store, self._clock)
        except NotStartable as fault:
            self._log("broker_metadata_refused", detail=str(fault))


async def broker_of(login: EHerkenningSection, keys: PortalKeys, store: Brokers, clock: Clock) -> Broker:
    """The broker, by its metadata, which the store remembers before anybody relies on them; `NotStartable` where they
    are not to be relied on.
    """
    place = f"portal.eherkenning.broker_metadata: {login.broker_metadata}"
    try:
        octets = read_named(login.broker_metadata, most_octets=TEXT_OCTETS)
        broker = read_broker(octets, entity_id=login.broker, signers=keys.broker_signers, now=clock.now())
        anew = login.broker_metadata_anew
        counts = await store.rely_on_metadata(
            login.broker, broker.valid_until, anew_from=None if anew is None else day_begins(anew)
        )
    except FileRefused as fault:
        raise NotStartable((f"{place}: {fault.told}",)) from None
    except BrokerMetadataFault as fault:
        raise NotStartable((f"{place}: {fault}; fetch it anew from the broker",)) from None
    except (StoreUnavailable, OutcomeUnknown) as fault:
        raise NotStartable((f"{place}: the portal's store cannot say what was relied on before: {fault}",)) from None
    if counts.valid_until > broker.valid_until:
        raise NotStartable(
            (
                f"{place}: ends at {broker.valid_until:%Y-%m-%dT%H:%M:%SZ}, before what was relied on already, which"
                f" ends at {counts.valid_until:%Y-%m-%dT%H:%M:%SZ}; fetch it anew from the broker. If the broker itself"
                " gives no later one, ask it by telephone whether this is right, and if it is, say so with a moment"
                f" after {counts.relied_at:%Y-%m-%dT%H:%M:%SZ} under portal.eherkenning.broker_metadata_anew",
            )
        )
    return broker
