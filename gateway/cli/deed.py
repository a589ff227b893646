"""From when on Ctrl-C changes nothing: what was asked is done, and the exit code speaks of that.

Only in a process that is this program's own; one that calls a command keeps its signals.
"""

from __future__ import annotations

import signal
import threading

_own: list[bool] = []


def own_process() -> None:
    """This process runs one command and ends."""
    _own.append(True)


def is_done() -> None:
    """The outcome is known; nothing but telling it is left."""
    if _own and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
