"""What `knooppunt serve` does before it is a hub: reads the settings and prepares its process, which may begin anew.

What a hub is made of is imported after that, so that no process does so twice.
"""

from __future__ import annotations

import os
import resource
import sys
from datetime import timedelta
from pathlib import Path

from gateway.cli.hardening import harden
from gateway.cli.output import USAGE, Failure, code_of, print_json, print_table, storage_step
from gateway.logs import Events, open_log
from gateway.passwords import environment_names
from gateway.settings import Settings, SettingsFault, passwords, read_settings, settings_reference
from gateway.storage import EXIT_STORAGE

LEAST_FILES = 64
MOVED_CLOCK = "KNOOPPUNT_MOVED_CLOCK_SECONDS"


def run(settings: Path | None, as_json: bool) -> None:
    """Run the hub of that file, and end the process with the code of how it went."""
    if settings is None:
        raise Failure(
            "which hub? give the settings file",
            next_step="`knooppunt pki new FOLDER` makes a hub to start with: FOLDER/hub/hub.toml",
            code=USAGE,
        )
    try:
        read = read_settings(settings)
    except SettingsFault as fault:
        raise Failure("\n  ".join(("the settings cannot be used:", *fault.complaints)), code=USAGE) from None
    moved_seconds = _moved_seconds()
    harden(sys.argv[1:], set(environment_names(passwords(read))))
    _refuse_few_files()
    log = log_of(read)
    import uvloop

    from gateway.cli.serving import serve  # late, for a process that `harden` starts anew

    sys.exit(uvloop.run(serve(read, log, as_json, moved_seconds, settings)))


def _refuse_few_files() -> None:
    """Below this the loop, the database and the keys cannot be opened, and each would say so in words of its own."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < LEAST_FILES:
        raise Failure(
            f"this process may have {most} files open, and a hub needs {LEAST_FILES} before its first connection",
            next_step="raise that limit (`ulimit -n`, LimitNOFILE of the unit) above `limits.connections`, then start"
            " the hub again",
        )


def log_of(settings: Settings) -> Events:
    """The log that the settings want, open; a Failure where that cannot be."""
    try:
        return open_log(level=settings.log.level, form=settings.log.format, file=settings.log.file)
    except OSError as fault:
        step = "make its folder, or name another file, in which the user of the hub may write"
        if code_of(fault) == EXIT_STORAGE:
            step = storage_step(fault)
        raise Failure(f"log.file: {fault.filename}: {fault.strerror}", next_step=step, code=USAGE) from None


def _moved_seconds() -> float:
    """How far the environment moves the clock of a test hub."""
    text = os.environ.get(MOVED_CLOCK, "0")
    try:
        seconds = float(text)
        timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        raise Failure(f"{MOVED_CLOCK} is no number of seconds: {text!r}", next_step="unset it", code=USAGE) from None
    return seconds


def print_reference(as_json: bool) -> None:
    """Every key of the settings file with its meaning."""
    rows = settings_reference()
    if as_json:
        keys = [
            {"key": r.key, "type": r.type, "default": r.default, "needed": r.needed, "meaning": r.description}
            for r in rows
        ]
        print_json({"listening": None, "url": None, "portal": None, "monitoring": None, "settings": keys})
        return
    print_table(
        "",
        ("key", "type", "default", "meaning"),
        [(r.key, r.type, "needed" if r.needed else r.default, r.description) for r in rows],
        empty="",
    )
