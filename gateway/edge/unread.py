"""Answers that a peer does not read: they lie in the transport, and the connection with them.

SECURITY: what waits to be sent has a deadline, also when the connection is closed already and when each answer is too
small for the transport to say that it has enough; else whoever reads nothing keeps a connection for ever.
"""

from __future__ import annotations

import asyncio


class Unread:
    """The deadline of what was written to one transport and has not left."""

    __slots__ = ("_deadline", "_seconds", "_transport")

    def __init__(self, transport: asyncio.Transport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._deadline: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Something was written, or some of it has left: what is there now has so many seconds."""
        self.forget()
        if self._transport.get_write_buffer_size():
            self._deadline = asyncio.get_running_loop().call_later(self._seconds, self._is_late)

    def forget(self) -> None:
        """Another answer is being made, and watched when it is written; or the connection is gone."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_late(self) -> None:
        self._deadline = None
        if self._transport.get_write_buffer_size():
            self._transport.abort()
