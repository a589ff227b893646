"""What an administrator asked and cannot have: what happened, and what he can do about it."""

from __future__ import annotations

LOOK_AT_DISK = "look at the disk or restore the directory"


class Refused(Exception):
    """What was asked cannot be done; `next_step` says what the administrator can do about it."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason}; {next_step}")
        self.reason = reason
        self.next_step = next_step


class Broken(Refused):
    """The storage under the store is broken: nothing that lies there can be trusted until somebody looked at it."""


class Barred(Refused):
    """What was named may be whole, and is not this user's to work with."""


class Unanswered(Refused):
    """A process holds the store and does not answer, so nobody can tell how it stands."""
