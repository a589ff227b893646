"""gateway/cli/parts.json: what the lock says that the program stands on, for `knooppunt version --parts`."""

from __future__ import annotations

import json
import re
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
_PINNED = re.compile(r"^(\S+?)==(\S+)")
_WANTED_BY = re.compile(r"^    #(?: via)?   ?(\S.*)$")


def parts() -> str:
    """Each distribution with its version, and which of the others want it; an empty name is the program itself."""
    found: list[dict[str, object]] = []
    wanted_by: list[str] = []
    for line in LOCK.read_text("utf-8").splitlines():
        if pinned := _PINNED.match(line):
            wanted_by = []
            found.append({"name": pinned[1], "version": pinned[2], "wanted_by": wanted_by})
        elif (wanted := _WANTED_BY.match(line.replace("# via ", "#   "))) and wanted[1].strip():
            wanted_by.append("" if wanted[1].startswith("-r ") else wanted[1].strip())
    return json.dumps(found, indent=2) + "\n"
