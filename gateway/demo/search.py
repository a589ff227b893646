"""Looks for canary tokens in whatever a process leaves behind: the proof that nothing readable stays.

A token is searched raw, in the encodings that software stores text in, in every gzip or zlib stream that can be
inflated, in file names, and in windows of sixteen octets, because a torn block keeps a piece. Files are read as octets,
in chunks that overlap, so a database, its write-ahead log and a log file are all the same to it. What cannot be read is
reported as unread, never skipped in silence. The forms themselves are `gateway.demo.search_forms`, the proof that each
one is found is `gateway.demo.search_controls`.

SECURITY: reads with the rights of its user and follows no symbolic link; streams are inflated up to a bound.
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.demo.search_forms import FORM_NAME, FORM_RAW, FORM_WINDOW, Patterns, compile_patterns

CHUNK_OCTETS = 4 * 1024 * 1024
INFLATE_OCTETS = 64 * 1024 * 1024  # of one stream
_INFLATE_STEP_OCTETS = 256 * 1024
_NESTED_STREAMS = 2  # a gzip part inside a gzip'd backup is still found


def _stream_starts() -> re.Pattern[bytes]:
    """Octets that can begin a gzip member (RFC 1952 2.3) or a zlib stream without dictionary (RFC 1950 2.2)."""
    branches = [rb"\x1f\x8b\x08"]
    for cmf in range(0x08, 0x88, 0x10):
        flags = [flg for flg in range(256) if (cmf * 256 + flg) % 31 == 0 and not flg & 0x20]
        branches.append(re.escape(bytes([cmf])) + b"[" + b"".join(re.escape(bytes([flg])) for flg in flags) + b"]")
    return re.compile(b"|".join(branches), re.DOTALL)


_STREAM_START = _stream_starts()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hit:
    """One finding. `offset` counts octets from the start of the file; in a stream, to where the stream starts."""

    file: str
    offset: int
    form: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a search found and what it looked at; a search that could not read something proves nothing about it."""

    hits: tuple[Hit, ...]
    unread: tuple[str, ...]
    files: int
    octets: int


@dataclass(slots=True)
class _Tally:
    hits: set[Hit] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    files: int = 0
    octets: int = 0


def search(
    tokens: Sequence[str],
    roots: Iterable[Path],
    *,
    pids: Iterable[int] = (),
    chunk_octets: int = CHUNK_OCTETS,
    inflate_octets: int = INFLATE_OCTETS,
) -> Findings:
    """Search every regular file under the roots (a root may be a file), and deleted files that the processes hold open.

    Raises `ValueError` for a token of less than sixteen octets: too short to tell from chance.
    """
    patterns = compile_patterns(tokens)
    tally = _Tally()
    for path in _files(roots, tally):
        for token in tokens:
            if token in path:
                tally.hits.add(Hit(file=path, offset=0, form=FORM_NAME, token=token))
        _search_file(path, path, patterns, tally, chunk_octets, inflate_octets)
    for pid in pids:
        for opened, name in _deleted_files(pid, tally):
            _search_file(opened, name, patterns, tally, chunk_octets, inflate_octets)
    hits = tuple(sorted(hit for hit in tally.hits if not _is_piece_of_a_hit(hit, tally.hits)))
    return Findings(hits=hits, unread=tuple(tally.unread), files=tally.files, octets=tally.octets)


def _is_piece_of_a_hit(hit: Hit, hits: set[Hit]) -> bool:
    """Whether a window is only the half of a whole token that one chunk showed."""
    if not hit.form.endswith(FORM_WINDOW):
        return False
    form = hit.form.removesuffix(FORM_WINDOW) + FORM_RAW
    return any(
        replace(hit, form=form, offset=offset) in hits
        for offset in range(hit.offset - len(hit.token.encode()), hit.offset + 1)
    )


def _files(roots: Iterable[Path], tally: _Tally) -> Iterator[str]:
    for root in roots:
        if not os.path.lexists(root):
            tally.unread.append(str(root))
        elif root.is_dir():
            for folder, _, names in os.walk(root, onerror=lambda fault: tally.unread.append(str(fault.filename))):
                for name in sorted(names):
                    path = os.path.join(folder, name)
                    if not os.path.islink(path) and not _is_special(path):
                        yield path
        else:
            yield str(root)


