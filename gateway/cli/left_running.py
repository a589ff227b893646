"""What `knooppunt demo --serve` does: runs the hub of its site and the broker of its portal, and says what to try."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import click

from gateway.cli.output import PEER, Failure, print_json
from gateway.demo.left_running import QUESTION, ServedSite, site_to_serve
from gateway.site.hub_process import HubDidNotStart, HubProcess
from gateway.site.organisations import CREDIT_BANK, CREDITOR

_WHAT_TRIES_DO = "a question goes, its receiver collects it, the hub tells what became of it"
_AT_A_DESK = """
the portal: {url}

  1. open it in a browser on this machine, press "Inloggen voor Beheer" and "Ga verder"
  2. the mock broker asks who you are: choose {first} and press "Inloggen"; you administer that organisation now
  3. press "Koppel mijzelf aan deze afdeling", then "Mijn sleutel": make the first key with this device, and a recovery
     sheet as its second lock; then have its seven words shown
  4. you operate this hub too, so approve that key by its words, in another terminal: the first command tells which
     request waits, and that id stands in the place of REQUEST

       {command} request list --hub {settings}
       {command} request approve REQUEST "the seven words" --hub {settings}

     messages for {first} come then, and are told here
  5. in the browser press "Klaar" and "Knooppunt vergelijken", and hold what it shows against the fingerprints here:

       {command} cert list hub --hub {settings}

  6. press "Vergeleken: dit is ons knooppunt" and "Uitloggen", then "Inloggen met eHerkenning" and log in the same way:
     open a message with your key, answer it, and it is gone
  7. the same with {second}: a debt counsellor, who is asked something too
"""


def leave_running(folder: Path, port: int, as_json: bool) -> None:
    """Make a site in the folder unless one is there, and run its hub until somebody ends it."""
    try:
        site = site_to_serve(folder, port)
    except LookupError as fault:
        raise Failure(str(fault.args[0])) from None
    asyncio.run(_serve_until_told(site, as_json))


async def _serve_until_told(site: ServedSite, as_json: bool) -> None:
    log = site.folder / "hub" / "hub.log"
    hub = HubProcess(site.settings, log)
    async with AsyncExitStack() as until:
        await site.start_broker(until)
        try:
            await hub.start(tell=lambda line: None if as_json else click.echo(line))
        except HubDidNotStart as fault:
            raise Failure(f"the hub did not start:\n{fault}", code=PEER) from None
        until.push_async_callback(hub.stop)
        _say(site, log, _to_try(site), as_json)

        def came(name: str, taken: int) -> None:
            click.echo(_came(name, taken), err=as_json)

        asking = asyncio.create_task(site.ask_who_has_keys(came))
        try:
            await _told_or_ended(hub)
        finally:
            asking.cancel()
    click.echo("the hub has stopped", err=as_json)


def _came(name: str, taken: int) -> str:
    """What is told when a desk had keys and was asked something."""
    return f"{name} has keys now: {taken} message{'' if taken == 1 else 's'} came to its desk"


def _command() -> str:
    """This program, as whoever called it would call it again."""
    called = Path(sys.argv[0])
    return str(_near(called)) if called.name == "knooppunt" else "knooppunt"


def _to_try(site: ServedSite) -> tuple[str, ...]:
    command = _command()
    people = site.folder / "participants"
    return (
        f"{command} push --as {people / CREDIT_BANK} {site.folder / QUESTION}",
        f"{command} pull --as {people / CREDITOR}",
        f"{command} message list --hub {site.settings}",
    )


def _say(site: ServedSite, log: Path, tries: Sequence[str], as_json: bool) -> None:
    portal = None if site.portal is None else site.portal.url
    if as_json:
        serving = {"folder": site.folder, "settings": site.settings, "log": log, "try": tries, "portal": portal}
        print_json({"holds": None, "seconds": None, "checks": [], "serving": serving}, next_step=tries[0])
        return
    lines = "\n".join(f"  {each}" for each in tries)
    click.echo(f"\ntry, in another terminal: {_WHAT_TRIES_DO}\n\n{lines}\n")
    click.echo(f"its log: {log}; stop the hub with Ctrl-C, the folder stays")
    if portal is None:
        click.echo(f"it has no portal: {site.lacks}")
    else:
        first, second = (each.name for each in site.desks)
        told = _AT_A_DESK.format(url=portal, first=first, second=second, command=_command(), settings=site.settings)
        click.echo(told, nl=False)


async def _told_or_ended(hub: HubProcess) -> None:
    """Wait for a signal, or for the hub to end by itself."""
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    ended = asyncio.create_task(hub.ended())
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await hub.stop()
    await ended


def _near(path: Path) -> Path:
    """The path as short as it can be typed here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
