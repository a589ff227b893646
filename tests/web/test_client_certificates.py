"""A TLS client certificate is judged for every request by the hub's clock: on kept and on resumed connections too."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub
from support.hubs.raw import connected, whole
from support.keys.tls import tls_folder
from support.messages.wire import ping

from gateway.edge.tls import tls_context

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
ENDED = timedelta(days=20_000)  # more than any certificate here lasts
NOT_BEGUN = timedelta(days=-20_000)


async def listening(hub: TestedHub) -> int:
    """A port on which clients are asked for certificates."""
    files = tls_folder()
    return await hub.running.listen("127.0.0.1", 0, tls_context(files.server(client_authority=files.client_authority)))


@pytest.mark.parametrize("version", VERSIONS)
async def test_one_that_ends_while_its_connection_is_kept_is_403(version: str, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        port = await listening(hub)
        client = tls_folder().client("valid", versions=(VERSIONS[version],) * 2)
        async with connected(hub, port=port, tls=client) as peer:
            await peer.send(whole(ping(at=hub.clock.now()).wire()))
            assert (await peer.answer()).receipt is not None
            hub.clock.move(ENDED)
            await peer.send(whole(ping(at=hub.clock.now()).wire()))
            assert (await peer.answer()).status == 403
            assert await peer.gone() == b""
            assert hub.log.of("request_refused")[-1]["detail"] == "the TLS client certificate is out of its time"


@pytest.mark.parametrize("by", [ENDED, NOT_BEGUN], ids=["ended", "not begun"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_and_so_it_is_on_a_connection_that_resumes_a_session(version: str, by: timedelta, tmp_path: Path) -> None:
    """A resumed session brings its certificate with it, and OpenSSL does not look at it again (TLS 1.2)."""
    async with running_hub(tmp_path) as hub:
        port = await listening(hub)
        client = tls_folder().client("valid", versions=(VERSIONS[version],) * 2)
        first = await asyncio.to_thread(exchange, port, client, None)
        assert first.status == 200
        hub.clock.move(by)
        hub.hub.time.confirm()
        again = await asyncio.to_thread(exchange, port, client, first.session)
        assert (again.resumed, again.status) == (version == "1.2", 403)


async def test_while_the_time_is_suspect_it_is_503(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        port = await listening(hub)
        async with connected(hub, port=port, tls=tls_folder().client("valid")) as peer:
            hub.clock.jump(ENDED)
            await peer.send(whole(ping().wire()))
            answer = await peer.answer()
            assert (answer.status, "Retry-After" in answer.headers) == (503, True)
            assert hub.hub.time.suspect
            assert await peer.gone() == b""


@dataclass(frozen=True)
class Exchange:
    """What became of one request on a connection of its own."""

    status: int
    session: ssl.SSLSession | None
    resumed: bool


def exchange(port: int, client: ssl.SSLContext, session: ssl.SSLSession | None) -> Exchange:
    """Connect, with the session of an earlier connection, and send a ping."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        client.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as tls,
    ):
        tls.sendall(whole(ping().wire(), "Connection: close"))
        answer = b"".join(iter(lambda: tls.recv(1 << 16), b""))
        return Exchange(int(answer.split(b" ")[1]), tls.session, bool(tls.session_reused))


@pytest.mark.parametrize(
    ("shown", "required", "detail"),
    [
        ("expired", False, "certificate has expired"),
        ("stranger", False, "unable to get local issuer certificate"),
        ("absent", True, "no certificate was shown"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
async def test_one_that_ends_the_handshake_is_told_to_the_operator(
    version: str, shown: str, required: bool, detail: str, tmp_path: Path
) -> None:
    files = tls_folder()
    server = files.server(client_authority=files.client_authority)
    async with running_hub(tmp_path) as hub:
        context = tls_context(replace(server, client_required=required))
        port = await hub.running.listen("127.0.0.1", 0, context)
        client = files.client(shown, versions=(VERSIONS[version],) * 2)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(exchange, port, client, None)
        (line,) = hub.log.of("client_certificate_refused")
        assert line == {"detail": detail, "address": "127.0.0.1"}
