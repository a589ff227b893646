"""How commands speak: a sentence or a table for a person, one JSON document with --json, and exit codes that mean
something.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the peer or the network did not answer as it should.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")

DONE, REFUSED, USAGE, PEER = 0, 1, 2, 3


class Failure(Exception):
    """A command that ends without having done what it was asked: what happened, what to do next, and the exit code."""

    def __init__(self, sentence: str, *, next_step: str = "", code: int = REFUSED, facts: object = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step
        self.code = code
        self.facts = facts


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
        except BrokenPipeError:
            raise
        except OSError as fault:  # a file, folder or disk that somebody named and that cannot be used
            said = f"{fault.filename}: {fault.strerror}" if fault.filename else fault.strerror or str(fault)
            end(Failure(said, code=USAGE), as_json=bool(kwargs.get("as_json")))

    return wrapped


def end(failure: Failure, *, as_json: bool) -> NoReturn:
    """Say what happened and leave."""
    if as_json:
        print_json({"error": failure.sentence, "next": failure.next_step or None, "facts": failure.facts})
    else:
        click.echo(f"knooppunt: {failure.sentence}", err=True)
        if failure.next_step:
            click.echo(f"  {failure.next_step}", err=True)
    sys.exit(failure.code)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """A table for a person, or one sentence when there is nothing in it."""
    if not rows:
        click.echo(empty)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold", pad_edge=False, box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if each is None else str(each) for each in row))
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200).print(table)


def print_fields(fields: Mapping[str, Any]) -> None:
    """One name and value a line."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        click.echo(f"{name:<{width}}  {'' if value is None else value}")
