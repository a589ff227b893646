"""Which public-key operations a signature was verified by: the work that a refusal costs, counted instead of timed.

operations = counted_operations(monkeypatch)
await post(hub, wire)
assert len(operations) == 2, "one by the hub, one by whoever read its answer"
"""

from __future__ import annotations

import pytest

from crypto.signature_algorithms import SignatureAlgorithm


def counted_operations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The algorithm of each from now on, of everybody in this process; empty it to count anew."""
    operations: list[str] = []
    verify = SignatureAlgorithm.verify

    def counted(self: SignatureAlgorithm, *arguments: object) -> None:
        operations.append(self.uri)
        verify(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(SignatureAlgorithm, "verify", counted)
    return operations
