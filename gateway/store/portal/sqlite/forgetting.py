"""What is over goes, a few rows at a time: steps, each a function over a connection in a transaction of its own.

Their order matters: links and sessions before people, people before what nobody is left for, copies before locks and
sets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import apsw

from gateway.store.portal import rows
from gateway.store.portal.model import OPERATOR, RequestState
from gateway.store.portal.sqlite import keys
from gateway.store.portal.sqlite.records import SQL, read_all, run
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
from gateway.store.rows import to_microseconds
from gateway.store.slices import Slice

Step: TypeAlias = Callable[[apsw.Connection, datetime], int]  # how many rows went; 0 when nothing is left that is over

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
    return lambda connection, now: run(connection, statement, _bindings(now))


def _one_by_one(
    find: Callable[[apsw.Connection, datetime], Sequence[Any]],
    forget: Callable[[apsw.Connection, Any, datetime], object],
) -> Step:
    """Rows with which others go, as far as a slice reaches."""

    def step(connection: apsw.Connection, now: datetime) -> int:
        part = Slice()
        gone = 0
        for each in find(connection, now):
            if part.is_over():
                break
            forget(connection, each, now)
            gone += 1
        return gone

    return step


def _ids(statement: str) -> Callable[[apsw.Connection, datetime], Sequence[str]]:
    return lambda connection, now: [str(row[0]) for row in connection.execute(SQL[statement], _bindings(now))]


def _withdraw(connection: apsw.Connection, request_id: str, now: datetime) -> None:
    keys.refuse(connection, request_id, RequestState.WITHDRAWN, OPERATOR, None, now)


def _forget_person(connection: apsw.Connection, person: str, _now: datetime) -> None:
    """With the locks that this person opens; a sheet stays, for it lies in the safe of the organisation."""
    for row in connection.execute(SQL["own_locks"], {"person": person}).fetchall():
        keys.delete_lock(connection, str(row[0]))
    for statement in ("end_sessions_of", "delete_links_of", "delete_administrator", "delete_person"):
        run(connection, statement, {"person": person})


def _forget_lock(connection: apsw.Connection, lock: str, _now: datetime) -> None:
    keys.delete_lock(connection, lock)


def _nobodys_key_sets(connection: apsw.Connection, now: datetime) -> Sequence[Any]:
    return read_all(connection, "key_set", "find_nobodys_key_sets", _bindings(now))


def _end_key_set(connection: apsw.Connection, columns: Mapping[str, Any], now: datetime) -> None:
    keys.end(connection, rows.read_key_set(columns), OPERATOR, now)


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
