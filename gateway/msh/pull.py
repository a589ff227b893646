"""Pull: hand the oldest waiting message to the owner of a mailbox, under a lease (decision 0004).

SECURITY: a PullRequest has no From, so who pulls is the certificate that signed it, and nothing else. A mailbox of
another party and a mailbox that does not exist get one and the same answer (P17, P18, PL-01).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto.certificates import thumbprint_sha256
from crypto.verify import Verified
from gateway.ebms import texts
from gateway.ebms.errors import (
    EmptyMessagePartitionChannel,
    InvalidReceipt,
    Other,
    ProcessingModeMismatch,
)
from gateway.ebms.model import PullRequest
from gateway.ebms.verification import named_signer
from gateway.msh.bundled import others_alone, take_bundled
from gateway.msh.exchange import Answer, Request, Streamed
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope
from gateway.msh.refusal import Refusal
from gateway.msh.steps.freshness import agrees, judge_signal, refuse_replay
from gateway.msh.steps.signals import verify_signal
from gateway.store.interface import DamagedBlob, StoreUnavailable, Unreadable
from gateway.store.model import Empty, LeaseRequest, Offer, Replayed
from pmodes.configuration import Configuration
from pmodes.match import match_pull
from pmodes.model import Organisation

BROKEN_LEASE = timedelta(seconds=30)  # what is left of a lease whose connection broke
MOST_TRIED = 10  # messages that one pull may find damaged or unreadable before it is told to come back


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A PullRequest that the owner of the mailbox signed."""

    wanted: PullRequest
    puller: Organisation
    verified: Verified


async def pull(wanted: PullRequest, envelope: Envelope, hub: Hub, refusal: Refusal) -> Answer:
    """Verify who pulls, take the receipt that came along, then lease and send the stored octets."""
    async with others_alone(envelope, hub):
        identified = identify(wanted, envelope, hub.configuration(), hub.time.now())
    puller, verified = identified.puller, identified.verified
    refusal.speak_to(puller)
    try:
        await take_bundled(envelope, verified, puller, hub)
    except InvalidReceipt as refused:
        nothing = Other(texts.PULL_BESIDE_RECEIPT, "nothing is leased beside a receipt that is refused")
        raise refused.with_beside(nothing.about(wanted.message_id)) from None
    await judge_signal(wanted, verified, puller.party_id, hub.store, hub.time)
    return await give(identified, envelope.frame.request, hub)


async def give(identified: Identified, request: Request, hub: Hub) -> Answer:
    """The oldest message that can be read to its end; one that cannot stands in nobody's way (SR-17).

    What is proven damaged is marked and not offered any more; what could not be read waits, longer each time. Where
    nothing else is left the mailbox is not empty, so the answer is a 503; and so at once where the hub itself lacks
    what it needs to read.
    """
    puller = identified.puller
    unread: StoreUnavailable = StoreUnavailable("many damaged messages; the pull goes on behind them")
    for tried in range(MOST_TRIED):
        try:
            offer = await lease(identified, request, hub)
        except EmptyMessagePartitionChannel:
            if tried and isinstance(unread, Unreadable):
                raise unread from None
            raise
        try:
            return await send(offer, timedelta(seconds=puller.mailbox.lease_seconds), hub)
        except DamagedBlob as damage:
            hub.log("message_damaged", message_id=offer.message_id, mpc=puller.mpc, detail=str(damage))
        except Unreadable as fault:
            hub.log("message_unreadable", message_id=offer.message_id, mpc=puller.mpc, detail=str(fault))
            if fault.lacking:
                await hub.store.cut_lease(offer.message_id, offer.lease_token, timedelta())
                raise
            await hub.store.put_off(offer.message_id, offer.lease_token)
            unread = fault
    raise unread


def identify(claimed: PullRequest, envelope: Envelope, configuration: Configuration, at: datetime) -> Identified:
    """The owner of the mailbox that a PullRequest names, and what its signature covers."""
    signer = named_signer(envelope.positions)
    owner = match_pull(configuration, claimed.mpc)
    if owner is None:
        raise _nothing_for_you("no mailbox has this MPC")
    if signer.named_among(owner.signing_certificates) is None:
        raise _nothing_for_you("the certificate named is none of the owner's")
    verified = verify_signal(envelope, owner, configuration, at)
    return Identified(wanted=claimed, puller=owner, verified=verified)


async def lease(identified: Identified, request: Request, hub: Hub) -> Offer:
    """The oldest waiting message of the mailbox, leased; the same one again for the same PullRequest (PL-09).

    A clock that was set a moment ago hides nothing: what is past its term is judged by the time that is trusted.
    """
    wanted, puller, verified = identified.wanted, identified.puller, identified.verified
    hub.time.look()
    outcome = await hub.store.lease(
        LeaseRequest(
            mpc=puller.mpc,
            pull_message_id=wanted.message_id,
            party=puller.party_id,
            holder=thumbprint_sha256(verified.certificate).hex(),
            said_at=wanted.timestamp,
            terms_behind=hub.time.now() - hub.time.for_terms(),
            lease_seconds=puller.mailbox.lease_seconds,
            open_leases=puller.mailbox.open_leases,
        )
    )
    if isinstance(outcome, Replayed):
        refuse_replay("PullRequest was answered before", hub.time)
    if not outcome.repeated:
        request.proved(puller.party_id)  # by something new: who only captured it proves nothing
        agrees(wanted, verified, puller.party_id, hub.time)
    if isinstance(outcome, Empty):
        raise EmptyMessagePartitionChannel()
    hub.log("message_offered", message_id=outcome.message_id, mpc=puller.mpc, attempt=outcome.attempt)
    return outcome


async def send(offer: Offer, span: timedelta, hub: Hub) -> Answer:
    """The stored octets with their Content-Type, copied; while they are on their way, the end of the lease stays one
    span away.

    Raises `DamagedBlob` before the first octet when they are not what was accepted.
    """

    async def still_sending() -> None:
        with suppress(StoreUnavailable):  # a full disk costs the lease its end, not the puller the message (G8)
            await hub.store.prolong_lease(offer.message_id, offer.lease_token, span)

    async def broken() -> None:
        hub.log("offer_broken", message_id=offer.message_id)
        with suppress(StoreUnavailable):  # then it ends by itself
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


async def _copied(offer: Offer, first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield offer.head + first
    async for chunk in parts:
        yield chunk
    yield offer.tail


def _nothing_for_you(detail: str) -> ProcessingModeMismatch:
    return ProcessingModeMismatch(texts.NO_MAILBOX, detail)
