"""knooppunt pull: collect what waits in the own mailbox, store it, confirm it. What it does stands in
`gateway.cli.pulling`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import NamedFolder, as_option
from gateway.cli.output import speaks


@click.command()
@as_option
@click.option("--keep", is_flag=True, help="Keep polling until Ctrl-C, more slowly while nothing comes.")
@click.option("--out", type=NamedFolder(), help="Where documents go; FOLDER/in if not given.")
@click.option("--retries", type=click.IntRange(0, 50), default=3, show_default=True, help="How often to try again.")
@speaks
def pull(folder: Path, keep: bool, out: Path | None, retries: int, as_json: bool) -> None:
    """Pull until the mailbox is empty.

    Each message is verified, decrypted and stored before the hub gets the receipt that lets it forget the message. Its
    documents are then written to --out, whole and durable, attachments first, under names that no other message can
    have; only then does the message count as processed. They stay in FOLDER/state for 90 days more.

    With --keep it goes on until Ctrl-C or until its service manager ends it. What fails meanwhile is told on standard
    error; the exit code says how matters stood at the end. The newest 100 messages are listed then, and all counted.
    """
    from gateway.cli.pulling import collect  # late, for whoever asks for help

    collect(folder, out or folder / "in", keep=keep, retries=retries, as_json=as_json)
