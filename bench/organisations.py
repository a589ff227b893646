"""The rows of many organisations (`bench.configuring`) and nothing else: `python -m bench.organisations`."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click
import uvloop

from bench import configuring
from bench.command import print_configuring
from bench.failure import NotMeasured, measuring
from gateway.cli.output import PEER


@click.command()
@click.option("--organisations", type=click.IntRange(configuring.FEW, 100_000), default=10_000, show_default=True,
              help="Organisations of one hub.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON instead of a table.")
def main(organisations: int, as_json: bool) -> None:
    """Measure what so many organisations cost before any message comes, and when one of their files changes."""

    def tell(line: str) -> None:
        if not as_json:
            click.echo(f"  {line}", err=True)

    try:
        with measuring(), tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
            found = uvloop.run(configuring.measure(Path(folder), organisations, tell))
    except NotMeasured as fault:
        click.echo(f"bench: nothing was measured: {fault}", err=True)
        sys.exit(PEER)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        print_configuring(found)


if __name__ == "__main__":
    main()
