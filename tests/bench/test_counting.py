"""The clocks around the steps of a hub: whose time is whose, and that they are where the steps are."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bench.counted import measure, per_transaction
from bench.counting import counters
from bench.counting.steps import ALL, TARGETS, beside_the_floor
from bench.floor.work import Floor
from bench.program import CHECKOUT, program_of
from bench.station import install_each

BURN_SECONDS = 0.02


def burn(seconds: float) -> None:
    begun = time.thread_time()
    while time.thread_time() - begun < seconds:
        pass


def microseconds(name: str) -> float:
    return counters.totals()[name][1]


def test_what_an_inner_function_takes_is_not_the_outer_ones() -> None:
    inner = counters.counted("one.inner", lambda: burn(BURN_SECONDS))

    def outer() -> None:
        burn(BURN_SECONDS)
        inner()
        inner()

    counters.counted("one.outer", outer)()
    assert counters.totals()["one.inner"][0] == 2
    assert microseconds("one.inner") >= 2e6 * BURN_SECONDS
    assert 1e6 * BURN_SECONDS <= microseconds("one.outer") < 2e6 * BURN_SECONDS


async def test_what_others_do_while_a_coroutine_waits_is_theirs() -> None:
    go = asyncio.Event()

    async def waits() -> str:
        await go.wait()
        return "done"

    async def works() -> None:
        burn(BURN_SECONDS)
        go.set()

    waiting = asyncio.create_task(counters.counted("two.waits", waits)())
    await asyncio.sleep(0)
    await counters.counted("two.works", works)()
    assert await waiting == "done"
    assert microseconds("two.works") >= 1e6 * BURN_SECONDS
    assert microseconds("two.waits") < 0.5e6 * BURN_SECONDS


async def test_a_counted_coroutine_is_cancelled_and_fails_as_it_does_without_a_clock() -> None:
    seen = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def fails() -> None:
        raise ValueError("as it is")

    waiting = asyncio.create_task(counters.counted("three.waits", waits)())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert seen == ["cancelled"]
    with pytest.raises(ValueError, match="as it is"):
        await counters.counted("three.fails", fails)()


def test_what_is_counted_between_two_looks_is_told_for_one_transaction() -> None:
    found = per_transaction({"a": (30, 900.0), "b": (4, 7.0)}, {"a": (10, 500.0), "b": (4, 7.0)}, 10)
    assert found == {"a": (2.0, 40.0)}


def test_every_step_of_the_floor_stands_beside_one_of_the_hub() -> None:
    named = [step.floor for step in ALL if step.floor is not None]
    assert sorted(named) == sorted(name for name, _ in Floor.STEPS)


def test_the_rows_add_up_to_the_whole_transaction() -> None:
    hub = {each: {TARGETS[0]: 10.0} for each in ("push", "pull", "receipt")}
    hub["pull"]["somewhere:else"] = 3.0
    whole = {"push": 100.0, "pull": 50.0, "receipt": 30.0}
    floor = {name: 1.0 for name, _ in Floor.STEPS} | {"3 HTTPS requests": 5.0}
    rows = beside_the_floor(hub, whole, floor)
    assert sum(float(str(row["hub"])) for row in rows) == pytest.approx(180)
    assert rows[-2]["hub"] == 3.0
    assert rows[-1]["hub"] == pytest.approx(180 - 33)
    assert rows[-1]["floor"] == 5.0


async def test_a_hub_with_clocks_tells_what_each_of_its_steps_took(tmp_path: Path) -> None:
    """Every function of the list is there and is used: whoever renames a step renames it in the list."""
    floor = {name: 1.0 for name, _ in Floor.STEPS} | {"3 HTTPS requests": 5.0}
    with program_of(str(CHECKOUT)) as program:
        (installation,) = (await install_each({"hub": program}, tmp_path / "sites", 2048)).values()
        found = await measure(installation, floor, count=3, connections=2, folder=tmp_path)
    used = {target for functions in found["functions"].values() for target in functions}
    assert set(TARGETS) - used == set()
    calls = found["functions"]["push"]["gateway.msh.receive:receive"]["calls"]
    assert calls == 1.0
    assert all(row["hub"] > 0 for row in found["cpu_microseconds"] if row["step"] != "counted elsewhere")
