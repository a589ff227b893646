"""Messages as an inbox takes them, without a hub that sent them."""

from __future__ import annotations

from hashlib import sha256

from support.keys.pki import NOW

from gateway.client.inbox import ArrivedPart, JudgedMessage, OriginVerdict

XML, PDF = b"<Saldoverzoek/>", b"%PDF-1.7 " + bytes(100_000)


def arrival(
    number: int = 1,
    *,
    sender: str = "hub",
    action: str = "Saldoverzoek",
    xml: bytes = XML,
    origin: OriginVerdict = "absent",
) -> JudgedMessage:
    contents = ((xml, "application/xml"), (PDF, "application/pdf"))
    return JudgedMessage(
        sender=sender, message_id=f"{number}@hub.example", service="urn:service", action=action, conversation_id="c",
        tracking_identifier="r", cross_reference=None, original_sender="s", final_recipient="f", sent_at=NOW,
        received_at=NOW, origin=origin, origin_thumbprint=None, origin_document=None, content_digest=b"d",
        receipt=b"r",
        parts=tuple(
            ArrivedPart(content_id=f"{at}@x", mime_type=kind, character_set=None, octets=len(octets),
                        sha256=sha256(octets).digest(), body=octets)
            for at, (octets, kind) in enumerate(contents)
        ),
    )  # fmt: skip
