"""A foreign judge of the browser's modules: phase4 sends what they open, takes their receipt, and opens what they pack.

In place of the hub a program stands that the browser's modules answer for, with the hub's keys: so what the partner
judges was written by them, and by nobody else.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from interop.foreign import Phase4Peer, pushing
from interop.identities import files_of
from support.browser.desk import as_wire, desk_opens, desk_packs, desk_receipts, party_id
from support.keys.pki import PARTIES, identity
from support.messages.wire import Part, Wire, mpc_of, saldoverzoek

from xsd.samples import sample_attachment

pytestmark = pytest.mark.interop


class Desk:
    """A server that keeps what came and answers with what it is given."""

    def __init__(self) -> None:
        self.came: list[Wire] = []
        self.opened: list[dict[str, Any]] = []
        self.packed: dict[str, Any] | None = None

    async def serve(self, request: web.Request) -> web.Response:
        wire = Wire(content_type=request.headers["Content-Type"], body=await request.read())
        self.came.append(wire)
        answer = self.packed or await asyncio.to_thread(self._receipt, wire)
        return web.Response(body=answer["octets"], headers={"Content-Type": answer["contentType"]})

    def _receipt(self, wire: Wire) -> dict[str, Any]:
        now = datetime.now(UTC)
        opened = desk_opens(
            wire,
            self={
                "partyIds": [PARTIES["hub"][0], PARTIES["creditor"][0]],
                "mpc": None,
                "hub": PARTIES["counsellor"][0],
            },
            keys=[identity("hub")],
            hub=[identity("counsellor")],
            now=now,
        )
        self.opened.append(opened)
        return desk_receipts(opened, "hub", at=now)


@asynccontextmanager
async def desk() -> AsyncIterator[tuple[Desk, str]]:
    serving = Desk()
    application = web.Application(client_max_size=1 << 26)
    application.router.add_post("/as4", serving.serve)
    server = TestServer(application)
    await server.start_server()
    try:
        yield serving, str(server.make_url("/as4"))
    finally:
        await server.close()


def addressing(url: str, name: str, folder: Path, key_reference: str = "BST_DIRECT_REFERENCE") -> dict[str, str]:
    hub = files_of(identity("hub"), folder / "hub").other()
    own = files_of(identity(name), folder / "own").own()
    return {
        "url": url,
        "hub_signing": hub["certificate"],
        "hub_encryption": hub["encryption_certificate"],
        "key_reference": key_reference,
        **{each: own[each] for each in ("key", "certificate", "decryption_key", "encryption_certificate")},
    }


def octets_of(answer: Mapping[str, str], name: str) -> bytes:
    return Path(answer[name]).read_bytes()


@pytest.mark.parametrize(
    "form", ["BST_DIRECT_REFERENCE", "ISSUER_SERIAL", "SKI_KEY_IDENTIFIER", "THUMBPRINT_IDENTIFIER"]
)
async def test_the_browser_opens_what_it_sends_and_its_receipt_satisfies_it_PO_40(
    phase4: Phase4Peer, tmp_path: Path, form: str
) -> None:
    draft = saldoverzoek(at=datetime.now(UTC))
    draft = draft.with_parts(*draft.parts, Part(octets=sample_attachment(), mime_type="application/pdf"))
    request = pushing(draft, tmp_path)
    async with desk() as (serving, url):
        answer = await asyncio.to_thread(
            phase4.ask, "push", {**addressing(url, "counsellor", tmp_path, form), **request}
        )
    assert (answer["result"], answer["signature_checked"]) == ("SUCCESS", "true"), answer
    assert answer["refers_to"] == draft.user_message.message_id
    (opened,) = serving.opened
    found = [opened["document"], *opened["attachments"]]
    assert [each["octets"] for each in found] == [each.octets for each in draft.parts]


async def test_it_opens_what_the_browser_packs_PO_41(phase4: Phase4Peer, tmp_path: Path) -> None:
    document, pdf = saldoverzoek().parts[0].octets, sample_attachment()
    parts = ((document, "application/xml"), (pdf, "application/pdf"))
    push = {
        "messageId": f"{uuid.uuid4()}@desk.example",
        "at": datetime.now(UTC),
        "from": party_id("hub"),
        "to": party_id("creditor"),
        "service": "urn:knooppunt:Schuldregeling:2.0",
        "action": "Saldoverzoek",
        "conversationId": "1",
        "trackingIdentifier": "2",
        "crossReference": None,
        "originalSender": PARTIES["counsellor"][0],
        "finalRecipient": PARTIES["creditor"][0],
        "parts": [
            {"octets": octets, "mimeType": kind, "contentId": f"{number}@desk.example", "salt": bytes([number] * 16)}
            for number, (octets, kind) in enumerate(parts)
        ],
        "rootId": "root@desk.example",
        "boundary": "boundary-of-the-desk",
    }
    folder = tmp_path / "pulled"
    folder.mkdir()
    request = {"from": "creditor", "to": "hub", "mpc": mpc_of("creditor"), "folder": str(folder), "receipt": "no"}
    async with desk() as (serving, url):
        serving.packed = desk_packs(push, "hub", recipient="creditor")
        answer = await asyncio.to_thread(phase4.ask, "pull", {**addressing(url, "creditor", tmp_path), **request})
    assert (answer["signature_checked"], answer["decrypted"]) == ("true", "true"), answer
    assert [octets_of(answer, each) for each in ("part1", "part2")] == [document, pdf]
    assert as_wire(serving.packed).body.startswith(b"--boundary-of-the-desk")
