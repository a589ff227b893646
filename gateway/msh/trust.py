"""Match and verify: from header values that nobody vouches for to a user message that its sender signed.

SECURITY: `match` only chooses with whose certificate and which algorithms to verify; what it learns has no other
effect. `verify` sees to it that the element whose digest agreed is the very one that was read, and the journey goes on
with what that one says.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from crypto.faults import SecurityFault
from crypto.verify import VerificationPolicy, Verified
from crypto.verify import verify as verify_security
from gateway.ebms import texts
from gateway.ebms.consistency import check_body_declared, check_user_message, content_ids, declares_body
from gateway.ebms.envelope import must_understand
from gateway.ebms.errors import (
    FailedAuthentication,
    InvalidHeader,
    MimeInconsistency,
    PolicyNoncompliance,
    error_for,
    error_of,
)
from gateway.ebms.model import Messaging, UserMessage
from gateway.msh.arrival import Envelope
from gateway.msh.exchange import Request
from gateway.msh.hub import Hub
from pmodes.match import Mismatch, match_user_message
from pmodes.model import PMode, Strictness

DUPLICATE_WINDOW = timedelta(days=90)  # how long an accepted MessageId is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A user message whose signature is its sender's, and whatever else that signature covers in eb:Messaging."""

    user_message: UserMessage
    messaging: Messaging
    verified: Verified
    pmode: PMode
    duplicate_key: bytes
    content_digest: bytes


def match(user_message: UserMessage, envelope: Envelope, hub: Hub) -> PMode:
    """The one P-Mode of leg 1 that these header values name; nothing else is done with them before they are
    verified.
    """
    # A Body that nobody declares may have been put there on the way: its signature is asked first.
    body_has_content = envelope.positions.body_has_content and declares_body(user_message)
    check_user_message(user_message, body_has_content=body_has_content, several_party_ids=True)
    try:
        return match_user_message(hub.configuration(), user_message)
    except Mismatch as mismatch:
        raise error_of(mismatch.code, mismatch.public, mismatch.private) from None


def verify(user_message: UserMessage, envelope: Envelope, pmode: PMode, request: Request, hub: Hub) -> Trusted:
    """Hold the signature over Messaging, Body and every part against that P-Mode's certificates and algorithms; what it
    says of time is judged where nothing was accepted before (`gateway.msh.freshness`).
    """
    positions = envelope.positions
    if positions.security is None:
        raise PolicyNoncompliance(detail="no wsse:Security header for us")
    thumbprints = pmode.organisation.tls_thumbprints
    if thumbprints and request.tls_thumbprint not in thumbprints:
        raise FailedAuthentication(detail="TLS client certificate of another party")
    try:
        verified = verify_security(
            positions.security,
            messaging=positions.messaging,
            body=positions.body,
            content_ids=frozenset(content_ids(user_message)),
            policy=VerificationPolicy(
                suite=pmode.security.suite,
                certificates=pmode.security.signature_certificates,
                at=hub.clock.now(),
                judges_time=False,
                minimum_rsa_bits=pmode.security.minimum_rsa_bits,
            ),
        )
    except SecurityFault as fault:
        raise error_for(fault) from None
    check_same_header(verified, envelope)
    check_packaging(envelope, pmode.strictness)
    check_body_declared(user_message, body_has_content=positions.body_has_content)
    return Trusted(
        user_message=user_message,
        messaging=envelope.messaging,
        verified=verified,
        pmode=pmode,
        duplicate_key=duplicate_key(hub.duplicate_secret, pmode.organisation.party_id, user_message.message_id),
        content_digest=content_digest(verified),
    )


def check_same_header(verified: Verified, envelope: Envelope) -> None:
    """Hold what was verified against what was read: one element, which nobody has changed since it was parsed, so it
    need not be read again.
    """
    if verified.messaging is not envelope.positions.messaging:
        raise FailedAuthentication(detail="the verified header is not the one that was read")


def check_packaging(envelope: Envelope, strictness: Strictness) -> None:
    """What a P-Mode may demand of the packaging and most senders are forgiven (T08, H56)."""
    if strictness.must_understand_required and not must_understand(envelope.positions.messaging):
        raise InvalidHeader(texts.MUST_UNDERSTAND_MISSING, "mustUnderstand is absent or false")
    if strictness.type_parameter_required and not envelope.type_declared:
        raise MimeInconsistency(detail="multipart/related without its type parameter")


def duplicate_key(secret: bytes, sender: str, message_id: str) -> bytes:
    """What a second arrival is known by, and no one else can compute."""
    return hmac.new(secret, f"{sender}\0{message_id}".encode(), hashlib.sha256).digest()


def content_digest(verified: Verified) -> bytes:
    """SHA-256 over the sorted (URI, digest) pairs of what was signed: equal on a true retry, whatever else was signed
    anew.
    """
    pairs = sorted(f"{each.uri}\0{each.digest_value.hex()}" for each in verified.references)
    return hashlib.sha256("\n".join(pairs).encode()).digest()
