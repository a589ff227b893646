"""Why a hub does not start."""

from __future__ import annotations


class NotStartable(Exception):
    """The hub cannot start; `complaints` are whole lines, each with what to do."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


class StorageBroken(NotStartable):
    """The hub cannot start because what it stored cannot be read as it was written."""


class WrongPlace(NotStartable):
    """The settings name something that cannot be a data directory."""
