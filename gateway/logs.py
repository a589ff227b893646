"""The log of a process: one line per event, an event name and fields, as JSON or as text for a terminal.

SECURITY: only the edge logs, and only what its callers name; values are escaped and cut here, so that nothing of a
message can fill a log or forge a line of it. A log file that is made here is its owner's alone. The loggers of
libraries are let through from warnings up, without their arguments' octets.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import stat
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Final

MOST_CHARACTERS = 256  # of a value as it is written, escapes and the mark of the cut counted
MOST_ENTRIES = 8  # of a list
# Every event of a hub, and what it tells; the reference page is made from it.
EVENTS: Mapping[str, str] = {
    "hub_started": "The hub listens, with so many organisations.",
    "hub_stopping": "The hub was told to stop: no new connections, what runs is finished.",
    "hub_stopped": "Everything is finished and the store is closed.",
    "pmodes_reloaded": "The P-Mode files were read again and are in force.",
    "pmodes_refused": "The P-Mode files have a fault; the old ones stay in force. One event a complaint.",
    "configuration_warning": "A certificate has ended, has not begun, or ends within the longest term of a message."
    " Told at each start and reload, one event a certificate.",
    "certificate_ends": "A certificate ends within 30 days, or has ended and nothing took its place. Once a day; the"
    " hub's signing certificate from 30 days before it no longer does for the longest term.",
    "message_accepted": "A message is durable and its receipt leaves. Both MessageIds, parties, type, size, deadline.",
    "message_repeated": "A message that was accepted before came again and got its receipt; `signed_anew` says whether"
    " that one was made for it.",
    "ping": "A message to the test service was judged, acknowledged and thrown away.",
    "test_submitted": "An operator laid a test message in a mailbox.",
    "refused": "A request was refused: the code, the private detail, the party it named; `compared` lists what did not"
    " hold: which parameter of which P-Mode or element of the header, what it had to be, and how it differs without"
    " its value. The peer got a sentence.",
    "postponed": "A request got 503, because what is wrong will pass or may be the hub's own fault: the cause, the"
    " private detail, what Retry-After said.",
    "request_refused": "A request was refused before it was read as AS4, with a bare HTTP status.",
    "connection_refused": "A connection was broken off when it was accepted: no share, or no budget, was left for its"
    " address.",
    "proxy_silent": "A trusted proxy did not say for whom it speaks, or wrote something else than an address: all its"
    " clients count as one.",
    "peer_gone": "The peer left, or was too slow, before its request was whole.",
    "message_offered": "A message was leased to the owner of its mailbox; `attempt` counts from 1.",
    "mailbox_empty": "A pull found nothing that can be offered now.",
    "offer_broken": "The connection broke while a message was on its way; its lease was cut short.",
    "receipt_taken": "The owner's receipt closed a message, or came again for one that it had closed.",
    "receipt_late": "The owner's receipt came after the term was over. It is kept as evidence; `notice` says"
    " whether the sender is told.",
    "signal_ignored": "A signal that no feature of the hub knows came beside a known unit, and had no effect.",
    "error_taken": "The owner of a mailbox answered a message with an ebMS Error; it is offered again after a pause.",
    "error_repeated": "An ebMS Error came that had counted before; nothing changed.",
    "error_distrusted": "An ebMS Error was not signed by the receiver of the message that it is about, or is not fresh;"
    " nothing changed.",
    "error_unmatched": "An ebMS Error was about no message that was offered, or could not be read; nothing changed.",
    "message_expired": "The term of a message ran out; `notice` says whether its sender gets one.",
    "expiry_postponed": "A term is over and the notice cannot be stored now; tried again in a minute.",
    "messages_removed": "So many closed messages were removed.",
    "blobs_not_removed": "So many files of closed messages cannot be unlinked, of which one is named; they keep their"
    " rows and are tried again with each purge.",
    "message_damaged": "The stored octets of a message are proven not to be what was accepted; it is not offered until"
    " store recheck finds it whole.",
    "message_unreadable": "A message could not be read, which proves nothing against it; the next one was offered,"
    " this one waits.",
    "record_damaged": "What is recorded of a message, or its evidence, is not what was written; nothing was decided"
    " by it and the peer got 503.",
    "notice_unsealable": "A message ended without a notice: it can not be sealed to its sender or signed.",
    "time_suspect": "The time may be wrong, and why; nothing expires or is forgotten and nobody is refused for good for"
    " his time, until store confirm-time.",
    "time_confirmed": "An operator said that the time is right.",
    "job_failed": "A round of a job ended in an exception; the next round comes.",
    "storage_failed": "The disk did not confirm a write, or gave back what was never written; the hub stops with exit"
    " code 74.",
    "defect": "A mistake in the program, where it is, without any value; the peer got 503.",
}
# What an operator should look at; every other event is information.
WARNINGS = frozenset(
    {
        "certificate_ends",
        "configuration_warning",
        "defect",
        "error_taken",
        "expiry_postponed",
        "job_failed",
        "blobs_not_removed",
        "message_damaged",
        "message_unreadable",
        "record_damaged",
        "pmodes_refused",
        "postponed",
        "proxy_silent",
        "receipt_late",
        "storage_failed",
        "notice_unsealable",
        "time_suspect",
    }
)

_CUT = "…"
_LONGEST_ESCAPE = 12  # a character beyond the basic plane, as two escapes

_logger = logging.getLogger("knooppunt")
_to_json = json.JSONEncoder(ensure_ascii=True, default=str).encode


class Events:
    """Writes events to the log of this process."""

    def __call__(self, event: str, /, **fields: object) -> None:
        level = logging.WARNING if event in WARNINGS else logging.INFO
        if _logger.isEnabledFor(level):
            # Made here, because looking for the line of code that logs costs more than the line of the log.
            record = logging.LogRecord(_logger.name, level, "", 0, event, None, None)
            record.fields = fields
            _logger.handle(record)


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {"time": _moment(record), "level": record.levelname.lower(), "event": _event(record)}
        return _to_json(entry | _fields(record))


class _Text(logging.Formatter):
    """Time, event and fields, for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={_to_json(value)}" for name, value in _fields(record).items())
        return f"{_moment(record)[11:19]} {_event(record):<18} {fields}".rstrip()


