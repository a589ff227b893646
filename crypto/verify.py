"""Verifying the signature of an AS4 message.

Order of work: forms, counts and algorithms; ids; which elements are meant; the certificate; the signature value over
SignedInfo; the digests; what the certificate and wsu:Timestamp say of time. Then, and only then, `Verified` hands out
the very elements that were signed. Digests of parts are handed out as expected values: whoever streams the parts
digests them and asks `VerifiedReference.matches` or `PartDigest.matches`.

Clauses: AS4 5.1.4, 5.1.5; ebMS3 Core 7; WSS SOAP Message Security 1.1.1 8; WSS SwA Profile 1.1.1 5.

SECURITY: the caller says by position which elements it will go on with, and a signature that covers any other element
is refused, whatever its id. The key is one that the P-Mode pins; KeyInfo can only choose among those. Until the
signature value holds, whoever wrote the message gets one canonicalization, of SignedInfo, and one public-key operation
out of us, however much there is to digest and whoever is asked whether it is his.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from crypto import names
from crypto.canonical import canonical_octets
from crypto.certificates import (
    MINIMUM_RSA_BITS,
    WHOLE_VALIDITY,
    Certificate,
    Terms,
    any_key_of,
    certificate_objection,
    check_validity,
    public_key_of,
)
from crypto.digest import DIGESTS
from crypto.elements import Element, child_elements, document_root, fragment_of, ids_of, local_name, only_child
from crypto.faults import FailedAuthentication, SecurityFault
from crypto.findings import CertificateUnknown, DigestFound, LeftUncovered, ReferenceUnresolved, SignatureFound
from crypto.forms import form_fault
from crypto.key_references import KeyIdentification, read_key_info
from crypto.signed_info import SignatureForm, VerifiedReference, read_signature
from crypto.suites import Suite
from crypto.timestamps import Lifetime, check_lifetime, read_lifetime

MAX_REFERENCES = 66
# Sixty-four encrypted parts, two keys, a signature, a Timestamp, tokens, and some comments between them.
MAX_SECURITY_CHILDREN = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPolicy:
    """What a signature has to satisfy: `certificates` are those a P-Mode pins, `at` is the time to judge at.

    Without `judges_time` the signature is held against everything but the time: what the certificate and wsu:Timestamp
    say of it is in `Verified`, for a caller who knows how far his clock can be trusted. `at` then only chooses among
    several certificates of one key. `terms` are those of certificates that count for less than their validity. Without
    `judges_fitness` a certificate is asked for its key alone, whatever that may be used for and however short it is:
    the signature then tells who holds the key, and no more.
    """

    suite: Suite
    certificates: tuple[Certificate, ...]
    at: datetime
    terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    judges_time: bool = True
    judges_fitness: bool = True
    minimum_rsa_bits: int = MINIMUM_RSA_BITS
    max_references: int = MAX_REFERENCES


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that holds: the elements it covers, and the digests that the parts still have to show.

    `references` are in the order of SignedInfo, as a receipt repeats them; `part_digests` are those of parts, by
    Content-ID (percent-decoded, without angle brackets). `elements` are all that are signed, in the same order, each
    with the canonical octets that were digested; `ids` are those of the whole document. `lifetime` is what a signed
    wsu:Timestamp says; of one that is not signed the form is judged, and nothing is told. `policy` is the one that the
    signature satisfies; where that is one of the others, `objection` is what the first one had against it.
    """

    messaging: Element
    body: Element
    elements: tuple[tuple[Element, bytes], ...]
    ids: Mapping[str, Element]
    references: tuple[VerifiedReference, ...]
    part_digests: Mapping[str, VerifiedReference]
    certificate: Certificate
    signature: Element
    policy: VerificationPolicy
    lifetime: Lifetime = Lifetime()  # noqa: RUF009 - frozen
    objection: SecurityFault | None = None


