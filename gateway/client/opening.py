"""Opens a pulled message: verified already, now decrypted, digested, inflated and held against the sender's proof.

A part streams through once, into memory while small and then into a file without a name; nothing is handed on before
the whole message has been judged: tag before digest before gzip, for every part, then the proof of origin. Clauses:
AS4 3.1, 5.1.6; ebMS3 Core 5.2.2; decision 0009.

SECURITY: sizes and ratios are bounded. Plaintext goes to memory or to a file without a name. What fails raises an error
of the table; the caller throws every part away. Everything here blocks; `gateway.client.pull` runs it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.suites import SUITES
from crypto.verify import Verified
from gateway.client.advice import FOR_ANOTHER, FROM_ANOTHER, TO_ANOTHER
from gateway.client.answers import HubAnswer
from gateway.client.inbox import ArrivedPart, OriginVerdict
from gateway.client.participant import Participant
from gateway.client.proof import Proof, judge_origin
from gateway.client.records import GrowingBody, Records
from gateway.client.transport import Progress
from gateway.ebms import names, texts
from gateway.ebms.errors import (
    FailedAuthentication,
    MimeInconsistency,
    PolicyNoncompliance,
    ValueInconsistent,
    error_for,
)
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.mime import MimeEvent, MimeFault, PartBegin, PartData
from gateway.ebms.model import PartInfo, UserMessage
from gateway.ebms.origin import PART_PROPERTY
from gateway.ebms.part_opener import Inflation, OpeningPart, PartOpener
from gateway.limits import PAYLOAD_LIMITS

_SMALL_OCTETS = 2 * PAYLOAD_LIMITS.octets
_ORIGIN_OCTETS = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The content of a message that holds: its parts in the order of the header, and what its proof proves."""

    parts: tuple[ArrivedPart, ...]
    origin: OriginVerdict
    origin_thumbprint: str | None
    origin_document: bytes | None
    proof: Proof | None = None

    def close(self) -> None:
        """Let the files of the parts go; those that were given a name stay."""
        _close(self.parts)


def _close(parts: Iterable[ArrivedPart]) -> None:
    for part in parts:
        if not isinstance(part.body, bytes):
            part.body.close()


def check_addressed(user_message: UserMessage, answer: HubAnswer, participant: Participant) -> None:
    """Hold the header against who we are and whom we asked. Raises an `EbmsError`."""
    body_has_content = answer.positions is not None and answer.positions.body_has_content
    check_user_message(user_message, body_has_content=body_has_content, mpc=participant.mpc)
    if participant.hub_party.value not in {each.value for each in user_message.from_party.party_ids}:
        raise ValueInconsistent(detail=FROM_ANOTHER)
    if participant.party not in {each.value for each in user_message.to_party.party_ids}:
        raise ValueInconsistent(detail=TO_ANOTHER)
    final = user_message.property(names.FINAL_RECIPIENT)
    if final is not None and final not in {each.value for each in participant.party_ids}:
        raise ValueInconsistent(detail=FOR_ANOTHER)


def open_message(
    answer: HubAnswer, user_message: UserMessage, participant: Participant, records: Records, progress: Progress
) -> Opened:
    """Judge every part of a verified message; raises an `EbmsError`, and then leaves nothing behind."""
    if answer.verified is None or answer.positions is None or answer.positions.security is None:
        raise PolicyNoncompliance(detail="the message was not verified")
    sinks: dict[int, Sink] = {}

    def content(_info: PartInfo, place: int) -> Sink:
        sinks[place] = Sink(records)
        return sinks[place]

    opener = _opener(answer.verified, answer.positions.security, user_message, answer.octets, content, participant)
    try:
        _take(answer.events or iter(()), opener, progress)
        return _with_origin(user_message, [(each, sinks[each.place]) for each in opener.in_order()], participant)
    except BaseException:
        for sink in sinks.values():
            sink.written.close()
        raise


