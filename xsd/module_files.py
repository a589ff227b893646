"""The files of a module version as octets: each a plain file in the tree of its module folder, or one that is shipped.

SECURITY: a module folder may be somebody else's. A name in it cannot lead out of the folder, through links neither,
cannot make the reader wait (a pipe, a device), and cannot fill its memory.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from gateway.named_file import read_named

MOST_OCTETS: Final = 4 * 1024 * 1024  # of one file; the largest shipped one has a tenth of a mebibyte


def packaged_modules() -> Path:
    """The folder of the shipped modules, in the checkout and in an installed wheel alike."""
    return Path(str(files("xsd").joinpath("modules")))


class ModuleFiles:
    """What a module version reads, each file once: what was checked is what every thread compiles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, bytes] = {}

    def read(self, path: Path) -> bytes:
        """The octets of a file of this module version or of the shipped ones; raises `FileRefused`."""
        if path not in self._read:
            self._read[path] = read_module_file(path, self.folder)
        return self._read[path]


def read_module_file(path: Path, folder: Path) -> bytes:
    """The octets of one file that the module version in `folder` works with; raises `FileRefused`."""
    packaged = packaged_modules()
    beneath = packaged if path.is_relative_to(packaged) else folder.parent.parent
    return read_named(path, most_octets=MOST_OCTETS, beneath=beneath)
