"""What `knooppunt push` reads, which may not come: a pipe to which nobody writes, a terminal where nobody types. After
a while it says what it waits for.
"""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import USAGE, Failure, standard_input
from gateway.cli.waiting import SILENT_SECONDS
from gateway.client.outgoing import read_payload
from gateway.limits import PAYLOAD_LIMITS

STANDARD_INPUT: Final = Path("-")


def streams_among(inputs: Sequence[Path]) -> list[Path]:
    """Those that somebody else writes, and may not have begun to; `-` is standard input."""
    return [each for each in inputs if each == STANDARD_INPUT or stat.S_ISFIFO(each.stat().st_mode)]


@contextlib.contextmanager
def waits_told(streams: Sequence[Path], *, unless: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Say on standard error that these are waited for, if the context takes longer than two seconds and it is not known
    by then that they came.
    """

    def tell() -> None:
        if streams and not unless():
            names = ", ".join("standard input" if each == STANDARD_INPUT else str(each) for each in streams)
            click.echo(f"knooppunt: waiting for what is written to {names}; Ctrl-C ends this", err=True)

    timer = asyncio.get_running_loop().call_later(SILENT_SECONDS, tell)
    try:
        yield
    finally:
        timer.cancel()


def read_document(file: Path) -> bytes:
    """The octets of the document to push; raises `Unsendable` or `Failure`."""
    if file != STANDARD_INPUT:
        return read_payload(file)
    try:
        return read_payload(_read_standard_input(PAYLOAD_LIMITS.octets + 1))
    except OSError as fault:
        raise Failure(
            f"standard input cannot be read: {fault.strerror}",
            next_step="name a file, or pipe the document in",
            code=USAGE,
        ) from None


def _read_standard_input(most_octets: int) -> bytes:
    """Without the lock of its buffer, which a thread that still waits would hold when the process ends."""
    stream = standard_input()
    raw = getattr(stream, "raw", None)
    if raw is None:
        return stream.read(most_octets)
    found = bytearray()
    while len(found) < most_octets and (more := raw.read(most_octets - len(found))):
        found += more
    return bytes(found)
