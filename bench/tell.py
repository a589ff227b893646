"""How figures of several rounds are told to people."""

from __future__ import annotations

from typing import Any

import click

from bench.rounds import Spread


def told(facts: dict[str, Any], decimals: int, divisor: float = 1.0) -> str:
    """Median and spread, from the facts of a `Spread`."""
    return Spread(tuple(each / divisor for each in facts["rounds"])).text(decimals)


def print_load(load: dict[str, Any], connections: int) -> None:
    """How busy others kept the machine, and what follows."""
    averages = ", ".join(f"{each:.1f}" for each in load["load_average"])
    click.echo(f"{connections} connections: others took {told(load['others_cores'], 2)} cores; load average {averages}")
    if not load["quiet"]:
        click.echo("  the machine was not quiet: good to see that it works, nothing to publish")
