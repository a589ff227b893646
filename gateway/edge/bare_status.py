"""The refusal of a request that gets an HTTP status and nothing else, whatever it was about."""

from __future__ import annotations

from collections.abc import Mapping


class BareStatus(Exception):
    """A request that is answered with an HTTP status and no body: 405, 408, 415, 429, 503.

    Wherever it is raised, the endpoint answers and logs it; `message_id` and `party_named` are what was known by then.
    """

    def __init__(self, status: int, headers: Mapping[str, str] | None = None, *, detail: str = "") -> None:
        self.status = status
        self.headers: Mapping[str, str] = dict(headers or {})
        self.detail = detail
        self.message_id: str | None = None
        self.party_named: str | None = None
        super().__init__(f"HTTP {status} {detail}".rstrip())
