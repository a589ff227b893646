"""Gzip as it may come: what is read, with its content, and what is not, with a word of the reason (RFC 1952)."""

from __future__ import annotations

import gzip
import struct
import zlib

from support.messages.whole_parts import compress

SALT = bytes(range(16))
MiB = 1024 * 1024


def member(content: bytes = b"hallo", flags: int = 0, rest: bytes = b"", check: bool = False) -> bytes:
    """One member with header fields of one's own (RFC 1952 2.3)."""
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\3" + rest
    if check:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    stream = zlib.compressobj(6, zlib.DEFLATED, -15)
    trailer = struct.pack("<II", zlib.crc32(content), len(content))
    return head + stream.compress(content) + stream.flush() + trailer


PLAIN = member()
STORED = member(bytes(range(256)) * 40)

BOMB = gzip.compress(bytes(64 * MiB))

GOOD = {
    "plain": (PLAIN, b"hallo"),
    "EN-14-empty": (member(b""), b""),
    "C16": (compress(b"", salt=SALT), b""),
    "EN-14-nothing": (b"", b""),
    "C11": (PLAIN + member(b" daar"), b"hallo daar"),
    "C11-empty-members": (member(b"") * 50 + PLAIN + member(b""), b"hallo"),
    "name": (member(flags=0x08, rest=b"a.xml\0"), b"hallo"),
    "comment": (member(flags=0x10, rest=b"c\0"), b"hallo"),
    "extra": (member(flags=0x04, rest=b"\5\0abcde"), b"hallo"),
    "extra-empty": (member(flags=0x04, rest=b"\0\0"), b"hallo"),
    "text-flag": (member(flags=0x01), b"hallo"),
    "head-checksum": (member(flags=0x02, check=True), b"hallo"),
    "all-fields": (member(flags=0x1F, rest=b"\2\0abn\0c\0", check=True), b"hallo"),
    "long-name": (member(flags=0x08, rest=b"n" * 8_000 + b"\0"), b"hallo"),
    "stored": (STORED, bytes(range(256)) * 40),
    "EN-12-nested": (gzip.compress(PLAIN), PLAIN),
}

BAD = {
    "C09-xml": (b"<a/>", "not gzip"),
    "C09-zlib": (zlib.compress(b"hallo"), "not gzip"),
    "C09-zip": (b"PK\x03\x04" + b"\0" * 30, "not gzip"),
    "C09-other-method": (PLAIN[:2] + b"\x07" + PLAIN[3:], "not gzip"),
    "C09-reserved-flag": (member(flags=0x20), "not gzip"),
    "C09-high-flag": (member(flags=0x80), "not gzip"),
    "C10-truncated": (PLAIN[:-9], "truncated"),
    "C10-truncated-head": (PLAIN[:7], "truncated"),
    "C10-truncated-magic": (PLAIN[:1], "truncated"),
    "C10-truncated-name": (member(flags=0x08, rest=b"a.xml")[:14], "truncated"),
    "C10-truncated-trailer": (PLAIN[:-1], "truncated"),
    "C10-truncated-second": (PLAIN + PLAIN[:-3], "truncated"),
    "C10-truncated-second-head": (PLAIN + PLAIN[:2], "truncated"),
    "C10-checksum": (PLAIN[:-8] + b"\0\0\0\0" + PLAIN[-4:], "checksum"),
    "C10-length": (PLAIN[:-4] + b"\6\0\0\0", "checksum or length"),
    "C10-second-checksum": (PLAIN + PLAIN[:-8] + b"\0\0\0\0" + PLAIN[-4:], "checksum"),
    "C10-data": (PLAIN[:10] + b"\xff" * 20, "broken"),
    "C10-head-checksum": (member(flags=0x02, rest=b"xy"), "head whose checksum"),
    "C10-trailing": (PLAIN + b"x", "after the end"),
    "C10-trailing-nul": (PLAIN + b"\0", "after the end"),
    "C10-trailing-half-magic": (PLAIN + b"\x1f\x8c", "after the end"),
    "long-head": (member(flags=0x08, rest=b"n" * 9_000 + b"\0"), "head too long"),
    "long-extra": (member(flags=0x04, rest=b"\xff\xff" + b"e" * 65_535), "head too long"),
    "endless-name": (member(flags=0x08, rest=b"n" * 9_000)[:8_900], "head too long"),
    "many-members": (member(b"") * 100, "too many members"),
}
