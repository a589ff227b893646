"""The command `knooppunt`: its nouns, each imported only when it is used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from gateway.cli import deed, streams
from gateway.cli.few_files import refuse_few_files
from gateway.cli.output import (
    DO_IT_AGAIN,
    DONE,
    INTERRUPTED,
    OUTCOMES,
    REFUSED,
    USAGE,
    Failure,
    command_of,
    print_document,
)

# noun -> (module, attribute, what it does in one line)
COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "cert": (
        "gateway.cli.cert",
        "cert",
        "The certificates of a hub and its organisations, and how the next get there.",
    ),
    "db": ("gateway.cli.db", "db", "The database under a hub's store: up to date, read as a whole, moved."),
    "demo": ("gateway.cli.demo", "demo", "Play one whole exchange through a hub of its own and judge it."),
    "desk": ("gateway.cli.desk", "desk", "The desk on your own machine, and the files that browsers are given."),
    "directory": ("gateway.cli.directory", "directory", "The address book of the hub, as a participant has it."),
    "eherkenning": (
        "gateway.cli.eherkenning",
        "eherkenning",
        "What a broker of eHerkenning is given of the portal: metadata, services.",
    ),
    "event": ("gateway.cli.event", "event", "What happened in a hub since it started, counted."),
    "mailbox": ("gateway.cli.mailbox", "mailbox", "How the mailboxes of a hub stand."),
    "mail": ("gateway.cli.mail", "mail", "The mail of a hub: whether its server takes a letter."),
    "message": ("gateway.cli.message", "message", "The message log of a hub: who, what type, when, in which state."),
    "org": ("gateway.cli.org", "org", "The organisations of a hub: who they are, what follows from their files."),
    "participant": (
        "gateway.cli.participant_new",
        "participant",
        "Make the folder of one participant more, with keys and what it knows of others.",
    ),
    "ping": ("gateway.cli.ping", "ping", "Lay a test message for an organisation, and wait for its receipt."),
    "pki": ("gateway.cli.pki", "pki", "Make a test authority, a hub's folder and certificates for organisations."),
    "pmode": ("gateway.cli.pmode", "pmode", "The P-Mode files of a hub: check them, see what follows from them."),
    "portal": (
        "gateway.cli.portal",
        "portal",
        "The portal: a notice above its pages, faults by their numbers.",
    ),
    "pull": ("gateway.cli.pull", "pull", "Collect what waits in your mailbox, and confirm it."),
    "push": ("gateway.cli.push", "push", "Send a message to the hub and check its receipt."),
    "reload": (
        "gateway.cli.reload",
        "reload",
        "Put the files of a hub that runs in force: P-Modes, keys, certificates.",
    ),
    "request": ("gateway.cli.request", "request", "What organisations at a desk ask for, and your yes or no."),
    "schema": (
        "gateway.cli.schema",
        "schema",
        "List, check, sample, compare and export messages, as forms too; run suites.",
    ),
    "serve": ("gateway.cli.serve", "serve", "Run a hub."),
    "status": ("gateway.cli.status", "status", "How a hub stands: what waits, its time, days left of certificates."),
    "store": ("gateway.cli.store", "store", "How the store of a hub stands; room on a full disk."),
    "version": ("gateway.cli.version", "version", "Which release this is, and of what parts it is made."),
}


class LazyGroup(click.Group):
    """Knows every command by name and imports it when it is asked for."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and end the process; with --json its document is there whatever becomes of it."""
        streams.protect()
        if args is None:
            deed.own_process()
        words = sys.argv[1:] if args is None else list(args)
        code = REFUSED
        try:
            if args is None:
                deed.hear()
            code = self._outcome(words, prog_name, complete_var, checks_process=args is None, **extra)
        except KeyboardInterrupt:  # one that came outside of the command, or while an earlier one was taken up
            self._tell_interrupted(words)
        finally:
            deed.is_done()
            streams.tell_lost_output()
        sys.exit(code)

    def _outcome(
        self,
        words: Sequence[str],
        prog_name: str | None,
        complete_var: str | None,
        *,
        checks_process: bool,
        **extra: Any,
    ) -> int:
        """Run a command and tell what keeps it from its end; the exit code."""
        try:
            if checks_process:
                refuse_few_files()
            code = super().main(words, prog_name, complete_var, standalone_mode=False, **extra)
            return code if isinstance(code, int) else DONE
        except Failure as failure:  # of the process, before there was a command
            deed.is_done()
            if _wants_json(words):
                print_document(
                    OUTCOMES[failure.code], None, error=failure.sentence, next_step=failure.next_step,
                    command=self._named_in(words),
                )  # fmt: skip
            else:
                click.echo(f"knooppunt: {failure.sentence}\n  {failure.next_step}", err=True)
            return failure.code
        except click.ClickException as fault:
            deed.is_done()
            if _wants_json(words):
                context = getattr(fault, "ctx", None)
                step = f"`{context.command_path} --help` tells how it is used" if context is not None else ""
                print_document(
                    OUTCOMES.get(fault.exit_code, OUTCOMES[USAGE]), None, error=fault.format_message(), next_step=step,
                    command=command_of(context),
                )  # fmt: skip
            else:
                fault.show()
            return fault.exit_code
        except click.Abort:
            self._tell_interrupted(words)
            return REFUSED
        except Exception as defect:
            if _wants_json(words):
                kind = type(defect).__name__
                print_document(
                    "defect", None, error=f"a defect of this program: {kind}", command=self._named_in(words),
                    next_step="\n  ".join(getattr(defect, "__notes__", ())),
                )  # fmt: skip
            raise

    def _tell_interrupted(self, words: Sequence[str]) -> None:
        deed.is_interrupted()
        if _wants_json(words):
            print_document(
                OUTCOMES[REFUSED], None, error=INTERRUPTED, next_step=DO_IT_AGAIN, command=self._named_in(words)
            )
        else:
            click.echo(f"knooppunt: {INTERRUPTED}\n  {DO_IT_AGAIN}", err=True)

    def _named_in(self, words: Sequence[str]) -> str:
        """The words that lead to the command which these arguments name."""
        noun, verb, *_ = *(each for each in words if not each.startswith("-")), "", ""
        command = self.get_command(click.Context(self), noun)
        return f"{noun} {verb}" if isinstance(command, click.Group) and verb in command.commands else noun

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, attribute, _ = entry
        with deed.held():
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


def _wants_json(words: Sequence[str]) -> bool:
    """Whether --json was asked for, also where the words could not be understood."""
    return "--json" in words[: words.index("--")] if "--" in words else "--json" in words
