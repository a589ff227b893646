"""The command line of the bench, `python -m bench` in a checkout: what is measured, and how its figures are told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from bench import desk, lists
from bench.attacks import HONEST_MILLISECONDS
from bench.cost import MOST_RATIO
from bench.failure import NotMeasured
from bench.overview import MILLISECONDS, passed_bound
from bench.run import run
from bench.scaling import sizes
from bench.schema_speed import passed_bounds
from bench.tell import print_load, told
from gateway.cli.output import PEER, print_table


@click.command()
@click.option("--bits", type=click.Choice(["2048", "3072", "4096"]), multiple=True, default=("2048", "3072"),
              show_default=True, help="RSA key sizes.")  # fmt: skip
@click.option("--connections", type=click.IntRange(1, 60), multiple=True, default=(1, 4, 16), show_default=True,
              help="How many at once; may be repeated.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="Rounds of hub and floor.")
@click.option("--count", type=click.IntRange(10, 100_000), default=320, show_default=True,
              help="Transactions in a round, for each number of connections.")  # fmt: skip
@click.option("--large-mebibytes", type=click.IntRange(0, 100_000), default=1024, show_default=True,
              help="Size of the large attachment; 0 leaves it out.")  # fmt: skip
@click.option("--ended-messages", type=click.IntRange(0, 1_000_000), default=2_000, show_default=True,
              help="Messages past their term that the keeper ends amid honest pushes; 0 leaves them out.")  # fmt: skip
@click.option("--stray-blobs", type=click.IntRange(0, 1_000_000), default=100_000, show_default=True,
              help="Blob files without a row that one purge sweeps; 0 leaves them out.")  # fmt: skip
@click.option("--overview-messages", type=click.IntRange(0, 1_000_000), default=5_000, show_default=True,
              help="Messages that wait for one unit at a desk, of which pages are asked; 0 leaves it out.")  # fmt: skip
@click.option("--desk-messages", type=click.IntRange(0, 1_000), default=10, show_default=True,
              help="Questions that are opened and answered at a desk in Chromium; 0 leaves them out.")  # fmt: skip
@click.option("--list-questions", type=click.IntRange(0, 1_000), default=1_000, show_default=True,
              help="Questions of a list that is downloaded and answered in Chromium; 0 leaves it out.")  # fmt: skip
@click.option("--waiting", type=click.IntRange(100, 10_000_000), multiple=True, default=(1_000, 100_000),
              show_default=True, help="Messages that wait in a mailbox that is pulled from; may be repeated. A million "
              "take a quarter of an hour to be laid there.")  # fmt: skip
@click.option("--mailboxes", type=click.IntRange(0, 100_000), default=1_000, show_default=True,
              help="Mailboxes with a hundred messages each; 0 leaves them out.")  # fmt: skip
@click.option("--organisations", type=click.IntRange(0, 100_000), default=10_000, show_default=True,
              help="Organisations of one hub; 0 leaves them out.")  # fmt: skip
@click.option("--scaling/--no-scaling", "scales", default=True, show_default=True,
              help="Whether large hubs are measured at all.")  # fmt: skip
@click.option("--attack-seconds", type=click.FloatRange(0, 600), default=10, show_default=True,
              help="How long each attack goes on while honest pushes are measured; 0 leaves them out.")  # fmt: skip
@click.option("--against", metavar="CHECKOUT", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="Folder of another version of this program, attacked in the same way.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for bench.json and bench.svg.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON instead of tables.")
def main(
    bits: tuple[str, ...],
    connections: tuple[int, ...],
    rounds: int,
    count: int,
    large_mebibytes: int,
    ended_messages: int,
    stray_blobs: int,
    overview_messages: int,
    desk_messages: int,
    list_questions: int,
    waiting: tuple[int, ...],
    mailboxes: int,
    organisations: int,
    scales: bool,
    attack_seconds: float,
    against: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure what the hub costs, in CPU time of its own process, beside the floor measured in the same run.

    The floor does the same cryptography, validation, commits and empty HTTPS requests by hand. Figures hold for this
    machine as it is now; ratios travel better.
    """
    try:
        found = run(
            bits=[int(each) for each in bits],
            connections=connections,
            rounds=rounds,
            count=count,
            large_octets=large_mebibytes * 1024**2,
            ended_messages=ended_messages,
            stray_blobs=stray_blobs,
            attack_seconds=attack_seconds,
            overview_messages=overview_messages,
            desk_messages=desk_messages,
            list_questions=list_questions,
            sizes=sizes(waiting, mailboxes, organisations) if scales else (),
            against=against,
            tell=lambda line: None if as_json else click.echo(f"  {line}", err=True),
        )
    except NotMeasured as fault:
        click.echo(f"bench: nothing was measured: {fault}", err=True)
        sys.exit(PEER)
    if out is not None:
        _write(found, out, quiet=as_json)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _print(found)


