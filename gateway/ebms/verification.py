"""Who signed an envelope that was read: its one signature held against a policy, and what does not hold told as an ebMS
error (ebMS3 Core 6.7.2, 7).

Which certificates and algorithms a policy takes, and what is made of the time, is left to whoever asks.

SECURITY: the elements whose digests are held against the signature are the very ones that `positions` has, and nobody
changes them afterwards; so what was read of them before is what was signed, and need not be read again.
"""

from __future__ import annotations

from collections.abc import Sequence

from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.key_references import KeyIdentification
from crypto.verify import VerificationPolicy, Verified, signer_candidates, verify
from gateway.ebms.consistency import content_ids
from gateway.ebms.envelope import Positions
from gateway.ebms.errors import PolicyNoncompliance, error_for
from gateway.ebms.model import Messaging


def verify_envelope(
    positions: Positions,
    messaging: Messaging,
    policy: VerificationPolicy,
    *,
    others: Sequence[VerificationPolicy] = (),
) -> Verified:
    """Hold the signature over eb:Messaging, the Body and every part that a user message declares against `policy`, or
    the first of `others` that it has the form for. `messaging` is what was read at `positions`.

    Raises PolicyNoncompliance or FailedAuthentication.
    """
    declared = () if messaging.user_message is None else content_ids(messaging.user_message)
    security = _security(positions)
    try:
        return verify(
            security,
            messaging=positions.messaging,
            body=positions.body,
            content_ids=frozenset(declared),
            policy=policy,
            others=others,
        )
    except SecurityFault as fault:
        raise error_for(fault) from None


def named_signer(positions: Positions) -> KeyIdentification:
    """How an envelope names the certificate that signed it, trusting nothing; raises as `verify_envelope`."""
    security = _security(positions)
    try:
        return signer_candidates(security)
    except SecurityFault as fault:
        raise error_for(fault) from None


def _security(positions: Positions) -> Element:
    if positions.security is None:
        raise PolicyNoncompliance(detail="there is no wsse:Security header for us")
    return positions.security
