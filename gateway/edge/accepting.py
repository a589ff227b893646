"""Accepting connections ourselves, so that one that is not taken costs a few system calls and no transport.

SECURITY: a flood of connections fills the kernel's queue, and who does not fit into it tries again a second later. So
the queue is long and is emptied as fast as it fills, and a refused connection is reset before anything is made for it.
When the process may open no more files, accepting rests for a moment instead of running in circles.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

BACKLOG = 4096
AT_ONCE = 64  # accepted between two looks at everything else
REST_SECONDS = 0.5
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, leave nothing behind

Taken = Callable[[socket.socket, Any], None]


class Accepting:
    """One listening socket; `take` gets each connection with the address of its peer, and closes what it refuses."""

    def __init__(self, listening: socket.socket, take: Taken) -> None:
        self._socket = listening
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._resting: asyncio.TimerHandle | None = None
        self._closed = False
        self._begin()

    @property
    def port(self) -> int:
        """On which it listens."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Take nothing new."""
        if self._closed:
            return
        self._closed = True
        if self._resting is not None:
            self._resting.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _begin(self) -> None:
        self._resting = None
        self._loop.add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            if self._closed:
                return
            try:
                connection, peer = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError:  # no descriptor, no memory: what is open has to end first
                self._loop.remove_reader(self._socket.fileno())
                self._resting = self._loop.call_later(REST_SECONDS, self._begin)
                return
            self._take(connection, peer)


async def listen(host: str | None, port: int, take: Taken) -> list[Accepting]:
    """Listen on every address that the name stands for (None: all of the machine); raises `OSError`."""
    loop = asyncio.get_running_loop()
    places = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    found: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(places):
            one = socket.socket(family, kind, protocol)
            found.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # `::` and `0.0.0.0` may stand side by side
            one.setblocking(False)
            one.bind(address)
            one.listen(BACKLOG)
    except OSError:
        for one in found:
            one.close()
        raise
    return [Accepting(each, take) for each in found]


def reset(connection: socket.socket) -> None:
    """Close a connection that is not taken."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
