"""What `knooppunt portal` does: asks the hub that runs about its notice, and looks a fault up in its log.

SECURITY: a number is held to its form before it is looked for, and a line of the log is printed with nothing in it that
a terminal would act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click

from gateway.administration import verbs
from gateway.administration.asked import Notice
from gateway.cli.administration import ask, settings_of
from gateway.cli.output import USAGE, Failure, print_json, rfc3339, said_of
from gateway.clock import SystemClock

_NUMBER: Final = re.compile(r"[A-Z2-7]{8}")
_MOST_LINES: Final = 20  # a number is drawn for one request
_LINE_OCTETS: Final = 64 * 1024


def tell_notice(
    settings: Path, text: str | None, hours: int, until: datetime | None, clear: bool, as_json: bool
) -> None:
    """Show, set or take away the notice."""
    if clear:
        ask(settings, verbs.clear_notice)
        found: Notice | None = None
    elif text is None:
        found = ask(settings, verbs.notice)
    else:
        ends = until or (SystemClock().now() + timedelta(hours=hours)).replace(microsecond=0)
        found = ask(settings, verbs.set_notice, text, ends)
    if as_json:
        print_json({"notice": None if found is None else {"text": found.text, "until": found.until}})
    elif found is None:
        click.echo("no notice of the operator stands above the pages")
    else:
        click.echo(f"until {rfc3339(found.until)}: {found.text}")


def tell_fault(settings: Path, number: str, as_json: bool) -> None:
    """Print the lines of the log that have this number."""
    wanted = "".join(number.split()).replace("-", "").upper()
    if _NUMBER.fullmatch(wanted) is None:
        raise Failure(
            "that is no number of an error page: those are 8 letters and digits, without 0, 1, 8 and 9",
            next_step="have it read out again",
            code=USAGE,
        )
    file = settings_of(settings).log.file
    if file is None:
        raise Failure(
            "the hub writes its log to standard error, which is not read here",
            next_step=f"look for {wanted} where that is kept, such as: journalctl -u knooppunt --grep {wanted}",
        )
    try:
        found = list(_lines_with(file, wanted.encode("ascii")))
    except OSError as fault:
        raise Failure(f"the log cannot be read: {said_of(fault)}", next_step="have it given to you") from None
    if not found:
        raise Failure(
            f"nothing in {file} has the number {wanted}",
            next_step="look at the log of the day on which the page was shown, which may have been moved aside",
        )
    if as_json:
        print_json({"number": wanted, "lines": found})
    for line in () if as_json else found:
        click.echo(line)


def _lines_with(file: Path, number: bytes) -> Iterator[str]:
    count = 0
    with file.open("rb") as log:
        while (line := log.readline(_LINE_OCTETS)) and count < _MOST_LINES:
            if number in line:
                count += 1
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                yield "".join(each if each.isprintable() else "?" for each in text)
