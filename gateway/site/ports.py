"""Ports for what a test site runs."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack
from typing import Final

# Below those that a system gives to connections of its own, of which one could have a port before its hub listens.
_FIRST: Final = 10_000
_NUMBER: Final = 22_000
_TRIES: Final = 100


def free_ports(count: int) -> tuple[int, ...]:
    """So many different ports of loopback that nobody listened on a moment ago."""
    with ExitStack() as held:
        sockets = [held.enter_context(_listening()) for _ in range(count)]
        return tuple(int(each.getsockname()[1]) for each in sockets)


def port_near(port: int) -> int:
    """The next port, if nobody listens there; otherwise any that is free."""
    try:
        with socket.create_server(("127.0.0.1", port + 1)):
            return port + 1
    except (OSError, OverflowError):
        return free_ports(1)[0]


def _listening() -> socket.socket:
    for _ in range(_TRIES):
        try:
            return socket.create_server(("127.0.0.1", _FIRST + secrets.randbelow(_NUMBER)))
        except OSError:
            continue
    return socket.create_server(("127.0.0.1", 0))
