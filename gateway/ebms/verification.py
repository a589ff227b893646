"""Who signed an envelope that was read: its one signature held against a policy, and what does not hold told as an ebMS
error (ebMS3 Core 6.7.2, 7).

Which certificates and algorithms a policy takes, and what is made of the time, is left to whoever asks.

SECURITY: the elements whose digests are held against the signature are the very ones that `positions` has, and nobody
changes them afterwards; so what was read of them before is what was signed, and need not be read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.key_references import KeyIdentification
from crypto.verify import OneSignature, VerificationPolicy, Verified, signature_in, signer_candidates
from gateway.ebms.consistency import content_ids
from gateway.ebms.envelope import Positions
from gateway.ebms.errors import PolicyNoncompliance, error_for
from gateway.ebms.model import Messaging


class EnvelopeSignature:
    """The signature of one envelope, held against a policy for each whose it might be.

    Whoever is asked, it is read and computed once, and what it costs to refuse it for want of a certificate is spent at
    the end of the context. `messaging` is what was read at `positions`.
    """

    def __init__(self, positions: Positions, messaging: Messaging) -> None:
        self._positions, self._messaging = positions, messaging
        self._signature: OneSignature | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._signature is not None:
            with self._signature:
                pass

    def verify(self, policy: VerificationPolicy, *, others: Sequence[VerificationPolicy] = ()) -> Verified:
        """Hold the signature over eb:Messaging, the Body and every part that a user message declares against `policy`,
        or the first of `others` that it has the form for.

        Raises PolicyNoncompliance or FailedAuthentication.
        """
        security = _security(self._positions)
        try:
            if self._signature is None:
                user_message = self._messaging.user_message
                self._signature = signature_in(
                    security,
                    messaging=self._positions.messaging,
                    body=self._positions.body,
                    content_ids=frozenset(() if user_message is None else content_ids(user_message)),
                )
            return self._signature.verify(policy, others=others)
        except SecurityFault as fault:
            raise error_for(fault) from None


def verify_envelope(positions: Positions, messaging: Messaging, policy: VerificationPolicy) -> Verified:
    """As `EnvelopeSignature.verify`, for who asks once and of one policy."""
    with EnvelopeSignature(positions, messaging) as signature:
        return signature.verify(policy)


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
