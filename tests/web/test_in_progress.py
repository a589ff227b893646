"""How many requests the hub works on at once: those that are on their way through, and the one that finds no place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar

import pytest
from support.hubs.hub import PATIENT, TestedHub, running_hub
from support.hubs.raw import Peer, connected, whole
from support.messages.wire import Reply, ping, saldoverzoek

from gateway.edge.arrival import Arrival
from gateway.limits import EdgeLimits
from gateway.web import endpoint

IN_PROGRESS = 2
BEHIND = replace(
    EdgeLimits(), **PATIENT, trusted_proxies=(ip_network("127.0.0.0/8"),), requests_in_progress=IN_PROGRESS
)


def client(number: int) -> str:
    """Each speaks through our proxy and comes from a network of its own."""
    return f"X-Forwarded-For: 198.{18 + number}.7.1"


async def prove(hub: TestedHub, number: int) -> None:
    """A participant's signature that holds, from there."""
    async with connected(hub) as peer:
        await peer.send(whole(ping().wire(), client(number)))
        assert (await peer.answer()).receipt is not None


class Watched(Arrival):
    """Tells when an exchange has become work."""

    became_work: ClassVar[asyncio.Semaphore]

    def envelope_is_whole(self) -> None:
        super().envelope_is_whole()
        self.became_work.release()


@dataclass(frozen=True)
class Begun:
    """A message whose last octet is held back."""

    peer: Peer
    octets: bytes

    @classmethod
    async def by(cls, peer: Peer, number: int) -> Begun:
        """Send all but the end, and come back when the hub works on it."""
        octets = whole(saldoverzoek().wire(), client(number))
        await peer.send(octets[:-1])
        async with asyncio.timeout(20):
            await Watched.became_work.acquire()
        return cls(peer, octets)

    async def end(self) -> Reply:
        """Send the rest; the answer."""
        await self.peer.send(self.octets[-1:])
        return await self.peer.answer()


async def test_a_request_that_finds_no_place_is_asked_to_come_again_and_finds_one_when_another_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "Arrival", Watched)
    async with running_hub(tmp_path, edge_limits=BEHIND) as hub, connected(hub) as one, connected(hub) as other:
        Watched.became_work = asyncio.Semaphore(0)
        for number in range(IN_PROGRESS + 1):
            await prove(hub, number)
            await Watched.became_work.acquire()
        begun = [await Begun.by(one, 0), await Begun.by(other, 1)]
        async with connected(hub) as late:
            await late.send(whole(ping().wire(), client(IN_PROGRESS)))
            refused = await late.answer()
            assert (refused.status, "Retry-After" in refused.headers) == (503, True)
        assert (await begun[0].end()).receipt is not None
        await prove(hub, IN_PROGRESS)
        assert (await begun[1].end()).receipt is not None
