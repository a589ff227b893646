"""Content-Transfer-Encoding undone while a part streams by (RFC 2045 6): once, and strictly.

Nothing forgiving: an octet outside the alphabet, padding before the end, bits left over, an escape that is none and a
line without end are faults, because a lenient decoder makes two readers see two payloads.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from gateway.ebms.media_type import MimeFault

PLAIN_ENCODINGS: Final = frozenset({"7bit", "8bit", "binary"})
_LINE_OCTETS: Final = 998


class Decoder(Protocol):
    """Takes encoded octets in any portions, gives decoded ones."""

    def feed(self, octets: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class Base64Decoder:
    """RFC 2045 6.8, canonical but for line breaks: no blanks, nothing after the padding, no bits that are left over."""

    def __init__(self) -> None:
        self._held = b""
        self._padded = False

    def feed(self, octets: bytes) -> bytes:
        characters = self._held + octets.translate(None, b"\r\n")
        whole = len(characters) // 4 * 4
        self._held = characters[whole:]
        if not characters:
            return b""
        if self._padded:
            raise MimeFault("malformed base64")
        if whole == 0:
            return b""
        quanta = characters[:whole]
        try:
            decoded = binascii.a2b_base64(quanta, strict_mode=True)
        except binascii.Error:
            raise MimeFault("malformed base64") from None
        if quanta.endswith(b"="):
            self._padded = True
            if self._held or not quanta.endswith(binascii.b2a_base64(decoded[-(len(decoded) % 3) :], newline=False)):
                raise MimeFault("malformed base64")
        return decoded

    def finish(self) -> bytes:
        if self._held:
            raise MimeFault("malformed base64")
        return b""


class QuotedPrintableDecoder:
    """RFC 2045 6.7; blanks before a line break are transport's and dropped, a line may be as long as mail allows."""

    _TEXT: Final = re.compile(rb"(?:[\t -<>-~]++|=[0-9A-Fa-f]{2}|=?\r\n)*+=?")
    _TRAILING: Final = re.compile(rb"[ \t]+(?=\r\n|\Z)")

    def __init__(self) -> None:
        self._line = b""

    def feed(self, octets: bytes) -> bytes:
        text = self._line + octets
        whole = text.rfind(b"\r\n") + 2
        if whole == 1:
            whole = 0
        self._line = text[whole:]
        decoded = self._decode(text[:whole])
        if len(self._line) > _LINE_OCTETS:
            raise MimeFault("a quoted-printable line too long")
        return decoded

    def finish(self) -> bytes:
        return self._decode(self._line)

    def _decode(self, text: bytes) -> bytes:
        if not text:
            return b""
        if len(text) > _LINE_OCTETS and max(map(len, text.split(b"\r\n"))) > _LINE_OCTETS:
            raise MimeFault("a quoted-printable line too long")
        text = self._TRAILING.sub(b"", text)
        if not self._TEXT.fullmatch(text):
            raise MimeFault("malformed quoted-printable")
        return binascii.a2b_qp(text)


DECODERS: Final[Mapping[str, Callable[[], Decoder]]] = {
    "base64": Base64Decoder,
    "quoted-printable": QuotedPrintableDecoder,
}