def _is_special(path: str) -> bool:
    """Sockets, pipes and devices: they hold no octets of their own."""
    try:
        return not stat.S_ISREG(os.stat(path, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _deleted_files(pid: int, tally: _Tally) -> Iterator[tuple[str, str]]:
    """Regular files without a name that the process holds open: (path to open, name to report)."""
    table = f"/proc/{pid}/fd"
    try:
        descriptors = sorted(os.listdir(table), key=int)
    except OSError:
        tally.unread.append(table)
        return
    for descriptor in descriptors:
        path = f"{table}/{descriptor}"
        try:
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                yield path, f"{path} -> {os.readlink(path)}"
        except OSError:
            continue  # closed since the table was read: nothing is left of it


def _search_file(
    path: str, name: str, patterns: Patterns, tally: _Tally, chunk_octets: int, inflate_octets: int
) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return  # gone between the listing and now
    except OSError:
        tally.unread.append(name)
        return
    try:
        tally.files += 1
        _search_descriptor(descriptor, name, patterns, tally, chunk_octets, inflate_octets)
    except OSError:
        tally.unread.append(name)
    finally:
        os.close(descriptor)


def _search_descriptor(
    descriptor: int, name: str, patterns: Patterns, tally: _Tally, chunk_octets: int, inflate_octets: int
) -> None:
    kept, start = b"", 0  # the end of the chunk before, and the offset in the file where it begins
    while True:
        fresh = os.pread(descriptor, chunk_octets, start + len(kept))
        if not fresh:
            break
        tally.octets += len(fresh)
        chunk = kept + fresh
        for position, form, token in patterns.occurrences(chunk):
            tally.hits.add(Hit(file=name, offset=start + position, form=form, token=token))
        # A start in the part that is kept was tried with the chunk before, unless only its first octets were there.
        for match in _STREAM_START.finditer(chunk, max(0, len(kept) - 2)):
            rest = _following(descriptor, chunk, match.start(), start)
            kind = "gzip" if chunk[match.start()] == 0x1F else "zlib"
            for form, token in _inflated(rest, patterns, inflate_octets, _NESTED_STREAMS):
                tally.hits.add(Hit(file=name, offset=start + match.start(), form=f"{kind}:{form}", token=token))
        keep = min(len(chunk), patterns.longest_octets)
        start += len(chunk) - keep
        kept = chunk[len(chunk) - keep :]


def _following(descriptor: int, chunk: bytes, position: int, start: int) -> Iterator[bytes]:
    """The octets from a position on: first a taste out of memory, as most apparent streams end there, then the file."""
    taste = chunk[position : position + 512]
    yield taste
    offset = start + position + len(taste)
    while octets := os.pread(descriptor, _INFLATE_STEP_OCTETS, offset):
        yield octets
        offset += len(octets)


def _inflated(
    source: Iterable[bytes], patterns: Patterns, inflate_octets: int, depth: int
) -> Iterator[tuple[str, str]]:
    """Findings in a stream, as far as it can be inflated; a broken stream was readable up to its break."""
    inflater = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
    kept, produced = b"", 0
    for octets in source:
        pending = octets
        while pending and not inflater.eof and produced < inflate_octets:
            try:
                fresh = inflater.decompress(pending, _INFLATE_STEP_OCTETS)
            except zlib.error:
                return
            pending = inflater.unconsumed_tail
            produced += len(fresh)
            chunk = kept + fresh
            for _, form, token in patterns.occurrences(chunk):
                yield form, token
            if depth > 1:
                yield from _nested(chunk, patterns, inflate_octets, depth - 1)
            kept = chunk[-patterns.longest_octets :]
        if inflater.eof or produced >= inflate_octets:
            return


def _nested(chunk: bytes, patterns: Patterns, inflate_octets: int, depth: int) -> Iterator[tuple[str, str]]:
    """Streams inside an inflated stream, as far as this chunk of it reaches."""
    for match in _STREAM_START.finditer(chunk):
        kind = "gzip" if chunk[match.start()] == 0x1F else "zlib"
        pieces = (chunk[at : at + 512] for at in range(match.start(), len(chunk), 512))
        for form, token in _inflated(pieces, patterns, inflate_octets, depth):
            yield f"{kind}:{form}", token
