"""What the HTTP library says of an answer that did not come whole, in words of ours.

SECURITY: the library quotes what it could not read, as long as it is, and that is a stranger's: none of it is repeated.
What the system and TLS say of a connection is kept, for they speak of an address and a certificate, and is bounded.
"""

from __future__ import annotations

from typing import Final

import aiohttp

MOST_CHARACTERS: Final = 500
_NO_HTTP: Final = "what came is no answer of HTTP, has octets behind its end, or a larger head than is taken"


def said_of(fault: BaseException) -> str:
    """One line, at most `MOST_CHARACTERS` long, without an octet that the other side chose."""
    match fault:
        case aiohttp.ClientResponseError():
            said = _NO_HTTP
        case aiohttp.ClientPayloadError():
            said = "its body ended before its end, or its parts cannot be read"
        case aiohttp.ServerDisconnectedError():
            said = "Server disconnected"
        case _:
            said = str(fault)
    line = "".join(each if each.isprintable() else " " for each in f"{type(fault).__name__}: {said}")
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
