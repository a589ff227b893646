"""Receive: one request, from its first octet to its answer; docs/explanation/the-journey.md tells the same in prose.

    admit → frame → parse → match → verify → route → open → validate → seal → store → acknowledge

No header value has any effect before *verify*, and no octet of a part before *open* has ended. Whatever is wrong on the
way is raised as an error of the table and becomes one signed answer in `gateway.msh.refusal`; nothing is stored then.
"""

from __future__ import annotations

from contextlib import suppress

from gateway.ebms import texts
from gateway.ebms.consistency import check_bundle
from gateway.ebms.errors import EbmsError, InvalidHeader
from gateway.ebms.model import UserMessage
from gateway.msh.again import answer_as_before, repeat
from gateway.msh.answering_directory import answer_from_directory
from gateway.msh.bundled import log_ignored, others_alone, take_by_now, take_signals, told_together
from gateway.msh.exchange import Answer, Request
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope, Trusted
from gateway.msh.promise import HeldLines
from gateway.msh.pull import pull, take_back
from gateway.msh.refusal import Refusal, refuse
from gateway.msh.steps.arrival import admit, end_signal, frame, parse
from gateway.msh.steps.earlier import find_earlier
from gateway.msh.steps.freshness import judge_message, says_something_new
from gateway.msh.steps.opening import open_parts
from gateway.msh.steps.own_digests import own_digests
from gateway.msh.steps.receipting import acceptance_of, answer_with, receipt_for_sender
from gateway.msh.steps.routing import route
from gateway.msh.steps.sealing import Sealing, seal
from gateway.msh.steps.trust import check_bound, check_may_sign, judge, match, verify
from gateway.msh.steps.validation import validate
from gateway.msh.storing import store
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.traced import tracing
from pmodes.profiles import check_properties


async def receive(request: Request, hub: Hub) -> Answer:
    """Answer one request, once everything that the exchange wrote and read is on stable storage."""
    with tracing(hub.tracer):
        lines = HeldLines(hub.log, request.quiet or hub.log, hub.flushes)
        try:
            answer = await exchange(request, hub.at_this_moment(lines, lines.limited, desk=request.door.desk))
        except BaseException:  # a defect, or a hub that stops: what had happened by then is told all the same
            with suppress(OutcomeUnknown):
                await lines.keep(hub.store)
            raise
        with refuse(request, hub) as nothing_known:
            try:
                await lines.keep(hub.store)
            except BaseException:
                await take_back(answer)
                raise
            return answer
        return nothing_known.answer


async def exchange(request: Request, hub: Hub) -> Answer:
    """Take a user message, a PullRequest, a Receipt or an Error, alone or bundled."""
    with refuse(request, hub) as refusal:
        media_type = admit(request, hub.limits)
        framed = await frame(request, media_type, hub.limits, refusal)
        request.envelope_is_whole()
        envelope = parse(framed, refusal)
        log_ignored(envelope, hub.log)
        with envelope.signature:
            return await take_units(envelope, hub, refusal)
    return refusal.answer


async def take_units(envelope: Envelope, hub: Hub, refusal: Refusal) -> Answer:
    """Each unit by its use case; the signature over all of them is one."""
    claimed = envelope.messaging
    if claimed.user_message is not None:
        return await receive_user_message(claimed.user_message, envelope, hub, refusal)
    await end_signal(envelope.frame, hub.limits)
    if claimed.pull_request is not None:
        return await pull(claimed.pull_request, envelope, hub, refusal)
    if claimed.receipt is not None or claimed.error is not None or claimed.unreadable_errors:
        return await take_signals(envelope, hub)
    raise InvalidHeader(texts.NO_UNIT, "no unit that a use case takes")


async def receive_user_message(claimed: UserMessage, envelope: Envelope, hub: Hub, refusal: Refusal) -> Answer:
    """Take a user message from its sender into the mailbox of its receiver, or answer it as it was answered before."""
    async with others_alone(envelope, hub):
        matched = match(claimed, envelope, hub.configuration(), hub.known_signers, hub.time.now())
        if matched.pmode is not None:
            refusal.names(matched.pmode.organisation)
        signed = verify(claimed, envelope, matched, hub.duplicate_secret)
    if signed.organisation is not None and signed.unbound is None:
        refusal.speak_to(signed.organisation)  # and to nobody before: how it is spoken to is not for strangers
    async with hub.known_signers.one_at_a_time(
        signed.keys[0], signed.signer, wait_seconds=hub.limits.in_flight_seconds
    ):
        earlier = await find_earlier(signed, hub.store)
        if earlier is not None and (as_before := await answer_as_before(earlier, signed, hub)) is not None:
            return as_before
        async with others_alone(envelope, hub):
            if earlier is not None:
                check_bound(signed)
            else:
                check_may_sign(signed, hub.in_force().configuration, hub.revocation, hub.time.now())
        if earlier is not None:
            return await repeat(earlier, signed, hub)
        beside = await take_by_now(signed, hub)
        with told_together(beside):
            check_bundle(envelope.messaging)
            return await take_anew(judge(signed, matched), beside, hub)


async def take_anew(trusted: Trusted, beside: EbmsError | None, hub: Hub) -> Answer:
    """Take a message that was not accepted before; `beside` refuses another unit, and its receipt says so, too."""
    signed, in_force, time = trusted.signed, hub.in_force(), hub.time
    request = signed.envelope.frame.request
    await judge_message(trusted, hub.store, time)
    await prove_address(trusted, request, hub)
    message_type = trusted.pmode.message_type
    if message_type is None:
        return await ping(trusted, beside, hub)
    if message_type.is_for_hub:
        return await answer_from_directory(trusted, message_type, beside, hub)
    leg_two = await route(trusted, message_type, in_force.configuration, hub.store, time)
    async with await Sealing.begin(
        leg_two, in_force, hub.fresh, time, hub.store, hub.revocation, expected_octets=request.content_length
    ) as sealing:
        opened = await open_parts(trusted, sealing, in_force.keys.decryption, hub.limits, time)
        validate(opened.document, message_type, trusted, leg_two, hub.limits)
        sealed = await seal(sealing, trusted, message_type)
        receipt = receipt_for_sender(signed, in_force, hub.fresh, time.now(), beside=beside)
        acceptance = acceptance_of(signed, receipt, own_digests(signed, opened.parts), time.now())
        return await store(sealed, sealing, acceptance, opened.dropped, hub, request.door)


async def prove_address(trusted: Trusted, request: Request, hub: Hub) -> None:
    """Know the address of a stranger by a message that is fresh and was never heard of, before its parts are read.

    Whoever captured it has the same octets, so they prove once, whatever becomes of the message.
    """
    if request.is_strangers() and await says_something_new(trusted, hub.store, hub.time.now()):
        request.proved(trusted.pmode.organisation.party_id)


async def ping(trusted: Trusted, beside: EbmsError | None, hub: Hub) -> Answer:
    """A message to the test service is acknowledged and thrown away (ebMS3 Core 5.2.2.9). Of its header it is judged
    what any header may hold; its document, and where it would go, are not.
    """
    signed, in_force = trusted.signed, hub.in_force()
    check_properties(trusted.pmode, signed.user_message)
    await open_parts(trusted, None, in_force.keys.decryption, hub.limits, hub.time)
    party = trusted.pmode.organisation.party_id
    with suppress(StoreUnavailable):  # what it asks of the hub was done, and the log says so
        await hub.store.note_ping(party)
    hub.log("ping", message_id=signed.user_message.message_id, sender=party)
    return answer_with(receipt_for_sender(signed, in_force, hub.fresh, hub.time.now(), beside=beside))
