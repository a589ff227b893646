"""A directory in which a store was and whose database is gone: the one way on, in the same words for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.store.engine import Lost
from gateway.store.sqlite.mark import MARK_NAME, PLACE_NAME
from gateway.store.sqlite.store import DATABASE_NAME

_TRACES: Final = (MARK_NAME, PLACE_NAME, f"{DATABASE_NAME}-wal", "blobs")


def lost_database(directory: Path) -> Lost | None:
    """None where the database is, or where no store ever was."""
    if (directory / DATABASE_NAME).exists():
        return None
    traces = tuple(each for each in _TRACES if (directory / each).exists())
    if not traces:
        return None
    return Lost(
        reason=f"{directory} holds no {DATABASE_NAME}, and is not empty: {', '.join(traces)}",
        next_step=(
            "correct the name, or put back what is missing. If the database is lost for good, so are the messages that"
            f" waited, and nothing here brings them back: move the whole folder aside (mv {directory}"
            f" {directory}.lost), make a new store with knooppunt store new --hub SETTINGS, and ask the senders to"
            " send again what was not collected"
        ),
    )
