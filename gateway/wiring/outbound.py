"""What the hub connects to others with, by its settings: where it may go, and whom it trusts there."""

from __future__ import annotations

import ssl
from pathlib import Path

from gateway.net.destination import Destinations, host_key
from gateway.net.fetching import Outbound
from gateway.settings import Settings
from gateway.wiring.not_startable import NotStartable


def outbound_of(settings: Settings) -> Outbound:
    """Where the hub may connect to, and whom it trusts there; NotStartable as `trusting`."""
    outbound = settings.outbound
    destinations = Destinations(hosts=frozenset(map(host_key, outbound.hosts)), networks=tuple(outbound.networks))
    return Outbound(destinations, tls=trusting(outbound.ca))


def trusting(authorities: Path | None, key: str = "outbound.ca") -> ssl.SSLContext:
    """A client that trusts those authorities, which the settings name under that key, or the system's; NotStartable
    where they cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=None if authorities is None else str(authorities))
    except (OSError, ssl.SSLError) as fault:
        why = "it holds no certificate" if isinstance(fault, ssl.SSLError) else fault.strerror
        raise NotStartable((f"{key}: {authorities}: {why}; name a file of certificates in PEM form",)) from None
