"""knooppunt db: the database under a hub's store: moved to another engine."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.administration import refusals_told, settings_of
from gateway.cli.options import SETTINGS_FILE, hub_option
from gateway.cli.output import print_json, speaks
from gateway.clock import SystemClock
from pmodes.counting import counted


@click.group()
def db() -> None:
    """The database under a hub's store."""


@db.command("copy")
@hub_option
@click.option(
    "--to",
    type=SETTINGS_FILE,
    required=True,
    help="Settings file of the hub as it is to be: with the database in [store], which is empty.",
)
@speaks
def copy(settings: Path, to: Path, as_json: bool) -> None:
    """Copy the store of a hub that does not run into a PostgreSQL database, with all that the portal keeps.

    All is written in one transaction, and each row and octet compared with what was read before that is committed. A
    copying that ends before leaves an empty database. From then on the store in `data.directory` is not served any
    more, as two that offer one message deliver it twice; nothing of it is changed or removed. To go back to it gives
    `knooppunt store confirm-restored`, which says what that costs.

    The key under which duplicates are known goes where the settings of --to look for it. Sessions of the portal end.
    """
    from gateway.wiring.moving import copy_hub  # a whole hub: too much for whoever asks for help

    with refusals_told():
        moved = copy_hub(settings_of(settings), settings_of(to), clock=SystemClock())
    copied = moved.copied
    if as_json:
        print_json(
            {
                "to": moved.to,
                "key_file": moved.key_file,
                "generation": copied.generation,
                "rows": dict(copied.rows),
                "damaged": list(copied.damaged),
                "ended_earlier": copied.ended_earlier,
            }
        )
        return
    if copied.ended_earlier:
        click.echo(f"the store was copied to {moved.to} before")
    else:
        rows = counted(sum(copied.rows.values()), "row")
        click.echo(f"{rows} copied to {moved.to} and compared, of {counted(copied.rows['message'], 'message')}")
    for message_id in copied.damaged:
        click.echo(f"damaged here, and so there: {message_id}")
    click.echo(f"this store is not served any more; serve the other one: knooppunt serve {to}")
