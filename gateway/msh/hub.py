"""What the use cases work with: made once by the wiring, handed to every step, never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crypto.keys import Signer, Unwrapper
from gateway.clock import Clock
from gateway.store.interface import Store
from pmodes.configuration import Configuration
from xsd.catalogue import Catalogue


class EventLog(Protocol):
    """Where the edge writes one line of metadata per event; values are cut and escaped there."""

    def __call__(self, event: str, /, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message may measure, in octets and counts."""

    soap_octets: int = 256 * 1024
    document_octets: int = 4 * 1024 * 1024
    message_octets: int = 2 * 1024**3
    inflated_octets: int = 4 * 1024**3
    inflation_ratio: int = 100
    parts: int = 64
    retry_after_seconds: int = 60  # what a peer is told when the store takes nothing now
    early_octets: int = 1024 * 1024  # parts that stand before the root part and have to be held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One running hub."""

    configuration: Callable[[], Configuration]  # asked once per exchange, so that a reload is never seen half
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
