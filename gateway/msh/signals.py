"""Who signed a signal: the same verification for PullRequest, Receipt and Error, which carry no From (ebMS3 Core
5.2.3).
"""

from __future__ import annotations

from crypto.faults import SecurityFault
from crypto.verify import VerificationPolicy, Verified
from crypto.verify import verify as verify_security
from gateway.ebms.consistency import content_ids
from gateway.ebms.errors import FailedAuthentication, PolicyNoncompliance, error_for
from gateway.msh.arrival import Envelope
from gateway.msh.exchange import Request
from gateway.msh.hub import Hub
from gateway.msh.trust import check_packaging, check_same_header
from pmodes.model import Leg, Organisation


def verify_signal(envelope: Envelope, party: Organisation, request: Request, hub: Hub) -> Verified:
    """Hold the envelope of a signal against that organisation's certificates; what was read of it then is that party's
    word, also beside a user message, of whose parts nothing is asked here. What it says of time is left to
    `gateway.msh.freshness`, which judges a receipt otherwise than the others.
    """
    positions = envelope.positions
    if positions.security is None:
        raise PolicyNoncompliance(detail="the signal has no wsse:Security header for us")
    template = hub.configuration().template(party, Leg.SENDING)
    security = template.security
    try:
        verified = verify_security(
            positions.security,
            messaging=positions.messaging,
            body=positions.body,
            content_ids=_declared(envelope),
            policy=VerificationPolicy(
                suite=security.suite,
                certificates=security.signature_certificates,
                at=hub.clock.now(),
                judges_time=False,
                minimum_rsa_bits=security.minimum_rsa_bits,
            ),
        )
    except SecurityFault as fault:
        raise error_for(fault) from None
    if party.tls_thumbprints and request.tls_thumbprint not in party.tls_thumbprints:
        raise FailedAuthentication(detail="TLS client certificate of another party")
    check_same_header(verified, envelope)
    check_packaging(envelope, template.strictness)
    return verified


def _declared(envelope: Envelope) -> frozenset[str]:
    """The parts that a user message in the same envelope declares, which the one signature covers, too."""
    user_message = envelope.messaging.user_message
    return frozenset() if user_message is None else frozenset(content_ids(user_message))


def verify_for_nobody(envelope: Envelope, hub: Hub) -> None:
    """Spend on a signal about nothing what `verify_signal` spends on one about a message: one form that is read, one
    public-key operation. Always ends in an EbmsError.
    """
    if envelope.positions.security is None:
        raise PolicyNoncompliance(detail="the signal has no wsse:Security header for us")
    own = hub.configuration().hub
    policy = VerificationPolicy(suite=own.suite, certificates=(), at=hub.clock.now(), judges_time=False)
    try:
        verify_security(
            envelope.positions.security,
            messaging=envelope.positions.messaging,
            body=envelope.positions.body,
            content_ids=_declared(envelope),
            policy=policy,
        )
    except SecurityFault as fault:
        raise error_for(fault) from None
    raise FailedAuthentication(detail="nobody has signed this")
