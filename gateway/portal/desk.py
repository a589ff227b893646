"""What a browser does with one message at a desk of its unit: have it open, keep it, hand it on, read its stored
octets, and post AS4 octets of its own.

The browser is the endpoint: what it reads is sealed to its unit, what it posts is signed by its unit, and neither is
looked into here. The octets go to the same use case as those of any participant, through the door of that unit's desk.

SECURITY: leasing is a POST, so that no other site's link leases anything. The lease is a token that one browser has; a
message of another unit, one that ended and one that never was are the same to who asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from gateway.msh.exchange import Door, Request
from gateway.msh.exchange import Streamed as StreamedAnswer
from gateway.msh.open_at_desk import keep_open, let_go, open_at_desk, read_at_desk
from gateway.msh.receive import receive
from gateway.portal.faults import Missing, PortalFault
from gateway.portal.in_hand import note
from gateway.portal.messages import unit_named, waiting_message, wording
from gateway.portal.portal import Portal
from gateway.portal.shown_messages import ShownMessage
from gateway.portal.visit import Octets, Outcome, Shown, Visit
from gateway.store.interface import DamagedBlob
from gateway.store.model import DeskFull, DeskLease, Held, MessageFilter, MessageRecord, Metadata
from gateway.store.portal.model import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseView:
    """The message is open in this browser; `token` is what it shows to read, keep or receipt it."""

    token: str
    until: datetime
    holder: str | None
    taken_from: str | None
    message: ShownMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """Somebody else has it: a colleague by name, who may be asked."""

    holder: str | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptView:
    """Until when the lease goes on."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGoView:
    """Whether the lease was this browser's to give up."""

    released: bool


async def lease(visit: Visit, portal: Portal) -> Outcome:
    """Have a message open; who has it already gets his lease again."""
    return await _open(visit, portal, take_over=False)


async def take_over(visit: Visit, portal: Portal) -> Outcome:
    """Have it although a colleague has it; that one's lease is none any more."""
    return await _open(visit, portal, take_over=True)


async def _open(visit: Visit, portal: Portal, *, take_over: bool) -> Outcome:
    message_id, person = visit.path["message"], visit.somebody.person
    outcome = await open_at_desk(message_id, unit=visit.unit, person=person, hub=portal.hub, take_over=take_over)
    await portal.hub.store.flushed()
    match outcome:
        case DeskLease():
            record = await waiting_message(unit_named(visit, portal), message_id, portal)
            await note(visit, portal, Deed.OPENED, [record.metadata])
            shown = wording(visit, portal).received(record)
            return Shown(
                view=LeaseView(
                    token=outcome.token,
                    until=outcome.until,
                    holder=visit.somebody.name,
                    taken_from=await name_of_person(outcome.from_person, visit, portal),
                    message=replace(shown, is_answered=shown.is_answered or await _has_answer(record, portal)),
                )
            )
        case Held():
            view = HeldView(holder=await name_of_person(outcome.person, visit, portal), until=outcome.until)
            return Shown(view=view, status=HTTPStatus.CONFLICT)
        case DeskFull():
            detail = f"{outcome.limit} are open{' by this person' if outcome.of_person else ''}"
            raise PortalFault(HTTPStatus.TOO_MANY_REQUESTS, "error.too_many_open", detail=detail)
        case None:
            raise Missing("no such message waits for that unit")


async def _has_answer(record: MessageRecord, portal: Portal) -> bool:
    """Whether an answer went to what nobody has to answer: the store keeps that of questions alone."""
    about = record.metadata
    if about.question:
        return False
    which = MessageFilter(sender=about.receiver, conversation_id=about.conversation_id)
    sent = await portal.hub.store.messages(which)
    return any(each.metadata.cross_reference == about.tracking_identifier for each in sent)


async def keep(visit: Visit, portal: Portal) -> Outcome:
    """The message is in use; a lease that is another's by now, or has ended, is gone (410)."""
    kept = await keep_open(visit.path["message"], unit=visit.unit, token=visit.said("token"), hub=portal.hub)
    await portal.hub.store.flushed()
    if kept is None:
        raise _lost()
    return Shown(view=KeptView(until=kept.until))


async def release(visit: Visit, portal: Portal) -> Outcome:
    """Done with it, without having handled it."""
    released = await let_go(visit.path["message"], unit=visit.unit, token=visit.said("token"), hub=portal.hub)
    await portal.hub.store.flushed()
    return Shown(view=LetGoView(released=released))


async def octets(visit: Visit, portal: Portal) -> Outcome:
    """The stored octets, as they would leave on a pull, under the lease that this browser has."""
    if visit.lease is None:
        raise _lost()
    try:
        found = await read_at_desk(visit.path["message"], unit=visit.unit, token=visit.lease, hub=portal.hub)
    except DamagedBlob:
        raise PortalFault(HTTPStatus.SERVICE_UNAVAILABLE, "error.later", detail="the message is damaged") from None
    await portal.hub.store.flushed()
    if found is None:
        raise _lost()
    return Octets(chunks=found.chunks, headers={"Knooppunt-Content-Type": found.content_type})


async def push(visit: Visit, portal: Portal) -> Outcome:
    """AS4 octets through the door of this unit's desk; the answer is what any participant gets."""
    if visit.body is None:
        raise Missing("no body")

    async def accepting(message: Metadata) -> None:
        deed = Deed.SENT if message.cross_reference is None else Deed.ANSWERED
        await note(visit, portal, deed, [message])

    async def confirming(message_id: str) -> None:
        """Where an answer went the answer has its line."""
        for record in await portal.hub.store.messages(MessageFilter(message_id=message_id)):
            if not (record.answered or await _has_answer(record, portal)):
                await note(visit, portal, Deed.CONFIRMED, [record.metadata])

    request = Request(
        content_type=visit.content_type,
        content_length=visit.body.length,
        address=visit.address,
        tls_thumbprint=None,
        chunks=visit.body.chunks(),
        may_sign_unreadable=lambda: True,
        envelope_is_whole=visit.body.envelope_is_whole,
        door=Door(desk=visit.unit, lease=visit.lease, accepting=accepting, confirming=confirming),
    )
    answer = await receive(request, portal.hub)
    if isinstance(answer.body, StreamedAnswer):  # only a pull is answered so, and none comes through this door
        await answer.body.broken()
        raise PortalFault(HTTPStatus.INTERNAL_SERVER_ERROR, "error.defect", detail="a stream for a desk")
    return Octets(
        body=answer.body,
        content_type=answer.content_type or "application/octet-stream",
        status=HTTPStatus(answer.status),
        headers=dict(answer.headers),
    )


async def name_of_person(person: str | None, visit: Visit, portal: Portal) -> str | None:
    """What colleagues see of somebody of the organisation; in words where that has no name."""
    if person is None:
        return None
    found = await portal.store.person(person, organisation=visit.somebody.organisation)
    return visit.texts("message.somebody") if found is None or found.name is None else found.name


def _lost() -> PortalFault:
    return PortalFault(HTTPStatus.GONE, "error.lease_lost", detail="no lease, or another's by now")
