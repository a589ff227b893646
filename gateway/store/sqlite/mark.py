"""The mark: a file beside the database that remembers how far the store has come; one that went back is noticed.

It holds the id of the store, its generation and the highest commit, whether a process has the store open, and which
directory it is. It is flushed when the store opens, before each checkpoint and purge, at most a minute after a commit,
and when the store closes. What the mark holds was flushed before, so a database with less has lost something: an
older copy was put back, its log was removed, or it was emptied. What was committed in the last minute before a crash,
and lost with a log that is still there, the mark cannot show.

A directory knows itself by an empty file that is made once and never written: a copy has another inode and another
time of change, both at once, or the same inode given out again, which has another version. What is written over the
files in place keeps that inode: an older copy of the directory, put over it with `cp` or `rsync`, brings the mark back
with the database and is not noticed, unless the mark lies in a folder outside (`data.mark`). Nor is what brings back a
whole disk with both (a snapshot of a volume or of a virtual machine), or, where the file system tells no versions, a
copy that happens to get the inode back.

The portal's database beside the store's has a mark and a place of its own, called after it, and the same watch.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import struct
import threading
from dataclasses import replace
from pathlib import Path

import apsw

from gateway.in_place import InPlace
from gateway.sqlite import is_empty, keep_log
from gateway.storage import NO_SPACE, flush_folder
from gateway.store.data_directory import LOCK_NAME
from gateway.store.sqlite.mark_file import Mark, MarkPlace, MarkUnreadable, put_out_of_the_way
from gateway.store.sqlite.moved import doubt_of_moved

PLACE_NAME = "store.place"
_GET_VERSION = 0x8000_7601 | struct.calcsize("l") << 16  # _IOR('v', 1, long), as most machines number it
# The file of a message that ended may be gone already: it goes before its row.
_WAITING_BLOB = """
SELECT 1 FROM parts JOIN message ON message.id = parts.message
WHERE parts.blob IS NOT NULL AND message.state IN ('stored', 'offered') LIMIT 1
"""


class Watch:
    """Holds a store against its mark when it opens, and moves the mark on while it lives.

    What it found at the start, the directory with its lock and the mark, has to stay `in_place` while it lives.
    `doubt` says why the store is not served; while it does, the mark stays as it is. As a
    `gateway.sqlite.writer.Witness` it counts the commits. Mark and place are called after the database; of one that
    keeps nothing in files `has_blobs` is not so.
    """

    def __init__(self, directory: Path, *, database: Path, outside: Path | None, has_blobs: bool = True) -> None:
        self.doubt: str | None = None
        self.in_place = InPlace()
        self._directory = directory
        self._mark_name = database.with_suffix(".mark").name
        self._place_file = directory / database.with_suffix(".place").name
        self._moved_note = directory / database.with_suffix(".moved").name
        self._place = MarkPlace(directory, outside, name=self._mark_name, in_place=self.in_place)
        self._log = _Log(database.with_name(database.name + "-wal"))
        self._empty_of_blobs = not (has_blobs and _has_files(directory / "blobs"))
        self._mark: Mark | None = None
        self._turn = threading.Lock()

    def opening(self) -> None:
        """The database is about to be opened, which makes a log where there is none."""
        self._log.hold_place()

    def leave(self) -> None:
        """Every connection is closed: a start that changed nothing takes the log away that it made."""
        self._log.give_up()
        self.in_place.close()

    def may_migrate(self, connection: apsw.Connection) -> bool:
        """Compare once, with the connection that will write and before it does. What is in doubt stays as it was found;
        where there is nothing, tables harm nobody.
        """
        self.compare(connection)
        if self.doubt is not None:
            keep_log(connection)
        return self.doubt is None or is_empty(connection)

    def begin(self, connection: apsw.Connection) -> None:
        """Mark a store as open that is not in doubt."""
        if self.doubt is None:
            self._begin(connection)

    def compare(self, connection: apsw.Connection) -> None:
        """Hold the store against its mark and change nothing."""
        try:
            marks = self._place.read()
        except MarkUnreadable as fault:
            self.doubt = f"its mark cannot be read ({fault})"
            return
        self._mark = max(marks, key=lambda each: (each.generation, each.commits), default=None)
        went_back = (self._compare(connection, each) for each in marks or (None,))
        self.doubt = doubt_of_moved(self._moved_note) or next(filter(None, went_back), None)

    def confirm(self, connection: apsw.Connection) -> None:
        """In a transaction: what is here counts from now on, as a new generation."""
        _, generation, commits, _ = _row(connection)
        if self._mark is not None:
            generation, commits = max(generation, self._mark.generation), max(commits, self._mark.commits)
        connection.execute(
            "UPDATE store SET generation = :generation, commits = :commits, marked = 0",
            {"generation": generation + 1, "commits": commits},
        )

    def confirmed(self, connection: apsw.Connection) -> None:
        """After the commit of `confirm`: a mark of this place and this generation."""
        for path in (self._place_file, self._directory / self._mark_name, self._place.file.path):
            put_out_of_the_way(path)
        self._place_file.unlink(missing_ok=True)  # it is made anew, so that a copy of before is one
        self._moved_note.unlink(missing_ok=True)  # last of what was in doubt: until then it can be confirmed again
        self._mark = None
        self._begin(connection, blobs_gone=self._empty_of_blobs)
        self.doubt = None
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)

    def note(self, commits: int, *, running: bool = True) -> bool:
        """So many commits are durable. On a full disk the mark stays behind, which raises no false alarm: False."""
        with self._turn:
            if self.doubt is not None or self._mark is None or not self._mark.running:
                return True
            mark = replace(self._mark, commits=max(commits, self._mark.commits), running=running)
            if mark == self._mark:
                return True
            try:
                self._place.write(mark)
            except OSError as error:
                if error.errno not in NO_SPACE:
                    raise
                return False
            self._mark = mark
            return True

    def committing(self, connection: apsw.Connection) -> None:
        """One commit more."""
        connection.execute("UPDATE store SET commits = commits + 1")

    def checkpointing(self, connection: apsw.Connection) -> bool:
        """What leaves the log must be on the mark before; in doubt all stays as it was found."""
        if self.doubt is not None:
            return False
        self.note(_row(connection)[2])
        return True

    def closing(self, connection: apsw.Connection) -> bool:
        """The log goes with the last connection, and nobody will miss it; it stays where the mark could not say so."""
        return self.doubt is not None or self.note(_row(connection)[2], running=False)

    def _compare(self, connection: apsw.Connection, mark: Mark | None) -> str | None:
        marks = _has_table(connection, "store")  # of an earlier version it has none, and nothing was marked
        store, generation, commits, marked = _row(connection) if marks else ("", 0, 0, 0)
        if mark is None:
            if marked:
                where = self._place.file.path.parent
                return f"{self._mark_name} is missing from {where}, so nobody knows whether this is all that was stored"
            if not self._empty_of_blobs and not _any(connection, "SELECT 1 FROM message LIMIT 1"):
                return "the database is empty, and files of messages lie beside it"
        elif mark.running and not (self._log.had_octets if mark.log_gone else self._log.was_there):
            if self._place.is_half:
                half = f"one half of its mark ({self._mark_name}) is damaged"
                return f"{half}, and the other does not say that it was closed"
            return f"it was not closed and its log ({self._log.name}) is gone, with what was stored last"
        elif mark.store != store:
            lies = self._place.file.path
            shared = "" if lies.parent == self._directory else f", or {lies} is another hub's"
            return f"the database is not the one that was here: it is new and empty, or another store's{shared}"
        elif (generation, commits) < (mark.generation, mark.commits) or generation < mark.generation:
            return (
                f"the database holds {commits} changes where {mark.commits} were made: an older copy was put back, or"
                " what was not yet in it was lost with its log"
            )
        elif self._place_moved(mark):
            return "the directory is a copy of the one that the hub used: it was restored or moved"
        lost = mark is not None and mark.blobs_gone
        if self._empty_of_blobs and not lost and _any(connection, _WAITING_BLOB):
            return "the files of its messages (blobs) are gone"
        return None

    def _place_moved(self, mark: Mark) -> bool:
        """Inode and time of change must both differ: a file system may number its files anew, and an administrator may
        change their owner. An inode that was given out again has another version, where the file system tells that.
        """
        place = self._place_file
        try:
            status = place.lstat()
        except FileNotFoundError:
            return True
        if not stat.S_ISREG(status.st_mode):
            return True
        version = version_of(place)
        given_again = None not in (version, mark.version) and version != mark.version
        return status.st_ctime_ns != mark.changed_ns and (status.st_ino != mark.inode or given_again)

    def _begin(self, connection: apsw.Connection, *, blobs_gone: bool = False) -> None:
        place = self._place_file
        with contextlib.suppress(FileExistsError):
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            flush_folder(self._directory)
        status = place.lstat()
        self._log.keep()
        store, generation, commits, marked = _row(connection)
        self._mark = Mark(
            store=store,
            generation=generation,
            commits=commits,
            running=True,
            blobs_gone=blobs_gone or (self._mark is not None and self._mark.blobs_gone and self._empty_of_blobs),
            inode=status.st_ino,
            changed_ns=status.st_ctime_ns,
            version=version_of(place),
        )
        self._place.write(self._mark)
        lock = self._directory / LOCK_NAME
        for each in (self._directory, *((lock,) if lock.exists() else ())):  # whoever opens a portal alone has none
            self.in_place.hold(each)
        if not marked:  # only now may a missing mark be missed
            connection.execute("UPDATE store SET marked = 1")


def version_of(path: Path) -> int | None:
    """Which of the files that had this inode it is (FS_IOC_GETVERSION); None where the file system does not tell."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found: int = struct.unpack("l", fcntl.ioctl(descriptor, _GET_VERSION, bytes(struct.calcsize("l"))))[0]
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return found


