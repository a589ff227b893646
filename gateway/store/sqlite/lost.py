"""A directory in which a store was and whose database is gone or was emptied: the one way on, in the same words for
everybody.

Nothing of it is opened: SQLite would delete the log beside a database without octets. Nor is it confirmed away: what is
left is moved aside as whole files, by who administers it, and a new store made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.sqlite import has_content, is_in_the_way, octets_of, put_back
from gateway.storage import DatabaseLost
from gateway.store.engine import Lost
from gateway.store.sqlite.mark import PLACE_NAME
from gateway.store.sqlite.mark_file import MARK_NAME

DATABASE_NAME: Final = "store.db"
_LOG_NAME: Final = f"{DATABASE_NAME}-wal"
_TRACES: Final = (MARK_NAME, PLACE_NAME, "blobs")


def lost_database(directory: Path, *, mark: Path | None) -> Lost | None:
    """None where the database is, or where no store ever was; a mark in its folder outside tells of one that was."""
    database, log = directory / DATABASE_NAME, directory / _LOG_NAME
    traces = [each for each in _TRACES if (directory / each).exists()]
    logged = has_content(log)  # one without octets is what a making that was killed leaves first
    octets = octets_of(database)  # last, for a hub may be making it
    if octets or is_in_the_way(database):  # which is told by who opens it
        return None
    if logged:
        traces.append(_LOG_NAME)
    outside = None if mark is None else mark / MARK_NAME
    marked = outside is not None and outside.exists()
    if not traces and not marked:
        return None
    reason = f"{directory} holds no {DATABASE_NAME}" if octets is None else f"{database} is empty"
    if traces:
        reason += f", and {'is not empty' if octets is None else 'of its store are there'}: {', '.join(traces)}"
    if marked:
        reason += f", and {outside} tells of a store that was here, or is another hub's"
    moves = [f"mv {each} {each}.lost" for each in (directory if traces else None, outside if marked else None) if each]
    return Lost(
        reason=reason,
        next_step=(
            f"{'correct the name, or ' if octets is None else ''}{put_back(database, log)}. If the database is lost for"
            " good, so are the messages that waited, and nothing here brings them back: move what is left aside"
            f" ({', '.join(moves)}), make a new store with knooppunt store new --hub SETTINGS, and ask the senders to"
            " send again what was not collected"
        ),
    )


def refuse_lost(directory: Path, *, mark: Path | None) -> None:
    """Raise `DatabaseLost` before anything of such a store is opened."""
    if (lost := lost_database(directory, mark=mark)) is not None:
        raise DatabaseLost(f"{lost.reason}; {lost.next_step}")
