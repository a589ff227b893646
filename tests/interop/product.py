"""The product as the foreign judges meet it: our client before a running hub, and every kind of message they send."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from interop.oracles import Opinion, WireMessage
from interop.recorder import Passed, Recorder, recorder
from support.clocks import StandingClock
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import PARTIES, identity
from support.messages.whole_parts import decrypt_part
from support.messages.wire import saldoverzoek, split

from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.digest import PartDigest
from crypto.faults import SecurityFault
from crypto.key_references import KeyReference
from crypto.keys import DecryptionKey
from crypto.suites import AS4_1_15_RSA
from crypto.verify import VerificationPolicy, verify
from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.outbox import Outbox
from gateway.client.participant import Participant
from gateway.client.pull import PullResult, pull, pull_until_empty
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.client.transport import open_session
from gateway.ebms.consistency import check_parts_present, check_units, content_id, content_ids
from gateway.ebms.envelope import locate
from gateway.ebms.errors import EbmsError
from gateway.ebms.mime import MimeFault
from gateway.ebms.names import COMPRESSION_TYPE
from gateway.ebms.party_ids import mailbox_mpc, party_id
from gateway.ebms.read import read_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import DocumentFault, parse_document

ONCE = RetryPolicy(retries=0)


@dataclass(slots=True)
class Client:
    """Our client for one party, with its folders and its session."""

    participant: Participant
    means: Means
    inbox: Inbox
    outbox: Outbox

    async def push(self, payload: bytes) -> PushResult:
        """One Saldoverzoek, one attempt."""
        return await push(
            self.participant, payload, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
            outbox=self.outbox, means=self.means, checks=None, retry=ONCE,
        )  # fmt: skip

    async def pull(self) -> PullResult:
        """One message, its receipt as a request of its own."""
        return await pull(self.participant, inbox=self.inbox, means=self.means, retry=ONCE)

    async def pull_until_empty(self) -> tuple[PullResult, ...]:
        """All that wait, each receipt with the next PullRequest."""
        return await pull_until_empty(self.participant, inbox=self.inbox, means=self.means, retry=ONCE)


@dataclass(slots=True)
class Scene:
    """A hub, a recorder in front of it, and clients that go through the recorder."""

    hub: TestedHub
    recorder: Recorder
    folder: Path

    @asynccontextmanager
    async def client(self, name: str, **changes: object) -> AsyncIterator[Client]:
        """Our client for a party of the tests; `changes` are fields of its `Participant`."""
        who, hub = identity(name), identity("hub")
        participant = Participant(
            party_ids=(party_id(who.party_id),),
            signing_key=who.signing_key,
            decryption_keys=(who.decryption_key,),
            suite=AS4_1_15_RSA,
            key_reference=KeyReference.TOKEN,
            hub_party=party_id(hub.party_id),
            url=self.recorder.url,
            hub_signing=(hub.signing.certificate,),
            hub_encryption=hub.encryption.certificate,
            mpc=mailbox_mpc("urn:knooppunt", who.party_id),
        )
        participant = replace(participant, **changes)  # type: ignore[arg-type]
        session = open_session(participant)
        inbox, outbox = await Inbox.open(self.folder / f"{name}-in"), await Outbox.open(self.folder / f"{name}-out")
        try:
            means = Means(session=session, clock=self.hub.clock)
            yield Client(participant=participant, means=means, inbox=inbox, outbox=outbox)
        finally:
            await inbox.aclose()
            await outbox.aclose()
            await session.close()


@asynccontextmanager
async def scene(folder: Path, **hub_options: object) -> AsyncIterator[Scene]:
    """A fresh hub at the present time, because foreign programs look at the machine's clock."""
    clock = StandingClock(datetime.now(UTC).replace(microsecond=0))
    async with running_hub(folder, clock=clock, **hub_options) as hub, recorder(hub.url) as recording:  # type: ignore[arg-type]
        yield Scene(hub=hub, recorder=recording, folder=folder)


def payload(sender: str = "counsellor", receiver: str = "creditor") -> bytes:
    """A Saldoverzoek with references of its own."""
    return saldoverzoek(sender, receiver).parts[0].octets


