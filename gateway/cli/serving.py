"""What `knooppunt serve` does: opens a hub, runs it until it is told to stop, and ends with a code that says why."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import click

from gateway.cli.hardening import forbid_inspection, give_back
from gateway.cli.output import DONE, REFUSED, USAGE, Failure, print_json
from gateway.in_place import NotInPlace
from gateway.logs import Events
from gateway.settings import Settings
from gateway.storage import EXIT_STORAGE, MORE_FILE_OCTETS
from gateway.store.data_directory import room_step
from gateway.wiring import (
    NotNow,
    NotStartable,
    OpenedHub,
    StorageBroken,
    StorageFull,
    StorageLimited,
    open_hub,
)
from gateway.wiring.administration import serve_administration
from gateway.wiring.stores import ballast_lacks
from gateway.wiring.time_doubts import said_of_time
from pmodes.shapes import HUB_FILE

BROKEN = (
    "look at the disk and at the log of the kernel, then start the hub again: it reads back what happened. "
    'If it ends like this again, the files are damaged: see "When the storage fails" in docs/how-to/run-a-hub.md'
)
_REFUSED_STARTS: Mapping[type[NotStartable], tuple[int, str]] = {
    StorageBroken: (EXIT_STORAGE, BROKEN),
    StorageLimited: (EXIT_STORAGE, f"{MORE_FILE_OCTETS}, then start the hub again"),
    StorageFull: (EXIT_STORAGE, "{room}, or have it mounted for writing, then start the hub again"),
    NotNow: (REFUSED, ""),
}
_WITHOUT_IT = (
    "mend what is named, then start the hub again; a file put aside under a name that begins with a dot leaves its"
    " organisation out and lets all others be served: what waits for it stays, to its term"
)
STOPPED_START_SECONDS = 5.0  # an ordinary start takes less, and whoever stops a hub waits longer before he kills it
_BESIDES_CONNECTIONS = 128  # files: databases, parts that arrive and leave, listeners, what is asked of others
_STOPPING = (signal.SIGTERM, signal.SIGINT)


async def serve(settings: Settings, log: Events, as_json: bool, moved_seconds: float, file: Path | None = None) -> int:
    """Run that hub until a signal or its storage ends it; the exit code. Raises `Failure` where it does not start.

    `file` is what a reload reads the settings from again.
    """
    stop, told_to_reload = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told_to_reload.set)
    failures: list[BaseException] = []

    def storage_failed(fault: BaseException) -> None:
        failures.append(fault)
        log("storage_failed", kind=type(fault).__name__, detail=str(fault))
        stop.set()

    try:
        with _ending_a_start(stop):
            opened = await open_hub(
                settings, log=log, on_failure=storage_failed, moved_seconds=moved_seconds, settings_file=file
            )
    except NotStartable as fault:
        if isinstance(fault, StorageBroken):
            log("storage_failed", detail=" ".join(fault.complaints))
        raise _refused_start(fault, settings) from None
    if opened.site.configuration.hub.environment == "production":
        forbid_inspection()
    reloading = asyncio.create_task(opened.reloading.whenever(told_to_reload))
    watching = asyncio.create_task(opened.reloading.watch())
    async with AsyncExitStack() as ending:
        ending.push_async_callback(opened.running.stop)
        opened.running.start_keeper()
        doubt_of_time = said_of_time(opened.running.hub.time.reasons)
        of_logins = () if opened.running.portal is None else opened.running.portal.concerns
        found = (*await opened.reloading.warn(), *of_logins)
        lacking = filter(None, (_connections_lack(settings), ballast_lacks(settings), doubt_of_time))
        for warning in (*found, *lacking):
            click.echo(f"knooppunt: warning: {warning}", err=True)
        await ending.enter_async_context(serve_administration(opened, settings))
        ending.push_async_callback(opened.running.stop)  # it answers administrators until it has stopped
        # What was made at the start stays to the end: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        give_back()
        _tell_listening(opened, settings, as_json)
        opened.log("hub_started", port=opened.port, organisations=len(opened.site.configuration.organisations))
        await stop.wait()
        opened.log("hub_stopping")
        await _drain(opened, settings, stop, failed=bool(failures))
        reloading.cancel()
        watching.cancel()
    log("hub_stopped")
    if not failures:
        return DONE
    told = _told_of(failures[0])
    if not as_json:
        raise told
    click.echo(f"knooppunt: {told.sentence}\n  {told.next_step}", err=True)  # its one document told that it listened
    return told.code


async def _drain(opened: OpenedHub, settings: Settings, stop: asyncio.Event, *, failed: bool) -> None:
    """Say that the hub goes, and serve on so long that whoever balances the load has heard it; a second signal ends
    that, and so does a storage that failed, before or meanwhile.
    """
    opened.running.draining = True
    if settings.monitoring is None or failed:
        return
    stop.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(settings.monitoring.drain_seconds):
            await stop.wait()


def _connections_lack(settings: Settings) -> str | None:
    """What to tell whoever allows more connections than this process may have files open: those beyond wait unheard."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = settings.limits.connections
    if most == resource.RLIM_INFINITY or most >= allowed + _BESIDES_CONNECTIONS:
        return None
    return (
        f"this process may have {most} files open, and limits.connections = {allowed} needs"
        f" {allowed + _BESIDES_CONNECTIONS}: raise that limit (`ulimit -n`, LimitNOFILE of a unit), or lower"
        " limits.connections"
    )


