"""The portal's tables in a database that went back: they did so with the hub's store, and are confirmed with it."""

from __future__ import annotations

from gateway.postgres import Address
from gateway.postgres.database import found_version
from gateway.storage import DatabaseRefused
from gateway.store.interface import StoreUnavailable
from gateway.store.portal.postgres.store import SCHEMA, PostgresPortalStore


async def confirm_portal_restored(address: Address) -> None:
    """What is here of the portal counts from now on, but for sessions: who had ended one is not let in by it again.

    It is done whether the hub has a portal now or not: one that was switched off comes back later.
    """
    try:
        if not await found_version(address, SCHEMA):
            return
        portal = await PostgresPortalStore.open(address)
    except DatabaseRefused as error:
        raise StoreUnavailable(str(error)) from error
    try:
        await portal.confirm_restored()
    finally:
        await portal.aclose()
