"""docs/reference/commands.md, from the commands themselves: their help, and what they print with --json."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gateway.cli.main import main
from generator.json_examples import json_examples
from generator.markdown import block, document

WIDTH = 100
INTRODUCTION = """\
Every command takes `--json` and then prints one JSON document of one shape, whatever the outcome; the
[schemas](json-documents.md) are shipped. Exit codes: 0 done, 1 refused, 2 wrong usage, 3 peer or network, 74 the disk
failed. They speak of what was done: an output that cannot be written changes none of them. A failure goes to standard
error and ends with what to do next. Commands that ask a hub (`--hub`) work while it runs and while it does not, but for
those that need its keys, and for `store confirm-time`: what speaks against its clock only the hub that runs can say.
A folder as standard input (`< FOLDER`) is refused by Python itself, before any command begins: its
`Fatal Python error: init_sys_streams` with exit code 1 means that nothing was done; name a file. A Ctrl-C, or a
SIGINT, ends a command with exit code 1 and the word that it was interrupted, unless what was asked is done by then.
One that comes while Python itself begins, before the first line of this program, ends the process as Python does: by
the signal (130 in a shell), or with exit code 1 and a traceback that ends with `KeyboardInterrupt`, and without a
document; nothing was done."""


def page() -> str:
    """The whole page."""
    return document("Commands", INTRODUCTION, block(help_of(main, "knooppunt")), *_sections())


def _sections() -> Iterator[str]:
    examples = json_examples()
    for path, command in commands(main, ()):
        name = " ".join(("knooppunt", *path))
        yield f"{'#' * min(len(path) + 1, 3)} {name}\n\n{block(help_of(command, name))}"
        if " ".join(path) in examples:
            example = examples.pop(" ".join(path))
            yield f"With `--json`, for instance:\n\n{block(example, 'json')}"
    if examples:
        raise LookupError(f"examples of no command: {', '.join(examples)}")


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below this one, with the words that lead to it."""
    if path:
        yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from commands(inner, (*path, name))


def help_of(command: click.Command, name: str) -> str:
    """The help as a terminal of fixed width shows it."""
    context = click.Context(
        command,
        info_name=name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=list(main.context_settings["help_option_names"]),
    )
    with context:
        return command.get_help(context)
