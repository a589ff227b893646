"""How many files and connections this process may have open: below what a command needs, each room would say so in
words of its own, or end in the middle.
"""

from __future__ import annotations

import resource
from typing import Final

from gateway.cli.output import Failure

# The standard streams, a loop, two databases with their logs and indexes, two folders, a connection, a spool, and a
# module that is imported late; a hub needs more, and says so itself.
LEAST_FILES: Final = 32


def refuse_few_files() -> None:
    """A failure where no command would come to its end."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < LEAST_FILES:
        raise Failure(
            f"this process may have {most} files open, and a command needs {LEAST_FILES}",
            next_step="raise that limit (`ulimit -n`, LimitNOFILE of a unit), then give the command again",
        )
