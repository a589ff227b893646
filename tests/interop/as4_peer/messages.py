"""User messages, pull requests and receipts of the `as4` package without its Peppol profile.

The package builds user messages only inside that profile and has no pull request; both are made here from its own
parts, so that signatures, encryption and their checks stay entirely its own.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from as4.core.common import AS4ExternalParty, AS4InternalParty
from as4.core.message import AS4Message
from as4.core.receipt import AS4Receipt, AS4ReceiptBuilderArgs
from as4.core.references import AS4References
from as4.models.common import NAMESPACES
from as4.models.ebms.message_info import MessageId, MessageInfo, Timestamp
from as4.models.ebms.signal_message import PullRequest, SignalMessage
from as4.models.ebms.user_message import (
    Action,
    AgreementRef,
    CollaborationInfo,
    ConversationId,
    MessageProperties,
    PartInfo,
    PartProperties,
    PartyInfo,
    PayloadInfo,
    Property,
    Service,
    UserMessage,
)
from as4.models.soap.envelope import Body, Envelope
from as4.models.soap.header import Header
from as4.models.wsse.security import Security
from as4.profiles.peppol.message import PeppolAS4Message
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


@dataclass(frozen=True)
class Contents:
    """What a user message says, apart from its parties."""

    service: str
    action: str
    conversation_id: str
    payloads: Mapping[str, tuple[str, bytes]]  # Content-ID to media type and octets
    service_type: str | None = None
    agreement: str | None = None
    mpc: str | None = None
    properties: Sequence[tuple[str, str]] = ()
    namespace_map: Mapping[str, str] = field(default_factory=lambda: dict(NAMESPACES))


class GenericMessage(PeppolAS4Message):
    """A user message with any service, properties and number of payloads."""

    @classmethod
    def process(cls, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Reads the message as AS4 says and leaves the payload alone."""
        return AS4Message.process.__func__(cls, *arguments, **named)

    @classmethod
    def get_user_message(
        cls,
        local_party: AS4InternalParty,
        remote_party: AS4ExternalParty,
        builder_args: Contents,
        references: AS4References,
    ) -> UserMessage:
        contents = builder_args
        return UserMessage(
            mpc=contents.mpc,
            message_info=MessageInfo(
                timestamp=Timestamp(value=datetime.now(UTC)), message_id=MessageId(value=references.message_id)
            ),
            party_info=PartyInfo(
                party_from=local_party.identity.to_party_from(), party_to=remote_party.identity.to_party_to()
            ),
            collaboration_info=CollaborationInfo(
                agreement_ref=AgreementRef(value=contents.agreement) if contents.agreement else None,
                service=Service(value=contents.service, type_value=contents.service_type),
                action=Action(value=contents.action),
                conversation_id=ConversationId(value=contents.conversation_id),
            ),
            message_properties=(
                MessageProperties(properties=[Property(name=name, value=value) for name, value in contents.properties])
                if contents.properties
                else None
            ),
            payload_info=PayloadInfo(
                part_info=[
                    PartInfo(
                        href=f"cid:{content_id}",
                        part_properties=PartProperties(
                            properties=[
                                Property(name="MimeType", value=media_type),
                                Property(name="CompressionType", value="application/gzip"),
                            ]
                        ),
                    )
                    for content_id, (media_type, _) in contents.payloads.items()
                ]
            ),
        )

    @classmethod
    def compose(
        cls, local_party: AS4InternalParty, remote_party: AS4ExternalParty, contents: Contents
    ) -> GenericMessage:
        """Compresses, signs and encrypts; all parts under one content key, as WS-Security stacks do."""
        references = AS4References(
            attachment_id_encrypted_data_id_map={content_id: f"ED-{uuid4()}" for content_id in contents.payloads}
        )
        compressed = {content_id: gzip.compress(octets) for content_id, (_, octets) in contents.payloads.items()}
        session_key = AESGCM.generate_key(bit_length=128)
        encrypted = {content_id: _encrypt(session_key, octets) for content_id, octets in compressed.items()}
        wrapped = remote_party.credentials.rsa_public_key.encrypt(
            session_key, padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=b"")
        )
        envelope = cls.get_soap_envelope(
            local_party, remote_party, contents, references, wrapped, compressed_payloads=compressed
        )
        return cls(
            soap_envelope=envelope,
            message_id=references.message_id,
            messaging_id=references.messaging_id,
            mime_attachments=encrypted,
        )


def _encrypt(session_key: bytes, octets: bytes) -> bytes:
    """IV, ciphertext and tag; the package's own cipher takes no key that is there already."""
    nonce = os.urandom(12)
    return nonce + AESGCM(session_key).encrypt(nonce, octets, None)


class SignedPullRequest(AS4Receipt):
    """A pull request signed as the package signs its receipts."""

    @classmethod
    def compose(cls, local_party: AS4InternalParty, mpc: str) -> SignedPullRequest:
        references = AS4References()
        arguments = AS4ReceiptBuilderArgs(referenced_message_id="", referenced_messaging_id="", local_party=local_party)
        signal = SignalMessage(
            message_info=MessageInfo(
                timestamp=Timestamp(value=datetime.now(UTC)), message_id=MessageId(value=references.message_id)
            ),
            pull_request=PullRequest(mpc=mpc),
        )
        messaging, body = cls.get_messaging(arguments, references, signal), Body(body_id=references.body_id)
        signed_info = cls.get_signed_info(arguments, references, messaging, body)
        security = Security(
            binary_security_tokens=[cls.get_local_binary_security_token(arguments, references)],
            signature=cls.get_signature(arguments, references, signed_info),
        )
        return cls(
            soap_envelope=Envelope(header=Header(security=security, messaging=messaging), body=body),
            references=references,
        )
