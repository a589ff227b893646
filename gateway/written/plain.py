"""What a text holds once it is read: plain values, the line of each, and what could not be read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.written.complaints import KeyPath

MAX_DEPTH: Final = 16
MAX_FAULTS: Final = 50
MORE: Final = "and more of this kind; mend these first"

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that cannot be read: the value at `path`, all of the text where that is empty; `line` is from 1."""

    path: KeyPath
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Written:
    """The value of a text, and the line at which each key or list item starts. The value at the path of a fault is
    None, and says nothing.
    """

    value: object
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)
    faults: tuple[Fault, ...] = ()

    def line(self, path: KeyPath) -> int:
        """The line of a path, or of the nearest thing around it; 0 if there is none."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 0)
