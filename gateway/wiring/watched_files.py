"""How the files lie that a reload reads: what is below the folder of P-Modes, the files that settings name, and the
settings themselves. Looks and reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from pmodes.folder_look import Mark, mark_of, marks_below


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSeen:
    """What one look saw; two that are alike saw the same files with the same octets."""

    folder: Path
    below: Mapping[str, Mark]
    named: Mapping[Path, Mark]

    def again(self) -> FilesSeen:
        """The same places, looked at now."""
        return look_at(self.folder, self.named, self.below)

    def naming(self, named: Iterable[Path]) -> FilesSeen:
        """As it was seen, with these named beside the folder and no others; what was not seen yet is looked at now."""
        return replace(self, named={each: self.named[each] if each in self.named else mark_of(each) for each in named})


def look_at(folder: Path, named: Iterable[Path], before: Mapping[str, Mark] = MappingProxyType({})) -> FilesSeen:
    """How everything below the folder lies, and how the files beside it do that are named; marks that are as they were
    `before` are those themselves.
    """
    beside = {each: mark_of(each) for each in named}
    return FilesSeen(folder=folder, named=beside, below=marks_below(folder, before))
