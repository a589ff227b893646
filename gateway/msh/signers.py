"""Who signed what was accepted in the last 90 days: certificates that may have left their P-Mode since (decision 0017).

Kept in memory, so that whoever has proved nothing causes no read of the store. A certificate in here earns nothing but
the receipt of a message that was accepted: whose repetition it is, the signature then proves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TypeAlias

from crypto.certificates import Certificate, load_certificates
from gateway.ebms.model import Party
from gateway.store.interface import Store, StoreUnavailable
from gateway.store.model import Signer

PartyIds: TypeAlias = tuple[tuple[str, str | None], ...]


class StillInFlight(StoreUnavailable):
    """An earlier arrival of the same message is not settled yet: what it comes to decides about this one."""


class KnownSigners:
    """The signers that the store remembers, and those of messages on their way."""

    def __init__(self) -> None:
        self._kept: dict[PartyIds, tuple[Signer, ...]] = {}
        self._noted: list[Signer] = []  # since the store was asked
        self._arriving: dict[bytes, _Arrival] = {}

    async def renew(self, store: Store) -> None:
        """Know whom the store remembers, and nobody else but those of messages on their way."""
        before = len(self._noted)
        signers = await store.signers()
        self._noted = self._noted[before:]
        self._kept = {}
        for signer in (*signers, *self._noted):
            self._keep(signer)

    def note(self, signer: Signer) -> None:
        """Know this one, too: something of it was accepted."""
        self._noted.append(signer)
        self._keep(signer)

    def _keep(self, signer: Signer) -> None:
        known = self._kept.get(signer.from_party, ())
        if signer not in known:
            self._kept[signer.from_party] = (*known, signer)

    def of(self, party: Party) -> tuple[Signer, ...]:
        """Who signed for the party that eb:From names, the last first."""
        name = party_ids(party)
        arriving = (each.signer for each in self._arriving.values() if each.signer.from_party == name)
        return tuple(dict.fromkeys((*arriving, *reversed(self._kept.get(name, ())))))

    @asynccontextmanager
    async def one_at_a_time(self, key: bytes, signer: Signer, *, wait_seconds: float) -> AsyncIterator[None]:
        """Let one arrival of a message pass; who comes meanwhile waits for what becomes of it.

        Raises `StillInFlight` when that takes too long. Between processes the row of the acceptance decides.
        """
        arrival = self._arriving.get(key)
        if arrival is None:
            arrival = self._arriving[key] = _Arrival(signer)
        arrival.number += 1
        try:
            try:
                async with asyncio.timeout(wait_seconds):
                    await arrival.lock.acquire()
            except TimeoutError:
                raise StillInFlight("an earlier arrival of the message is still in flight") from None
            try:
                yield
            finally:
                arrival.lock.release()
        finally:
            arrival.number -= 1
            if arrival.number == 0:
                del self._arriving[key]


class _Arrival:
    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.lock = asyncio.Lock()
        self.number = 0  # of those that hold the lock or wait for it


def party_ids(party: Party) -> PartyIds:
    """The PartyIds of a party in one order."""
    return tuple(
        sorted(((each.value, each.type) for each in party.party_ids), key=lambda each: (each[0], each[1] or ""))
    )


@lru_cache(maxsize=4096)
def certificate_of(der: bytes) -> Certificate:
    """The certificate that was kept; public, and read once."""
    return load_certificates(der)[0]
