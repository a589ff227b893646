"""What a node saw of the database, in a file of its own: so that one that saw more than the database holds says so.

A database goes back when a backup is put in its place, or a standby that had not got everything takes over. The node
remembers which store it was, on which server, and how far that had flushed; at each start the two are compared. What
was committed after the file was written last, a minute at most, goes unnoticed, and so does a loss that a server has
made up for with new work before the node looks.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from gateway import failpoints
from gateway.postgres import Transaction
from gateway.storage import DatabaseRefused
from gateway.whole_file import write_whole

SEEN_NAME: Final = "postgresql.seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which store, in which generation, on which server, how many octets of its log that had flushed, and which making
    of the tables it was; empty where an earlier version of this program did not ask.
    """

    store: str
    generation: int
    server: str
    position: int
    made: str = ""


async def look(tx: Transaction) -> Seen:
    """How the database stands now."""
    store, generation, _ = await tx.first("read_store") or ("", 0, None)
    server, position, made = await tx.first("read_position") or ("", 0, "")
    return Seen(store=store, generation=generation, server=server, position=position, made=made)


def doubt_of(seen: Seen | None, found: Seen) -> str | None:
    """Why a node does not serve what it finds; None for a new one, and where the operator confirmed a restoration that
    it did not see.
    """
    if seen is None or found.generation > seen.generation:
        return None
    if found.generation < seen.generation:
        return f"it is of generation {found.generation}, and this node saw generation {seen.generation}"
    if found.server != seen.server:
        return "it lies in another server than when this node saw it last, as a copy or a restored backup does"
    if seen.made not in ("", found.made):
        return "its tables were made anew since this node saw them last, as by the restoring of a dump"
    if found.position < seen.position:
        return f"its server has flushed {found.position} octets of its log, and this node saw {seen.position}"
    return None


def read_seen(directory: Path) -> Seen | None:
    """What this node saw last; None for one that saw nothing yet. Raises `DatabaseRefused`."""
    path = directory / SEEN_NAME
    try:
        return Seen(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise DatabaseRefused(
            f"{path} cannot be read ({error}), and so nobody knows whether the database went back; put it back, or, if"
            " you know that the database is whole, remove it"
        ) from error


def write_seen(directory: Path, seen: Seen) -> None:
    """What this node saw, durably."""
    failpoints.reach("M1.before")
    write_whole(directory / SEEN_NAME, json.dumps(asdict(seen)).encode(), is_secret=True)
    failpoints.reach("M1.after")


def refuse_other(directory: Path, seen: Seen | None, found: Seen, place: str) -> None:
    """Raise `DatabaseRefused` for the database of another hub."""
    if seen is not None and seen.store != found.store:
        raise DatabaseRefused(
            f"{place} holds the store of another hub ({found.store}) than {directory} belongs to ({seen.store}), and is"
            " left as it is; correct store.url or data.directory"
        )
