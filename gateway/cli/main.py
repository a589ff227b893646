"""The command `knooppunt`: its nouns, each imported only when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

import click

# noun -> (module, attribute, what it does in one line)
COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "bench": ("gateway.cli.bench", "bench", "Measure transactions against the floor of the same run."),
    "demo": ("gateway.cli.demo", "demo", "Play one whole exchange through a hub of its own and judge it."),
    "mailbox": ("gateway.cli.mailbox", "mailbox", "How the mailboxes of a hub stand."),
    "message": ("gateway.cli.message", "message", "The message log of a hub: who, what type, when, in which state."),
    "pki": ("gateway.cli.pki", "pki", "Make a test authority, a hub's folder and certificates for organisations."),
    "pmode": ("gateway.cli.pmode", "pmode", "The P-Mode files of a hub: check them, see what follows from them."),
    "pull": ("gateway.cli.pull", "pull", "Collect what waits in your mailbox, and confirm it."),
    "push": ("gateway.cli.push", "push", "Send a message to the hub and check its receipt."),
    "schema": ("gateway.cli.schema", "schema", "List, check, sample, compare and export messages; run schema suites."),
    "serve": ("gateway.cli.serve", "serve", "Run a hub."),
    "store": ("gateway.cli.store", "store", "How the store of a hub stands; room on a full disk."),
}


class LazyGroup(click.Group):
    """Knows every command by name and imports it when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, attribute, _ = entry
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="knooppunt", message="%(prog)s %(version)s")
def main() -> None:
    """A message hub for debt assistance: sealed mailboxes, AS4 in and out.

    Every command takes --json. Exit codes: 0 done, 1 refused, 2 wrong usage, 3 peer or network.
    """
