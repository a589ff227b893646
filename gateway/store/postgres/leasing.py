"""Leasing (T4, T8): what a PullRequest gets, and how its lease is moved."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from gateway import failpoints
from gateway.postgres import Transaction
from gateway.storage import LostUpdate
from gateway.store import rows
from gateway.store.model import Empty, Heard, LeaseOutcome, LeaseRequest, Replayed
from gateway.store.postgres.transactions import (
    CROWD,
    count_up_to,
    find_heard,
    is_message_sound,
    lock_row,
    lock_waiting,
    move_lease,
    write_heard,
)
from gateway.store.rules import lease as lease_rules
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import Again, counts_now, has_counted, heard_of, judge_pull, noted


async def lease(tx: Transaction, request: LeaseRequest) -> LeaseOutcome:
    """T4: the message of this PullRequest again, or the oldest that waits, under a new lease. Whatever it was answered
    with, the PullRequest has counted.
    """
    heard = await find_heard(tx, request.party, request.pull_message_id)
    verdict = judge_pull(heard, request, tx.now)
    given = await _given_again(tx, verdict, request) if isinstance(verdict, Again) else verdict
    if isinstance(given, Empty | Replayed):
        return given
    counted = has_counted(heard)
    message = await _find_offerable(tx, request) if given is None else given
    if message is None and counted:
        return Empty(repeated=True)  # its own message may be read again in a while
    said_at = request.said_at or tx.now
    if message is None:
        counts = counts_now(heard, said_at, tx.now, request=request)
        await write_heard(tx, request.party, request.pull_message_id, counts, before=heard)
        return Empty()
    token = secrets.token_hex(16)
    leased = rows.lease_bindings(lease_rules.offered(message, request, token, tx.now))
    await tx.change_one("lease", leased | {"before": message.state.value, "holder": request.holder})
    counts = counts_now(heard, said_at, tx.now, request=request, message=message.row, lease_token=token)
    await write_heard(tx, request.party, request.pull_message_id, counts, before=heard)
    row = await tx.first("read_offer", {"id": message.row})
    if row is None:
        raise LostUpdate("read_offer")
    failpoints.reach("P3.before")
    offer = rows.read_offer(row, sound=await is_message_sound(tx, message.row))
    return replace(offer, repeated=counted)


async def _given_again(tx: Transaction, again: Again, request: LeaseRequest) -> Waiting | Replayed | None:
    return lease_rules.given_again(await lock_row(tx, again.message), again.lease_token, request, tx.now)


async def _find_offerable(tx: Transaction, request: LeaseRequest) -> Waiting | None:
    """The oldest message of the mailbox that may be offered, as long as not too many are under a lease."""
    bindings = {
        "mpc": request.mpc,
        "at": rows.to_microseconds(tx.now),
        "terms_at": rows.to_microseconds(lease_rules.terms_at(request, tx.now)),
        "open_leases": request.open_leases,
        "lapsed": lease_rules.LAPSED_LOOKED_AT,
        "crowd": CROWD,
    }
    count = await count_up_to(tx, "count_open_leases", bindings, limit=request.open_leases, of=request.mpc)
    if not lease_rules.may_open_lease(request, count):
        return None
    row = await tx.first("find_offerable", bindings)
    message = None if row is None else rows.read_waiting(row)
    return message if message is not None and lease_rules.is_offerable(message, request, tx.now) else None


async def note_heard(tx: Transaction, party: str, message_id: str, said_at: datetime) -> Heard:
    """Remember a message that may not count now, and tell what was known of it."""
    heard = await find_heard(tx, party, message_id)
    latest = await tx.first("latest_heard", {"party": party})
    if (remembered := noted(heard, said_at, tx.now)) is not None:
        await write_heard(tx, party, message_id, remembered, before=heard)
    return heard_of(heard, None if latest is None else rows.optional_datetime(latest[0]))


async def note_ping(tx: Transaction, party: str) -> None:
    """Remember that a message of that party to the test service was taken now."""
    await tx.change("write_ping", {"party": party, "at": rows.to_microseconds(tx.now)})


async def prolong_lease(tx: Transaction, message_id: str, lease_token: str, span: timedelta) -> None:
    """Move the end of this lease later, within the longest lease."""
    message = await lock_waiting(tx, message_id)
    await move_lease(tx, message and lease_rules.prolonged(message, lease_token, span, tx.now))


async def cut_lease(tx: Transaction, message_id: str, lease_token: str, span: timedelta) -> None:
    """Move the end of this lease earlier."""
    message = await lock_waiting(tx, message_id)
    await move_lease(tx, message and lease_rules.cut(message, lease_token, span, tx.now))


async def put_off(tx: Transaction, message_id: str, lease_token: str) -> None:
    """End this lease, and pause longer each time that the parts could not be read."""
    message = await lock_waiting(tx, message_id)
    await move_lease(tx, message and lease_rules.put_off(message, lease_token, tx.now))