def _row(connection: apsw.Connection) -> tuple[str, int, int, int]:
    store, generation, commits, marked = connection.execute(
        "SELECT id, generation, commits, marked FROM store"
    ).fetchall()[0]
    return str(store), int(generation or 0), int(commits or 0), int(marked or 0)


class _Log:
    """The log beside the database: whether it was there before this process opened the database.

    A start that is refused must leave what the next one decides by, and an empty log says nothing of whose it is. So
    where there was none, an empty one is made first that shows by its mode that nobody's commits are missing from it,
    also when the process is killed.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._made: int | None = None  # its inode
        try:
            found = path.lstat()
        except FileNotFoundError:
            self.was_there = self.had_octets = False
        else:
            self.had_octets = found.st_size > 0
            self.was_there = self.had_octets or not found.st_mode & stat.S_ISVTX

    def hold_place(self) -> None:
        """Make one that is known again."""
        if self.was_there:
            return
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, 0o1600)  # SQLite sets the other bits itself
            self._made = os.fstat(descriptor).st_ino
        finally:
            os.close(descriptor)

    def keep(self) -> None:
        """It is the store's log from now on."""
        if self._made is not None:
            with contextlib.suppress(FileNotFoundError):  # SQLite makes it anew beside an empty database
                self._path.chmod(0o600)
            self._made = None

    def give_up(self) -> None:
        """Remove it, unless it was kept or another was put there."""
        if self._made is None:
            return
        with contextlib.suppress(FileNotFoundError):
            if self._path.lstat().st_ino == self._made:
                self._path.unlink()


def _any(connection: apsw.Connection, statement: str) -> bool:
    return _has_table(connection, "message") and connection.execute(statement).fetchone() is not None


def _has_table(connection: apsw.Connection, name: str) -> bool:
    statement = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return connection.execute(statement, (name,)).fetchone() is not None


def _has_files(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(not entry.name.startswith("arriving-") for entry in entries)
    except FileNotFoundError:
        return False
