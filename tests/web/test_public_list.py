"""The public list over a socket: whoever may read it, how, and what it costs a stranger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from support.directory.books import entry
from support.hubs.hub import TestedHub, patient, running_hub
from support.messages.wire import post, saldoverzoek

from gateway.directory.public import DUTCH_PATH, ENGLISH_PATH, JSON_PATH, STYLE_PATH, public_pages
from gateway.limits import EdgeLimits

PAGES = public_pages("Hub", (entry("counsellor"), entry("creditor")))


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[TestedHub]:
    async with running_hub(tmp_path, pages=PAGES) as running:
        yield running


async def asked(hub: TestedHub, path: str, method: str = "GET", **said: object) -> tuple[int, Mapping[str, str], bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"http://127.0.0.1:{hub.port}{path}", **said) as answer,  # type: ignore[arg-type]
    ):
        return answer.status, answer.headers, await answer.read()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (DUTCH_PATH, "text/html; charset=utf-8"),
        (ENGLISH_PATH, "text/html; charset=utf-8"),
        (JSON_PATH, "application/json"),
        (STYLE_PATH, "text/css; charset=utf-8"),
    ],
)
async def test_anybody_may_read_it(hub: TestedHub, path: str, content_type: str) -> None:
    status, headers, octets = await asked(hub, path)
    assert (status, headers["Content-Type"], octets) == (200, content_type, PAGES[path].octets)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    status, headers, octets = await asked(hub, path, "HEAD")
    assert (status, headers["Content-Length"], octets) == (200, str(len(PAGES[path].octets)), b"")


async def test_whoever_has_it_gets_no_octets_again(hub: TestedHub) -> None:
    status, headers, octets = await asked(
        hub, DUTCH_PATH, headers={"If-None-Match": f'"other", {PAGES[DUTCH_PATH].tag}'}
    )
    assert (status, headers["ETag"], octets) == (304, PAGES[DUTCH_PATH].tag, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_it_can_be_read_and_nothing_else(hub: TestedHub, method: str) -> None:
    status, headers, _ = await asked(hub, DUTCH_PATH, method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


async def test_a_body_with_it_is_refused(hub: TestedHub) -> None:
    assert (await asked(hub, DUTCH_PATH, data=b"octets"))[0] == 400


@pytest.mark.parametrize("path", ["/deelnemers/", "/Deelnemers", "/health", "/metrics", "/", "/as4/deelnemers"])
async def test_what_is_beside_it_is_not_there(hub: TestedHub, path: str) -> None:
    assert (await asked(hub, path))[0] == 404


async def test_a_hub_that_lists_nobody_has_no_such_page(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        for path in (DUTCH_PATH, ENGLISH_PATH, JSON_PATH):
            assert (await asked(hub, path))[0] == 404


async def test_messages_are_taken_as_ever(hub: TestedHub) -> None:
    assert (await post(hub, saldoverzoek().wire())).receipt is not None
    assert (await asked(hub, "/as4"))[0] == 405


async def test_a_stranger_pays_for_its_octets_out_of_its_own_traffic(tmp_path: Path) -> None:
    large = public_pages("Hub", [entry("creditor", name="x" * 200)] * 3_000)
    limits = patient(EdgeLimits(stranger_octets_per_second=1024.0))
    async with running_hub(tmp_path, pages=large, edge_limits=limits) as hub, aiohttp.ClientSession() as session:
        statuses = []
        for _ in range(2):  # over one connection: a new one would not even begin
            async with session.get(f"http://127.0.0.1:{hub.port}{DUTCH_PATH}") as answer:
                statuses.append(answer.status)
                await answer.read()
    assert statuses == [200, 429]
