"""Who signed a signal: the same verification for PullRequest, Receipt and Error, which carry no From (ebMS3 Core
5.2.3).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import NoReturn

from crypto.verify import Verified
from gateway.ebms.errors import EbmsError, FailedAuthentication
from gateway.ebms.verification import named_signer
from gateway.msh.journey import Envelope
from gateway.msh.steps.trust import check_connection, check_packaging, policy_of, policy_of_nobody
from pmodes.configuration import Configuration
from pmodes.model import Leg, Organisation
from pmodes.vouching import against_vouching, vouched_for


def verify_signal(envelope: Envelope, party: Organisation, configuration: Configuration, at: datetime) -> Verified:
    """Hold the envelope of a signal against that organisation's certificates; what was read of it then is that party's
    word, also beside a user message, whose parts the one signature covers, too, and of which nothing is asked here.
    What it says of time is left to `gateway.msh.steps.freshness`, which judges a receipt otherwise than the others.
    """
    verified = verify_signer(envelope, party, configuration, at)
    check_signal_packaging(envelope, party, configuration)
    return verified


def verify_signer(envelope: Envelope, party: Organisation, configuration: Configuration, at: datetime) -> Verified:
    """Whether that organisation sent it: the part of `verify_signal` that decides with whom the hub speaks."""
    template = configuration.template(party, Leg.SENDING)
    vouched = vouched_for(configuration, party, partial(named_signer, envelope.positions), at)
    try:
        verified = envelope.signature.verify(policy_of(template.security, vouched, at))
    except EbmsError as error:
        if (found := against_vouching(vouched)) is not None:
            error.compared = (*error.compared, found)
        raise
    check_connection(party, envelope.frame.request)
    return verified


def check_signal_packaging(envelope: Envelope, party: Organisation, configuration: Configuration) -> None:
    """The part of `verify_signal` that its sender is told of."""
    check_packaging(envelope, configuration.template(party, Leg.SENDING).strictness)


def refuse_as_nobodys(
    envelope: Envelope, configuration: Configuration, at: datetime, *, detail: str, fault: EbmsError | None = None
) -> NoReturn:
    """Refuse a signal as one that nobody has signed is refused, whosever certificate it names; `fault` is what its
    owner would be told, and that and the `detail` are for the log alone.
    """
    try:
        verify_for_nobody(envelope, configuration, at)
    except EbmsError as refused:
        why = refused if fault is None else fault
        refused.detail, refused.compared = f"{why.detail}; {detail}", why.compared
        raise


def verify_for_nobody(envelope: Envelope, configuration: Configuration, at: datetime) -> NoReturn:
    """Spend on a signal about nothing what `verify_signal` spends on one about a message: one form that is read, one
    public-key operation, unless another unit of the envelope has cost it or will. Always ends in an EbmsError.
    """
    envelope.signature.verify(policy_of_nobody(configuration, at))
    raise FailedAuthentication(detail="nobody has signed this")
