"""A directory in which a store was and whose database is gone: the one way on, in the same words for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.store.engine import Lost
from gateway.store.sqlite.mark import PLACE_NAME
from gateway.store.sqlite.mark_file import MARK_NAME
from gateway.store.sqlite.store import DATABASE_NAME

_TRACES: Final = (MARK_NAME, PLACE_NAME, f"{DATABASE_NAME}-wal", "blobs")


def lost_database(directory: Path, *, mark: Path | None) -> Lost | None:
    """None where the database is, or where no store ever was; a mark in its folder outside tells of one that was."""
    if (directory / DATABASE_NAME).exists():
        return None
    traces = tuple(each for each in _TRACES if (directory / each).exists())
    outside = None if mark is None else mark / MARK_NAME
    marked = outside is not None and outside.exists()
    if not traces and not marked:
        return None
    reason = f"{directory} holds no {DATABASE_NAME}"
    if traces:
        reason += f", and is not empty: {', '.join(traces)}"
    if marked:
        reason += f", and {outside} tells of a store that was here, or is another hub's"
    moves = [f"mv {each} {each}.lost" for each in (directory if traces else None, outside if marked else None) if each]
    return Lost(
        reason=reason,
        next_step=(
            "correct the name, or put back what is missing. If the database is lost for good, so are the messages that"
            " waited, and nothing here brings them back: move what is left aside"
            f" ({', '.join(moves)}), make a new store with knooppunt store new --hub SETTINGS, and ask the senders to"
            " send again what was not collected"
        ),
    )
