"""The end of a peer's input is not the end of the connection: a whole request gets its answer, with TLS too."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.hubs.hub import PATIENT, running_hub
from support.hubs.raw import chunked, connected, head, whole
from support.keys.tls import tls_folder
from support.messages.wire import ping

from gateway.edge.connection import Connection
from gateway.edge.tls import tls_context
from gateway.limits import EdgeLimits


async def test_who_closes_his_sending_half_after_a_whole_request_gets_his_answer(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire()))
        peer.writer.write_eof()
        assert (await peer.answer()).receipt is not None
        assert await peer.gone() == b"", "and then the connection ends"


async def test_who_closes_while_the_end_of_his_answer_is_written_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_response, eof_received, ended = Connection.finish_response, Connection.eof_received, asyncio.Event()

    def told(self: Connection) -> bool:
        ended.set()
        return eof_received(self)

    async def then_the_end_of_input(self: Connection, *arguments: Any) -> Any:
        finished = await finish_response(self, *arguments)
        async with asyncio.timeout(20):
            await ended.wait()
        return finished

    monkeypatch.setattr(Connection, "eof_received", told)
    monkeypatch.setattr(Connection, "finish_response", then_the_end_of_input)
    limits = replace(EdgeLimits(), **PATIENT, keepalive_seconds=3000.0)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire()))
        assert (await peer.answer()).receipt is not None
        peer.writer.write_eof()
        assert await peer.gone() == b""


async def shaken(
    port: int, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO, asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection whose handshake is over for us; what ends it, in TLS 1.3, is not sent yet."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls_folder().client(versions=(version, version))
    tls = client.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        while True:
            try:
                tls.do_handshake()
                return tls, outgoing, incoming, reader, writer
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(1 << 16))


@pytest.mark.parametrize("farewell", [True, False], ids=["close_notify", "TCP alone"])
async def test_and_so_with_TLS(farewell: bool, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        port = await hub.running.listen("127.0.0.1", 0, tls_context(tls_folder().server()))
        tls, outgoing, incoming, reader, writer = await shaken(port)
        async with asyncio.timeout(20):
            tls.write(whole(ping().wire()))
            if farewell:
                with pytest.raises(ssl.SSLError):
                    tls.unwrap()
            writer.write(outgoing.read())
            writer.write_eof()
            incoming.write(await reader.read())
        answer = tls.read(1 << 16)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2], ids=["1.3", "1.2"])
async def test_a_reset_at_any_moment_is_no_fault_of_ours(
    version: ssl.TLSVersion, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The reset comes with what is sent last, so the hub writes the end of its handshake into it, or its answer."""
    noted: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noted.append(context))
    request = whole(ping().wire())
    async with running_hub(tmp_path) as hub:
        port = await hub.running.listen("127.0.0.1", 0, tls_context(tls_folder().server()))
        for moment in (b"", request[:20], request[:-5], request, request * 3, b"no HTTP\r\n\r\n"):
            tls, outgoing, _, _, writer = await shaken(port, version)
            tls.write(moment)
            writer.write(outgoing.read())
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        async with connected(hub, port=port, tls=tls_folder().client()) as peer:
            await peer.send(request)
            assert (await peer.answer()).receipt is not None
        gc.collect()  # a task that failed and that nobody asked tells of it when it goes
        assert not noted
        assert not caplog.records, "and no library has a line for it"


async def test_a_request_that_is_not_whole_then_gets_none(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire())[:-1])
        peer.writer.write_eof()
        assert await peer.gone() == b""


@pytest.mark.parametrize(
    ("target", "status"),
    [("http://hub.test/as4", 415), ("http://HUB.test:80/as4", 415), ("http://another.test/as4", 400),
     ("http://hub.test:81/as4", 400), ("http://me@hub.test/as4", 400), ("ftp://hub.test/as4", 400)],
)  # fmt: skip
async def test_a_target_that_names_another_host_is_400(target: str, status: int, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head("text/plain", "Content-Length: 0", path=target))
        assert (await peer.answer()).status == status


