"""Behind proxies that open each connection with a PROXY header: whose it is, and that nobody else connects."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from support.hubs.hub import PATIENT, TestedHub, running_hub
from support.hubs.raw import Peer, connected, head, pieces, whole
from support.keys.tls import tls_folder
from support.messages.wire import ping, saldoverzoek
from support.net.proxying import LOCAL, PROXY, block, extension, header_of

from gateway.edge.tls import tls_context
from gateway.limits import EdgeLimits

PROXY_ADDRESS, BEHIND, STRANGER = "127.0.0.1", "10.9.0.1", "127.0.0.2"
ORIGIN, OTHER = "198.51.100.9", "203.0.113.5"
LIMITS = replace(
    EdgeLimits(), **PATIENT, trusted_proxies=(ip_network(PROXY_ADDRESS), ip_network(BEHIND)), proxy_protocol=True
)
GET = head(None, method="GET")
REQUESTS = {"requests_per_second": 0.001}  # a burst of one, and the next after a quarter of an hour


async def status(hub: TestedHub, octets: bytes, request: bytes = GET) -> int:
    """What a request on a connection with that header is answered."""
    async with connected(hub) as peer:
        await peer.send(octets + request)
        return (await peer.answer()).status


def knock(port: int, octets: bytes) -> bytes:
    """What a stranger gets who connects and sends that."""
    try:
        with socket.create_connection((PROXY_ADDRESS, port), 20, (STRANGER, 0)) as stranger:
            stranger.sendall(octets)
            return stranger.recv(1 << 16)
    except ConnectionError:  # it is reset, before it has sent or after that
        return b""


@pytest.mark.parametrize(
    ("octets", "address"),
    [
        (header_of(ORIGIN), ORIGIN),
        (header_of("2001:db8:7::9"), "2001:db8:7::9"),
        (header_of(f"::ffff:{ORIGIN}"), ORIGIN),
        (header_of(ORIGIN, extensions=extension(4, b"\0" * 900) + extension(0x20, b"\1")), ORIGIN),
        (block(LOCAL, 0, b""), PROXY_ADDRESS),
    ],
    ids=["IPv4", "IPv6", "mapped", "extensions", "for itself"],
)
@pytest.mark.parametrize("size", [1, 1 << 16])
async def test_the_log_goes_by_the_address_in_the_header_SR_14(
    octets: bytes, address: str, size: int, tmp_path: Path
) -> None:
    async with running_hub(tmp_path, edge_limits=LIMITS) as hub, connected(hub) as peer:
        for each in pieces(octets + GET, size):
            await peer.send(each)
        assert (await peer.answer()).status == 405
        await peer.send(b"no HTTP\r\n\r\n")
        assert (await peer.answer()).status == 400
        assert [each["address"] for each in hub.log.of("request_refused")] == [address] * 2


async def test_requests_count_for_that_address_SR_14(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=replace(LIMITS, **REQUESTS)) as hub:
        assert [await status(hub, header_of(each)) for each in (ORIGIN, ORIGIN, OTHER)] == [405, 429, 405]


async def test_so_do_connections_and_the_proxy_has_as_many_as_it_opens_SR_14(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path, edge_limits=replace(LIMITS, connections_per_address=1)) as hub,
        connected(hub) as first,
        connected(hub) as again,
        connected(hub) as other,
    ):
        for peer, origin in ((first, ORIGIN), (other, OTHER)):
            await peer.send(header_of(origin) + GET)
            assert (await peer.answer()).status == 405
        await again.send(header_of(ORIGIN) + GET)
        assert await again.gone() == b""
        assert hub.log.of("connection_refused") == [{"address": ORIGIN}]
        assert hub.running.edge.admission.connections.weight == 2


@pytest.mark.parametrize(
    ("origin", "address"), [(ORIGIN, ORIGIN), (BEHIND, OTHER)], ids=["a client's", "that of another proxy of ours"]
)
async def test_a_forwarded_address_is_believed_from_a_proxy_at_the_origin_alone_SR_14(
    origin: str, address: str, tmp_path: Path
) -> None:
    async with running_hub(tmp_path, edge_limits=LIMITS) as hub:
        assert await status(hub, header_of(origin), head(None, f"X-Forwarded-For: {OTHER}", method="GET")) == 405
        assert [each["address"] for each in hub.log.of("request_refused")] == [address]


BOUND = {"counsellor": {"addresses": [f"{ORIGIN}/32"], "tls_thumbprints": [tls_folder().thumbprint("valid")]}}


@asynccontextmanager
async def over_tls(hub: TestedHub, port: int, origin: str, client: str) -> AsyncIterator[Peer]:
    """A connection of a proxy that passes on the TLS of a client."""
    async with connected(hub, port=port) as peer:
        await peer.send(header_of(origin))
        await peer.writer.start_tls(tls_folder().client(client), server_hostname="127.0.0.1")
        yield peer


@pytest.mark.parametrize(
    ("origin", "client", "codes"),
    [(ORIGIN, "valid", ()), (OTHER, "valid", ("EBMS:0010",)), (ORIGIN, "other", ("EBMS:0101",))],
)
async def test_it_stands_before_tls_and_an_organisation_is_bound_to_it_SR_14(
    origin: str, client: str, codes: tuple[str, ...], tmp_path: Path
) -> None:
    files = tls_folder()
    async with running_hub(tmp_path, edge_limits=LIMITS, extra=BOUND) as hub:
        tls = tls_context(files.server(client_authority=files.client_authority))
        port = await hub.running.listen("127.0.0.1", 0, tls)
        async with over_tls(hub, port, origin, client) as peer:
            await peer.send(whole(saldoverzoek().wire()))
            answer = await peer.answer()
        assert (answer.receipt is not None, answer.codes) == (codes == (), codes)


MALFORMED = {
    "HTTP": (GET, "no PROXY header of version 2"),
    "version 1": (b"PROXY TCP4 192.0.2.7 192.0.2.1 41000 443\r\n", "no PROXY header of version 2"),
    "UDP": (block(PROXY, 0x12, b"\0" * 12), "it is for something else than TCP over IPv4 or IPv6"),
    "another command": (block(0x2F, 0x11, b"\0" * 12), "another version or command than is known"),
    "short": (block(PROXY, 0x11, b"\0" * 11), "it is too short for its addresses"),
    "long": (block(PROXY, 0x11, b"", octets=0xFFFF), "it is too long"),
    "an extension": (header_of(ORIGIN, extensions=b"\4\0\2\0"), "an extension is longer than the header"),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_proxy_without_a_header_or_with_another_is_told_to_the_operator_SR_14(
    name: str, tmp_path: Path
) -> None:
    octets, detail = MALFORMED[name]
    async with running_hub(tmp_path, edge_limits=LIMITS) as hub:
        async with connected(hub) as peer:
            await peer.send(octets)
            assert await peer.gone() == b""
        assert hub.log.of("proxy_header_refused") == [{"detail": detail, "address": PROXY_ADDRESS}]
        assert hub.running.edge.admission.connections.weight == 0


async def test_one_that_is_cut_is_too_at_every_octet_SR_14(tmp_path: Path) -> None:
    octets = header_of(ORIGIN)
    async with running_hub(tmp_path, edge_limits=LIMITS) as hub:
        for cut in range(1, len(octets)):
            async with connected(hub) as peer:
                await peer.send(octets[:cut])
                peer.writer.write_eof()
                assert await peer.gone() == b""
        told = {"detail": "it is cut", "address": PROXY_ADDRESS}
        assert hub.log.of("proxy_header_refused") == [told] * (len(octets) - 1)
        async with connected(hub) as peer:  # who asks whether somebody listens
            peer.writer.write_eof()
            assert await peer.gone() == b""
        assert len(hub.log.of("proxy_header_refused")) == len(octets) - 1
        assert hub.running.edge.admission.connections.weight == 0


@pytest.mark.parametrize("came", [b"", header_of(ORIGIN)[:20]], ids=["nothing", "half"])
async def test_one_that_does_not_come_in_the_time_of_a_handshake_is_closed_SR_14(came: bytes, tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=replace(LIMITS, handshake_seconds=0.2)) as hub:
        async with connected(hub) as peer:
            await peer.send(came)
            assert await peer.gone() == b""
        assert [each["detail"] for each in hub.log.of("proxy_header_refused")] == ["it did not come in time"]
        assert hub.running.edge.admission.connections.weight == 0


async def test_header_and_handshake_have_that_time_together_SR_14(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=replace(LIMITS, handshake_seconds=0.2)) as hub:
        port = await hub.running.listen("127.0.0.1", 0, tls_context(tls_folder().server()))
        async with connected(hub, port=port) as peer:
            await peer.send(header_of(ORIGIN))
            assert await peer.gone() == b""
        assert hub.running.edge.admission.connections.weight == 0


@pytest.mark.parametrize("octets", [header_of(ORIGIN) + GET, GET, b""], ids=["with a header", "without", "silent"])
async def test_from_anybody_else_the_connection_is_closed_SR_14(octets: bytes, tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=LIMITS) as hub:
        assert await asyncio.to_thread(knock, hub.port, octets) == b""
        assert hub.log.of("connection_refused") == [{"address": STRANGER}]


async def test_a_connection_counts_from_its_accept_SR_14(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=LIMITS) as hub, connected(hub), connected(hub) as later:
        await later.send(header_of(ORIGIN) + GET)
        assert (await later.answer()).status == 405
        assert hub.running.edge.admission.connections.weight == 2


async def test_a_stop_waits_for_no_header_SR_14(tmp_path: Path) -> None:
    limits = replace(LIMITS, handshake_seconds=600.0)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer, connected(hub) as later:
        await peer.send(header_of(ORIGIN)[:20])
        await later.send(header_of(ORIGIN) + GET)
        assert (await later.answer()).status == 405
        async with asyncio.timeout(20):
            await hub.running.edge.stop()
        assert await peer.gone() == b""


async def test_a_header_with_a_certificate_is_believed_from_a_proxy_at_the_origin_alone_SR_14(tmp_path: Path) -> None:
    limits = replace(LIMITS, client_certificate_header="Client-Cert")
    async with running_hub(tmp_path, edge_limits=limits) as hub:
        request = whole(ping().wire(), "Client-Cert: :AAAA:", f"X-Forwarded-For: {OTHER}")
        assert await status(hub, header_of(ORIGIN), request) == 400
        assert await status(hub, header_of(BEHIND), request) == 400
        details = [each["detail"] for each in hub.log.of("request_refused")]
        assert details == [
            "a client certificate in a header, from no proxy of ours",
            "the header of the client certificate cannot be read",
        ]
