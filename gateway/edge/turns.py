"""Turns: what strangers begin all at once is done one piece in each round of the event loop.

SECURITY: a handshake is dear, and the loop does everything that is ready before it looks around again: while hundreds
of strangers whose octets came together were served, nobody else would be heard.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """Pieces of work in the order in which they came; between two of them everybody else has their round."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def take(self, work: Callable[[], None]) -> None:
        """Do it when its turn comes."""
        self._waiting.append(work)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        work = self._waiting.popleft()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._next)
        work()
