"""How much of a body is read for somebody who has proved nothing."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.hubs.raw import connected, head
from support.keys.pki import NOW, identity
from support.messages.wire import Wire, multipart, new_id, pull_request, signal_wire

from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.msh.steps.arrival import BESIDE_SIGNAL_OCTETS

LARGE = 64 * 1024 * 1024


def unsigned(wire: Wire) -> bytes:
    root = etree.fromstring(wire.body)
    for security in root.findall(".//{*}Security"):
        parent = security.getparent()
        assert parent is not None
        parent.remove(security)
    return etree.tostring(root)


def error() -> Wire:
    entry = ErrorEntry(code="EBMS:0004", severity="failure")
    signal = ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=new_id(), errors=(entry,))
    return signal_wire(Messaging(error=signal), identity("creditor").signing_key)


@pytest.mark.parametrize("framing", [f"Content-Length: {LARGE}", "Transfer-Encoding: chunked"])
async def test_the_parts_beside_a_signal_are_not_read_beyond_what_an_envelope_may_measure(
    framing: str, tmp_path: Path
) -> None:
    wire = multipart(unsigned(pull_request()), [("part@example", "application/octet-stream", bytes(1 << 20))])
    body = wire.body[:-100]  # and then nothing more comes
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        octets = body if "Length" in framing else b"%x\r\n%b\r\n" % (len(body), body)
        await peer.send(head(wire.content_type, framing) + octets)
        answer = await peer.answer()
        assert (answer.status, answer.codes) == (413, ("EBMS:0007",))


async def test_and_beside_an_error_nobody_is_told_more_than_the_status(tmp_path: Path) -> None:
    wire = multipart(unsigned(error()), [("part@example", "application/octet-stream", bytes(1 << 20))])
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {LARGE}") + wire.body)
        answer = await peer.answer()
        assert (answer.status, answer.body) == (413, b"")


async def test_a_signal_with_a_small_part_beside_it_is_taken_as_ever(tmp_path: Path) -> None:
    wire = multipart(pull_request().body, [("part@example", "application/octet-stream", bytes(BESIDE_SIGNAL_OCTETS))])
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body)}") + wire.body)
        assert (await peer.answer()).codes == ("EBMS:0006",), "the mailbox is empty"


async def test_one_envelope_of_many_errors_is_a_few_lines_in_the_log(tmp_path: Path) -> None:
    root = etree.fromstring(unsigned(error()))
    signal = next(root.iter("{*}SignalMessage"))
    for _ in range(60):
        signal.addnext(deepcopy(signal))
    body = etree.tostring(root)
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head("application/soap+xml", f"Content-Length: {len(body)}") + body)
        await peer.answer()
        assert 0 < len(hub.log.lines) < 12
        assert any(fields.get("errors", 0) != 0 for _, fields in hub.log.lines)
