"""Opens a pulled message: verified already, now decrypted, digested, inflated and held against the sender's proof.

A part streams through once, into memory while small and then into a file without a name; nothing is handed on before
the whole message has been judged: tag before digest before gzip, for every part, then the proof of origin. Clauses:
AS4 3.1, 5.1.6; ebMS3 Core 5.2.2; decision 0009.

SECURITY: sizes and ratios are bounded. What fails raises an error of the table; the caller throws every part away.
Everything here blocks; `gateway.client.pull` runs it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from gateway.client.advice import FOR_ANOTHER, FROM_ANOTHER, TO_ANOTHER
from gateway.client.answers import HubAnswer
from gateway.client.inbox import ArrivedPart, Origin
from gateway.client.participant import Participant
from gateway.client.passage import Passage
from gateway.client.proof import Proof, judge_origin
from gateway.client.records import Records
from gateway.client.transport import Progress
from gateway.ebms import names
from gateway.ebms.consistency import check_parts_present, content_id
from gateway.ebms.errors import (
    FailedAuthentication,
    MimeInconsistency,
    PolicyNoncompliance,
    ValueInconsistent,
    error_for,
)
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.mime import MimeEvent, MimeFault, PartBegin, PartData, PartEnd
from gateway.ebms.model import PartInfo, UserMessage
from gateway.ebms.origin import PART_PROPERTY
from xsd.document import PAYLOAD_LIMITS

_SMALL_OCTETS = 2 * PAYLOAD_LIMITS.octets
_ORIGIN_OCTETS = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The content of a message that holds: its parts in the order of the header, and what its proof proves."""

    parts: tuple[ArrivedPart, ...]
    origin: Origin
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
    declared = {content_id(part): part for part in user_message.parts}
    if None in declared:
        raise MimeInconsistency(detail="a part without a Content-ID")
    digests = answer.verified.part_digests
    unlock = _unlock(answer, answer.positions.security, frozenset(digests), participant)
    passages: dict[str, Passage] = {}
    try:
        _take(answer.events or iter(()), declared, digests, unlock, passages, participant, records, progress)
        check_parts_present(user_message, passages.keys())
        return _with_origin(user_message, [passages[each] for each in declared if each is not None], participant)
    except BaseException:
        for passage in passages.values():
            passage.sink.close()
        raise


@dataclass(frozen=True, slots=True)
class _Unlock:
    """The content key and the type before encryption of every part; whether the whole message fits in memory."""

    keys: Mapping[str, ContentKey]
    mime_types: Mapping[str, str]
    small: bool


def _unlock(answer: HubAnswer, security: Element, content_ids: frozenset[str], participant: Participant) -> _Unlock:
    try:
        # Without a time: an own certificate that has expired since still opens what has waited under it.
        policy = DecryptionPolicy(suite=participant.suite)
        plan = read_encryption(security, content_ids=content_ids, policy=policy)
        return _Unlock(unwrap(plan, participant.decryption_keys), plan.mime_types, answer.octets <= _SMALL_OCTETS)
    except SecurityFault as fault:
        raise error_for(fault) from None


def _take(
    events: Iterable[MimeEvent],
    declared: Mapping[str | None, PartInfo],
    digests: Mapping[str, VerifiedReference],
    unlock: _Unlock,
    passages: dict[str, Passage],
    participant: Participant,
    records: Records,
    progress: Progress,
) -> None:
    passage: Passage | None = None
    done = 0
    try:
        for event in events:
            if isinstance(event, PartBegin):
                part = event.content_id
                if part is None or part not in declared or part in passages:
                    raise MimeInconsistency(detail="a MIME part that the header does not declare once")
                key, mime_type = unlock.keys[part], unlock.mime_types[part]
                passage = Passage(
                    part, declared[part], digests[part], key, mime_type, unlock.small, participant, records
                )
                passages[part] = passage
            elif isinstance(event, PartData) and passage is not None:
                passage.feed(event.octets)
                done += len(event.octets)
                progress("opening", done, None)
            elif isinstance(event, PartEnd) and passage is not None:
                passage.finish()
                passage = None
    except MimeFault as fault:
        raise MimeInconsistency(detail=fault.reason) from None


def _with_origin(user_message: UserMessage, passages: list[Passage], participant: Participant) -> Opened:
    """Hold the parts against the proof of origin, and set the proof itself apart from what was sent."""
    proofs = [each for each in passages if PART_PROPERTY in each.info.properties]
    sent = [each for each in passages if PART_PROPERTY not in each.info.properties]
    if len(proofs) > 1:
        raise FailedAuthentication(detail="more than one proof of origin")
    parts = tuple(each.arrived() for each in sent)
    if not proofs:
        from_hub = user_message.property(names.ORIGINAL_SENDER) == participant.hub_party.value
        if participant.origin_required and not from_hub:
            raise PolicyNoncompliance(detail="the message has no proof of origin")
        return Opened(parts=parts, origin="absent", origin_thumbprint=None, origin_document=None)
    if proofs[0].sink.octets > _ORIGIN_OCTETS:
        raise FailedAuthentication(detail="the proof of origin is too large")
    document = proofs[0].sink.read()
    proofs[0].sink.close()
    judged = judge_origin(document, user_message, sent, participant)
    return Opened(
        parts=parts,
        origin=judged.origin,
        origin_thumbprint=judged.thumbprint,
        origin_document=document,
        proof=judged.proof,
    )
