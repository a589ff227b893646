"""What strangers begin all at once takes turns, and everybody else has a round between two of them."""

from __future__ import annotations

import asyncio
from functools import partial

from gateway.edge.turns import Turns


async def test_between_two_turns_everybody_else_has_a_round() -> None:
    turns = Turns()
    done: list[object] = []
    for number in range(3):
        turns.take(partial(done.append, number))
    for _ in range(3):
        await asyncio.sleep(0)
        done.append("others")
    assert done == [0, "others", 1, "others", 2, "others"]


async def test_a_turn_that_fails_keeps_nobody_from_theirs() -> None:
    turns = Turns()
    done: list[object] = []
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["exception"]))
    turns.take(partial(int, "no number"))
    turns.take(partial(done.append, "next"))
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == ["next"]
    assert [type(each) for each in told] == [ValueError]


async def test_who_comes_while_others_wait_is_the_last() -> None:
    turns = Turns()
    done: list[object] = []

    def again() -> None:
        done.append("first")
        turns.take(partial(done.append, "came later"))

    turns.take(again)
    turns.take(partial(done.append, "second"))
    for _ in range(4):
        await asyncio.sleep(0)
    assert done == ["first", "second", "came later"]
