"""A directory in which a store was and whose database is gone: the one way on, in the same words for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.store.sqlite.mark import MARK_NAME, PLACE_NAME
from gateway.store.sqlite.store import DATABASE_NAME

_TRACES: Final = (MARK_NAME, PLACE_NAME, f"{DATABASE_NAME}-wal", "blobs")


@dataclass(frozen=True, slots=True)
class Lost:
    """What is there without its database."""

    directory: Path
    traces: tuple[str, ...]

    @property
    def reason(self) -> str:
        """What happened."""
        return f"{self.directory} holds no {DATABASE_NAME}, and is not empty: {', '.join(self.traces)}"

    @property
    def next_step(self) -> str:
        """What to do next."""
        return (
            "correct the name, or put back what is missing. If the database is lost for good, so are the messages that"
            f" waited, and nothing here brings them back: move the whole folder aside (mv {self.directory}"
            f" {self.directory}.lost), make a new store with knooppunt store new --hub SETTINGS, and ask the senders to"
            " send again what was not collected"
        )


def lost_database(directory: Path) -> Lost | None:
    """None where the database is, or where no store ever was."""
    if (directory / DATABASE_NAME).exists():
        return None
    traces = tuple(each for each in _TRACES if (directory / each).exists())
    return Lost(directory, traces) if traces else None