def verify(
    security: Element,
    *,
    messaging: Element,
    body: Element,
    content_ids: frozenset[str],
    policy: VerificationPolicy,
    others: Sequence[VerificationPolicy] = (),
) -> Verified:
    """Verifies the one signature in a wsse:Security.

    `messaging` and `body` are the elements at their fixed positions, `content_ids` the parts that the message
    declares. Raises PolicyNoncompliance or FailedAuthentication, and no other exception. Where the signature does not
    have the form that `policy` wants, or names none of its certificates, the first of `others` where it does counts in
    its place; the public-key operation is one all the same, and a fault is the one that `policy` alone would give.
    """
    with signature_in(security, messaging=messaging, body=body, content_ids=content_ids) as signature:
        return signature.verify(policy, others=others)


def signature_in(security: Element, *, messaging: Element, body: Element, content_ids: frozenset[str]) -> OneSignature:
    """The one signature in a wsse:Security, to be held against several policies one after another; as `verify`."""
    _check_size(security)
    signature, beside = only_child(security, names.SIGNATURE), child_elements(security)
    return OneSignature(signature, _Positions(messaging=messaging, body=body, content_ids=content_ids, beside=beside))


def verify_signature(
    signature: Element,
    *,
    beside: Sequence[Element],
    messaging: Element,
    body: Element,
    content_ids: frozenset[str],
    policy: VerificationPolicy,
) -> Verified:
    """Verifies one ds:Signature that may stand outside a wsse:Security.

    `beside` are the elements among which the signature's BinarySecurityToken and a signed wsu:Timestamp may stand:
    the children of wsse:Security, or the siblings of the signature in a document that keeps a signature as evidence.
    All elements have to be of one document. Otherwise as `verify`.
    """
    positions = _Positions(messaging=messaging, body=body, content_ids=content_ids, beside=beside)
    return OneSignature(signature, positions).verify_by(policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Positions:
    """What the caller says of the message: which elements it will go on with."""

    messaging: Element
    body: Element
    content_ids: frozenset[str]
    beside: Sequence[Element]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A signature whose form is right: what it covers, and how it names its certificate."""

    form: SignatureForm
    ids: Mapping[str, Element]
    elements: Mapping[str, Element]
    part_digests: Mapping[str, VerifiedReference]
    lifetime: Lifetime
    signer: KeyIdentification
    signature: Element


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A signature whose form is right and whose certificate is pinned; nothing is computed yet."""

    said: _Said
    certificate: Certificate
    public_key: PublicKeyTypes
    policy: VerificationPolicy


_Digested = tuple[tuple[Element, bytes], ...]


class OneSignature:
    """One signature, which is read once and computed once however many policies it is held against.

    What it takes to refuse one that names no certificate is owed until the end of the context, for a policy that is
    asked later may have the certificate; then the one public-key operation is with its key. So the time tells of no
    policy whether it had it.
    """

    def __init__(self, signature: Element, positions: _Positions) -> None:
        self._positions = positions
        self._signature = signature
        self._read: list[tuple[Suite, int, _Said | SecurityFault]] = []
        self._computed: list[tuple[PublicKeyTypes, _Digested | SecurityFault]] = []
        self._owed: SignatureForm | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        form, self._owed = self._owed, None
        if form is not None and not self._computed:
            with suppress(SecurityFault):
                form.algorithm.verify(None, form.value, canonical_octets(form.signed_info, form.prefixes))

    def verify(self, policy: VerificationPolicy, *, others: Sequence[VerificationPolicy] = ()) -> Verified:
        """As the function `verify`; what is refused for want of a certificate costs its time at the end."""
        try:
            claim = self._claim(policy)
        except SecurityFault as objection:
            return self._verify_by_another(policy, others, objection)
        return self._hold(claim)

    def verify_by(self, policy: VerificationPolicy) -> Verified:
        """By this policy or not at all; nothing is owed where it has not the certificate."""
        return self._hold(self._claim(policy))

    def _verify_by_another(
        self, policy: VerificationPolicy, others: Sequence[VerificationPolicy], objection: SecurityFault
    ) -> Verified:
        for other in others:
            try:
                claim = self._claim(other)
            except SecurityFault:
                continue
            try:
                return replace(self._hold(claim), objection=objection)
            except SecurityFault:
                raise objection from None
        with suppress(SecurityFault):  # a form that is refused is so for everybody
            self._owed = self._said(policy).form
        raise objection

    def _said(self, policy: VerificationPolicy) -> _Said:
        """What the signature says; raises for every form that the suite of the policy does not take."""
        outcome = next(
            (known for suite, most, known in self._read if suite is policy.suite and most == policy.max_references),
            None,
        )
        if outcome is None:
            try:
                outcome = _read(self._signature, self._positions, policy)
            except SecurityFault as fault:
                outcome = fault
            self._read.append((policy.suite, policy.max_references, outcome))
        if isinstance(outcome, SecurityFault):
            raise outcome
        return outcome

    def _claim(self, policy: VerificationPolicy) -> _Claim:
        """What the signature claims; raises for every form and for every certificate that the policy does not take."""
        said = self._said(policy)
        certificate = _named_certificate(said.signer, policy)
        return _Claim(
            said=said,
            certificate=certificate,
            public_key=public_key_of(certificate, minimum_rsa_bits=policy.minimum_rsa_bits)
            if policy.judges_fitness
            else any_key_of(certificate),
            policy=policy,
        )

    def _hold(self, claim: _Claim) -> Verified:
        """The signature value first, then the digests, then what certificate and wsu:Timestamp say of time."""
        said, policy = claim.said, claim.policy
        verified = Verified(
            messaging=self._positions.messaging,
            body=self._positions.body,
            elements=self._digested(claim),
            ids=said.ids,
            references=said.form.references,
            part_digests=MappingProxyType(said.part_digests),
            certificate=claim.certificate,
            signature=said.signature,
            lifetime=said.lifetime,
            policy=policy,
        )
        if policy.judges_time:
            check_validity(claim.certificate, policy.at, policy.terms)
            check_lifetime(said.lifetime, policy.at)
        return verified

    def _digested(self, claim: _Claim) -> _Digested:
        """What the signature covers under the key that is claimed; the same at every time, so it is computed once."""
        outcome = next((known for key, known in self._computed if key == claim.public_key), None)
        if outcome is None:
            try:
                outcome = _compute(claim)
            except SecurityFault as fault:
                outcome = fault
            self._computed.append((claim.public_key, outcome))
        if isinstance(outcome, SecurityFault):
            raise outcome
        return outcome


def _compute(claim: _Claim) -> _Digested:
    form = claim.said.form
    octets = canonical_octets(form.signed_info, form.prefixes)
    try:
        form.algorithm.verify(claim.public_key, form.value, octets)
    except FailedAuthentication as fault:
        found = SignatureFound(certificate=claim.certificate, algorithm=form.algorithm.uri)
        raise fault.resting_on(found) from None
    return _digested(form.references, claim.said.elements)


def _read(signature: Element, positions: _Positions, policy: VerificationPolicy) -> _Said:
    form = read_signature(signature, policy.suite, max_references=policy.max_references)
    ids = ids_of(document_root(signature))
    timestamps = [each for each in positions.beside if each.tag == names.TIMESTAMP]
    if len(timestamps) > 1:
        raise form_fault("there is more than one Timestamp")
    lifetime = read_lifetime(timestamps[0]) if timestamps else Lifetime()
    allowed = (positions.messaging, positions.body, *timestamps)
    elements, part_digests = _assign(form.references, ids, allowed, positions.content_ids)
    if not any(each is positions.messaging for each in elements.values()):
        raise form_fault("eb:Messaging is not signed", finding=LeftUncovered(what="eb:Messaging", by="signed"))
    if not any(each is positions.body for each in elements.values()):
        raise form_fault("the SOAP Body is not signed", finding=LeftUncovered(what="S12:Body", by="signed"))
    if unsigned := len(positions.content_ids - part_digests.keys()):
        finding = LeftUncovered(what="declared parts", by="signed", count=unsigned)
        raise form_fault("{} declared parts are not signed", unsigned, finding=finding)
    return _Said(
        form=form,
        ids=ids,
        elements=elements,
        part_digests=part_digests,
        lifetime=lifetime if any(each is timestamps[0] for each in elements.values() if timestamps) else Lifetime(),
        signer=read_key_info(form.key_info, lambda token_id: _token(ids, positions.beside, token_id)),
        signature=signature,
    )


def signer_candidates(security: Element) -> KeyIdentification:
    """How a message names its signing certificate, trusting nothing: to look up whose message it claims to be.

    Raises PolicyNoncompliance or FailedAuthentication when it does not name one in a form that is read.
    """
    _check_size(security)
    signature = only_child(security, names.SIGNATURE)
    ids = ids_of(document_root(security))
    return read_key_info(only_child(signature, names.KEY_INFO), lambda token_id: _token(ids, list(security), token_id))


def _check_size(security: Element) -> None:
    if len(security) > MAX_SECURITY_CHILDREN:
        raise form_fault("the security header holds more than {} elements and comments", MAX_SECURITY_CHILDREN)


def _assign(
    references: Sequence[VerifiedReference],
    ids: Mapping[str, Element],
    allowed: Sequence[Element],
    content_ids: frozenset[str],
) -> tuple[dict[str, Element], dict[str, VerifiedReference]]:
    """Which element each `#id` means, by URI, and which reference belongs to each part; nothing twice."""
    elements: dict[str, Element] = {}
    part_digests: dict[str, VerifiedReference] = {}
    for place, reference in enumerate(references, start=1):
        element_id = fragment_of(reference.uri)
        if element_id is not None:
            element = ids.get(element_id)
            if element is None or not any(element is each for each in allowed):
                finding = ReferenceUnresolved(
                    element="ds:Reference", place=place, of=len(references), wanted="an element that may be signed"
                )
                raise form_fault("a reference is to no element that may be signed", finding=finding)
            if any(element is each for each in elements.values()):
                raise form_fault("an element is signed twice")
            elements[reference.uri] = element
        else:
            content_id = reference.content_id
            if content_id is None or content_id not in content_ids:
                finding = ReferenceUnresolved(
                    element="ds:Reference", place=place, of=len(references), wanted="a part that the header declares"
                )
                raise form_fault("a reference is to a part that is not declared", finding=finding)
            if content_id in part_digests:
                raise form_fault("a part is signed twice")
            part_digests[content_id] = reference
    return elements, part_digests


def _named_certificate(signer: KeyIdentification, policy: VerificationPolicy) -> Certificate:
    """The pinned certificate that KeyInfo names; of several for one key the first that may be used now."""
    named = [each for each in policy.certificates if signer.names(each)]
    if not named:
        finding = CertificateUnknown(element="ds:KeyInfo", form=signer.form, held_against=policy.certificates)
        raise FailedAuthentication(f"the {signer.form} names no certificate that the P-Mode has", finding)
    return next((each for each in named if _usable(each, policy)), named[0])


def _usable(certificate: Certificate, policy: VerificationPolicy) -> bool:
    objection = certificate_objection(
        certificate,
        policy.at,
        usage="signing",
        minimum_rsa_bits=policy.minimum_rsa_bits,
        terms=policy.terms,
    )
    return objection is None


def _digested(references: Sequence[VerifiedReference], elements: Mapping[str, Element]) -> _Digested:
    """The signed elements in the order of SignedInfo, each with the canonical octets whose digest agreed."""
    digested: list[tuple[Element, bytes]] = []
    for place, reference in enumerate(references, start=1):
        element = elements.get(reference.uri)
        if element is not None:
            octets = canonical_octets(element, reference.prefix_lists[0])
            if not reference.matches(DIGESTS[reference.digest_method].digest(octets)):
                finding = DigestFound(
                    place=place, of=len(references), target=local_name(element), method=reference.digest_method
                )
                raise FailedAuthentication(f"the digest of {finding.target} does not match", finding)
            digested.append((element, octets))
    return tuple(digested)


def _token(ids: Mapping[str, Element], beside: Sequence[Element], token_id: str) -> Element | None:
    element = ids.get(token_id)
    return element if any(element is each for each in beside) else None
