"""Whose address counts: the peer's own, or the one that a trusted proxy adds behind all that the client claims."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.hubs.raw import connected, head

from gateway.limits import EdgeLimits

PROXIED = replace(EdgeLimits(), trusted_proxies=(IPv4Network("127.0.0.0/8"),), stop_seconds=1.0)
DIRECT = replace(PROXIED, trusted_proxies=(IPv4Network("10.0.0.0/8"),))


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        ([], "127.0.0.1"),
        (["192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7, 198.51.100.9"], "198.51.100.9"),
        (["203.0.113.1", "198.51.100.9"], "198.51.100.9"),
        (["203.0.113.1, 203.0.113.2", "203.0.113.3, 198.51.100.9"], "198.51.100.9"),
        ([""], "127.0.0.1"),
    ],
    ids=["no line", "one address", "one line", "a forged first line", "lists in both lines", "an empty line"],
)
async def test_behind_a_trusted_proxy_the_last_address_of_the_last_line_counts(
    lines: list[str], address: str, tmp_path: Path
) -> None:
    async with running_hub(tmp_path, edge_limits=PROXIED) as hub, connected(hub) as peer:
        await peer.send(head(None, *(f"X-Forwarded-For: {each}" for each in lines), method="GET"))
        assert (await peer.answer()).status == 405
        assert [each["address"] for each in hub.log.of("request_refused")] == [address]


async def test_a_peer_that_is_no_trusted_proxy_is_counted_by_its_own_address(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=DIRECT) as hub, connected(hub) as peer:
        await peer.send(head(None, "X-Forwarded-For: 192.0.2.7", method="GET"))
        await peer.answer()
        assert hub.log.of("request_refused")[0]["address"] == "127.0.0.1"
