"""A portal that a real browser looks at, by a name that it trusts without TLS, and people who are logged in there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
                    "url": "https://localhost",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
                for name, value in session.cookies.items()
            ]
        )


@asynccontextmanager
async def seen_portal(folder: Path, **options: Any) -> AsyncIterator[SeenPortal]:
    """A portal as `running_portal` makes it, for browsers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    address = f"http://localhost:{port}"
    async with running_portal(folder, origin=address, port=port, **options) as portal:
        yield SeenPortal(portal, address)
