"""The refusal with a status and no body."""

from __future__ import annotations

from gateway.edge.bare_status import BareStatus


def test_a_bare_status_carries_its_headers() -> None:
    refusal = BareStatus(503, {"Retry-After": "30"}, detail="disk")

    assert (refusal.status, refusal.headers, refusal.detail) == (503, {"Retry-After": "30"}, "disk")
    assert BareStatus(405).headers == {}
