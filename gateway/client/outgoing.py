"""Makes a message ready to leave: compressed, digested, signed, encrypted to the hub, and whole before it goes.

The signature precedes the parts on the wire and covers their digests, so every part passes through here once: its
own SHA-256, gzip, digest, encryption into the outbox's folder. So an input is read once, whether it is a file, a pipe
or one that somebody rewrites meanwhile, and what is checked (`Ready.sha256`) is what is sent. Only ciphertext is
written. The parts of the header come from the payload's own header (decision 0001). Clauses: AS4 3.1, 5.1.4 to 5.1.6;
ebMS3 Core 5.2.2.

Everything here blocks; `gateway.client.push` runs it in a thread.
"""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from crypto.content_ids import content_id_uri
from gateway.client.advice import check_hub_encryption, check_own_certificate
from gateway.client.means import Means
from gateway.client.outbox import Outgoing
from gateway.client.participant import Participant
from gateway.client.records import GrowingBody, Records
from gateway.client.transport import STEP_OCTETS
from gateway.ebms import names
from gateway.ebms.gzip import SALT_OCTETS
from gateway.ebms.model import PartInfo, Party, Property, Service, UserMessage
from gateway.ebms.part_packer import PartPacker
from gateway.limits import PAYLOAD_LIMITS
from xsd.checking.violations import Violation
from xsd.document import DocumentFault, parse_document
from xsd.payload_header import PayloadHeaderFault, read_payload_header

_LESS = "send some of its documents with a message of their own"


class Unsendable(Exception):
    """The message cannot be made ready; the text says why and names no value of the payload. `violations` is all that
    is wrong with its content, where that is the reason; `next_step` what to do where it is something else."""

    def __init__(self, reason: str, violations: tuple[Violation, ...] = (), *, next_step: str = "") -> None:
        super().__init__(reason)
        self.violations = violations
        self.next_step = next_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document that goes along as a part of its own; `content` is its octets or the file that holds them."""

    content: bytes | Path
    mime_type: str
    character_set: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What stands in the message header for the payload; `cross_reference` is there for answers alone (decision
    0001).
    """

    tracking_identifier: str
    conversation_id: str
    cross_reference: str | None
    original_sender: str
    final_recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be sent, as the participant's system says it."""

    message_id: str
    payload: bytes
    service: str
    action: str
    references: References
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A message that could leave, and the SHA-256 of the octets of each attachment in lower case hexadecimal: what the
    document is held against before it does leave. Whoever gets it closes it.
    """

    outgoing: Outgoing
    sha256: tuple[str, ...]

    def close(self) -> None:
        """Give back the file of its parts; one that got a name stays."""
        if not isinstance(self.outgoing.parts, bytes):
            self.outgoing.parts.close()


def read_payload(payload: bytes | Path) -> bytes:
    """The octets of a payload; raises `Unsendable` when it cannot be read or is larger than a document may be."""
    limit = PAYLOAD_LIMITS.octets
    if isinstance(payload, bytes):
        octets = payload
    else:
        try:
            with payload.open("rb") as file:
                octets = file.read(limit + 1)
        except OSError as fault:
            raise Unsendable(f"{payload} cannot be read: {fault.strerror}") from None
    if len(octets) > limit:
        raise Unsendable(
            f"the payload has more than {limit} octets", next_step="send large documents along with it, by --attach"
        )
    return octets


def references_of(payload: bytes) -> References:
    """What the payload's own header says; raises `Unsendable` when there is none."""
    try:
        header = read_payload_header(parse_document(payload, limits=PAYLOAD_LIMITS))
    except (DocumentFault, PayloadHeaderFault) as fault:
        raise Unsendable(f"the header of the payload cannot be read: {fault}") from None
    return References(
        tracking_identifier=header.referentienummer,
        conversation_id=header.conversatie_referentienummer,
        cross_reference=header.cross_referentienummer,
        original_sender=header.afzender,
        final_recipient=header.ontvanger,
    )


def make_ready(draft: Draft, participant: Participant, records: Records, means: Means) -> Ready:
    """The complete message as it will be sent on every attempt, read and packed in one pass.

    Raises `Unsendable`, and `WrongSetting` where a certificate in participant.yaml is to blame.
    """
    check_own_certificate(participant, means.clock.now())
    check_hub_encryption(participant, means.clock.now())
    character_set = "utf-16" if draft.payload.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else "utf-8"
    contents = [
        Attachment(content=draft.payload, mime_type=names.APPLICATION_XML, character_set=character_set),
        *draft.attachments,
    ]
    content_ids = [means.message_id(participant.party) for _ in contents]
    root_id = means.message_id(participant.party)
    boundary = f"knooppunt-{means.random_octets(16).hex()}"
    most = participant.limits.outgoing_parts - 1
    if len(draft.attachments) > most:
        raise Unsendable(
            f"{len(draft.attachments)} attachments were given, and a message takes {most} at most beside its document",
            next_step="send the others with a message of their own, or join some of them in one file",
        )
    packer = PartPacker(participant.suite, boundary=boundary)
    written = GrowingBody(records)
    try:
        packing = _Packing(packer, participant, written, means, _total_octets(contents))
        for content_id, attachment in zip(content_ids, contents, strict=True):
            packing.add(content_id, attachment)
        user_message = _user_message(draft, participant, content_ids, contents, means)
        packed = packer.close(
            user_message,
            key=participant.signing_key,
            key_reference=participant.key_reference,
            root_id=root_id,
            recipient=participant.hub_encryption,
        )
        packing.check_wire_octets(besides=len(packed.head) + len(packed.tail))
    except BaseException:
        written.close()
        raise
    outgoing = Outgoing(
        message_id=draft.message_id,
        service=draft.service,
        action=draft.action,
        tracking_identifier=draft.references.tracking_identifier,
        final_recipient=draft.references.final_recipient,
        references=packed.references,
        content_type=packed.content_type,
        head=packed.head,
        parts=written.body(),
        parts_octets=written.octets,
        parts_sha256=written.sha256,
        tail=packed.tail,
        created_at=user_message.timestamp,
    )
    return Ready(outgoing=outgoing, sha256=tuple(packing.sha256[1:]))


