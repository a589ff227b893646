"""Abuse of HTTP and MIME (HT and MI cases of the test plan), over sockets against a running hub.

Each case is held against the same reject contract as the rows. Not here: what rows T and H cover already (MI-12,
MI-13), slow readers, floods and TLS floods (HT-03, HT-07, HT-12, HT-13). A chunk extension is read over whatever its
length: it is kept nowhere, and a body that brings nothing else meets the deadlines of HT-02. The HTTP library waits
five seconds for what is left of a body that was refused, so a test looks at the answer and not at the end of the
connection.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.contract import (
    Before,
    Refused,
    assert_next_is_taken,
    assert_nothing_kept,
    assert_refused,
    bare,
    unreadable,
)
from support.hubs.hub import TestedHub
from support.hubs.raw import Peer, chunked, connected, head, listener, whole
from support.hubs.rows import Act, Row, Sent, Stimulus, assert_receipted, both, delivered, refused, taken
from support.messages.bending import MimePart, added, body_content, lines_of, packed, related, resigned, unpacked
from support.messages.wire import ROOT_ID, Draft, Part, Wire, ping, post, saldoverzoek

from gateway.ebms import names
from gateway.limits import EdgeLimits

Arrange = Callable[[tuple[MimePart, ...]], tuple[MimePart, ...]]
SHORT = 0.3  # seconds; long enough for a good message between bad ones


# ---- stimuli


def packaged(arrange: Arrange | None = None, **choices: object) -> Stimulus:
    """A question whose MIME parts are arranged anew."""

    def make() -> Sent:
        draft = saldoverzoek()
        wire = draft.wire()
        parts = unpacked(wire)
        return Sent(wire=packed(wire, arrange(parts) if arrange else parts, **choices), draft=draft)  # type: ignore[arg-type]

    return make


def payload(*lines: str) -> Stimulus:
    """A question with more header lines on its payload part."""
    return packaged(lambda parts: (parts[0], replace(parts[1], lines=(*parts[1].lines, *lines))))


def beside(*lines: str) -> Stimulus:
    """A question with one part more, which has these header lines."""
    return packaged(lambda parts: (*parts, MimePart(lines=lines, octets=b"")))


def root(*lines: str, **choices: object) -> Stimulus:
    """A question whose root part has these header lines."""
    return packaged(lambda parts: (replace(parts[0], lines=lines), *parts[1:]), **choices)


def twin(change: Callable[[str], str]) -> Stimulus:
    """A question whose payload part stands twice, the second time with its Content-ID written otherwise."""

    def arrange(parts: tuple[MimePart, ...]) -> tuple[MimePart, ...]:
        *others, content_id = parts[1].lines
        return (*parts, replace(parts[1], lines=(*others, change(content_id))))

    return packaged(arrange)


def octets_changed(change: Callable[[bytes], bytes]) -> Stimulus:
    """A question without encryption, its whole body changed."""

    def make() -> Wire:
        wire = saldoverzoek().wire()
        return replace(wire, body=change(wire.body))

    return make


def many_parts(count: int) -> Stimulus:
    """A question with so many empty parts more."""
    return packaged(
        lambda parts: (*parts, *(MimePart(lines=lines_of(f"{n}@x", "text/plain"), octets=b"") for n in range(count)))
    )


def named_oddly(name: str) -> Callable[[], Draft]:
    """A question whose attachment says that it is called so."""

    def make() -> Draft:
        draft = saldoverzoek()
        part = Part(octets=b"%PDF-1.7 of the tests", mime_type="application/pdf")
        draft = draft.with_parts(*draft.parts, part)
        document, attachment = draft.user_message.parts
        told = names.MIME_TYPE, "OriginalFileName"
        properties = (*attachment.properties, replace(attachment.properties[0], name=told[1], value=name))
        return draft.saying(parts=(document, replace(attachment, properties=properties)))

    return make


# ---- what is sent octet by octet


def told(*requests: bytes, status: int = 400) -> Act:
    """Each of these requests gets a bare status, and the connection is closed."""

    async def act(hub: TestedHub) -> None:
        wire = ping().wire()
        for octets in requests:
            before = Before.of(hub)
            async with connected(hub) as peer:
                await peer.send(octets)
                assert_refused(hub, wire, await peer.answer(), bare(status), before)
                if status == 400:
                    assert await peer.gone() == b"", octets[:200]
        await assert_next_is_taken(hub)

    return act


def question(*lines: str, **changed: str) -> bytes:
    """A good message with more header lines."""
    return whole(ping().wire(), *lines, **changed)


def framed(*lines: str, body: bytes = b"0\r\n\r\n") -> bytes:
    """A head without Content-Length, and a body."""
    return head(names.SOAP_XML_UTF8, *lines) + body


def in_chunks(*lines: str, version: str = "1.1") -> bytes:
    """A good message in chunks, with these header lines."""
    wire = ping().wire()
    return head(wire.content_type, *lines, version=version) + chunked(wire.body, 1_000)


CHUNKED = "Transfer-Encoding: chunked"


async def ht01(hub: TestedHub) -> None:
    beginnings = (b"", b"POST /a", question()[:60], question()[: question().index(b"\r\n\r\n") + 2])
    async with AsyncExitStack() as stack:
        peers: list[Peer] = []
        for beginning in beginnings:
            for _ in range(10):
                peer = await stack.enter_async_context(connected(hub))
                await peer.send(beginning)
                peers.append(peer)
        assert (await post(hub, saldoverzoek().wire())).receipt is not None, "others are served meanwhile"
        assert set(await asyncio.gather(*(peer.gone() for peer in peers))) == {b""}
    async with connected(hub) as drip:
        assert await dripping(drip, question()[:-1]) == b""
    await assert_next_is_taken(hub)


async def ht01_kept(hub: TestedHub) -> None:
    async with connected(hub) as peer:
        await peer.send(question())
        assert (await peer.answer()).receipt is not None
        await peer.send(question()[:60])
        assert await peer.gone() == b""
    await assert_next_is_taken(hub)


async def dripping(peer: Peer, octets: bytes) -> bytes:
    """Send one octet at a time, with a look at the socket between; what came back when the hub had enough."""
    for octet in octets:
        try:
            await peer.send(bytes([octet]))
            async with asyncio.timeout(0.02):
                return await peer.reader.read(1 << 16)
        except TimeoutError:
            continue
        except ConnectionError:  # the octet came when the hub had closed, which resets
            return b""
    raise AssertionError("the hub took all of it")


async def ht02(hub: TestedHub) -> None:
    draft = saldoverzoek()
    attachment = Part(octets=bytes(range(256)) * 1_200, mime_type="application/pdf", compressed=False)
    wire = draft.with_parts(*draft.parts, attachment).wire()
    for cut in (0, 500, len(wire.body) // 2, len(wire.body) - 1):  # nothing, in the envelope, in a part, all but one
        before = Before.of(hub)
        async with connected(hub) as peer:
            await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body)}") + wire.body[:cut])
            assert_refused(hub, wire, await peer.answer(), bare(408), before)
    await assert_next_is_taken(hub)


async def ht02_drip(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    before = Before.of(hub)
    async with connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body)}"))
        assert (await dripping(peer, wire.body)).startswith(b"HTTP/1.1 408 ")
    assert_nothing_kept(hub, before)
    assert hub.log.of("request_refused")[0]["detail"] in ("the body came too slowly", "the body took too long")
    await assert_next_is_taken(hub)


async def ht04_extensions(hub: TestedHub) -> None:
    wire = ping().wire()
    for extension in (b";a=b", b";" + b"x" * (1 << 20)):
        async with connected(hub) as peer:
            body = b"%x%b\r\n%b\r\n0\r\n\r\n" % (len(wire.body), extension, wire.body)
            await peer.send(head(wire.content_type, CHUNKED) + body)
            assert_receipted(Sent(wire=wire), await peer.answer())


async def ht09(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    before = Before.of(hub)
    async with connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {hub.hub.limits.message_octets + 1}"))
        assert_refused(hub, wire, await peer.answer(), unreadable(status=413), before)
    before = Before.of(hub)
    async with connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body) - 100}") + wire.body)
        # What is left over is no request. Whether that is seen before the message is judged depends on the segments.
        assert (await peer.answer()).status == 400
        await peer.gone()
    assert_nothing_kept(hub, before)
    await assert_next_is_taken(hub)


async def ht11(hub: TestedHub) -> None:
    wire = ping().wire()
    before = Before.of(hub)
    async with connected(hub) as peer:
        await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body)}", "Expect: 100-continue"))
        assert await peer.interim() == 100
        assert_refused(hub, wire, await peer.answer(), bare(408), before)
    for upgrade in ("h2c", "websocket"):  # not taken up, and the message is one like any other
        async with connected(hub) as peer:
            await peer.send(whole(ping().wire(), "Connection: Upgrade", f"Upgrade: {upgrade}"))
            assert (await peer.answer()).receipt is not None
    await told(question("Expect: 200-maybe"), status=417)(hub)
    await told(head(None, "Content-Length: 0", method="TRACE"), status=405)(hub)
    await told(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", status=404)(hub)


async def ht14(hub: TestedHub) -> None:
    for octets in (
        question(path="/as4?service=another&action=Delete"),
        question('SOAPAction: "urn:another:action"'),
        question("X-HTTP-Method-Override: DELETE", "X-Original-URL: /admin", "X-Forwarded-Host: elsewhere"),
    ):
        async with connected(hub) as peer:
            await peer.send(octets)
            assert (await peer.answer()).receipt is not None
    await told(
        *(head(None, "Content-Length: 0", method=each) for each in ("GET", "PUT", "PATCH", "OPTIONS")), status=405
    )(hub)
    await told(question(path="/"), question(path="/as4/../as4/x"), question(path="//as4"), status=404)(hub)


async def mi16(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    first = await post(hub, wire)
    assert first.receipt is not None
    again = [await post(hub, wire, headers={"Via": "1.1 proxy.test", "X-Forwarded-For": "192.0.2.1"})]
    for octets in (
        whole(wire, version="1.0"),
        whole(wire, "Connection: close"),
        head(wire.content_type, CHUNKED) + chunked(wire.body, 7),
    ):
        async with connected(hub) as peer:
            await peer.send(octets)
            again.append(await peer.answer())
    assert {each.body for each in again} == {first.body}


async def mi17(hub: TestedHub) -> None:
    include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="{}"/>'
    async with listener() as nobody:
        for href in (nobody.url, "cid:root@tests.example", "file:///etc/hostname"):
            inside = include.format(href)

            def in_property(inside: str = inside) -> Wire:
                return resigned(saldoverzoek(), added("UserMessage/MessageProperties/Property", inside))

            def in_body(inside: str = inside) -> Wire:
                return resigned(saldoverzoek(), body_content(f"<x>{inside}</x>"))

            await refused(Refused("EBMS:0009"), in_property)(hub)
            await refused(Refused("EBMS:0003"), in_body)(hub)
        await refused(
            unreadable(),
            packaged(content_type=related(kind="application/xop+xml")),
            root('Content-Type: application/xop+xml; type="application/soap+xml"', f"Content-ID: <{ROOT_ID}>"),
        )(hub)


TABLE = (
    Row("HT-01", "silent and dripping heads meet a deadline", ht01, edge_limits=EdgeLimits(header_seconds=SHORT)),
    Row(
        "HT-01 kept connection",
        "so does the second head of a connection",
        ht01_kept,
        edge_limits=EdgeLimits(keepalive_seconds=SHORT),
    ),
    Row("HT-02", "a stalled body meets a deadline", ht02, edge_limits=EdgeLimits(idle_seconds=SHORT)),
    Row(
        "HT-02 slow",
        "a body below the slowest rate is cut off",
        ht02_drip,
        edge_limits=EdgeLimits(slow_window_seconds=SHORT),
    ),
    Row("HT-02 long", "a body that takes too long is cut off", ht02_drip, edge_limits=EdgeLimits(total_seconds=SHORT)),
    Row(
        "HT-04",
        "two ways to tell the length, or an odd one, are refused",
        told(
            question(CHUNKED),
            in_chunks(CHUNKED, "Content-Length: 5"),
            question("Content-Length: 5"),
            framed("Content-Length: 5, 5", body=b"hello"),
            framed("Content-Length: -1"),
            framed("Content-Length: +5", body=b"hello"),
            framed("Content-Length: 0x5", body=b"hello"),
            framed("Content-Length: " + "9" * 30, body=b"hello"),
            in_chunks(CHUNKED, CHUNKED),
            in_chunks("Transfer-Encoding: chunked, chunked"),
            in_chunks("Transfer-Encoding: x"),
            in_chunks("Transfer-Encoding: x, chunked"),
            in_chunks("Transfer-Encoding: gzip, chunked"),
            in_chunks("Transfer-Encoding: xchunked"),
            in_chunks(CHUNKED, version="1.0"),
            in_chunks(CHUNKED, "Connection: keep-alive", version="1.0"),
            framed(CHUNKED, body=b"-5\r\nhello\r\n0\r\n\r\n"),
            framed(CHUNKED, body=b"+5\r\nhello\r\n0\r\n\r\n"),
            framed(CHUNKED, body=b"0x5\r\nhello\r\n0\r\n\r\n"),
            framed(CHUNKED, body=b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
            framed(CHUNKED, body=b"5\r\nhelloXX0\r\n\r\n"),
            framed(CHUNKED, body=b"5\nhello\n0\n\n"),
        ),
    ),
    Row("HT-04 extensions", "chunk extensions mean nothing and are kept nowhere", ht04_extensions),
    Row(
        "HT-06",
        "malformed and overlong heads are refused",
        both(
            told(
                question("X-Folded: a\r\n b"),
                question("X-Blank : a"),
                question("X-Feed: a\nX-More: b"),
                question("X-Return: a\rb"),
                question("X-Nul: a\0b"),
                question("X-Control: a\x01b"),
                question("X-Long: " + "y" * 9_000),
                question(*(f"X-{number}: y" for number in range(500))),
                question("Content-Type: text/plain"),
                question("Host: another.test"),
                question().replace(b"\r\n", b"\n"),
                in_chunks(CHUNKED)[:-2] + b"".join(b"X-%d: y\r\n" % number for number in range(10_000)) + b"\r\n",
            ),
            told(question(version="1.2"), status=505),
        ),
    ),
    Row(
        "HT-08",
        "a content coding is refused before anything is inflated",
        told(
            *(question(f"Content-Encoding: {each}") for each in ("gzip", "deflate", "br", "identity, gzip", "x")),
            question("Content-Encoding: identity", "Content-Encoding: gzip"),
            head(names.SOAP_XML, "Content-Encoding: gzip", CHUNKED) + chunked(gzip.compress(bytes(10 << 20)), 5_000),
            status=415,
        ),
    ),
    Row("HT-09", "a length over the limit, or a false one, is refused", ht09),
    Row("HT-11", "odd expectations and upgrades change nothing", ht11, edge_limits=EdgeLimits(idle_seconds=SHORT)),
    Row("HT-14", "nothing but the message says what it is for", ht14),
    Row(
        "MI-01",
        "one Content-ID for two parts is refused, however it is written",
        refused(
            unreadable(),
            twin(lambda line: line),
            twin(str.upper),
            twin(lambda line: line.replace("<", "< ").replace(">", " >")),
            twin(lambda line: line.replace("<", "").replace(">", "")),
            twin(lambda line: line.replace("@", "%40")),
            beside(f"Content-ID: <{ROOT_ID}>", "Content-Type: text/plain"),
        ),
    ),
    Row(
        "MI-02",
        "a header that stands twice in a part is refused",
        refused(
            unreadable(),
            payload("Content-ID: <another@tests.example>"),
            payload("Content-Type: text/plain"),
            payload("content-transfer-encoding: binary"),
        ),
    ),
    Row(
        "MI-05",
        "other line ends than CRLF are refused",
        refused(
            unreadable(),
            octets_changed(lambda octets: octets.replace(b"\r\n", b"\n")),
            octets_changed(lambda octets: octets.replace(b"\r\n", b"\r")),
            octets_changed(lambda octets: octets.replace(b"\r\n", b"\n", 2)),
        ),
    ),
    Row(
        "MI-06",
        "malformed, overlong and many part headers are refused; one that means nothing may be folded and hold UTF-8",
        both(
            refused(
                unreadable(),
                payload("no colon"),
                payload("X-Blank : a"),
                payload("X-Nul: a\0b"),
                payload(*(f"X-{number}: y" for number in range(14))),
                payload("X-Long: " + "y" * 9_000),
            ),
            taken(payload("X-Folded: a\r\n b"), payload("X-Eight: \u00e9")),
        ),
    ),
    Row(
        "MI-07",
        "unknown and repeated transfer encodings are refused",
        refused(
            unreadable(),
            beside("Content-ID: <a@x>", "Content-Transfer-Encoding: x-evil"),
            beside("Content-ID: <a@x>", "Content-Transfer-Encoding: base64, base64"),
            beside("Content-ID: <a@x>", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: base64"),
        ),
    ),
    Row(
        "MI-09",
        "messages within messages are refused",
        both(
            refused(
                unreadable(),
                beside("Content-ID: <a@x>", "Content-Type: multipart/mixed; boundary=x"),
                beside("Content-ID: <a@x>", "Content-Type: message/rfc822"),
                root('Content-Type: multipart/related; boundary="x"', f"Content-ID: <{ROOT_ID}>"),
            ),
            refused(bare(415), packaged(content_type='multipart/form-data; boundary="boundary-of-the-tests"')),
        ),
    ),
    Row("MI-11", "more than 64 parts are refused", refused(unreadable(), many_parts(64), many_parts(3_000))),
    Row(
        "MI-14",
        "names of files are text and nothing more",
        delivered(
            named_oddly("../../etc/cron.d/canary"),
            named_oddly("canary\u202efdp.exe"),
            payload('Content-Disposition: attachment; filename="../../canary"'),
            payload("Content-Disposition: attachment; filename*=UTF-8''..%2F..%2Fcanary%00"),
        ),
        extra={"counsellor": {"part_properties": [{"name": "OriginalFileName"}]}},
    ),
    Row(
        "MI-15",
        "a root that is no SOAP 1.2 in a known charset is refused",
        both(
            refused(
                unreadable(),
                root("Content-Type: text/xml; charset=UTF-8", f"Content-ID: <{ROOT_ID}>"),
                root(f"Content-ID: <{ROOT_ID}>"),
                packaged(content_type=related(kind="text/xml")),
            ),
            refused(
                unreadable("EBMS:0009"),
                root("Content-Type: application/soap+xml; charset=utf-7", f"Content-ID: <{ROOT_ID}>"),
            ),
        ),
    ),
    Row("MI-16", "the same octets get the same answer, whichever way they came", mi16),
    Row("MI-17", "XOP is not followed", mi17),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE])
async def test_abuse_of_http_and_mime(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
