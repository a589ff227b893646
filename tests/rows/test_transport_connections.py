"""Rows of T01 to T40 about connections, HTTP and TLS, over sockets against a running hub; packaging stands beside.

What the rows left open: a request with a content coding is 415 (T40). T34 stands for a gigabyte with 32 MiB: the whole
size, and the memory it takes, are measured by the benchmark.
"""

from __future__ import annotations

import gzip
import ssl
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.contract import (
    Before,
    assert_next_is_taken,
    assert_nothing_kept,
    assert_refused,
    bare,
)
from support.hubs.hub import TestedHub
from support.hubs.raw import chunked, connected, head, headers_of, whole
from support.hubs.rows import Row, Sent, assert_delivered, assert_receipted
from support.hubs.rows import ids as ids_of
from support.keys.tls import tls_folder
from support.messages.bending import plain
from support.messages.wire import Reply, ping, post, pull_request, saldoverzoek, with_attachment

from gateway.edge.tls import TlsFiles, tls_context


async def t12(hub: TestedHub) -> None:
    draft = with_attachment(300_000)
    wire = draft.wire()
    before = Before.of(hub)
    async with connected(hub) as peer:
        await peer.send(whole(wire)[:-1_000])
        peer.abort()
    await hub.log.came("peer_gone")
    assert_nothing_kept(hub, before)
    assert len(hub.log.lines) == 1
    sent = Sent(wire=wire, draft=draft)
    assert_receipted(sent, await post(hub, wire))
    await assert_delivered(hub, sent)


async def t20(hub: TestedHub) -> None:
    for size in (1, 1_000, 1 << 20):
        wire = saldoverzoek().wire() if size > 1 else ping().wire()
        async with connected(hub) as peer:
            await peer.send(head(wire.content_type, "Transfer-Encoding: chunked") + chunked(wire.body, size))
            assert_receipted(Sent(wire=wire), await peer.answer())


async def t21(hub: TestedHub) -> None:
    wire = with_attachment(300_000).wire()
    async with connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body)}", "Expect: 100-continue"))
        assert await peer.interim() == 100
        await peer.send(wire.body)
        assert_receipted(Sent(wire=wire), await peer.answer())


