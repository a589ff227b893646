"""Which nodes serve a store: each is known while it tells of itself, and what differs between them is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.store.engines import ENGINES, TestedEngine, as_of
from support.store.store_samples import START

from gateway.store.nodes import Node, SeenNode, clock_ahead, disagreeing

ONE = Node(name="one.example", version="1.0", configuration="a1")
OTHER = replace(ONE, name="other.example", version="1.1")
SECOND = timedelta(seconds=1)


async def test_a_node_is_known_until_it_ends_or_is_not_heard_of_for_two_minutes(
    engine: TestedEngine, tmp_path: Path
) -> None:
    store = await engine.open(tmp_path / "data")
    try:
        assert await store.nodes.seen() == ()
        seen = SeenNode(node=ONE, clock_ahead=timedelta(), seen_at=START)
        assert await store.nodes.tell(ONE, lambda: START) == (seen,)
        as_of(START + timedelta(seconds=119), store)
        assert await store.nodes.seen() == (seen,)
        as_of(START + timedelta(seconds=120), store)
        assert await store.nodes.seen() == ()
        newer = replace(ONE, configuration="a2")
        (told,) = await store.nodes.tell(newer, lambda: START + timedelta(seconds=120))
        assert told.node == newer
        await store.nodes.leave("nobody.example")
        assert await store.nodes.seen() == (told,)
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


def test_nodes_that_work_with_different_files_disagree_and_those_of_two_versions_do_not() -> None:
    one, other = (SeenNode(node=each, clock_ahead=timedelta(), seen_at=START) for each in (ONE, OTHER))
    assert disagreeing((one, other)) == ()
    changed = replace(other, node=replace(OTHER, configuration="b2"))
    assert disagreeing((one, changed)) == (one, changed)
