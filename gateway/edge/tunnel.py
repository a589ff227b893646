"""One TLS connection over a plain one, without the buffers and habits of the event loop's own.

It is the protocol of the connection below and the transport of the one above, which is made when the handshake is over.

SECURITY: nothing is spent before it is needed. The event loop's TLS takes a quarter of a mebibyte at accept; here a
silent peer has neither TLS state nor HTTP parser, the buffer for reading is one for all connections, and each step of a
handshake waits for its turn (`gateway.edge.turns`) with no more octets than one reading had. What it costs, the
connection that is made of it included, is told to `spend`. An end of input, by close_notify or by TCP alone, ends our
reading and not our writing: whoever closes his sending half after a whole request gets his answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

from crypto.faults import UnusableCredential
from gateway.edge.tls import ClientCertificate, why_no_certificate

READ_OCTETS = 256 * 1024


class Above(Protocol):
    """What is made of a connection once it is TLS."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...
    def data_received(self, data: bytes) -> None: ...
    def eof_received(self) -> bool | None: ...
    def connection_lost(self, exc: BaseException | None) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...


class Tunnel(asyncio.Transport, asyncio.Protocol):
    """TLS between the plain transport below and the protocol above."""

    def __init__(
        self,
        below: asyncio.Transport,
        context: ssl.SSLContext,
        *,
        buffer: memoryview,
        in_turn: Callable[[Callable[[], None]], None],
        solvent: Callable[[], bool],
        spend: Callable[[float], None],
        refused: Callable[[str], None],
        ready: Callable[[], Above],
        lost: Callable[[], None],
    ) -> None:
        super().__init__()
        self._below = below
        self._context = context
        self._buffer = buffer
        self._in_turn = in_turn  # given a step of the handshake, does it now or later
        self._solvent = solvent
        self._spend = spend
        self._refused = refused  # told why the certificate of a client ends the handshake
        self._ready = ready
        self._lost = lost
        self._above: Above | None = None
        self._tls: ssl.SSLObject | None = None  # made at the first octet
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._certificate: ClientCertificate | None = None
        self._paused = False
        self._below_ended = False
        self._input_ended = False
        self._end_told = False
        self._closing = False

    # ---- the protocol of the connection below

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._incoming.write(data)
        if self._above is None:
            self._below.pause_reading()
            self._in_turn(self._go_on_shaking)
        else:
            self._advance()

    def eof_received(self) -> bool:
        self._below_ended = True
        if self._above is None or self._closing:
            return False
        self._advance()
        return not self._closing

    def connection_lost(self, exc: BaseException | None) -> None:
        self._closing = True
        above, self._above = self._above, None
        self._lost()
        if above is not None:
            above.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._above is not None:
            self._above.pause_writing()

    def resume_writing(self) -> None:
        if self._above is not None:
            self._above.resume_writing()

    # ---- the transport of the protocol above

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "ssl_object":
            return self._tls
        if name == "sslcontext":
            return self._context
        if name == "client_certificate":
            return self._certificate
        return self._below.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or self._tls is None:
            return
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._tls.write(rest) :]
        except ssl.SSLError:
            self.abort()
        else:
            self._flush()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def get_write_buffer_size(self) -> int:
        return self._below.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._below.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self._paused = True
        if not self._closing and not self._input_ended:
            self._below.pause_reading()

    def resume_reading(self) -> None:
        self._paused = False
        if self._closing:
            return
        if not self._input_ended:
            self._below.resume_reading()
        asyncio.get_running_loop().call_soon(self._advance)

    def is_reading(self) -> bool:
        return not self._paused and not self._closing

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """Send what was written and our close_notify, then close."""
        if self._closing:
            return
        if self._tls is not None and self._above is not None:
            with contextlib.suppress(ssl.SSLError):  # it waits for the peer's close_notify, and we do not
                self._tls.unwrap()
            self._flush()
        self._closing = True
        self._below.close()

    def abort(self) -> None:
        """Break off; what was written may be lost."""
        self._closing = True
        self._below.abort()

    # ---- in between

    def _go_on_shaking(self) -> None:
        if self._closing:
            return
        if self._tls is None:
            if not self._solvent():  # many may have been accepted at once, and all hands shaken since
                self.abort()
                return
            self._tls = self._context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._below.resume_reading()
        started = time.thread_time()
        try:
            self._advance()
        finally:
            self._spend(time.thread_time() - started)

    def _advance(self) -> None:
        """Go on with the handshake, or hand up what was received, as far as the octets reach."""
        if self._tls is None or self._closing:
            return
        try:
            if self._above is None and not self._shake_hands(self._tls):
                return
            self._read(self._tls)
        except (ssl.SSLError, UnusableCredential):
            self._flush()  # the alert that says why
            self._closing = True
            self._below.close()

    def _shake_hands(self, tls: ssl.SSLObject) -> bool:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as fault:
            why = why_no_certificate(fault)
            if why is not None:
                self._refused(why)
            raise
        finally:
            self._flush()
        try:
            self._certificate = ClientCertificate.of(tls)
        except UnusableCredential as fault:
            self._refused(str(fault))
            raise
        self._above = self._ready()
        self._above.connection_made(self)
        return True

    def _read(self, tls: ssl.SSLObject) -> None:
        while not self._paused and not self._closing and not self._input_ended and self._above is not None:
            filled = self._fill(tls)
            if filled:
                self._above.data_received(bytes(self._buffer[:filled]))
            elif not self._input_ended:
                return
        if self._input_ended and not self._paused:
            self._end_input()

    def _fill(self, tls: ssl.SSLObject) -> int:
        """Decrypt as much as has come into the common buffer, and notice the end."""
        filled = 0
        try:
            while filled < len(self._buffer):
                count = cast(int, tls.read(len(self._buffer) - filled, self._buffer[filled:]))
                if not count:  # how close_notify is told
                    self._input_ended = True
                    break
                filled += count
        except ssl.SSLWantReadError:
            # Where TCP ended without close_notify OpenSSL is not told: it would write no more either.
            self._input_ended = self._below_ended
        except ssl.SSLZeroReturnError:
            self._input_ended = True
        return filled

    def _end_input(self) -> None:
        if self._above is None or self._closing or self._end_told:
            return
        self._end_told = True
        if not self._above.eof_received():
            self.close()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._below.is_closing():
            self._below.write(self._outgoing.read())
