"""The one place that builds the concrete parts of a hub and hands them to each other.

Everything above asks for a `RunningHub`; everything below gets what it needs as arguments and builds nothing itself.
"""

from gateway.wiring.from_settings import ConfiguredSite
from gateway.wiring.not_startable import NotStartable, StorageBroken, WrongPlace
from gateway.wiring.opening import OpenedHub, open_hub
from gateway.wiring.running import RunningHub, assemble, run

__all__ = [
    "ConfiguredSite",
    "NotStartable",
    "OpenedHub",
    "RunningHub",
    "StorageBroken",
    "WrongPlace",
    "assemble",
    "open_hub",
    "run",
]
