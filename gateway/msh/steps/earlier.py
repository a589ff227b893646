"""Earlier: whether a message was accepted before, and what that acceptance earns it (decisions 0003 and 0017).

The state at its acceptance earns it a receipt, and nothing else: neither time, P-Mode, quota nor certificate of today
refuses it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from crypto.certificates import thumbprint_sha256
from crypto.keys import Unwrapper
from gateway.ebms.errors import EbmsError, FailedAuthentication
from gateway.limits import Limits
from gateway.msh.journey import Signed
from gateway.msh.revocation import Revocation, compared
from gateway.msh.steps.arrival import drain
from gateway.msh.steps.own_digests import holds_same_parts
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from gateway.store.model import Earlier, GivenReceipt
from gateway.traced import step


@step("find-earlier")
async def find_earlier(signed: Signed, store: Store) -> Earlier | None:
    """The acceptance of a message of this MessageId from this party, which may say the same or something else."""
    return await store.find_earlier(signed.keys, signed.soap_sha256)


def receipt_as_before(earlier: Earlier, signed: Signed) -> GivenReceipt | None:
    """The receipt that this SOAP part got, if it got one."""
    if earlier.receipt is None and signed.said.repeats_references(earlier.said):
        return earlier.unplaced  # it is about these references, whatever the SOAP part was
    return earlier.receipt


def check_not_compromised(signed: Signed, compromised: Collection[str], revocation: Revocation, at: datetime) -> None:
    """A key that may be in other hands signs nothing anew; what it signed itself was answered before this. That nobody
    knows of late whether the certificate was revoked passes with time, so it refuses nothing here.
    """
    certificate = signed.verified.certificate
    if thumbprint_sha256(certificate).hex() in compromised:
        raise signed.objection or FailedAuthentication(detail="the certificate was withdrawn as compromised")
    doubt = revocation.doubt(certificate, at, wanted="off", party=signed.signer.sender)
    if doubt is not None:
        raise signed.objection or FailedAuthentication(detail=doubt.detail, compared=[compared(doubt)])


async def says_the_same(
    earlier: Earlier, signed: Signed, keys: Sequence[Unwrapper], limits: Limits, time: Timekeeping
) -> bool:
    """Whether the two messages say the same; where only their digest methods may differ, their parts are looked at."""
    if signed.said.equals(earlier.said):
        await drain(signed.envelope.frame)
        return True
    if not signed.said.equals_apart(earlier.said_apart):
        return False
    try:
        return await holds_same_parts(earlier.own_digests, signed, keys, limits, time)
    except EbmsError:
        return False
