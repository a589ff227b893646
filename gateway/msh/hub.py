"""What the use cases work with: made once by the wiring, handed to every step, never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from crypto.keys import Signer, Unwrapper
from gateway.clock import Clock
from gateway.events import EventLog
from gateway.limits import Limits
from gateway.msh.later import RetryAfter
from gateway.msh.signers import KnownSigners
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from pmodes.configuration import Configuration
from xsd.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One running hub."""

    configuration: Callable[[], Configuration]  # what is in force at the moment of asking
    catalogue: Catalogue
    store: Store
    clock: Clock
    signing_key: Signer
    decryption_keys: tuple[Unwrapper, ...]
    duplicate_secret: bytes  # keys the HMAC of the duplicate rows
    new_id: Callable[[], str]  # a fresh id@host for messages and parts
    new_element_id: Callable[[str], str]  # a fresh id for an element of an envelope, from a prefix
    new_reference: Callable[[], str]  # a fresh UUID, for messages that the hub writes itself
    random_octets: Callable[[int], bytes]
    limits: Limits
    log: EventLog
    time: Timekeeping  # how far the clock can be trusted
    retry_after: RetryAfter
    known_signers: KnownSigners

    def at_this_moment(self) -> Self:
        """The same hub for one exchange: the configuration in force now stays so to its end, whatever is reloaded."""
        now_in_force = self.configuration()
        return replace(self, configuration=lambda: now_in_force)
