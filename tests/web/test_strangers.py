"""What strangers do to a hub that listens: behind proxies, in the log, and while no connection can be opened."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from support.hubs.hub import PATIENT, TestedHub, running_hub
from support.hubs.raw import Peer, connected, head, whole
from support.keys.pki import PARTIES
from support.messages.wire import Wire, ping, saldoverzoek
from support.store.faulty_storage import no_more_descriptors

from gateway.edge.quiet_log import BURST_LINES
from gateway.limits import EdgeLimits

LIMITS = replace(EdgeLimits(), **PATIENT)
BEHIND = replace(LIMITS, trusted_proxies=(ip_network("127.0.0.0/8"), ip_network("10.9.0.0/16")))
SOAP_1_1 = Wire(
    content_type="application/soap+xml",
    body=b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
)
ONE_REQUEST = 0.001  # a second: a burst of one, and the next after a quarter of an hour


async def asked(hub: TestedHub, *forwarded: str) -> int:
    """The status of one request that a proxy hands on."""
    async with connected(hub) as peer:
        await peer.send(head("text/plain", "Content-Length: 0", *(f"X-Forwarded-For: {each}" for each in forwarded)))
        return (await peer.answer()).status


@pytest.mark.parametrize(
    ("header", "silent"),
    [
        ([], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([" , "], "127.0.0.1"),
        (["192.0.2.7, unknown"], "127.0.0.1"),
        (["10.9.0.1"], "10.9.0.1"),
        (["192.0.2.7, unknown, 10.9.0.1"], "10.9.0.1"),
    ],
)
async def test_a_proxy_that_does_not_say_for_whom_it_speaks_is_an_alarm_SR_13(
    header: list[str], silent: str, tmp_path: Path
) -> None:
    async with running_hub(tmp_path, edge_limits=BEHIND) as hub:
        await asked(hub, *header)
        assert hub.log.of("proxy_silent") == [{"address": silent}]


async def test_one_that_says_so_is_none(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=BEHIND) as hub:
        await asked(hub, "192.0.2.7")
        assert hub.log.of("proxy_silent") == []


async def test_clients_of_a_trusted_proxy_are_counted_by_their_own_addresses_SR_13(tmp_path: Path) -> None:
    limits = replace(BEHIND, requests_per_second=ONE_REQUEST)
    async with running_hub(tmp_path, edge_limits=limits) as hub:
        clients = [f"198.{18 + n}.7.1" for n in range(7)]
        assert [await asked(hub, each) for each in clients] == [415] * 7
        assert await asked(hub, clients[0]) == 429


async def test_and_so_they_are_behind_two_proxies_whatever_they_write_themselves_SR_13(tmp_path: Path) -> None:
    limits = replace(BEHIND, requests_per_second=ONE_REQUEST)
    async with running_hub(tmp_path, edge_limits=limits) as hub:
        assert await asked(hub, "192.0.2.7, 10.9.0.1") == 415
        assert await asked(hub, "203.0.113.5, 192.0.2.7, 10.9.0.1") == 429, "what a client claims is not looked at"
        assert await asked(hub, "203.0.113.5", "192.0.2.7", "10.9.0.1:41000") == 429
        assert await asked(hub, "192.0.2.7, 203.0.113.5, 10.9.0.1") == 415


async def test_the_lines_that_a_stranger_fills_the_log_with_are_limited(tmp_path: Path) -> None:
    limits = replace(LIMITS, log_lines_per_second=0.001)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        for _ in range(int(BURST_LINES) + 30):
            await peer.send(head(None, method="GET"))
            assert (await peer.answer()).status == 405
        assert len(hub.log.of("request_refused")) == BURST_LINES
        await peer.send(whole(ping().wire()))
        assert (await peer.answer()).receipt is not None
        assert hub.log.of("ping"), "and what is AS4 is told as ever"


NO_AS4 = {
    "another path": (head(None, method="GET"), {"request_refused"}),
    "another type": (head("text/x", "Content-Length: 0"), {"request_refused"}),
    "no type": (head(None, "Content-Length: 0"), {"request_refused"}),
    "no XML": (head("application/soap+xml", "Content-Length: 2") + b"<x", {"refused", "request_refused"}),
    "no envelope": (head("application/soap+xml", "Content-Length: 4") + b"<x/>", {"refused"}),
    "SOAP 1.1": (whole(SOAP_1_1), {"refused"}),
}


@pytest.mark.parametrize("name", NO_AS4)
async def test_so_are_all_lines_about_what_was_no_envelope_of_as4_wherever_it_was_refused(
    name: str, tmp_path: Path
) -> None:
    octets, events = NO_AS4[name]
    limits = replace(LIMITS, log_lines_per_second=0.001)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        for _ in range(int(BURST_LINES) + 30):
            await peer.send(octets)
            await peer.answer()
        assert {event for event, _ in hub.log.lines} <= events
        assert all(len(hub.log.of(each)) <= BURST_LINES for each in events), "each line is of a kind that is limited"
        assert len(hub.log.lines) >= BURST_LINES


async def test_a_body_that_stalls_behind_its_envelope_is_told_with_the_message_and_the_party_however_many_are_refused(
    tmp_path: Path,
) -> None:
    limits = replace(LIMITS, idle_seconds=0.3, log_lines_per_second=0.001)
    draft = saldoverzoek()
    wire = draft.wire()
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as stranger, connected(hub) as peer:
        for _ in range(int(BURST_LINES) + 30):
            await stranger.send(head(None, method="GET"))
            await stranger.answer()
        await peer.send(whole(wire)[:-1])
        assert (await peer.answer()).status == 408
        (line,) = (each for each in hub.log.of("request_refused") if each["status"] == 408)
        assert (line["message_id"], line["party_named"]) == (wire.message_id, PARTIES["counsellor"][0])


async def test_what_comes_while_no_descriptor_is_left_is_served_as_soon_as_there_is_one(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, connected(hub) as open_before:
        with socket.socket() as late:
            late.setblocking(False)
            with no_more_descriptors():
                await asyncio.get_running_loop().sock_connect(late, ("127.0.0.1", hub.port))
                await open_before.send(head(None, method="GET"))
                assert (await open_before.answer()).status == 405
            reader, writer = await asyncio.open_connection(sock=late)
            peer = Peer(reader, writer)
            await peer.send(whole(ping().wire()))
            assert (await peer.answer()).receipt is not None
            peer.abort()


# The addresses that somebody comes from, and how many of their requests are heard where each may ask once in a quarter
# of an hour: the groups that they share have a multiple of what one address has, and all strangers eight times that.
COMING_FROM = {
    "ever new networks": ([f"2001:db8:{n:x}::1" for n in range(40)], 8),
    "a /48": ([f"2001:db8:7:{n:x}00::1" for n in range(40)], 4),
    "a /64": ([f"2001:db8:7:7::{n:x}" for n in range(40)], 1),
    "NAT64, by the IPv4 in it": ([f"64:ff9b::c612:{n:x}01" for n in range(40)], 4),
    "one IPv4, plain, mapped and by NAT64": (["198.18.7.1", "::ffff:198.18.7.1", "64:ff9b::c612:701"], 1),
}


@pytest.mark.parametrize("name", COMING_FROM)
async def test_from_however_many_addresses_one_comes_the_limits_hold_and_a_participant_is_heard_SR_13(
    name: str, tmp_path: Path
) -> None:
    """Through two proxies, whatever the clients write into the header before them."""
    addresses, heard = COMING_FROM[name]
    async with running_hub(tmp_path, edge_limits=replace(BEHIND, requests_per_second=ONE_REQUEST)) as hub:
        admission = hub.running.edge.admission
        admission.prove(admission.leaf_of(ip_address("203.0.113.1")), "counsellor")
        statuses = Counter([await asked(hub, f"203.0.113.1, {each}, 10.9.0.1") for each in addresses])
        assert statuses == {415: heard, 429: len(addresses) - heard}
        async with connected(hub) as peer:
            await peer.send(whole(ping().wire(), "X-Forwarded-For: 203.0.113.1, 10.9.0.1"))
            assert (await peer.answer()).receipt is not None
        left = 415 if heard < 8 else 429
        assert await asked(hub, "198.51.100.9, 10.9.0.1") == left, "what all strangers have is used up or not"
