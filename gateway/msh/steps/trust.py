"""Match, verify, judge: from header values that nobody vouches for to a user message that its sender signed, now.

`match` finds the P-Mode of today and who signed for that party before; `verify` holds the signature against one
certificate of either and leaves time aside; `judge` asks what only counts for a message that was not accepted before.

SECURITY: `match` only chooses with whose certificate and which algorithms to verify; what it learns has no other
effect, and where no signature of a participant holds, the answer is the same whoever takes part. `verify` sees to it
that the element whose digest agreed is the very one that was read, and the journey goes on with what that one says. A
certificate that is not in the P-Mode of today has no effect at all where no acceptance is found: answer, cost and
number of reads are those for a certificate that nobody ever knew (decisions 0013 and 0017).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from crypto.certificates import der
from crypto.verify import VerificationPolicy
from gateway.ebms import texts
from gateway.ebms.consistency import check_body_declared, declares_body
from gateway.ebms.envelope import must_understand
from gateway.ebms.errors import (
    EbmsError,
    FailedAuthentication,
    InvalidHeader,
    MimeInconsistency,
    ProcessingModeMismatch,
    error_for,
)
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.model import UserMessage
from gateway.ebms.said import said
from gateway.ebms.verification import named_signer
from gateway.edge.peer_addresses import parse_address, within
from gateway.msh.exchange import Request
from gateway.msh.journey import Candidate, Envelope, Matched, Signed, Trusted
from gateway.msh.later import Cause, Postponed
from gateway.msh.revocation import Revocation, refuse
from gateway.msh.signers import KnownSigners, certificate_of
from gateway.store.model import Signer
from gateway.traced import step
from pmodes.configuration import Configuration
from pmodes.match import match_user_message, senders_named, told_to_all
from pmodes.model import Leg, Organisation, Security, Strictness
from pmodes.term import local_day
from pmodes.texts import CALLED_FROM_ELSEWHERE, SUSPENDED
from pmodes.trust import Vouched
from pmodes.vouching import against_vouching, vouched_for

DUPLICATE_WINDOW = timedelta(days=90)  # how long an acceptance is remembered


@step("match")
def match(
    user_message: UserMessage, envelope: Envelope, configuration: Configuration, known: KnownSigners, at: datetime
) -> Matched:
    """What these header values name; nothing else is done with them before they are verified."""
    # A Body that nobody declares may have been put there on the way: its signature is asked first.
    body_has_content = envelope.positions.body_has_content and declares_body(user_message)
    check_user_message(user_message, body_has_content=body_has_content)
    signers = tuple(each for each in known.of(user_message.from_party) if configuration.may_repeat(each.sender))
    before = _who_signed_before(signers, configuration, at)
    try:
        pmode = match_user_message(configuration, user_message, local_day(at))
    except EbmsError as mismatch:
        return Matched(
            pmode=None,
            mismatch=mismatch,
            told_to_all=told_to_all(configuration, user_message),
            candidates=(_nobody(configuration, at), *_who_may_send(user_message, envelope, configuration, at), *before),
            signers=signers,
        )
    return Matched(
        pmode=pmode,
        mismatch=None,
        told_to_all=None,
        candidates=(_today(pmode.organisation, pmode.security, envelope, configuration, at), *before),
        signers=signers,
    )


@step("verify")
def verify(user_message: UserMessage, envelope: Envelope, matched: Matched, duplicate_secret: bytes) -> Signed:
    """Hold the signature over Messaging, Body and every part against one certificate, whatever the time.

    Raises what the message deserves where nobody who may send it signed it: that is the same for a party that is
    unknown and for one whose signature it is not, and what differs stands in the detail.
    """
    policy, *others = (each.policy for each in matched.candidates)
    try:
        verified = envelope.signature.verify(policy, others=others)
    except EbmsError as error:
        raise matched.told_to_all or _with_mismatch(error, matched) from None
    found = next(each for each in matched.candidates if each.policy is verified.policy)
    organisation = found.organisation
    unbound = None if organisation is None else _unbound(organisation, matched, envelope.frame.request)
    signer = Signer(
        sender=found.sender,
        from_party=user_message.from_party.key,
        certificate=der(verified.certificate),
        suite=verified.policy.suite.name,
        key_reference=found.key_reference,
    )
    objection = matched.mismatch
    if organisation is None and verified.objection is not None:  # an older certificate is answered like one of nobody's
        objection = matched.told_to_all or _with_mismatch(error_for(verified.objection), matched)
    senders = dict.fromkeys(_senders(signer, objection, matched))
    return Signed(
        user_message=user_message,
        envelope=envelope,
        verified=verified,
        signer=signer,
        keys=tuple(duplicate_key(duplicate_secret, each, user_message.message_id) for each in senders),
        said=said(
            user_message,
            messaging=verified.messaging,
            body=verified.body,
            digests=verified.part_digests,
            references=verified.references,
        ),
        soap_sha256=hashlib.sha256(envelope.frame.root).digest(),
        objection=objection,
        unbound=unbound,
        organisation=organisation,
    )


def _unbound(organisation: Organisation, matched: Matched, request: Request) -> EbmsError | None:
    """Why not over this connection; whoever else may send as From is not bound to it."""
    try:
        check_connection(organisation, request)
    except FailedAuthentication as error:
        return matched.told_to_all or _with_mismatch(error, matched)
    return None


def check_bound(signed: Signed) -> None:
    """Refuse what was not accepted in these octets where its sender is bound to another TLS client certificate."""
    if signed.unbound is not None:
        raise signed.unbound


def check_may_sign(signed: Signed, configuration: Configuration, revocation: Revocation, at: datetime) -> None:
    """The same of what was not accepted before, and refuse a certificate that was revoked, or of which its P-Mode wants
    to know more; one that is none of today's is refused by its objection.
    """
    if signed.unbound is not None:
        raise signed.unbound
    if signed.organisation is None:
        return
    party, certificate = signed.organisation.party_id, signed.verified.certificate
    wanted = configuration.template(signed.organisation, Leg.SENDING).security.revocation
    doubt = revocation.doubt(certificate, at, wanted=wanted, party=party)
    if doubt is not None:
        refuse(doubt, party)


def _with_mismatch(error: EbmsError, matched: Matched) -> EbmsError:
    """The same error, whose detail tells the operator what the P-Modes have against the message, too, and what keeps a
    root from vouching for its certificate."""
    for each in matched.candidates:
        if (found := against_vouching(each.vouched)) is not None:
            error.compared = (*error.compared, found)
    if matched.mismatch is not None:
        error.detail = f"{error.detail}; {matched.mismatch.detail}"
        error.compared = (*error.compared, *matched.mismatch.compared)
    return error


def judge(signed: Signed, matched: Matched) -> Trusted:
    """What only counts for a message that was not accepted before: today's P-Mode, its certificates, its packaging.

    What the message says of time is for `gateway.msh.steps.freshness`.
    """
    if signed.objection is not None:
        raise signed.objection
    if matched.pmode is None:
        raise RuntimeError("a message that no P-Mode matches has an objection")
    sender = matched.pmode.organisation
    if sender.suspended or sender.addresses:
        check_admitted(sender, signed.envelope.frame.request)
    check_packaging(signed.envelope, matched.pmode.strictness)
    check_body_declared(signed.user_message, body_has_content=signed.envelope.positions.body_has_content)
    return Trusted(signed=signed, pmode=matched.pmode)


def policy_of(security: Security, vouched: Vouched, at: datetime) -> VerificationPolicy:
    """What a P-Mode takes of a signature, whatever the time: certificates that it lists, and the one in the envelope
    where a root vouches for it."""
    return VerificationPolicy(
        suite=security.suite,
        certificates=(*security.signature_certificates, *vouched.certificates),
        terms=security.signature_terms,
        at=at,
        minimum_rsa_bits=security.minimum_rsa_bits,
        judges_time=False,
    )


def policy_of_nobody(configuration: Configuration, at: datetime) -> VerificationPolicy:
    """What takes no signature, and costs what the suite of the hub does."""
    return VerificationPolicy(suite=configuration.hub.suite, certificates=(), at=at, judges_time=False)


def _today(
    organisation: Organisation, security: Security, envelope: Envelope, configuration: Configuration, at: datetime
) -> Candidate:
    """An organisation that sends so today."""
    vouched = vouched_for(configuration, organisation, partial(named_signer, envelope.positions), at)
    return Candidate(
        sender=organisation.party_id,
        policy=policy_of(security, vouched, at),
        key_reference=security.key_reference.value,
        organisation=organisation,
        vouched=vouched,
    )


def _nobody(configuration: Configuration, at: datetime) -> Candidate:
    """Whose signature none can be."""
    return Candidate(sender="", policy=policy_of_nobody(configuration, at), key_reference="")


def _who_may_send(
    user_message: UserMessage, envelope: Envelope, configuration: Configuration, at: datetime
) -> Iterator[Candidate]:
    """The organisations that send for that party today, by what they take for whatever they send."""
    for organisation in senders_named(configuration, user_message):
        security = configuration.template(organisation, Leg.SENDING).security
        yield _today(organisation, security, envelope, configuration, at)


def _who_signed_before(signers: Iterable[Signer], configuration: Configuration, at: datetime) -> Iterator[Candidate]:
    """What was taken when something was accepted."""
    for signer in signers:
        suite = configuration.suites.get(signer.suite)
        if suite is not None:
            yield Candidate(
                sender=signer.sender,
                policy=VerificationPolicy(
                    suite=suite,
                    certificates=(certificate_of(signer.certificate),),
                    at=at,
                    minimum_rsa_bits=0,
                    judges_time=False,
                ),
                key_reference=signer.key_reference,
            )


def _senders(signer: Signer, objection: EbmsError | None, matched: Matched) -> Iterator[str]:
    """Under which party ids an acceptance of this signer's may stand: who signs for a party today stands for it
    whoever signed for it before, an older certificate for those whose it was."""
    yield signer.sender
    for each in matched.signers:
        if objection is None or each.certificate == signer.certificate:
            yield each.sender


def check_connection(organisation: Organisation, request: Request) -> None:
    """Refuse a connection whose client certificate is not that organisation's, where it names some."""
    if organisation.tls_thumbprints and request.tls_thumbprint not in organisation.tls_thumbprints:
        if request.tls_thumbprint is None:
            detail, found = "no TLS client certificate was shown, and the P-Mode lists some", ABSENT
        else:
            detail, found = "the TLS client certificate is none that the P-Mode lists", "another certificate"
        listed = " or ".join(f"certificate {each}" for each in sorted(organisation.tls_thumbprints))
        shown = Compared(what="TLS client certificate", expected=listed, found=found)
        raise FailedAuthentication(detail=detail, compared=[shown])


