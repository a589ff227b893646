"""What `knooppunt push` refuses of its options before it does anything, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from gateway.cli.output import USAGE, Failure

if TYPE_CHECKING:
    from gateway.limits import ClientLimits


def refuse_unused(file: Path | None, attach: tuple[Path, ...], waiting: bool) -> None:
    """Refuse what would have no effect: whoever gave it believes that it has one."""
    if (file is None) == (not waiting):
        raise Failure("give either a FILE or --waiting", code=USAGE)
    context = click.get_current_context()
    given = {
        name for name in ("attach", "type_of_attachment", "unchecked")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }  # fmt: skip
    named = " and ".join(f"--{each.replace('_', '-')}" for each in sorted(given))
    if waiting and given:
        raise Failure(
            f"{named} cannot be given with --waiting: what waits is sent as it was made, with its attachments",
            next_step="leave that out; or, for another message, name its FILE in the place of --waiting",
            code=USAGE,
        )
    if "type_of_attachment" in given and not attach:
        raise Failure(
            "--type-of-attachment is the MIME type of what --attach names, and nothing is attached",
            next_step="name the documents by --attach, or leave the type out",
            code=USAGE,
        )


def refuse_too_many(attach: Sequence[Path], limits: ClientLimits) -> None:
    """Refuse more attachments than a message takes, before anything is read."""
    most = limits.outgoing_parts - 1
    if len(attach) > most:
        raise Failure(
            f"--attach was given {len(attach)} times, and a message takes {most} attachments at most",
            next_step="send the others with a message of their own, or join some of them in one file",
            code=USAGE,
        )


def media_type(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """The MIME type of an option, or wrong usage that names it."""
    from gateway.ebms.media_type import MimeFault, parse_content_type  # late, for whoever asks for help

    try:
        parse_content_type(value)
    except MimeFault:
        raise click.BadParameter(f"{value!r} is no MIME type; write one such as application/pdf") from None
    return value
