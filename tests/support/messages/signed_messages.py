"""Small AS4 messages for the tests of `crypto`: an envelope, parts, and both sides' calls in one word each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from lxml import etree
from support.keys.pki import NOW, Identity, identity
from support.messages.whole_parts import decrypt_part

from crypto import names
from crypto.canonical import canonical_octets
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.digest import PartDigest
from crypto.elements import Element, base64_text, ids_of
from crypto.encrypt import ContentCipher, EncryptedPart, new_content_key, wrap, write_encryption
from crypto.key_references import KeyReference
from crypto.keys import Unwrapper
from crypto.sign import SignedElement, SignedPart, sign, write_security
from crypto.suites import AS4_1_15_RSA, Suite
from crypto.verify import VerificationPolicy, Verified, verify

EB = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
MESSAGING = f"{{{EB}}}Messaging"
HEADER = f"{{{names.S12}}}Header"
BODY = f"{{{names.S12}}}Body"

ENVELOPE = f"""<S12:Envelope xmlns:S12="{names.S12}" xmlns:wsu="{names.WSU}"><S12:Header>\
<eb:Messaging xmlns:eb="{EB}" S12:mustUnderstand="true"><eb:UserMessage><eb:MessageInfo>\
<eb:Timestamp>2026-03-04T10:00:00Z</eb:Timestamp><eb:MessageId>one@knooppunt.example</eb:MessageId>\
</eb:MessageInfo></eb:UserMessage></eb:Messaging></S12:Header><S12:Body/></S12:Envelope>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A message as octets: the envelope, the parts by Content-ID, and the types the parts are labelled with."""

    envelope: bytes
    parts: Mapping[str, bytes] = field(default_factory=dict)
    mime_types: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> Element:
        """The envelope parsed."""
        return etree.fromstring(self.envelope)

    def altered(self, change: Callable[[Element], object]) -> Wire:
        """The same with its envelope changed."""
        document = self.document()
        change(document)
        return replace(self, envelope=etree.tostring(document))

    def with_parts(self, parts: Mapping[str, bytes]) -> Wire:
        """The same envelope with other parts."""
        return replace(self, parts=parts)


@dataclass(frozen=True, slots=True)
class Positions:
    """The elements at their fixed positions."""

    messaging: Element
    body: Element
    security: Element


def positions(document: Element) -> Positions:
    """The elements at their fixed positions in an envelope."""
    header = document.find(HEADER)
    assert header is not None
    found = header.find(MESSAGING), document.find(BODY), header.find(names.SECURITY)
    assert found[0] is not None
    assert found[1] is not None
    assert found[2] is not None
    return Positions(found[0], found[1], found[2])


def new_ids() -> Callable[[str], str]:
    """Ids that count up."""
    numbers = count(1)
    return lambda prefix: f"{prefix}-{next(numbers)}"


def make(
    *,
    sender: Identity | None = None,
    recipient: Identity | None = None,
    parts: Mapping[str, bytes] | None = None,
    mime_type: str = "application/gzip",
    suite: Suite = AS4_1_15_RSA,
    key_reference: KeyReference = KeyReference.TOKEN,
    envelope: str = ENVELOPE,
    encrypted_reference: KeyReference = KeyReference.SKI,
) -> Wire:
    """A signed message, encrypted too when there is a recipient."""
    parts = dict(parts or {})
    document = etree.fromstring(envelope)
    header, body = document
    digests = []
    for content_id, octets in parts.items():
        digest = PartDigest(suite.digest.uri, mime_type)
        digest.update(octets)
        digests.append(SignedPart(content_id=content_id, digest=digest.finish()))
    ids = new_ids()
    signature = sign(
        elements=[signed_element(each, ids) for each in (header[0], body)],
        parts=digests,
        key=(sender or identity("creditor")).signing_key,
        suite=suite,
        key_reference=key_reference,
        ids=ids,
    )
    encryption = ""
    if recipient is not None:
        content_key = new_content_key(suite.content)
        encryption = write_encryption(
            wrapped=wrap(content_key, recipient.encryption.certificate, suite),
            parts=[EncryptedPart(content_id=each, mime_type=mime_type) for each in parts],
            key_reference=encrypted_reference,
            ids=ids,
        )
        for content_id, octets in parts.items():
            cipher = ContentCipher(content_key)
            parts[content_id] = cipher.update(octets) + cipher.finish()
        mime_type = "application/octet-stream"
    header.insert(0, etree.fromstring(write_security(encryption, signature.markup)))
    return Wire(envelope=etree.tostring(document), parts=parts, mime_types=dict.fromkeys(parts, mime_type))


def signed_element(element: Element, ids: Callable[[str], str]) -> SignedElement:
    """An element of a document to be signed as it stands there; it gets an id if it has none."""
    if names.WSU_ID not in element.attrib:
        element.set(names.WSU_ID, ids("id"))
    return SignedElement(element_id=element.attrib[names.WSU_ID], octets=canonical_octets(element))


def in_security(markup: str) -> Element:
    """The one element that such a text is inside wsse:Security."""
    (element,) = etree.fromstring(write_security(markup))
    return element


def policy_for(*senders: Identity, suite: Suite = AS4_1_15_RSA) -> VerificationPolicy:
    """A policy that pins these senders, the creditor when none is given."""
    pinned = tuple(each.signing.certificate for each in senders or (identity("creditor"),))
    return VerificationPolicy(suite=suite, certificates=pinned, at=NOW)


def check(wire: Wire, policy: VerificationPolicy | None = None, content_ids: frozenset[str] | None = None) -> Verified:
    """Verifies the envelope of a message whose parts are all declared."""
    where = positions(wire.document())
    return verify(
        where.security,
        messaging=where.messaging,
        body=where.body,
        content_ids=frozenset(wire.parts) if content_ids is None else content_ids,
        policy=policy or policy_for(),
    )


def open_parts(
    wire: Wire, *keys: Unwrapper, policy: DecryptionPolicy | None = None, content_ids: frozenset[str] | None = None
) -> Mapping[str, bytes]:
    """Decrypts all encrypted parts of a message."""
    where = positions(wire.document())
    plan = read_encryption(
        where.security,
        content_ids=frozenset(wire.parts) if content_ids is None else content_ids,
        policy=policy or DecryptionPolicy(suite=AS4_1_15_RSA),
    )
    content_keys = unwrap(plan, keys or (identity("hub").decryption_key,))
    return {each: decrypt_part(content_keys[each], wire.parts[each]) for each in plan.mime_types}


def first(document: Element, tag: str) -> Element:
    """The first element of that name."""
    return next(document.iter(tag))


def references(document: Element) -> list[Element]:
    """Every ds:Reference, in order."""
    return list(document.iter(names.REFERENCE))


def sign_anew(document: Element) -> None:
    """What a sender does that signs the altered form itself: digests and value are right for what stands there."""
    sign_with(document, ids_of(document))


def sign_with(document: Element, ids: Mapping[str, Element]) -> None:
    """The same where ids are found otherwise than by their uniqueness."""
    for reference in references(document):
        element = ids.get(str(reference.get("URI")).removeprefix("#"))
        if element is not None:
            reference[-1].text = base64_text(AS4_1_15_RSA.digest.digest(canonical_octets(element)))
    value = identity("creditor").signing_key.sign(
        AS4_1_15_RSA.signature, canonical_octets(first(document, names.SIGNED_INFO))
    )
    first(document, names.SIGNATURE_VALUE).text = base64_text(value)
