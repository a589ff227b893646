"""What PostgreSQL and the way to it say, in the words of every storage.

Only an answer of the server proves that a commit did not happen. Whatever else ends one leaves it unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import asyncpg

# What leaves a connection of no use, with nothing said about the statement that was under way.
BROKEN: Final = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server ends, or was told to end this connection
    asyncpg.InternalClientError,
)
# What a server says of a transaction that it undid because of another's, and that may go better when it comes again.
_OF_OTHERS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
# With these a COMMIT was answered by its undoing.
_UNDONE: Final = (asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientResourcesError, *_OF_OTHERS)


class DatabaseAway(Exception):
    """The database cannot be reached or takes nothing now; nothing was changed."""


class DatabaseSilent(DatabaseAway):
    """The database does not answer."""


class Rejected(Exception):
    """The database refused a statement: a constraint or a trigger of its tables; nothing was changed."""


def is_broken(error: BaseException, connection: asyncpg.Connection) -> bool:
    """Whether a connection is of no use any more, whatever was under way on it."""
    if isinstance(error, BROKEN):
        return True
    return isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError) and is_gone(connection)


def is_gone(connection: asyncpg.Connection) -> bool:
    """Whether a connection was closed; one that the pool took back says nothing else any more."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


def give_up(connection: asyncpg.Connection) -> None:
    """Close a connection without a word to its server."""
    with contextlib.suppress(asyncpg.InterfaceError):
        connection.terminate()


def is_of_others(error: BaseException) -> bool:
    """Whether a transaction was undone because of another's, so that it is begun once more."""
    return isinstance(error, _OF_OTHERS)


def is_undone(error: BaseException) -> bool:
    """Whether what a COMMIT was answered with proves that nothing of it stands."""
    return isinstance(error, _UNDONE)


def said_of(error: BaseException) -> str:
    """One line; of what a server says the first sentence alone, for its details repeat values of rows."""
    said = error.args[0] if isinstance(error, asyncpg.PostgresError) and error.args else str(error)
    line = " ".join("".join(each if each.isprintable() else " " for each in str(said)).split())
    return line or type(error).__name__
