"""The files of the desk as they are installed: what a browser is served, under which hash, and the list of all of them.

The folder `gateway/desk` holds data and no Python. Whoever serves it (the portal, `knooppunt desk`) reads it once
through here, so both serve the same octets under the same addresses, and both name their hashes to the browser.

SECURITY: a module runs only if its octets have the hash that the page names in its import map; the list that is printed
lets anybody hold an installation against a release. Only the files that were there at the start are served, by their
names in a table: no name that a browser sends is ever looked for on a disk.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

FOLDER: Final = Path(__file__).parent / "desk"
_JAVASCRIPT: Final = "text/javascript; charset=utf-8"
# What a browser may be served, by the end of a file's name. Templates are none of it, nor are declarations of types.
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": _JAVASCRIPT,
    ".json": "application/json",
    ".mjs": _JAVASCRIPT,
    ".svg": "image/svg+xml",
}
_VERSION_DIGITS: Final = 16  # of SHA-384 in hexadecimal: names one of a few dozen releases, and guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFile:
    """One file: its path below the folder with `/`, its octets, and what it is served as (None: it is not served)."""

    path: str
    octets: bytes
    media_type: str | None

    @property
    def sha384(self) -> str:
        """Its hash as `sha384sum` prints it."""
        return hashlib.sha384(self.octets).hexdigest()

    @property
    def integrity(self) -> str:
        """Its hash as a browser wants it (Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.octets).digest()).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMap:
    """What stands between `<script type="importmap">` and its end, and the source that lets it stand there under a
    Content-Security-Policy."""

    text: str
    csp_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFiles:
    """All files by their path, in the order of the paths."""

    files: Mapping[str, DeskFile]

    @property
    def manifest(self) -> str:
        """A line a file, as `sha384sum` writes and checks it."""
        return "".join(f"{each.sha384}  {each.path}\n" for each in self.files.values())

    @property
    def version(self) -> str:
        """A name for exactly these octets. As a folder in every address it makes each answer one that may be kept for
        ever."""
        return hashlib.sha384(self.manifest.encode("utf-8")).hexdigest()[:_VERSION_DIGITS]

    @property
    def served(self) -> Mapping[str, DeskFile]:
        """Those that a browser may have."""
        return {path: each for path, each in self.files.items() if each.media_type is not None}

    def import_map(self, base: str) -> ImportMap:
        """The hashes of all modules where they are served below `base`, an absolute path that ends in `/`."""
        modules = {base + path: each.integrity for path, each in self.files.items() if each.media_type == _JAVASCRIPT}
        text = json.dumps({"integrity": modules}, separators=(",", ":")).replace("<", "\\u003c")
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        return ImportMap(text=text, csp_source=f"'sha256-{base64.b64encode(digest).decode('ascii')}'")


def read_desk_files(folder: Path = FOLDER) -> DeskFiles:
    """Read all of them into memory; they are two megabytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(folder).as_posix()
            found[name] = DeskFile(path=name, octets=path.read_bytes(), media_type=MEDIA_TYPES.get(path.suffix))
    return DeskFiles(files=MappingProxyType(found))
