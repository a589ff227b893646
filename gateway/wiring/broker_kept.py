"""The broker of logins as its metadata say now, which are read again when files changed and never go back.

What was relied on is kept in the portal's store, so that a start, too, takes no metadata that end earlier: whoever can
put an old file in the place of the new one would bring back keys that the broker withdrew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Self

from crypto.certificates import Certificate
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

# How long before their end metadata are told of. Somebody has to fetch them: a weekend with a holiday on either side
# of it leaves a working day. A broker that publishes them for a week, fetched every day, is never told of.
NOTICE: Final = timedelta(days=5)


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
        self._told: date | None = None  # the day on which their end was told of

    @classmethod
    async def read(
        cls, login: EHerkenningSection, keys: Callable[[], PortalKeys], store: Brokers, clock: Clock, log: EventLog
    ) -> Self:
        """Read for the first time; `NotStartable` with why there is nothing to rely on."""
        found = cls(login, keys, store, clock, log, broker=await broker_of(login, keys(), store, clock))
        found._tell_end()
        return found

    def __call__(self) -> Broker:
        return self._broker

    async def look(self) -> None:
        """Take over what the file says now; where that will not do, what was read before stays."""
        try:
            self._broker = await broker_of(self._login, self._keys(), self._store, self._clock)
        except NotStartable as fault:
            self._log("broker_metadata_refused", detail=str(fault))
        self._tell_end()

    def _tell_end(self) -> None:
        """That what is relied on ends, once a day."""
        now, ends_at = self._clock.now(), self._broker.valid_until
        if ends_at - now > NOTICE or self._told == now.date():
            return
        self._told = now.date()
        self._log(
            "broker_metadata_ends",
            place=_place(self._login),
            ends_at=ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            days_left=(ends_at - now) // timedelta(days=1),
        )


def broker_worries(login: EHerkenningSection, signers: Sequence[Certificate], at: datetime) -> list[str]:
    """What is to be said of the metadata as they lie there, whatever was relied on before: why a start would not take
    them, or that they end soon.
    """
    try:
        broker = _read(login, signers, at)
    except NotStartable as fault:
        return list(fault.complaints)
    if broker.valid_until - at > NOTICE:
        return []
    return [
        f"{_place(login)}: ends at {broker.valid_until:%Y-%m-%dT%H:%M:%SZ}; from then on nobody logs in at the portal,"
        " and the hub does not start again: fetch it anew from the broker"
    ]


async def broker_of(login: EHerkenningSection, keys: PortalKeys, store: Brokers, clock: Clock) -> Broker:
    """The broker, by its metadata, which the store remembers before anybody relies on them; `NotStartable` where they
    are not to be relied on.
    """
    place, broker, anew = _place(login), _read(login, keys.broker_signers, clock.now()), login.broker_metadata_anew
    try:
        counts = await store.rely_on_metadata(
            login.broker, broker.valid_until, anew_from=None if anew is None else day_begins(anew)
        )
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


def _read(login: EHerkenningSection, signers: Sequence[Certificate], at: datetime) -> Broker:
    """What the file says; `NotStartable` where it is not to be relied on at that moment."""
    try:
        octets = read_named(login.broker_metadata, most_octets=TEXT_OCTETS)
        return read_broker(octets, entity_id=login.broker, signers=signers, now=at)
    except FileRefused as fault:
        raise NotStartable((f"{_place(login)}: {fault.told}",)) from None
    except BrokerMetadataFault as fault:
        raise NotStartable((f"{_place(login)}: {fault}; fetch it anew from the broker",)) from None


def _place(login: EHerkenningSection) -> str:
    return f"portal.eherkenning.broker_metadata: {login.broker_metadata}"
