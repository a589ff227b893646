"""What a verdict rests on: what was looked at, what it had to be, and how what was found differs.

SECURITY: evidence goes to the log, and is made before anybody vouches for the message. So `found` is a word of ours or
a count, never a value of the message; `expected` is what the specification or the configuration says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ABSENT: Final = "absent"
ANOTHER: Final = "another value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One comparison that did not hold; `pmode` is the PMode.ID whose parameter it was, where it was one's."""

    what: str  # a P-Mode parameter or an element of the header, by its name
    expected: str
    found: str
    pmode: str | None = None

    def fields(self) -> dict[str, str]:
        """As one entry of a line of the log."""
        named = {} if self.pmode is None else {"pmode": self.pmode}
        return {**named, "what": self.what, "expected": self.expected, "found": self.found}


def kind_of(found: str | None) -> str:
    """What may be told of a value that is not the expected one."""
    return ABSENT if found is None else ANOTHER
