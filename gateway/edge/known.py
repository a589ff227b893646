"""The addresses that proved something, who proved it, and until when that counts.

SECURITY: only a participant can add one, but one participant may have a /48 or more. So each has a share of its own,
and pushes nobody out but itself: a further address takes the place of the one that it proved longest ago. How many are
known in all is bounded by the number of participants, and no step looks at more than one of them.
"""

from __future__ import annotations

from gateway.edge.peer_addresses import AddressGroup


class KnownAddresses:
    """So many addresses of each participant at most."""

    def __init__(self, most_each: int) -> None:
        self._most_each = most_each
        self._proved: dict[str, dict[AddressGroup, None]] = {}  # by participant; the latest proof last
        self._until: dict[AddressGroup, dict[str, float]] = {}  # by address, which participants may share; so, too

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._until)

    def until(self, address: AddressGroup) -> float:
        """The moment at which that address is a stranger again."""
        proofs = self._until.get(address)
        return proofs[next(reversed(proofs))] if proofs else 0.0

    def note(self, address: AddressGroup, participant: str, until: float) -> None:
        """That participant proved something from there; no proof ends before an earlier one."""
        held = self._proved.setdefault(participant, {})
        held.pop(address, None)
        held[address] = None
        proofs = self._until.setdefault(address, {})
        proofs.pop(participant, None)
        proofs[participant] = until
        if len(held) > self._most_each:
            self._forget(next(iter(held)), participant)

    def _forget(self, address: AddressGroup, participant: str) -> None:
        del self._proved[participant][address]
        proofs = self._until[address]
        del proofs[participant]
        if not proofs:
            del self._until[address]
