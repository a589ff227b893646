"""Check: a message against the schema and the rules of its type, before it leaves; the hub gets no message that it
would refuse for its content.

Both layers run (`xsd.checking`), the documents that travel along included: by the digests that were made while they
were packed, so that what is checked is what is sent. The schema alone runs before that, to pack nothing for a document
that is broken. Rules that compare an answer with its
question run where the inbox still holds that question. What is unknown here is not judged: the roles of a participant
whose file names none, a question that was never pulled or whose parts were forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.outgoing import References, Unsendable
from gateway.client.participant import Participant
from gateway.directory.counterparts import foreseen
from gateway.directory.model import AddressBook
from gateway.limits import PAYLOAD_LIMITS
from pmodes.term import local_day
from xsd.catalogue import Catalogue
from xsd.checking.attachments import attachment_violations
from xsd.checking.layers import message_violations, violations
from xsd.checking.violations import Violation, unreadable
from xsd.document import DocumentFault, parse_document
from xsd.message_type import MessageType
from xsd.payload_header import PayloadHeaderFault, read_payload_header

_NEWER: Final = (
    "`knooppunt directory fetch` gets the address book of now, and `knooppunt push --unchecked` leaves the verdict to"
    " the hub"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What messages are held against: the catalogue, read once, the inbox that may hold an answer's question, and the
    address book of the hub.
    """

    catalogue: Catalogue
    inbox: Inbox | None = None
    book: AddressBook | None = None


async def check_schema(payload: bytes, *, module: str, version: str, message_type: str, checks: Checks) -> None:
    """Layer one, before anything is packed: raise `Unsendable` with every violation, or return when there is none."""
    kind = _kind(module, version, message_type, checks)
    found = await asyncio.to_thread(lambda: violations(kind, _document(payload)))
    if found:
        raise _broken(found)


def check_counterpart(
    references: References,
    *,
    module: str,
    version: str,
    message_type: str,
    participant: Participant,
    checks: Checks,
    at: datetime,
) -> None:
    """Raise `Unsendable` for a message that the hub would refuse, as far as the address book tells (decision 29)."""
    if checks.book is None:
        return
    found = foreseen(
        checks.book,
        _kind(module, version, message_type, checks),
        sender=participant.party,
        receiver=references.final_recipient,
        day=local_day(at),
        at=at,
    )
    if found is not None:
        raise Unsendable(found.sentence, next_step=f"{found.next_step}; {_NEWER}")


async def check(
    payload: bytes,
    sha256: Sequence[str],
    *,
    module: str,
    version: str,
    message_type: str,
    participant: Participant,
    checks: Checks,
) -> None:
    """Both layers, with the digests of the documents that go along: raise `Unsendable` with every violation."""
    kind = _kind(module, version, message_type, checks)
    document = await asyncio.to_thread(_document, payload)
    asked = await _find_question(document, kind, participant, checks.inbox)

    def judge() -> tuple[Violation, ...]:
        return message_violations(
            kind,
            document,
            question=None if asked is None else _read_question(asked),
            sender_roles=participant.roles or None,
            digests=sha256,
        )

    found = await asyncio.to_thread(judge)
    if found:
        raise _broken(found)


def attachment_faults(message: InboxMessage, catalogue: Catalogue) -> tuple[Violation, ...]:
    """Where the documents that came with a pulled message are not those that its leading document names.

    What the sender signed is what came, so it is the sender's mistake, and it is told to whoever has to answer. A
    message of a type that is not known here is not judged.
    """
    kind = catalogue.find(message.service, message.action)
    if kind is None or not message.parts:
        return ()
    try:
        document = parse_document(message.parts[0].read(), limits=PAYLOAD_LIMITS)
    except DocumentFault:
        return ()
    if violations(kind, document):
        return ()  # it names what it names only if it is what it should be
    return attachment_violations(kind, document, digests=[part.sha256.hex() for part in message.parts[1:]])


def _kind(module: str, version: str, message_type: str, checks: Checks) -> MessageType:
    kind = checks.catalogue.message(module, version, message_type)
    if kind is None:
        raise Unsendable(f"{message_type} is no message of a module {module} {version} that is known here")
    return kind


def _document(payload: bytes) -> etree._Element:
    try:
        return parse_document(payload, limits=PAYLOAD_LIMITS)
    except DocumentFault as fault:
        raise _broken((unreadable(fault.code, fault.line),)) from None


def _broken(found: tuple[Violation, ...]) -> Unsendable:
    count = len(found)
    return Unsendable(f"it breaks {count} {'demand' if count == 1 else 'demands'}", found)


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
