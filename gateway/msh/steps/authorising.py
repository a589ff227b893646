"""Authorise: by what somebody shows that a mailbox is his. A way to show it is an entry of a table.

The P-Mode of leg 2 says which way a mailbox has: the first entry that its parameter asks for. The last is there for
all, and answers for mailboxes that nobody has (P17, P18, PL-01).

SECURITY: a PullRequest has no From, so who pulls is what he shows and nothing else. A mailbox of another party and one
that does not exist get one and the same answer from the last entry; whoever adds another sees to it that its answers
say no more of a mailbox than that it has that way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crypto.certificates import thumbprint_sha256
from crypto.verify import Verified
from gateway.ebms import texts
from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.model import PullRequest
from gateway.ebms.verification import named_signer
from gateway.msh.journey import Envelope
from gateway.msh.steps.freshness import ShownTime
from gateway.msh.steps.signals import verify_signal
from pmodes.configuration import Configuration
from pmodes.derive import Template
from pmodes.match import match_pull
from pmodes.model import Leg, Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Puller:
    """Whose mailbox it is, for whoever has shown that it is his.

    `holder` names what he showed, so that the same request is known when it comes again; `said` is the time that he
    vouches for. `verified` is what his signature covers; None where he showed something else, and then nothing that
    came with the pull is his word.
    """

    organisation: Organisation
    holder: str
    said: ShownTime
    verified: Verified | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """One entry of the table of ways to authorise a pull.

    `asked` answers whether the P-Modes of a mailbox want this way; `puller` gives who pulls, or raises the error that
    the request deserves, told whose mailbox its MPC names: None where it is nobody's, which only the last is asked.
    """

    name: str
    asked: Callable[[Template], bool]
    puller: Callable[[PullRequest, Envelope, Organisation | None, Configuration, datetime], Puller]


def authorise(wanted: PullRequest, envelope: Envelope, configuration: Configuration, at: datetime) -> Puller:
    """Who pulls, in the way that the mailbox has which a PullRequest names; raises `EbmsError`."""
    owner = match_pull(configuration, wanted.mpc)
    way = AUTHORISATIONS[-1]
    if owner is not None:
        shared = configuration.template(owner, Leg.RECEIVING)
        way = next(each for each in AUTHORISATIONS if each.asked(shared))
    return way.puller(wanted, envelope, owner, configuration, at)


def no_mailbox_for_you(detail: str) -> ProcessingModeMismatch:
    """What everybody is answered who has shown no right to a mailbox, whether there is one or not."""
    return ProcessingModeMismatch(texts.NO_MAILBOX, detail)


def _by_signature(
    wanted: PullRequest, envelope: Envelope, owner: Organisation | None, configuration: Configuration, at: datetime
) -> Puller:
    """By a signature that one of the owner's certificates vouches for (AS4 2.1.1, option 2)."""
    signer = named_signer(envelope.positions)
    if owner is None:
        raise no_mailbox_for_you("no mailbox has this MPC")
    if signer.named_among(owner.signing_certificates) is None:
        raise no_mailbox_for_you("the certificate named is none of the owner's")
    verified = verify_signal(envelope, owner, configuration, at)
    return Puller(
        organisation=owner,
        holder=thumbprint_sha256(verified.certificate).hex(),
        said=ShownTime.by(owner.party_id, wanted, verified),
        verified=verified,
    )


AUTHORISATIONS: Final = (Authorisation(name="signature", asked=lambda _: True, puller=_by_signature),)
