"""What `knooppunt demo` does: plays the story and prints what held, or leaves a hub running."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.output import DONE, OUTCOMES, PEER, REFUSED, Failure, print_document, print_json, print_table
from gateway.demo.report import Report
from gateway.demo.story import play
from gateway.site.documents import Drawn, make_document
from gateway.site.hub_process import HubDidNotStart, HubProcess
from gateway.site.making import make_site
from gateway.site.organisations import CREDIT_BANK, CREDITOR, three
from xsd.catalogue import load_catalogue


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


def leave_running(folder: Path, port: int, as_json: bool) -> None:
    """Make a site in the folder unless one is there, and run its hub until somebody ends it."""
    settings = folder / "hub" / "hub.toml"
    if not settings.exists():
        site = make_site(folder, three(), at=datetime.now(UTC), port=port)
        catalogue = load_catalogue()
        kind = catalogue.message("Schuldregeling", "2.0", "Saldoverzoek")
        if kind is None:
            raise Failure("the message sets that this program ships are incomplete", next_step="install it again")
        document = make_document(
            kind,
            Drawn(),
            sender=site.organisation(CREDIT_BANK).party,
            receiver=site.organisation(CREDITOR).party,
            at=datetime.now(UTC),
        )
        (folder / "saldoverzoek.xml").write_bytes(document.octets)
    asyncio.run(_serve_until_told(folder, settings, as_json))


async def _serve_until_told(folder: Path, settings: Path, as_json: bool) -> None:
    hub = HubProcess(settings, folder / "hub" / "hub.log")
    try:
        await hub.start(tell=lambda line: None if as_json else click.echo(line))
    except HubDidNotStart as fault:
        raise Failure(f"the hub did not start:\n{fault}", code=PEER) from None
    called = Path(sys.argv[0])
    command = _near(called) if called.name == "knooppunt" else "knooppunt"
    people = folder / "participants"
    log = folder / "hub" / "hub.log"
    tries = (
        f"{command} push --as {people / CREDIT_BANK} {folder / 'saldoverzoek.xml'}",
        f"{command} pull --as {people / CREDITOR}",
        f"{command} message list --hub {settings}",
    )
    if as_json:
        serving = {"folder": folder, "settings": settings, "log": log, "try": tries}
        print_json({"holds": None, "seconds": None, "checks": [], "serving": serving}, next_step=tries[0])
    else:
        lines = "\n".join(f"  {each}" for each in tries)
        click.echo(f"\ntry, in another terminal:\n\n{lines}\n")
        click.echo(f"its log: {log}; stop the hub with Ctrl-C, the folder stays")
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    ended = asyncio.create_task(hub.ended())
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await hub.stop()
    await ended
    click.echo("the hub has stopped", err=as_json)


def _near(path: Path) -> Path:
    """The path as short as it can be typed here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _teller(started: float, *, quiet: bool) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if not quiet:
            click.echo(f"{time.monotonic() - started:6.1f} s  {line}")

    return tell


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
