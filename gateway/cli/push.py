"""knooppunt push: send one message and check the hub's receipt. What it does stands in `gateway.cli.pushing`."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import as_option
from gateway.cli.output import speaks
from gateway.cli.push_options import media_type, refuse_unused


@click.command()
@as_option
@click.argument(
    "file", type=click.Path(path_type=NamedPath, dir_okay=False, exists=True, allow_dash=True), required=False
)
@click.option("--attach", type=click.Path(path_type=NamedPath, dir_okay=False, exists=True), multiple=True,
              help="A document to send along; may be repeated.")  # fmt: skip
@click.option("--type-of-attachment", default="application/pdf", show_default=True, callback=media_type,
              help="MIME type of attachments.")  # fmt: skip
@click.option("--retries", type=click.IntRange(0, 50), default=3, show_default=True, help="How often to try again.")
@click.option("--unchecked", is_flag=True,
              help="Send it whatever is wrong with it: for testers who want the hub's own verdict.")  # fmt: skip
@click.option("--waiting", is_flag=True, help="Send what an earlier run left in the outbox, under its own MessageIds.")
@speaks
def push(
    folder: Path,
    file: Path | None,
    attach: tuple[Path, ...],
    type_of_attachment: str,
    retries: int,
    unchecked: bool,
    waiting: bool,
    as_json: bool,
) -> None:
    """Send FILE, an XML message of any known module, to the hub.

    A single - reads it from standard input. Module, version and type follow from the document. It is checked first, by
    its schema, by its rules, and with the documents that go along; what breaks them is not sent, and every violation is
    listed. A message that leaves stays in the outbox until the hub's receipt has been checked or the hub has refused
    it; every try, of this run and of later ones with --waiting, sends the same octets under the same MessageId.
    """
    from gateway.cli.pushing import send  # late, for whoever asks for help

    refuse_unused(file, attach, waiting)
    send(folder, file, attach, type_of_attachment, retries, unchecked=unchecked, as_json=as_json)
