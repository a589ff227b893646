"""Signing an AS4 message: one detached ds:Signature in wsse:Security over elements and parts.

Written in the order that a receiver reads: the token, then the signature; encryption stands in front of both
(`crypto.encrypt`). Elements come as the canonical octets that stand in the envelope (`crypto.markup`), parts as
digests, made while they streamed by (`crypto.digest.PartDigest`). Clauses: AS4 5.1.4, 5.1.5; eDelivery AS4 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from crypto import names
from crypto.content_ids import content_id_uri
from crypto.elements import base64_text
from crypto.key_references import KeyReference, write_key_reference, write_token
from crypto.keys import Signer
from crypto.markup import attribute
from crypto.signed_info import VerifiedReference
from crypto.suites import Suite

# Every prefix that a writer of this package uses inside wsse:Security.
_DECLARATIONS = "".join(
    f' xmlns:{prefix}="{namespace}"'
    for prefix, namespace in (
        ("S12", names.S12),
        ("ds", names.DS),
        ("wsse", names.WSSE),
        ("wsse11", names.WSSE11),
        ("wsu", names.WSU),
        ("xenc", names.XENC),
        ("xenc11", names.XENC11),
    )
)


class Reference(Protocol):
    """What a ds:Reference says, in a signature or repeated in a receipt."""

    @property
    def uri(self) -> str: ...
    @property
    def transforms(self) -> tuple[str, ...]: ...
    @property
    def prefix_lists(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def digest_method(self) -> str: ...
    @property
    def digest_value(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedElement:
    """An element to be signed: its wsu:Id, and its exclusive canonical form, octet for octet as it stands in the
    envelope.
    """

    element_id: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    """A part to be signed: its Content-ID without angle brackets, and its digest by the suite's algorithm."""

    content_id: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature for wsse:Security, its token before it, and its references as a receiver will read them."""

    markup: str
    references: tuple[VerifiedReference, ...]


def sign(
    *,
    elements: Sequence[SignedElement],
    parts: Sequence[SignedPart],
    key: Signer,
    suite: Suite,
    key_reference: KeyReference,
    ids: Callable[[str], str],
) -> Signature:
    """Signs eb:Messaging, the SOAP Body and the parts; `ids` makes a document-wide unique id from a prefix."""
    token_id = ids("X509") if key_reference is KeyReference.TOKEN else None
    token = "" if token_id is None else write_token(key.certificate, token_id)
    references = (
        *(
            _reference(f"#{each.element_id}", names.EXC_C14N, suite, suite.digest.digest(each.octets))
            for each in elements
        ),
        *(
            _reference(content_id_uri(each.content_id), names.ATTACHMENT_CONTENT_TRANSFORM, suite, each.digest)
            for each in parts
        ),
    )
    signed_info = _write_signed_info(references, suite)
    value = base64_text(key.sign(suite.signature, signed_info.encode("utf-8")))
    return Signature(
        markup=(
            f'{token}<ds:Signature Id="{ids("SIG")}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>'
            f"<ds:KeyInfo>{write_key_reference(key.certificate, key_reference, token_id=token_id)}</ds:KeyInfo>"
            "</ds:Signature>"
        ),
        references=references,
    )


def write_security(*contents: str) -> str:
    """A wsse:Security with mustUnderstand; in its contents every prefix of this package is declared."""
    return f'<wsse:Security{_DECLARATIONS} S12:mustUnderstand="true">{"".join(contents)}</wsse:Security>'


def _reference(uri: str, transform: str, suite: Suite, digest: bytes) -> VerifiedReference:
    return VerifiedReference(
        uri=uri,
        transforms=(transform,),
        prefix_lists=((),),
        digest_method=suite.digest.uri,
        digest_value=digest,
    )


def _write_signed_info(references: Sequence[VerifiedReference], suite: Suite) -> str:
    return (
        f'<ds:SignedInfo xmlns:ds="{names.DS}">'
        f'<ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{suite.signature.uri}"></ds:SignatureMethod>'
        f"{''.join(map(write_reference, references))}</ds:SignedInfo>"
    )


def write_reference(reference: Reference, *, declaration: str = "") -> str:
    """A ds:Reference; `declaration` declares its prefix where no element around it uses that."""
    prefix_lists = reference.prefix_lists or ((),) * len(reference.transforms)
    transforms = "".join(
        f'<ds:Transform Algorithm="{attribute(algorithm)}">{_write_prefix_list(prefixes)}</ds:Transform>'
        for algorithm, prefixes in zip(reference.transforms, prefix_lists, strict=True)
    )
    if transforms:
        transforms = f"<ds:Transforms>{transforms}</ds:Transforms>"
    return (
        f'<ds:Reference{declaration} URI="{attribute(reference.uri)}">{transforms}'
        f'<ds:DigestMethod Algorithm="{attribute(reference.digest_method)}"></ds:DigestMethod>'
        f"<ds:DigestValue>{base64_text(reference.digest_value)}</ds:DigestValue></ds:Reference>"
    )


def _write_prefix_list(prefixes: Sequence[str]) -> str:
    if not prefixes:
        return ""
    listed = attribute(" ".join(prefixes))
    return f'<ec:InclusiveNamespaces xmlns:ec="{names.EC}" PrefixList="{listed}"></ec:InclusiveNamespaces>'
