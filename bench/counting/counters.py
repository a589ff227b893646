"""Clocks around functions: CPU time of the thread while a function runs, less what the counted ones that it calls take.

A coroutine counts while it runs and not while it waits, so what other requests do meanwhile is theirs.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from typing import Any

ROOMS = ("gateway", "crypto", "pmodes", "xsd")


class _OfThread(threading.local):
    """Which counted functions this thread is in, since when the innermost runs, and what each took so far."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.since = 0
        self.nanoseconds: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        _threads.append((self.nanoseconds, self.calls))


_threads: list[tuple[dict[str, int], dict[str, int]]] = []
_here = _OfThread()


def _enter(name: str) -> None:
    now = time.thread_time_ns()
    if _here.inside:
        outer = _here.inside[-1]
        _here.nanoseconds[outer] = _here.nanoseconds.get(outer, 0) + now - _here.since
    _here.inside.append(name)
    _here.since = time.thread_time_ns()


def _leave() -> None:
    now = time.thread_time_ns()
    name = _here.inside.pop()
    _here.nanoseconds[name] = _here.nanoseconds.get(name, 0) + now - _here.since
    _here.since = time.thread_time_ns()


def _called(name: str) -> None:
    _here.calls[name] = _here.calls.get(name, 0) + 1


class _Driven:
    """Runs a coroutine on, with the clock on while it runs."""

    def __init__(self, name: str, running: Coroutine[Any, Any, Any]) -> None:
        self._name = name
        self._running = running

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = functools.partial(self._running.send, None)
        while True:
            _enter(self._name)
            try:
                awaited = step()
            except StopIteration as ended:
                return ended.value
            finally:
                _leave()
            try:
                step = functools.partial(self._running.send, (yield awaited))
            except BaseException as error:  # is for the coroutine, whatever it is
                step = functools.partial(self._running.throw, error)


def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with a clock around it."""
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def of_coroutine(*arguments: Any, **named: Any) -> Any:
            _called(name)
            return await _awaitable(name, function(*arguments, **named))

        return of_coroutine

    @functools.wraps(function)
    def of_call(*arguments: Any, **named: Any) -> Any:
        _called(name)
        _enter(name)
        try:
            return function(*arguments, **named)
        finally:
            _leave()

    return of_call


def _awaitable(name: str, running: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
    return _Driven(name, running)


def install(targets: Iterable[str]) -> None:
    """Put a clock around each of these, given as `module:function` or `module:Class.method`, wherever a module of ours
    knows it by name; raises `LookupError` for one that is not there.
    """
    for target in targets:
        module_name, _, path = target.partition(":")
        owner: Any = importlib.import_module(module_name)
        *owners, last = path.split(".")
        for each in owners:
            owner = _attribute(owner, each, target)
        function = _attribute(owner, last, target)
        if isinstance(inspect.getattr_static(owner, last), classmethod):
            setattr(owner, last, classmethod(counted(target, function.__func__)))
            continue
        clocked = counted(target, function)
        setattr(owner, last, clocked)
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in ROOMS:
                for known_as in [key for key, value in vars(module).items() if value is function]:
                    setattr(module, known_as, clocked)


def _attribute(owner: Any, name: str, target: str) -> Any:
    if not hasattr(owner, name):
        raise LookupError(f"there is no {target} to count")
    return getattr(owner, name)


def totals() -> dict[str, list[float]]:
    """So far, of all threads: calls and CPU microseconds by target."""
    found: dict[str, list[float]] = {}
    for nanoseconds, calls in list(_threads):
        for each in {*nanoseconds, *calls}:
            one = found.setdefault(each, [0, 0.0])
            one[0] += calls.get(each, 0)
            one[1] += nanoseconds.get(each, 0) / 1e3
    return found


def answer_at(path: str) -> None:
    """Tell the totals to everybody who connects to a socket at that path."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()

    def answer() -> None:
        while True:
            asking, _ = listening.accept()
            with asking:
                asking.sendall(json.dumps(totals()).encode())

    threading.Thread(target=answer, name="counters", daemon=True).start()
