"""The same message again while its first is still on its way in: who comes second waits, and gets the receipt of
the one that was taken (decision 0017; SR-01).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hubs.hub import running_hub
from support.hubs.repeating import CHANGES, answer, assert_receipted, certificates, configured, counsellor, messages
from support.keys.pki import NOW, Variant, identity
from support.messages.signing_anew import Style, holodeck, phase4, signed_anew
from support.messages.wire import Reply, saldoverzoek

from gateway.msh.signers import KnownSigners
from gateway.store.interface import Store
from gateway.store.model import Signer
from pmodes.configuration import Configuration


class HeldStore:
    """The store of a hub in which an acceptance waits until the test lets it go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def accept(self, *arguments: object, **named: object) -> object:
        self.arrived.set()
        await self.released.wait()
        return await self._store.accept(*arguments, **named)  # type: ignore[arg-type]


class WatchedSigners(KnownSigners):
    """Tells when so many arrivals have come to where one passes at a time."""

    def __init__(self, awaited: int) -> None:
        super().__init__()
        self.came = asyncio.Event()
        self._awaited = awaited

    @asynccontextmanager
    async def one_at_a_time(self, key: bytes, signer: Signer, *, wait_seconds: float) -> AsyncIterator[None]:
        self._awaited -= 1
        if self._awaited == 0:
            self.came.set()  # whoever waits for it goes on when this one waits, too
        async with super().one_at_a_time(key, signer, wait_seconds=wait_seconds):
            yield


IN_FLIGHT: dict[str, tuple[Callable[[], Configuration] | None, Style, Variant]] = {
    "signed-anew": (None, holodeck(), "ordinary"),
    "key-reference": (None, holodeck(key_reference="ski"), "ordinary"),
    **{name: (made, phase4(), variant) for name, (made, variant) in CHANGES.items()},
}


@pytest.mark.parametrize("change", IN_FLIGHT)
async def test_a_retry_waits_for_the_first_that_is_in_flight_and_gets_its_receipt_SR_01(
    tmp_path: Path, change: str
) -> None:
    """Whatever the retry looks like, and whatever happened to the P-Mode meanwhile."""
    made, style, variant = IN_FLIGHT[change]
    draft = saldoverzoek()
    async with running_hub(tmp_path) as hub:
        store, signers = HeldStore(hub.store), WatchedSigners(awaited=3)
        within = replace(hub.hub, store=store, known_signers=signers)  # type: ignore[arg-type]
        wire = draft.wire()
        first = asyncio.create_task(answer(hub, wire, within=within))
        await store.arrived.wait()
        again = signed_anew(draft, style, counsellor(variant), at=NOW)
        under = None if made is None else made()
        retries = [asyncio.create_task(answer(hub, each, under=under, within=within)) for each in (again, wire)]
        async with asyncio.timeout(20):
            await signers.came.wait()
        store.released.set()
        assert (await first).receipt is not None
        assert_receipted(await retries[0], again)
        assert (await retries[1]).body == (await first).body
        assert await messages(hub) == 1


# Who signed the first, when the second (signed under the certificate that goes) comes, what goes, and what it gets.
GOING = [
    ("ordinary", "before", "ends", True),
    ("ordinary", "before", "leaves", True),
    ("expired", "before", "ends", True),
    ("expired", "before", "leaves", True),
    ("ordinary", "after", "ends", True),
    ("expired", "after", "ends", True),
    ("expired", "after", "leaves", True),
    ("ordinary", "after", "leaves", False),  # nobody ever had something accepted under it: it is nobody's
]


@pytest.mark.parametrize(("first_by", "comes", "change", "receipted"), GOING)
async def test_a_certificate_that_goes_while_the_first_is_in_flight_costs_the_second_signing_no_receipt_SR_01(
    tmp_path: Path, first_by: Variant, comes: str, change: str, receipted: bool
) -> None:
    """It was in the file and valid when the first came; it ends, or leaves the file, before the first is settled."""
    begin = NOW - timedelta(days=2)
    clock = StandingClock()
    clock.move(begin - clock.now())
    in_force = [configured(**certificates("", "expired"))]
    draft = saldoverzoek(at=begin)
    async with running_hub(tmp_path, clock=clock, configuration=in_force[0]) as hub:
        store, signers = HeldStore(hub.store), WatchedSigners(awaited=2)
        within = replace(
            hub.hub,
            store=store,  # type: ignore[arg-type]
            known_signers=signers,
            in_force=lambda: replace(hub.hub.in_force(), configuration=in_force[-1]),
        )
        one = signed_anew(draft, phase4(), counsellor(first_by), at=begin)
        again = signed_anew(draft, holodeck(), counsellor("expired"), at=begin)
        first = asyncio.create_task(answer(hub, one, within=within))
        await store.arrived.wait()

        async def second() -> asyncio.Task[Reply]:
            task = asyncio.create_task(answer(hub, again, within=within))
            async with asyncio.timeout(20):
                watch = asyncio.create_task(signers.came.wait())
                await asyncio.wait((task, watch), return_when=asyncio.FIRST_COMPLETED)
                watch.cancel()
            return task

        retry = await second() if comes == "before" else None
        if change == "ends":
            clock.move(timedelta(days=2))
        else:
            in_force.append(configured(**certificates("")))
        if retry is None:
            retry = await second()
        store.released.set()
        assert (await first).receipt is not None
        if receipted:
            assert_receipted(await retry, again)
        else:
            assert (await retry).codes == ("EBMS:0101",)
        assert await messages(hub) == 1


async def test_who_waits_too_long_for_the_first_is_told_to_come_back_SR_01(tmp_path: Path) -> None:
    draft = saldoverzoek()
    async with running_hub(tmp_path) as hub:
        store = HeldStore(hub.store)
        limits = replace(hub.hub.limits, in_flight_seconds=0.01)
        within = replace(hub.hub, store=store, limits=limits)  # type: ignore[arg-type]
        first = asyncio.create_task(answer(hub, draft.wire(), within=within))
        await store.arrived.wait()
        reply = await answer(hub, signed_anew(draft, phase4(), identity("counsellor"), at=NOW), within=within)
        assert (reply.status, reply.body) == (503, b"")
        assert reply.headers["Retry-After"]
        assert [each["cause"] for each in hub.log.of("postponed")] == ["in-flight"]
        store.released.set()
        assert (await first).receipt is not None
