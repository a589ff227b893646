"""Message units as the octets of a signed, and where there are parts encrypted, SOAP envelope.

The one way out: hub and client send user messages, receipts, errors, pull requests and their bundles through it. Parts
come as digests of their plain octets; encrypting the octets themselves, and putting envelope and parts into MIME, is
left to whoever streams them. Clauses: AS4 5.1.4 to 5.1.6 (compress, sign, encrypt, in this order).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from crypto.encrypt import EncryptedPart, WrappedKey, write_encryption
from crypto.key_references import KeyReference
from crypto.keys import Signer
from crypto.sign import SignedElement, SignedPart, sign, write_security
from crypto.suites import Suite
from gateway.ebms.consistency import content_ids
from gateway.ebms.model import Messaging, PartReference
from gateway.ebms.receipts import part_references
from gateway.ebms.write import write_body, write_envelope, write_messaging


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedPart:
    """A part to be sent: its Content-ID without brackets, its type before encryption, its digest by the suite."""

    content_id: str
    mime_type: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The octets of an envelope, and what it signs in the order of SignedInfo: its receipt repeats exactly that."""

    envelope: bytes
    references: tuple[PartReference, ...]


def signed_envelope(
    messaging: Messaging,
    *,
    key: Signer,
    suite: Suite,
    key_reference: KeyReference,
    parts: Sequence[PackedPart] = (),
    wrapped_key: WrappedKey | None = None,
    encryption_reference: KeyReference = KeyReference.SKI,
) -> Packed:
    """Sign eb:Messaging, the empty Body and every part; with `wrapped_key` say that the parts are encrypted.

    `encryption_reference` is how the recipient's certificate is named. ValueError when the parts are not exactly those
    that the user message declares, in its order.

    SECURITY: the ids of the elements begin anew with each envelope, so they tell nobody how many others there were.
    """
    declared = () if messaging.user_message is None else content_ids(messaging.user_message)
    if tuple(part.content_id for part in parts) != declared:
        raise ValueError("the parts are not those that the user message declares")
    ids = _element_ids()
    messaging_id, body_id = ids("messaging"), ids("body")
    header, body = write_messaging(messaging, messaging_id), write_body(body_id)
    signature = sign(
        elements=(
            SignedElement(element_id=messaging_id, octets=header.encode()),
            SignedElement(element_id=body_id, octets=body.encode()),
        ),
        parts=[SignedPart(content_id=part.content_id, digest=part.digest) for part in parts],
        key=key,
        suite=suite,
        key_reference=key_reference,
        ids=ids,
    )
    encryption = ""
    if wrapped_key is not None and parts:
        encryption = write_encryption(
            wrapped=wrapped_key,
            parts=[EncryptedPart(content_id=part.content_id, mime_type=part.mime_type) for part in parts],
            key_reference=encryption_reference,
            ids=ids,
        )
    return Packed(
        envelope=write_envelope(header, body, security=write_security(encryption, signature.markup)),
        references=part_references(signature.references),
    )


def _element_ids() -> Callable[[str], str]:
    """Ids for the elements of one envelope, from prefixes."""
    numbers = count(1)
    return lambda prefix: f"{prefix}-{next(numbers)}"
