"""What `knooppunt demo` does: plays the story and prints what held."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from gateway.cli.output import DONE, OUTCOMES, PEER, REFUSED, Failure, print_document, print_table
from gateway.demo.report import Report
from gateway.demo.story import play
from gateway.site.hub_process import HubDidNotStart
from gateway.site.ports import free_ports


def judge_a_play(keep: Path | None, as_json: bool) -> None:
    """Play the story in that folder or one that goes, and end the process with 1 unless all of it holds."""
    folder = keep or Path(tempfile.mkdtemp(prefix="knooppunt-demo-"))
    started = time.monotonic()
    tell = _teller(started, quiet=as_json)
    worth_a_look = True
    try:
        report = asyncio.run(play(folder, tell, port=free_port()))
        worth_a_look = not report.holds
    except HubDidNotStart as fault:
        raise Failure(f"the hub did not start:\n{fault}", code=PEER) from None
    except KeyboardInterrupt:
        worth_a_look = False
        raise
    finally:
        if worth_a_look:
            click.echo(f"  everything of this run is kept in {folder}", err=True)
        elif keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    _print(report, time.monotonic() - started, as_json)
    if not report.holds:
        raise SystemExit(1)


def _print(report: Report, seconds: float, as_json: bool) -> None:
    bad = sum(not each.holds for each in report.facts)
    if as_json:
        checks = [
            {"what": each.what, "expected": each.expected, "found": each.found, "holds": each.holds}
            for each in report.facts
        ]
        print_document(
            OUTCOMES[REFUSED if bad else DONE],
            {"holds": report.holds, "seconds": round(seconds, 1), "checks": checks, "serving": None},
            error=f"{bad} of {len(checks)} facts do not hold" if bad else None,
        )
        return
    click.echo()
    print_table(
        "",
        ("what", "expected", "found", ""),
        [(each.what, each.expected, each.found, "ok" if each.holds else "NOT OK") for each in report.facts],
        empty="nothing was checked",
    )
    verdict = "everything holds" if report.holds else f"{bad} of {len(report.facts)} facts do not hold"
    click.echo(f"{verdict}; {seconds:.1f} s")


def _teller(started: float, *, quiet: bool) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if not quiet:
            click.echo(f"{time.monotonic() - started:6.1f} s  {line}")

    return tell


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    return free_ports(1)[0]
