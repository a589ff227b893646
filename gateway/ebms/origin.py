"""Proof of origin: what the sender signed on leg 1, carried to the receiver beside its parts on leg 2.

`origin.xml` holds the sender's eb:Messaging, SOAP Body and ds:Signature, the token and the wsu:Timestamp that the
signature refers to, and the signer's certificate. The hub keeps the octets and the Content-IDs of the parts from leg 1
to leg 2; so the receiver, who digests each part anyway, verifies the sender's own signature over exactly what it got
and needs to trust the hub for nothing. How the parts travelled between the hub and the receiver has no influence on it.

The elements are written as their canonical octets, with the PrefixLists that the signature uses, into a wrapper that
has one prefix (none of those) and no default namespace: exclusive canonicalization of the copies then gives the same
octets. Clauses: AS4 5.1.4, 5.1.5; Exclusive XML Canonicalization 1.0 3.

SECURITY: `read_origin` verifies nothing; only what `verify_origin` answers is the sender's. Without a list of
certificates it proves that the holder of `Origin.certificate` sent the message, and who that is remains to be judged;
so does, in both cases, whether that certificate was good for it when the hub accepted the message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import Final

from crypto import names as security_names
from crypto.canonical import canonical_octets, prefix_list_of
from crypto.certificates import Certificate, der, load_certificates
from crypto.content_ids import content_id_of
from crypto.elements import (
    Element,
    base64_of,
    base64_text,
    child_elements,
    fragment_of,
    only_child,
)
from crypto.faults import PolicyNoncompliance, SecurityFault, UnusableCredential
from crypto.suites import SUITES, Suite
from crypto.verify import VerificationPolicy, Verified, verify_signature
from gateway.ebms import names
from gateway.ebms.consistency import content_ids
from gateway.ebms.errors import EbmsError, FailedAuthentication, error_for
from gateway.ebms.evidence import ANOTHER, Compared
from gateway.ebms.model import Messaging, Property, UserMessage
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import read_reference
from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import DocumentFault, parse_document

NAMESPACE: Final = "urn:knooppunt:origin:1"
MIME_TYPE: Final = names.APPLICATION_XML
# How the part is recognised in the header of leg 2.
PART_PROPERTY: Final = Property(name=names.PURPOSE, value="proof-of-origin")
# Canonical copies declare a namespace wherever it is used first, so they are larger than what they are copies of.
_LIMITS: Final = replace(ENVELOPE_LIMITS, octets=1024 * 1024, namespaces=4_096)
_MOST_CERTIFICATE_CHARACTERS: Final = 24 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an origin.xml claims; nothing in it is verified.

    `digest_methods` tells by Content-ID which digest to make of each part before `verify_origin` is asked.
    """

    user_message: UserMessage
    content_ids: frozenset[str]
    certificate: Certificate
    digest_methods: Mapping[str, str]
    messaging: Element
    body: Element
    beside: tuple[Element, ...]
    signature: Element


def may_be_shown(messaging: Messaging) -> bool:
    """Whether an origin.xml of this message shows the receiver its own message only.

    The sender's signature covers all of eb:Messaging: a receipt bundled with the message would be shown along, with the
    digests of a message that was for somebody else.
    """
    return messaging.user_message is not None and messaging == Messaging(user_message=messaging.user_message)


def build_origin(verified: Verified) -> bytes:
    """The octets of origin.xml for a message whose signature was verified, its elements still in their document."""
    signature = verified.signature
    signed = verified.elements
    method = only_child(only_child(signature, security_names.SIGNED_INFO), security_names.CANONICALIZATION_METHOD)
    signature_prefixes = prefix_list_of(method)
    copies = [
        *(octets for element, octets in signed if element is verified.messaging),
        *(octets for element, octets in signed if element is verified.body),
        *(octets for element, octets in signed if element is not verified.messaging and element is not verified.body),
        *(canonical_octets(token) for token in _tokens(signature, verified.ids)),
        canonical_octets(signature, signature_prefixes),
    ]
    prefix_lists = (signature_prefixes, *(each for reference in verified.references for each in reference.prefix_lists))
    prefix = _free_prefix({prefix for each in prefix_lists for prefix in each})
    certificate = base64_text(der(verified.certificate))
    head = f'<{prefix}:Origin xmlns:{prefix}="{NAMESPACE}">'
    tail = f"<{prefix}:Certificate>{certificate}</{prefix}:Certificate></{prefix}:Origin>"
    return b"".join((head.encode("ascii"), *copies, tail.encode("ascii")))


