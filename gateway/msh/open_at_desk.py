"""Open at a desk: one message for one person of its unit, under a lease; the browser is the endpoint that opens it.

Whether the person may act for the unit was judged by the caller. The stored octets leave as they are: nothing here
opens anything, and no key of the hub could. What is answered is on stable storage.

SECURITY: a message of another unit, one that does not exist and one that ended are the same to who asks: None.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.msh.hub import Hub
from gateway.store.interface import DamagedBlob, StoreUnavailable, Unreadable
from gateway.store.model import DeskFull, DeskLease, DeskList, DeskListRequest, DeskOutcome, DeskRequest, Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedOctets:
    """A message as it lies in the store, sealed to the unit: a MIME body of this type and size, as it comes."""

    content_type: str
    size_octets: int
    chunks: AsyncIterator[bytes]


async def open_at_desk(message_id: str, *, unit: str, person: str, hub: Hub, take_over: bool = False) -> DeskOutcome:
    """Lease it to this person, who moves his own lease on by opening it again; with `take_over` also from a colleague.

    A clock that was set a moment ago hides nothing: what is past its term is judged by the time that is trusted.
    """
    request = DeskRequest(
        message_id=message_id, party=unit, person=person, take_over=take_over, terms_behind=_terms_behind(hub)
    )
    outcome = await hub.store.open_at_desk(request)
    if isinstance(outcome, DeskLease):
        hub.log("message_opened", message_id=message_id, party=unit, person=person, taken_from=outcome.from_person)
    return outcome


async def open_list_at_desk(
    message_ids: Sequence[str], *, unit: str, person: str, hub: Hub, desk_list: str | None = None
) -> DeskList | DeskFull:
    """Lease messages to this person together, with those of a list that he has open already; what a colleague has is
    not taken over. To the log it is one thing.
    """
    request = DeskListRequest(
        message_ids=tuple(message_ids),
        party=unit,
        person=person,
        terms_behind=_terms_behind(hub),
        desk_list=desk_list,
    )
    outcome = await hub.store.open_list_at_desk(request)
    if isinstance(outcome, DeskList) and outcome.leases:
        hub.log("list_opened", party=unit, person=person, messages=len(outcome.leases))
    return outcome


async def keep_list_open(desk_list: str, *, unit: str, person: str, hub: Hub) -> datetime | None:
    """The list is in use; until when the first of it stays open, None where none of it is open to this person."""
    return await hub.store.use_desk_list(desk_list, party=unit, person=person, terms_behind=_terms_behind(hub))


async def let_list_go(desk_list: str, *, unit: str, person: str, hub: Hub) -> int:
    """How many messages of the list wait as before, and are open to nobody now."""
    released = await hub.store.release_desk_list(desk_list, party=unit, person=person)
    if released:
        hub.log("list_let_go", party=unit, person=person, messages=released)
    return released


async def keep_open(message_id: str, *, unit: str, token: str, hub: Hub) -> DeskLease | None:
    """The message is in use; None where the lease is another's by now, or has ended."""
    return await hub.store.use_desk_lease(message_id, party=unit, token=token, terms_behind=_terms_behind(hub))


async def let_go(message_id: str, *, unit: str, token: str, hub: Hub) -> bool:
    """The message waits as before; False where the lease was another's by now, or had ended."""
    released = await hub.store.release_desk_lease(message_id, party=unit, token=token)
    if released:
        hub.log("message_let_go", message_id=message_id, party=unit)
    return released


async def read_at_desk(message_id: str, *, unit: str, token: str, hub: Hub) -> SealedOctets | None:
    """The stored octets of what is open under this lease, held against their digests before the first leaves.

    Raises `DamagedBlob`, after which the message is offered to nobody, and `Unreadable`; the lease ends with either.
    """
    if await keep_open(message_id, unit=unit, token=token, hub=hub) is None:
        return None
    offer = await hub.store.read_at_desk(message_id, party=unit, token=token)
    if offer is None:
        return None
    parts = hub.store.read_parts(offer)
    try:
        first = await anext(parts, b"")
    except (DamagedBlob, Unreadable) as fault:
        await _tell(offer, unit, token, fault, hub)
        raise
    return SealedOctets(
        content_type=offer.content_type,
        size_octets=len(offer.head) + offer.parts_octets + len(offer.tail),
        chunks=_copied(offer, first, parts),
    )


async def _tell(offer: Offer, unit: str, token: str, fault: DamagedBlob | StoreUnavailable, hub: Hub) -> None:
    event = "message_damaged" if isinstance(fault, DamagedBlob) else "message_unreadable"
    hub.log(event, message_id=offer.message_id, mpc=unit, detail=str(fault))
    await hub.store.release_desk_lease(offer.message_id, party=unit, token=token)


async def _copied(offer: Offer, first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield offer.head + first
    async for chunk in parts:
        yield chunk
    yield offer.tail


def _terms_behind(hub: Hub) -> timedelta:
    hub.time.look()
    return hub.time.now() - hub.time.for_terms()
