"""Changes the P-Mode files in a folder: one command after the other, and all the files of a change or none of them.

A command is `alone_in` the folder from before it reads what it is to change until its files have their names, so none
overwrites what another reported as written, and none is judged beside files that another is about to add. The lock is
the system's, on the folder itself: it leaves nothing behind and goes with its process, however that ends.

A hub that reads the folder takes no lock and waits for none: every file that it sees is whole, and one that names
another comes after it. Who writes with an editor takes none either. So each file is held against what was read in its
place just before it gets its name.

SECURITY: who may read the folder can keep others from changing it for as long as he likes; they are told so after
half a minute.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gateway.named_file import TEXT_OCTETS, FileRefused, read_named
from gateway.refused import Refused
from gateway.whole_file import give_as_folder, write_whole
from gateway.written.editor_schema import EditorSchema

WAIT_SECONDS: Final = 30.0  # some commands that each read a folder of thousands of organisations
_LOOK_SECONDS: Final = 0.05


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other commands from changing the P-Mode files of the folder; `Refused` where one does it for long."""
    with contextlib.ExitStack() as held:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            pass  # whoever reads the folder says why it cannot be used
        else:
            held.callback(os.close, descriptor)
            _lock(descriptor, folder)
        yield


def put_files(
    folder: Path, files: Mapping[str, bytes], *, read: Mapping[str, bytes] = MappingProxyType({}), if_taken: str
) -> None:
    """Write files in their order, by their names in the folder: each where the octets stand that were `read` there, or
    else where nothing stands. What has the octets already that it is to get is taken for one's own: a command that was
    killed left it.

    Raises `Refused` (with the step `if_taken` where something else has the name) or `OSError`; files that are new are
    taken away again then, unless all of them have their names.
    """
    made: list[Path] = []
    named: list[str] = []

    def last_look(name: str) -> None:
        if _may_be_written(folder, name, files[name], read.get(name), if_taken):
            made.append(folder / name)
        named.append(name)

    try:
        for name, octets in files.items():
            made.extend(_folders_made(folder, name))
            write_whole(folder / name, octets, as_its_folder=True, last_look=partial(last_look, name))
    except BaseException:
        if len(named) < len(files):
            _take_away(made)
        raise


def refuse_taken(folder: Path, files: Mapping[str, bytes], if_taken: str) -> None:
    """Raise `Refused` where something has the name of one of these files that is to be new, and not its octets."""
    for name, octets in files.items():
        _may_be_written(folder, name, octets, None, if_taken)


def lay_schema(folder: Path) -> None:
    """The schema that an organisation's file names in its first line, where it is not there yet."""
    path = folder / EditorSchema.ORGANISATION.file_name
    if not path.exists():
        write_whole(path, EditorSchema.ORGANISATION.octets, durable=False, as_its_folder=True)


def _lock(descriptor: int, folder: Path) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= ends:
                said = f"another command has been changing the P-Mode files in {folder} for {WAIT_SECONDS:.0f} seconds"
                raise Refused(f"{said}; nothing was written", f"let it end (`fuser {folder}` names it)") from None
        except OSError:  # a file system without locks: the last look at each file is all there is
            return
        time.sleep(_LOOK_SECONDS)


def _may_be_written(folder: Path, name: str, octets: bytes, read: bytes | None, if_taken: str) -> bool:
    """Whether the file is a new one; `Refused` where neither what was read stands there nor what is to be written."""
    place = folder / name
    if not os.path.lexists(place):
        if read is None:
            return True
        raise Refused(f"somebody took {place} away meanwhile; nothing was written", "give the command again")
    try:
        now = read_named(place, most_octets=TEXT_OCTETS, beneath=folder)
    except FileRefused:
        now = None
    if read is None and now != octets:
        raise Refused(f"{place} is there already; nothing was written", if_taken)
    if read is not None and now != read:
        raise Refused(f"somebody changed {place} meanwhile; nothing was written", "give the command again")
    return False


def _folders_made(folder: Path, name: str) -> Iterator[Path]:
    """Make the folders between, and name those that were not there."""
    for each in reversed((folder / name).relative_to(folder).parents[:-1]):
        with contextlib.suppress(FileExistsError):
            (folder / each).mkdir()
            yield folder / each
            give_as_folder(folder / each)


def _take_away(made: list[Path]) -> None:
    for path in reversed(made):
        with contextlib.suppress(OSError):  # one that could not be named, or a folder in which there is something else
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
