"""Whether a report of the schema suite lets an organisation through: it passed, it is new enough, and it is about the
module versions that are asked for.

SECURITY: the report comes from outside. It is read once, with bounds, and nothing of it is believed but its outcome,
its moment and what it covered.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NoReturn

from gateway.cli.output import REFUSED, USAGE, Failure
from gateway.named_file import FileRefused, read_named

OLDEST: Final = timedelta(days=90)
_MOST_OCTETS: Final = 16 * 1024 * 1024
_COMMAND: Final = "schema suite"
_HOW: Final = "make one with `knooppunt schema suite --json > REPORT`"


def refuse_without(versions: Collection[tuple[str, str]]) -> NoReturn:
    """Raise the Failure of whoever gives no report where the settings ask for one of these module versions."""
    asked = ", ".join(" ".join(each) for each in sorted(versions))
    raise Failure(
        "the settings promote nobody without a report of the schema suite (pmodes.promotes_by_report), here of"
        f" {asked}; nothing was written",
        next_step=f"{_HOW}, and give it as --suite-report REPORT",
        code=REFUSED,
    )


def refuse_report(path: Path, versions: Collection[tuple[str, str]], *, at: datetime) -> None:
    """Raise a Failure where the report in that file is none, did not pass, is too old at that moment, or covers nothing
    of one of these module versions.
    """
    try:
        document = json.loads(read_named(path, most_octets=_MOST_OCTETS))
    except FileRefused as fault:
        raise Failure(f"{path}: {fault}", next_step=fault.remedy or _HOW, code=USAGE) from None
    except (ValueError, RecursionError):
        raise Failure(f"{path} is no JSON document", next_step=_HOW, code=USAGE) from None
    facts = document.get("facts") if isinstance(document, dict) and document.get("command") == _COMMAND else None
    if not isinstance(facts, dict):
        raise Failure(f"{path} is no report of the schema suite", next_step=_HOW, code=USAGE)
    if (said := _objection(document, facts, versions, at)) is not None:
        raise Failure(f"{path}: {said}; nothing was written", next_step=f"{_HOW}, when it passes", code=REFUSED)


def _objection(
    document: dict[str, Any], facts: dict[str, Any], versions: Collection[tuple[str, str]], at: datetime
) -> str | None:
    passed, failed = facts.get("passed"), facts.get("failed")
    if document.get("outcome") != "done" or failed != 0 or not isinstance(passed, int) or passed < 1:
        return f"the suite did not pass: {passed} cases as expected, {failed} not"
    made = _moment(facts.get("at"))
    if made is None or made > at + timedelta(days=1):
        return "it does not say when the suite was run"
    if at - made > OLDEST:
        return f"it is of {made:%Y-%m-%d}, and {OLDEST.days} days is the most"
    covered = {tuple(name.split("/")[:2]) for name in _covered(facts.get("coverage"))}
    missing = sorted(set(versions) - covered)
    if missing:
        return f"it has no case of {', '.join(' '.join(each) for each in missing)}, which the file makes active"
    return None


def _covered(coverage: object) -> list[str]:
    """The messages of which something was covered."""
    rows = coverage if isinstance(coverage, list) else []
    return [str(each.get("message")) for each in rows if isinstance(each, dict) and each.get("covered")]


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
