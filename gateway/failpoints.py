"""Named points at which a test may kill this process or make it fail.

`KNOOPPUNT_FAILPOINT=name:nth:action` arms one point: `A8.after:1:kill` ends the process with SIGKILL the first time
that the accepting transaction has been committed. Without the variable `reach` does nothing at all. A program that
serves calls `refuse_unless_allowed` first, so that a variable left behind cannot hurt a hub.

A point has the letter of its use case (A accept, P pull, R receipt, L late receipt, S a message signed anew, X expiry,
U removal, O objects beside the database, M the mark beside it, C copying into another, N what is told by mail, and at
a participant D documents, V what it sends, H what it fetches from the hub, W what its own system fetches and confirms),
the number of a step, and its side.
SECURITY: who can set this process's environment can kill it anyway; nothing here is reached from the network.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

VARIABLE = "KNOOPPUNT_FAILPOINT"
ALLOWED_VARIABLE = "KNOOPPUNT_FAILPOINTS_ALLOWED"

POINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "A7.before": "the octets of a part are written and their file has no name",
        "A7.after": "file, name and folder of a part are on stable storage, and no row knows of them",
        "A8.before": "message, duplicate key and receipt are written and not committed",
        "A8.after": "the acceptance is on stable storage and nobody has been told",
        "O1.before": "large parts are announced and nothing of them is in object storage",
        "O1.after": "large parts are in object storage and no message has them",
        "O2.before": "messages are removed and their objects stand",
        "O2.after": "objects are removed and the database still knows of them",
        "P3.before": "a lease is written and not committed",
        "P3.after": "the lease is on stable storage and no octet has left",
        "R3.before": "a receipt is written, its message closed and its envelope deleted, and nothing is committed",
        "R3.after": "the receipt is on stable storage and nobody has been told",
        "L1.before": "a late receipt and the notice about it are written and not committed",
        "L1.after": "the late receipt is on stable storage and nobody has been told",
        "S1.before": "a receipt for a message signed anew is written and not committed",
        "S1.after": "that receipt is on stable storage and has not left",
        "X1.before": "a term is over and its notice has no file yet",
        "X2.before": "a message is closed and its envelope deleted, its notice not written, and nothing is committed",
        "X3.before": "the notice is written as well and nothing is committed",
        "X3.after": "the expiry is on stable storage and nobody has been told",
        "U1.before": "messages to remove are found and all their parts stand",
        "U2.after": "large parts of theirs are gone and their rows stand",
        "U3.before": "their rows are emptied and nothing is committed",
        "U3.after": "the removal is on stable storage",
        "U4.before": "everything is removed and the write-ahead log still has it",
        "M1.before": "the database has been committed and the mark says what was so before",
        "M1.after": "the mark is on stable storage",
        "C1.before": "a store is copied into a database and compared, nothing is committed, and it has no note of that",
        "C1.after": "the store has a note that its copying is under way, and nothing is committed",
        "C2.after": "the copy is on stable storage and the note does not say so",
        "N1.before": "what is told by mail is written with what it tells, and nothing is committed",
        "N1.after": "it is on stable storage and nobody has been told",
        "N2.before": "a letter is leased and its link drawn, and nothing is committed",
        "N2.after": "the lease of a letter is on stable storage and nothing has left",
        "N3.before": "a mail server took a letter and nothing is written of that",
        "N3.after": "it is on stable storage that the letter was taken",
        "D1.before": "a document of a participant has a file without name or octets",
        "D1.after": "its octets are written and its file has no name",
        "D2.before": "a name is about to be tried for it",
        "D2.after": "it has its name and others of its message may not",
        "D3.before": "all documents of a message stand and the inbox calls it unprocessed",
        "D3.after": "the inbox calls it processed and nobody has been told",
        "V1.before": "what a participant sends is made ready and the outbox has nothing of it",
        "V1.after": "it is in the outbox and nothing has left",
        "V2.before": "an attempt to send it is counted and nothing has left",
        "V2.after": "the hub has answered and nothing is written of that",
        "V3.before": "the answer is an outcome and the outbox calls the message waiting",
        "V3.after": "its outcome is in the outbox and nobody has been told",
        "H1.before": "a message was pulled and judged, and the inbox has nothing of it",
        "H1.after": "it is in the inbox and its receipt has not left",
        "H2.before": "a receipt has been taken by the hub and the inbox calls it due",
        "H2.after": "the inbox calls it sent",
        "W1.before": "what a system fetched is read and the inbox has nothing of that",
        "W1.after": "the inbox knows that it was fetched and nothing has left",
        "W2.before": "a system confirmed messages and the inbox calls them unprocessed",
        "W2.after": "the inbox calls them processed and the system has no answer",
    }
)
"""Each point, and how things stand there."""


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
    if name not in POINTS or not nth.isdecimal() or int(nth) < 1 or action not in ("kill", "raise"):
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
