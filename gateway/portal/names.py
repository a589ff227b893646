"""Names that people type for others to read: of themselves, and of their locks."""

from __future__ import annotations

from typing import Final
from unicodedata import category

from gateway.portal.faults import Unusable
from gateway.portal.visit import Visit

MOST_NAME_CHARACTERS: Final = 60
_NOT_IN_NAMES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})  # controls, bidi marks, line ends


def name_said(visit: Visit, field: str = "name") -> str:
    """What that field says, in one line; raises `Unusable` for what would not be shown as it was typed."""
    said = " ".join(visit.said(field, most=MOST_NAME_CHARACTERS).split())
    if any(category(each) in _NOT_IN_NAMES for each in said):
        raise Unusable("a name with characters that are not shown", "error.name")
    return said