def _opener(
    verified: Verified,
    security: Element,
    user_message: UserMessage,
    octets: int,
    content: Callable[[PartInfo, int], Sink],
    participant: Participant,
) -> PartOpener:
    """What opens the parts of a body of so many octets."""
    try:
        # Without a time: an own certificate that has expired since still opens what has waited under it.
        policy = DecryptionPolicy(suite=participant.suite)
        plan = read_encryption(security, content_ids=frozenset(verified.part_digests), policy=policy)
        keys = unwrap(plan, participant.decryption_keys)
    except SecurityFault as fault:
        raise error_for(fault) from None
    limits = participant.limits
    return PartOpener(
        user_message,
        verified.part_digests,
        keys=keys,
        mime_types=plan.mime_types,
        content=content,
        inflation=Inflation(octets=limits.inflated_octets, ratio=limits.inflation_ratio, each=True),
        # The sender may have signed with another digest method than the hub; which one its proof tells too late.
        methods={each.uri for suite in SUITES.values() for each in suite.accepted_digests},
        parse_xml=octets <= _SMALL_OCTETS,  # a digest by the rule for XML keeps the part in memory
    )


def _take(events: Iterable[MimeEvent], opener: PartOpener, progress: Progress) -> None:
    part = None
    done = 0
    try:
        for event in events:
            if isinstance(event, PartBegin):
                part = opener.begin(event)
            elif part is not None and isinstance(event, PartData):
                part.feed(event.octets)
                done += len(event.octets)
                progress("opening", done, None)
            elif part is not None:
                part.close()
    except MimeFault as fault:
        raise MimeInconsistency(detail=fault.reason) from None
    opener.close()


def _with_origin(
    user_message: UserMessage, came: Sequence[tuple[OpeningPart, Sink]], participant: Participant
) -> Opened:
    """Hold the parts against the proof of origin, and set the proof itself apart from what was sent."""
    proofs = [sink.written for part, sink in came if PART_PROPERTY in part.info.properties]
    sent = [(part, sink) for part, sink in came if PART_PROPERTY not in part.info.properties]
    if len(proofs) > 1:
        raise FailedAuthentication(texts.PROOF_OF_ORIGIN, "more than one proof of origin")
    parts = tuple(_arrived(part, sink) for part, sink in sent)
    if not proofs:
        from_hub = user_message.property(names.ORIGINAL_SENDER) == participant.hub_party.value
        if participant.origin_required and not from_hub:
            raise PolicyNoncompliance(detail="the message has no proof of origin")
        return Opened(parts=parts, origin="absent", origin_thumbprint=None, origin_document=None)
    if proofs[0].octets > _ORIGIN_OCTETS:
        raise FailedAuthentication(texts.PROOF_OF_ORIGIN, "the proof of origin is too large")
    document = proofs[0].read()
    proofs[0].close()
    judged = judge_origin(document, user_message, [part for part, _sink in sent], participant)
    return Opened(
        parts=parts,
        origin=judged.origin,
        origin_thumbprint=judged.thumbprint,
        origin_document=document,
        proof=judged.proof,
    )


def _arrived(part: OpeningPart, sink: Sink) -> ArrivedPart:
    return ArrivedPart(
        content_id=part.content_id,
        mime_type=part.info.property(names.MIME_TYPE) or names.OCTET_STREAM,
        character_set=part.info.property(names.CHARACTER_SET),
        octets=sink.written.octets,
        sha256=sink.sha256,
        body=sink.written.body(),
    )


class Sink:
    """Where what a part holds goes, and the SHA-256 of all of it."""

    def __init__(self, records: Records) -> None:
        self.written = GrowingBody(records)
        self._hash = sha256()

    @property
    def sha256(self) -> bytes:
        """Of all octets written."""
        return self._hash.digest()

    def came(self, octets: int) -> None:
        """However many: what a part holds is bounded."""

    def write(self, octets: bytes) -> bool:
        """Append."""
        self.written.write(octets)
        self._hash.update(octets)
        return True

    def finish(self) -> None:
        """Nothing more is asked of it."""
