"""How commands speak: a sentence or a table for a person, one JSON document with --json, and exit codes that mean
something.

The JSON document has one shape, whatever the outcome: `command`, `outcome`, `error`, `next` and `facts`. What `facts`
holds is the command's own, described by its schema in `json_schemas`; they are null where the command ended before
there were any. Moments are written by RFC 3339 in UTC with `Z`.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the peer or the network did not answer as it should,
74 the disk failed. They speak of what
was done; whether anybody could read of it changes none of them (`gateway.cli.streams`).
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn, ParamSpec, TypeVar

import click

from gateway.cli import deed, streams
from gateway.named_file import REMEDIES
from gateway.storage import EXIT_STORAGE, MORE_FILE_OCTETS, NO_SPACE, lacks_threads
from gateway.written.complaints import printable

P = ParamSpec("P")
R = TypeVar("R")

DONE, REFUSED, USAGE, PEER = 0, 1, 2, 3
OUTCOMES: Final[Mapping[int, str]] = {
    DONE: "done", REFUSED: "refused", USAGE: "usage", PEER: "peer", EXIT_STORAGE: "storage",
}  # fmt: skip
INTERRUPTED: Final = "it was interrupted"
DO_IT_AGAIN: Final = "give the command again; where something was made already, it says so"
UNBOUNDED = 100_000  # columns: wide enough that nothing is folded
BETWEEN_COLUMNS = 4  # columns of a terminal, at most
# What somebody named wrongly; any other fault of a file or disk is one of the machine.
_WRONG_NAMES = (FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError, PermissionError)
_NO_FILES = frozenset({errno.EINVAL, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO})  # pipes, devices, circles of links


# A fault of the storage itself, with what mends it; nobody named anything wrongly.
_STORAGE: Final[Mapping[int, str]] = {
    **dict.fromkeys(NO_SPACE, "make room on that disk"),
    errno.EFBIG: MORE_FILE_OCTETS,
    errno.EIO: "look at the disk",
    errno.EROFS: "that file system can only be read: have it mounted for writing, or name another place",
}
NO_MEMORY: Final = "there was not enough memory"
MORE_MEMORY: Final = "let this process have more of it (ulimit -v, or the limit of its service or container)"
NO_THREAD: Final = "this process could not start a thread"
MORE_THREADS: Final = (
    "let it have more of them (`ulimit -u`, TasksMax of a unit, or the limit of its container), or more memory for them"
    " (`ulimit -v`)"
)


# What a name that cannot be used needs, and what any failure needs that says nothing better.
_NAMES: Final[Mapping[type[OSError], str]] = {
    FileNotFoundError: "name one that is there, in a folder that is there",
    NotADirectoryError: "name a folder there, or another place",
    IsADirectoryError: "name a file, or move that folder away",
    FileExistsError: "name another, or move away what stands there",
    PermissionError: f"{REMEDIES[errno.EACCES]}, or name another",
}
_AGAIN: Final[Mapping[int, str]] = {
    REFUSED: "mend what is named, then give the command again",
    USAGE: "mend what is named, then give the command again",
    PEER: "look whether the other side runs, then give the command again",
    EXIT_STORAGE: "look at the disk, then do it again",
}


def code_of(fault: OSError) -> int:
    """The exit code for a file, folder or disk that cannot be used."""
    wrong_name = isinstance(fault, _WRONG_NAMES) or fault.errno in _NO_FILES
    return USAGE if wrong_name else EXIT_STORAGE if fault.errno in _STORAGE else REFUSED


def said_of(fault: OSError) -> str:
    """What the system says of a file, folder or disk."""
    name = printable(os.fsdecode(fault.filename)) if isinstance(fault.filename, str | bytes | os.PathLike) else ""
    return f"{name}: {fault.strerror}" if name else fault.strerror or str(fault)


def remedy_of(fault: OSError) -> str:
    """What mends storage that failed, or a name that cannot be used; empty for any other fault."""
    return _STORAGE.get(fault.errno or 0, "") or _NAMES.get(type(fault), "")


def storage_step(fault: OSError) -> str:
    """The same as a whole step: the storage is mended first, and then the command is given again."""
    step = remedy_of(fault)
    return f"{step}, then do it again" if fault.errno in (*NO_SPACE, errno.EIO) else step


def command_line(*words: str | Path) -> str:
    """A command as advice names it: a shell and we read each of these words as what it is."""
    return " ".join(_quoted(f"./{each!s}" if _looks_like_an_option(each) else str(each)) for each in words)


def _quoted(word: str) -> str:
    """A word for a shell; with signs that cannot be seen in the form of `$'…'`, which stays on one line."""
    if word.isprintable():
        return shlex.quote(word)
    octets = os.fsencode(word)
    return (
        "$'"
        + "".join(chr(each) if 0x20 <= each < 0x7F and each not in b"'\\" else f"\\x{each:02x}" for each in octets)
        + "'"
    )


def _looks_like_an_option(word: str | Path) -> bool:
    return isinstance(word, Path) and str(word).startswith("-") and str(word) != "-"


class Failure(Exception):
    """A command that ends without having done what it was asked: what happened, what to do next, and the exit code.

    Without a `next_step` of its own it ends with that of its kind. `facts` are what it has to say all the same, in the
    shape of a success.
    """

    def __init__(self, sentence: str, *, next_step: str = "", code: int = REFUSED, facts: object = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step or _AGAIN.get(code, _AGAIN[REFUSED])
        self.code = code
        self.facts = facts


def standard_input() -> BinaryIO:
    """What is piped in."""
    if sys.stdin is None or streams.input_was_closed():  # closed by whoever started us
        raise Failure("there is no standard input to read", next_step="Name a file, or give - a stream.", code=USAGE)
    return sys.stdin.buffer


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")


def speaks(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the option --json and turn its failures into words and exit codes."""

    @json_option
    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Failure as failure:
            end(failure, as_json=bool(kwargs.get("as_json")))
        except OSError as fault:  # a file, folder or disk that somebody named and that cannot be used
            told = Failure(said_of(fault), next_step=storage_step(fault), code=code_of(fault))
            end(told, as_json=bool(kwargs.get("as_json")))
        except MemoryError:
            told = Failure(NO_MEMORY, next_step=f"{MORE_MEMORY}, then give the command again")
            end(told, as_json=bool(kwargs.get("as_json")))
        except RuntimeError as fault:
            if not lacks_threads(fault):
                raise
            end(_without_threads(fault), as_json=bool(kwargs.get("as_json")))

    return wrapped


