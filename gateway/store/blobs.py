"""Where the parts of a message lie: in memory while they are few, in a blob file when they are many.

A spool that grows past 64 KiB goes into a file without a name, so a crash leaves nothing behind. On acceptance the file
is flushed, gets its final random name, and the directory is flushed: only then does a row speak of it. Where the file
system has no unnamed files, a temporary name stands in and is swept at the next start. A blob is checked whole, length
and SHA-256, before its first octet is offered.

SECURITY: what comes here is ciphertext already. Names are random and tell nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from gateway import failpoints
from gateway.storage import flush_folder, is_lack
from gateway.store.data_directory import DataDirectory
from gateway.store.interface import DamagedBlob, StoreUnavailable, Unreadable
from gateway.unnamed import UnnamedFiles

T = TypeVar("T")

MEMORY_OCTETS = 64 << 10
THREADS = 4
CHUNK_OCTETS = 256 << 10
_CHECK_OCTETS = 1 << 20
_NO_FILE = (errno.ELOOP, errno.ENXIO, errno.ENODEV)  # a link, a socket or a pipe in the place of a file


class BlobFolder:
    """The folder of blob files, and the threads that do its slow work."""

    def __init__(self, directory: DataDirectory, *, on_failure: Callable[[BaseException], None], sweep: bool) -> None:
        self.path = directory.path / "blobs"
        self.directory = directory
        self._on_failure = on_failure
        self._linked: set[str] = set()  # names that have no row yet
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="blobs")
        self._threads.submit(int).result()  # one that runs already: a machine that has no more threads stops nothing
        if not self.path.exists():
            self.path.mkdir(mode=0o700)
            flush_folder(directory.path)
        self._unnamed = UnnamedFiles(self.path, flush=self._flush)
        self._folder = self._unnamed.folder
        if sweep:
            self._unnamed.sweep()

    def close(self) -> None:
        """End the threads; open spools must be discarded first."""
        self._threads.shutdown()
        self._unnamed.close()

    async def run(self, work: Callable[[], T]) -> T:
        """Slow work in a thread; it goes on when the caller is cancelled."""
        return await asyncio.shield(self.submit(work))

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Slow work in a thread, as a future; raises `StoreUnavailable` when the machine has no more threads."""
        try:
            return asyncio.get_running_loop().run_in_executor(self._threads, work)
        except RuntimeError as error:
            raise StoreUnavailable(str(error)) from error

    def create(self) -> tuple[int, str | None]:
        """A new empty file: its descriptor, and its temporary name if it needs one."""
        return self._unnamed.create()

    def keep(self, descriptor: int, temporary: str | None) -> str:
        """Give a file its final name, durably: file, name and folder are on stable storage on return."""
        failpoints.reach("A7.before")
        name = secrets.token_hex(16)
        self._linked.add(name)
        try:
            self._unnamed.give_name(descriptor, temporary, name)
        except BaseException:
            self._linked.discard(name)
            raise
        failpoints.reach("A7.after")
        return name

    def hand_over(self, name: str) -> None:
        """The name has its row, or will never have one: from now on the rows decide."""
        self._linked.discard(name)

    def remove(self, names: Sequence[str]) -> dict[str, OSError]:
        """Unlink these blobs, durably; those that are gone already do no harm. What could not be unlinked is returned
        with the reason, and stands in nobody's way.
        """
        stuck: dict[str, OSError] = {}
        for name in names:
            try:
                os.unlink(name, dir_fd=self._folder)
            except FileNotFoundError:
                pass
            except OSError as error:
                stuck[name] = error
            self._linked.discard(name)
        if names:
            self._flush(self._folder)
        return stuck

    def older_than(self, seconds_since_epoch: float) -> list[str]:
        """Blobs named before this moment, without those that are on their way to a row."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.name not in self._linked and entry.stat().st_ctime <= seconds_since_epoch:
                        found.append(entry.name)
        return found

    def discard_temporary(self, name: str) -> None:
        """Unlink the temporary name of a file that was not kept."""
        self._unnamed.discard(name)

    async def read(self, name: str, *, octets: int, sha256: bytes) -> AsyncGenerator[bytes, None]:
        """The blob in chunks, after it was checked whole.

        Raises `DamagedBlob` for what is proven: no such file, another length, another digest; `Unreadable` for whatever
        else stands between the octets and us.
        """
        opening = self.submit(lambda: self._open_checked(name, octets, sha256))
        try:
            descriptor = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_opened)
            raise
        except OSError as error:
            raise _unreadable(name, error) from error
        try:
            for offset in range(0, octets, CHUNK_OCTETS):
                chunk = await self.run(partial(_read_fully, descriptor, CHUNK_OCTETS, offset))
                if len(chunk) != min(CHUNK_OCTETS, octets - offset):
                    raise DamagedBlob(f"blob {name} became shorter")
                yield chunk
        except OSError as error:
            raise _unreadable(name, error) from error
        finally:
            os.close(descriptor)

    def _open_checked(self, name: str, octets: int, sha256: bytes) -> int:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(name, flags, dir_fd=self._folder)
        except FileNotFoundError:
            raise DamagedBlob(f"blob {name} is missing") from None
        except OSError as error:
            if error.errno in _NO_FILE:
                raise DamagedBlob(f"blob {name} is no file") from None
            raise
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise DamagedBlob(f"blob {name} is no file")
            if status.st_size != octets:
                raise DamagedBlob(f"blob {name} has another length")
            digest = hashlib.sha256()
            for offset in range(0, octets, _CHECK_OCTETS):
                digest.update(_read_fully(descriptor, _CHECK_OCTETS, offset))
            if digest.digest() != sha256:
                raise DamagedBlob(f"blob {name} has another digest")
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _flush(self, descriptor: int) -> None:
        try:
            os.fsync(descriptor)
        except OSError as error:
            # The kernel may have dropped the octets and forgotten it: nothing written since the last flush is certain.
            self._on_failure(error)
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedParts:
    """The parts of a message as they go into its row: octets, or the name of a durable blob."""

    octets: bytes | None
    blob: str | None
    size_octets: int
    sha256: bytes


class PartSpool:
    """The parts of a message that is arriving."""

    def __init__(self, blobs: BlobFolder, expected_octets: int | None, *, frees_room: bool = False) -> None:
        self._blobs = blobs
        self._digest = hashlib.sha256()
        self._size_octets = 0
        self._buffer = bytearray()
        self._descriptor: int | None = None
        self._temporary: str | None = None
        self._busy: asyncio.Future[Any] | None = None
        self._discarded = False
        self._expected_octets = expected_octets or 0
        if not frees_room:
            blobs.directory.refuse_below_marks(self._expected_octets, message_octets=self._expected_octets)
        self._reserved_octets = self._expected_octets
        blobs.directory.reserved_octets += self._reserved_octets

    @property
    def size_octets(self) -> int:
        """What has been written."""
        return self._size_octets

    async def write(self, octets: bytes) -> None:
        """Append; raises `StoreUnavailable` when the disk is full."""
        self._refuse_discarded()
        self._size_octets += len(octets)
        self._buffer += octets
        if self._size_octets > MEMORY_OCTETS and len(self._buffer) >= CHUNK_OCTETS:
            await self._drain()

    async def finish(self) -> tuple[bytes | None, str | None, bytes]:
        """End the spool: its octets or the name of its durable blob, and its SHA-256. A named blob is the caller's."""
        self._refuse_discarded()
        try:
            if self._size_octets <= MEMORY_OCTETS:
                octets = bytes(self._buffer)
                return octets, None, hashlib.sha256(octets).digest()
            await self._drain()
            try:
                name = await self._in_thread(self._keep)
            except asyncio.CancelledError:  # it gets its name all the same, and nobody will ever hand that over
                if self._busy is not None:
                    self._busy.add_done_callback(self._leave_to_sweep)
                raise
            return None, name, self._digest.digest()
        finally:
            self.discard()

    async def finish_unnamed(self) -> tuple[bytes | None, int | None, bytes]:
        """End the writing: its octets or the descriptor of its file, which `discard` closes, and its SHA-256."""
        self._refuse_discarded()
        if self._size_octets <= MEMORY_OCTETS:
            octets = bytes(self._buffer)
            return octets, None, hashlib.sha256(octets).digest()
        await self._drain()
        return None, self._descriptor, self._digest.digest()

    async def read_back(self, offset: int) -> bytes:
        """A piece of what went into the file, from there on; to be called after `finish_unnamed`."""
        if self._descriptor is None:
            raise ValueError("nothing was written to a file")
        return await self._in_thread(partial(_read_fully, self._descriptor, CHUNK_OCTETS, offset))

    def discard(self) -> None:
        """Give the space back; harmless when repeated."""
        if self._discarded:
            return
        self._discarded = True
        self._buffer.clear()
        self._give_back(self._reserved_octets)
        if self._busy is not None and not self._busy.done():
            self._busy.add_done_callback(lambda _done: self._release())
        else:
            self._release()

    def _refuse_discarded(self) -> None:
        if self._discarded:
            raise ValueError("the spool was used up")

    async def _drain(self) -> None:
        chunk = bytes(self._buffer)
        self._buffer.clear()
        if self._size_octets > self._expected_octets:
            self._blobs.directory.refuse_below_marks(len(chunk), message_octets=self._size_octets)
        await self._in_thread(lambda: self._append(chunk))
        self._give_back(min(len(chunk), self._reserved_octets))

    def _give_back(self, octets: int) -> None:
        self._reserved_octets -= octets
        self._blobs.directory.reserved_octets -= octets

    async def _in_thread(self, work: Callable[[], T]) -> T:
        future = self._blobs.submit(work)
        self._busy = future
        try:
            return await asyncio.shield(future)
        except OSError as error:
            raise StoreUnavailable(f"the blob could not be written: {error.strerror}") from error

    def _append(self, chunk: bytes) -> None:
        if self._descriptor is None:
            self._descriptor, self._temporary = self._blobs.create()
        self._digest.update(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _keep(self) -> str:
        if self._descriptor is None:
            raise ValueError("nothing was written to a file")
        name = self._blobs.keep(self._descriptor, self._temporary)
        self._temporary = None
        return name

    def _leave_to_sweep(self, kept: asyncio.Future[Any]) -> None:
        if not kept.cancelled() and kept.exception() is None:
            self._blobs.hand_over(kept.result())

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
        if self._temporary is not None:
            self._blobs.discard_temporary(self._temporary)
            self._temporary = None


def _read_fully(descriptor: int, octets: int, start: int) -> bytes:
    """These octets, or fewer only at the end of the file: a read that was cut short proves nothing."""
    found = b""
    while len(found) < octets:
        more = os.pread(descriptor, octets - len(found), start + len(found))
        if not more:
            break
        found = found + more if found else more
    return found


def _unreadable(name: str, error: OSError) -> Unreadable:
    return Unreadable(f"blob {name} cannot be read now: {error.strerror}", lacking=is_lack(error))


def _close_opened(opened: asyncio.Future[int]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        os.close(opened.result())
