"""A partner on the `as4` package, an implementation of AS4 that is not ours, works with a running hub over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from interop.foreign import As4Peer, octets, text
from interop.identities import files_of
from interop.product import Scene, payload, scene
from lxml import etree
from support.keys.pki import NOW, authority, identity
from support.messages.wire import Draft, Part, mpc_of, saldoverzoek

from crypto.pki import issue
from gateway.client.push import PushResult
from gateway.client.taking import Outcome
from gateway.store.model import MessageFilter, State
from xsd.samples import sample_attachment

# The package reads a wrapped key only beside the token of its certificate.
CONFIGURATION = {"creditor": {"overrides": {"Knooppunt.EncryptionKeyReference": "token"}}}


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS of the hub under the authority of the tests, whose certificate it leaves beside."""
    server = issue(
        authority(), common_name="localhost", party_id="", at=NOW, days=3650, usage="tls-server", san=["localhost"]
    )
    (folder / "authority.pem").write_bytes(authority().certificate.public_bytes(Encoding.PEM))
    (folder / "tls.pem").write_bytes(
        server.certificate.public_bytes(Encoding.PEM)
        + server.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


class Partner:
    """The foreign partner as one party of the tests, told where the hub is and who it is."""

    def __init__(self, peer: As4Peer, here: Scene, name: str, url: str) -> None:
        self._peer = peer
        self._name = name
        self._addressing = {
            "url": url,
            "authority": str(here.folder / "authority.pem"),
            "own": files_of(identity(name), here.folder).own(),
            "other": files_of(identity("hub"), here.folder).other(),
        }

    async def ask(self, command: str, **request: object) -> dict[str, Any]:
        return await asyncio.to_thread(self._peer.ask, command, **{**self._addressing, **request})

    async def push(self, draft: Draft) -> dict[str, Any]:
        """The parts of this message with its header values."""
        return await self.ask("push", **user_message(draft))

    async def pull(self, mpc: str = "") -> dict[str, Any]:
        return await self.ask("pull", mpc=mpc or mpc_of(self._name))


def user_message(draft: Draft) -> Mapping[str, object]:
    """What the partner is asked to send."""
    header = draft.user_message
    return {
        "service": header.service.value,
        "action": header.action,
        "conversation_id": header.conversation_id,
        "properties": [[each.name, each.value] for each in header.properties],
        "payloads": [
            {"content_id": f"part{number}@as4.test", "media_type": part.mime_type, "octets": text(part.octets)}
            for number, part in enumerate(draft.parts)
        ],
    }


@asynccontextmanager
async def partner(peer: As4Peer, folder: Path, name: str) -> AsyncIterator[tuple[Scene, Partner]]:
    async with scene(folder, extra=CONFIGURATION) as here:
        port = await here.hub.running.listen("127.0.0.1", 0, server_context(folder))
        yield here, Partner(peer, here, name, f"https://localhost:{port}/as4")


async def state_of_only_message(here: Scene) -> State:
    (record,) = await here.hub.store.messages(MessageFilter())
    return record.state


async def test_its_message_reaches_our_client_and_our_receipt_satisfies_it(as4_peer: As4Peer, tmp_path: Path) -> None:
    async with partner(as4_peer, tmp_path, "counsellor") as (here, foreign):
        draft = saldoverzoek(module="Betalingsregeling")
        draft = draft.with_parts(draft.parts[0], Part(octets=sample_attachment(), mime_type="application/pdf"))
        pushed = await foreign.push(draft)
        assert (pushed["status"], pushed["outcome"]) == (200, "receipt"), pushed
        senders = {identity("counsellor").party_id: (identity("counsellor").signing.certificate,)}
        async with here.client("creditor", senders=senders, origin_required=True) as creditor:
            pulled = await creditor.pull()
            assert pulled.outcome is Outcome.STORED
            message = await creditor.inbox.next()
            assert message is not None
            assert message.origin == "verified"
            assert [part.read() for part in message.parts] == [part.octets for part in draft.parts]


async def test_it_pulls_our_message_and_its_receipt_closes_it(as4_peer: As4Peer, tmp_path: Path) -> None:
    async with partner(as4_peer, tmp_path, "creditor") as (here, foreign):
        document = payload()
        async with here.client("counsellor") as counsellor:
            sent: PushResult = await counsellor.push(document)
            assert sent.receipt is not None
        pulled = await foreign.pull()
        assert pulled["outcome"] == "message", pulled["reason"]
        opened = {name: octets(content) for name, content in pulled["payloads"].items()}
        assert document in opened.values()
        assert [each for each in opened.values() if b"urn:knooppunt:origin:1" in each]
        closed = await foreign.ask("receipt", message_id=pulled["message_id"])
        assert (closed["status"], closed["answer"]["body"]) == (204, "")
        assert await state_of_only_message(here) in (State.RECEIPTED, State.REMOVED)
        empty = await foreign.pull()
        assert (empty["outcome"], empty["codes"]) == ("error", ["EBMS:0006"])


async def test_its_receipt_with_one_digest_changed_leaves_the_message_where_it_is(
    as4_peer: As4Peer, tmp_path: Path
) -> None:
    async with partner(as4_peer, tmp_path, "creditor") as (here, foreign):
        async with here.client("counsellor") as counsellor:
            await counsellor.push(payload())
        pulled = await foreign.pull()
        answer = await foreign.ask("receipt", message_id=pulled["message_id"], alter_digest=True)
        judged = await foreign.ask("read-signal", **answer["answer"])
        assert (answer["status"], judged["outcome"], judged["codes"]) == (200, "error", ["EBMS:0302"])
        assert await state_of_only_message(here) is State.OFFERED


async def test_it_understands_what_is_wrong_with_its_document(as4_peer: As4Peer, tmp_path: Path) -> None:
    async with partner(as4_peer, tmp_path, "counsellor") as (_, foreign):
        draft = saldoverzoek()
        document = etree.fromstring(draft.parts[0].octets)
        del document[-1]
        refused = await foreign.push(draft.with_parts(Part(octets=etree.tostring(document))))
        assert (refused["outcome"], set(refused["codes"])) == ("error", {"EBMS:0004"})
        assert refused["ref_to_message_id"] == refused["message_id"]


async def test_it_gets_nothing_from_the_mailbox_of_somebody_else(as4_peer: As4Peer, tmp_path: Path) -> None:
    async with partner(as4_peer, tmp_path, "creditor") as (_, foreign):
        refused = await foreign.pull(mpc_of("counsellor"))
        assert refused["outcome"] == "error"
        assert refused["codes"] != ["EBMS:0006"]
