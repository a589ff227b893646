"""knooppunt ping: whether an organisation collects what lies in its mailbox. What it does stands in
`gateway.cli.pinging`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks


@click.command()
@click.argument("party", type=FILLED)
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0, 3600),
    default=60.0,
    show_default=True,
    help="How many seconds its receipt is waited for; 0: not at all.",
)
@hub_option
@speaks
def ping(party: str, wait_seconds: float, settings: Path, as_json: bool) -> None:
    """Lay a test message in the mailbox of PARTY, a party id or the name of a file, and wait for its signed receipt.

    A hub calls nobody: it answers who comes. So this tells whether the organisation comes and confirms, and an
    organisation that comes once a day does that when its time has come; `knooppunt org list` shows the last outcome.
    The message has no document, and whoever pulls it throws it away.
    """
    from gateway.cli.pinging import ping_one  # late, for whoever asks for help

    ping_one(settings, party, wait_seconds, as_json)
