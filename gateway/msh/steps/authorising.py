"""Authorise: by what somebody shows that a mailbox is his. A way to show it is an entry of a table.

The P-Mode of leg 2 says which way a mailbox has: the first entry that its parameter asks for. The last is there for
all, and answers for mailboxes that nobody has (P17, P18, PL-01).

SECURITY: a PullRequest has no From, so who pulls is what he shows and nothing else. The last entry answers whoever's
signature holds for no participant as if nobody had that mailbox or that certificate, in the same words and at the same
cost (decision 0013); only a participant is told that a mailbox is not his, and not whether it is another's. Whoever
adds another entry sees to it that its answers say no more of a mailbox than that it has that way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crypto.certificates import thumbprint_sha256
from crypto.verify import Verified
from gateway.ebms import texts
from gateway.ebms.errors import EbmsError, ProcessingModeMismatch
from gateway.ebms.model import PullRequest
from gateway.ebms.verification import named_signer
from gateway.msh.journey import Envelope
from gateway.msh.steps.freshness import ShownTime
from gateway.msh.steps.signals import check_signal_packaging, refuse_as_nobodys, verify_signer
from gateway.traced import step
from pmodes.configuration import Configuration
from pmodes.derive import Template
from pmodes.match import match_pull
from pmodes.model import Leg, Organisation
from pmodes.vouching import owner_by_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Puller:
    """Who pulls, as he has shown.

    `organisation` is a participant, and the mailbox may still be another's. `holder` names what he showed, so that the
    same request is known when it comes again; `said` is the time that he vouches for. `verified` is what his signature
    covers; None where he showed something else, and then nothing that came with the pull is his word.
    """

    organisation: Organisation
    holder: str
    said: ShownTime
    verified: Verified | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """One entry of the table of ways to authorise a pull.

    `asked` answers whether the P-Modes of a mailbox want this way; `puller` gives which participant pulls, or raises
    the error that the request deserves, told whose mailbox its MPC names: None where it is nobody's, which only the
    last is asked.
    """

    name: str
    asked: Callable[[Template], bool]
    puller: Callable[[PullRequest, Envelope, Organisation | None, Configuration, datetime], Puller]


@step("authorise")
def authorise(wanted: PullRequest, envelope: Envelope, configuration: Configuration, at: datetime) -> Puller:
    """Which participant pulls, in the way that the mailbox has which a PullRequest names; raises `EbmsError`. That the
    mailbox is his is for `check_mailbox`.
    """
    owner = match_pull(configuration, wanted.mpc)
    way = AUTHORISATIONS[-1]
    if owner is not None:
        shared = configuration.template(owner, Leg.RECEIVING)
        way = next(each for each in AUTHORISATIONS if each.asked(shared))
    return way.puller(wanted, envelope, owner, configuration, at)


def check_mailbox(wanted: PullRequest, puller: Puller, configuration: Configuration) -> None:
    """Refuse a participant a mailbox that is not his, in the same words whether there is one or not."""
    owner = match_pull(configuration, wanted.mpc)
    if owner is not puller.organisation:
        detail = "no mailbox has this MPC" if owner is None else "the mailbox is another participant's"
        raise ProcessingModeMismatch(texts.NO_MAILBOX, detail)


def _by_signature(
    wanted: PullRequest, envelope: Envelope, owner: Organisation | None, configuration: Configuration, at: datetime
) -> Puller:
    """By a signature that one of a participant's certificates vouches for (AS4 2.1.1, option 2)."""
    named = named_signer(envelope.positions)
    signers = tuple(configuration.signers_named(named))
    signer = next((each for each in signers if each is owner), signers[0] if signers else None)
    signer = signer or owner_by_root(configuration, named, at)
    whose = "the mailbox is nobody's" if owner is None else f"the mailbox is that of {owner.party_id}"
    if signer is None:
        refuse_as_nobodys(envelope, configuration, at, detail=whose)
    try:
        verified = verify_signer(envelope, signer, configuration, at)
    except EbmsError as fault:
        whose = f"the certificate named is that of {signer.party_id}, and {whose}"
        refuse_as_nobodys(envelope, configuration, at, detail=whose, fault=fault)
    check_signal_packaging(envelope, signer, configuration)
    return Puller(
        organisation=signer,
        holder=thumbprint_sha256(verified.certificate).hex(),
        said=ShownTime.by(signer.party_id, wanted, verified),
        verified=verified,
    )


AUTHORISATIONS: Final = (Authorisation(name="signature", asked=lambda _: True, puller=_by_signature),)
