"""knooppunt serve: run a hub until it is told to stop. What it does stands in `gateway.cli.starting`."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from gateway.cli.options import SETTINGS_FILE
from gateway.cli.output import speaks


@click.command()
@click.argument("settings", type=SETTINGS_FILE, required=False)
@click.option("--reference", is_flag=True, help="Print every key of the settings file with its meaning, and stop.")
@speaks
def serve(settings: Path | None, reference: bool, as_json: bool) -> None:
    """Run the hub that SETTINGS (a TOML file) describes.

    Stops on SIGTERM or SIGINT: no new connections, what runs is finished; a start that hangs is ended after seconds.
    SIGHUP reads keys, certificates and P-Modes again, as `knooppunt reload` does; if anything has a fault, all
    that was in force stays so and the log says why.

    Exit code 0 is for a hub that was told to stop; 1 for one that could not start now (another hub or program holds
    what it needs, or the store waits for your word); 2 for settings, P-Modes, keys or certificates that will not do; 74
    for storage that failed, at the start or later.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it can be heard: a reload that comes early ends nothing
    from gateway.cli.starting import print_reference, run  # late, for whoever asks for help

    if reference:
        print_reference(as_json)
    else:
        run(settings, as_json)
