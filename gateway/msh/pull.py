"""Pull: hand the oldest waiting message to the owner of a mailbox, under a lease (decision 0004).

SECURITY: who pulls is for `gateway.msh.steps.authorising` to say, before anything here has an effect.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic

from gateway.ebms import texts
from gateway.ebms.errors import (
    EmptyMessagePartitionChannel,
    InvalidReceipt,
    Other,
)
from gateway.ebms.model import PullRequest
from gateway.msh.bundled import others_alone, take_bundled
from gateway.msh.exchange import Answer, Request, Streamed
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope
from gateway.msh.refusal import Refusal
from gateway.msh.revocation import check_signer
from gateway.msh.steps.authorising import Puller, authorise, check_mailbox
from gateway.msh.steps.freshness import agrees, judge_signal, refuse_replay
from gateway.msh.steps.trust import check_admitted
from gateway.store.interface import DamagedBlob, OutcomeUnknown, StoreUnavailable, Unreadable
from gateway.store.model import Empty, LeaseRequest, Offer, Replayed
from gateway.traced import step

BROKEN_LEASE = timedelta(seconds=30)  # what is left of a lease whose connection broke
MOST_TRIED = 10  # messages that one pull may find damaged or unreadable before it is told to come back


async def pull(wanted: PullRequest, envelope: Envelope, hub: Hub, refusal: Refusal) -> Answer:
    """Know who pulls, take the receipt that came along, then lease and send the stored octets."""
    async with others_alone(envelope, hub):
        configuration = hub.configuration()
        puller = authorise(wanted, envelope, configuration, hub.time.now())
        if puller.verified is not None:
            check_signer(
                puller.organisation, puller.verified.certificate, configuration, hub.revocation, hub.time.now()
            )
        refusal.speak_to(puller.organisation)
        check_mailbox(wanted, puller, configuration)
    try:
        await take_bundled(envelope, puller.verified, puller.organisation, hub)
    except InvalidReceipt as refused:
        nothing = Other(texts.PULL_BESIDE_RECEIPT, "nothing is leased beside a receipt that is refused")
        raise refused.with_beside(nothing.about(wanted.message_id)) from None
    check_admitted(puller.organisation, envelope.frame.request)
    await judge_signal(puller.said, hub.store, hub.time)
    begun = monotonic()
    try:
        return await give(wanted, puller, envelope.frame.request, hub)
    finally:
        hub.pulls(monotonic() - begun)


async def give(wanted: PullRequest, puller: Puller, request: Request, hub: Hub) -> Answer:
    """The oldest message that can be read to its end; one that cannot stands in nobody's way (SR-17).

    What is proven damaged is marked and not offered any more; what could not be read waits, longer each time. Where
    nothing else is left the mailbox is not empty, so the answer is a 503; and so at once where the hub itself lacks
    what it needs to read.
    """
    mailbox, mpc = puller.organisation.mailbox, puller.organisation.mpc
    unread: StoreUnavailable = StoreUnavailable("many damaged messages; the pull goes on behind them")
    for tried in range(MOST_TRIED):
        try:
            offer = await lease(wanted, puller, request, hub)
        except EmptyMessagePartitionChannel:
            if tried and isinstance(unread, Unreadable):
                raise unread from None
            raise
        try:
            answer = await send(offer, timedelta(seconds=mailbox.lease_seconds), hub)
        except DamagedBlob as damage:
            hub.log("message_damaged", message_id=offer.message_id, mpc=mpc, detail=str(damage))
        except Unreadable as fault:
            hub.log("message_unreadable", message_id=offer.message_id, mpc=mpc, detail=str(fault))
            if fault.lacking:
                await hub.store.cut_lease(offer.message_id, offer.lease_token, timedelta())
                raise
            await hub.store.put_off(offer.message_id, offer.lease_token)
            unread = fault
        else:
            hub.log("message_offered", message_id=offer.message_id, mpc=mpc, attempt=offer.attempt)
            return answer
    raise unread


@step("lease")
async def lease(wanted: PullRequest, puller: Puller, request: Request, hub: Hub) -> Offer:
    """The oldest waiting message of the mailbox, leased; the same one again for the same PullRequest (PL-09).

    A clock that was set a moment ago hides nothing: what is past its term is judged by the time that is trusted.
    """
    hub.time.look()
    owner = puller.organisation
    outcome = await hub.store.lease(
        LeaseRequest(
            mpc=owner.mpc,
            pull_message_id=wanted.message_id,
            party=owner.party_id,
            holder=puller.holder,
            said_at=wanted.timestamp,
            terms_behind=hub.time.now() - hub.time.for_terms(),
            lease_seconds=owner.mailbox.lease_seconds,
            open_leases=owner.mailbox.open_leases,
        )
    )
    if isinstance(outcome, Replayed):
        refuse_replay("PullRequest was answered before", hub.time)
    if not outcome.repeated:
        request.proved(owner.party_id)  # by something new: who only captured it proves nothing
        agrees(puller.said, hub.time)
    if isinstance(outcome, Empty):
        raise EmptyMessagePartitionChannel()
    return outcome


@step("send")
async def send(offer: Offer, span: timedelta, hub: Hub) -> Answer:
    """The stored octets with their Content-Type, copied; while they are on their way, the end of the lease stays one
    span away.

    Raises `DamagedBlob` before the first octet when they are not what was accepted.
    """

    async def still_sending() -> None:
        with suppress(
            StoreUnavailable, OutcomeUnknown
        ):  # a full disk costs the lease its end, not the puller the message (G8)
            await hub.store.prolong_lease(offer.message_id, offer.lease_token, span)

    async def broken() -> None:
        hub.log("offer_broken", message_id=offer.message_id)
        with suppress(StoreUnavailable, OutcomeUnknown):  # then it ends by itself
            await hub.store.cut_lease(offer.message_id, offer.lease_token, BROKEN_LEASE)

    parts = hub.store.read_parts(offer)
    first = await anext(parts, b"")  # the store checks the whole blob before it gives anything away
    return Answer(
        status=200,
        content_type=offer.content_type,
        body=Streamed(
            octets=len(offer.head) + offer.parts_octets + len(offer.tail),
            chunks=_copied(offer, first, parts),
            broken=broken,
            still_sending=still_sending,
        ),
    )


async def take_back(answer: Answer) -> None:
    """An answer that will not leave: the message in it has nobody who waits for it."""
    if isinstance(answer.body, Streamed):
        await answer.body.broken()


async def _copied(offer: Offer, first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield offer.head + first
    async for chunk in parts:
        yield chunk
    yield offer.tail