def check_admitted(organisation: Organisation, request: Request) -> None:
    """Refuse whoever may neither push nor pull for now, or not from there; asked of nothing that was accepted before,
    and of no receipt. It is told to nobody else, for his signature held.
    """
    if organisation.suspended:
        raise suspended(organisation)
    if organisation.addresses and not within(parse_address(request.address), organisation.addresses):
        if not request.address_known:  # what the proxy left out is no fault of whoever called through it
            raise Postponed(
                Cause.PROXY, "the caller's address is not known, and the file lists some", about=organisation.party_id
            )
        listed = " or ".join(map(str, organisation.addresses))
        shown = Compared(what="the caller's address", expected=listed, found=ANOTHER)
        raise ProcessingModeMismatch(CALLED_FROM_ELSEWHERE, "the address is none that the file lists", compared=[shown])


def suspended(organisation: Organisation) -> EbmsError:
    """What refuses whoever may neither push nor pull for now."""
    return ProcessingModeMismatch(
        SUSPENDED,
        f"{organisation.party_id} is suspended",
        compared=[Compared(what=f"suspended of {organisation.party_id}", expected="false", found="true")],
    )


def check_packaging(envelope: Envelope, strictness: Strictness) -> None:
    """What a P-Mode may demand of the packaging and most senders are forgiven (T08, H56)."""
    if strictness.must_understand_required and not must_understand(envelope.positions.messaging):
        found = Compared(what="Knooppunt.MustUnderstandRequired", expected="mustUnderstand", found="absent or false")
        raise InvalidHeader(texts.MUST_UNDERSTAND_MISSING, "mustUnderstand is absent or false", compared=[found])
    if strictness.type_parameter_required and not envelope.frame.type_declared:
        found = Compared(what="Knooppunt.TypeParameterRequired", expected="the parameter type", found=ABSENT)
        raise MimeInconsistency(detail="multipart/related without its type parameter", compared=[found])


def duplicate_key(secret: bytes, sender: str, message_id: str) -> bytes:
    """What a second arrival is known by, and no one else can compute."""
    return hmac.new(secret, f"{sender}\0{message_id}".encode(), hashlib.sha256).digest()