async def t22(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        before = Before.of(hub)
        async with connected(hub) as peer:
            await peer.send(head(wire.content_type, "Content-Length: 0", method=method))
            reply = await peer.answer(bodiless=method == "HEAD")
        assert_refused(hub, wire, reply, bare(405), before)
        assert headers_of(reply)["allow"] == "POST"
    await assert_next_is_taken(hub)


async def t23(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    for content_type in (None, "", "text/plain", "text/xml; charset=UTF-8", "multipart/form-data; boundary=b", "soap"):
        before = Before.of(hub)
        async with connected(hub) as peer:
            await peer.send(whole(replace(wire, content_type=content_type)))  # type: ignore[arg-type]
            assert_refused(hub, wire, await peer.answer(), bare(415), before)
    await assert_next_is_taken(hub)


async def t34(hub: TestedHub) -> None:
    draft = with_attachment(32 << 20)
    sent = Sent(wire=draft.wire(), draft=draft)
    assert_receipted(sent, await post(hub, sent.wire))
    await assert_delivered(hub, sent)


async def t35(hub: TestedHub) -> None:
    assert (await post(hub, saldoverzoek().wire())).receipt is not None
    try:
        port = await hub.running.listen("::1", 0, None)
    except OSError as absent:
        pytest.skip(f"this machine has no IPv6 loopback: {absent.strerror}")
    wire = saldoverzoek().wire()
    async with connected(hub, host="::1", port=port) as peer:
        await peer.send(whole(wire))
        assert_receipted(Sent(wire=wire), await peer.answer())


async def over_tls(hub: TestedHub, server: TlsFiles, client: ssl.SSLContext) -> tuple[Reply, str, str]:
    """A message over TLS: the answer, the version and the cipher suite; raises when there is no connection."""
    port = await hub.running.listen("127.0.0.1", 0, tls_context(server))
    wire = ping().wire()
    async with connected(hub, port=port, tls=client) as peer:
        tls = peer.writer.get_extra_info("ssl_object")
        await peer.send(whole(wire))
        return await peer.answer(), tls.version(), tls.cipher()[0]


NO_CONNECTION = (ssl.SSLError, ConnectionError, EOFError)  # a TLS alert, a reset, an end before the answer
TLS_1_2 = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
TLS_1_1 = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


async def t36(hub: TestedHub) -> None:
    files = tls_folder()
    answer, version, _ = await over_tls(hub, files.server(), files.client())
    assert (answer.receipt is not None, version) == (True, "TLSv1.3")
    _, version, _ = await over_tls(hub, files.server(), files.client(versions=TLS_1_2))
    assert version == "TLSv1.2"
    with pytest.raises(NO_CONNECTION):
        await over_tls(hub, files.server(minimum="1.3"), files.client(versions=TLS_1_2))
    for suite in ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"):
        assert (await over_tls(hub, files.server(ciphers=suite), files.client(versions=TLS_1_2)))[2] == suite


async def t37(hub: TestedHub) -> None:
    files = tls_folder()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the versions are meant to be old
        old = files.client(versions=TLS_1_1, ciphers="ALL:@SECLEVEL=0")
        careless = careless_server(files.server())
    for client in (
        old,
        files.client(versions=TLS_1_2, ciphers="AES128-SHA:@SECLEVEL=0"),
        files.client(versions=TLS_1_2, ciphers="NULL:@SECLEVEL=0"),
    ):
        with pytest.raises(NO_CONNECTION):
            await over_tls(hub, files.server(), client)
    # The client could have: a server that allows it is spoken to.
    port = await hub.running.listen("127.0.0.1", 0, careless)
    async with connected(hub, port=port, tls=old) as peer:
        assert peer.writer.get_extra_info("ssl_object").version() == "TLSv1.1"


def careless_server(files: TlsFiles) -> ssl.SSLContext:
    """A server context as no hub has it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    return context


async def t38(hub: TestedHub) -> None:
    files = tls_folder()
    asked = files.server(client_authority=files.client_authority)
    demanded = replace(asked, client_required=True)
    assert (await over_tls(hub, demanded, files.client("valid")))[0].receipt is not None
    for certificate in ("absent", "stranger"):
        with pytest.raises(NO_CONNECTION):
            await over_tls(hub, demanded, files.client(certificate))
    for certificate in ("absent", "other"):  # the P-Mode names the certificate of "valid"
        assert (await over_tls(hub, asked, files.client(certificate)))[0].codes == ("EBMS:0101",)


async def t39(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    error = plain(wire, b"<a/>" + wire.envelope)
    for each, status in ((wire, 200), (pull_request("counsellor"), 200), (error, 400)):
        async with connected(hub) as peer:
            await peer.send(whole(each, "Connection: close"))
            reply = await peer.answer()
            assert await peer.gone() == b"", "one body and nothing after it"
        assert (reply.status, headers_of(reply)["content-type"]) == (status, "application/soap+xml; charset=UTF-8")
        assert reply.verified is not None


async def t40(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    before = Before.of(hub)
    reply = await post(hub, replace(wire, body=gzip.compress(wire.body)), headers={"Content-Encoding": "gzip"})
    assert_refused(hub, wire, reply, bare(415), before)
    await assert_next_is_taken(hub)


TABLE = (
    Row("T12", "a connection that breaks leaves nothing behind", t12),
    Row("T20", "a chunked request is taken", t20),
    Row("T21", "Expect: 100-continue is answered with 100 and then a receipt", t21),
    Row("T22", "another method than POST is 405, without SOAP", t22),
    Row("T23", "a missing or other Content-Type is 415", t23),
    Row("T34", "a large payload passes through (32 MiB here, a gigabyte in the benchmark)", t34),
    Row("T35", "IPv4 and IPv6 are both served", t35),
    Row("T36", "TLS versions and suites are parameters", t36),
    Row("T37", "old TLS and weak suites get no connection", t37),
    Row(
        "T38",
        "TLS clients are let in by their certificates",
        t38,
        extra=lambda: {"counsellor": {"tls_thumbprints": [tls_folder().thumbprint("valid")]}},
    ),
    Row("T39", "every answer is one application/soap+xml body", t39),
    Row("T40", "a content coding is 415", t40),
)
ROWS = ids_of(TABLE)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE])
async def test_connections(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
