"""Send what a system asks for, once for each Referentienummer of its own, and say what became of it.

The reference makes a call repeatable: whoever got no answer calls again with the same content and gets the mark
(kenmerk) that was made first, in this process or the one before a crash; other content under it is refused. What is
equal is the document in its canonical form, its type, and the octets and type of each attachment in their order. The
outbox decides between two calls at the same moment.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from lxml import etree

from gateway.client.checking import Checks
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxMessage, OutboxState, StoredAlready
from gateway.client.outgoing import Attachment, Unsendable, references_of
from gateway.client.participant import Participant
from gateway.client.push import send, store
from gateway.client.retry import RetryPolicy
from gateway.client.soap.values import ReferenceUsed, Send, Sent, SentState, UnknownMark
from gateway.digest import digest
from gateway.limits import PAYLOAD_LIMITS
from xsd.document import parse_document

ONE_ATTEMPT: Final = RetryPolicy(retries=0)
_STATES: Final[Mapping[OutboxState, SentState]] = {
    OutboxState.WAITING: SentState.UNDER_WAY,
    OutboxState.ACKNOWLEDGED: SentState.RECEIVED,
    OutboxState.REFUSED: SentState.REFUSED,
    OutboxState.GIVEN_UP: SentState.GIVEN_UP,
}


async def take_over(
    asked: Send, participant: Participant, *, outbox: Outbox, means: Means, checks: Checks | None
) -> Sent:
    """Have the message in the outbox, durably, or find it there; nothing is sent. Raises `Unsendable` for what the hub
    would refuse, `ReferenceUsed`, and `WrongSetting`.
    """
    references = await asyncio.to_thread(references_of, asked.document)
    found = await outbox.find_asked(references.tracking_identifier)
    if found is None:
        mark = means.message_id(participant.party)
        try:
            await store(
                participant,
                asked.document,
                mark,
                module=asked.module,
                version=asked.version,
                message_type=asked.message_type,
                outbox=outbox,
                means=means,
                checks=checks,
                references=references,
                attachments=asked.attachments,
                asked_sha256=partial(asked_digest, asked),
            )
        except StoredAlready:  # another call was faster
            found = await outbox.find_asked(references.tracking_identifier)
            if found is None:
                raise
        else:
            return await became(outbox, mark=mark)
    if await asyncio.to_thread(_digest_read, asked) != found.asked_sha256:
        raise ReferenceUsed(found.message_id)
    return _sent(found)


async def send_now(mark: str, participant: Participant, *, outbox: Outbox, means: Means) -> Sent:
    """Make one attempt to send what lies in the outbox without an outcome, and say what became of it."""
    await send(participant, mark, outbox=outbox, means=means, retry=ONE_ATTEMPT, give_up=False, waits_for_room=False)
    return await became(outbox, mark=mark)


async def became(outbox: Outbox, *, mark: str | None = None, reference: str | None = None) -> Sent:
    """What became of a message, by its mark or by the caller's own reference; raises `UnknownMark`."""
    found = None
    if mark is not None:
        found = await outbox.find(mark)
    elif reference is not None:
        found = await outbox.find_asked(reference)
    if found is None:
        raise UnknownMark(mark or reference or "")
    return _sent(found)


def asked_digest(asked: Send, sha256: Sequence[str]) -> bytes:
    """What a reference stands for: SHA-256 over what is asked, with that of each attachment in hexadecimal."""
    document = parse_document(asked.document, limits=PAYLOAD_LIMITS)
    canonical = etree.tostring(document, method="c14n", exclusive=True, with_comments=False)
    of_attachments = [
        field for each, octets in zip(asked.attachments, sha256, strict=True) for field in (each.mime_type, octets)
    ]
    return digest(asked.module, asked.version, asked.message_type, canonical, *of_attachments)


def _digest_read(asked: Send) -> bytes:
    return asked_digest(asked, [_sha256(each) for each in asked.attachments])


def _sha256(attachment: Attachment) -> str:
    if isinstance(attachment.content, bytes):
        return hashlib.sha256(attachment.content).hexdigest()
    try:
        with attachment.content.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise Unsendable(f"an attachment cannot be read: {fault.strerror}") from None


def _sent(message: OutboxMessage) -> Sent:
    return Sent(
        mark=message.message_id,
        reference=message.tracking_identifier,
        state=_STATES[message.state],
        created_at=message.created_at,
        closed_at=message.closed_at,
        attempts=message.attempts,
        errors=message.errors,
    )
