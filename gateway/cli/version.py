"""knooppunt version: which release this is, and of what it is made. What it does stands in `gateway.cli.parts`."""

from __future__ import annotations

import click

from gateway.cli.output import speaks


@click.command()
@click.option("--parts", is_flag=True, help="List every part: what is installed with it, scripts, an image's packages.")
@click.option("--cyclonedx", is_flag=True, help="Print the list as a document of CycloneDX 1.6, for a scanner.")
@speaks
def version(parts: bool, cyclonedx: bool, as_json: bool) -> None:
    """Tell which release this is, and of what parts it is made.

    The list is what the lock of the release says, the scripts of others that browsers are served and, in a container,
    the packages of its root. Beside a version stands another one that is installed in its place. The same installation
    prints the same document, octet for octet.
    """
    from gateway.cli.parts import tell_version  # late, for whoever asks for help

    tell_version(parts=parts, cyclonedx=cyclonedx, as_json=as_json)
