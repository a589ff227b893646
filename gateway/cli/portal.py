"""knooppunt portal: what the operator says to the users of the portal, and what the helpdesk looks up for one of them.
What the commands do stands in `gateway.cli.portal_desk`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks


@click.group()
def portal() -> None:
    """The portal of a hub: a notice above its pages, and faults by their numbers."""


@portal.command("notice")
@click.argument("text", type=FILLED, required=False)
@click.option(
    "--hours", type=click.IntRange(1, 2160), default=24, show_default=True, help="How long TEXT stands there."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), metavar="MOMENT", help="Or until when.")
@click.option("--clear", is_flag=True, help="Take the notice away.")
@hub_option
@speaks
def notice(text: str | None, hours: int, until: datetime | None, clear: bool, settings: Path, as_json: bool) -> None:
    """Put TEXT above all pages of the portal, for a day unless said otherwise, in the place of any other; without TEXT
    show the one that stands there.

    Everybody who opens a page reads it, logged in or not. It goes by itself when its time is over, and what the
    settings say (`portal.notice`) stands there again.
    """
    from gateway.cli.portal_desk import tell_notice  # late, for whoever asks for help

    if clear and text is not None:
        raise click.UsageError("give TEXT or --clear")
    tell_notice(settings, text, hours, until, clear, as_json)


@portal.command("fault")
@click.argument("number", type=FILLED)
@hub_option
@speaks
def fault(number: str, settings: Path, as_json: bool) -> None:
    """Show what the log has under NUMBER, which somebody reads from an error page.

    The file of `log.file` is read, and neither those that were moved aside nor what went to standard error.
    """
    from gateway.cli.portal_desk import tell_fault  # late, for whoever asks for help

    tell_fault(settings, number, as_json)
