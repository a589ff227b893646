"""Leasing in the embedded store (T4, T8): what a PullRequest gets, and how its lease is moved."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import apsw

from gateway import failpoints
from gateway.storage import LostUpdate
from gateway.store import rows
from gateway.store.model import Empty, Heard, LeaseOutcome, LeaseRequest, Replayed
from gateway.store.rules import lease as lease_rules
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import Again, counts_now, has_counted, heard_of, judge_pull, noted
from gateway.store.sqlite.statements import SQL, change_one, first_row, number
from gateway.store.sqlite.transactions import (
    find_heard,
    find_waiting,
    is_message_sound,
    move_lease,
    read_waiting,
    write_heard,
)


def lease(connection: apsw.Connection, request: LeaseRequest, now: datetime) -> LeaseOutcome:
    """T4: the message of this PullRequest again, or the oldest that waits, under a new lease. Whatever it was answered
    with, the PullRequest has counted.
    """
    heard = find_heard(connection, request.party, request.pull_message_id)
    verdict = judge_pull(heard, request, now)
    given = _given_again(connection, verdict, request, now) if isinstance(verdict, Again) else verdict
    if isinstance(given, Empty | Replayed):
        return given
    counted = has_counted(heard)
    message = _find_offerable(connection, request, now) if given is None else given
    if message is None and counted:
        return Empty(repeated=True)  # its own message may be read again in a while
    said_at = request.said_at or now
    if message is None:
        write_heard(
            connection, request.party, request.pull_message_id, counts_now(heard, said_at, now, request=request)
        )
        return Empty()
    token = secrets.token_hex(16)
    leased = rows.lease_bindings(lease_rules.offered(message, request, token, now))
    change_one(connection, "lease", leased | {"before": message.state.value, "holder": request.holder})
    counts = counts_now(heard, said_at, now, request=request, message=message.row, lease_token=token)
    write_heard(connection, request.party, request.pull_message_id, counts)
    row = first_row(connection, "read_offer", {"id": message.row})
    if row is None:
        raise LostUpdate("read_offer")
    failpoints.reach("P3.before")
    offer = rows.read_offer(row, sound=is_message_sound(connection, message.row))
    return replace(offer, repeated=counted)


def _given_again(
    connection: apsw.Connection, again: Again, request: LeaseRequest, now: datetime
) -> Waiting | Replayed | None:
    return lease_rules.given_again(read_waiting(connection, again.message), again.lease_token, request, now)


def _find_offerable(connection: apsw.Connection, request: LeaseRequest, now: datetime) -> Waiting | None:
    """The oldest message of the mailbox that may be offered, as long as not too many are under a lease."""
    bindings = {
        "mpc": request.mpc,
        "at": rows.to_microseconds(now),
        "terms_at": rows.to_microseconds(lease_rules.terms_at(request, now)),
        "open_leases": request.open_leases,
        "lapsed": lease_rules.LAPSED_LOOKED_AT,
    }
    if not lease_rules.may_open_lease(request, number(connection, "count_open_leases", bindings)):
        return None
    row = first_row(connection, "find_offerable", bindings)
    message = None if row is None else rows.read_waiting(row)
    return message if message is not None and lease_rules.is_offerable(message, request, now) else None


def note_heard(connection: apsw.Connection, party: str, message_id: str, said_at: datetime, now: datetime) -> Heard:
    """Remember a message that may not count now, and tell what was known of it."""
    heard = find_heard(connection, party, message_id)
    latest = first_row(connection, "latest_heard", {"party": party})
    if (remembered := noted(heard, said_at, now)) is not None:
        write_heard(connection, party, message_id, remembered)
    return heard_of(heard, None if latest is None else rows.optional_datetime(latest[0]))


def note_ping(connection: apsw.Connection, party: str, now: datetime) -> None:
    """Remember that a message of that party to the test service was taken now."""
    connection.execute(SQL["write_ping"], {"party": party, "at": rows.to_microseconds(now)})


def prolong_lease(
    connection: apsw.Connection, message_id: str, lease_token: str, span: timedelta, now: datetime
) -> None:
    """Move the end of this lease later, within the longest lease."""
    message = find_waiting(connection, message_id)
    move_lease(connection, message and lease_rules.prolonged(message, lease_token, span, now))


def cut_lease(connection: apsw.Connection, message_id: str, lease_token: str, span: timedelta, now: datetime) -> None:
    """Move the end of this lease earlier."""
    message = find_waiting(connection, message_id)
    move_lease(connection, message and lease_rules.cut(message, lease_token, span, now))


def put_off(connection: apsw.Connection, message_id: str, lease_token: str, now: datetime) -> None:
    """End this lease, and pause longer each time that the parts could not be read."""
    message = find_waiting(connection, message_id)
    move_lease(connection, message and lease_rules.put_off(message, lease_token, now))
