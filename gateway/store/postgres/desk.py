"""Desk leases (T4, T8): functions over a transaction. Those of one person, and of one mailbox, take turns: people are
slow, and how many each has open is counted.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from gateway.postgres import Transaction
from gateway.store import rows
from gateway.store.interface import DamagedRecord
from gateway.store.model import (
    DeskFull,
    DeskLease,
    DeskList,
    DeskListRequest,
    DeskOutcome,
    DeskRequest,
    Held,
    Offer,
    StoredEnvelope,
)
from gateway.store.postgres.transactions import find_waiting, is_message_sound, lock_waiting, move_lease
from gateway.store.rules import desk as rules
from gateway.store.rules.lease import Waiting


async def open_at_desk(tx: Transaction, request: DeskRequest) -> DeskOutcome:
    """T4: the message under a lease of this person; the one that he has already is used by that."""
    await _take_turns(tx, request.party, request.person)
    message = await lock_waiting(tx, request.message_id)
    if message is None or not rules.may_open(message, request, tx.now):
        return None
    standing = rules.standing(message, request, tx.now)
    if isinstance(standing, DeskLease):
        return await use(tx, request.message_id, request.party, standing.token, request.terms_behind)
    if isinstance(standing, Held) and not rules.gives_way(standing, request):
        return standing
    if not await is_message_sound(tx, message.row):
        raise DamagedRecord(request.message_id, "the record")
    full = await _full(tx, request.person, but=message.row, mailbox_of=message.row)
    if full is not None:
        return full
    leased = rules.opened(message, request, secrets.token_urlsafe(32), tx.now)
    await _write(tx, message, leased)
    return rules.as_lease(request.message_id, leased, from_person=None if standing is None else standing.person)


async def open_list(tx: Transaction, request: DeskListRequest) -> DeskList | DeskFull:
    """T4 for each: what this person has already is used by that, what a colleague has is passed by."""
    await _take_turns(tx, request.party, request.person)
    leases: list[DeskLease] = []
    used: list[int] = []
    held: dict[str, Held] = {}
    free: list[tuple[str, Waiting]] = []
    for message_id in dict.fromkeys(request.message_ids):
        one = rules.one_of(request, message_id)
        message = await lock_waiting(tx, message_id)
        if message is None or not rules.may_open(message, one, tx.now):
            continue
        match rules.standing(message, one, tx.now):
            case DeskLease() as standing:
                moved = rules.used(message, request.party, standing.token, request.terms_behind, tx.now)
                if moved is not None:
                    await _move(tx, message, moved)
                    leases.append(rules.as_lease(message_id, moved, again=True))
                    used.append(message.row)
            case Held() as standing:
                held[message_id] = standing
            case None if await is_message_sound(tx, message.row):
                free.append((message_id, message))
    joined = await _joined(tx, request)
    if free:
        mailbox_of, more = free[0][1].row, len(free)
        full = await _full(tx, request.person, but=None, mailbox_of=mailbox_of, more=more, joins=joined is not None)
        if full is not None:
            return full
    together = joined or secrets.token_urlsafe(16)
    await tx.change("join_list", {"desk_list": together, "rows": used})
    for message_id, message in free:
        one = rules.one_of(request, message_id)
        leased = rules.opened(message, one, secrets.token_urlsafe(32), tx.now, desk_list=together)
        await _write(tx, message, leased)
        leases.append(rules.as_lease(message_id, leased))
    is_any = await _is_open(tx, rules.ListOf.named_in(request, together))
    return DeskList(leases=tuple(leases), held=held, desk_list=together if is_any else None)


async def _joined(tx: Transaction, request: DeskListRequest) -> str | None:
    """The list that was named, where this person has anything open with it."""
    named = request.desk_list
    is_one = named is not None and await _is_open(tx, rules.ListOf.named_in(request, named))
    return named if is_one else None


async def _is_open(tx: Transaction, which: rules.ListOf) -> bool:
    return await tx.number("count_list", which.at(rows.to_microseconds(tx.now))) > 0


async def use_list(tx: Transaction, which: rules.ListOf, behind: timedelta) -> datetime | None:
    """All leases of the list move on; until when the first of them stands."""
    ends: list[datetime] = []
    for message in await _of_list(tx, which):
        moved = rules.used(message, which.party, message.lease_token or "", behind, tx.now)
        if moved is not None and moved.lease_until is not None:
            await _move(tx, message, moved)
            ends.append(moved.lease_until)
    return min(ends, default=None)


async def release_list(tx: Transaction, which: rules.ListOf) -> int:
    """All messages of the list wait as before."""
    count = 0
    for message in await _of_list(tx, which):
        token = secrets.token_urlsafe(32)
        released = rules.released(message, which.party, message.lease_token or "", token, tx.now)
        if released is not None:
            await _write(tx, message, released)
            count += 1
    return count


async def _of_list(tx: Transaction, which: rules.ListOf) -> list[Waiting]:
    await _take_turns(tx, which.party, which.person)
    return [rows.read_waiting(row) for row in await tx.rows("lock_list", which.at(rows.to_microseconds(tx.now)))]


async def _move(tx: Transaction, message: Waiting, moved: Waiting) -> None:
    """Write where the lease ends now, if that is another moment."""
    if moved is not message:
        await move_lease(tx, moved)


async def _take_turns(tx: Transaction, party: str, person: str) -> None:
    await tx.wait_for(f"person {person}")
    await tx.wait_for(f"desks {party}")


async def _full(
    tx: Transaction, person: str, *, but: int | None, mailbox_of: int, more: int = 1, joins: bool = False
) -> DeskFull | None:
    """Whether the person, not counting one message, or the mailbox of a message has as many open as may be; what joins
    a list is none more to the person.
    """
    at = rows.to_microseconds(tx.now)
    held = 0 if joins else await tx.number("count_held", {"at": at, "id": but, "person": person})
    mailbox = {"at": at, "id": mailbox_of, "most": rules.OPEN_AT_DESKS}
    return rules.refused_for_number(held, await tx.number("count_desk_leases", mailbox), more=more)


async def use(tx: Transaction, message_id: str, party: str, token: str, behind: timedelta) -> DeskLease | None:
    """The lease moves on with its use."""
    message = rules.used(await lock_waiting(tx, message_id), party, token, behind, tx.now)
    if message is None:
        return None
    await move_lease(tx, message)
    return rules.as_lease(message_id, message)


async def release(tx: Transaction, message_id: str, party: str, token: str) -> bool:
    """The message waits as before."""
    message = await lock_waiting(tx, message_id)
    released = rules.released(message, party, token, secrets.token_urlsafe(32), tx.now)
    if message is None or released is None:
        return False
    await _write(tx, message, released)
    return True


async def is_held(tx: Transaction, message_id: str, party: str, token: str, lapsed: bool) -> bool:
    """Whether a message is under this lease now, or was last."""
    message = await find_waiting(tx, message_id)
    if message is None:
        return False
    return rules.is_last(message, party, token) if lapsed else rules.is_held(message, party, token, tx.now)


async def read_held(tx: Transaction, message_id: str, party: str, token: str) -> Offer | None:
    """All that is stored of a message under this lease."""
    message = await find_waiting(tx, message_id)
    if message is None or not rules.is_held(message, party, token, tx.now):
        return None
    row = await tx.first("read_offer", {"id": message.row})
    return None if row is None else rows.read_offer(row, sound=await is_message_sound(tx, message.row))


async def read_envelope(tx: Transaction, message_id: str, party: str) -> StoredEnvelope | None:
    """The envelope of a message that waits, under its digest."""
    row = await tx.first("read_envelope", {"message_id": message_id, "party": party})
    return None if row is None else rows.read_envelope(row)


async def _write(tx: Transaction, message: Waiting, leased: Waiting) -> None:
    bindings = rows.lease_bindings(leased)
    await tx.change_one("lease", bindings | {"before": message.state.value, "holder": None})