def read_origin(octets: bytes) -> Origin:
    """Take an origin.xml apart; FailedAuthentication when it is not one."""
    try:
        root = parse_document(octets, limits=_LIMITS)
        children = child_elements(root)
        if root.tag != f"{{{NAMESPACE}}}Origin" or len(children) < 4:
            raise FailedAuthentication(detail="the document is not an origin.xml")
        messaging, body, *beside, signature, certificate = children
        if [messaging.tag, body.tag, signature.tag, certificate.tag] != [
            f"{{{names.EB}}}Messaging",
            f"{{{names.SOAP12}}}Body",
            security_names.SIGNATURE,
            f"{{{NAMESPACE}}}Certificate",
        ]:
            raise FailedAuthentication(detail="the parts of the origin.xml are not in their order")
        user_message = None if header_violations(messaging) else read_messaging(messaging).user_message
        if user_message is None:
            raise FailedAuthentication(detail="the origin.xml holds no user message")
        signed_info = only_child(signature, security_names.SIGNED_INFO)
        references = [read_reference(each) for each in signed_info.iterchildren(security_names.REFERENCE)]
        return Origin(
            user_message=user_message,
            content_ids=frozenset(content_ids(user_message)),
            certificate=_certificate(certificate),
            digest_methods=MappingProxyType(
                {part: each.digest_method for each in references if (part := content_id_of(each.uri)) is not None}
            ),
            messaging=messaging,
            body=body,
            beside=tuple(beside),
            signature=signature,
        )
    except DocumentFault as fault:
        raise FailedAuthentication(detail=f"the origin.xml cannot be read: {fault.reason}") from None
    except (SecurityFault, UnusableCredential, EbmsError) as fault:
        raise FailedAuthentication(detail=f"the origin.xml cannot be read: {fault}") from None


def verify_origin(
    origin: Origin,
    *,
    certificates: Sequence[Certificate] | None,
    at: datetime,
    part_digests: Mapping[str, tuple[str, bytes]],
) -> UserMessage:
    """The sender's verified user message.

    `certificates` are those known to be the sender's and taken for good `at` the moment of acceptance, None to take the
    one that came along. Neither a certificate nor the sender's wsu:Timestamp is judged here: what is read may have
    waited for a month, and the hub judged both by the clock of its arrival. `part_digests` gives, by Content-ID, the
    digest method and the digest of every part that came on leg 2, origin.xml left out; they have to be exactly the
    sender's parts. All algorithms count that any suite accepts. Raises FailedAuthentication or PolicyNoncompliance.
    """
    policy = VerificationPolicy(
        suite=_any_suite(),
        certificates=(origin.certificate,) if certificates is None else tuple(certificates),
        at=at,
        judges_time=False,
        judges_fitness=False,
    )
    try:
        verified = verify_signature(
            origin.signature,
            beside=origin.beside,
            messaging=origin.messaging,
            body=origin.body,
            content_ids=origin.content_ids,
            policy=policy,
        )
    except SecurityFault as fault:
        raise error_for(fault) from None
    if part_digests.keys() != origin.content_ids:
        unsigned = len(part_digests.keys() - origin.content_ids)
        lost = len(origin.content_ids - part_digests.keys())
        parts = Compared(what="parts", expected="those that the sender signed", found=f"{unsigned} others, {lost} lost")
        raise FailedAuthentication(detail="the parts that came are not the sender's parts", compared=[parts])
    for place, (content_id, expected) in enumerate(verified.part_digests.items(), start=1):
        method, digest = part_digests[content_id]
        if method != expected.digest_method or not expected.matches(digest):
            signed = Compared(
                what=f"digest of signed part {place}",
                expected=f"the sender's by {expected.digest_method}",
                found=ANOTHER,
            )
            raise FailedAuthentication(detail="a part is not what the sender signed", compared=[signed])
    return origin.user_message


def _tokens(signature: Element, ids: Mapping[str, Element]) -> list[Element]:
    """The tokens that the signature's KeyInfo points to."""
    pointers = only_child(signature, security_names.KEY_INFO).iter(security_names.TOKEN_REFERENCE)
    found = [ids.get(fragment_of(each.get("URI", "")) or "") for each in pointers]
    return [each for each in found if each is not None and each.tag == security_names.BINARY_SECURITY_TOKEN]


def _certificate(element: Element) -> Certificate:
    octets = base64_of(element, limit=_MOST_CERTIFICATE_CHARACTERS, otherwise=PolicyNoncompliance)
    return load_certificates(octets)[0]


def _free_prefix(taken: Set[str]) -> str:
    """A prefix that no PrefixList names: one that did would make the wrapper's own declaration part of a copy."""
    return next(prefix for number in count() if (prefix := f"origin{number or ''}") not in taken)


def _any_suite() -> Suite:
    """Accepts what any of the suites accepts: the receiver has no P-Mode of the sender's."""
    first, *others = SUITES.values()
    return replace(
        first,
        name="any",
        accepted_signatures=first.accepted_signatures + tuple(a for each in others for a in each.accepted_signatures),
        accepted_digests=first.accepted_digests + tuple(a for each in others for a in each.accepted_digests),
    )
