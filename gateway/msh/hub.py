"""What the use cases work with: made once by the wiring, and never changed. A use case gives each step what that uses;
no step knows the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from gateway.directory.model import SignedBook
from gateway.events import EventLog
from gateway.limits import Limits
from gateway.metrics import Durations
from gateway.msh.fresh import Fresh
from gateway.msh.in_force import InForce
from gateway.msh.later import RetryAfter
from gateway.msh.revocation import Revocation
from gateway.msh.signers import KnownSigners
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from gateway.traced import Tracer
from pmodes.configuration import Configuration
from pmodes.door import at_desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One running hub."""

    in_force: Callable[[], InForce]  # at the moment of asking
    limits: Limits
    store: Store
    time: Timekeeping  # what the clock shows, and how far it can be trusted
    fresh: Fresh
    known_signers: KnownSigners
    revocation: Revocation  # as it is known now; nothing is fetched for an exchange
    address_book: Callable[[], SignedBook | None]  # the issue of now; None where the hub makes none
    duplicate_secret: bytes  # keys the HMAC of the duplicate rows
    retry_after: RetryAfter
    log: EventLog
    flushes: Durations = field(default_factory=Durations)  # how long exchanges waited for them
    pulls: Durations = field(default_factory=Durations)  # how long it took to find, lease and read what is offered
    tracer: Tracer | None = None  # where the spans of exchanges go
    limited_log: EventLog | None = None  # of one exchange: for what strangers can make happen as often as they like

    def at_this_moment(self, log: EventLog, limited_log: EventLog | None = None, *, desk: str | None = None) -> Self:
        """The same hub for one exchange, with its logs: P-Modes and keys in force now stay so to its end, whatever is
        reloaded, as they are looked at at its door.
        """
        now_in_force = self.in_force()
        if desk is not None:
            now_in_force = replace(now_in_force, configuration=at_desk(now_in_force.configuration, desk))
        return replace(self, in_force=lambda: now_in_force, log=log, limited_log=limited_log)

    def configuration(self) -> Configuration:
        """The P-Modes in force."""
        return self.in_force().configuration
