"""Passing: the parts of a message on their way through the hub, off the wire, through `gateway.ebms.part_opener`, and
on into leg 2 where the message is taken.

The one walk over parts: of a message that is taken (`gateway.msh.steps.opening`), and of one that is only compared with
an earlier one (`gateway.msh.steps.own_digests`).

SECURITY: nothing of a part is believed before its tag and then its digest agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.faults import EndedKey, SecurityFault
from crypto.key_transports import ContentKey
from crypto.keys import Unwrapper
from crypto.names import SHA256
from gateway.ebms.errors import error_for
from gateway.ebms.mime import PartBegin, PartData
from gateway.ebms.model import PartInfo
from gateway.ebms.part_opener import Content, Inflation, PartOpener
from gateway.limits import Limits
from gateway.msh.journey import Frame, Signed
from gateway.msh.later import Cause, Postponed
from gateway.msh.steps.freshness import ShownTime, refuse_for_time
from gateway.msh.steps.sealing import Sealing
from gateway.msh.timekeeping import Timekeeping


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
    signed: Signed,
    policy: DecryptionPolicy,
    keys: Sequence[Unwrapper],
    limits: Limits,
    time: Timekeeping,
    *,
    content: Callable[[PartInfo, int], Content] | None = None,
    undeclared_refused: bool,
) -> PartOpener:
    """What opens the parts of a message; its encryption is judged whole before a private key is used. A part that was
    not signed by the hub's own digest is digested by that, too.
    """
    content_keys, mime_types = _content_keys(signed, policy, keys, time)
    return PartOpener(
        signed.user_message,
        signed.verified.part_digests,
        keys=content_keys,
        mime_types=mime_types,
        content=content,
        inflation=Inflation(octets=limits.inflated_octets, ratio=limits.inflation_ratio),
        methods=(SHA256,),
        undeclared_refused=undeclared_refused,
    )


def _content_keys(
    signed: Signed, policy: DecryptionPolicy, keys: Sequence[Unwrapper], time: Timekeeping
) -> tuple[Mapping[str, ContentKey], Mapping[str, str]]:
    """Content key and type before encryption of every encrypted part."""
    security = signed.envelope.positions.security
    declared = frozenset(signed.verified.part_digests)
    if security is None or not declared:
        return {}, {}
    try:
        plan = read_encryption(security, content_ids=declared, policy=policy)
        return unwrap(plan, keys), plan.mime_types
    except EndedKey as fault:
        if all(each.certificate.not_valid_after_utc < time.now() for each in keys):
            raise Postponed(Cause.DECRYPTION_CERTIFICATE, "every decryption certificate of the hub has ended") from None
        said = ShownTime.by(signed.signer.sender, signed.user_message, signed.verified)
        refuse_for_time(error_for(fault), said, time)
    except SecurityFault as fault:
        raise error_for(fault) from None
