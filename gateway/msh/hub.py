"""What the use cases work with: made once by the wiring, handed to every step, never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from crypto.keys import Signer, Unwrapper
from gateway.clock import Clock
from gateway.ebms.gzip import DEFAULT_RATIO
from gateway.events import EventLog
from gateway.msh.later import RetryAfter
from gateway.msh.signers import KnownSigners
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from pmodes.configuration import Configuration
from xsd.catalogue import Catalogue
from xsd.document import PAYLOAD_LIMITS, DocumentLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message may measure, in octets and counts."""

    soap_octets: int = 256 * 1024
    document_octets: int = 4 * 1024 * 1024
    message_octets: int = 2 * 1024**3
    inflated_octets: int = 4 * 1024**3
    inflation_ratio: int = DEFAULT_RATIO
    parts: int = 64
    retry_after_seconds: int = 60  # what a peer is told when the store takes nothing now
    in_flight_seconds: float = 10.0  # how long a message waits for another arrival of it
    receipts_again: int = 8  # how many signings of one message get a receipt of their own beside the first
    early_octets: int = 1024 * 1024  # parts that stand before the root part and have to be held in memory

    @property
    def document(self) -> DocumentLimits:
        """What the leading document may measure when it is parsed; one text may be as long as all of it."""
        return replace(PAYLOAD_LIMITS, octets=self.document_octets, text_octets=self.document_octets)


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