def _total_octets(contents: Sequence[Attachment]) -> int | None:
    """How many octets there are to pack, for whoever watches; None where a pipe does not tell."""
    total = 0
    for each in contents:
        if isinstance(each.content, bytes):
            total += len(each.content)
            continue
        try:
            status = each.content.stat()
        except OSError:
            return None  # reading it will say why
        if not S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


class _Packing:
    """Parts on their way through the packer to where they are kept."""

    def __init__(
        self, packer: PartPacker, participant: Participant, written: GrowingBody, means: Means, total_octets: int | None
    ) -> None:
        self.sha256: list[str] = []  # of each part's own octets
        self._packer = packer
        self._written = written
        self._means = means
        self._total_octets = total_octets
        self._limits = participant.limits
        self._done_octets = 0

    def add(self, content_id: str, attachment: Attachment) -> None:
        # Random octets in the gzip header: without them the digest would let anyone test a guess of the payload.
        part = self._packer.begin(content_id, salt=self._means.random_octets(SALT_OCTETS))
        own = sha256()
        for chunk in self._chunks(attachment):
            own.update(chunk)
            self._write(part.feed(chunk))
        self._write(part.close())
        self.sha256.append(own.hexdigest())

    def _write(self, sent: bytes) -> None:
        self._written.write(sent)
        self.check_wire_octets()

    def check_wire_octets(self, *, besides: int = 0) -> None:
        """Raise `Unsendable` when what is packed, and what goes `besides`, is more than a hub takes in one request."""
        limit = self._limits.outgoing_wire_octets
        if self._written.octets + besides > limit:
            raise Unsendable(f"the message has more than {limit} octets as it would be sent", next_step=_LESS)

    def _chunks(self, attachment: Attachment) -> Iterator[bytes]:
        if isinstance(attachment.content, bytes):
            yield attachment.content
            self._tell(len(attachment.content))
            return
        try:
            with attachment.content.open("rb") as file:
                while chunk := file.read(STEP_OCTETS):
                    yield chunk
                    self._tell(len(chunk))
        except OSError as fault:
            raise Unsendable(
                f"{attachment.content} cannot be read: {fault.strerror}",
                next_step="see that the file is there and may be read, and push again",
            ) from None

    def _tell(self, octets: int) -> None:
        self._done_octets += octets
        limit = self._limits.outgoing_octets
        if self._done_octets > limit:
            raise Unsendable(f"the message has more than {limit} octets", next_step=_LESS)
        self._means.progress("packing", self._done_octets, self._total_octets)


def _user_message(
    draft: Draft,
    participant: Participant,
    content_ids: Sequence[str],
    contents: Sequence[Attachment],
    means: Means,
) -> UserMessage:
    references = draft.references
    values = {
        names.ORIGINAL_SENDER: references.original_sender,
        names.FINAL_RECIPIENT: references.final_recipient,
        names.TRACKING_IDENTIFIER: references.tracking_identifier,
        names.CROSS_REFERENCE: references.cross_reference,
    }
    return UserMessage(
        message_id=draft.message_id,
        timestamp=means.clock.now(),
        from_party=Party(party_ids=participant.party_ids, role=names.INITIATOR),
        to_party=Party(party_ids=(participant.hub_party,), role=names.RESPONDER),
        agreement_ref=participant.agreement_ref,
        service=Service(value=draft.service),
        action=draft.action,
        conversation_id=references.conversation_id,
        properties=tuple(Property(name=name, value=value) for name, value in values.items() if value is not None),
        parts=tuple(
            PartInfo(href=content_id_uri(content_id), properties=_part_properties(attachment))
            for content_id, attachment in zip(content_ids, contents, strict=True)
        ),
    )


def _part_properties(attachment: Attachment) -> tuple[Property, ...]:
    values = {
        names.MIME_TYPE: attachment.mime_type,
        names.CHARACTER_SET: attachment.character_set,
        names.COMPRESSION_TYPE: names.GZIP,
    }
    return tuple(Property(name=name, value=value) for name, value in values.items() if value is not None)
