"""A connection of a proxy of ours, until its PROXY header has told for whom it was opened.

It is the protocol of the connection below for that long; then whatever speaks TLS or HTTP takes its place.

SECURITY: it keeps no more than the header may have and what came with its last octets, and it ends when its time is
over, however the octets trickle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.edge.peer_addresses import Address
from gateway.edge.proxy_header import ProxyHeaderFault, read_proxy_header


class Proxied(asyncio.Protocol):
    """`said` goes on with the origin, None for the proxy itself, and with the octets behind the header; `refused` is
    told why there is none, and `lost` that the connection ended before there was one. `until` is by the loop's clock.
    """

    def __init__(
        self,
        below: asyncio.Transport,
        *,
        until: float,
        said: Callable[[Address | None, bytes], None],
        refused: Callable[[str], None],
        lost: Callable[[], None],
    ) -> None:
        self._below = below
        self._said = said
        self._refused = refused
        self._lost = lost
        self._came = b""
        self._ended = False
        self._deadline = asyncio.get_running_loop().call_at(until, self._refuse, "it did not come in time")

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._came += data
        try:
            header = read_proxy_header(self._came)
        except ProxyHeaderFault as fault:
            self._refuse(str(fault))
            return
        if header is not None:
            self._end()
            self._said(header.origin, self._came[header.octets :])

    def eof_received(self) -> bool:
        if self._came and not self._ended:  # who sends nothing at all asks whether somebody listens
            self._refuse("it is cut")
        return False

    def connection_lost(self, exc: BaseException | None) -> None:
        self._end()
        self._lost()

    def _refuse(self, why: str) -> None:
        self._end()
        self._refused(why)
        self._below.abort()

    def _end(self) -> None:
        self._ended = True
        self._deadline.cancel()
