"""Holds a pulled message against the proof of origin that came with it: whose signature it is, and over what.

A message is verified when a certificate that the participant's own address book has under the party named as sender
(`originalSender`) signed it, or one under the organisation of which that party is a business unit. That certificate has
to be good at the moment of acceptance, which eb:Timestamp of leg 2 tells and by which the hub judged it: the one of leg
1 is the sender's word, and a message that waited may be signed anew with it. Who signs in the name of another, as the
hub's operator may let it (`acts_for`), is told by its own name; whether it may is not for the hub to say, so its
certificate has to stand under the other's name in the book as well.
Clauses: ebMS3 Core 5.2.2; decision 0009.

SECURITY: nothing here is taken from the hub's word but what the sender signed too. A proof counts only for the party
that its finalRecipient names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import names as security_names
from crypto.certificates import Certificate, certificate_objection, thumbprint_sha256
from crypto.digest import PartDigest
from crypto.elements import only_child
from gateway.client.advice import IN_THE_NAME_OF, WHEN_ACCEPTED
from gateway.client.inbox import InboxMessage, OriginVerdict
from gateway.client.participant import Participant
from gateway.ebms import names, texts
from gateway.ebms.errors import EbmsError, FailedAuthentication, PolicyNoncompliance, ValueInconsistent
from gateway.ebms.model import PartReference, UserMessage
from gateway.ebms.origin import Origin, read_origin, verify_origin
from gateway.ebms.part_opener import OpeningPart
from gateway.ebms.receipts import read_reference

_SKEW = timedelta(minutes=5)
_SAME_ON_BOTH_LEGS = (
    names.TRACKING_IDENTIFIER,
    names.CROSS_REFERENCE,
    names.ORIGINAL_SENDER,
    names.FINAL_RECIPIENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Which message of whom a proof of origin is about: it is taken once. `party` is who signed, by its own word."""

    party: str
    message_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedOrigin:
    """What a proof that holds proves; `thumbprint` is of the certificate in it."""

    origin: OriginVerdict
    thumbprint: str
    proof: Proof


def judge_origin(
    octets: bytes, user_message: UserMessage, sent: Sequence[OpeningPart], participant: Participant
) -> JudgedOrigin:
    """Whether the party named as sender signed this, by the address book: with a certificate of the book it is
    verified, with another one, or one that was not good for it when the hub accepted this, it is reported, and refused
    where proof is required. What nobody signed is refused, and so is what was not signed for us.
    """
    try:
        return _judge(octets, user_message, sent, participant)
    except FailedAuthentication as error:
        raise FailedAuthentication(texts.PROOF_OF_ORIGIN, error.detail, compared=error.compared) from None


def _judge(
    octets: bytes, user_message: UserMessage, sent: Sequence[OpeningPart], participant: Participant
) -> JudgedOrigin:
    document = read_origin(octets)
    proved = document.user_message
    if proved.timestamp > user_message.timestamp + _SKEW:
        raise FailedAuthentication(detail="the proof of origin is younger than the message")
    claimed = {each.digest_value for each in _signed_references(document)}
    digests = {
        each.content_id: (method, _digest_as_claimed(each.digests[method], claimed))
        for each in sent
        if (method := document.digest_methods.get(each.content_id, "")) in each.digests
    }
    origin = _verify(document, digests, user_message.timestamp, participant)
    same = all(proved.property(name) == user_message.property(name) for name in _SAME_ON_BOTH_LEGS)
    if not same or (proved.service, proved.action) != (user_message.service, user_message.action):
        raise FailedAuthentication(detail="the hub's header says something else than the sender's")
    if proved.property(names.FINAL_RECIPIENT) not in {each.value for each in participant.party_ids}:
        raise ValueInconsistent(detail="the proof of origin does not name this party as final recipient")
    return JudgedOrigin(
        origin=origin,
        thumbprint=thumbprint_sha256(document.certificate).hex(),
        proof=Proof(party=_signer(proved), message_id=proved.message_id, sent_at=proved.timestamp),
    )


def _digest_as_claimed(digest: PartDigest, claimed: Set[bytes]) -> bytes:
    """By the rule for the part's type, or of its octets as they are when that is what was claimed."""
    raw = digest.as_it_is()
    return raw if raw in claimed else digest.finish()