@contextlib.contextmanager
def _ending_a_start(stop: asyncio.Event) -> Iterator[None]:
    """From here on, also while the hub opens, a signal ends it in order when it has opened. A start that hangs, on a
    disk or a file that does not answer, holds the loop too: so the kernel ends it when that takes too long. That harms
    no more than a kill does.
    """
    told = False

    def tell(_signal: int, _frame: object) -> None:
        nonlocal told
        told = True
        signal.setitimer(signal.ITIMER_REAL, STOPPED_START_SECONDS)

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for name in _STOPPING:
        signal.signal(name, tell)
    try:
        yield
    finally:
        loop = asyncio.get_running_loop()
        for name in _STOPPING:
            loop.add_signal_handler(name, stop.set)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if told:
            stop.set()


def _told_of(fault: BaseException) -> Failure:
    """What ended a hub that served."""
    if isinstance(fault, NotInPlace):
        step = f"{fault.next_step}; then start the hub again: what it took until then is what lies in these files"
        return Failure(f"the hub stopped: {fault.sentence}", next_step=step, code=EXIT_STORAGE)
    return Failure("the hub stopped because it cannot trust its storage any more", next_step=BROKEN, code=EXIT_STORAGE)


def _refused_start(fault: NotStartable, settings: Settings) -> Failure:
    code, step = next((each for kind, each in _REFUSED_STARTS.items() if isinstance(fault, kind)), (USAGE, ""))
    step = step.replace("{room}", room_step(settings.data.directory))
    if not step and all(_is_of_an_organisation(each, settings) for each in fault.complaints):
        step = _WITHOUT_IT
    return Failure("\n  ".join(("the hub cannot start:", *fault.complaints)), next_step=step, code=code)


def _is_of_an_organisation(complaint: str, settings: Settings) -> bool:
    folder = f"{settings.pmodes.folder}/"
    return complaint.startswith(folder) and not complaint.startswith(f"{folder}{HUB_FILE}:")


def _tell_listening(opened: OpenedHub, settings: Settings, as_json: bool) -> None:
    url = settings.hub.public_url
    if as_json:
        listening = {"hosts": settings.listen.host, "port": opened.port, "tls": opened.tls}
        told = {"portal": _portal(opened, settings), "monitoring": _monitoring(opened, settings)}
        print_json({"listening": listening, "url": url, **told, "settings": []})
    else:
        where = " and ".join(settings.listen.host)
        click.echo(f"the hub listens on {where} port {opened.port} as {url}; stop it with Ctrl-C")
        if settings.portal is not None and opened.running.portal is not None:
            hosts = " and ".join(settings.portal.host)
            click.echo(f"the portal listens on {hosts} port {opened.running.portal.port} as {settings.portal.url}")
        if settings.monitoring is not None:
            hosts = " and ".join(settings.monitoring.host)
            click.echo(f"metrics and health are told on {hosts} port {opened.monitoring_port}")
    sys.stdout.flush()


def _portal(opened: OpenedHub, settings: Settings) -> dict[str, object] | None:
    """Where the portal listens; None where the hub has none."""
    if settings.portal is None or opened.running.portal is None:
        return None
    return {"hosts": settings.portal.host, "port": opened.running.portal.port, "url": settings.portal.url}


def _monitoring(opened: OpenedHub, settings: Settings) -> dict[str, object] | None:
    """Where metrics and health are told; None where they are not."""
    if settings.monitoring is None:
        return None
    return {"hosts": settings.monitoring.host, "port": opened.monitoring_port}
