"""The desk on one's own machine on its sockets: loopback addresses and no others."""

from __future__ import annotations

import errno
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from gateway.client.own_desk.desk import OwnDesk
from gateway.client.own_desk.pages import Pages
from gateway.client.own_desk.upstream import FarPortal, open_session
from gateway.desk_files import DeskFiles

_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_ADDRESSES = ("127.0.0.1", "::1")  # what browsers know by the name localhost


@asynccontextmanager
async def serving(
    portal: str,
    files: DeskFiles,
    *,
    port: int,
    told: Callable[[str], None],
    name: str = "localhost",
    tls: ssl.SSLContext | None = None,
    authorities: str | None = None,
) -> AsyncIterator[str]:
    """The desk of these files, for the portal at that origin, until the block ends; its own origin. Raises `OSError`
    where the port is another's.
    """
    origin = f"{'http' if tls is None else 'https'}://{name}:{port}"
    async with open_session(authorities) as session:
        desk = OwnDesk(origin, FarPortal(portal, session), Pages(files), told)
        runner = web.ServerRunner(web.Server(desk), shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, _ADDRESSES[0], port, ssl_context=tls).start()
            try:
                await web.TCPSite(runner, _ADDRESSES[1], port, ssl_context=tls).start()
            except OSError as fault:
                if fault.errno not in _NO_IPV6:  # another's there would be asked before us
                    raise
            yield origin
        finally:
            await runner.cleanup()
