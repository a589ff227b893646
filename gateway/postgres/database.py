"""A database with one schema of ours, as the stores see it: work that is committed, or read, on pooled connections.

`commit` runs its work in READ COMMITTED: whoever decides by a row locks it first, whoever inserts what another may
insert too lets the unique index decide and begins once more. It may therefore run several times, and nothing of it is
seen before the last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg

from gateway.postgres.address import Address
from gateway.postgres.faults import (
    BROKEN,
    DatabaseAway,
    DatabaseSilent,
    Rejected,
    give_up,
    is_broken,
    is_of_others,
    is_undone,
    said_of,
)
from gateway.postgres.migrations import Schema, migrate, refuse_older, version_of
from gateway.postgres.promises import refuse_unpromised
from gateway.postgres.statements import Statements
from gateway.postgres.transaction import OnceMore, Transaction
from gateway.storage import CommitUnknown, DatabaseRefused

T = TypeVar("T")

Work: TypeAlias = Callable[[Transaction], Awaitable[T]]

CONNECTIONS: Final = 10
TRIES: Final = 8  # of a transaction that others undo; then they are too many
CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0  # no statement of ours takes as long; a network that swallows octets does
_SETTINGS: Final = {
    "application_name": "knooppunt",
    "lock_timeout": "10s",  # who arrives while the same message is under way waits so long for it
    "idle_in_transaction_session_timeout": "60s",  # a node that was stopped in the middle keeps nobody waiting longer
    "timezone": "UTC",
}
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Database:
    """Connections to one database, until `aclose`. `moment` gives the time in the place of the database's clock."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        address: Address,
        statements: Statements,
        moment: Callable[[], datetime] | None,
    ) -> None:
        self.address = address
        self.closed = False
        self.away: str | None = None  # why it did not answer when it was asked last
        self.on_connected: Work[object] | None = None  # what is looked at on each new connection before it is used
        self._pool = pool
        self._statements = statements
        self._moment = moment
        self._under_way: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(
        cls,
        address: Address,
        *,
        schema: Schema,
        statements: Statements,
        may_migrate: bool = True,
        connections: int = CONNECTIONS,
        moment: Callable[[], datetime] | None = None,
    ) -> Database:
        """The database at this address, with its tables made or brought up to date; raises `DatabaseRefused`, with one
        line that says why and what to do.
        """

        async def check(connection: asyncpg.Connection) -> None:
            await refuse_unpromised(connection, str(address))

        async def begin(connection: asyncpg.Connection) -> None:
            await check(connection)
            if made is not None and made.on_connected is not None:
                await made.on_connected(Transaction(connection, statements))

        made: Database | None = None
        async with refusing(address):
            async with connected(address, schema=schema) as connection:
                await check(connection)
                if may_migrate:
                    await migrate(connection, schema, str(address))
                await refuse_older(connection, schema, str(address))
            pool = await asyncpg.create_pool(
                address.url,
                password=address.password,
                min_size=1,
                max_size=connections,
                init=begin,
                reset=_leave_as_it_is,
                timeout=CONNECT_SECONDS,
                command_timeout=ANSWER_SECONDS,
                statement_cache_size=400,
                server_settings=_SETTINGS | {"search_path": schema.name},
            )
        made = cls(pool, address, statements, moment)
        return made

    async def aclose(self) -> None:
        """Finish what is under way and let the connections go; harmless when repeated."""
        if self.closed:
            return
        self.closed = True
        while self._under_way:
            await asyncio.wait(self._under_way)
        try:
            await asyncio.wait_for(self._pool.close(), CONNECT_SECONDS)
        except BROKEN:
            self._pool.terminate()

    async def commit(self, work: Work[T]) -> T:
        """The result of this work, after its transaction committed. It goes on when the caller is cancelled.

        Raises `CommitUnknown`; and `DatabaseAway` and `Rejected`, and whatever the work raised, where nothing was
        changed.
        """
        return await self._shielded(self._committed(work))

    async def read(self, work: Work[T]) -> T:
        """The result of work that changes nothing and sees one moment of the database; raises `DatabaseAway`."""
        return await self._shielded(self._read(work))

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        if self.closed:
            work.close()
            raise DatabaseAway(f"{self.address} was closed")
        task = asyncio.ensure_future(self._heeded(work))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def _heeded(self, work: Coroutine[Any, Any, T]) -> T:
        """Note whether the database answers."""
        try:
            done = await work
        except DatabaseSilent as error:
            self.away = str(error)
            raise
        self.away = None
        return done

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # seen: whoever waited for it may be gone

    async def _read(self, work: Work[T]) -> T:
        for _ in range(2):  # a connection that was idle when its server ended says so only now
            with contextlib.suppress(_Broken, OnceMore):
                async with self._transaction(_READ) as (connection, transaction):
                    found = await work(transaction)
                    await connection.execute("COMMIT")
                    return found
        raise DatabaseSilent(f"{self.address} cannot be reached")

    async def _committed(self, work: Work[T]) -> T:
        broken = 0
        for number in range(TRIES):
            try:
                async with self._transaction("BEGIN") as (connection, transaction):
                    done = await work(transaction)
                    await self._end(connection)
                    return done
            except _Broken:
                broken += 1
                if broken > 1:
                    break
            except OnceMore:
                await asyncio.sleep(0.002 * number)  # others are at the same rows: not all of them at the same moment
        if broken > 1:
            raise DatabaseSilent(f"{self.address} cannot be reached")
        raise DatabaseAway("others were faster each time")

    async def _end(self, connection: asyncpg.Connection) -> None:
        """COMMIT; whatever is no answer of the server that undoes it leaves it unknown."""
        try:
            tag = await connection.execute("COMMIT")
        except Exception as error:
            if is_of_others(error):
                raise OnceMore from error
            if is_undone(error):
                raise
            give_up(connection)
            raise CommitUnknown(f"{self.address} did not say whether it committed: {said_of(error)}") from error
        if tag != "COMMIT":
            raise Rejected(f"{self.address} undid a transaction at its end")

    @contextlib.asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncIterator[tuple[asyncpg.Connection, Transaction]]:
        """A transaction that has begun, and is undone unless it was ended; on a connection that is given up when it is
        broken, which is told by `_Broken`.
        """
        async with self._connection() as connection:
            try:
                await connection.execute(begin)
                transaction = Transaction(connection, self._statements)
                await transaction.tell_time(None if self._moment is None else self._moment())
                yield connection, transaction
            except (CommitUnknown, GeneratorExit):
                raise
            except BaseException as error:
                if is_broken(error, connection):
                    give_up(connection)
                    raise _Broken from error
                await _undo(connection)
                translated = _translated(error, str(self.address))
                if translated is error:
                    raise
                raise translated from error

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            connection = await self._pool.acquire(timeout=CONNECT_SECONDS)
        except (*BROKEN, asyncpg.PostgresError, asyncpg.InterfaceError, DatabaseRefused) as error:
            raise DatabaseSilent(f"{self.address} cannot be reached: {said_of(error)}") from error
        try:
            yield connection
        finally:
            await self._pool.release(connection)


