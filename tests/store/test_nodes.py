"""Which nodes serve a store: each is known while it tells of itself, and what differs between them is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.store.engines import ENGINES, TestedEngine, as_of
from support.store.store_samples import START

from gateway.jobs.node_watch import NodeWatch
from gateway.store.nodes import NO_TIME, Node, SeenNode, clock_ahead, prevailing

ONE = Node(name="one.example", version="1.0", configuration="a1")
OTHER = replace(ONE, name="other.example", version="1.1")
SECOND = timedelta(seconds=1)


async def test_a_node_is_known_until_it_ends_or_is_not_heard_of_for_two_minutes(
    engine: TestedEngine, tmp_path: Path
) -> None:
    store = await engine.open(tmp_path / "data")
    try:
        assert await store.nodes.seen() == ()
        seen = SeenNode(node=ONE, since=START, clock_ahead=NO_TIME, seen_at=START)
        assert await store.nodes.tell(ONE, lambda: START) == (seen,)
        as_of(START + timedelta(seconds=119), store)
        assert await store.nodes.seen() == (seen,)
        as_of(START + timedelta(seconds=120), store)
        assert await store.nodes.seen() == ()
        newer = replace(ONE, configuration="a2")
        (told,) = await store.nodes.tell(newer, lambda: START + timedelta(seconds=120))
        assert (told.node, told.since) == (newer, START + timedelta(seconds=120))
        as_of(START + timedelta(seconds=150), store)
        (again,) = await store.nodes.tell(newer, lambda: START + timedelta(seconds=150))
        assert again.since == told.since
        await store.nodes.leave("nobody.example")
        assert await store.nodes.seen() == (again,)
        await store.nodes.leave(ONE.name)
        assert await store.nodes.seen() == ()
    finally:
        await store.aclose()


async def test_nodes_of_one_database_know_each_other_and_how_far_each_clock_is_off(tmp_path: Path) -> None:
    store = await ENGINES["postgres"].open(tmp_path / "data")
    try:
        await store.nodes.tell(ONE, lambda: START)
        one, other = await store.nodes.tell(OTHER, lambda: START - 30 * SECOND)
        assert (one.node, other.node) == (ONE, OTHER)
        assert (one.clock_ahead, other.clock_ahead) == (timedelta(), -30 * SECOND)
        as_of(START + timedelta(minutes=2), store)
        await store.nodes.tell(OTHER, lambda: START + timedelta(minutes=2))
    finally:
        await store.aclose()
    assert ENGINES["postgres"].look(tmp_path / "data", "SELECT name FROM node") == [(OTHER.name,)]


@pytest.mark.parametrize(
    ("before", "after", "ahead"),
    [(-9, 1, 0), (0, 0, 0), (2, 60, 2), (-60, -3, -3)],
    ids=["busy between them", "the same", "ahead", "behind"],
)
def test_what_a_clock_is_off_by_is_what_no_wait_between_two_looks_explains(before: int, after: int, ahead: int) -> None:
    assert clock_ahead(START + before * SECOND, START, START + after * SECOND) == ahead * SECOND


def test_the_configuration_of_most_nodes_prevails_and_of_equally_many_the_newer_one() -> None:
    def seen(configuration: str, minute: int) -> SeenNode:
        since = START + timedelta(minutes=minute)
        return SeenNode(node=replace(ONE, configuration=configuration), since=since, clock_ahead=NO_TIME, seen_at=START)

    assert prevailing(()) is None
    assert prevailing((seen("old", 0), seen("old", 1), seen("new", 2))) == "old"
    assert prevailing((seen("old", 0), seen("new", 2))) == "new"
    assert prevailing((seen("new", 2), seen("old", 0), seen("new", 3))) == "new"


async def test_of_two_nodes_the_one_whose_files_are_older_leaves_after_a_minute_and_one_whose_clock_is_off_at_once(
    tmp_path: Path,
) -> None:
    store = await ENGINES["postgres"].open(tmp_path / "data")
    working = {ONE.name: "a1", OTHER.name: "a1"}
    clocks = {ONE.name: StandingClock(START), OTHER.name: StandingClock(START)}

    def watch(node: Node) -> NodeWatch:
        return NodeWatch(store.nodes, lambda: replace(node, configuration=working[node.name]), clocks[node.name])

    one, other = watch(ONE), watch(OTHER)

    async def look(second: int) -> tuple[bool, bool]:
        as_of(START + second * SECOND, store)
        for each in clocks.values():
            each.at = START + second * SECOND
        await other.look()
        await one.look()
        return one.differs, other.differs

    try:
        assert await look(0) == (False, False)
        working[OTHER.name] = "a2"
        assert [await look(second) for second in (30, 60, 89)] == [(False, False)] * 3
        assert await look(90) == (True, False)
        working[ONE.name] = "a2"
        assert await look(120) == (False, False)
        assert not one.clock_is_off
        clocks[ONE.name].at -= 11 * SECOND
        await one.look()
        await other.look()
        assert (one.clock_is_off, other.clock_is_off) == (True, False)
        await one.leave()
        await other.look()
        assert [each.node.name for each in other.seen] == [OTHER.name]
    finally:
        await store.aclose()
