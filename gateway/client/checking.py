"""Check: a message against the schema and the rules of its type, before it is made ready; the hub gets no message that
it would refuse for its content.

Both layers run (`xsd.checking`), the documents that travel along included. Rules that compare an answer with its
question run where the inbox still holds that question. What is unknown here is not judged: the roles of a participant
whose file names none, a question that was never pulled or whose parts were forgotten.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.means import Means
from gateway.client.outgoing import Attachment, Unsendable
from gateway.client.participant import Participant
from gateway.client.transport import STEP_OCTETS
from xsd.catalogue import Catalogue
from xsd.checking import message_violations
from xsd.document import PAYLOAD_LIMITS, DocumentFault, parse_document
from xsd.message_type import MessageType
from xsd.payload_header import PayloadHeaderFault, read_payload_header
from xsd.violations import Violation, unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What messages are held against: the catalogue, read once, and the inbox that may hold an answer's question."""

    catalogue: Catalogue
    inbox: Inbox | None = None


async def check(
    payload: bytes,
    attachments: Sequence[Attachment],
    *,
    module: str,
    version: str,
    message_type: str,
    participant: Participant,
    checks: Checks,
    means: Means,
) -> None:
    """Raise `Unsendable` with every violation, or return when there is none."""
    kind = checks.catalogue.message(module, version, message_type)
    if kind is None:
        raise Unsendable(f"{message_type} is no message of a module {module} {version} that is known here")
    try:
        document = await asyncio.to_thread(parse_document, payload, limits=PAYLOAD_LIMITS)
    except DocumentFault as fault:
        raise _broken((unreadable(fault.code, fault.line),)) from None
    asked = await _find_question(document, kind, participant, checks.inbox)

    def judge() -> tuple[Violation, ...]:
        return message_violations(
            kind,
            document,
            question=None if asked is None else _read_question(asked),
            sender_roles=participant.roles or None,
            digests=_digests(attachments, means),
        )

    found = await asyncio.to_thread(judge)
    if found:
        raise _broken(found)


def _broken(violations: tuple[Violation, ...]) -> Unsendable:
    count = len(violations)
    return Unsendable(f"it breaks {count} {'demand' if count == 1 else 'demands'}", violations)


async def _find_question(
    document: etree._Element, kind: MessageType, participant: Participant, inbox: Inbox | None
) -> InboxMessage | None:
    """The question that this answer names, as it was pulled."""
    if inbox is None or not any(rule.needs_question for rule in kind.rules):
        return None
    try:
        header = read_payload_header(document)
    except PayloadHeaderFault:
        return None  # its schema will say so
    if header.cross_referentienummer is None:
        return None
    return await inbox.find_question(
        header.cross_referentienummer,
        original_sender=header.ontvanger,
        service=f"{participant.base}:{kind.module}:{kind.version}",
        actions=kind.answers_to,
    )


def _read_question(asked: InboxMessage) -> etree._Element | None:
    """Its leading document, unless its parts were forgotten in the meantime."""
    try:
        return parse_document(asked.parts[0].read(), limits=PAYLOAD_LIMITS) if asked.parts else None
    except (DocumentFault, OSError):
        return None


def _digests(attachments: Sequence[Attachment], means: Means) -> list[str]:
    """The SHA-256 of every attachment, in lower case hexadecimal."""
    return [_digest(each, means) for each in attachments]


def _digest(attachment: Attachment, means: Means) -> str:
    if isinstance(attachment.content, bytes):
        return hashlib.sha256(attachment.content).hexdigest()
    digest, done = hashlib.sha256(), 0
    try:
        total = attachment.content.stat().st_size
        with attachment.content.open("rb") as file:
            while chunk := file.read(STEP_OCTETS):
                digest.update(chunk)
                done += len(chunk)
                means.progress("checking", done, total)
    except OSError as fault:
        raise Unsendable(f"{attachment.content} cannot be read: {fault.strerror}") from None
    return digest.hexdigest()
