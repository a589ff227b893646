"""The refusal of a request that gets an HTTP status and nothing else, whatever it was about."""

from __future__ import annotations

from collections.abc import Mapping


class BareStatus(Exception):
    """A request that is answered with an HTTP status and no body: 405, 408, 415, 429, 503."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None, *, detail: str = "") -> None:
        self.status = status
        self.headers: Mapping[str, str] = dict(headers or {})
        self.detail = detail
        super().__init__(f"HTTP {status} {detail}".rstrip())
