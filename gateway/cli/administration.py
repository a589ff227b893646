"""What the commands of an administrator share: which hub, how it is asked, and the commands that follow from a verb
alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from gateway.administration import verbs
from gateway.administration.administered import Administered
from gateway.administration.asking import Administration, in_doubt
from gateway.administration.verb import Verb
from gateway.administration.verbs import VERBS
from gateway.cli.options import hub_option
from gateway.cli.output import REFUSED, USAGE, Failure, print_fields, print_json, print_table, speaks
from gateway.refused import Barred, Broken, Refused
from gateway.settings import Settings, SettingsFault, read_settings
from gateway.storage import EXIT_STORAGE

P = ParamSpec("P")
T = TypeVar("T")


def settings_of(path: Path) -> Settings:
    """The settings in that file; a Failure with every complaint."""
    try:
        return read_settings(path)
    except SettingsFault as fault:
        raise Failure("\n  ".join(("the settings cannot be used:", *fault.complaints)), code=USAGE) from None


def ask(
    settings: Path, work: Callable[Concatenate[Administered, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """What that hub, or its store where none runs, answers to a verb."""
    return administer(settings, lambda administration: administration.ask(work, *args, **kwargs))


def ask_seen(
    settings: Path, work: Callable[Concatenate[Administered, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
) -> tuple[T, str | None]:
    """What a verb answers that only looks, and why the store is in doubt of which it says so."""

    async def asked(of: Administration) -> tuple[T, str | None]:
        return await of.ask(work, *args, **kwargs), await of.ask(verbs.doubt)

    return administer(settings, asked)


def refuse_doubtful(doubt: str | None, facts: object) -> None:
    """End with what makes the store doubtful that was listed: it may be less than the hub stored, or more."""
    if doubt is not None:
        said, step = in_doubt(doubt)
        raise Failure(f"{said}; what is listed is what lies there", next_step=step, facts=facts)


def administer(settings: Path, work: Callable[[Administration], Awaitable[T]]) -> T:
    """Ask several verbs in one go, whether the hub runs or not."""
    from gateway.wiring.administration import administration_of  # a whole hub: too much for whoever asks for help

    read = settings_of(settings)

    async def asked() -> T:
        async with administration_of(read) as administration:
            return await work(administration)

    with refusals_told():
        return asyncio.run(asked())


@contextlib.contextmanager
def refusals_told() -> Iterator[None]:
    """What an administrator cannot have, as the end of a command."""
    try:
        yield
    except Refused as refused:
        code = EXIT_STORAGE if isinstance(refused, Broken) else USAGE if isinstance(refused, Barred) else REFUSED
        raise Failure(refused.reason, next_step=refused.next_step, code=code) from None


def add_commands(noun: str, group: click.Group, declared: Mapping[str, Verb] = VERBS) -> None:
    """Give each verb that names a command of this noun that command: with its arguments, sentence and answer."""
    for verb in declared.values():
        if verb.command is not None and verb.command.partition(" ")[0] == noun:
            group.add_command(command_of_verb(verb))


def command_of_verb(verb: Verb) -> click.Command:
    """The command that follows from a verb alone, under the last of its words."""

    @speaks
    def asked(settings: Path, as_json: bool, **given: str | None) -> None:
        _tell(verb, ask(settings, verb.work, **_read(verb, given)), as_json)

    parameters: list[click.Parameter] = [
        click.Argument([name], required=name not in verb.defaults)
        for name in verb.arguments
        if name not in verb.options
    ]
    parameters += [click.Option([f"--{name}"], help=sentence) for name, sentence in verb.options.items()]
    name = (verb.command or verb.name).rpartition(" ")[2]
    command = click.command(name, help=verb.sentence)(hub_option(asked))
    command.params = [*parameters, *command.params]
    return command


def _read(verb: Verb, given: Mapping[str, str | None]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, text in given.items():
        if text is None:
            continue  # an option that was not given
        try:
            read[name] = verb.arguments[name].validate_strings(text)
        except ValueError as fault:
            raise Failure(
                f"{name.upper()} cannot be {text!r}", next_step=str(fault).splitlines()[1].strip(), code=USAGE
            ) from None
    return read


def _tell(verb: Verb, answer: object, as_json: bool) -> None:
    """The answer in the words of its own fields."""
    written = verb.answer.dump_python(answer, mode="json")
    if as_json:
        print_json({verb.fact: written})
    elif verb.told is not None:
        click.echo(verb.told(answer))
    elif isinstance(written, dict):
        print_fields({name.replace("_", " "): value for name, value in written.items()})
    elif isinstance(written, list) and all(isinstance(each, dict) for each in written):
        columns = tuple(written[0]) if written else ()
        print_table("", columns, [tuple(each.values()) for each in written], empty=verb.empty)
    else:
        click.echo("done" if written is None else str(written))