def sent_by(name: str, passed: Passed, *, to: str, at: datetime | None = None) -> WireMessage:
    """What passed, with what a judge needs: its signer's certificate, its recipient's key."""
    key = identity(to).encryption.private_key
    assert isinstance(key, RSAPrivateKey)
    return WireMessage(
        content_type=passed.content_type,
        body=passed.body,
        certificate=identity(name).signing.certificate,
        key=key,
        recipient=identity(to).encryption.certificate,
        at=at,
    )


async def every_kind(folder: Path) -> dict[str, WireMessage]:
    """One journey through a running hub in which every kind of message goes over a socket once."""
    found: dict[str, WireMessage] = {}
    async with scene(folder) as here, here.client("counsellor") as counsellor, here.client("creditor") as creditor:
        at, exchanges = here.hub.clock.now(), here.recorder.exchanges

        def note(kind: str, exchange: int, *, answer: bool, of: str) -> None:
            passed = exchanges[exchange][1 if answer else 0]
            signer, to = ("hub", of) if answer else (of, "hub")
            found[kind] = sent_by(signer, passed, to=to, at=at)

        await counsellor.push(payload())
        note("pushed user message", 0, answer=False, of="counsellor")
        note("receipt of the hub", 0, answer=True, of="counsellor")
        await counsellor.push(payload().replace(b"Saldoverzoek", b"Saldoverzoekje"))
        note("error of the hub", 1, answer=True, of="counsellor")
        await creditor.pull()
        note("pull request", 2, answer=False, of="creditor")
        note("pulled user message", 2, answer=True, of="creditor")
        note("receipt of the client", 3, answer=False, of="creditor")
        await counsellor.push(payload())
        await creditor.pull_until_empty()
        note("receipt with a pull request", 6, answer=False, of="creditor")
        note("warning of the hub", 6, answer=True, of="creditor")
        await counsellor.push(payload())
        stranger = {PARTIES["counsellor"][0]: (identity("stranger").signing.certificate,)}
        creditor.participant = replace(creditor.participant, senders=stranger, origin_required=True)
        await creditor.pull()
        note("error of the client", 9, answer=False, of="creditor")
    return found


def product_verdict(message: WireMessage) -> Opinion:
    """Our own verifier, as hub and client use it, told whose certificate and which key."""
    try:
        return Opinion(valid=True, payloads=_judge(message))
    except (EbmsError, SecurityFault, MimeFault, DocumentFault) as fault:
        return Opinion(valid=False, reason=f"{type(fault).__name__}: {fault}")


def _judge(message: WireMessage) -> dict[str, str]:
    envelope, parts = split(message.content_type, message.body)
    positions = locate(parse_document(envelope, limits=ENVELOPE_LIMITS))
    assert not header_violations(positions.messaging)
    units = read_messaging(positions.messaging)
    check_units(units)
    declared = frozenset(content_ids(units.user_message) if units.user_message is not None else ())
    assert positions.security is not None
    assert message.at is not None
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=declared,
        policy=VerificationPolicy(suite=AS4_1_15_RSA, certificates=(message.certificate,), at=message.at),
    )
    if units.user_message is None:
        return {}
    assert message.key is not None
    assert message.recipient is not None
    check_parts_present(units.user_message, parts.keys())
    plan = read_encryption(positions.security, content_ids=declared, policy=DecryptionPolicy(suite=AS4_1_15_RSA))
    keys = unwrap(plan, (DecryptionKey(private_key=message.key, certificate=message.recipient),))
    digests = {}
    for info in units.user_message.parts:
        name = content_id(info) or ""
        plain = decrypt_part(keys[name], parts[name])
        expected = verified.part_digests[name]
        digest = PartDigest(expected.digest_method, plan.mime_types[name])
        digest.update(plain)
        if not digest.matches(expected.digest_value):
            raise SecurityFault("the digest of a part differs from the signed one")
        octets = gzip.decompress(plain) if info.property(COMPRESSION_TYPE) else plain
        digests[name] = hashlib.sha256(octets).hexdigest()
    return digests
