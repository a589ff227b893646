"""Gzip of message parts: a bounded streaming inflater and a deflater whose digest tells nothing (AS4 3.1, RFC 1952).

A part is compressed before it is signed, so the digest in the signature is one over these octets. A small payload could
be guessed from its digest; the deflater therefore puts random octets, given by the caller, into the gzip header (an
extra field any reader skips).

What the limits mean, which code a fault becomes (EBMS:0303) and where the octets go is the caller's.

White pages compress a thousandfold and are no attack. So the ratio counts for what a part inflates to above FREE_OCTETS
only, and the deflater keeps to it by itself: where compression would do too well it stores octets as they are, and what
it writes is never refused by an inflater with DEFAULT_RATIO. The gzip of nothing may be nothing: a part of no octets
inflates to a part of no octets.

SECURITY: the input is a peer's and may be a bomb. Output comes in steps of at most STEP_OCTETS, never more than the
limit in all, and above FREE_OCTETS never more than `ratio` times the input. Faults are held back: the inflater falls
silent and can be fed on, because the caller first has to know whether tag and digest of the whole part agree.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final

from gateway.ebms import texts
from gateway.ebms.text import Text
from gateway.limits import DEFAULT_RATIO

_deflate: Any
try:
    from isal import isal_zlib as _deflate
except ImportError:  # an interpreter without a wheel of it: slower, the same octets understood
    _deflate = zlib

STEP_OCTETS: Final = 256 * 1024
SALT_OCTETS: Final = 16
FREE_OCTETS: Final = 32 * 1024 * 1024

_RAW_DEFLATE: Final = -15
_HEAD_CHECKSUM: Final = 0x02
_EXTRA: Final = 0x04
_NAME: Final = 0x08
_COMMENT: Final = 0x10
_HEAD_OCTETS: Final = 8 * 1024
_TRAILER_OCTETS: Final = 8
# Input is taken in blocks of the stream's own positions, so that a verdict does not depend on how it was fed.
_BLOCK_OCTETS: Final = 64 * 1024
# Members are concatenated (RFC 1952 2.2); a flood of tiny ones would cost more time than their octets deserve.
_FREE_MEMBERS: Final = 64
_OCTETS_PER_MEMBER: Final = 1024
# The most that a stored block holds (RFC 1951 3.2.4). A deflater works in blocks of this size, because what the library
# writes depends on how it is fed, and a part that is sent again has to have the same octets.
_STORED_OCTETS: Final = 0xFFFF
# Pictures, archives and most of a PDF are compressed already, and whoever inflates what was deflated once more pays
# many times what a copy costs. So one block in so many is looked at; where deflating saves less, the others are stored.
_ASKED_EVERY: Final = 16
_PAYS_FROM: Final = 0.95


class GzipFault(Exception):
    """The octets are not gzip, broken, truncated, followed by something else, or too large once inflated.

    `public` is the sentence for the peer that names the limit which was passed; None for octets that are wrong.
    `expected` is what the octets had to be.
    """

    def __init__(self, reason: str, public: Text | None = None, *, expected: str = "gzip (RFC 1952)") -> None:
        super().__init__(reason)
        self.reason = reason
        self.public = public
        self.expected = expected


class Inflater:
    """Inflates one part, fed octet by octet or whole.

    After a fault `feed` yields nothing more and `fault` says what it was; `finish` raises it. `octets_out` counts what
    was handed out, never above what `used_octets`, of the parts before this one, leave of `limit_octets`. Without a
    single octet of input there is no fault and no output.
    """

    def __init__(self, limit_octets: int, *, ratio: int = DEFAULT_RATIO, used_octets: int = 0) -> None:
        self.fault: GzipFault | None = None
        self.octets_in = 0
        self.octets_out = 0
        self._all_parts = limit_octets
        self._limit = limit_octets - used_octets
        self._ratio = ratio
        self._members = 0
        self._frame = b""  # octets of a head or trailer that is not complete yet
        self._stream: Any = None  # None: a head is awaited; at its end: a trailer
        self._checksum = 0
        self._length = 0

    def feed(self, octets: bytes) -> Iterator[bytes]:
        """Yield what these octets inflate to, in steps; take all steps before feeding again."""
        position = 0
        while position < len(octets) and self.fault is None:
            length = min(_BLOCK_OCTETS - self.octets_in % _BLOCK_OCTETS, len(octets) - position)
            block = octets[position : position + length]
            position += length
            self.octets_in += length
            while block and self.fault is None:
                if self._stream is None:
                    block = self._read_head(block)
                elif self._stream.eof:
                    block = self._read_trailer(block)
                else:
                    piece = self._inflate(block)
                    block = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
                    if piece:
                        yield piece

    def finish(self) -> None:
        """The part has ended: raise the fault held back, or the one that it ended too early."""
        if self.fault is None and (self._stream is not None or self._frame):
            self.fault = GzipFault("truncated")
        if self.fault is not None:
            raise self.fault

    def _inflate(self, block: bytes) -> bytes:
        blocks = -(-self.octets_in // _BLOCK_OCTETS)
        allowed = min(self._limit, FREE_OCTETS + self._ratio * blocks * _BLOCK_OCTETS) - self.octets_out
        try:
            piece = bytes(self._stream.decompress(block, min(STEP_OCTETS, allowed + 1)))
        except (_deflate.error, zlib.error):
            self.fault = GzipFault("broken deflate data")
            return b""
        if len(piece) > allowed:
            over_limit = self.octets_out + len(piece) > self._limit
            self.fault = (
                GzipFault(
                    "larger than allowed",
                    texts.inflates_over(self._all_parts),
                    expected=f"{self._limit} octets at most",
                )
                if over_limit
                else GzipFault(
                    "inflates beyond the allowed ratio",
                    texts.inflates_beyond(self._ratio, FREE_OCTETS),
                    expected=f"{self._ratio} times its octets at most, beyond {FREE_OCTETS}",
                )
            )
            piece = piece[:allowed]
        self.octets_out += len(piece)
        self._length += len(piece)
        self._checksum = _deflate.crc32(piece, self._checksum)
        return piece

    def _read_head(self, block: bytes) -> bytes:
        head = self._frame + block
        try:
            length = _head_length(head)
        except GzipFault as fault:
            self.fault = GzipFault("octets after the end") if self._members else fault
            return b""
        if length is None:
            self._frame = head
            return b""
        self._frame = b""
        self._members += 1
        if self._members > _FREE_MEMBERS + self.octets_in // _OCTETS_PER_MEMBER:
            self.fault = GzipFault("too many members")
        self._stream = _deflate.decompressobj(wbits=_RAW_DEFLATE)
        self._checksum = self._length = 0
        return head[length:]

    def _read_trailer(self, block: bytes) -> bytes:
        trailer = self._frame + block
        if len(trailer) < _TRAILER_OCTETS:
            self._frame = trailer
            return b""
        checksum, length = struct.unpack_from("<II", trailer)
        if checksum != self._checksum or length != self._length & 0xFFFFFFFF:
            self.fault = GzipFault("checksum or length that does not match")
        self._frame = b""
        self._stream = None
        return trailer[_TRAILER_OCTETS:]


def _head_length(head: bytes) -> int | None:
    """Where the compressed data of a member begins (RFC 1952 2.3); None when more octets are needed to tell."""
    if not (b"\x1f\x8b\x08".startswith(head[:3]) and (len(head) < 4 or head[3] < 0x20)):
        raise GzipFault("not gzip")
    length = 10
    flags = head[3] if len(head) > 3 else 0
    if flags & _EXTRA and len(head) >= length + 2:
        length += 2 + int.from_bytes(head[length : length + 2], "little")
    elif flags & _EXTRA:
        return None
    for _ in range(bool(flags & _NAME) + bool(flags & _COMMENT)):
        end = head.find(b"\0", length)
        if end == -1 and len(head) > _HEAD_OCTETS:
            raise GzipFault("a head too long")
        if end == -1:
            return None
        length = end + 1
    if flags & _HEAD_CHECKSUM:
        length += 2
    if length > _HEAD_OCTETS:
        raise GzipFault("a head too long")
    if len(head) < length:
        return None
    if flags & _HEAD_CHECKSUM and _deflate.crc32(head[: length - 2]) & 0xFFFF != int.from_bytes(
        head[length - 2 : length], "little"
    ):
        raise GzipFault("a head whose checksum does not match")
    return length


class Deflater:
    """Compresses one part as it streams, however it is cut: the same octets and salt give the same gzip octets in one
    installation.
    """

    def __init__(self, salt: bytes) -> None:
        self._head = _gzip_head(salt)
        self._stream: Any = _deflate.compressobj(wbits=_RAW_DEFLATE)
        self._held = bytearray()
        self._checksum = 0
        self._octets_in = 0
        self._octets_out = 0
        self._blocks = 0
        self._pays = True  # deflating, as far as was seen
        self._flushed = True  # nothing that the library was given refers to what may come

    def feed(self, octets: bytes) -> bytes:
        """What can be written already; often nothing."""
        self._held += octets
        whole = len(self._held) // _STORED_OCTETS * _STORED_OCTETS
        if whole == 0:
            return b""
        blocks = bytes(self._held[:whole])
        del self._held[:whole]
        return b"".join(self._block(blocks[at : at + _STORED_OCTETS]) for at in range(0, whole, _STORED_OCTETS))

    def finish(self) -> bytes:
        """The rest, checksum and length included."""
        rest = self._block(bytes(self._held))
        tail = struct.pack("<II", self._checksum, self._octets_in & 0xFFFFFFFF)
        return rest + bytes(self._stream.flush()) + tail

    def _block(self, block: bytes) -> bytes:
        self._checksum = _deflate.crc32(block, self._checksum)
        self._octets_in += len(block)
        written, self._head = self._head, b""
        asks = self._blocks % _ASKED_EVERY == 0 and len(block) == _STORED_OCTETS
        self._blocks += 1
        if asks or not self._pays or self._compresses_too_well(len(written)):
            written += self._flush()
        if self._compresses_too_well(len(written)) or not (asks or self._pays):
            written += _stored(block)
        elif block:
            deflated = bytes(self._stream.compress(block))
            self._flushed = False
            if asks:
                deflated += self._flush()
                self._pays = len(deflated) < _PAYS_FROM * len(block)
            written += deflated if self._pays else _stored(block)
        self._octets_out += len(written)
        return written

    def _flush(self) -> bytes:
        """After a full flush nothing refers back, so a block that the library never saw may stand there."""
        if self._flushed:
            return b""
        self._flushed = True
        return bytes(self._stream.flush(_deflate.Z_FULL_FLUSH))

    def _compresses_too_well(self, about_to_write: int) -> bool:
        most = FREE_OCTETS + DEFAULT_RATIO * (self._octets_out + about_to_write)
        return self._octets_in > most


def _stored(block: bytes) -> bytes:
    """A block as it is; nothing where there is none."""
    return b"\0" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block if block else b""


def _gzip_head(salt: bytes) -> bytes:
    """RFC 1952 2.3: FEXTRA alone, no time, no system; one subfield "KP" that holds the salt."""
    if len(salt) != SALT_OCTETS:
        raise ValueError(f"a salt is {SALT_OCTETS} octets")
    subfield = b"KP" + struct.pack("<H", len(salt)) + salt
    return b"\x1f\x8b\x08\x04" + b"\0\0\0\0" + b"\x00\xff" + struct.pack("<H", len(subfield)) + subfield
