"""Ports for what a test site runs."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_ports(count: int) -> tuple[int, ...]:
    """So many different ports of loopback that nobody listened on a moment ago."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return tuple(int(each.getsockname()[1]) for each in sockets)


def port_near(port: int) -> int:
    """The next port, if nobody listens there; otherwise any that is free."""
    try:
        with socket.create_server(("127.0.0.1", port + 1)):
            return port + 1
    except (OSError, OverflowError):
        return free_ports(1)[0]
