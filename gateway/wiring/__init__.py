"""The one place that builds the concrete parts of a hub and hands them to each other.

Everything above asks for a `RunningHub`; everything below gets what it needs as arguments and builds nothing itself.
"""

from gateway.wiring.from_settings import ConfiguredSite
from gateway.wiring.not_startable import NotNow, NotStartable, StorageBroken, StorageFull, StorageLimited, WrongPlace
from gateway.wiring.opening import OpenedHub, open_hub
from gateway.wiring.running import RunningHub, assemble, run

__all__ = [
    "ConfiguredSite",
    "NotNow",
    "NotStartable",
    "OpenedHub",
    "RunningHub",
    "StorageBroken",
    "StorageFull",
    "StorageLimited",
    "WrongPlace",
    "assemble",
    "open_hub",
    "run",
]
