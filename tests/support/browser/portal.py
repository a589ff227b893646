"""A portal that a real browser looks at, by a name that it trusts without TLS, and people who are logged in there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext
from support.portal.portals import TestBrowser, TestedPortal, running_portal


@dataclass(frozen=True, slots=True)
class SeenPortal:
    """A portal and its address."""

    portal: TestedPortal
    address: str

    async def give(self, profile: BrowserContext, session: TestBrowser) -> None:
        """Let a browser go on with the session that was begun by hand."""
        await profile.add_cookies(
            [
                {
                    "name": name,
                    "value": value,
                    "url": f"https://{urlsplit(self.address).hostname}",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
                for name, value in session.cookies.items()
            ]
        )


AWAY = "127.0.0.2"
"""A host that browsers trust without TLS, and that pages do not take for somebody's own machine."""


@asynccontextmanager
async def seen_portal(folder: Path, *, host: str = "localhost", **options: Any) -> AsyncIterator[SeenPortal]:
    """A portal as `running_portal` makes it, for browsers, which know it by that host."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    address = f"http://{host}:{port}"
    async with running_portal(folder, origin=address, port=port, **options) as portal, _also_at(host, port):
        yield SeenPortal(portal, address)


@asynccontextmanager
async def _also_at(host: str, port: int) -> AsyncIterator[None]:
    """What listens at 127.0.0.1 is reached by way of that address, too."""
    if host == "localhost":
        yield
        return

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pour(reader, here), _pour(there, writer))

    async with await asyncio.start_server(pass_on, host, port):
        yield


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while octets := await reader.read(65_536):
            writer.write(octets)
            await writer.drain()
    writer.close()