def _write(found: dict[str, Any], out: Path, *, quiet: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    written = [out / "bench.json"]
    try:
        from bench.plot import draw

        draw(found, out / "bench.svg")
        written.append(out / "bench.svg")
    except ImportError:
        if not quiet:
            click.echo("  no picture: matplotlib is not installed (requirements-bench.lock)", err=True)
    if not quiet:
        click.echo(f"  written: {', '.join(str(each) for each in written)}", err=True)


def _print(found: dict[str, Any]) -> None:
    machine = found["machine"]
    click.echo(f"commit {found['commit'][:10]}{' with changes' if found['changed'] else ''}")
    click.echo(f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}")
    for each in found["transactions"]:
        print_transactions(each)
    check = found["schema"]
    click.echo(
        f"a document of {check['document_octets']:.0f} octets: layer one {check['layer_one_microseconds']:.0f} µs, "
        f"bare lxml {check['bare_lxml_microseconds']:.0f} µs, ratio {check['layer_one_ratio']:.2f}; "
        f"layer two {check['layer_two_microseconds']:.0f} µs"
    )
    click.echo(f"the schema suite: {check['suite_cases']:.0f} cases in {check['suite_seconds']:.1f} s")
    for sentence in passed_bounds(check):
        click.echo(f"  too slow: {sentence}")
    if "large_attachment" in found:
        large = found["large_attachment"]
        click.echo(
            f"attachment of {large['octets'] / 2**20:.0f} MiB: pushed in {large['push_seconds']:.1f} s, pulled in "
            f"{large['pull_seconds']:.1f} s; for a second of the hub's CPU time "
            f"{large['push_megabytes_a_cpu_second']:.0f} and {large['pull_megabytes_a_cpu_second']:.0f} MB; memory of "
            f"the hub {large['hub_peak_mebibytes']:.0f} MiB at its peak and {large['hub_idle_mebibytes']:.0f} idle, "
            f"pushing client {large['push_client_peak_mebibytes']:.0f} MiB, "
            f"pulling client {large['pull_client_peak_mebibytes']:.0f} MiB"
        )
    print_removed(found["removed"])
    print_keeper(found["keeper"])
    if "overview" in found:
        print_overview(found["overview"])
    if "desk" in found:
        print_desk(found["desk"])
    if "lists" in found:
        print_lists(found["lists"])
    if "scaling" in found:
        print_scaling(found["scaling"])
    if "configuring" in found:
        print_configuring(found["configuring"])
    if "attacks" in found:
        _print_attacks(found["attacks"])
        _print_unproven(found["unproven_requests"])


def print_transactions(found: dict[str, Any]) -> None:
    """What a transaction costs the hub beside the floor, for one key size."""
    print_table(
        f"one transaction, RSA-{found['bits']}: CPU milliseconds, median (lowest to highest round)",
        ("connections", "push", "pull", "receipt", "transaction", "floor", "ratio", "ratio to the floor before"),
        [
            (
                str(row["connections"]),
                *(
                    told(row["hub"]["cpu_microseconds"][what], 2, 1000)
                    for what in ("push", "pull", "receipt", "transaction")
                ),
                told(row["floor"]["cpu_microseconds"]["transaction"], 2, 1000),
                told(row["ratio"], 2),
                told(row["ratio_to_floor_before"], 2),
            )
            for row in found["connections"]
        ],
        empty="",
    )
    both_ways = found["receipts"]
    print_table(
        f"pull and receipt of a message, RSA-{found['bits']}, {both_ways['connections']} connections: CPU milliseconds",
        ("", "ms", "ratio"),
        [
            ("receipt alone", told(both_ways["alone_microseconds"], 2, 1000), ""),
            (
                "receipt with the next pull",
                told(both_ways["with_next_pull_microseconds"], 2, 1000),
                told(both_ways["ratio"], 2),
            ),
        ],
        empty="",
    )
    click.echo(f"an empty pull: {found['empty_pull_microseconds'] / 1000:.2f} ms")
    for row in found["connections"]:
        print_load(row["load"], row["connections"])
    steps = found["steps"]
    print_table(
        f"each step, RSA-{found['bits']}, {steps['connections']} connections: CPU microseconds of a transaction",
        ("", "the hub's step", "µs", "the floor's step", "µs"),
        [
            (
                each["request"],
                each["step"],
                f"{each['hub']:.0f}",
                each["floor_step"] or "",
                "" if each["floor"] is None else f"{each['floor']:.0f}",
            )
            for each in steps["cpu_microseconds"]
        ],
        empty="",
    )


def print_scaling(rows: list[dict[str, Any]]) -> None:
    """What a hub costs when it is large."""
    print_table(
        "large hubs, median (lowest to highest round)",
        ("", "pull median ms", "times the first", "pull CPU µs", "push CPU µs", "start s", "memory MiB"),
        [
            (
                each["row"],
                told(each["pull_median_milliseconds"], 2),
                told(each["pull_median_ratio"], 2),
                told(each["pull_cpu_microseconds"], 0),
                told(each["push_cpu_microseconds"], 0),
                f"{each['start_seconds']:.1f}",
                f"{each['resident_mebibytes']:.0f}",
            )
            for each in rows
        ],
        empty="",
    )


def print_configuring(found: dict[str, Any]) -> None:
    """What many organisations cost before any message comes, and when one of their files changes."""
    print_table(
        "organisations with five modules each",
        ("organisations", "read s", "CPU s", "others' cores", "memory MiB", "match µs", "first match µs"),
        [
            (
                str(each["organisations"]),
                f"{each['seconds']:.2f}",
                f"{each['cpu_seconds']:.2f}",
                f"{each['others_cores']:.1f}",
                f"{each['mebibytes']:.0f}",
                f"{each['match_microseconds']:.1f}",
                f"{each['first_match_microseconds']:.1f}",
            )
            for each in found["read"]
        ],
        empty="",
    )
    row = found["reload"]
    click.echo(
        f"a hub of {found['read'][-1]['organisations']} organisations started in {row['start_seconds']:.1f} s with "
        f"{row['resident_mebibytes']:.0f} MiB; {row['reloads']} reloads, each of one changed file: median "
        f"{row['median_milliseconds']:.0f} ms (CPU {row['median_cpu_milliseconds']:.0f} ms, while others took "
        f"{row['others_cores']:.1f} cores), longest {row['longest_milliseconds']:.0f} ms, longest pause of the loop "
        f"{row['longest_pause_milliseconds']:.0f} ms ({row['longest_pause_without_milliseconds']:.0f} ms without "
        f"reloads); honest pushes {row['receipted']} of {row['pushes']} receipted, "
        f"p99 {row['push_p99_milliseconds']:.0f} ms; afterwards {row['resident_mebibytes_after_reloads']:.0f} MiB"
    )


def print_removed(row: dict[str, Any]) -> None:
    """What a message that is gone still takes."""
    tables = ", ".join(f"{table} {octets:.0f}" for table, octets in row["octets_by_table"].items())
    click.echo(
        f"a message that was collected and removed keeps {row['octets_per_removed_message']:.0f} octets in the "
        f"database ({row['messages']} measured): {tables}"
    )


def print_keeper(rows: dict[str, Any]) -> None:
    """What the keeper's work costs everybody else."""
    if (expiry := rows.get("expiry")) is not None:
        click.echo(
            f"the keeper ended and removed {expiry['messages']} messages in {expiry['seconds']:.1f} s: longest pause "
            f"of the loop {expiry['longest_pause_milliseconds']:.0f} ms; honest pushes {expiry['receipted']} of "
            f"{expiry['pushes']} receipted, median {expiry['median_milliseconds']:.0f} ms, "
            f"p99 {expiry['p99_milliseconds']:.0f} ms"
        )
    if (sweep := rows.get("sweep")) is not None:
        click.echo(
            f"one purge swept {sweep['blobs']} blobs in {sweep['seconds']:.1f} s: longest pause of the loop "
            f"{sweep['longest_pause_milliseconds']:.0f} ms"
        )


def print_overview(row: dict[str, Any]) -> None:
    """What a page of a desk user's overview takes."""
    first, later = row["first"], row["later"]
    click.echo(
        f"the overview of a unit for which {row['waiting']} messages wait, {row['pages']} times: first page median "
        f"{first['median_milliseconds']:.0f} ms, longest {first['longest_milliseconds']:.0f} ms; the next one "
        f"{later['median_milliseconds']:.0f} and {later['longest_milliseconds']:.0f} ms; {row['octets']} octets"
    )
    if passed_bound(row):
        click.echo(f"  too slow: a page takes longer than {MILLISECONDS:.0f} ms")


def print_desk(row: dict[str, Any]) -> None:
    """What a desk user waits for in a browser."""
    opened, answered = row["open"], row["answer"]
    click.echo(
        f"{row['messages']} messages at a desk, in Chromium: readable after a median of "
        f"{opened['median_milliseconds']:.0f} ms, longest {opened['longest_milliseconds']:.0f} ms; answered and gone "
        f"after {answered['median_milliseconds']:.0f} and {answered['longest_milliseconds']:.0f} ms; a first visit "
        f"fetches {row['first_visit_octets']} octets"
    )
    for sentence in desk.passed_bounds(row):
        click.echo(f"  too much: {sentence}")


def print_lists(row: dict[str, Any]) -> None:
    """What a list takes in a browser."""
    click.echo(
        f"a list of {row['questions']} questions at a desk, {row['rows']} rows, in Chromium: decrypted and written in "
        f"{row['written_seconds']:.1f} s, read and checked in {row['read_seconds']:.1f} s; a bulk of {row['sent']} "
        f"answers sent in {row['sent_seconds']:.1f} s"
    )
    for sentence in lists.passed_bounds(row):
        click.echo(f"  too much: {sentence}")


def _print_attacks(rows: list[dict[str, Any]]) -> None:
    print_table(
        "honest pushes while peers who proved nothing attack",
        ("attack", "program", "receipted", "median ms", "p99 ms", "hub MiB", "connections tried"),
        [
            (
                f"{each['attack']}: {each['what']}",
                program,
                f"{each[program]['receipted']} of {each[program]['pushes']}",
                f"{each[program]['median_milliseconds']:.0f}",
                f"{each[program]['p99_milliseconds']:.0f}",
                f"{each[program]['hub_peak_mebibytes']:.0f}",
                str(each[program]["attack_connections"]),
            )
            for each in rows
            for program in ("now", "before")
            if program in each
        ],
        empty="",
    )
    for each in rows:
        if not each["holds"]:
            click.echo(f"  attack {each['attack']}: p99 is over {HONEST_MILLISECONDS:.0f} ms")


def _print_unproven(rows: list[dict[str, Any]]) -> None:
    programs = [name for name in ("now", "before") if name in rows[0]]
    print_table(
        "one request whose signature does not hold: CPU milliseconds of the hub, and how many plain ones that is",
        ("shape", "KiB", *(f"{what} {name}" for name in programs for what in ("ms", "ratio", "answer"))),
        [
            (
                each["shape"],
                f"{each['octets'] / 1024:.0f}",
                *(
                    text
                    for name in programs
                    for text in (
                        f"{each[name]['cpu_milliseconds']:.1f}",
                        f"{each[name]['ratio']:.1f}",
                        each[name]["answer"],
                    )
                ),
            )
            for each in sorted(rows, key=lambda row: -row["now"]["ratio"])
        ],
        empty="",
    )
    for each in rows:
        if not each["holds"]:
            click.echo(f"  {each['shape']}: costs more than {MOST_RATIO:.0f} plain ones")
