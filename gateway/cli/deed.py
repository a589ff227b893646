"""From when on Ctrl-C changes nothing: what was asked is done, and the exit code speaks of that.

Only in a process that is this program's own; one that calls a command keeps its signals.
"""

from __future__ import annotations

import contextlib
import signal
import threading

_own: list[bool] = []


def own_process() -> None:
    """This process runs one command and ends."""
    _own.append(True)


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
