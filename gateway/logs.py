"""The log of a process: one line per event, an event name and fields, as JSON or as text for a terminal.

SECURITY: only the edge logs, and only what its callers name; values are escaped and cut here, so that nothing of a
message can fill a log or forge a line of it. The loggers of libraries are let through from warnings up, without their
arguments' octets.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

MOST_CHARACTERS = 500
# What an operator should look at; every other event is information.
WARNINGS = frozenset(
    {"defect", "job_failed", "time_suspect", "message_damaged", "expiry_postponed", "receipt_late", "error_taken"}
)

_logger = logging.getLogger("knooppunt")


class Events:
    """Writes events to the log of this process."""

    def __call__(self, event: str, /, **fields: object) -> None:
        level = logging.WARNING if event in WARNINGS else logging.INFO
        if _logger.isEnabledFor(level):
            _logger.log(level, event, extra={"fields": fields})


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {"time": _moment(record), "level": record.levelname.lower(), "event": _event(record)}
        return json.dumps({**entry, **_fields(record)}, ensure_ascii=True, default=str)


class _Text(logging.Formatter):
    """Time, event and fields, for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={json.dumps(value, default=str)}" for name, value in _fields(record).items())
        return f"{_moment(record)[11:19]} {_event(record):<18} {fields}".rstrip()


def open_log(*, level: str = "info", form: str = "json", file: Path | None = None) -> Events:
    """Send events to standard error or append them to a file; replaces what was open before."""
    handler: logging.Handler = (
        logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    )
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _logger.setLevel(level.upper())
    return Events()


def _event(record: logging.LogRecord) -> str:
    # A library's message may quote octets of a peer: its logger and level have to do.
    return record.getMessage() if record.name == _logger.name else f"library:{record.name}"


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    fields = getattr(record, "fields", {})
    if record.exc_info and record.exc_info[0] is not None:
        fields = {**fields, "kind": record.exc_info[0].__name__}
    return {name: _cut(value) for name, value in fields.items() if value is not None}


def _cut(value: object) -> object:
    if isinstance(value, int | float | bool):
        return value
    text = str(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
