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
from datetime import datetime, timedelta

from crypto import names as security_names
from crypto.certificates import Certificate, thumbprint_sha256
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.elements import Element, only_child
from crypto.faults import SecurityFault
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from gateway.client.advice import FOR_ANOTHER, FROM_ANOTHER, TO_ANOTHER
from gateway.client.answers import Answer
from gateway.client.inbox import ArrivedPart, Origin
from gateway.client.participant import Participant
from gateway.client.passage import Passage
from gateway.client.records import Records
from gateway.client.transport import Progress
from gateway.ebms import names
from gateway.ebms.consistency import check_parts_present, check_user_message, content_id
from gateway.ebms.errors import (
    EbmsError,
    FailedAuthentication,
    MimeInconsistency,
    PolicyNoncompliance,
    ValueInconsistent,
    error_for,
)
from gateway.ebms.mime import MimeEvent, MimeFault, PartBegin, PartData, PartEnd
from gateway.ebms.model import PartInfo, PartReference, UserMessage
from gateway.ebms.origin import PART_PROPERTY, read_origin, verify_origin
from gateway.ebms.origin import Origin as OriginDocument
from gateway.ebms.receipts import read_reference
from xsd.document import PAYLOAD_LIMITS

_SMALL_OCTETS = 2 * PAYLOAD_LIMITS.octets
_ORIGIN_OCTETS = 2 * 1024 * 1024
_SKEW = timedelta(minutes=5)
_SAME_ON_BOTH_LEGS = (
    names.TRACKING_IDENTIFIER,
    names.CROSS_REFERENCE,
    names.ORIGINAL_SENDER,
    names.FINAL_RECIPIENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Which message of whom a proof of origin is about: it is taken once."""

    party: str
    message_id: str
    sent_at: datetime


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


def check_addressed(user_message: UserMessage, answer: Answer, participant: Participant) -> None:
    """Hold the header against who we are and whom we asked. Raises an `EbmsError`."""
    body_has_content = answer.positions is not None and answer.positions.body_has_content
    check_user_message(user_message, body_has_content=body_has_content, several_party_ids=True, mpc=participant.mpc)
    if participant.hub_party.value not in {each.value for each in user_message.from_party.party_ids}:
        raise ValueInconsistent(detail=FROM_ANOTHER)
    if participant.party not in {each.value for each in user_message.to_party.party_ids}:
        raise ValueInconsistent(detail=TO_ANOTHER)
    final = user_message.property(names.FINAL_RECIPIENT)
    if final is not None and final not in {each.value for each in participant.party_ids}:
        raise ValueInconsistent(detail=FOR_ANOTHER)


def open_message(
    answer: Answer, user_message: UserMessage, participant: Participant, records: Records, progress: Progress
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


def _unlock(answer: Answer, security: Element, content_ids: frozenset[str], participant: Participant) -> _Unlock:
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
    return _judge_origin(document, user_message, sent, parts, participant)


def _judge_origin(
    octets: bytes,
    user_message: UserMessage,
    sent: list[Passage],
    parts: tuple[ArrivedPart, ...],
    participant: Participant,
) -> Opened:
    """Whether the sender is one of the address book and signed this: with a certificate of the book it is verified,
    with another one it is reported, and refused where proof is required. What nobody signed is refused.
    """
    document = read_origin(octets)
    proved = document.user_message
    party = proved.from_party.party_ids[0].value
    known = participant.senders.get(party)
    if proved.timestamp > user_message.timestamp + _SKEW:
        raise FailedAuthentication(detail="the proof of origin is younger than the message")
    claimed = {each.digest_value for each in _signed_references(document)}
    digests = {
        each.content_id: (method, each.digest_as_claimed(method, claimed))
        for each in sent
        if (method := document.digest_methods.get(each.content_id, "")) in each.digests
    }
    origin = _verify_origin(document, known, digests, party, participant)
    same = all(proved.property(name) == user_message.property(name) for name in _SAME_ON_BOTH_LEGS)
    if not same or (proved.service, proved.action) != (user_message.service, user_message.action):
        raise FailedAuthentication(detail="the hub's header says something else than the sender's")
    return Opened(
        parts=parts,
        origin=origin,
        origin_thumbprint=thumbprint_sha256(document.certificate).hex(),
        origin_document=octets,
        proof=Proof(party=party, message_id=proved.message_id, sent_at=proved.timestamp),
    )


def _verify_origin(
    document: OriginDocument,
    known: tuple[Certificate, ...] | None,
    digests: Mapping[str, tuple[str, bytes]],
    party: str,
    participant: Participant,
) -> Origin:
    # The certificate has to be valid when it signed: the hub held the timestamp against its clock on arrival.
    at = document.user_message.timestamp
    if known is not None:
        try:
            verify_origin(document, certificates=known, at=at, part_digests=digests)
        except EbmsError:
            why = f"no certificate of {party} under `senders` in participant.yaml verifies its proof of origin"
        else:
            return "verified"
    else:
        why = f"{party}, who signed the proof of origin, is not under `senders` in participant.yaml"
    verify_origin(document, certificates=None, at=at, part_digests=digests)
    if participant.origin_required:
        raise PolicyNoncompliance(detail=why)
    return "unverified"


def _signed_references(proof: OriginDocument) -> list[PartReference]:
    signed_info = only_child(proof.signature, security_names.SIGNED_INFO)
    return [read_reference(each) for each in signed_info.iterchildren(security_names.REFERENCE)]