def _without_threads(fault: BaseException) -> Failure:
    """What ended a command that got no thread: closing needs one as well, and what was told before that stands."""
    before = fault.__context__
    while before is not None:
        if isinstance(before, Failure):
            return before
        before = before.__context__
    return Failure(NO_THREAD, next_step=f"{MORE_THREADS}, then give the command again")


def end(failure: Failure, *, as_json: bool) -> NoReturn:
    """Say what happened and leave."""
    deed.is_done()
    if as_json:
        print_document(OUTCOMES[failure.code], failure.facts, error=failure.sentence, next_step=failure.next_step)
    else:
        click.echo(f"knooppunt: {failure.sentence}", err=True)
        if failure.next_step:
            click.echo(f"  {failure.next_step}", err=True)
    sys.exit(failure.code)


def print_json(facts: object, *, next_step: str = "") -> None:
    """The one JSON document of a command that did what it was asked."""
    print_document(OUTCOMES[DONE], facts, next_step=next_step)


def print_document(
    outcome: str, facts: object, *, error: str | None = None, next_step: str = "", command: str | None = None
) -> None:
    """One JSON document on standard output: this and no other form, whatever the outcome."""
    document = {
        "command": command if command is not None else command_of(click.get_current_context(silent=True)),
        "outcome": outcome,
        "error": error,
        "next": next_step or None,
        "facts": facts,
    }
    unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    text = json.dumps(document, ensure_ascii=not unicode, indent=2, default=_written)
    # Octets of a name that are not UTF-8 have no place in a document: they are told as what they are not.
    click.echo(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def command_of(context: click.Context | None) -> str:
    """The words that lead to a command, without the program's own name."""
    return "" if context is None else context.command_path.partition(" ")[2]


def rfc3339(moment: datetime) -> str:
    """A moment as every document writes it: in UTC, with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _written(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a moment without a zone")
        return rfc3339(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """A table for a person, or one sentence when there is nothing in it.

    Identifiers stay whole so that they can be copied: what a terminal is too narrow for is written as a block for each
    row, and what goes into a file or a pipe is as wide as it needs to be.
    """
    if not rows:
        click.echo(empty)
        return
    cells = [["" if each is None else str(each) for each in row] for row in rows]
    room = terminal_columns() if sys.stdout.isatty() else UNBOUNDED
    lines = _grid(title, columns, cells, room)
    if max(map(len, lines)) <= room:
        click.echo("\n".join(lines))
    else:
        _print_blocks(title, columns, cells)


def terminal_columns() -> int:
    """How many characters a line of the terminal has."""
    return shutil.get_terminal_size().columns


def _grid(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> list[str]:
    """The lines of a table. Words are kept whole, so it may come out wider than the room there is."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", pad_edge=False, box=box.SIMPLE_HEAD)
    needed = 0
    for each in zip(columns, *cells, strict=True):
        least = max(map(_longest_word, each))
        needed += least + BETWEEN_COLUMNS
        whole = max((len(line) for text in each for line in text.splitlines()), default=0) == least
        table.add_column(each[0], overflow="fold", min_width=least, no_wrap=whole)
    for row in cells:
        table.add_row(*row)
    # With less than that the library would break words, whatever the columns say of their least width.
    console = Console(highlight=False, markup=False, color_system=None, width=max(room, needed))
    with console.capture() as written:
        console.print(table, crop=False)
    return [line.rstrip() for line in written.get().splitlines()]


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _print_blocks(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """One name and value a line, a block for each row; what is empty is left out."""
    if title:
        click.echo(title)
    width = max(len(column) for column in columns)
    for row in cells:
        click.echo()
        for column, text in zip(columns, row, strict=True):
            if text:
                click.echo(f"  {column:<{width}}  " + text.replace("\n", "\n" + " " * (width + 4)))
    click.echo()


def print_fields(fields: Mapping[str, Any]) -> None:
    """One name and value a line."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        click.echo(f"{name:<{width}}  {'' if value is None else value}")
