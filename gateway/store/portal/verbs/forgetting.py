"""What is over goes, a few rows at a time: steps, each a function inside a transaction of its own.

Their order matters: links and sessions before people, people before what nobody is left for, copies before locks and
sets.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from gateway.store.portal import rows
from gateway.store.portal.model import OPERATOR, RequestState
from gateway.store.portal.terms import (
    CEREMONY_OPEN,
    DORMANT,
    JOINING_STAYS,
    LOCK_UNCOUNTED,
    LOGIN_OPEN,
    MAIL_HEARD_AFTER,
    MAIL_LINK,
    MAIL_UNCONFIRMED,
    MAIL_WAITS,
    MEMORY,
    PAIRING_TRIES_WITHIN,
    REQUEST_UNDECIDED,
    SESSION_IDLE,
    SESSION_LONGEST,
    WATCHED_STAYS,
)
from gateway.store.portal.verbs import keys
from gateway.store.portal.verbs.records import PortalRows, read_all, run
from gateway.store.rows import to_microseconds
from gateway.store.slices import Slice

Step: TypeAlias = Callable[
    [PortalRows, datetime], Awaitable[int]
]  # how many rows went; 0 when nothing is left that is over

BATCH: Final = 50
_OVER_SINCE: Final = {
    "began_before": SESSION_LONGEST,
    "used_before": SESSION_IDLE,
    "login_before": LOGIN_OPEN,
    "code_before": PAIRING_TRIES_WITHIN,
    "ceremony_before": CEREMONY_OPEN,
    "memory_before": MEMORY,
    "joining_before": JOINING_STAYS,
    "undecided_before": REQUEST_UNDECIDED,
    "uncounted_before": LOCK_UNCOUNTED,
    "dormant_before": DORMANT,
    "mail_unconfirmed_before": MAIL_UNCONFIRMED,
    "mail_heard_before": MAIL_HEARD_AFTER,
    "mail_waits_before": MAIL_WAITS,
    "mail_link_before": MAIL_LINK,
    "watched_before": WATCHED_STAYS,
}


def _bindings(now: datetime) -> Mapping[str, int]:
    moments = {name: to_microseconds(now - span) for name, span in _OVER_SINCE.items()}
    return moments | {"at": to_microseconds(now), "limit": BATCH}


def _at_once(statement: str) -> Step:
    """Rows with which nothing else goes."""
    return lambda transaction, now: run(transaction, statement, _bindings(now))


def _one_by_one(
    find: Callable[[PortalRows, datetime], Awaitable[Sequence[Any]]],
    forget: Callable[[PortalRows, Any, datetime], Awaitable[object]],
) -> Step:
    """Rows with which others go, as far as a slice reaches."""

    async def step(transaction: PortalRows, now: datetime) -> int:
        part = Slice()
        gone = 0
        for each in await find(transaction, now):
            if part.is_over():
                break
            await forget(transaction, each, now)
            gone += 1
        return gone

    return step


def _ids(statement: str) -> Callable[[PortalRows, datetime], Awaitable[Sequence[str]]]:
    async def find(transaction: PortalRows, now: datetime) -> Sequence[str]:
        return [str(row[0]) for row in await transaction.select(statement, _bindings(now))]

    return find


async def _withdraw(transaction: PortalRows, request_id: str, now: datetime) -> None:
    await keys.refuse(transaction, request_id, RequestState.WITHDRAWN, OPERATOR, None, now)


async def _forget_person(transaction: PortalRows, person: str, _now: datetime) -> None:
    """With the locks that this person opens; a sheet stays, for it lies in the safe of the organisation."""
    for row in await transaction.select("own_locks", {"person": person}):
        await keys.delete_lock(transaction, str(row[0]))
    for statement in ("end_sessions_of", "delete_links_of", "delete_administrator", "delete_person"):
        await run(transaction, statement, {"person": person})


async def _forget_lock(transaction: PortalRows, lock: str, _now: datetime) -> None:
    await keys.delete_lock(transaction, lock)


async def _nobodys_key_sets(transaction: PortalRows, now: datetime) -> Sequence[Any]:
    return await read_all(transaction, "key_set", "find_nobodys_key_sets", _bindings(now))


async def _end_key_set(transaction: PortalRows, columns: Mapping[str, Any], now: datetime) -> None:
    await keys.end(transaction, rows.read_key_set(columns), OPERATOR, now)


STEPS: Final[Sequence[Step]] = (
    _at_once("forget_sessions"),
    _at_once("forget_open_logins"),
    _at_once("forget_assertions"),
    _at_once("forget_wrong_codes"),
    _at_once("forget_ceremonies"),
    _at_once("forget_notice"),
    _at_once("forget_broker_metadata"),
    _at_once("forget_journal"),
    _at_once("forget_handlings"),
    _at_once("forget_links"),
    _at_once("forget_approving"),
    _at_once("forget_mail_addresses"),
    _at_once("forget_mail_lines"),
    _at_once("forget_mail_tokens"),
    _at_once("forget_watched_messages"),
    _at_once("forget_arrivals"),
    _one_by_one(_ids("find_undecided_requests"), _withdraw),
    _one_by_one(_ids("find_dormant"), _forget_person),
    _one_by_one(_ids("find_uncounted_locks"), _forget_lock),
    _one_by_one(_ids("find_nobodys_locks"), _forget_lock),
    _one_by_one(_nobodys_key_sets, _end_key_set),
    _at_once("forget_nobodys_mail_addresses"),
    _at_once("forget_joinings"),
    _at_once("forget_requests"),
    _at_once("forget_superseded_documents"),
    _at_once("forget_documents"),
    _at_once("forget_key_sets"),
)
