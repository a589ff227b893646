"""The values of a journey: what each step of `gateway.msh.steps` hands to the next.

From the octets of a stranger to what is known of them, in the order in which it becomes known: nothing of an
`Envelope` is verified, a `Matched` says who may have signed it, a `Signed` that somebody did, a `Trusted` that it
counts today. Each holds the one that it was made of, so that a step is handed one of them and not all that came before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from crypto.verify import VerificationPolicy, Verified
from gateway.ebms import texts
from gateway.ebms.envelope import Positions
from gateway.ebms.errors import EbmsError, MimeInconsistency, UnreadableRequest
from gateway.ebms.mime import MimeEvent
from gateway.ebms.model import Messaging, UserMessage
from gateway.ebms.part_opener import OpeningPart
from gateway.ebms.said import Said
from gateway.ebms.verification import EnvelopeSignature
from gateway.msh.exchange import Request
from gateway.store.model import Signer
from pmodes.model import Organisation, PMode
from pmodes.trust import NOBODY_ASKED, Vouched


@dataclass(slots=True)
class Intake:
    """How much of a body came, and how much of it is taken."""

    most: int
    octets: int = 0

    def take(self, octets: int) -> None:
        """So many more came; raises `UnreadableRequest` 413 beyond what is taken."""
        self.octets += octets
        if self.octets > self.most:
            raise UnreadableRequest(413, MimeInconsistency(texts.MESSAGE_TOO_LARGE, "the body is over the limit"))


@dataclass(slots=True)
class Frame:
    """The SOAP part of a request, whole, and the events of the other parts as they come."""

    request: Request
    root: bytes
    charset: str | None
    events: AsyncIterator[MimeEvent]  # of every part but the root, in their order; ends when the message ended well
    intake: Intake
    type_declared: bool = True  # False for multipart/related without its type parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A SOAP envelope that was read: where its blocks stand, and the message units. Nothing of it is verified yet.

    `signature` is asked by each unit for whose it is, and computed once for all of them.
    """

    frame: Frame
    positions: Positions
    messaging: Messaging
    signature: EnvelopeSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Under what a signature may hold, and whose it then is."""

    sender: str
    policy: VerificationPolicy
    key_reference: str
    organisation: Organisation | None = None  # whose certificate of today it is
    vouched: Vouched = NOBODY_ASKED  # what a root says of one that it does not list


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What header values that nobody vouches for lead to: the P-Mode of today, or why there is none; and under what the
    signature may hold. The first of the `candidates` is that P-Mode, or nobody; then come, where there is none, the
    organisations that send for that party today, and the `signers` of what was accepted.

    `told_to_all` is the mismatch where it depends on no participant, which anybody may be told.
    """

    pmode: PMode | None
    mismatch: EbmsError | None
    told_to_all: EbmsError | None
    candidates: tuple[Candidate, ...]
    signers: tuple[Signer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A user message whose signature holds, by a certificate of today's P-Mode or of an earlier acceptance.

    `signer` is the party that signed; `keys` are those under which an acceptance of it may stand.
    `objection` says why it is not what its sender may send today, where that is known already; `unbound` why not over
    this connection. `organisation` is the one whose certificate of today signed; None where it was one of an earlier
    acceptance, to which today objects.
    """

    user_message: UserMessage
    envelope: Envelope
    verified: Verified
    signer: Signer
    keys: tuple[bytes, ...]
    said: Said
    soap_sha256: bytes
    objection: EbmsError | None
    unbound: EbmsError | None
    organisation: Organisation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A user message whose signature is its sender's today, under the P-Mode of leg 1."""

    signed: Signed
    pmode: PMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The leading document, the parts that came, and how many were dropped because no PartInfo declares them."""

    document: bytes
    parts: Mapping[str, OpeningPart]
    dropped: int
