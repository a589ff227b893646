"""The keys of an OpenID provider, kept for a while and fetched anew where a token names one that is not among them.

A provider that renews its signing key publishes the next one before it signs with it, or at once; either way the first
token under it has the keys fetched, and logins go on. Whoever comes while they are fetched waits for that one answer;
who needs a key that is known does not wait.

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
from gateway.net.fetching import NotFetched

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
        """The keys, that one among them, fetched anew where it was not; raises `LoginRefused` and `NotFetched`."""
        if not self._has(key_id, now):
            async with self._one_at_a_time:
                if not self._has(key_id, now) and not _is_within(ASK_AGAIN_AFTER, self._asked_at, now):
                    await self._fetch(now)
        if not _is_within(KEEP, self._fetched_at, now):
            raise NotFetched(f"the provider's keys: they could not be had {self._ago(now)}, and are not asked for yet")
        if key_id not in self._keys:
            raise LoginRefused(
                "signature", f"no key of the provider has that name; its keys were asked for {self._ago(now)}"
            )
        return self._keys

    def _has(self, key_id: str, now: datetime) -> bool:
        return key_id in self._keys and _is_within(KEEP, self._fetched_at, now)

    async def _fetch(self, now: datetime) -> None:
        self._asked_at = now  # before the answer: one that fails counts too
        try:
            octets = await self._outbound.get(self._url, most_octets=MOST_KEYS_OCTETS)
        except NotFetched as fault:
            raise NotFetched(f"the provider's keys: {fault}") from None
        self._keys = read_keys(octets)
        self._fetched_at = now

    def _ago(self, now: datetime) -> str:
        """When they were asked for last, in words."""
        seconds = 0 if self._asked_at is None else round((now - self._asked_at).total_seconds())
        return f"{seconds} s ago" if seconds > 0 else "just now"


def _is_within(span: timedelta, since: datetime | None, now: datetime) -> bool:
    """Whether less than that has passed; a clock that went back has passed nothing that counts."""
    return since is not None and timedelta(0) <= now - since < span
