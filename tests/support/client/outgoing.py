"""Messages that lie in an outbox: what they hold is of no account."""

from __future__ import annotations

from hashlib import sha256

from support.keys.pki import NOW

from gateway.client.outbox import Outbox, Outgoing
from gateway.ebms.model import PartReference

REFERENCES = (PartReference(uri="#messaging", transforms=(), digest_method="urn:digest", digest_value=b"\x00\xff"),)


def outgoing(outbox: Outbox, message_id: str, parts: bytes, *, in_file: bool = False) -> Outgoing:
    """A message of that id, its parts in a file without a name where that is asked."""
    body: object = parts
    if in_file:
        body = outbox.records.create_unnamed()
        body.write(parts)  # type: ignore[attr-defined]
    return Outgoing(
        message_id=message_id,
        service="urn:service",
        action="Action",
        tracking_identifier="reference",
        final_recipient="receiver",
        references=REFERENCES,
        content_type="multipart/related",
        head=b"head",
        parts=body,  # type: ignore[arg-type]
        parts_octets=len(parts),
        parts_sha256=sha256(parts).digest(),
        tail=b"tail",
        created_at=NOW,
    )


async def add(outbox: Outbox, message_id: str, parts: bytes = b"parts", *, in_file: bool = False) -> None:
    """Put one into the outbox."""
    made = outgoing(outbox, message_id, parts, in_file=in_file)
    try:
        await outbox.add(made)
    finally:
        if not isinstance(made.parts, bytes):
            made.parts.close()
