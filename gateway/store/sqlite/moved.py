"""The note that an embedded store has when it was copied into a PostgreSQL database: from then on that one is served.

Two stores that both offer a message deliver it twice. So the note is on stable storage before the copy is committed,
and while it lies there the store is in doubt, as one that went back is: it can be looked at, and takes and gives
nothing until an operator confirms that it counts again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from gateway.storage import DatabaseRefused
from gateway.whole_file import write_whole

NOTE_NAME: Final = "store.moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedNote:
    """Where a store was copied to, and as which generation it goes on there."""

    to: str
    store: str
    generation: int
    at: str  # RFC 3339
    done: bool  # the copy is known to be committed


def read_note(path: Path) -> MovedNote | None:
    """The note in this file; None where there is none. Raises `DatabaseRefused` for one that cannot be read."""
    try:
        return MovedNote(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise DatabaseRefused(
            f"{path} cannot be read ({error}), and so nobody knows where this store went; put it back, or confirm that"
            " this store counts with knooppunt store confirm-restored --hub SETTINGS"
        ) from error


def write_note(path: Path, moved: MovedNote) -> None:
    """Leave the note, durably."""
    write_whole(path, json.dumps(asdict(moved)).encode(), is_secret=True)


def doubt_of_moved(path: Path) -> str | None:
    """Why a store beside this file is not served; None where no note lies there."""
    try:
        moved = read_note(path)
    except DatabaseRefused as error:
        return str(error).partition(";")[0]
    if moved is None:
        return None
    if moved.done:
        return f"it was copied to {moved.to} at {moved.at}, and goes on there: serve the settings that name that one"
    return (
        f"its copying to {moved.to} was begun at {moved.at} and not seen to end: give knooppunt db copy again, which"
        " ends it or does it anew"
    )
