"""What ds:Signature says, read into values before anything is computed.

Only one form is read: exclusive canonicalization, one Transform per Reference, references by `#id` and `cid:` alone
(AS4 5.1.4, 5.1.5). Everything else is PolicyNoncompliance here, so no other transform can ever run.

SECURITY: transforms, algorithms, counts and forms of URIs are all judged before the first canonicalization.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from crypto import names
from crypto.canonical import prefix_list_of
from crypto.content_ids import content_id_of
from crypto.digest import same_digest
from crypto.elements import (
    Element,
    algorithm_fault,
    algorithm_of,
    base64_of,
    child_elements,
    children_named,
    fragment_of,
)
from crypto.faults import FailedAuthentication
from crypto.forms import form_fault
from crypto.signature_algorithms import SignatureAlgorithm
from crypto.suites import Suite

_MAX_SIGNATURE_CHARACTERS = 4096
_MAX_DIGEST_CHARACTERS = 256
# What XML Signature allows nowhere in SignedInfo but canonicalization would sort and digest.
_OTHER_ATTRIBUTE = etree.XPath(
    "boolean(descendant-or-self::*/@*[not(name() = 'Algorithm' or name() = 'URI' or name() = 'PrefixList'"
    " or name() = 'Id' or name() = 'Type')])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedReference:
    """One ds:Reference: what is signed (`#id` or `cid:`), how, and with which digest.

    `transforms` and `prefix_lists` belong together one by one; a transform without InclusiveNamespaces has an empty
    list.
    """

    uri: str
    transforms: tuple[str, ...]
    prefix_lists: tuple[tuple[str, ...], ...]
    digest_method: str
    digest_value: bytes

    @property
    def content_id(self) -> str | None:
        """The Content-ID, percent-decoded and without angle brackets, when this signs a part."""
        return content_id_of(self.uri)

    def matches(self, digest: bytes) -> bool:
        """Whether this is the digest value, in constant time."""
        return same_digest(self.digest_value, digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureForm:
    """A ds:Signature taken apart; nothing in it has been verified."""

    signed_info: Element
    prefixes: tuple[str, ...]
    algorithm: SignatureAlgorithm
    references: tuple[VerifiedReference, ...]
    value: bytes
    key_info: Element


def read_signature(signature: Element, suite: Suite, *, max_references: int) -> SignatureForm:
    """Takes a ds:Signature apart; PolicyNoncompliance for every form and algorithm that the suite does not accept."""
    signed_info, signature_value, key_info = children_named(
        signature, names.SIGNED_INFO, names.SIGNATURE_VALUE, names.KEY_INFO
    )
    if len(signed_info) > 2 * max_references:
        raise form_fault("the signature has more references and comments than a message can have")
    if _OTHER_ATTRIBUTE(signed_info):
        raise form_fault("SignedInfo has an attribute that no signature has")
    children = child_elements(signed_info)
    if [child.tag for child in children[:2]] != [names.CANONICALIZATION_METHOD, names.SIGNATURE_METHOD]:
        raise form_fault("SignedInfo does not begin with its two methods")
    method, signature_method, *references = children
    if not 1 <= len(references) <= max_references:
        raise form_fault("the signature has {} references", len(references))
    if algorithm_of(method) != names.EXC_C14N:
        raise algorithm_fault("the canonicalization {} is not accepted", method, (names.EXC_C14N,))
    algorithm = suite.accepted_signature(algorithm_of(signature_method))
    if algorithm is None or len(signature_method):
        accepted = tuple(each.uri for each in suite.accepted_signatures)
        raise algorithm_fault("the signature algorithm {} is not accepted", signature_method, accepted)
    return SignatureForm(
        signed_info=signed_info,
        prefixes=prefix_list_of(method),
        algorithm=algorithm,
        references=tuple(read_reference(each, suite) for each in references),
        value=base64_of(signature_value, limit=_MAX_SIGNATURE_CHARACTERS, otherwise=FailedAuthentication),
        key_info=key_info,
    )


def read_reference(reference: Element, suite: Suite) -> VerifiedReference:
    """One ds:Reference as a value; also for those that a receipt repeats (AS4 5.1.8)."""
    if reference.tag != names.REFERENCE:
        raise form_fault("something else stands where a Reference should")
    transforms, digest_method, digest_value = children_named(
        reference, names.TRANSFORMS, names.DIGEST_METHOD, names.DIGEST_VALUE
    )
    (transform,) = children_named(transforms, names.TRANSFORM)
    uri = reference.get("URI", "")
    wanted = names.EXC_C14N if fragment_of(uri) is not None else names.ATTACHMENT_CONTENT_TRANSFORM
    if wanted != names.EXC_C14N and content_id_of(uri) is None:
        raise form_fault("a reference names neither an id nor a part")
    if algorithm_of(transform) != wanted:
        raise algorithm_fault("the transform {} is not accepted there", transform, (wanted,))
    if wanted != names.EXC_C14N and len(transform):
        raise form_fault("the attachment transform has a parameter")
    digest = suite.accepted_digest(algorithm_of(digest_method))
    if digest is None or len(digest_method):
        accepted = tuple(each.uri for each in suite.accepted_digests)
        raise algorithm_fault("the digest {} is not accepted", digest_method, accepted)
    return VerifiedReference(
        uri=uri,
        transforms=(wanted,),
        prefix_lists=(prefix_list_of(transform) if wanted == names.EXC_C14N else (),),
        digest_method=digest.uri,
        digest_value=base64_of(digest_value, limit=_MAX_DIGEST_CHARACTERS, otherwise=FailedAuthentication),
    )