class _Broken(Exception):
    """The connection broke before the COMMIT was sent: nothing was changed."""


def _translated(error: BaseException, place: str) -> BaseException:
    """What ended a transaction, in our own words; what is none of PostgreSQL's stays as it is."""
    if is_of_others(error):
        return OnceMore()
    if isinstance(error, asyncpg.LockNotAvailableError | asyncpg.InsufficientResourcesError):
        return DatabaseAway(f"{place}: {said_of(error)}")
    if isinstance(error, asyncpg.PostgresError):
        return Rejected(f"{place}: {said_of(error)}")
    return error


async def _undo(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute("ROLLBACK")
    except (*BROKEN, asyncpg.PostgresError, asyncpg.InterfaceError):
        give_up(connection)


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """No statement of ours changes anything of a session."""


@contextlib.asynccontextmanager
async def connected(address: Address, *, schema: Schema) -> AsyncIterator[asyncpg.Connection]:
    """One connection, without a look at what its server promises."""
    connection = await asyncpg.connect(
        address.url,
        password=address.password,
        timeout=CONNECT_SECONDS,
        command_timeout=ANSWER_SECONDS,
        server_settings=_SETTINGS | {"search_path": schema.name},
    )
    try:
        yield connection
    finally:
        with contextlib.suppress(*BROKEN):
            await connection.close(timeout=CONNECT_SECONDS)


@contextlib.asynccontextmanager
async def connected_for_long(address: Address, *, schema: Schema) -> AsyncIterator[asyncpg.Connection]:
    """One connection for work on a whole database: a statement takes as long as it takes, and so does what is read
    between two of them.
    """
    connection = await asyncpg.connect(
        address.url,
        password=address.password,
        timeout=CONNECT_SECONDS,
        server_settings=_SETTINGS | {"search_path": schema.name, "idle_in_transaction_session_timeout": "0"},
    )
    try:
        yield connection
    finally:
        with contextlib.suppress(*BROKEN):
            await connection.close(timeout=CONNECT_SECONDS)


async def found_version(address: Address, schema: Schema) -> int:
    """How many scripts were run in that schema; 0 where it is not there. Raises `DatabaseRefused`."""
    async with refusing(address), connected(address, schema=schema) as connection:
        return await version_of(connection, schema, str(address))


@contextlib.asynccontextmanager
async def refusing(address: Address) -> AsyncIterator[None]:
    """Whatever keeps a database from being used becomes `DatabaseRefused`."""
    try:
        yield
    except (*BROKEN, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseRefused(
            f"{address} cannot be opened: {said_of(error)}; see that the server runs and lets this user in"
        ) from error
