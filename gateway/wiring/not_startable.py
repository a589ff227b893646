"""Why a hub does not start."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from gateway.storage import NO_SPACE, DiskFull, FileLimit


class NotStartable(Exception):
    """The hub cannot start; `complaints` are whole lines, each with what to do."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


class StorageBroken(NotStartable):
    """The hub cannot start because what it stored cannot be read as it was written."""


class StorageFull(NotStartable):
    """The hub cannot start because the storage takes nothing: it is full, or can only be read."""


class StorageLimited(StorageFull):
    """The hub cannot start because it may make no file as large as it needs, whatever room the storage has."""


class NotNow(NotStartable):
    """What it is to do is in order, and something stands in the way: a program that holds what it needs, or a word that
    only the operator can say.
    """


class WrongPlace(NotStartable):
    """The settings name something that cannot be a data directory."""


class StoreThere(NotStartable):
    """No new store is made where one is; `next_step` says what to do with that one."""

    def __init__(self, complaints: tuple[str, ...], next_step: str) -> None:
        super().__init__(complaints)
        self.next_step = next_step


_KINDS: Sequence[tuple[type[NotStartable], tuple[int, ...]]] = (
    (StorageBroken, (errno.EIO,)),
    (StorageLimited, (errno.EFBIG,)),
    (StorageFull, (*NO_SPACE, errno.EROFS)),
    (NotNow, (errno.EADDRINUSE, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)),
)


def no_room(fault: DiskFull) -> StorageFull:
    """The storage takes nothing, in the words of who found that."""
    kind = StorageLimited if isinstance(fault, FileLimit) else StorageFull
    return kind((f"data.directory: {fault}",))


def not_startable(fault: OSError, complaint: str) -> NotStartable:
    """That complaint, as the fault under it asks for."""
    kind = next((kind for kind, numbers in _KINDS if fault.errno in numbers), NotStartable)
    return kind((complaint,))
