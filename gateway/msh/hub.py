"""What the use cases work with: made once by the wiring, handed to every step, never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from crypto.keys import Signer, Unwrapper
from crypto.suites import Suite
from gateway.clock import Clock
from gateway.events import EventLog
from gateway.limits import Limits
from gateway.msh.in_force import InForce
from gateway.msh.later import Cause, Postponed, RetryAfter, check_own_signature
from gateway.msh.signers import KnownSigners
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from pmodes.configuration import Configuration
from xsd.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One running hub."""

    in_force: Callable[[], InForce]  # at the moment of asking
    catalogue: Catalogue
    store: Store
    clock: Clock
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
        """The same hub for one exchange: P-Modes and keys in force now stay so to its end, whatever is reloaded."""
        now_in_force = self.in_force()
        return replace(self, in_force=lambda: now_in_force)

    def configuration(self) -> Configuration:
        """The P-Modes in force."""
        return self.in_force().configuration

    @property
    def decryption_keys(self) -> tuple[Unwrapper, ...]:
        """The keys that open what is encrypted to the hub."""
        return self.in_force().keys.decryption

    def signer_for(self, suite: Suite) -> Signer:
        """The key that signs for participants of that suite; raises `Postponed` where the hub has none, or where what
        it signed now would not hold.
        """
        signer = self.in_force().keys.signer_for(suite)
        if signer is None:
            raise Postponed(
                Cause.KEY, f"the hub has no signing key of the kind {suite.signature.key_kind}, for {suite.name}"
            )
        check_own_signature(signer.certificate, self.clock)
        return signer