@pytest.mark.parametrize(
    ("version", "content_type", "status"),
    [("1.1", "application/soap+xml", 100), ("1.1", "text/plain", 415), ("1.0", "text/plain", 415)],
)
async def test_100_is_sent_to_HTTP_1_1_alone_and_for_what_is_read(
    version: str, content_type: str, status: int, tmp_path: Path
) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head(content_type, "Content-Length: 10", "Expect: , 100-continue,", version=version))
        assert await peer.interim() == status


@pytest.mark.parametrize("expected", ["100-continue", "200-maybe"])
async def test_an_expectation_means_nothing_in_HTTP_1_0(expected: str, tmp_path: Path) -> None:
    request = whole(ping().wire(), f"Expect: {expected}", version="1.0")
    async with running_hub(tmp_path) as hub, connected(hub) as peer, connected(hub) as other:
        await peer.send(request[:-1])
        await other.send(whole(ping().wire()))
        assert (await other.answer()).receipt is not None  # by now the hub waits for the last octet
        await peer.send(request[-1:])
        assert (await peer.answer()).receipt is not None, "and no 100 before it"


@pytest.mark.parametrize(
    ("line", "status"),
    [("Content-Encoding: ,", 200), ("Content-Encoding: , identity ,", 200), ("Content-Encoding:", 200),
     ("Content-Encoding: ,gzip", 415), ("Connection: ,", 200), ("Expect: ,", 200)],
)  # fmt: skip
async def test_an_empty_element_of_a_list_is_nothing(line: str, status: int, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire(), line))
        assert (await peer.answer()).status == status


@pytest.mark.parametrize(
    ("value", "status"),
    [("chunked", 200), (", chunked", 200), ("chunked,", 400), (",", 400), ("chunked, chunked", 400)],
)
async def test_but_behind_chunked_it_leaves_the_end_of_a_body_in_doubt(value: str, status: int, tmp_path: Path) -> None:
    """RFC 9112 6.3: when the last coding is not chunked the request has no end; we read no more of it."""
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        wire = ping().wire()
        await peer.send(head(wire.content_type, f"Transfer-Encoding: {value}") + chunked(wire.body, 1000))
        assert (await peer.answer()).status == status
        if status == 400:
            assert await peer.gone() == b"", "what follows is not read as another request"


@pytest.mark.parametrize("target", ["hub.test:443", "another.test:443", "/as4"])
async def test_the_hub_is_no_proxy(target: str, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head(None, method="CONNECT", path=target) + whole(ping().wire()))
        assert (await peer.answer()).status == 404
        assert await peer.gone() == b"", "what follows a CONNECT is not read"


HOSTS = ["hub.test", "hub.test:8443", "127.0.0.1:8443", "[::1]:8443", "[::1]", "h_u-b.test.", ""]
NO_HOSTS = [
    "a b",
    "user@hub.test",
    "[::1",
    "::1",
    "hub.test:x",
    "hub.test/as4",
    "http://hub.test",
    "hub.test, x",
]


@pytest.mark.parametrize(("host", "status"), [*((each, 200) for each in HOSTS), *((each, 400) for each in NO_HOSTS)])
async def test_a_Host_is_a_name_or_an_address_and_a_port(host: str, status: int, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire()).replace(b"Host: hub.test", b"Host: " + host.encode()))
        assert (await peer.answer()).status == status


async def test_a_target_has_no_fragment(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire(), path="/as4#part"))
        assert (await peer.answer()).status == 400


async def test_what_is_no_HTTP_is_answered_in_the_version_that_the_hub_speaks(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(b"POST /as4 HTTP/1.1\r\nHost : x\r\n\r\n")
        assert (await peer.gone()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("version", ["0.9", "1.2", "1.9", "2.0", "3.0"])
async def test_a_version_of_HTTP_that_nobody_speaks_here_is_505_in_one_that_the_hub_speaks(
    version: str, tmp_path: Path
) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head("application/soap+xml", "Content-Length: 0", "Expect: 100-continue", version=version))
        assert (await peer.gone()).startswith(b"HTTP/1.1 505 ")


@pytest.mark.parametrize(("method", "status"), [("PROPFIND", 405), ("post", 400), ("X", 400)])
async def test_a_method_that_nobody_registered_is_no_HTTP(method: str, status: int, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as peer:
        await peer.send(head(None, "Content-Length: 0", method=method))
        assert (await peer.answer()).status == status
