"""A large message on its way to a puller who reads as slowly as the test likes.

async with download(hub) as way:      # a PullRequest was sent, the envelope was read
    way.envelope ... await way.rest()
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from support.hubs.hub import TestedHub
from support.hubs.raw import PATIENCE_SECONDS, Peer, whole
from support.keys.pki import identity
from support.messages.whole_parts import signed_references
from support.messages.wire import (
    Draft,
    Part,
    Reply,
    Wire,
    new_id,
    post,
    pull_request,
    read_reply,
    saldoverzoek,
    signal_wire,
)

from crypto.names import SIGNATURE
from crypto.suites import AS4_1_15_RSA
from gateway.ebms.envelope import locate
from gateway.ebms.model import Messaging
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import part_references, receipt_for
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document

LARGE_OCTETS = 24_000_000  # more than the buffers of a connection hold
_END = b"Envelope>"


def large_message() -> Draft:
    """A message whose second part does not fit between two ends of a connection."""
    draft = saldoverzoek()
    scan = Part(octets=bytes(LARGE_OCTETS), mime_type="application/pdf", compressed=False)
    return draft.with_parts(*draft.parts, scan)


async def push_large(hub: TestedHub) -> Draft:
    """Put a large message into the creditor's mailbox."""
    draft = large_message()
    assert (await post(hub, draft.wire())).receipt is not None
    return draft


@dataclass
class Download:
    """A response of which the beginning was read."""

    peer: Peer
    headers: dict[str, str]
    begun: bytes

    @property
    def envelope(self) -> bytes:
        """The SOAP part."""
        return self.begun[self.begun.index(b"<?xml" if b"<?xml" in self.begun else b"<S12") :][: self._length()]

    def _length(self) -> int:
        start = self.begun.index(b"<?xml" if b"<?xml" in self.begun else b"<S12")
        return self.begun.index(_END, start) + len(_END) - start

    def receipt_wire(self, name: str = "creditor") -> Wire:
        """The receipt of a puller who has seen the envelope alone."""
        positions = locate(parse_document(self.envelope, limits=ENVELOPE_LIMITS))
        assert positions.security is not None
        signature = positions.security.find(SIGNATURE)
        assert signature is not None
        message = read_messaging(positions.messaging).user_message
        assert message is not None
        references = part_references(signed_references(signature, AS4_1_15_RSA))
        receipt = receipt_for(message, references, message_id=new_id(), timestamp=self.peer.at)
        return signal_wire(Messaging(receipt=receipt), identity(name).signing_key)

    async def read(self, octets: int) -> None:
        """Read so many octets more."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            self.begun += await self.peer.reader.readexactly(octets)

    async def rest(self) -> Reply:
        """Read to the end, and take the answer apart."""
        await self.read(int(self.headers["Content-Length"]) - len(self.begun))
        return read_reply(200, self.headers, self.begun, at=self.peer.at)


@asynccontextmanager
async def download(hub: TestedHub, name: str = "creditor") -> AsyncIterator[Download]:
    """Pull, and read no further than the envelope; the connection is broken off at the end."""
    # Of what was not asked for, no more is on this side than the system's own buffers hold.
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port, limit=64 * 1024)
    peer = Peer(reader, writer, hub.clock.now())
    try:
        await peer.send(whole(pull_request(name, at=hub.clock.now())))
        async with asyncio.timeout(PATIENCE_SECONDS):
            lines = (await peer.reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
            assert lines[0].split()[1] == "200"
            way = Download(peer, dict(line.split(": ", 1) for line in lines[1:]), b"")
            way.begun = await peer.reader.readuntil(_END)
        yield way
    finally:
        peer.abort()
