"""One request to somebody else's server: what comes of it, and what is not done, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from support.keys.tls import tls_folder
from support.net.answering import Answering, answering

from gateway.limits import OutboundLimits
from gateway.net.destination import Destinations
from gateway.net.fetching import MOST_DECLINED_OCTETS, Declined, NotFetched, Outbound

LOOPBACK = Destinations(
    hosts=frozenset({"127.0.0.1", "crl.example.org", "localhost"}), networks=(ip_network("127.0.0.1/32"),)
)
QUICK = OutboundLimits(seconds=0.3)


async def to_loopback(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def why_not(server: Answering, outbound: Outbound | None = None, *, url: str = "", most_octets: int = 100) -> str:
    with pytest.raises(NotFetched) as refused:
        await (outbound or Outbound(LOOPBACK)).get(url or server.url, most_octets=most_octets)
    return str(refused.value)


async def test_the_octets_of_an_answer_come_as_they_are() -> None:
    async with answering(b"\x00octets") as server:
        assert await Outbound(LOOPBACK).get(server.url, most_octets=100) == b"\x00octets"
        assert server.requests[0].startswith(b"GET /answer HTTP/1.1\r\n")


async def test_octets_are_posted_with_their_type() -> None:
    async with answering(b"yes") as server:
        found = await Outbound(LOOPBACK).post(server.url, b"is it?", content_type="application/ask", most_octets=3)
        assert found == b"yes"
        assert server.requests[0].endswith(b"\r\n\r\nis it?")
        assert b"Content-Type: application/ask\r\n" in server.requests[0]


async def test_an_address_inside_is_not_connected_to_unless_listed_SR_15() -> None:
    async with answering(b"secret") as server:
        nothing_inside = Outbound(Destinations(hosts=LOOPBACK.hosts), lookup=to_loopback)
        assert "this machine" in await why_not(server, nothing_inside)
        assert "this machine" in await why_not(server, nothing_inside, url=f"http://crl.example.org:{server.port}/")
        assert server.connections == 0


async def test_a_name_is_looked_up_once_and_connected_to_at_what_was_judged_SR_15() -> None:
    asked = []

    async def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    async with answering(b"octets") as server:
        outbound = Outbound(LOOPBACK, lookup=rebinding)
        url = f"http://crl.example.org:{server.port}/a.crl"
        assert await outbound.get(url, most_octets=100) == b"octets"
        assert asked == ["crl.example.org"]
        assert f"Host: crl.example.org:{server.port}".encode() in server.requests[0]
        assert "127.0.0.2" in await why_not(server, outbound, url=url)
        assert server.connections == 1


async def test_the_machines_own_resolver_is_asked() -> None:
    async with answering(b"octets") as server:
        both = Destinations(hosts=LOOPBACK.hosts, networks=(*LOOPBACK.networks, ip_network("::1/128")))
        assert await Outbound(both).get(f"http://localhost:{server.port}/", most_octets=100) == b"octets"


async def test_a_name_without_address_is_told() -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    async with answering(b"octets") as server:
        outbound = Outbound(LOOPBACK, lookup=nowhere)
        assert "no such name" in await why_not(server, outbound, url="http://crl.example.org/")


async def test_a_redirect_is_not_followed_SR_15() -> None:
    async with answering(b"inside") as inside, answering(b"") as server:
        server.says(b"", status="302 Found", headers=f"Location: {inside.url}\r\n")
        assert "302" in await why_not(server)
        assert inside.connections == 0


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "204 No Content"])
async def test_another_status_is_no_answer(status: str) -> None:
    async with answering(b"octets") as server:
        server.says(b"", status=status)
        assert status[:3] in await why_not(server)


async def test_what_a_server_says_beside_another_status_is_kept_as_far_as_it_is_short_and_is_in_no_text() -> None:
    for said in (b"", b'{"error":"invalid_client"}', b"x" * (MOST_DECLINED_OCTETS + 1)):
        async with answering(b"") as server:
            server.says(said, status="400 Bad Request")
            with pytest.raises(Declined, match=r"\Athe answer is HTTP 400\Z") as declined:
                await Outbound(LOOPBACK).post(server.url, b"?", content_type="application/ask", most_octets=3)
            assert (declined.value.status, declined.value.octets) == (400, said[:MOST_DECLINED_OCTETS])


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(b"octets") as server, answering(b"a proxy's") as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert await Outbound(LOOPBACK).get(server.url, most_octets=100) == b"octets"
        assert proxy.connections == 0


@pytest.mark.parametrize("octets", [100, 101])
async def test_an_answer_has_so_many_octets_and_no_more(octets: int) -> None:
    async with answering(bytes(octets)) as server:
        if octets == 100:
            assert len(await Outbound(LOOPBACK).get(server.url, most_octets=100)) == 100
        else:
            assert "more than 100 octets" in await why_not(server)


async def test_a_compressed_answer_is_not_taken() -> None:
    async with answering(b"octets") as server:
        server.says(b"octets", headers="Content-Encoding: gzip\r\n")
        assert "compressed" in await why_not(server)


async def test_a_slow_answer_is_given_up_in_time_SR_15() -> None:
    async def drop_by_drop(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with answering(drop_by_drop) as server:
        begun = time.monotonic()
        assert "0.3 s" in await why_not(server, Outbound(LOOPBACK, limits=QUICK), most_octets=100_000)
        assert time.monotonic() - begun < 5


async def test_a_look_up_counts_in_the_time() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with answering(b"octets") as server:
        outbound = Outbound(LOOPBACK, limits=QUICK, lookup=never)
        assert "0.3 s" in await why_not(server, outbound, url="http://crl.example.org/")


async def test_what_is_no_http_is_told() -> None:
    async def other(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp ready\r\n")
        await writer.drain()

    async with answering(other) as server:
        said = await why_not(server)
    assert "no answer of HTTP" in said
    assert "smtp" not in said


async def test_a_port_where_nobody_listens_is_told() -> None:
    async with answering(b"octets") as server:
        pass
    assert "Connect" in await why_not(server)


@pytest.mark.parametrize(("name", "whom", "taken"), [
    ("localhost", "ours", True), ("crl.example.org", "ours", False), ("localhost", "theirs", False),
])  # fmt: skip
async def test_a_tls_certificate_is_held_against_the_name_of_the_url(name: str, whom: str, taken: bool) -> None:
    folder = tls_folder()
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(folder.path / "server.pem", folder.path / "server.key")
    trusts = ssl.create_default_context(cafile=str(folder.path / f"{whom}.pem"))
    async with answering(b"octets", tls=serves) as server:
        outbound = Outbound(LOOPBACK, tls=trusts, lookup=to_loopback)
        url = f"https://{name}:{server.port}/"
        if taken:
            assert await outbound.get(url, most_octets=100) == b"octets"
        else:
            assert "TLS" in await why_not(server, outbound, url=url)
            assert server.requests == []
