"""The hub's own SHA-256 of the parts as they pass, for a sender that digests otherwise than it did, or will (decision
0017): then, and only then, the digests that were signed do not tell whether two messages say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crypto import names
from crypto.decrypt import DecryptionPolicy
from crypto.digest import DIGESTS
from crypto.keys import Unwrapper
from gateway.ebms.consistency import content_ids
from gateway.ebms.part_opener import OpeningPart
from gateway.limits import Limits
from gateway.msh.journey import Signed
from gateway.msh.steps.passing import opener_for, pass_parts
from gateway.msh.timekeeping import Timekeeping

_OCTETS = DIGESTS[names.SHA256].octets


def own_digests(signed: Signed, passed: Mapping[str, OpeningPart]) -> bytes:
    """What is kept of an accepted message: of each part in order the digest that was signed, where that is the hub's
    own method for all of them, else the one that was made as it passed.
    """
    order, digests = content_ids(signed.user_message), signed.verified.part_digests
    if all(each.digest_method == names.SHA256 for each in digests.values()):
        return b"".join(digests[each].digest_value for each in order)
    return b"".join(passed[each].digests[names.SHA256].finish() for each in order)


async def holds_same_parts(
    kept: bytes, signed: Signed, keys: Sequence[Unwrapper], limits: Limits, time: Timekeeping
) -> bool:
    """Open the parts into nothing and tell whether they are those of which such digests were `kept`; what was signed of
    them has to hold.

    No limit of today's P-Mode is asked: a message that was accepted passed those of its day.
    """
    policy = DecryptionPolicy(suite=signed.verified.policy.suite, required=False, at=time.now())
    opener = opener_for(signed, policy, keys, limits, time, undeclared_refused=False)
    await pass_parts(signed.envelope.frame, opener, None)
    order = content_ids(signed.user_message)
    values = [kept[start : start + _OCTETS] for start in range(0, len(kept), _OCTETS)]
    return len(values) == len(order) and all(
        opener.parts[each].digests[names.SHA256].matches(value) for each, value in zip(order, values, strict=True)
    )
