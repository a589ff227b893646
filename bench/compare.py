"""Two programs against each other: what a transaction costs the hub of each, in rounds that alternate.

    make bench-compare BASE=main~5
    python -m bench.compare --base ../other-checkout --now . --connections 16

What is compared is CPU time of the hub process, for a push with its receipt, the pull of the message and its receipt,
which with `--bundled` travels with the next pull.
The ratio is the new program's to the old one's, so below one is faster; where its spread holds 1.00, nothing was shown.
A program against itself (`BASE=HEAD` without changes) tells how far this machine can be trusted now.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import uvloop

from bench.alternating import Round, alternate, cpu_facts, load_facts
from bench.failure import NotMeasured, measuring
from bench.machine import machine
from bench.program import CHECKOUT, Program, program_of
from bench.rounds import Spread, ratio
from bench.station import install_each, running, running_bundled
from bench.tell import print_load, told
from gateway.cli.output import PEER, print_table

NAMES = ("base", "now")


@click.command()
@click.option("--base", required=True, metavar="COMMIT|CHECKOUT", help="What is compared with.")
@click.option("--now", default=str(CHECKOUT), metavar="COMMIT|CHECKOUT",
              help="What is compared; this checkout as it is, unless given.")  # fmt: skip
@click.option("--bits", type=click.Choice(["2048", "3072", "4096"]), default="2048", show_default=True,
              help="RSA key size.")  # fmt: skip
@click.option("--connections", type=click.IntRange(1, 60), multiple=True, default=(1, 4, 16), show_default=True,
              help="How many at once; may be repeated.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="Rounds of both programs.")
@click.option("--count", type=click.IntRange(10, 100_000), default=320, show_default=True,
              help="Transactions of each program in a round, for each number of connections.")  # fmt: skip
@click.option("--bundled", is_flag=True, help="Each receipt travels with the next pull, instead of alone.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for compare-BASE-NOW.json.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON instead of tables.")
def main(
    base: str,
    now: str,
    bits: str,
    connections: tuple[int, ...],
    rounds: int,
    count: int,
    bundled: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare what a transaction costs the hubs of two commits, in rounds that alternate."""
    try:
        found = compare(
            base,
            now,
            bits=int(bits),
            connections=connections,
            rounds=rounds,
            count=count,
            bundled=bundled,
            tell=lambda line: None if as_json else click.echo(f"  {line}", err=True),
        )
    except NotMeasured as fault:
        click.echo(f"bench: nothing was measured: {fault}", err=True)
        sys.exit(PEER)
    if out is not None:
        path = out / f"compare-{found['base']['commit'][:10]}-{found['now']['commit'][:10]}.json"
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        if not as_json:
            click.echo(f"  written: {path}", err=True)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        print_comparison(found)


def compare(
    base: str,
    now: str,
    *,
    bits: int,
    connections: Sequence[int],
    rounds: int,
    count: int,
    bundled: bool,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Measure both; raises `NotMeasured` when one of them does not do what it should."""
    with measuring(), ExitStack() as stack:
        programs = dict(zip(NAMES, (stack.enter_context(program_of(each)) for each in (base, now)), strict=True))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="knooppunt-bench-")))
        begun = datetime.now(UTC)
        measured = uvloop.run(_measure(programs, folder, bits, rounds, count, connections, bundled, tell))
        return {
            "what": "comparison",
            "begun_at": begun.isoformat(timespec="seconds"),
            "machine": machine(),
            "bits": bits,
            "bundled": bundled,
            **{name: program.facts() for name, program in programs.items()},
            "connections": [row(each, measured[each]) for each in connections],
        }


async def _measure(
    programs: Mapping[str, Program],
    folder: Path,
    bits: int,
    rounds: int,
    count: int,
    connections: Sequence[int],
    bundled: bool,
    tell: Callable[[str], None],
) -> dict[int, list[Round]]:
    tell(", ".join(f"{name}: {program}" for name, program in programs.items()))
    installations = await install_each(programs, folder, bits)
    begin = running_bundled if bundled else running
    hubs = {name: partial(begin, installation) for name, installation in installations.items()}
    return await alternate(hubs, rounds=rounds, transactions=count, connections=connections, tell=tell)


def row(connections: int, rounds: Sequence[Round]) -> dict[str, Any]:
    """The figures at one number of connections, of a transaction and of each of its requests."""
    return {
        "connections": connections,
        "ratio": {"transaction": ratio_of(rounds).facts()}
        | {each: ratio_of(rounds, each).facts() for each in rounds[0].used[NAMES[0]].seconds},
        **{name: cpu_facts(rounds, name) for name in NAMES},
        "load": load_facts(rounds),
    }


def ratio_of(rounds: Sequence[Round], request: str | None = None) -> Spread:
    """How many times the base the new program is, round by round: for a whole transaction, or for one request of it."""
    base, now = ([each.used[name].microseconds(request) for each in rounds] for name in NAMES)
    return ratio(now, base)


def print_comparison(found: dict[str, Any]) -> None:
    """The tables, and what is to be thought of them."""
    names = {name: f"{found[name]['commit'][:10]}{' with changes' if found[name]['changed'] else ''}" for name in NAMES}
    click.echo(f"{found['machine']['processor']}, {found['machine']['cores']} cores, RSA-{found['bits']}")
    for row in found["connections"]:
        print_table(
            f"{row['connections']} connections: CPU milliseconds of the hub, median (lowest to highest round)",
            ("", f"base {names['base']}", f"now {names['now']}", "now / base"),
            [
                (
                    name,
                    *(told(row[each]["cpu_microseconds"][name], 2, 1000) for each in NAMES),
                    told(row["ratio"][name], 3),
                )
                for name in row["ratio"]
            ],
            empty="",
        )
        print_load(row["load"], row["connections"])


if __name__ == "__main__":
    main()
