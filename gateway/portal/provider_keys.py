"""The keys of an OpenID provider, kept for a while and fetched anew where a token names one that is not among them.

SECURITY: what a token names costs the provider one request a minute at most, whoever sends how many. A key that the
provider withdrew counts for an hour at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from gateway.identity.login import LoginRefused
from gateway.identity.oidc import MOST_KEYS_OCTETS, ProviderKeys, read_keys

ASK_AGAIN_AFTER: Final = timedelta(minutes=1)
KEEP: Final = timedelta(hours=1)


class Fetching(Protocol):
    """Gets and posts octets (`gateway.net.fetching.Outbound`); raises `NotFetched`."""

    async def get(self, url: str, *, most_octets: int) -> bytes: ...

    async def post(
        self, url: str, body: bytes, *, content_type: str, most_octets: int, headers: Mapping[str, str] = ...
    ) -> bytes: ...


class KeysOfProvider:
    """What was published under that address when it was asked last."""

    def __init__(self, url: str, outbound: Fetching) -> None:
        self._url = url
        self._outbound = outbound
        self._keys: ProviderKeys = {}
        self._asked_at: datetime | None = None
        self._fetched_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def looked_up(self, key_id: str, now: datetime) -> ProviderKeys:
        """The keys, fetched anew where that one is not among them; raises `LoginRefused` and `NotFetched`."""
        async with self._one_at_a_time:
            known = key_id in self._keys and _is_within(KEEP, self._fetched_at, now)
            if not known and not _is_within(ASK_AGAIN_AFTER, self._asked_at, now):
                self._asked_at = now  # before the answer: one that fails counts too
                self._keys = read_keys(await self._outbound.get(self._url, most_octets=MOST_KEYS_OCTETS))
                self._fetched_at = now
        if not _is_within(KEEP, self._fetched_at, now):
            raise LoginRefused("source", "the provider's keys could not be had a moment ago")
        return self._keys


def _is_within(span: timedelta, since: datetime | None, now: datetime) -> bool:
    """Whether less than that has passed; a clock that went back has passed nothing that counts."""
    return since is not None and timedelta(0) <= now - since < span