def explain_unverified(message: InboxMessage, senders: Mapping[str, Sequence[Certificate]]) -> str:
    """Why the signature of a message that was taken proves less than who its sender is, and what to do about it."""
    party, sender = message.origin_party or "", message.original_sender or message.origin_party or ""
    about, thumbprint = message.tracking_identifier, message.origin_thumbprint
    book = _book(sender, senders)
    objection = _objection([each for each in book if thumbprint_sha256(each).hex() == thumbprint], message.sent_at)
    if objection is not None:
        return (
            f"{about}: it was signed with a certificate that is under {sender} in `senders` in participant.yaml"
            f" ({thumbprint}), but {objection}; ask {sender} whether the message is its own, and the hub's operator why"
            " it was taken"
        )
    if not _covers(party, sender):
        known = thumbprint in {thumbprint_sha256(each).hex() for each in senders.get(party, ())}
        by = f"by a certificate of {party} that you know" if known else "by a certificate that you do not know"
        return (
            f"{about}: {party} signed it in the name of {sender}, {by} ({thumbprint}); ask {sender} whether that party"
            f" acts for it, and if so add the certificate under {sender} in `senders` in participant.yaml too"
        )
    if any(each in senders for each in _names_of(sender)):
        return (
            f"{about}: no certificate of {sender} under `senders` in participant.yaml verifies its signature"
            f" ({thumbprint}); ask that party for its certificate of today, and whether the message is its own"
        )
    return (
        f"{about}: nobody vouches for its signature: {sender} is not under `senders` in participant.yaml"
        f" ({thumbprint}); ask that party for its signing certificate and add it there"
    )


def _verify(
    document: Origin, digests: Mapping[str, tuple[str, bytes]], at: datetime, participant: Participant
) -> OriginVerdict:
    party = _signer(document.user_message)
    sender = document.user_message.property(names.ORIGINAL_SENDER) or party
    book = _book(sender, participant.senders)
    good = [each for each in book if certificate_objection(each, at, usage="signing") is None]
    if good:
        try:
            verify_origin(document, certificates=good, at=at, part_digests=digests)
        except EbmsError:
            pass  # that nobody signed it is said below
        else:
            return "verified"
    verify_origin(document, certificates=None, at=at, part_digests=digests)
    if participant.origin_required:
        objection = _objection([each for each in book if each == document.certificate], at)
        raise PolicyNoncompliance(detail=objection or _why_unverified(party, sender, is_known=bool(book)))
    return "unverified"


def _book(sender: str, senders: Mapping[str, Sequence[Certificate]]) -> list[Certificate]:
    return [each for name in _names_of(sender) for each in senders.get(name, ())]


def _objection(known: Sequence[Certificate], at: datetime) -> str | None:
    """What was wrong with a certificate of the book when the hub accepted what it signed; None where nothing was."""
    found = (certificate_objection(each, at, usage="signing") for each in known)
    objection = next((each for each in found if each is not None), None)
    return None if objection is None else f"{WHEN_ACCEPTED} ({at:%Y-%m-%d %H:%M:%SZ}) {objection}"


def _why_unverified(party: str, sender: str, *, is_known: bool) -> str:
    if not _covers(party, sender):
        return f"{party} {IN_THE_NAME_OF} {sender}, under whose name `senders` in participant.yaml does not have it"
    if is_known:
        return f"no certificate of {sender} under `senders` in participant.yaml verifies its proof of origin"
    return f"{sender}, who signed the proof of origin, is not under `senders` in participant.yaml"


def _signer(proved: UserMessage) -> str:
    return proved.from_party.party_ids[0].value


def _names_of(sender: str) -> tuple[str, ...]:
    """A party, and the organisation whose business unit it is, which signs for itself with all its units."""
    organisation, _, unit = sender.partition(":")
    return (sender, organisation) if unit else (sender,)


def _covers(party: str, sender: str) -> bool:
    return party in _names_of(sender)


def _signed_references(proof: Origin) -> list[PartReference]:
    signed_info = only_child(proof.signature, security_names.SIGNED_INFO)
    return [read_reference(each) for each in signed_info.iterchildren(security_names.REFERENCE)]
