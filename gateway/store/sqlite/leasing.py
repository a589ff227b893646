"""Leasing in the embedded store (T4, T8): what a PullRequest gets, and how its lease is moved."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import apsw

from gateway import failpoints
from gateway.store import rows
from gateway.store.model import Empty, Heard, LeaseOutcome, LeaseRequest, Replayed
from gateway.store.rules import lease as lease_rules
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import Again, HeardSignal, counts_now, heard_of, judge_pull
from gateway.store.sqlite.statements import LostUpdate, change_one, first_row, number
from gateway.store.sqlite.transactions import find_heard, find_waiting, is_sound, move_lease, read_waiting, write_heard

# Of so many leases that lapsed first the oldest message is given again: all of them, except where a receiver let
# thousands lapse at once, and there nobody waits for a look at each.
LAPSED_LOOKED_AT = 1_000


def lease(connection: apsw.Connection, request: LeaseRequest, now: datetime) -> LeaseOutcome:
    """T4: the message of this PullRequest again, or the oldest that waits, under a new lease. Whatever it was answered
    with, the PullRequest has counted.
    """
    heard = find_heard(connection, request.party, request.pull_message_id)
    message: Waiting | None = None
    match judge_pull(heard, request, now):
        case Again(message_row, token):
            given = read_waiting(connection, message_row)
            if lease_rules.may_be_given_again(given, token, request, now):
                message = given
            elif not lease_rules.lets_others_pass(given):
                return Replayed()
        case Replayed() | Empty() as verdict:
            return verdict
    counted = heard is not None and heard.counted
    if message is None:
        message = _find_offerable(connection, request, now)
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
    offer = rows.read_offer(row, sound=is_sound(connection, message.row))
    return replace(offer, repeated=counted)


def _find_offerable(connection: apsw.Connection, request: LeaseRequest, now: datetime) -> Waiting | None:
    """The oldest message of the mailbox that may be offered, as long as not too many are under a lease."""
    bindings = {
        "mpc": request.mpc,
        "at": rows.to_microseconds(now),
        "terms_at": rows.to_microseconds(lease_rules.terms_at(request, now)),
        "open_leases": request.open_leases,
        "lapsed": LAPSED_LOOKED_AT,
    }
    if number(connection, "count_open_leases", bindings) >= request.open_leases:
        return None
    row = first_row(connection, "find_offerable", bindings)
    message = None if row is None else rows.read_waiting(row)
    return message if message is not None and lease_rules.is_offerable(message, request, now) else None


def note_heard(connection: apsw.Connection, party: str, message_id: str, said_at: datetime, now: datetime) -> Heard:
    """Remember a message that may not count now, and tell what was known of it."""
    heard = find_heard(connection, party, message_id)
    latest = first_row(connection, "latest_heard", {"party": party})
    if heard is None:
        write_heard(connection, party, message_id, HeardSignal(said_at=said_at, at=now, counted=False))
    return heard_of(heard, None if latest is None else rows.optional_datetime(latest[0]))


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
