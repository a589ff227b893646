"""How long exchanges wait for a flush, and pulls for their message, is counted for each of them."""

from __future__ import annotations

from pathlib import Path

from support.hubs.hub import running_hub
from support.messages.wire import post, pull_request, saldoverzoek


async def test_each_exchange_waits_for_one_flush_and_each_pull_looks_once(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        seen = []
        for wire in (saldoverzoek().wire(), pull_request(), pull_request(), pull_request("counsellor")):
            await post(hub, wire)
            seen.append((hub.hub.flushes.count, hub.hub.pulls.count))
    assert seen == [(1, 0), (2, 1), (3, 2), (4, 3)], "an empty mailbox is looked for, too"
    assert 0 < hub.hub.pulls.slowest_seconds < 30
