"""One HTTP exchange as the use cases see it, without a word of the HTTP library.

`Request` is what came in: the few headers that mean something to AS4, and the body as a stream. `Answer` is what goes
out: a body in one piece, or the stored octets of a leased message with what to do if the connection breaks before the
last one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from gateway.events import EventLog
from gateway.store.model import Metadata


def _nothing() -> None:
    """What a request without a listener is told."""


def _no() -> bool:
    """What a request without a listener answers."""
    return False


def _nobody(_participant: str) -> None:
    """What one without a listener is told of who proved something."""


async def _unheard(_taken: Metadata | str) -> None:
    """What a door without a listener is told of a message that is to be taken, or of a receipt that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Through which door a request came: the endpoint, or the desk of a unit, where the session's person is linked to
    that unit now; `lease` is the token of the message that the session has open. Of a message that is to be taken
    through it `accepting` hears before that is durable, so what it writes down is not lost with a hub that ends in
    between; where the store then refuses the message, it heard in vain. In the same way `confirming` hears, by its
    MessageId, of a message that waits and whose receipt is to be taken.
    """

    desk: str | None = None  # party id of the unit
    lease: str | None = field(default=None, repr=False)
    accepting: Callable[[Metadata], Awaitable[None]] = _unheard
    confirming: Callable[[str], Awaitable[None]] = _unheard


ENDPOINT = Door()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one POST to the endpoint, or to a desk, brought."""

    content_type: str  # the header as it came; empty when absent
    content_length: int | None  # None for a chunked body
    address: str  # of the peer's end of the connection, for limits and the log
    tls_thumbprint: str | None  # SHA-256 of the TLS client certificate, lower-case hex
    chunks: AsyncIterator[bytes]
    may_sign_unreadable: Callable[[], bool]  # whether this peer still gets a signed answer to what cannot be read
    envelope_is_whole: Callable[[], None] = _nothing  # from here on it is work; raises `BareStatus` 503 without room
    quiet: EventLog | None = None  # the log for what strangers can make happen as often as they like
    is_strangers: Callable[[], bool] = _no  # whether its address could be known, and has proved nothing in the last day
    door: Door = ENDPOINT
    address_known: bool = True  # False where a proxy of ours did not say for whom it speaks
    proved: Callable[[str], None] = _nobody  # that participant signed something new: its address is no stranger's


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """A body that is copied from the store: its length is known, its octets come when they are asked for."""

    octets: int
    chunks: AsyncIterator[bytes]
    broken: Callable[[], Awaitable[None]]  # the connection broke before the last octet was taken
    still_sending: Callable[[], Awaitable[None]]  # called now and then while a long body is on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one exchange is answered with."""

    status: int
    content_type: str = ""
    body: bytes | Streamed = b""
    headers: Mapping[str, str] = field(default_factory=dict)
