"""When a Ctrl-C waits, and from when on it changes nothing: what was asked is done, and the exit code speaks of that.

It waits while modules are imported, some of which cannot be imported again once that was broken off.

Only in a process that is this program's own; one that calls a command keeps its signals.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

_own: list[bool] = []
_held: list[int] = []  # signals that came while they had to wait


def own_process() -> None:
    """This process runs one command and ends."""
    _own.append(True)


def hold() -> None:
    """From now on a Ctrl-C waits for `hear`; where it is ignored, or is somebody else's, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _keep)


def hear() -> None:
    """Raise `KeyboardInterrupt` for a Ctrl-C that waits, and for each that comes from now on."""
    if signal.getsignal(signal.SIGINT) is _keep:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if _held:
        _held.clear()
        raise KeyboardInterrupt


@contextlib.contextmanager
def held() -> Iterator[None]:
    """A Ctrl-C waits until this has ended, in a process that is this program's own."""
    if not _own or threading.current_thread() is not threading.main_thread():
        yield
        return
    hold()
    try:
        yield
    finally:
        hear()


def is_interrupted() -> None:
    """A Ctrl-C was taken up, and this program says so by its own exit code.

    Python remembers one that came while a text was run as code (as `dataclasses` does), and ends its process by that
    signal whoever took it up; the next text that is run has it forget.
    """
    exec("")  # noqa: S102 - of nothing
    is_done()


def _keep(number: int, _frame: object) -> None:
    _held.append(number)


def is_done() -> None:
    """The outcome is known; nothing but telling it is left. Harmless when repeated. A Ctrl-C that comes in here, or
    came so shortly before that Python has not told of it yet, changes nothing either.
    """
    if not _own or threading.current_thread() is not threading.main_thread():
        return
    # Setting it raises for a signal that waits, and sets nothing then. No loop: at its head one would be raised again.
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
