"""The portal's store in the schema `knooppunt_portal` of the hub's PostgreSQL database; its statements stand in `sql/`.

SECURITY: no secret and no pseudonym lies in the tables, and no key that opens anything without a lock. What was deleted
may lie in the server's files and in its log for as long as it has not written there anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Final

from gateway.postgres import Address, Database, Schema, bound_statements
from gateway.sql_files import read_migrations
from gateway.store.portal.postgres.access import PostgresAccess
from gateway.store.portal.verbs import sessions
from gateway.store.portal.verbs.store import PortalVerbs

SCHEMA: Final = Schema(
    name="knooppunt_portal",
    made_by="Knooppunt portal",
    scripts=read_migrations(files("gateway.store.portal.postgres.migrations")),
)
SQL: Final = bound_statements(files("gateway.store.portal.postgres.sql"))


class PostgresPortalStore(PortalVerbs):
    """One open database, which other nodes may have open, too."""

    _access: PostgresAccess

    @classmethod
    async def open(cls, address: Address, *, moment: Callable[[], datetime] | None = None) -> PostgresPortalStore:
        """The store at this address, made if it is not there. `moment` gives the time in the place of the database's
        clock. Raises `gateway.storage.DatabaseRefused`.
        """
        return cls(PostgresAccess(await Database.open(address, schema=SCHEMA, statements=SQL, moment=moment)))

    async def confirm_restored(self) -> None:
        """What is here counts from now on, but for sessions and logins: of those that ended some may be here again."""
        await self._access.write(lambda rows, _now: sessions.end_all(rows))

    async def aclose(self) -> None:
        """Finish what is asked and close; harmless when repeated."""
        await self._access.aclose()

    async def cut_log(self) -> None:
        """The log is the server's own, which cuts it as its settings say."""
