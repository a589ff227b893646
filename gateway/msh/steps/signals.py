"""Who signed a signal: the same verification for PullRequest, Receipt and Error, which carry no From (ebMS3 Core
5.2.3).
"""

from __future__ import annotations

from datetime import datetime

from crypto.verify import Verified
from gateway.ebms.errors import FailedAuthentication
from gateway.msh.journey import Envelope
from gateway.msh.steps.trust import check_connection, check_packaging, policy_of, policy_of_nobody
from pmodes.configuration import Configuration
from pmodes.model import Leg, Organisation


def verify_signal(envelope: Envelope, party: Organisation, configuration: Configuration, at: datetime) -> Verified:
    """Hold the envelope of a signal against that organisation's certificates; what was read of it then is that party's
    word, also beside a user message, whose parts the one signature covers, too, and of which nothing is asked here.
    What it says of time is left to `gateway.msh.steps.freshness`, which judges a receipt otherwise than the others.
    """
    template = configuration.template(party, Leg.SENDING)
    verified = envelope.signature.verify(policy_of(template.security, at))
    check_connection(party, envelope.frame.request)
    check_packaging(envelope, template.strictness)
    return verified


def verify_for_nobody(envelope: Envelope, configuration: Configuration, at: datetime) -> None:
    """Spend on a signal about nothing what `verify_signal` spends on one about a message: one form that is read, one
    public-key operation, unless another unit of the envelope has cost it or will. Always ends in an EbmsError.
    """
    envelope.signature.verify(policy_of_nobody(configuration, at))
    raise FailedAuthentication(detail="nobody has signed this")
