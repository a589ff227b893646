"""Fetches the scripts of others that the desk ships, by the hashes in gateway/desk/vendor/parts.json.

    python3 .ci/vendor.py [--new]

A tarball of npm that is not octet for octet the one in the list is refused, and so is a file in it. Whoever takes a
later version writes its number and the integrity that `npm view NAME@VERSION dist.integrity` tells into the list, reads
what changed, and runs this with --new, which writes the hashes of the files anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TypedDict

VENDOR = Path(__file__).parent.parent / "gateway" / "desk" / "vendor"


class Part(TypedDict):
    """What the list says of one package of npm; it says more, for people."""

    name: str
    version: str
    integrity: str
    taken: dict[str, str]  # our name for a file, and its name in the package
    files: dict[str, str]  # our name for a file, and its hash


def fetch(part: Part, folder: Path) -> dict[str, bytes]:
    """The files of a part out of its tarball, by the names that the list gives them."""
    name = f"{part['name']}@{part['version']}"
    told = subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True, text=True)
    tarball = folder / told.stdout.strip()
    found = digest("sha512", tarball.read_bytes())
    if found != part["integrity"]:
        sys.exit(f"vendor: {name} is {found}, and the list says {part['integrity']}; nothing was changed")
    files = {}
    with tarfile.open(tarball) as archive:
        for ours, theirs in part["taken"].items():
            file = archive.extractfile(f"package/{theirs}")
            if file is None:
                sys.exit(f"vendor: {theirs} is no file in {name}; nothing was changed")
            files[ours] = file.read()
    return files


def digest(algorithm: str, octets: bytes) -> str:
    """As npm and browsers write it."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, octets).digest()).decode()}"


def main(new: bool) -> None:
    """Write every file of every part, once all of them are what the list says."""
    listed = VENDOR / "parts.json"
    parts: list[Part] = json.loads(listed.read_text("utf-8"))
    written: dict[Path, bytes] = {}
    for part in parts:
        with tempfile.TemporaryDirectory() as folder:
            files = fetch(part, Path(folder))
        hashes = {name: digest("sha384", octets) for name, octets in sorted(files.items())}
        if new:
            part["files"] = hashes
        elif hashes != part["files"]:
            sys.exit(f"vendor: files of {part['name']} are not those of the list; nothing was changed")
        written |= {VENDOR / part["name"] / name: octets for name, octets in files.items()}
    for path, octets in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
    listed.write_text(json.dumps(parts, indent=2) + "\n", "utf-8")
    print(f"vendor: {len(written)} files of {len(parts)} parts are what the list says")


if __name__ == "__main__":
    main(new="--new" in sys.argv[1:])
