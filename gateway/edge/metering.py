"""What a coroutine costs this thread: its CPU time, measured between the points at which it waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@coroutine
def metered(work: Coroutine[Any, Any, T], spend: Callable[[float], None]) -> Generator[Any, Any, T]:
    """Await the coroutine; `spend` is told the CPU seconds of each of its steps, the last included."""
    resume: Callable[[Any], Any] = work.send
    value: Any = None
    while True:
        started = time.thread_time()
        try:
            waits_for = resume(value)
        except StopIteration as ended:
            result: T = ended.value
            return result
        finally:
            spend(time.thread_time() - started)
        try:
            value, resume = (yield waits_for), work.send
        except GeneratorExit:
            work.close()
            raise
        except BaseException as fault:
            value, resume = fault, work.throw
