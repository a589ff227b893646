"""Who signed what was accepted in the last 90 days: certificates that may have left their P-Mode since (decision 0017).

Kept in memory, so that whoever has proved nothing causes no read of the store. A certificate in here earns nothing but
the receipt of a message that was accepted: whose repetition it is, the signature then proves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TypeAlias

from crypto.certificates import Certificate, load_certificates
from gateway.ebms.model import Party, PartyKey
from gateway.store.interface import Store, StoreUnavailable
from gateway.store.model import Signer
from gateway.store.slices import Slice

_Kept: TypeAlias = dict[PartyKey, dict[Signer, None]]  # the last that was accepted of stands last


class StillInFlight(StoreUnavailable):
    """An earlier arrival of the same message is not settled yet: what it comes to decides about this one."""


class KnownSigners:
    """The signers that the store remembers, and those of messages on their way."""

    def __init__(self) -> None:
        self._kept: _Kept = {}
        self._noted: dict[Signer, None] = {}  # since the store was asked
        self._renewing = asyncio.Lock()
        self._arriving: dict[bytes, _Arrival] = {}

    async def renew(self, store: Store) -> None:
        """Know whom the store remembers, and nobody else but those of messages on their way. Others have their turn,
        and what was known before counts until all of it is there.
        """
        async with self._renewing:
            self._noted = {}  # those of before are in the store
            signers = await store.signers()
            kept: _Kept = {}
            part = Slice()
            for signer in signers:
                if part.is_over():
                    await asyncio.sleep(0)
                    part = Slice()
                kept.setdefault(signer.from_party, {})[signer] = None
            for signer in self._noted:  # no turn for others from here on, or one more could be missed
                kept.setdefault(signer.from_party, {})[signer] = None
            self._kept = kept

    def note(self, signer: Signer) -> None:
        """Know this one, too: something of it was accepted."""
        self._noted[signer] = None
        self._kept.setdefault(signer.from_party, {})[signer] = None

    def of(self, party: Party) -> tuple[Signer, ...]:
        """Who signed for the party that eb:From names, the last first."""
        key = party.key
        arriving = (each.signer for each in self._arriving.values() if each.signer.from_party == key)
        return tuple(dict.fromkeys((*arriving, *reversed(self._kept.get(key, {})))))

    def everyone(self) -> Iterator[Signer]:
        """All whose acceptances are remembered."""
        for signers in self._kept.values():
            yield from signers

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


@lru_cache(maxsize=4096)
def certificate_of(der: bytes) -> Certificate:
    """The certificate that was kept; public, and read once."""
    return load_certificates(der)[0]
