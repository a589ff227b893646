"""Whether a certificate was revoked, as the use cases ask it: of what was fetched before, never by fetching.

The answers come from `gateway.jobs.revocation_known`. What follows: a certificate that is known to be revoked is
refused with EBMS:0101, whatever the P-Mode says and whatever else is not known; where nobody could say anything of late
the P-Mode decides (Knooppunt.Revocation): off and soft let it pass, hard is HTTP 503, for an answer may come.

Nothing is sealed to a revoked certificate either. That is no fault of the sender's, and passes when the receiver's next
certificate is listed: 503 (decision 0027).

SECURITY: asked after the signature held, so that who has proved nothing causes no look at a CRL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, Protocol

from crypto.certificates import Certificate, thumbprint_sha256
from gateway.ebms.errors import FailedAuthentication
from gateway.ebms.evidence import Compared
from gateway.msh.later import Cause, Postponed
from pmodes.configuration import Configuration
from pmodes.model import Leg, Organisation, RevocationCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a certificate may not be used: it was revoked, or (not `revoked`) nobody could say of late that it was not,
    and its P-Mode waits for that.
    """

    certificate: Certificate
    revoked: bool
    detail: str


class Revocation(Protocol):
    """What is known of revoked certificates."""

    def doubt(self, certificate: Certificate, at: datetime, *, wanted: RevocationCheck, party: str) -> Doubt | None:
        """Why that party's certificate may not be used at that moment under such a P-Mode; None where it may. What is
        only a cause for alarm, under soft, is told to the operator there and then.
        """


def check_signer(
    party: Organisation, certificate: Certificate, configuration: Configuration, revocation: Revocation, at: datetime
) -> None:
    """Refuse what that organisation signed with a revoked certificate, or with one of which its P-Mode wants to know
    more; raises `FailedAuthentication` or `Postponed`.
    """
    security = configuration.template(party, Leg.SENDING).security
    doubt = revocation.doubt(certificate, at, wanted=security.revocation, party=party.party_id)
    if doubt is not None:
        refuse(doubt, party.party_id)


def refuse(doubt: Doubt, party: str) -> NoReturn:
    """Raise what a signature by that certificate deserves."""
    if doubt.revoked:
        raise FailedAuthentication(detail=doubt.detail, compared=[compared(doubt)])
    raise Postponed(Cause.REVOCATION, doubt.detail, about=party, compared=[compared(doubt)])


def compared(doubt: Doubt) -> Compared:
    """What such a verdict rests on."""
    found = "revoked" if doubt.revoked else "no answer of late"
    what = f"certificate {thumbprint_sha256(doubt.certificate).hex()}"
    return Compared(what=what, expected="not revoked", found=found)
