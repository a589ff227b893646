"""The portal's stores that have to pass the contract suite: each test of it runs once for every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.portal.engines import PORTAL_ENGINES, OpenPortal

from gateway.store.portal.interface import PortalStore


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(params=sorted(PORTAL_ENGINES))
async def open_portal(
    request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock
) -> AsyncIterator[OpenPortal]:
    """Opens the store of this test; opening again ends the earlier one, as a restart does."""
    opened: list[PortalStore] = []

    async def open_again() -> PortalStore:
        while opened:
            await opened.pop().aclose()
        opened.append(await PORTAL_ENGINES[request.param](tmp_path, clock))
        return opened[0]

    yield open_again
    while opened:
        await opened.pop().aclose()


@pytest.fixture
async def portal(open_portal: OpenPortal) -> PortalStore:
    return await open_portal()
