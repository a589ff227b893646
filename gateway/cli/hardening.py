"""What a serving process does about itself before it touches a message.

SECURITY: no core file may hold plaintext, nobody but root may read the memory, and freed memory is overwritten by the C
library where it can. Failpoints are for tests and keep a hub from starting.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
from contextlib import suppress

from gateway import failpoints
from gateway.cli.output import USAGE, Failure

PERTURB = "MALLOC_PERTURB_"
_PR_SET_DUMPABLE = 4


def harden(arguments: list[str]) -> None:
    """Prepare this process, which may start it anew once with the same arguments and the same process id."""
    try:
        failpoints.refuse_unless_allowed(os.environ)
    except failpoints.FailpointRefused as fault:
        raise Failure(str(fault), code=USAGE) from None
    if PERTURB not in os.environ and platform.libc_ver()[0] == "glibc":
        # -P keeps the folder in which the hub was started out of the places where modules are looked for.
        # The C library reads it when a process starts, so setting it here would come too late for this one.
        os.execve(  # noqa: S606 - this very program, with its own arguments
            sys.executable,
            [sys.executable, "-P", "-m", "gateway.cli", *arguments],
            {**os.environ, PERTURB: "165"},
        )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The usual soft limit is less than the connections that are allowed: one address could use up all of it.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def forbid_inspection() -> None:
    """Let nobody but root attach to this process or look at its files; not for test environments, which are looked
    at.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