_NO_PLAIN_FILE: Final = "it is no plain file; without log.file, the log goes to standard error"


class _File(logging.FileHandler):
    """Appends to a plain file, which is made for its owner alone; OSError if there is something else."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=_private)


def refuse_log_file(path: Path) -> None:
    """OSError where nothing can be appended; makes nothing."""
    try:
        about = path.stat()
    except FileNotFoundError:
        folder = path.resolve().parent  # of what a link leads to
        if not folder.is_dir():
            raise
        about, path = folder.stat(), folder
    else:
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, _NO_PLAIN_FILE, str(path))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _private(path: str, flags: int) -> int:
    refuse_log_file(Path(path))  # a pipe that nobody reads cannot be opened, and the kernel's words for it help nobody
    # Opening does not wait for somebody to read a pipe.
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _NO_PLAIN_FILE, path)
    return descriptor


def open_log(*, level: str = "info", form: str = "json", file: Path | None = None) -> Events:
    """Send events to standard error or append them to a file; replaces what was open before."""
    handler: logging.Handler = _File(file, encoding="utf-8") if file is not None else logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line tells them
    _logger.setLevel(level.upper())
    return Events()


def _event(record: logging.LogRecord) -> str:
    # A library's message may quote octets of a peer: its logger and level have to do.
    return record.getMessage() if record.name == _logger.name else f"library:{record.name}"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields = getattr(record, "fields", {})
    if record.exc_info and record.exc_info[0] is not None:
        fields = {**fields, "kind": record.exc_info[0].__name__}
    return {name: _cut(value) for name, value in fields.items() if value is not None}


def _cut(value: object) -> object:
    if isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return [_cut(each) for each in value[:MOST_ENTRIES]]
    if isinstance(value, dict):
        return {name: _cut(each) for name, each in value.items()}
    text = str(value)
    if len(text) <= MOST_CHARACTERS // _LONGEST_ESCAPE or _written(text) <= MOST_CHARACTERS:
        return text
    room, kept = MOST_CHARACTERS - _written(_CUT), 0
    for character in text:
        room -= _written(character)
        if room < 0:
            break
        kept += 1
    return text[:kept] + _CUT


def _written(text: str) -> int:
    """How many characters it takes in the log, without its quotes."""
    return len(_to_json(text[: MOST_CHARACTERS + 1])) - 2


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
