"""What a serving process does about itself before it touches a message.

SECURITY: no core file may hold plaintext, nobody but root may read the memory, and freed memory is overwritten by the C
library where it can. Large memory is given back once it is free. Failpoints are for tests and keep a hub from starting.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
from collections.abc import Collection
from contextlib import suppress

from gateway import failpoints
from gateway.cli.output import USAGE, Failure
from gateway.passwords import hand_over

PERTURB = "MALLOC_PERTURB_"
# A large address book goes through the memory of each thread that works beside the traffic, and without these the C
# library keeps as much for each. What is smaller than 8 MiB is kept for what comes next, as it would be anyway.
GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": str(8 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20)}
_PR_SET_DUMPABLE = 4


def harden(arguments: list[str], password_names: Collection[str] = ()) -> None:
    """Prepare this process, which may start it anew once with the same arguments and the same process id.

    It is started anew where memory is to be overwritten, and where its environment holds passwords: afterwards the
    environment that the kernel shows of this process does not (`gateway.passwords`).
    """
    try:
        failpoints.refuse_unless_allowed(os.environ)
    except failpoints.FailpointRefused as fault:
        raise Failure(str(fault), code=USAGE) from None
    perturbs = PERTURB in os.environ or platform.libc_ver()[0] != "glibc"
    if not perturbs or not os.environ.keys().isdisjoint(password_names):
        environment = {**GIVEN_BACK, **os.environ, PERTURB: os.environ.get(PERTURB, "165")}
        hand_over(password_names, environment)
        # -P keeps the folder in which the hub was started out of the places where modules are looked for.
        # The C library reads it when a process starts, so setting it here would come too late for this one.
        os.execve(  # noqa: S606 - this very program, with its own arguments
            sys.executable,
            [sys.executable, "-P", "-m", "gateway.cli", *arguments],
            environment,
        )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The usual soft limit is less than the connections that are allowed: one address could use up all of it.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def give_back() -> None:
    """Have the C library give back what a start freed between what stays: it would keep it for what comes next, and
    nothing as large as the reading of thousands of files does. Takes up to a tenth of a second for each 100 MiB.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def forbid_inspection() -> None:
    """Let nobody but root attach to this process or look at its files; not for test environments, which are looked
    at.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
