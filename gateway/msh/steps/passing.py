"""Passing: the parts of a message on their way through the hub, off the wire, through `gateway.ebms.part_opener`, and
on into leg 2 where the message is taken.

The one walk over parts: of a message that is taken (`gateway.msh.steps.opening`), and of one that is only compared with
an earlier one (`gateway.msh.steps.own_digests`).

SECURITY: nothing of a part is believed before its tag and then its digest agree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.faults import EndedKey, SecurityFault
from crypto.key_transports import ContentKey
from crypto.suites import Suite
from crypto.verify import Verified
from gateway.ebms.errors import error_for
from gateway.ebms.mime import PartBegin, PartData
from gateway.ebms.model import PartInfo, UserMessage
from gateway.ebms.part_opener import Content, Inflation, PartOpener
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope, Frame
from gateway.msh.later import Cause, Postponed
from gateway.msh.steps.freshness import ShownTime, refuse_for_time
from gateway.msh.steps.sealing import Sealing


async def pass_parts(framed: Frame, opener: PartOpener, sealing: Sealing | None) -> None:
    """Take every part off the wire, into leg 2 where that is in the making. Comes back only when the whole message has
    arrived and each part was judged.
    """
    part = packing = None
    async for event in framed.events:
        if isinstance(event, PartBegin):
            part = opener.begin(event)
            if part is not None and sealing is not None:
                packing = sealing.packer.begin(part.content_id, part.mime_type, signed=part.signed)
        elif part is None:
            continue
        elif isinstance(event, PartData):
            plain = part.feed(event.octets)
            if packing is not None and sealing is not None:
                await sealing.spool.write(packing.feed(plain))
        else:
            part.close()
            if packing is not None and sealing is not None:
                await sealing.spool.write(packing.close())
    opener.close()


def opener_for(
    envelope: Envelope,
    user_message: UserMessage,
    verified: Verified,
    suite: Suite,
    party: str,
    hub: Hub,
    *,
    required: bool,
    content: Callable[[PartInfo, int], Content] | None = None,
    methods: Collection[str] = (),
    undeclared_refused: bool,
) -> PartOpener:
    """What opens the parts of that party's message; its encryption is judged whole before a private key is used."""
    said = ShownTime.by(party, user_message, verified)
    keys, mime_types = _content_keys(envelope, verified, suite, said, hub, required=required)
    return PartOpener(
        user_message,
        verified.part_digests,
        keys=keys,
        mime_types=mime_types,
        content=content,
        inflation=Inflation(octets=hub.limits.inflated_octets, ratio=hub.limits.inflation_ratio),
        methods=methods,
        undeclared_refused=undeclared_refused,
    )


def _content_keys(
    envelope: Envelope, verified: Verified, suite: Suite, said: ShownTime, hub: Hub, *, required: bool
) -> tuple[Mapping[str, ContentKey], Mapping[str, str]]:
    """Content key and type before encryption of every encrypted part."""
    security = envelope.positions.security
    declared = frozenset(verified.part_digests)
    if security is None or not declared:
        return {}, {}
    policy = DecryptionPolicy(suite=suite, required=required, at=hub.clock.now())
    try:
        plan = read_encryption(security, content_ids=declared, policy=policy)
        return unwrap(plan, hub.decryption_keys), plan.mime_types
    except EndedKey as fault:
        if all(each.certificate.not_valid_after_utc < hub.clock.now() for each in hub.decryption_keys):
            raise Postponed(Cause.DECRYPTION_CERTIFICATE, "every decryption certificate of the hub has ended") from None
        refuse_for_time(error_for(fault), said, hub)
    except SecurityFault as fault:
        raise error_for(fault) from None
