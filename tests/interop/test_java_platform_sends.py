"""A message that the Java platform signs and encrypts, in forms that no writer of ours uses, is taken by a hub."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from interop.judges import JdkJudge
from interop.oracles import WireMessage
from interop.product import scene, sent_by
from interop.recorder import Passed
from support.keys.pki import PARTIES, identity
from support.messages.wire import Draft, Part, Wire, post, pull_request, saldoverzoek

from gateway.client.taking import Outcome
from xsd.samples import sample_attachment

# Default namespaces, a foreign prefix for ids, white space everywhere, ids in an order of their own.
ENVELOPE = """<?xml version='1.0' encoding='UTF-8'?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"
    xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    xmlns:unused="urn:unused">
  <env:Header>
    <Messaging xmlns="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"  env:mustUnderstand="1" u:Id="m">
      <UserMessage>
        <MessageInfo>
          <Timestamp>{timestamp}</Timestamp><!-- a remark -->
          <MessageId>{message_id}</MessageId>
        </MessageInfo>
        <PartyInfo>
          <From><PartyId type="{party_type}">{sender}</PartyId><Role>{core}initiator</Role></From>
          <To><PartyId type="{party_type}">{hub}</PartyId><Role>{core}responder</Role></To>
        </PartyInfo>
        <CollaborationInfo>
          <Service>{service}</Service>
          <Action>{action}</Action>
          <ConversationId>{conversation_id}</ConversationId>
        </CollaborationInfo>
        <MessageProperties>{properties}</MessageProperties>
        <PayloadInfo>{parts}</PayloadInfo>
      </UserMessage>
    </Messaging>
  </env:Header>
  <env:Body u:Id="b" />
</env:Envelope>
"""
COMPRESSED = '<Property name="CompressionType">application/gzip</Property>'
CORE = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"


@dataclass
class Java:
    """The Java platform as a sender."""

    jdk: JdkJudge
    folder: Path

    def make(self, draft: Draft) -> WireMessage:
        """The draft's values and parts in an envelope, signed, encrypted and packed without anything of the product."""
        (self.folder / "envelope").write_text(envelope(draft))
        contents = {f"part{number}@java.test": part for number, part in enumerate(draft.parts)}
        for name, part in contents.items():
            (self.folder / name).write_bytes(gzip.compress(part.octets) if part.compressed else part.octets)
        sender, hub = identity("counsellor").signing, identity("hub").encryption
        (self.folder / "certificate").write_bytes(sender.certificate.public_bytes(Encoding.PEM))
        (self.folder / "recipient").write_bytes(hub.certificate.public_bytes(Encoding.PEM))
        (self.folder / "key").write_bytes(
            sender.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        )
        self.jdk.make(
            envelope=str(self.folder / "envelope"),
            parts="\n".join(f"{name} {part.wire_type} {self.folder / name}" for name, part in contents.items()),
            certificate=str(self.folder / "certificate"),
            key=str(self.folder / "key"),
            recipient=str(self.folder / "recipient"),
            prefixes="env u #default",
        )
        pieces = [("application/soap+xml; charset=UTF-8", "root", (self.folder / "envelope.out").read_bytes())]
        pieces += [("application/octet-stream", name, (self.folder / f"{name}.out").read_bytes()) for name in contents]
        body = b"".join(
            f"--java\r\ncontent-type: {media_type}\r\nCONTENT-ID: <{name}>\r\n\r\n".encode() + octets + b"\r\n"
            for media_type, name, octets in pieces
        )
        return WireMessage(
            content_type="Multipart/Related;boundary=java;type=application/soap+xml",
            body=body + b"--java--",
            certificate=sender.certificate,
        )


def envelope(draft: Draft) -> str:
    message = draft.user_message
    properties = "".join(f'<Property name="{each.name}">{each.value}</Property>' for each in message.properties)
    parts = "".join(
        f'<PartInfo href="cid:part{number}%40java.test"><PartProperties>'
        f'<Property name="MimeType">{escape(part.mime_type)}</Property>{COMPRESSED if part.compressed else ""}'
        "</PartProperties></PartInfo>"
        for number, part in enumerate(draft.parts)
    )
    return ENVELOPE.format(
        timestamp=message.timestamp.isoformat(),
        message_id=message.message_id,
        party_type="urn:oasis:names:tc:ebcore:partyid-type:iso6523:0190",
        sender=PARTIES["counsellor"][0],
        hub=PARTIES["hub"][0],
        core=CORE,
        service=message.service.value,
        action=message.action,
        conversation_id=message.conversation_id,
        properties=properties,
        parts=parts,
    )


async def test_a_push_of_the_java_platform_reaches_the_receiver_and_gets_a_receipt_that_java_reads(
    jdk: JdkJudge, tmp_path: Path
) -> None:
    draft = saldoverzoek(module="Betalingsregeling")
    draft = draft.with_parts(draft.parts[0], Part(octets=sample_attachment(), mime_type="application/pdf"))
    async with scene(tmp_path) as here:
        draft = draft.saying(timestamp=here.hub.clock.now())
        sent = Java(jdk, tmp_path).make(draft)
        answer = await post(here.hub, Wire(content_type=sent.content_type, body=sent.body))
        assert answer.codes == (), here.hub.log.lines
        receipt = WireMessage(
            content_type=answer.headers["Content-Type"],
            body=answer.body,
            certificate=identity("hub").signing.certificate,
        )
        said = jdk.answer(receipt)
        assert ("verdict", "valid") in said
        assert [value.split()[0] for name, value in said if name == "acknowledges"] == [
            "cid:part0@java.test",
            "cid:part1@java.test",
            "#b",
            "#m",
        ]
        pulled = await post(here.hub, pull_request(at=here.hub.clock.now()))
        assert {part.octets for part in draft.parts} < set(pulled.plain("creditor").values())
        message = sent_by("hub", Passed(pulled.headers["Content-Type"], pulled.body), to="creditor")
        said = jdk.answer(message, **{"origin-certificate": str(tmp_path / "certificate")})
        assert [value for name, value in said if name == "reason"] == []
        assert ("origin", draft.user_message.message_id) in said


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain XML, digested in canonical form"])
async def test_a_message_of_the_java_platform_and_the_proof_of_its_origin_hold_for_our_client(
    jdk: JdkJudge, tmp_path: Path, compressed: bool
) -> None:
    sender = identity("counsellor")
    senders = {sender.party_id: (sender.signing.certificate,)}
    async with (
        scene(tmp_path) as here,
        here.client("creditor", senders=senders, origin_required=True) as creditor,
    ):
        draft = saldoverzoek()
        draft = draft.with_parts(replace(draft.parts[0], compressed=compressed))
        sent = Java(jdk, tmp_path).make(draft.saying(timestamp=here.hub.clock.now()))
        answer = await post(here.hub, Wire(content_type=sent.content_type, body=sent.body))
        assert answer.receipt is not None, here.hub.log.lines
        assert (await creditor.pull()).outcome is Outcome.STORED
        message = await creditor.inbox.next()
        assert message is not None
        assert (message.origin, message.parts[0].read()) == ("verified", draft.parts[0].octets)
