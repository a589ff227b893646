"""Why a listener cannot listen where the settings say, in words."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from gateway.wiring.not_startable import NotStartable, not_startable


def not_listening(fault: OSError, setting: str, hosts: Sequence[str], host: str, port: int) -> NotStartable:
    """What refuses a start that cannot listen on that one of the hosts; those before it are listened on already."""
    why = fault.strerror
    if fault.errno == errno.EADDRINUSE:
        addresses = _addresses(host)
        same = [each for each in hosts[: hosts.index(host)] if addresses & _addresses(each)]
        why = f"{same[0]} of the same list is that address, too; name it once" if same else "another program uses it"
    return not_startable(fault, f"{setting}: cannot listen on {host} port {port}: {why}")


def _addresses(host: str) -> set[str]:
    try:
        return {str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return set()
