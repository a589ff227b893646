"""Named points at which a test may kill this process or make it fail.

`KNOOPPUNT_FAILPOINT=name:nth:action` arms one point: `A8.after:1:kill` ends the process with SIGKILL the first time
that the accepting transaction has been committed. Without the variable `reach` does nothing at all. A program that
serves calls `refuse_unless_allowed` first, so that a variable left behind cannot hurt a hub.

Points are the steps of a use case, each with `.before` and `.after`: A accept, P pull, R receipt, L late receipt, S a
message signed anew, X expiry, U removal, M the mark
beside the database, and at a participant D documents (1 write one, 2 name it, 3 mark its message).
SECURITY: who can set this process's environment can kill it anyway; nothing here is reached from the network.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping

VARIABLE = "KNOOPPUNT_FAILPOINT"
ALLOWED_VARIABLE = "KNOOPPUNT_FAILPOINTS_ALLOWED"

_STEPS = {"A": 10, "P": 6, "R": 5, "L": 1, "S": 1, "X": 5, "U": 4, "M": 1, "D": 3}
NAMES = frozenset(
    f"{letter}{number}.{side}"
    for letter, last in _STEPS.items()
    for number in range(1, last + 1)
    for side in ("before", "after")
)


class FailpointReached(Exception):
    """The action `raise` of an armed point."""


class FailpointRefused(Exception):
    """The failpoint variable is wrong, or set where it is not allowed."""


def refuse_unless_allowed(environ: Mapping[str, str]) -> None:
    """Raise `FailpointRefused` when a failpoint is set for a program that serves and nobody said it may be."""
    if VARIABLE in environ and environ.get(ALLOWED_VARIABLE) != "1":
        raise FailpointRefused(f"{VARIABLE} is set; unset it, or set {ALLOWED_VARIABLE}=1 on a test machine")


def compile_failpoint(setting: str | None) -> Callable[[str], None]:
    """The function `reach` for one value of the variable."""
    if setting is None:
        return _reach_nothing
    name, _, rest = setting.partition(":")
    nth, _, action = rest.partition(":")
    if name not in NAMES or not nth.isdecimal() or int(nth) < 1 or action not in ("kill", "raise"):
        raise FailpointRefused(f"{VARIABLE} must read name:nth:kill or name:nth:raise, such as A8.after:1:kill")
    left = int(nth)

    def reach(reached: str) -> None:
        nonlocal left
        if reached != name:
            return
        left -= 1
        if left != 0:
            return
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise FailpointReached(name)

    return reach


def _reach_nothing(_name: str) -> None:
    pass


reach = compile_failpoint(os.environ.get(VARIABLE))
