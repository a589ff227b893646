"""Runs the environments of tox.ini one after the other and tells at the end, once, how long each took beside what it
may take, and which tests did not run and why.

    python3 .ci/environments.py TOX [ARGUMENTS OF tox run]

The code is that of tox. A budget that is passed is said and is no failure: it counts for a machine of two cores that
does nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BUDGET_MINUTES: Mapping[tuple[str, ...], float | None] = {
    ("installed",): None,  # reading the lock from the network is nobody's fault
    ("lint", "types", "imports"): 2,
    ("tests",): 6,
    ("stores",): 4,
    ("browser",): 5,
    ("interop",): 2,
    ("docs",): 1,
}
"""Environments that are counted together, and the minutes they may take on two cores."""


def run(tox: str, arguments: list[str], folder: Path) -> int:
    """Run tox, its own words passing through, and print the summary."""
    folder.mkdir(exist_ok=True)
    result, skipped = folder / "result.json", folder / "skipped.jsonl"
    for old in (result, skipped):
        old.unlink(missing_ok=True)
    environment = {**os.environ, "KNOOPPUNT_SKIPPED": str(skipped.resolve())}
    code = subprocess.call([tox, "run", "--result-json", str(result), *arguments], env=environment)
    environments = json.loads(result.read_text("utf-8"))["testenvs"] if result.is_file() else {}
    records = skipped.read_text("utf-8").splitlines() if skipped.is_file() else []
    print("\n".join(summary(environments, map(json.loads, records))), flush=True)
    return code


def summary(environments: Mapping[str, Mapping[str, Any]], skipped: Iterable[Mapping[str, Any]]) -> list[str]:
    """The lines that end a run: `environments` as tox reports them, `skipped` with a reason and a count each."""
    results = {name: each["result"] for name, each in environments.items() if each.get("result")}
    known = {name for names in BUDGET_MINUTES for name in names}
    rows = list(BUDGET_MINUTES.items()) + [((name,), None) for name in results if name not in known]
    lines = []
    for names, budget in rows:
        ran = [name for name in names if name in results]
        if ran:
            lines.append(_row(ran, [results[name] for name in ran], budget))
    reasons = _grouped(skipped)
    total = sum(each["duration"] for each in results.values()) / 60
    good = sum(1 for each in results.values() if each["success"])
    return [
        "",
        f"{good} of {len(results)} environments passed, in {total:.1f} minutes on {os.cpu_count()} cores:",
        *lines,
        *([f"{reasons.total()} TESTS DID NOT RUN:"] if reasons else []),
        *(f"  {count} × {reason}" for reason, count in reasons.most_common()),
    ]


def _grouped(skipped: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many tests did not run for which reason. Reasons that differ only after their first colon, as in the name of
    a file, are one: its detail is told where there is but one."""
    counts: Counter[str] = Counter()
    details: dict[str, set[str]] = {}
    for each in skipped:
        head, _, detail = str(each["reason"]).partition("\n")[0].partition(": ")
        counts[head] += each["count"]
        details.setdefault(head, set()).add(detail)
    told: Counter[str] = Counter()
    for head, count in counts.items():
        (detail, *others) = sorted(details[head])
        more = f" (and {len(others)} more of this kind)" if others else ""
        told[f"{head}: {detail}{more}" if detail else head + more] += count
    return told


def _row(names: list[str], results: list[Mapping[str, Any]], budget: float | None) -> str:
    minutes = sum(each["duration"] for each in results) / 60
    row = f"  {', '.join(names):<22} {minutes:5.1f} min"
    if budget is not None:
        row += f" of {budget:g}" + (", over its budget" if minutes > budget else "")
    failed = [name for name, each in zip(names, results, strict=True) if not each["success"]]
    return row + (f"; failed: {', '.join(failed)}" if failed else "")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:], Path(".tox")))
