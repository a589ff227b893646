"""Messages as a participant puts them on the wire, one knob at a time.

    draft = saldoverzoek()                       # a Saldoverzoek of the counsellor for the creditor
    wire = draft.wire()                          # signed, encrypted, in MIME
    answer = await post(hub, wire)               # over a real socket
    answer.error_codes, answer.receipt, answer.user_message

Everything is made by the product's own writer, then bent where a test asks: `replace(draft, ...)` changes values before
signing, `alter=` changes the signed envelope, `wire.body` can be edited as octets.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiohttp
from lxml import etree
from support.keys.pki import NOW, PARTIES, Identity, identity
from support.messages.whole_parts import compress, decrypt_part

from crypto.content_ids import content_id_uri
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.digest import PartDigest
from crypto.encrypt import ContentCipher, new_content_key, wrap
from crypto.key_references import KeyReference
from crypto.keys import Signer, SigningKey, Unwrapper
from crypto.suites import AS4_1_15_RSA, Suite
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms import gzip, names
from gateway.ebms.envelope import Positions, locate
from gateway.ebms.mime import (
    MultipartReader,
    PartBegin,
    PartData,
    content_type_header,
    multipart_head,
    multipart_tail,
    parse_content_type,
    part_head,
)
from gateway.ebms.model import (
    ErrorSignal,
    Messaging,
    PartInfo,
    Party,
    PartyId,
    Property,
    PullRequest,
    Receipt,
    Service,
    UserMessage,
)
from gateway.ebms.pack import Packed, PackedPart, signed_envelope
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import part_references, receipt_for
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document
from xsd.samples import sample

Element = etree._Element
BOUNDARY = "boundary-of-the-tests"
ROOT_ID = "root@tests.example"


def new_id() -> str:
    """A fresh MessageId or Content-ID."""
    return f"{uuid.uuid4()}@tests.example"


def party(name: str) -> Party:
    """eb:From or eb:To of one of the parties, with the role that it has towards the hub."""
    role = names.RESPONDER if name == "hub" else names.INITIATOR
    value = PARTIES[name][0]
    kind = names.UNIT_TYPE if ":" in value else names.OIN_TYPE
    return Party(party_ids=(PartyId(value=value, type=kind),), role=role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One payload part before compression."""

    octets: bytes
    mime_type: str = "application/xml"
    content_id: str = field(default_factory=new_id)
    compressed: bool = True
    properties: tuple[Property, ...] | None = None  # None: those that belong to it
    plain: bytes | None = None  # the octets to sign, where they are not what compression gives

    @property
    def signed_octets(self) -> bytes:
        """What is signed and encrypted."""
        if self.plain is not None:
            return self.plain
        return compress(self.octets, salt=bytes(16)) if self.compressed else self.octets

    @property
    def wire_type(self) -> str:
        """The type as the security layer sees it."""
        return names.GZIP if self.compressed else self.mime_type

    def info(self) -> PartInfo:
        """Its eb:PartInfo."""
        properties = self.properties
        if properties is None:
            properties = (Property(name=names.MIME_TYPE, value=self.mime_type),)
            if self.compressed:
                properties += (Property(name=names.COMPRESSION_TYPE, value=names.GZIP),)
        return PartInfo(href=content_id_uri(self.content_id), properties=properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What goes over the socket."""

    content_type: str
    body: bytes
    envelope: bytes = b""
    references: tuple[object, ...] = ()
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A user message that is still to be signed."""

    user_message: UserMessage
    parts: tuple[Part, ...]
    signer: SigningKey
    recipient: Identity = field(default_factory=lambda: identity("hub"))
    suite: Suite = AS4_1_15_RSA
    key_reference: KeyReference = KeyReference.TOKEN
    encrypted: bool = True
    receipt: Receipt | None = None

    def saying(self, **changes: object) -> Draft:
        """The same with other header values."""
        return replace(self, user_message=replace(self.user_message, **changes))  # type: ignore[arg-type]

    def with_property(self, name: str, value: str | None) -> Draft:
        """The same with one message property changed, added or (None) left out."""
        rest = tuple(each for each in self.user_message.properties if each.name != name)
        return self.saying(properties=rest if value is None else (*rest, Property(name=name, value=value)))

    def with_parts(self, *parts: Part) -> Draft:
        """The same with these parts, declared in that order."""
        return replace(
            self,
            parts=parts,
            user_message=replace(self.user_message, parts=tuple(each.info() for each in parts)),
        )

    def wire(
        self,
        *,
        alter: Callable[[Element], object] | None = None,
        part_alter: Callable[[str, bytes], bytes] | None = None,
    ) -> Wire:
        """Sign, encrypt and put into MIME; `alter` bends the finished envelope, `part_alter` the octets of a part."""
        content_key = new_content_key(self.suite.content)
        packed = signed_envelope(
            Messaging(user_message=self.user_message, receipt=self.receipt),
            key=self.signer,
            suite=self.suite,
            key_reference=self.key_reference,
            parts=[
                PackedPart(
                    content_id=each.content_id,
                    mime_type=each.wire_type,
                    digest=_digest(self.suite, each),
                )
                for each in self.parts
            ],
            wrapped_key=wrap(content_key, self.recipient.encryption.certificate, self.suite)
            if self.encrypted and self.parts
            else None,
        )
        envelope = altered(packed.envelope, alter)
        carried = []
        for each in self.parts:
            octets = each.signed_octets
            if self.encrypted:
                cipher = ContentCipher(content_key)
                octets = cipher.update(octets) + cipher.finish()
            if part_alter is not None:
                octets = part_alter(each.content_id, octets)
            carried.append((each.content_id, names.OCTET_STREAM if self.encrypted else each.wire_type, octets))
        return multipart(envelope, carried, packed, self.user_message.message_id)


def multipart(
    envelope: bytes, parts: list[tuple[str, str, bytes]], packed: Packed | None = None, message_id: str = ""
) -> Wire:
    """An envelope and (Content-ID, media type, octets) as one multipart/related body."""
    body = multipart_head(BOUNDARY, ROOT_ID) + envelope
    for content_id, media_type, octets in parts:
        body += part_head(content_id, media_type, boundary=BOUNDARY) + octets
    body += multipart_tail(BOUNDARY)
    return Wire(
        content_type=content_type_header(BOUNDARY, ROOT_ID),
        body=body,
        envelope=envelope,
        references=packed.references if packed is not None else (),
        message_id=message_id,
    )


def altered(envelope: bytes, alter: Callable[[Element], object] | None) -> bytes:
    """The envelope after a change to its parsed form; the very octets when there is none."""
    if alter is None:
        return envelope
    root = etree.fromstring(envelope)
    alter(root)
    return etree.tostring(root)


def saldoverzoek(
    sender: str = "counsellor",
    receiver: str = "creditor",
    *,
    at: datetime = NOW,
    module: str = "Schuldregeling",
    version: str = "2.0",
    action: str = "Saldoverzoek",
    signer: SigningKey | None = None,
    answering: Mapping[str, str] | None = None,
    variant: str | None = None,
) -> Draft:
    """A question with a complete document; `answering` holds conversation and reference of the question it answers."""
    reference = str(uuid.uuid4())
    conversation = answering["conversation"] if answering else str(uuid.uuid4())
    header: dict[str, object] = {
        "referentienummer": reference,
        "conversatie_referentienummer": conversation,
        "afzender": PARTIES[sender][0],
        "ontvanger": PARTIES[receiver][0],
    }
    properties = [
        Property(name=names.ORIGINAL_SENDER, value=PARTIES[sender][0]),
        Property(name=names.FINAL_RECIPIENT, value=PARTIES[receiver][0]),
        Property(name=names.TRACKING_IDENTIFIER, value=reference),
    ]
    if answering:
        header["cross_referentienummer"] = answering["reference"]
        properties.append(Property(name=names.CROSS_REFERENCE, value=answering["reference"]))
    part = Part(octets=sample(module, version, action, variant=variant, **header))  # type: ignore[arg-type]
    return Draft(
        user_message=UserMessage(
            message_id=new_id(),
            timestamp=at,
            from_party=party(sender),
            to_party=party("hub"),
            service=Service(value=f"urn:knooppunt:{module}:{version}"),
            action=action,
            conversation_id=conversation,
            properties=tuple(properties),
            parts=(part.info(),),
        ),
        parts=(part,),
        signer=signer or identity(sender).signing_key,
    )


def ping(sender: str = "counsellor", *, at: datetime = NOW) -> Draft:
    """A message to the test service, without parts."""
    return Draft(
        user_message=UserMessage(
            message_id=new_id(),
            timestamp=at,
            from_party=party(sender),
            to_party=party("hub"),
            service=Service(value=names.TEST_SERVICE),
            action=names.TEST_ACTION,
            conversation_id="1",
        ),
        parts=(),
        signer=identity(sender).signing_key,
    )


def mpc_of(name: str) -> str:
    """The mailbox of a party."""
    return f"urn:knooppunt:mpc:{PARTIES[name][0]}"


def pull_request(
    name: str = "creditor",
    *,
    mpc: str | None = "",
    at: datetime = NOW,
    signer: SigningKey | None = None,
    receipt: Receipt | None = None,
    message_id: str | None = None,
    suite: Suite = AS4_1_15_RSA,
    alter: Callable[[Element], object] | None = None,
) -> Wire:
    """A signed PullRequest of a party on its own mailbox, unless `mpc` names another (None: no attribute at all)."""
    signal = PullRequest(message_id=message_id or new_id(), timestamp=at, mpc=mpc_of(name) if mpc == "" else mpc)
    return signal_wire(
        Messaging(pull_request=signal, receipt=receipt), signer or identity(name).signing_key, suite=suite, alter=alter
    )


def signal_wire(
    messaging: Messaging,
    signer: SigningKey,
    *,
    suite: Suite = AS4_1_15_RSA,
    alter: Callable[[Element], object] | None = None,
) -> Wire:
    """Signals as a signed envelope without parts."""
    packed = signed_envelope(messaging, key=signer, suite=suite, key_reference=KeyReference.TOKEN)
    return Wire(content_type=names.SOAP_XML_UTF8, body=altered(packed.envelope, alter), envelope=packed.envelope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, taken apart; `verified` is set when it is signed by the hub and its signature holds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    messaging: Messaging | None = None
    positions: Positions | None = None
    parts: Mapping[str, bytes] = field(default_factory=dict)
    verified: Verified | None = None

    @property
    def receipt(self) -> Receipt | None:
        return self.messaging.receipt if self.messaging else None

    @property
    def error(self) -> ErrorSignal | None:
        return self.messaging.error if self.messaging else None

    @property
    def user_message(self) -> UserMessage | None:
        return self.messaging.user_message if self.messaging else None

    @property
    def codes(self) -> tuple[str, ...]:
        """The ebMS codes of the errors, in order."""
        return tuple(each.code for each in self.error.errors) if self.error else ()

    def plain(self, name: str, key: Unwrapper | None = None) -> dict[str, bytes]:
        """The parts decrypted by that party, compression undone, by Content-ID; digests checked."""
        assert self.positions is not None
        assert self.verified is not None
        plan = read_encryption(
            self.positions.security,
            content_ids=frozenset(self.parts),
            policy=DecryptionPolicy(suite=self.verified.policy.suite),
        )
        keys = unwrap(plan, (key or identity(name).decryption_key,))
        opened = {}
        for content_id, octets in self.parts.items():
            plain = decrypt_part(keys[content_id], octets)
            digest = PartDigest(names_of_digest(self.verified, content_id), plan.mime_types[content_id])
            digest.update(plain)
            assert digest.matches(self.verified.part_digests[content_id].digest_value)
            if plan.mime_types[content_id] == names.GZIP:
                inflater = gzip.Inflater(1 << 30)
                plain = b"".join(inflater.feed(plain))
                inflater.finish()
            opened[content_id] = plain
        return opened

    def receipt_wire(self, name: str, *, at: datetime = NOW, signer: SigningKey | None = None) -> Wire:
        """The signed receipt of that party for the message that was pulled."""
        return signal_wire(Messaging(receipt=self.receipt_of(at=at)), signer or identity(name).signing_key)

    def receipt_of(self, *, at: datetime = NOW) -> Receipt:
        """The receipt unit alone, for a bundle."""
        assert self.user_message is not None
        assert self.verified is not None
        return receipt_for(
            self.user_message, part_references(self.verified.references), message_id=new_id(), timestamp=at
        )


def names_of_digest(verified: Verified, content_id: str) -> str:
    """The digest method that was signed for a part."""
    return verified.part_digests[content_id].digest_method


async def post(
    hub: object,
    wire: Wire,
    *,
    headers: Mapping[str, str] | None = None,
    suite: Suite = AS4_1_15_RSA,
    key: Signer | None = None,
) -> Reply:
    """Send it over a socket of its own and take the answer apart; every AS4 answer is verified as the hub's, in that
    suite and by that key of it.
    """
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            hub.url,  # type: ignore[attr-defined]
            data=io.BytesIO(wire.body),
            headers={"Content-Type": wire.content_type, **(headers or {})},
        ) as response,
    ):
        body = await response.read()
        at = hub.clock.now()  # type: ignore[attr-defined]
        return read_reply(response.status, dict(response.headers), body, at=at, suite=suite, key=key)


