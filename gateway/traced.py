"""Spans of an exchange: how long each of its steps took, told to whoever traces, and nothing else.

A step is marked where it is defined, so that a use case reads as before. Which tracer there is, an exchange says for
itself and what it awaits; without one a step costs a look.

SECURITY: a span has the name of its step and, where that ended in an exception, the exception's class: no argument, no
text, and nothing that a peer sent. What peers say of a trace of their own (`traceparent`) is not looked at.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


class Tracer(Protocol):
    """Where spans go."""

    def exchange(self) -> AbstractContextManager[object]:
        """The span of a whole exchange, which is part of no other."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """The span of one step, within the one that is open."""


_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)


@contextmanager
def tracing(tracer: Tracer | None) -> Iterator[None]:
    """The spans of everything within go there."""
    if tracer is None:
        yield
        return
    before = _tracer.set(tracer)
    try:
        with tracer.exchange():
            yield
    finally:
        _tracer.reset(before)


def step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a step of a use case, whether it is awaited or not."""

    def marked(work: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(work):
            return cast(Callable[P, R], _awaited(name, work))

        @wraps(work)
        def traced(*arguments: P.args, **named: P.kwargs) -> R:
            tracer = _tracer.get()
            if tracer is None:
                return work(*arguments, **named)
            with tracer.step(name):
                return work(*arguments, **named)

        return traced

    return marked


def _awaited(name: str, work: Callable[P, Awaitable[Any]]) -> Callable[P, Awaitable[Any]]:
    @wraps(work)
    async def traced(*arguments: P.args, **named: P.kwargs) -> Any:
        tracer = _tracer.get()
        if tracer is None:
            return await work(*arguments, **named)
        with tracer.step(name):
            return await work(*arguments, **named)

    return traced
