"""A hub that is told to stop says so where health is told, and serves on until whoever balances the load has heard."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from http import HTTPStatus
from pathlib import Path

import aiohttp
from support.hubs.hub import LogLines
from support.hubs.processes import new_site

import gateway.cli.serving as serving
from gateway.settings import MonitoringSection, read_settings


async def test_the_first_signal_takes_the_hub_out_of_the_pool_and_the_second_ends_it_OP_05(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    read = read_settings(new_site(tmp_path, ()).settings)
    settings = read.model_copy(update={"monitoring": MonitoringSection(port=port, drain_seconds=60.0)})
    log = LogLines()
    ready = f"http://127.0.0.1:{port}/readyz"
    async with asyncio.timeout(50), aiohttp.ClientSession() as session:
        serve = asyncio.create_task(serving.serve(settings, log, True, 0.0))  # type: ignore[arg-type]
        await log.came("hub_started")
        async with session.get(ready) as response:
            assert response.status == HTTPStatus.OK
        os.kill(os.getpid(), signal.SIGTERM)
        await log.came("hub_stopping")
        async with session.get(ready) as response:
            assert (response.status, await response.text()) == (HTTPStatus.SERVICE_UNAVAILABLE, "draining\n")
        async with session.get(settings.hub.public_url, ssl=False) as response:
            assert response.status == HTTPStatus.METHOD_NOT_ALLOWED, "whoever comes meanwhile is served as ever"
        os.kill(os.getpid(), signal.SIGTERM)
        assert await serve == 0
    assert [name for name, _ in log.lines][-1] == "hub_stopped"