def read_reply(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    at: datetime = NOW,
    suite: Suite = AS4_1_15_RSA,
    key: Signer | None = None,
) -> Reply:
    """An HTTP answer taken apart."""
    content_type = headers.get("Content-Type", "")
    if not body or not content_type.startswith((names.SOAP_XML, names.MULTIPART_RELATED)):
        return Reply(status=status, headers=headers, body=body)
    root, parts = split(content_type, body)
    document = parse_document(root, limits=ENVELOPE_LIMITS)
    if document.find(f"{{{names.SOAP12}}}Body/{{{names.SOAP12}}}Fault") is not None:
        return Reply(status=status, headers=headers, body=body)
    positions = locate(document)
    assert positions.security is not None, "an answer of the hub is signed"
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset(parts),
        policy=VerificationPolicy(suite=suite, certificates=((key or identity("hub").signing_key).certificate,), at=at),
    )
    return Reply(
        status=status,
        headers=headers,
        body=body,
        messaging=read_messaging(verified.messaging),
        positions=positions,
        parts=parts,
        verified=verified,
    )


def split(content_type: str, body: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The root part and the other parts by Content-ID."""
    media_type = parse_content_type(content_type)
    if media_type.type != names.MULTIPART_RELATED:
        return body, {}
    reader = MultipartReader(media_type)
    root, parts, current = bytearray(), {}, bytearray()
    for event in reader.feed(body):
        if isinstance(event, PartBegin):
            current = root if event.root else bytearray()
            if not event.root:
                parts[event.content_id or ""] = current
        elif isinstance(event, PartData):
            current += event.octets
    reader.close()
    return bytes(root), {name: bytes(octets) for name, octets in parts.items()}


def _digest(suite: Suite, part: Part) -> bytes:
    digest = PartDigest(suite.digest.uri, part.wire_type)
    digest.update(part.signed_octets)
    return digest.finish()


def with_attachment(octets: int) -> Draft:
    """A question with an attachment of that size that does not compress."""
    draft = saldoverzoek()
    attachment = Part(octets=os.urandom(octets), mime_type="application/pdf", compressed=False)
    return draft.with_parts(*draft.parts, attachment)
