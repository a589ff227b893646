"""Long work in a thread of a hub that serves: what keeps it from standing in the way of the loop's thread.

Threads take turns at Python's interpreter, and for each answer the loop needs several turns: they are short while such
work goes on. The collector of garbage looks at everything new at once, in whichever thread it comes to its mind: it
waits meanwhile, and what the work made, it passes over for good, as what was made at the start.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

TURN_SECONDS: Final = 0.000_5  # Python's own is ten times as long

_one_at_a_time = threading.Lock()


@contextmanager
def beside_traffic() -> Iterator[None]:
    """Do such work within; one thread at a time does."""
    with _one_at_a_time:
        collects, turn = gc.isenabled(), sys.getswitchinterval()
        gc.disable()
        sys.setswitchinterval(TURN_SECONDS)
        try:
            yield
        finally:
            sys.setswitchinterval(turn)
            if collects:
                gc.freeze()
                gc.enable()


async def apart(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Have such work done in a thread of its own, and wait for what comes of it."""

    def done() -> T:
        with beside_traffic():
            return work(*arguments, **named)

    return await asyncio.to_thread(done)
