"""Bundled: the receipt and the error that came in the envelope of another unit, under its one signature.

Each takes effect or is refused; an error is never answered (ebMS3 Core 5.2.4, 6.3; X05).
"""

from __future__ import annotations

from crypto.verify import Verified
from gateway.msh.acknowledge import take_receipt
from gateway.msh.arrival import Envelope
from gateway.msh.exchange import Request
from gateway.msh.failed import take_error
from gateway.msh.hub import Hub
from pmodes.model import Organisation


async def take_bundled(envelope: Envelope, verified: Verified, party: Organisation, request: Request, hub: Hub) -> None:
    """Take what `party` signed, as was verified; raises `InvalidReceipt` after the error is taken."""
    if envelope.messaging.error is not None:
        await take_error(envelope.messaging.error, verified, party, request, hub)
    if envelope.messaging.receipt is not None:
        await take_receipt(envelope.messaging.receipt, envelope, verified, party, hub)
