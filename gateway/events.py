"""The log's protocol: how every room says that something happened."""

from __future__ import annotations

from typing import Protocol


class EventLog(Protocol):
    """Where one line of metadata per event is written; values are cut and escaped there."""

    def __call__(self, event: str, /, **fields: object) -> None: ...
